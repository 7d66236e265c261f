"""The report of a writer: it names exactly what the message can't say, and nothing is cut."""

import datetime as dt
from decimal import Decimal

import pytest

from edigw import mapping
from edigw.documents import (
    Allowance,
    Amount,
    Contact,
    Date,
    ItemId,
    Moment,
    Note,
    Order,
    OrderLine,
    Party,
    Reference,
    Schedule,
    Split,
)
from edigw.mapping import Loss

EDIFACT = mapping.binding("order/ORDERS", "D.96A")
X12 = mapping.binding("order/850", "004010")


def order(**fields: object) -> Order:
    base: dict[str, object] = {"id": "PO1", "type": "220", "purpose": "9", "issued": Moment(dt.date(2026, 10, 5))}
    return Order(**{**base, **fields})  # type: ignore[arg-type]


def line(**fields: object) -> Order:
    return order(lines=[OrderLine(number="1", quantity=Decimal(1), unit="EA", **fields)])  # type: ignore[arg-type]


def told(losses: list[Loss]) -> list[tuple[str, str, str]]:
    return [(loss.kind, loss.location, loss.reason) for loss in losses]


@pytest.mark.parametrize(
    ("document", "lost"),
    [
        (order(id="X" * 23), ("dropped", "id", "not 1 to 22 characters")),
        (order(currency="EURO"), ("dropped", "currency", "not 3 characters")),
        (order(type="999"), ("dropped", "type", "code not in list")),
        (order(type="105"), ("changed", "type", "written as KN")),
        (line(action="1"), ("dropped", "lines[0].action", "no rule")),
        (line(price=Decimal("1." + "3" * 17)), ("dropped", "lines[0].price", "not 17 digits or fewer")),
        (line(price=Decimal("NaN")), ("dropped", "lines[0].price", "not 17 digits or fewer")),
        (line(price_basis=Decimal(1000)), ("dropped", "lines[0].price_code", "needs price")),
        (
            line(price=Decimal(9), price_basis=Decimal(50)),
            ("changed", "lines[0].price", "written as the price for one, not for 50"),
        ),
        (order(issued=Moment.parse("2026-10-05T09:00")), ("changed", "issued", "the time of day has no place")),
        (order(parties=[Party(role="BY")]), ("dropped", "parties[0].role", "needs name or id")),
        (order(allowances=[Allowance(amount=Decimal(1))]), ("dropped", "allowances[0]", "a mandatory element of SAC")),
        (order(references=[Reference()]), ("dropped", "references[0]", "empty")),
        (order(contacts=[Contact(name="Ann")] * 4), ("dropped", "contacts[3]", "too many")),
        (line(ids=[ItemId(scheme="EN")]), ("dropped", "lines[0].ids[0]", "not every part of it can be written")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_an_850_says_what_it_can_not_say(document: Order, lost: tuple[str, str, str]) -> None:
    _, losses = X12.write(document)
    kinds = [(kind, place, reason[: len(lost[2])]) for kind, place, reason in told(losses)]
    assert lost in kinds, kinds


def test_the_report_holds_the_value_that_was_lost() -> None:
    _, losses = X12.write(order(amounts=[Amount(type="QQ9", value=Decimal(7))]))
    assert losses[-1] == Loss(
        "dropped",
        "amounts[0]",
        '{"type":"QQ9","value":"7"}',
        "a mandatory element of AMT would be empty",
        code_list="amounts",
    )


def test_a_number_of_a_kind_that_the_standard_lacks_is_a_mutually_defined_one() -> None:
    for binding, tag, code in ((X12, "REF", "ZZ"), (EDIFACT, "RFF", "ZZZ")):
        segments, losses = binding.write(order(references=[Reference(type="QQ9", id="7")]))
        assert [segment[1] for segment in segments if segment[0] == tag] in ([code], [[code, "7"]])
        assert [(loss.kind, loss.location) for loss in losses if loss.location.startswith("references")] == [
            ("dropped", "references[0].type"),
            ("defaulted", "references[0].type"),
        ]


def test_a_text_is_wrapped_at_blanks_and_never_cut() -> None:
    text = " ".join(["Größe"] * 30)
    segments, losses = EDIFACT.write(order(notes=[Note(subject="AAI", text=text)]))
    (ftx,) = [segment for segment in segments if segment[0] == "FTX"]
    assert losses == [] and " ".join(ftx[4]) == text and all(len(part) <= 70 for part in ftx[4])
    _, losses = EDIFACT.write(order(notes=[Note(subject="AAI", text="x" * 71)]))
    assert told(losses)[0][:2] == ("dropped", "notes[0].text")
    _, losses = EDIFACT.write(order(notes=[Note(subject="AAI", text="Ring" + " " * 70 + "twice")]))
    assert told(losses) == [("changed", "notes[0].text", "blanks")]


def test_a_text_too_long_for_one_segment_runs_on_in_further_ones_and_is_reported() -> None:
    words = " ".join(["word"] * 150)
    segments, losses = EDIFACT.write(order(notes=[Note(subject="AAI", text=words)]))
    assert [segment[0] for segment in segments].count("FTX") == 3
    assert told(losses) == [("changed", "notes[0].text", "split over 3 segments")]
    segments, losses = X12.write(order(notes=[Note(subject="AAI", text=words)]))
    assert [segment[0] for segment in segments].count("MSG") == 3 and losses == []


def test_a_name_fills_n1_and_runs_on_into_n2() -> None:
    name = " ".join(["Nordwind"] * 15)
    document = order(parties=[Party(role="BY", name=name, street="Speicherstrasse 12")])
    tree, losses = X12.write_tree(document)
    tags = [segment[0] for segment in mapping.flatten(tree)]
    assert tags[tags.index("N1") :][:4] == ["N1", "N2", "N3", "CTT"] and losses == []
    assert X12.read(tree) == (document, [])


def test_what_another_rule_would_read_is_not_written() -> None:
    """A reference CT comes back as the contract, unless the contract itself is there."""
    alone = order(references=[Reference(type="CT", id="C2")])
    beside = order(contract="C1", references=[Reference(type="CT", id="C2")])
    assert told(EDIFACT.write(alone)[1]) == [("dropped", "references[0]", "would be read by another rule")]
    tree, losses = EDIFACT.write_tree(beside)
    assert losses == [] and EDIFACT.read(tree) == (beside, [])


def test_what_the_message_must_say_and_the_document_does_not_is_defaulted() -> None:
    segments, losses = X12.write(Order(id="PO1", issued=Moment(dt.date(2026, 10, 5))))
    assert segments[0] == ["BEG", "00", "SA", "PO1", "", "20261005"]
    assert [(loss.kind, loss.location, loss.value) for loss in losses] == [
        ("defaulted", "purpose", "00"),
        ("defaulted", "type", "SA"),
    ]


def test_counts_are_of_what_was_written() -> None:
    document = order(lines=[OrderLine(number="1"), OrderLine(), OrderLine(number="3")])
    segments, losses = X12.write(document)
    assert ["CTT", "2"] in segments and told(losses) == [("dropped", "lines[1]", "empty")]
    segments, _ = EDIFACT.write(document)
    assert ["CNT", ["2", "2"]] in segments


def test_a_date_keeps_its_time_where_there_is_room_for_it() -> None:
    document = order(dates=[Date(type="64", at=Moment.parse("2026-10-19T06:30"))])
    assert ["DTM", ["64", "202610190630", "203"]] in EDIFACT.write(document)[0]
    assert ["DTM", "064", "20261019", "0630"] in X12.write(document)[0]
    zone = order(dates=[Date(type="64", at=Moment.parse("2026-10-19T06:30+01:00"))])
    assert ["DTM", "064", "20261019", "0630", "01"] in X12.write(zone)[0]
    odd = order(dates=[Date(type="64", at=Moment.parse("2026-10-19T06:30+05:45"))])
    assert told(X12.write(odd)[1])[0] == (
        "dropped",
        "dates[0].at",
        "no code for this UTC offset, or no place for fractions of a second",
    )


def test_stores_share_an_sdq_with_those_of_the_same_unit() -> None:
    splits = [Split(location=f"{n:04d}", location_scheme="92", quantity=Decimal(n), unit="EA") for n in range(1, 13)]
    splits.append(Split(location="0099", location_scheme="92", quantity=Decimal(1), unit="CS"))
    splits.append(Split(location="0100", quantity=Decimal(1), unit="???"))
    tree, losses = X12.write_tree(line(splits=splits))
    written = [segment for segment in mapping.flatten(tree) if segment[0] == "SDQ"]
    assert [len(segment) for segment in written] == [23, 7, 5]
    assert told(losses) == [("dropped", "lines[0].splits[13]", "not every part of it can be written")]
    assert X12.read(tree)[0].lines[0].splits == splits[:13]


def test_numbers_of_an_item_that_one_segment_has_no_room_for_stand_in_further_ones() -> None:
    """PO1 takes ten of them, LIN fifteen; LIN of ORDERS one GTIN, each PIA five others."""
    numbers = line(ids=[ItemId(scheme="SA", id=f"A-{number}") for number in range(30)])
    segments, losses = X12.write(numbers)
    held = [(segment[0], len(segment)) for segment in segments if segment[0] in ("PO1", "LIN")]
    assert held == [("PO1", 26), ("LIN", 32), ("LIN", 12)] and losses == []
    segments, losses = EDIFACT.write(numbers)
    assert [len(segment) for segment in segments if segment[0] == "PIA"] == [7] * 6 and losses == []


def test_an_order_of_a_gtin_14_keeps_its_number_in_either_version() -> None:
    document = line(ids=[ItemId(scheme="SRV", id="10799999001019")])
    _, losses = EDIFACT.write(document)
    assert told(losses) == [("changed", "lines[0].ids[0].scheme", "written as EN")]
    assert mapping.binding("order/ORDERS", "D.01B").write(document)[1] == []
    assert ["PO1", "1", "1", "EA", "", "", "UK", "10799999001019"] in X12.write(document)[0]


def test_a_date_without_its_kind_goes_with_its_time() -> None:
    at = Moment(dt.date(2026, 10, 7), dt.time(9, 30))
    schedule = Schedule(quantity=Decimal(2), unit="EA", delivery=at, dates=[Date(type="QQ9", at=at)])
    document = order(lines=[OrderLine(number="1", quantity=Decimal(2), unit="EA", schedules=[schedule])])
    segments, losses = X12.write(document)
    assert ["SCH", "2", "EA", "", "", "002", "20261007", "0930"] in segments
    assert ("dropped", "lines[0].plans[0].at_2") in [(loss.kind, loss.location) for loss in losses]
