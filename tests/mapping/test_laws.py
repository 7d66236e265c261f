"""The laws of a binding, on arbitrary documents of which most can't be said in full."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edigw import mapping
from edigw.documents import (
    Invoice,
    InvoiceLine,
    Moment,
    Order,
    OrderChange,
    OrderLine,
    OrderResponse,
    Party,
    ReceiptAdvice,
)
from edigw.mapping import Binding
from tests.mapping import laws, ordinary, strategies
from tests.mapping.wire import on_the_wire, received

ORDERS = [
    ("order/ORDERS", "D.93A"),
    ("order/ORDERS", "D.96A"),
    ("order/ORDERS", "D.01B"),
    ("order/850", "004010"),
    ("order/850", "005010"),
]
CHANGES = [
    ("order/ORDCHG", "D.96A"),
    ("order/ORDCHG", "D.01B"),
    ("order/860", "004010"),
    ("order/860", "005010"),
]
RESPONSES = [
    ("order/ORDRSP", "D.96A"),
    ("order/ORDRSP", "D.01B"),
    ("order/855", "004010"),
    ("order/855", "005010"),
    ("order/865", "004010"),
]
ADVICES = [
    ("despatch/DESADV", "D.96A"),
    ("despatch/DESADV", "D.01B"),
    ("despatch/856", "004010"),
    ("despatch/856", "005010"),
]
ANSWERS = [
    ("application/APERAK", "D.96A"),
    ("application/APERAK", "D.01B"),
    ("application/824", "004010"),
    ("application/824", "005010"),
]
RECEIPTS = [
    ("receipt/RECADV", "D.96A"),
    ("receipt/RECADV", "D.01B"),
    ("receipt/861", "004010"),
    ("receipt/861", "005010"),
]
INVOICES = [
    ("invoice/INVOIC", "D.93A"),
    ("invoice/INVOIC", "D.96A"),
    ("invoice/INVOIC", "D.01B"),
    ("invoice/810", "004010"),
    ("invoice/810", "005010"),
]
STATUSES = [
    ("transport/IFTSTA", "D.96A"),
    ("transport/IFTSTA", "D.01B"),
    ("transport/214", "004010"),
    ("transport/214_by_loop", "005010"),
]
ALL = ORDERS + CHANGES + RESPONSES + ADVICES + RECEIPTS + STATUSES + INVOICES + ANSWERS
USUAL = [pair for pair in ALL if pair[1] in ("D.96A", "004010")]
_SUBSTANCE = ("PO1", "POC", "HL", "LIN", "CPS", "OTI", "RFF", "RCD", "IT1", "CNI", "LX")
_SETTINGS = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def arranged(binding: Binding, document: Any) -> Any:
    """The document as the message's structure keeps it: the packages of one order together."""
    view = binding._view
    return document if view is None else view.from_view(view.to_view(document, []))


@pytest.mark.parametrize(("name", "version"), ALL)
def test_what_is_written_reads_back_without_exactly_what_the_report_lists(name: str, version: str) -> None:
    binding = mapping.binding(name, version)

    @_SETTINGS
    @given(_documents(binding))
    def run(document: Any) -> None:
        laws.check_round_trip(binding, arranged(binding, document), binding.standard == "edifact")

    run()


@pytest.mark.parametrize(("name", "version"), USUAL)
def test_reading_writing_and_reading_gives_what_reading_gave(name: str, version: str) -> None:
    binding = mapping.binding(name, version)

    @_SETTINGS
    @given(_documents(binding))
    def run(document: Any) -> None:
        first, _ = binding.read(binding.write_tree(document)[0])
        first = arranged(binding, first)
        tree, losses = binding.write_tree(first)
        again, _ = binding.read(tree)
        if not [loss for loss in losses if loss.kind != "defaulted"]:
            assert not laws.differences(first, again)

    run()


@pytest.mark.parametrize(("name", "version"), USUAL)
def test_what_is_written_is_valid_and_reads_the_same_off_the_wire(name: str, version: str) -> None:
    """A document has at least a number, a date and something to order, to ship or to answer."""
    binding = mapping.binding(name, version)

    @_SETTINGS
    @given(_documents(binding))
    def run(document: Any) -> None:
        _complete(document)
        tree, _ = binding.write_tree(document)
        segments = mapping.flatten(tree)
        if not any(segment[0] in _SUBSTANCE for segment in segments):
            return
        message = received(on_the_wire(binding, segments))
        assert message.valid, [finding.text for finding in message.findings]
        assert message.tree is not None
        assert binding.read(message.tree)[0] == binding.read(tree)[0]

    run()


@_SETTINGS
@given(strategies.orders())
def test_what_both_standards_can_say_of_an_order_passes_to_and_fro_unchanged(order: Order) -> None:
    """After a few passages nothing is left that one of them can't say, but for the kind of a further price (5125)."""
    edifact, x12 = mapping.binding("order/ORDERS", "D.96A"), mapping.binding("order/850", "004010")
    order.id, order.type, order.purpose = "PO1", "220", "9"
    for _ in range(3):
        for binding in (edifact, x12):
            order, _ = binding.read(binding.write_tree(order)[0])
    for line in order.lines:
        line.prices = []
    order.lines = [line for line in order.lines if line != OrderLine()]
    first, lost = edifact.write_tree(order)
    back, unread = edifact.read(first)
    second, lost_too = x12.write_tree(back)
    last, unread_too = x12.read(second)
    assert (lost, unread, lost_too, unread_too) == ([], [], [], [])
    assert last == order and edifact.write_tree(last)[0] == first


@_SETTINGS
@given(strategies.invoices())
def test_what_both_standards_can_say_of_an_invoice_passes_to_and_fro_unchanged(invoice: Invoice) -> None:
    """As with an order; totals are whatever chance makes them, and told to be wrong."""
    edifact, x12 = mapping.binding("invoice/INVOIC", "D.96A"), mapping.binding("invoice/810", "004010")
    invoice.id, invoice.type, invoice.purpose, invoice.total = "INV1", "380", "9", Decimal("119.00")
    for _ in range(3):
        for binding in (edifact, x12):
            invoice, _ = binding.read(binding.write_tree(invoice)[0])
    for line in invoice.lines:
        line.prices = []
    invoice.lines = [line for line in invoice.lines if line != InvoiceLine()]
    first, lost = edifact.write_tree(invoice)
    back, unread = edifact.read(first)
    second, lost_too = x12.write_tree(back)
    last, unread_too = x12.read(second)
    assert (lost, laws.unread(unread), lost_too, laws.unread(unread_too)) == ([], [], [], [])
    assert last == invoice and edifact.write_tree(last)[0] == first


def _complete(document: Any) -> None:
    """What every message of the kind must say."""
    document.id, document.issued = "DOC-1", Moment(dt.date(2026, 10, 5))
    if isinstance(document, OrderChange | OrderResponse):
        document.order = "PO-1"
    if isinstance(document, Invoice):
        document.total = Decimal("119.00")
    if isinstance(document, ReceiptAdvice):
        document.received = Moment(dt.date(2026, 10, 5), dt.time(9, 30, tzinfo=dt.UTC))
        document.parties.insert(0, Party(role="BY", id="4299999000016", id_scheme="9"))


def _documents(binding: Binding) -> st.SearchStrategy[Any]:
    return ordinary.any_document(binding.document)
