"""Orders, changes and responses in the shape of each standard."""

from decimal import Decimal

import pytest

from edigw import mapping
from edigw.documents import (
    Confirmation,
    Contact,
    Date,
    ItemId,
    Marking,
    Moment,
    Order,
    OrderChange,
    OrderChangeLine,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    Packaging,
    Party,
    Quantity,
    Schedule,
)
from edigw.mapping import BindingError, loader
from edigw.mapping.unmapped import Unmapped, UnmappedCodes
from edigw.mapping.views.orders import top_lines
from tests.mapping.messages import PURCHASE_ORDER, tree

ORDERS = mapping.binding("order/ORDERS", "D.96A")
X850 = mapping.binding("order/850", "004010")
X860 = mapping.binding("order/860", "004010")
X855 = mapping.binding("order/855", "004010")
ORDRSP = mapping.binding("order/ORDRSP", "D.96A")
DAY = Moment.parse("2026-10-26")


def order(*lines: OrderLine, **fields: object) -> Order:
    return Order(id="PO1", type="220", purpose="9", issued=DAY, lines=list(lines), **fields)  # type: ignore[arg-type]


def response(*lines: OrderResponseLine, **fields: object) -> OrderResponse:
    base: dict[str, object] = {"id": "R1", "purpose": "9", "response": "AC", "issued": DAY, "order": "PO1"}
    base["order_issued"] = DAY
    return OrderResponse(lines=list(lines), **{**base, **fields})  # type: ignore[arg-type]


def told(losses: list[mapping.Loss]) -> list[tuple[str, str, str]]:
    return [(loss.kind, loss.location, str(loss.reason)) for loss in losses]


def written(binding: mapping.Binding, document: object, tag: str) -> list[object]:
    return [segment for segment in binding.write(document)[0] if segment[0] == tag]


def test_what_a_kit_is_made_of_stands_inside_its_line() -> None:
    kit = order(
        OrderLine(number="1", quantity=Decimal(10), unit="EA"),
        OrderLine(number="2", quantity=Decimal(5), unit="EA"),
        OrderLine(number="11", parent="1", quantity=Decimal(2), unit="EA", ids=[ItemId(scheme="SA", id="A-7")]),
        OrderLine(number="12", parent="1", action="1", quantity=Decimal(1), unit="EA"),
    )
    segments, losses = X850.write(kit)
    assert losses == []
    assert [segment[:4] for segment in segments if segment[0] in ("PO1", "SLN")] == [
        ["PO1", "1", "10", "EA"],
        ["SLN", "11", "", "I"],
        ["SLN", "12", "", "A"],
        ["PO1", "2", "5", "EA"],
    ]
    assert [s[:5] for s in written(ORDERS, kit, "LIN")][2] == ["LIN", "11", "", "", ["1", "1"]]  # type: ignore[index]
    back, _ = X850.read(X850.write_tree(kit)[0])
    assert [line.number for line in back.lines] == ["1", "11", "12", "2"]
    assert sorted(back.lines, key=lambda line: line.number) == sorted(kit.lines, key=lambda line: line.number or "")


def test_a_component_of_a_component_is_reported_and_stands_with_the_line_of_both() -> None:
    deep = order(OrderLine(number="1"), OrderLine(number="2", parent="1"), OrderLine(number="3", parent="2"))
    document, losses = X850.write_tree(deep)
    assert told(losses) == [("dropped", "lines[0].components[1].parent", "no rule")]
    assert [line.parent for line in X850.read(document)[0].lines] == [None, "1", "1"]


def test_lines_that_are_parts_of_each_other_stay_lines() -> None:
    _, losses = X850.write(order(OrderLine(number="1", parent="2"), OrderLine(number="2", parent="1")))
    assert [loss.location for loss in losses] == ["lines[0].parent", "lines[1].parent"]


def test_a_schedule_keeps_dates_of_any_kind() -> None:
    plan = Schedule(quantity=Decimal(5), unit="EA", delivery=DAY, dates=[Date(type="10", at=DAY)])
    document = order(OrderLine(number="1", quantity=Decimal(5), unit="EA", schedules=[plan]))
    sch = ["SCH", "5", "EA", "", "", "002", "20261026", "", "010", "20261026"]
    assert written(X850, document, "SCH") == [sch]
    for binding in (X850, ORDERS):
        assert binding.read(binding.write_tree(document)[0]) == (document, [])


