"""What X12 partners say in places of their own: read as what it means, and told in EDIFACT in its words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from edigw import mapping
from edigw.documents import (
    Allowance,
    Contact,
    Invoice,
    Location,
    Marking,
    Moment,
    Note,
    Order,
    OrderLine,
    Packaging,
    Party,
    Price,
    Reference,
    Split,
)
from edigw.mapping.compiler import flatten
from tests.mapping.wire import received

X850 = mapping.binding("order/850", "004010")
ORDERS = mapping.binding("order/ORDERS", "D.96A")
HEAD = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261005*0915*U*00401*000000001*0*P*>~"
PURCHASE = (
    "GS*PO*A*B*20261005*0915*1*X*004010~ST*850*0001~BEG*00*SA*PO1**20261005~{head}"
    "PO1*1*5*EA*{price}**UP*012345678905~{line}CTT*1~SE*{count}*0001~GE*1*1~IEA*1*000000001~"
)
INVOICE = (
    "GS*IN*A*B*20261005*0915*1*X*004010~ST*810*0001~BIG*20261005*I1~N9*L1**~MSG*Thank you~N9*BM*77~"
    "TDS*100~SE*6*0001~GE*1*1~IEA*1*000000001~"
)

LINE = OrderLine(number="1", quantity=Decimal(1), unit="EA")


def purchase(head: str = "", line: str = "", price: str = "2.5") -> tuple[Order, list[mapping.Loss]]:
    text = PURCHASE.format(head=head, line=line, price=price, count=5 + head.count("~") + line.count("~"))
    message = received((HEAD + text).encode())
    assert message.valid and message.tree is not None, [finding.text for finding in message.findings]
    return X850.read(message.tree)


def told(losses: list[mapping.Loss]) -> list[tuple[str, str, str]]:
    return [(loss.kind, loss.location, loss.value) for loss in losses]


def segments(document: object, tag: str) -> list[list[object]]:
    return [segment for segment in flatten(ORDERS.write_tree(document)[0]) if segment[0] == tag]


def test_texts_below_a_number_are_a_note_whatever_the_number_is() -> None:
    order, losses = purchase("N9*CO*7001*ours~MSG*Deliver to dock 4~N9*AH*15~MSG*Terms of form 1030~MSG*apply~")
    assert [(r.type, r.id, r.description) for r in order.references] == [("CO", "7001", "ours")]
    assert [note.text for note in order.notes] == ["Deliver to dock 4", "15 Terms of form 1030 apply"]
    assert told(losses) == [("unreadable", "N9/N901", "AH")]


def test_a_text_that_begins_in_n903_is_read_whole() -> None:
    order, losses = purchase("N9*L1**Ring twice,~MSG*then wait~N9*L1*AAI*Fragile~")
    assert (order.notes, losses) == ([Note(text="Ring twice, then wait"), Note(subject="AAI", text="Fragile")], [])


def test_a_service_that_is_asked_for_is_neither_an_allowance_nor_a_charge() -> None:
    order, losses = purchase(line="SAC*N**VI*TC990101*********Z12611**Ticket~")
    (asked,) = order.lines[0].allowances
    assert losses == [] and asked == Allowance(
        indicator="N", own_code="TC990101", own_code_agency="VI", number="Z12611", reason="Ticket"
    )
    assert segments(order, "ALC") == [["ALC", "N", "Z12611", "", "", ["", "", "", "Ticket [VI TC990101]"]]]
    assert ORDERS.read(ORDERS.write_tree(order)[0])[0].lines[0].allowances == [asked]


def test_a_unit_cost_price_is_the_price_of_a_line_without_one() -> None:
    order, _ = purchase(line="CTP**UCP*34.98~CTP**RES*69.95~", price="")
    assert order.lines[0].price == Decimal("34.98") and [price.type for price in order.lines[0].prices] == ["RES"]
    order, _ = purchase(line="CTP**UCP*34.98~")
    assert order.lines[0].price == Decimal("2.5") and [price.type for price in order.lines[0].prices] == ["NTP"]


def test_a_net_price_among_the_prices_of_a_line_without_one_is_written_as_its_price() -> None:
    line = OrderLine(number="1", prices=[Price(type="NTP", qualifier="AAE", value=Decimal(7))], price_type="CT")
    written, losses = X850.write(Order(id="1", type="220", purpose="9", lines=[line]))
    assert ["PO1", "1", "", "", "7"] in written
    assert [(loss.kind, loss.location) for loss in losses] == [
        ("changed", "lines[0].price"),
        ("dropped", "lines[0].price_type"),
    ]


def test_contacts_of_a_buyer_who_is_not_named_are_those_of_a_party_that_is_only_the_buyer() -> None:
    order, _ = purchase("PER*BD*Tom Becker*TE*+1 701 555 0142~")
    back, _ = ORDERS.read(ORDERS.write_tree(order)[0])
    assert back.parties == [
        Party(role="BY", contacts=[Contact(function="PD", name="Tom Becker", channels=order.contacts[0].channels)])
    ]


@pytest.mark.parametrize(("place", "field"), [("UN*BEBRU", "delivery_place_code"), ("DE*Fargo", "delivery_place")])
def test_the_place_of_delivery_is_a_name_or_a_code(place: str, field: str) -> None:
    order, losses = purchase(f"FOB*PP*{place}~")
    assert getattr(order, field) == place[3:] and losses == []
    assert ["FOB", "PP", place[:2], place[3:]] in X850.write(order)[0]


def test_the_country_of_origin_is_among_the_numbers_of_an_item() -> None:
    line = OrderLine(number="1", origin="CN", quantity=Decimal(1), unit="EA")
    written, losses = X850.write(Order(id="1", type="220", purpose="9", lines=[line]))
    assert ["PO1", "1", "1", "EA", "", "", "CH", "CN"] in written and losses == []
    back, _ = X850.read(X850.write_tree(Order(id="1", lines=[line]))[0])
    assert (back.lines[0].origin, back.lines[0].ids) == ("CN", [])


def test_marks_of_packages_are_told_in_both_standards() -> None:
    packaging = [Packaging(count=2, type="CT", markings=[Marking(instruction="24", text="NW 4711")])]
    order = Order(id="1", type="220", purpose="9", packaging=packaging)
    assert ["MAN", "SM", "NW 4711"] in X850.write(order)[0]
    for binding in (X850, ORDERS):
        back, losses = binding.read(binding.write_tree(order)[0])
        assert (back.packaging, losses) == (packaging, [])


def test_a_pack_has_a_weight_and_a_size() -> None:
    order, losses = purchase(line="PO4*12****G*8.5*LB*2*CF*10*8*6*IN~")
    line = order.lines[0]
    assert losses == [] and (line.units_per_pack, line.pack_weight, line.pack_weight_unit) == (
        12,
        Decimal("8.5"),
        "LBR",
    )
    assert (line.pack_volume, line.pack_volume_unit) == (2, "FTQ")
    assert (line.pack_length, line.pack_width, line.pack_height, line.pack_size_unit) == (10, 8, 6, "INH")
    assert ["PO4", "12", "", "", "", "G", "8.5", "LB", "2", "CF", "10", "8", "6", "IN"] in X850.write(order)[0]


def test_a_party_says_where_it_is() -> None:
    order, losses = purchase("N1*ST*Store 12~N4*Fargo*ND*58102*US*OR*DOCK4~")
    assert order.parties[0].locations == [Location(function="80", id="DOCK4")] and losses == []


def test_notes_of_an_invoice_stand_in_n9_too() -> None:
    message = received((HEAD + INVOICE).encode())
    assert message.tree is not None
    invoice: Invoice
    invoice, losses = mapping.binding("invoice/810", "004010").read(message.tree)
    assert [note.text for note in invoice.notes] == ["Thank you"]
    assert [(reference.type, reference.id) for reference in invoice.references] == [("BM", "77")]
    assert [loss for loss in losses if not loss.reason.endswith("counted")] == []


def test_numbers_with_a_date_stand_in_n9_unless_others_stand_behind_them() -> None:
    plain = Reference(type="PL", id="L7")
    dated = Reference(type="IV", id="R9", issued=Moment(dt.date(2026, 10, 1)))
    both = Order(id="1", type="220", purpose="9", references=[plain, dated])
    written, losses = X850.write(both)
    assert ["REF", "PL", "L7"] in written and ["N9", "IV", "R9", "", "20261001"] in written and losses[1:] == []
    back, _ = X850.read(X850.write_tree(both)[0])
    assert back.references == both.references
    written, losses = X850.write(Order(id="1", type="220", purpose="9", references=[dated, plain]))
    assert ["REF", "IV", "R9"] in written
    assert ("dropped", "references[0].issued") in [(loss.kind, loss.location) for loss in losses]


def test_the_day_on_which_all_stores_get_their_parts_is_that_of_the_line() -> None:
    day = Moment(dt.date(2026, 10, 7))
    splits = [Split(location=store, quantity=Decimal(2), unit="EA", delivery=day) for store in ("0012", "0034")]
    line = OrderLine(number="1", quantity=Decimal(4), unit="EA", splits=splits)
    written, losses = X850.write(Order(id="1", type="220", purpose="9", lines=[line]))
    assert ["DTM", "002", "20261007"] in written
    assert [loss.location for loss in losses if loss.kind == "changed"] == ["lines[0].splits"]


def test_the_weight_of_all_that_is_ordered_is_told_in_both_standards() -> None:
    order = Order(id="1", type="220", purpose="9", gross_weight=Decimal(499), weight_unit="LBR", lines=[LINE])
    assert segments(order, "CNT")[-1] == ["CNT", ["7", "499", "LBR"]]
    for binding in (X850, ORDERS):
        back, _ = binding.read(binding.write_tree(order)[0])
        assert (back.gross_weight, back.weight_unit) == (499, "LBR")


@pytest.mark.parametrize(
    ("fob", "kind"), [("CC*OR*Fargo", "OR"), ("CC*OR*Fargo*01*FCA", None), ("PP*DE*Hamburg*01*DDP", None)]
)
def test_what_the_place_of_the_terms_is_is_said_where_the_terms_do_not_tell(fob: str, kind: str | None) -> None:
    order, losses = purchase(f"FOB*{fob}~")
    assert (order.delivery_place_kind, losses) == (kind, [])
    assert ["FOB", *fob.split("*")] in X850.write(order)[0]
    told_in_edifact = [loss.location for loss in ORDERS.write(order)[1]]
    assert ("delivery_place_kind" in told_in_edifact) == (kind is not None)
