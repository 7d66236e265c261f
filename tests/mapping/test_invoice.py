"""Invoices: signs, totals, rounding, prices by weight, payment terms, components."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from edigw import mapping
from edigw.documents import (
    Invoice,
    InvoiceLine,
    Moment,
    Order,
    Party,
    PaymentTerm,
    Price,
    answering,
    order_numbers,
    references,
)
from edigw.mapping import Loss, flatten
from edigw.mapping.totals import INVOICE_TOTALS, TotalCheck
from tests.mapping.messages import after, tree

INVOIC = mapping.binding("invoice/INVOIC", "D.96A")
X810 = mapping.binding("invoice/810", "004010")
ISSUED = Moment(dt.date(2026, 10, 20))
CREDIT = """
    BIG*20261020*CN1**PO1***CR
    IT1*1*{0}4*EA*2.50**EN*0799999001012
    PAM****1*{0}10
    TDS*{0}1070
    TXI*VA*{0}.70*.07***2**{0}10
    CTT*1
"""
BILL = """
    BGM+380+INV1+9
    DTM+137:20261020:102
    LIN+1
    QTY+47:4:PCE
    MOA+203:10
    UNS+S
    MOA+79:10
    MOA+125:10
    MOA+176:0.70
    MOA+77:10.70
    TAX+7+VAT+++:::7+S
    MOA+124:0.70
