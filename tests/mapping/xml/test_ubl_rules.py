"""What the UBL bindings make of particular facts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from edigw.documents import (
    DOCUMENTS,
    Account,
    Allowance,
    Amount,
    Channel,
    Confirmation,
    Contact,
    Date,
    DespatchAdvice,
    DespatchLine,
    Invoice,
    InvoiceLine,
    ItemId,
    Moment,
    Note,
    Order,
    OrderChange,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    Package,
    Party,
    PaymentTerm,
    Reference,
    Tax,
    decode,
    encode,
)
from edigw.mapping import BindingError
from edigw.mapping.loader import load
from edigw.mapping.xml import read_ubl, ubl_binding, ubl_bindings, ubl_for, write_ubl
from edigw.mapping.xml.content import elements_path
from edigw.mapping.xml.notation import parse_path
from edigw.mapping.xml.resolver import Resolver
from edigw.resources import shipped
from tests.mapping.xml.reference import FOLDER, needs_reference, schema
from tools import build_ubl_elements

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
GOLDEN = sorted((shipped("samples") / "golden").glob("*.document.json"))


def written(document: Any) -> etree._Element:
    return etree.fromstring(write_ubl(document)[0])


def values(document: Any, path: str) -> list[str]:
    """Texts or attributes of what is written for a document."""
    found = written(document).xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(one if isinstance(one, str) else one.text) for one in found]


def same(document: Any) -> list[str]:
    """That the document comes back as it was; what was reported."""
    data, lost = write_ubl(document)
    back, rest = read_ubl(data)
    assert (back, rest) == (document, []), data.decode()
    return [f"{loss.kind} {loss.location}" for loss in lost if not loss.reason.endswith("UBL needs it")]


def test_a_date_has_a_time_and_a_zone_only_where_one_was_given() -> None:
    zone = dt.timezone(dt.timedelta(hours=-5, minutes=-30))
    for time, text in [
        (None, []),
        (dt.time(14, 30), ["14:30:00"]),
        (dt.time(14, 30, 5, tzinfo=dt.UTC), ["14:30:05Z"]),
        (dt.time(0, 0, 0, 120, tzinfo=zone), ["00:00:00.000120-05:30"]),
    ]:
        order = Order(id="1", issued=Moment(dt.date(2026, 1, 2), time))
        assert values(order, "cbc:IssueDate") == ["2026-01-02"] and values(order, "cbc:IssueTime") == text
        assert same(order) == []


def test_decimals_keep_their_digits_and_have_no_exponent() -> None:
    line = OrderLine(number="1", price=Decimal("1.500"), quantity=Decimal("1E+3"), amount=Decimal("-0.10"))
    order = Order(id="1", currency="EUR", lines=[line])
    assert values(order, "//cac:Price/cbc:PriceAmount") == ["1.500"]
    assert values(order, "//cac:LineItem/cbc:Quantity") == ["1000"]
    assert values(order, "//cbc:PriceAmount/@currencyID") == ["EUR"]
    assert same(order) == []


def test_a_number_that_is_too_long_for_anybody_is_dropped_and_told() -> None:
    _, lost = write_ubl(Order(total=Decimal("1E+999999"), currency="EUR"))
    assert ("dropped", "total") in {(loss.kind, loss.location) for loss in lost}


def test_a_note_keeps_its_subject() -> None:
    order = Order(id="1", notes=[Note(text="Ring twice"), Note(subject="DEL", text="Ring twice")])
    assert values(order, "cbc:Note") == ["Ring twice", "#DEL#Ring twice"]
    assert same(order) == []


def test_characters_that_xml_does_not_have_are_dropped_and_told() -> None:
    _, lost = write_ubl(Order(id="1\x00", notes=[Note(text="a\x0bb")]))
    assert {loss.location for loss in lost if loss.kind == "dropped"} == {"id", "notes[0]"}


def test_markup_in_a_text_is_text() -> None:
    assert same(Order(id="<&\"'>", notes=[Note(text="]]> <b>&amp;</b>\r\n")])) == []


def test_gtins_are_told_by_their_length_and_other_numbers_by_whose_they_are() -> None:
    ids = [("IN", "B-1"), ("SA", "S-1"), ("EN", "4012345678901")]
    for last in [("EN", "4012345678901"), ("UP", "012345678905"), ("SRV", "14012345678908"), ("EN", "not by length")]:
        ids[-1] = last
        line = OrderLine(number="1", ids=[ItemId(scheme=scheme, id=id) for scheme, id in ids])
        assert same(Order(id="1", lines=[line])) == []


def test_one_day_of_delivery_is_a_period_that_starts_when_it_ends() -> None:
    day = Moment(dt.date(2026, 3, 4))
    order = Order(id="1", requested_delivery=day)
    assert values(order, "cac:Delivery/cac:RequestedDeliveryPeriod/*") == ["2026-03-04", "2026-03-04"]
    assert same(order) == []
    span = [Date(type="64", at=day), Date(type="63", at=Moment(dt.date(2026, 3, 9)))]
    assert same(Order(id="1", dates=span)) == []
    _, lost = write_ubl(Order(id="1", dates=[Date(type="64", at=day), Date(type="63", at=day)]))
    assert [loss.location for loss in lost if loss.kind == "dropped"] == ["dates[1]"]


def test_a_number_that_has_a_place_of_its_own_stays_beside_others_of_its_kind() -> None:
    numbers = [Reference(type="VN", id="3"), Reference(type="VN", id="64", issued=Moment(dt.date(2026, 1, 5)))]
    order = Order(id="1", references=numbers)
    assert values(order, "cbc:SalesOrderID | cac:AdditionalDocumentReference/cbc:ID") == ["3", "64"]
    assert same(order) == []
    telephones = [Channel(type="TE", value="1"), Channel(type="TE", value="2")]
    vat = [Reference(type="VA", id="DE1"), Reference(type="VA", id="DE2")]
    buyer = Party(role="BY", id="1", references=vat, contacts=[Contact(name="Ann", channels=telephones)])
    assert same(Order(id="1", parties=[buyer])) == []


def test_parties_stand_where_their_role_says_and_others_are_told() -> None:
    parties = [
        Party(role="BY", id="4012345000009", id_scheme="9", name="Buyer", references=[Reference(type="VA", id="DE1")]),
        Party(role="SU", id="123456789", id_scheme="16", contacts=[Contact(function="SR", name="Eva")]),
        Party(role="DP", name="Store", street="Way 1", city="Bonn", country="DE"),
    ]
    order = Order(id="1", parties=parties)
    assert values(order, "cac:BuyerCustomerParty//cac:PartyIdentification/cbc:ID/@schemeID") == ["GLN"]
    assert values(order, "cac:SellerSupplierParty/cac:SellerContact/cbc:Name") == ["Eva"]
    assert values(order, "cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:CityName") == ["Bonn"]
    assert same(order) == []
    _, lost = write_ubl(Order(id="1", parties=[Party(role="UC", name="Somebody"), Party(role="BY", id="1")]))
    assert [loss.location for loss in lost if loss.kind == "dropped"] == ["parties[0]"]


def test_an_amount_in_another_currency_is_not_taken_for_one_in_the_documents() -> None:
    data, _ = write_ubl(Order(id="1", currency="EUR", total=Decimal(5), amounts=[Amount(type="79", value=Decimal(4))]))
    order, lost = read_ubl(data.replace(b'PayableAmount currencyID="EUR"', b'PayableAmount currencyID="USD"'))
    assert order.total is None and order.amounts[0].value == 4
    assert {(loss.kind, loss.value) for loss in lost} == {("unreadable", "USD"), ("unreadable", "5")}


def test_an_amount_that_says_its_own_currency_keeps_it() -> None:
    amount = Amount(type="79", value=Decimal(4), currency="USD")
    assert same(Order(id="1", currency="EUR", total=Decimal(5), amounts=[amount])) == []


def test_money_without_a_currency_is_in_no_currency() -> None:
    order = Order(id="1", total=Decimal(5))
    assert values(order, "//cbc:PayableAmount/@currencyID") == ["XXX"]
    assert same(order) == []


def test_a_percentage_is_a_factor() -> None:
    allowance = Allowance(indicator="A", percent=Decimal("12.5"), amount=Decimal("1.25"), base=Decimal(10))
    order = Order(id="1", currency="EUR", allowances=[allowance])
    assert values(order, "cac:AllowanceCharge/cbc:MultiplierFactorNumeric") == ["0.125"]
    assert same(order) == []


def test_an_element_without_what_the_schema_needs_is_not_written_and_all_in_it_is_told() -> None:
    order = Order(id="1", currency="EUR", allowances=[Allowance(indicator="C", code="FC", percent=Decimal(2))])
    _, lost = write_ubl(order)
    assert [(loss.location, loss.reason) for loss in lost if loss.kind == "dropped"] == [
        ("allowances[0]", "cbc:Amount is missing")
    ]


def test_an_item_of_which_nothing_is_written_is_told_as_a_whole() -> None:
    _, lost = write_ubl(OrderChange(id="1", references=[Reference(type="VN", id="S-1"), Reference(type="CR", id="7")]))
    assert [loss.location for loss in lost if loss.kind == "dropped"] == []
    _, lost = write_ubl(Order(id="1", currency="EUR", amounts=[Amount(type="79", value=Decimal(4), currency="USD")]))
    assert [(loss.location, loss.reason) for loss in lost if loss.kind == "dropped"] == [
        ("amounts[0]", "cbc:PayableAmount is missing")
    ]


def test_lines_find_their_packages_again() -> None:
    inner = Package(sscc="307999990047110020", lines=[DespatchLine(number="1", order="PO1", order_line="3")])
    outer = Package(type="PX", packages=[inner], lines=[DespatchLine(number="2", order="PO2", order_line="1")])
    loose = DespatchLine(number="3", order="PO1", order_line="1", quantity=Decimal(2), unit="PCE")
    advice = DespatchAdvice(id="1", packages=[outer], lines=[loose])
    keys = values(advice, "cac:DespatchLine/cac:Shipment/cac:TransportHandlingUnit/cbc:ID")
    assert keys == ["P1", "307999990047110020"]
    assert same(advice) == []


def test_a_line_of_a_package_that_is_not_there_is_kept_and_told() -> None:
    advice = DespatchAdvice(id="1", packages=[Package(type="CT", lines=[DespatchLine(number="1", order_line="1")])])
    data, _ = write_ubl(advice)
    head, _, lines = data.partition(b"<cac:DespatchLine>")
    back, lost = read_ubl(head + b"<cac:DespatchLine>" + lines.replace(b"P1", b"P7"))
    assert [line.number for line in back.lines] == ["1"]
    assert [(loss.kind, loss.value) for loss in lost] == [("orphan", "P7")]


def test_packages_are_not_written_deeper_than_they_are_read() -> None:
    package = Package(type="CT", lines=[DespatchLine(number="1", order_line="1")])
    for _ in range(100):
        package = Package(type="PX", packages=[package])
    data, lost = write_ubl(DespatchAdvice(id="1", packages=[package]))
    assert "more than 40 levels" in {loss.reason for loss in lost}
    back, rest = read_ubl(data)
    assert [line.number for line in back.lines] == ["1"] and [loss.kind for loss in rest] == ["orphan"]


def test_a_credit_note_is_another_kind_of_document() -> None:
    for type_, root in [("380", "Invoice"), ("381", "CreditNote"), ("383", "Invoice"), (None, "Invoice")]:
        assert etree.QName(written(Invoice(id="1", type=type_))).localname == root
    assert same(Invoice(id="1", type="396")) == []


def test_a_cancelled_order_is_another_kind_of_document_and_gives_a_reason() -> None:
    change = OrderChange(id="1", purpose="1", order="PO1", reason_notes=[Note(text="Too late")])
    assert ubl_for(change).message == "OrderCancellation" and same(change) == []
    assert values(OrderChange(id="1", purpose="1", order="PO1"), "cbc:CancellationNote") == ["Cancelled"]


def test_what_ubl_must_say_of_an_invoice_is_computed_and_told() -> None:
    line = InvoiceLine(number="1", quantity=Decimal(3), price=Decimal("2.50"))
    taxes = [Tax(type="VAT", percent=Decimal(7), amount=Decimal("0.53"))]
    invoice = Invoice(id="1", currency="EUR", lines=[line], taxes=taxes, total=Decimal("8.03"))
    assert values(invoice, "//cac:InvoiceLine/cbc:LineExtensionAmount") == ["7.50"]
    assert values(invoice, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["8.03"]
    assert values(invoice, "cac:TaxTotal/cbc:TaxAmount") == ["0.53"]
    _, lost = write_ubl(invoice)
    told = {loss.location for loss in lost if loss.kind == "defaulted"}
    assert {"tax_total", "payable", "lines[0].amount"} <= told


def test_a_part_of_a_line_stands_in_it_and_comes_back_behind_it() -> None:
    lines = [
        OrderLine(number="1", quantity=Decimal(5)),
        OrderLine(number="2", parent="1", quantity=Decimal(10), action="2"),
        OrderLine(number="3", parent="2", quantity=Decimal(20)),
        OrderLine(number="4", parent="1", quantity=Decimal(7)),
        OrderLine(number="5", quantity=Decimal(1)),
    ]
    order = Order(id="1", lines=lines)
    assert same(order) == []
    assert values(order, "cac:OrderLine/cac:LineItem/cbc:ID") == ["1", "5"]
    assert values(order, "//cac:SubLineItem/cbc:ID") == ["2", "3", "4"]
    invoice = Invoice(id="1", lines=[InvoiceLine(number="1"), InvoiceLine(number="2", parent="1", amount=Decimal(3))])
    assert values(invoice, "//cac:SubInvoiceLine/cbc:LineExtensionAmount") == ["3"]


def test_a_part_of_a_line_that_is_not_there_is_told() -> None:
    order = Order(id="1", lines=[OrderLine(number="1", quantity=Decimal(5)), OrderLine(number="2", parent="7")])
    _, lost = write_ubl(order)
    assert ("dropped", "lines[1].parent", "7") in {(loss.kind, loss.location, loss.value) for loss in lost}


def test_means_of_payment_have_the_accounts_of_who_is_paid_and_who_pays() -> None:
    account = Account(id="DE02120300000000202051", holder="Prairie", bic="BYLADEM1001", bank="DKB", country="DE")
    invoice = Invoice(
        id="1",
        parties=[
            Party(role="SU", id="1", accounts=[account]),
            Party(role="IV", id="2", accounts=[Account(id="7", bank_code="20070000")]),
        ],
        terms=[PaymentTerm(type="1", days=30, means="30")],
        references=[Reference(type="PQ", id="RF18539007547034")],
    )
    assert same(invoice) == []
    assert values(invoice, "cac:PaymentMeans/cbc:PaymentMeansCode") == ["30"]
    assert values(invoice, "cac:PaymentMeans/cbc:PaymentID") == ["RF18539007547034"]
    assert values(invoice, "//cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID") == ["BYLADEM1001"]
    assert values(invoice, "//cac:PayerFinancialAccount/cbc:ID") == ["7"]


def test_means_that_no_terms_name_are_those_of_all_terms() -> None:
    data, _ = write_ubl(Invoice(id="1", terms=[PaymentTerm(days=30, means="58")]))
    alone = data.replace(b"<cbc:PaymentMeansID>58</cbc:PaymentMeansID>", b"")
    invoice, lost = read_ubl(alone)
    assert [(term.days, term.means) for term in invoice.terms] == [(30, "58")] and lost == []
    invoice, lost = read_ubl(data.replace(b"PaymentMeansID>58<", b"PaymentMeansID>9<"))
    assert [(loss.kind, loss.value) for loss in lost] == [("orphan", "9")]
    assert [term.means for term in invoice.terms] == ["58"]


def test_a_confirmed_quantity_has_its_date_and_a_back_ordered_one_its_place() -> None:
    confirmations = [
        Confirmation(
            type="113", quantity=Decimal(60), unit="PCE", dates=[Date(type="67", at=Moment(dt.date(2026, 3, 4)))]
        ),
        Confirmation(type="83", quantity=Decimal(30), unit="PCE"),
        Confirmation(type="185", quantity=Decimal(10), unit="PCE"),
    ]
    response = OrderResponse(id="1", order="PO1", lines=[OrderResponseLine(number="1", confirmations=confirmations)])
    assert values(response, "//cac:Delivery/cac:EstimatedDeliveryPeriod/cbc:EndDate") == ["2026-03-04"]
    assert values(response, "//cbc:MaximumBackorderQuantity") == ["30"]
    _, lost = write_ubl(response)
    assert [loss.location for loss in lost if loss.kind == "dropped"] == ["lines[0].confirmations[2]"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_golden_document_is_written_valid_and_comes_back_but_for_what_is_told(path: Path) -> None:
    document = golden(path)
    data, lost = write_ubl(document)
    if FOLDER.is_dir():
        schema(ubl_for(document).message).assertValid(etree.fromstring(data))
    back, rest = read_ubl(data)
    assert rest == [] and write_ubl(back)[0] == data
    if not lost:
        assert back == document


def golden(path: Path) -> Any:
    """A golden document, which is of the class that gives the same JSON again."""
    for cls in DOCUMENTS.values():
        document = decode(path.read_bytes(), cls)
        if encode(document, indent=2) + b"\n" == path.read_bytes():
            return document
    raise AssertionError(path)


@needs_reference
def test_the_facts_about_elements_are_those_of_the_schemas() -> None:
    assert elements_path().read_text("utf-8") == build_ubl_elements.table(FOLDER / "xsdrt")


def test_every_document_has_a_binding_and_every_binding_compiles() -> None:
    assert {ubl_binding(name).document for name in ubl_bindings()} == set(DOCUMENTS)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('{id: x, doc: ident, at: "cbc:ID"}', "Order has no field 'ident'"),
        ('{id: x, doc: id, at: "cbc:Nonsense"}', "UBL has no cbc:Nonsense in Order"),
        ('{id: x, doc: id, at: "ID"}', "not a path: 'ID'"),
        ('{id: x, doc: id, at: "cbc:ID", is: 1}', "unknown key is"),
        ('{id: x, doc: id, at: "cac:Delivery"}', "cac:Delivery has no text of its own"),
        ('{id: x, doc: id, at: ["cbc:ID", "cbc:IssueTime"]}', "several places need a codec"),
        ('{id: x, doc: id, at: "cbc:ID", as: magic}', "there is no codec 'magic'"),
        ('{id: x, each: lines, in: "cac:OrderLine", rules: none}', "there is no set 'none'"),
        ('{id: x, each: id, in: "cac:OrderLine", rules: []}', "Order has no list 'id'"),
        ('{id: x, doc: "dates[kind=1]/at", at: "cbc:ID"}', "no list 'dates' whose items have 'kind'"),
        ('{id: x, doc: id, at: "cbc:ID", own_codes: {A: B}, codes: {C: A}}', "takes no codes of the partner's own"),
        ('{id: x, doc: total, at: "cbc:ID", numbering: {start: 10}}', "total is no number of a line"),
    ],
)
def test_a_wrong_rule_is_refused_with_file_line_and_reason(rule: str, reason: str) -> None:
    entry = load(f"rules:\n  - {rule}\n", "mine.yaml")
    with pytest.raises(BindingError) as caught:
        Resolver("mine.yaml", {}).plan(Order, "Order", entry["rules"])
    assert (caught.value.file, caught.value.line) == ("mine.yaml", 2) and reason in caught.value.reason


def test_a_path_is_steps_with_tests() -> None:
    first, last = parse_path("cac:A[cbc:B/@c=1|2,cbc:D=]/@e")
    assert [(test.path, test.codes) for test in first.tests] == [(("cbc:B", "@c"), ("1", "2")), (("cbc:D",), ("",))]
    assert last.name == "@e"
