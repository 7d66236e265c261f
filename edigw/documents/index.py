"""What a document is found by: the numbers that people quote when they look for an exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edigw.documents.application_response import ApplicationResponse, DocumentResponse
from edigw.documents.codec import Document
from edigw.documents.common import ItemId, Party, Reference
from edigw.documents.despatch import DespatchAdvice, DespatchLine, Package
from edigw.documents.order import Order

KINDS = {
    "ON": "order",
    "VN": "sales_order",
    "IV": "invoice",
    "AAK": "despatch",
    "DQ": "despatch",
    "CT": "contract",
    "BM": "bill_of_lading",
    "MB": "bill_of_lading",
    "AWB": "waybill",
    "AAM": "waybill",
    "CN": "consignment",
    "PL": "price_list",
    "PD": "promotion",
}
"""1153 code to kind of reference; the others are of kind "reference"."""

DOCUMENT_KINDS = {
    "220": "order",
    "221": "order",
    "224": "order",
    "351": "despatch",
    "380": "invoice",
    "381": "invoice",
    "389": "invoice",
}
"""1001 code of a document to the kind of its number."""

GTIN = frozenset({"EN", "UP", "SRV"})


def number(document: Document) -> str | None:
    """The number that the document's sender gave it."""
    return document.id


def order_numbers(document: Document) -> list[str]:
    """The buyer's order numbers that the document is about, each once, in order."""
    return list(dict.fromkeys(value for kind, value in references(document) if kind == "order"))


def references(document: Document) -> list[tuple[str, str]]:
    """Everything that the document can be found by, as (kind, value): `order`, `despatch`, `invoice`,
    `contract`, `sscc`, `gtin`, `party` … Each pair once, in the order of the document; the document's own
    number comes first."""
    if isinstance(document, Order):
        found = _order(document)
    elif isinstance(document, DespatchAdvice):
        found = _despatch(document)
    else:
        found = _application_response(document)
    return list(dict.fromkeys((kind, value) for kind, value in found if value))


def _order(order: Order) -> Iterator[tuple[str, str | None]]:
    yield "order", order.id
    yield "contract", order.contract
    yield "release", order.release
    yield from _numbers(order.references)
    yield from _parties(order.parties)
    for line in order.lines:
        yield from _numbers(line.references)
        yield from _items(line.ids)


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
    for lot in line.lots:
        yield "lot", lot.id
    for serial in line.serials:
        yield "serial", serial.id


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
