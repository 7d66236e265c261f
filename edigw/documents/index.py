"""What a document is found by: the numbers that people quote when they look for an exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edigw.documents.application_response import ApplicationResponse, DocumentResponse
from edigw.documents.codec import Document
from edigw.documents.common import ItemId, Party, Reference
from edigw.documents.despatch import DespatchAdvice, DespatchLine, Package
from edigw.documents.invoice import Invoice
from edigw.documents.order import Order, OrderHeading, OrderLine
from edigw.documents.order_change import OrderChange
from edigw.documents.order_response import OrderResponse, OrderResponseLine
from edigw.documents.receipt import ReceiptAdvice, ReceiptLine, ReceiptPackage
from edigw.documents.transport_status import TransportEvent, TransportStatus

KINDS = {
    "ON": "order",
    "PP": "order_change",
    "POR": "order_response",
    "VN": "sales_order",
    "IV": "invoice",
    "OI": "invoice",
    "AAK": "despatch",
    "DQ": "despatch",
    "CT": "contract",
    "BM": "bill_of_lading",
    "MB": "bill_of_lading",
    "AWB": "waybill",
    "AAM": "waybill",
    "HWB": "waybill",
    "MWB": "waybill",
    "AAS": "waybill",
    "CN": "consignment",
    "CU": "consignment",
    "SRN": "consignment",
    "ALO": "receipt",
    "PL": "price_list",
    "PD": "promotion",
}
"""1153 code to kind of reference; the others are of kind "reference"."""

DOCUMENT_KINDS = {
    "220": "order",
    "221": "order",
    "224": "order",
    "230": "order_change",
    "231": "order_response",
    "320": "order_response",
    "351": "despatch",
    "632": "receipt",
    "380": "invoice",
    "381": "invoice",
    "383": "invoice",
    "384": "invoice",
    "385": "invoice",
    "386": "invoice",
    "389": "invoice",
}
"""1001 code of a document to the kind of its number."""

GTIN = frozenset({"EN", "UP", "SRV"})


def number(document: Document) -> str | None:
    """The number that the document's sender gave it; of a change or response without one, that of the order."""
    if document.id is None and isinstance(document, OrderChange | OrderResponse):
        return document.order
    return document.id


def order_numbers(document: Document) -> list[str]:
    """The buyer's order numbers that the document is about, each once, in order."""
    return list(dict.fromkeys(value for kind, value in references(document) if kind == "order"))


def references(document: Document) -> list[tuple[str, str]]:
    """Everything that the document can be found by, as (kind, value): `order`, `despatch`, `invoice`,
    `contract`, `sscc`, `gtin`, `party` … Each pair once, in the order of the document; the document's own
    number comes first."""
    if isinstance(document, OrderHeading):
        found = _ordering(document)
    elif isinstance(document, DespatchAdvice):
        found = _despatch(document)
    elif isinstance(document, ReceiptAdvice):
        found = _receipt(document)
    elif isinstance(document, Invoice):
        found = _invoice(document)
    elif isinstance(document, TransportStatus):
        found = _transport_status(document)
    else:
        found = _application_response(document)
    return list(dict.fromkeys((kind, value) for kind, value in found if value))


def _ordering(document: OrderHeading) -> Iterator[tuple[str, str | None]]:
    """An order, a change of it, or a response."""
    lines: Iterable[OrderLine] = ()
    if isinstance(document, Order):
        yield "order", document.id
        yield "contract", document.contract
        yield "release", document.release
        lines = document.lines
    elif isinstance(document, OrderChange | OrderResponse):
        yield "order_change" if isinstance(document, OrderChange) else "order_response", document.id
        yield "order", document.order
        if isinstance(document, OrderResponse):
            yield "order_change", document.change
        yield "sales_order", document.sales_order
        yield "contract", document.contract
        yield "release", document.order_release
        lines = document.lines
    yield from _numbers(document.references)
    yield from _parties(document.parties)
    for line in lines:
        yield from _numbers(line.references)
        yield from _items(line.ids)
        if isinstance(line, OrderResponseLine):
            yield from _items([*line.substitutes, *line.substituted])