"""


def invoice(**fields: Any) -> Invoice:
    return Invoice(**{"id": "INV1", "type": "380", "issued": ISSUED, "total": Decimal("10.70"), **fields})


def kinds(losses: list[Loss]) -> list[tuple[str, str]]:
    return [(loss.kind, loss.location) for loss in losses]


def test_a_credit_note_is_read_the_same_with_and_without_the_minus_that_its_type_says() -> None:
    plain, nothing = X810.read(tree(X810, CREDIT.format("")))
    signed, told = X810.read(tree(X810, CREDIT.format("-")))
    assert signed == plain and nothing == []
    assert kinds(told) == [("folded", "total")] and told[0].value == "-10.70"
    assert (plain.type, plain.total, plain.lines[0].quantity) == ("381", Decimal("10.70"), Decimal(4))


def test_a_minus_that_the_type_does_not_say_stays() -> None:
    read, told = X810.read(tree(X810, CREDIT.format("-").replace("*CR", "*DI")))
    assert (read.total, read.lines[0].quantity, told) == (Decimal("-10.70"), Decimal(-4), [])


def test_in_a_negative_credit_note_only_what_is_negative_loses_its_minus() -> None:
    text = CREDIT.format("-").replace("IT1*1*-4", "IT1*1*4").replace("1*-10\n", "1*10\n")
    read, _ = X810.read(tree(X810, text))
    assert (read.total, read.lines[0].quantity, read.lines[0].amount) == (Decimal("10.70"), Decimal(4), Decimal(10))


def test_a_negative_credit_note_is_written_without_the_minus_and_says_so() -> None:
    for binding in (INVOIC, X810):
        written, losses = binding.write_tree(invoice(type="381", total=Decimal("-10.70")))
        assert binding.read(written)[0].total == Decimal("10.70")
        assert ("changed", "type") in kinds(losses)


@pytest.mark.parametrize(("type_", "code"), [("325", "ME"), ("384", "CO"), ("383", "DR")])
def test_a_document_that_is_no_plain_invoice_is_none_in_x12_either(type_: str, code: str) -> None:
    written, losses = X810.write(invoice(type=type_))
    assert written[0][7] == code and losses == []


def test_what_x12_has_no_type_for_is_reported() -> None:
    _, losses = X810.write(invoice(type="389"))
    assert kinds(losses) == [("changed", "type")]


def test_totals_that_add_up_are_read_in_silence() -> None:
    assert INVOIC.read(tree(INVOIC, BILL))[1] == []


@pytest.mark.parametrize(
    ("right", "wrong", "counted"),
    [
        ("MOA+79:10", "MOA+79:11", "10"),
        ("MOA+176:0.70", "MOA+176:0.80", "0.70"),
        ("MOA+77:10.70", "MOA+77:10.71", "10.70"),
    ],
)
def test_a_total_that_does_not_add_up_is_told_and_kept(right: str, wrong: str, counted: str) -> None:
    read, losses = INVOIC.read(tree(INVOIC, BILL.replace(right, wrong)))
    assert (losses[0].kind, losses[0].reason) == ("unexpected", f"{counted} counted")
    assert wrong.endswith(
        str({"79": read.lines_total, "176": read.tax_total, "77": read.total}[wrong[4:].split(":")[0]])
    )


def test_the_total_of_an_810_is_compared_in_its_implied_decimals_and_may_be_rounded_by_a_cent_a_line() -> None:
    for stated, losses in (("1070", 0), ("1071", 0), ("1170", 1)):
        _, told = X810.read(tree(X810, CREDIT.format("").replace("TDS*1070", f"TDS*{stated}")))
        assert len(told) == losses, told


def test_amounts_with_more_decimals_than_the_element_implies_are_rounded_and_reported() -> None:
    written, losses = X810.write(invoice(total=Decimal("10.705")))
    assert next(s for s in written if s[0] == "TDS") == ["TDS", "1071"]
    assert [(loss.location, loss.value, loss.reason) for loss in losses] == [
        ("total", "10.705", "rounded to 2 decimals")
    ]


def test_a_currency_without_decimals_has_two_in_tds() -> None:
    written, losses = X810.write(invoice(currency="JPY", total=Decimal(1200)))
    assert ["TDS", "120000"] in written and losses == []


def test_a_price_for_a_quantity_without_a_code_is_written_for_one() -> None:
    line = InvoiceLine(quantity=Decimal(4), unit="PCE", price=Decimal(125), price_basis=Decimal(50))
    written, losses = X810.write(invoice(lines=[line]))
    assert next(s for s in written if s[0] == "IT1")[4:6] == ["2.5", "PE"]
    assert kinds(losses) == [("changed", "lines[0].price")]


def test_a_price_that_would_have_to_be_rounded_for_one_is_not_written() -> None:
    line = InvoiceLine(quantity=Decimal(4), unit="PCE", price=Decimal(10), price_basis=Decimal(3))
    written, losses = X810.write(invoice(lines=[line]))
    assert not any(segment[0] == "IT1" and len(segment) > 4 for segment in written)
    assert ("dropped", "lines[0].price") in kinds(losses)


def test_where_there_is_no_net_price_the_gross_one_is_that_of_the_line() -> None:
    line = InvoiceLine(quantity=Decimal(4), unit="PCE", prices=[Price(qualifier="AAB", value=Decimal("2.75"))])
    written, losses = X810.write(invoice(lines=[line]))
    assert next(s for s in written if s[0] == "IT1") == ["IT1", "", "4", "PC", "2.75"]
    assert kinds(losses) == [("changed", "lines[0].price")]


def test_a_percentage_where_a_fraction_should_be_is_read_as_it_is_meant_and_told() -> None:
    for text, told in ((".07", []), ("7", [("folded", "TXI03")])):
        read, losses = X810.read(tree(X810, CREDIT.format("").replace(".07", text)))
        assert read.taxes[0].percent == Decimal(7) and kinds(losses) == told


def test_components_stand_inside_their_line_in_x12() -> None:
    lines = [
        InvoiceLine(number="1", quantity=Decimal(1), unit="PCE", price=Decimal(9)),
        InvoiceLine(number="2", parent="1", quantity=Decimal(3), unit="PCE"),
    ]
    written, losses = X810.write_tree(invoice(lines=lines))
    assert [s[:5] for s in flatten(written) if s[0] == "SLN"] == [["SLN", "2", "", "I", "3"]]
    assert losses == [] and X810.read(written)[0].lines == lines


def test_a_party_without_structure_keeps_its_name() -> None:
    written, losses = X810.write(invoice(parties=[Party(role="PE", name_and_address="Schenker AB Goteborg")]))
    assert ["N1", "RI", "Schenker AB Goteborg"] in written
    assert ("changed", "parties[0].name") in kinds(losses)


@pytest.mark.parametrize("lines", [["DTM+263:20260901-20260930:718"], ["DTM+167:20260901:102", "DTM+168:20260930:102"]])
def test_a_period_is_read_from_one_date_or_from_two(lines: list[str]) -> None:
    read, losses = INVOIC.read(tree(INVOIC, after(BILL, "DTM", *lines)))
    assert (str(read.period_start), str(read.period_end), losses) == ("2026-09-01", "2026-09-30", [])
    written, _ = X810.write(read)
    assert ["DTM", "186", "20260901"] in written and ["DTM", "187", "20260930"] in written


# payment terms


def terms(*groups: str) -> list[PaymentTerm]:
    read, losses = INVOIC.read(tree(INVOIC, after(BILL, "DTM", *groups)))
    assert losses == []
    return list(read.terms)


def test_a_net_term_and_a_discount_are_one_term_and_two_groups() -> None:
    (term,) = terms("PAT+1++5:3:D:60", "PAT+22++5:3:D:14", "PCD+12:2")
    assert term == PaymentTerm(type="1", basis="5", days=60, discount_days=14, discount_percent=Decimal(2))
    written, losses = INVOIC.write(invoice(terms=[term]))
    groups = [segment for segment in written if segment[0] in ("PAT", "PCD")]
    assert losses == [] and groups == [
        ["PAT", "1", "", ["5", "3", "D", "60"]],
        ["PAT", "22", "", ["5", "3", "D", "14"]],
        ["PCD", ["12", "2"]],
    ]
    written, losses = X810.write(invoice(terms=[term]))
    assert ["ITD", "01", "3", "2", "", "14", "", "60"] in written and losses == []


def test_with_two_net_terms_a_discount_stays_by_itself() -> None:
    assert [term.type for term in terms("PAT+1++5:3:D:30", "PAT+1++5:3:D:60", "PAT+22++5:3:D:8", "PCD+12:2")] == [
        "1",
        "1",
        "22",
    ]


def test_terms_of_different_reckoning_are_not_put_together() -> None:
    assert len(terms("PAT+1++21:3:D:30", "PAT+22++5:3:D:8", "PCD+12:2")) == 2


def test_working_days_are_not_read_as_days() -> None:
    read, losses = INVOIC.read(tree(INVOIC, after(BILL, "DTM", "PAT+1++5:3:WD:10")))
    assert read.terms == [] and {loss.kind for loss in losses} == {"unreadable"}


def test_months_are_no_days_in_x12() -> None:
    written, losses = X810.write(invoice(terms=[PaymentTerm(type="1", basis="5", months=2)]))
    assert ["ITD", "01", "3"] in written and kinds(losses) == [("dropped", "terms[0].months")]


def test_means_and_words_are_those_of_the_message() -> None:
    term = PaymentTerm(type="1", basis="5", days=30, means="30", text="30 days net")
    written, losses = INVOIC.write_tree(invoice(terms=[term]))
    segments = flatten(written)
    assert ["PAI", ["", "", "30"]] in segments and ["FTX", "AAB", "", "", "30 days net"] in segments
    assert losses == [] and INVOIC.read(written)[0].terms == [term]


# the thread


def test_an_invoice_is_found_by_its_order_and_despatch_advice() -> None:
    line = InvoiceLine(order="PO2", despatch="SHP2")
    document = invoice(order="PO1", despatch="SHP1", lines=[line])
    assert references(document)[0] == ("invoice", "INV1")
    assert order_numbers(document) == ["PO1", "PO2"]
    assert {("despatch", "SHP1"), ("despatch", "SHP2")} <= set(references(document))


def test_an_answer_to_a_credit_note_calls_it_one() -> None:
    assert (answering(invoice(type="381")).type, answering(invoice(type="381")).document_type) == ("IV", "381")
    assert answering(Order(id="1")).document_type == "220"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_and_not_computed_with(number: str) -> None:
    wrong = Decimal(number)
    line = InvoiceLine(quantity=wrong, price=wrong, price_basis=wrong, amount=wrong)
    for type_ in ("380", "381"):
        document = invoice(type=type_, total=wrong, lines=[line], terms=[PaymentTerm(penalty_percent=wrong)])
        for binding in (INVOIC, X810):
            _, losses = binding.write(document)
            assert ("dropped", "total") in kinds(losses)


def test_totals_of_any_size_are_compared() -> None:
    check = TotalCheck(INVOICE_TOTALS["invoiced"], Decimal)
    for text in ("9" * 700_000, f"0.{'9' * 700_000}"):
        line = InvoiceLine(quantity=Decimal(text), price=Decimal(text))
        assert check.found(invoice(lines=[line]), "-1") is not None