def test_the_contact_of_an_order_is_said_as_that_of_the_buyer() -> None:
    document = order(parties=[Party(role="SU", id="1"), Party(role="BY", id="2")], contacts=[Contact(name="Ann")])
    back, losses = ORDERS.write_tree(document)
    assert told(losses) == [("changed", "contacts", "will be read as contacts of the party BY")]
    assert ORDERS.read(back)[0].parties[1].contacts == [Contact(name="Ann")]


@pytest.mark.parametrize("version", ["D.96A", "D.99B", "D.01B"])
def test_incoterms_are_written_in_every_version(version: str) -> None:
    document = order(delivery_terms="DAP", delivery_place_code="DEHAM")
    binding = mapping.binding("order/ORDERS", version)
    made, losses = binding.write_tree(document)
    assert losses == [] and binding.read(made) == (document, [])


def test_a_long_number_of_a_change_is_a_reference() -> None:
    for number, sequence in (("NW-C-01", "NW-C-01"), ("NW-4712-CHANGE-1", "")):
        document = OrderChange(id=number, order="PO1", order_type="220", order_issued=DAY, purpose="4", issued=DAY)
        made, losses = X860.write_tree(document)
        segments = mapping.flatten(made)
        assert losses == [] and segments[0][5] == sequence
        assert (["REF", "PP", number] in segments) is not bool(sequence)
        assert X860.read(made) == (document, [])


def test_a_changed_quantity_is_said_with_what_is_left_of_it() -> None:
    line = OrderChangeLine(number="1", action="3", quantity=Decimal(5), unit="EA")
    document = OrderChange(order="PO1", order_type="220", order_issued=DAY, purpose="4", issued=DAY, lines=[line])
    segments, losses = X860.write(document)
    assert ["POC", "1", "CA", "5", "5", "EA"] in segments
    assert told(losses) == [("defaulted", "lines[0].outstanding", "POC04 is said beside POC03")]


@pytest.mark.parametrize(
    ("action", "kinds", "codes"),
    [
        ("5", ["113"], ["IA"]),
        ("6", ["113"], ["IC"]),
        ("6", ["113", "83"], ["IA", "IB"]),
        ("6", ["113", "83", "185"], ["IA", "IB", "IR"]),
        ("7", ["185"], ["IR"]),
        ("2", ["182"], ["ID"]),
        ("6", ["94"], ["IS"]),
        ("5", ["12"], ["AC"]),
        ("7", [], ["IR"]),
        ("5", [], ["IA"]),
    ],
)
def test_each_part_of_a_quantity_has_its_status(action: str, kinds: list[str], codes: list[str]) -> None:
    parts = [Confirmation(type=kind, quantity=Decimal(9), unit="EA") for kind in kinds]
    line = OrderResponseLine(number="1", action=action, confirmations=parts)
    made, losses = X855.write_tree(response(line))
    assert [s[1] for s in mapping.flatten(made) if s[0] == "ACK"] == codes and losses == []
    assert X855.read(made) == (response(line), [])


def test_a_verdict_that_the_acknowledgements_do_not_give_is_reported() -> None:
    changed = OrderResponseLine(number="1", action="3", confirmations=[Confirmation(type="113", quantity=Decimal(9))])
    _, losses = X855.write(response(changed))
    assert told(losses) == [
        ("defaulted", "lines[0].acknowledgements[0].unit", "a quantity is said with its unit"),
        ("changed", "lines[0].action", "will be read as 6"),
    ]


def test_numbers_beside_an_acknowledgement_are_the_item_s_or_its_substitute_s() -> None:
    head = "BAK*00*AC*PO1*20261026\nPO1*1*5*EA***VN*A-1"
    same, _ = X855.read(tree(X855, f"{head}\nACK*IA*5*EA****VN*A-1*IN*77\nCTT*1"))
    assert [item.id for item in same.lines[0].ids] == ["A-1", "77"] and same.lines[0].substitutes == []
    other, _ = X855.read(tree(X855, f"{head}\nACK*IC*5*EA****VN*B-2\nCTT*1"))
    assert other.lines[0].substitutes == [ItemId(scheme="SA", id="B-2")]


def test_dates_of_two_deliveries_stand_with_their_quantities() -> None:
    later = Moment.parse("2026-11-09")
    line = OrderResponseLine(
        number="1",
        action="6",
        confirmations=[
            Confirmation(type="113", quantity=Decimal(4), dates=[Date(type="67", at=DAY)]),
            Confirmation(type="83", quantity=Decimal(2), dates=[Date(type="67", at=later)]),
        ],
    )
    made, losses = ORDRSP.write_tree(response(line))
    tags = [segment[0] for segment in mapping.flatten(made)]
    assert tags[tags.index("LIN") :] == ["LIN", "SCC", "QTY", "DTM", "SCC", "QTY", "DTM", "UNS", "CNT"]
    assert losses == [] and ORDRSP.read(made) == (response(line), [])