def _despatch(advice: DespatchAdvice) -> Iterator[tuple[str, str | None]]:
    yield "despatch", advice.id
    yield from _numbers(advice.references)
    yield from _parties(advice.parties)
    for line in advice.lines:
        yield from _despatch_line(line)
    for package in advice.packages:
        yield from _package(package)


def _package(package: Package) -> Iterator[tuple[str, str | None]]:
    yield "sscc", package.sscc
    yield "consignment", package.tracking
    for line in package.lines:
        yield from _despatch_line(line)
    for inner in package.packages:
        yield from _package(inner)


def _despatch_line(line: DespatchLine) -> Iterator[tuple[str, str | None]]:
    yield "order", line.order
    yield "sales_order", line.sales_order
    yield "contract", line.contract
    yield "release", line.order_release
    yield from _numbers(line.references)
    yield from _items(line.ids)
    yield from _parties(line.parties)
    for lot in line.lots:
        yield "lot", lot.id
    for serial in line.serials:
        yield "serial", serial.id


def _receipt(advice: ReceiptAdvice) -> Iterator[tuple[str, str | None]]:
    yield "receipt", advice.id
    yield from _numbers(advice.references)
    yield from _parties(advice.parties)
    yield from _received(advice)


def _received(item: ReceiptAdvice | ReceiptPackage) -> Iterator[tuple[str, str | None]]:
    for line in item.lines:
        yield from _receipt_line(line)
    for package in item.packages:
        yield "sscc", package.sscc
        yield "consignment", package.tracking
        yield from _received(package)


def _receipt_line(line: ReceiptLine) -> Iterator[tuple[str, str | None]]:
    yield "order", line.order
    yield "despatch", line.despatch
    yield "sales_order", line.sales_order
    yield "contract", line.contract
    yield "release", line.order_release
    yield from _numbers(line.references)
    yield from _items(line.ids)
    for lot in line.lots:
        yield "lot", lot.id
    for serial in line.serials:
        yield "serial", serial.id


def _invoice(invoice: Invoice) -> Iterator[tuple[str, str | None]]:
    yield "invoice", invoice.id
    yield "order", invoice.order
    yield "despatch", invoice.despatch
    yield "contract", invoice.contract
    yield "release", invoice.order_release
    yield from _numbers(invoice.references)
    yield from _parties(invoice.parties)
    for line in invoice.lines:
        yield "order", line.order
        yield "despatch", line.despatch
        yield from _numbers(line.references)
        yield from _items(line.ids)


def _transport_status(status: TransportStatus) -> Iterator[tuple[str, str | None]]:
    yield "status", status.id
    yield from _numbers(status.references)
    yield from _parties(status.parties)
    for consignment in status.consignments:
        yield "consignment", consignment.id
        for event in consignment.events:
            yield from _event(event)


def _event(event: TransportEvent) -> Iterator[tuple[str, str | None]]:
    yield from _numbers(event.references)
    yield from _parties(event.parties)
    for equipment in event.equipment:
        yield "equipment", equipment.id
    for goods in event.goods:
        for sscc in goods.sscc:
            yield "sscc", sscc.id
        for tracking in goods.tracking:
            yield "consignment", tracking.id


def _application_response(answer: ApplicationResponse) -> Iterator[tuple[str, str | None]]:
    yield "answer", answer.id
    yield from _parties(answer.parties)
    for response in answer.responses:
        yield kind_of(response), response.id
        yield "reference", response.control
        yield from _numbers(response.references)
        for finding in response.findings:
            yield from _numbers(finding.references)


def kind_of(response: DocumentResponse) -> str:
    """The kind of the number that an answer quotes."""
    return KINDS.get(response.type or "") or DOCUMENT_KINDS.get(response.document_type or "", "reference")


def _numbers(refs: Iterable[Reference]) -> Iterator[tuple[str, str | None]]:
    for ref in refs:
        yield KINDS.get(ref.type or "", "reference"), ref.id


def _items(ids: Iterable[ItemId]) -> Iterator[tuple[str, str | None]]:
    for item in ids:
        yield ("gtin" if item.scheme in GTIN else "item"), item.id


def _parties(parties: Iterable[Party]) -> Iterator[tuple[str, str | None]]:
    for party in parties:
        yield "party", party.id