def test_a_quantity_that_confirms_is_a_confirmation_wherever_it_stands() -> None:
    line = OrderResponseLine(number="1", quantities=[Quantity(type="83", value=Decimal(2), unit="EA")])
    back, _ = X855.read(X855.write_tree(response(line))[0])
    assert back.lines[0].confirmations == [Confirmation(type="83", quantity=Decimal(2), unit="EA")]


@pytest.mark.parametrize(
    ("bgm", "verdict"),
    [("231+R1+29", "AP"), ("231+R1+27", "RE"), ("231+R1+4", "AC"), ("231+R1+9+AP", "AP"), ("231+R1+4+AC", "AC")],
)
def test_the_verdict_of_a_response_stands_in_its_purpose_too(bgm: str, verdict: str) -> None:
    read, losses = ORDRSP.read(tree(ORDRSP, f"BGM+{bgm}\nDTM+137:20261026:102\nRFF+ON:PO1\nUNS+S"))
    assert (read.purpose, read.response, losses) == ("9", verdict, [])


def test_a_response_without_a_number_of_its_own_gets_that_of_the_order() -> None:
    segments, losses = ORDRSP.write(response(id=None))
    assert segments[0] == ["BGM", "231", "PO1", "4", "AC"]
    assert told(losses) == [("defaulted", "id", "the message has a number of its own")]


def test_an_855_responds_to_an_order_and_an_865_to_a_change() -> None:
    forms = [("x12", "855", "004010"), ("x12", "865", "004010")]
    assert mapping.suited(response(), forms) == forms[0]
    assert mapping.suited(response(change="C1"), forms) == forms[1]
    assert mapping.suited(response(change="C1"), forms[:1]) == forms[0]
    assert mapping.suited(order(), [("edifact", "ORDERS", "D.96A")]) == ("edifact", "ORDERS", "D.96A")


def test_rules_of_a_set_are_put_where_it_is_included() -> None:
    entry = loader.load(
        "rules: [{id: a}, {include: s}, {id: l, rules: [{include: s}]}]\n"
        "sets: {s: {rules: [{id: b}, {include: t}]}, t: {rules: [{id: c}]}}",
        "made.yaml",
    )
    loader.splice(entry)
    assert [rule["id"] for rule in entry["rules"]] == ["a", "b", "c", "l"]
    assert [rule["id"] for rule in entry["rules"][3]["rules"]] == ["b", "c"]


@pytest.mark.parametrize(
    ("sets", "reason"),
    [("{}", "there is no set 's'"), ("{s: {rules: [{include: s}]}}", "'s' includes itself")],
)
def test_a_set_that_can_not_be_included_is_refused_with_its_line(sets: str, reason: str) -> None:
    entry = loader.load(f"sets: {sets}\nrules:\n  - {{include: s}}\n", "made.yaml")
    with pytest.raises(BindingError, match=reason):
        loader.splice(entry)


def test_a_long_chain_of_lines_is_followed_once() -> None:
    """Line by line this would be two hundred million steps."""
    chain = [OrderLine(number=str(n), parent=str(n - 1)) for n in range(1, 20_000)]
    assert set(top_lines([OrderLine(number="0"), *chain])) == {0}
    loop = [OrderLine(number="1", parent="3"), OrderLine(number="2", parent="1"), OrderLine(number="3", parent="2")]
    assert top_lines([*loop, OrderLine(number="4", parent="1"), OrderLine(number="5", parent="9")]) == [0, 1, 2, 0, 4]


def test_a_price_code_that_is_passed_on_is_a_kind_of_price() -> None:
    """What no list knows of DE 639 says no quantity and no unit."""
    agreed = UnmappedCodes(Unmapped("pass"))
    read = mapping.binding("order/850", "004010", unmapped=agreed).read
    document, losses = read(tree(X850, PURCHASE_ORDER.replace("4.35*", "4.35*AW")))
    assert (document.lines[0].price_type, document.lines[0].price_basis) == ("AW", None)
    assert [(loss.kind, loss.value, loss.code_list) for loss in losses] == [("passed", "AW", "price_bases")]


def test_marks_without_a_word_on_their_packages_come_back_and_nothing_is_told() -> None:
    marked = order(packaging=[Packaging(markings=[Marking(instruction="24", text="FRAGILE")])])
    written, losses = X850.write_tree(marked)
    assert (X850.read(written), losses) == ((marked, []), [])
