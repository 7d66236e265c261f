"""Arbitrary documents for the laws: most hold things that no message can say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from edigw.documents import (
    ApplicationResponse,
    DespatchAdvice,
    Invoice,
    Moment,
    Order,
    OrderChange,
    OrderResponse,
    Package,
    ReceiptAdvice,
    ReceiptPackage,
    TransportStatus,
)
from edigw.mapping.resolver import Field, fields

WORD = st.text("ABCdefgh0123456789-é", min_size=1, max_size=12)
WORDS = st.lists(WORD, min_size=1, max_size=9).map(" ".join)
MESSY = st.one_of(WORDS, WORDS, WORDS, st.text("ab  ", max_size=90), st.text("x", min_size=25, max_size=90))
NUMBER = st.text("0123456789AB", min_size=1, max_size=25)
DECIMAL = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**5),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**5),
    st.decimals(allow_nan=False, allow_infinity=False),
)
MOMENT = st.builds(
    Moment,
    st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 31)),
    st.none() | st.times(timezones=st.none() | st.just(dt.UTC)) | st.builds(dt.time, st.integers(0, 23)),
)
CODES = {
    "role": ("BY", "SU", "DP", "IV", "ST"),
    "id_scheme": ("9", "16", "92", "91"),
    "carrier_scheme": ("182", "9"),
    "location_scheme": ("92", "9"),
    "scheme": ("EN", "UP", "SRV", "SA", "IN", "BP", "VN", "BB"),
    "unit": ("KGM", "EA", "PCE", "CT", "C62"),
    "weight_unit": ("KGM", "LBR"),
    "net_weight_unit": ("KGM", "LBR"),
    "volume_unit": ("MTQ", "FTQ"),
    "ordered_unit": ("KGM", "EA"),
    "outstanding_unit": ("KGM", "EA"),
    "price_unit": ("KGM", "EA"),
    "country": ("FR", "US"),
    "origin": ("FR", "US"),
    "region": ("IL", "NY"),
    "currency": ("EUR", "USD"),
    "exchange_currency": ("EUR", "USD"),
    "purpose": ("9", "1", "5", "PD", "WT"),
    "dimension": ("G", "HT", "AAD"),
    "category": ("S", "E", "Z"),
    "subject": ("AAI", "DEL", "AAB"),
    "function": ("OC", "IC", "PD", "7", "11"),
    "response": ("AC", "NA", "CA"),
    "qualifier": ("AAB", "AAE", "AAA"),
    "handling": ("2", "6"),
    "sequence": ("1", "2"),
    "mode": ("3", "2", "8"),
    "stage": ("20", "10", "30", "1"),
    "freight_payment": ("PP", "CC", "A"),
    "delivery_terms": ("DDP", "FCA", "DAP"),
    "delivery_place_kind": ("OR", "ZZ"),
    "delivery_terms_function": ("3", "6"),
    "OrderLine.action": ("1", "3"),
    "OrderChangeLine.action": ("1", "2", "3"),
    "Reference.type": ("CT", "PL", "ON", "IV", "VN", "RE", "AAK", "CO"),
    "Date.type": ("64", "63", "2", "137", "361", "11", "67", "69"),
    "Channel.type": ("TE", "FX", "EM", "AL"),
    "Quantity.type": ("21", "12", "59", "11", "170"),
    "Amount.type": ("86", "203", "39", "128"),
    "Price.type": ("RTP", "SRP", "NTP"),
    "Tax.type": ("VAT", "GST", "AAI"),
    "Characteristic.type": ("35", "98", "8"),
    "Allowance.code": ("FC", "TD", "ZZZ", "DL"),
    "Packaging.type": ("PX", "CT", "NE"),
    "Package.type": ("PX", "CT", "PK"),
    "Equipment.type": ("CN", "TE", "SW"),
    "DocumentResponse.response": ("44", "27", "45", "34", "29", "6", "12"),
    "acknowledgement": ("AP", "RE", "AB"),
    "document_type": ("220", "380", "351", "10"),
    "DocumentResponse.type": ("ON", "IV", "AAK", "ACW"),
    "ApplicationFinding.code": ("ITEM", "DUPL", "X12-CAL", "OTHER", "186"),
    "code_scheme": ("9", "92"),
    "ApplicationFinding.segment": ("LIN", "PO1", "N1"),
    "element_id": ("7140", "234"),
    "returned_unit": ("KGM", "EA"),
    "accepted_unit": ("KGM", "EA"),
    "despatched_unit": ("KGM", "EA"),
    "Discrepancy.type": ("119", "121", "124", "195", "196", "12", "21", "194", "185"),
    "nature": ("AF", "AC", "AE", "CP"),
    "Discrepancy.reason": ("AT", "PC"),
    "observed": ("1", "2"),
    "State.code": ("4", "2"),
    "action": ("AG", "AA"),
    "ReceiptPackage.type": ("PX", "CT", "PK"),
    "TransportEvent.type": ("24", "21", "1", "18", "31", "77"),
    "StatusReason.code": ("63", "7", "14", "37"),
    "place": ("7", "88", "13", "5", "14"),
    "Goods.type": ("PX", "CT"),
    "Invoice.type": ("380", "381", "383", "389", "325"),
    "PaymentTerm.type": ("1", "22", "3", "20"),
    "basis": ("5", "66"),
    "relation": ("6", "3"),
    "means": ("30", "20"),
    "bic": ("DEUTDEFF", "BNPAFRPP"),
    "InvoiceLine.number": ("1", "2", "3"),
    "Order.type": ("220", "221", "227", "105"),
    "order_type": ("220", "221", "227"),
    "OrderLine.number": ("1", "2", "3"),
    "OrderChangeLine.number": ("1", "2", "3"),
    "OrderResponseLine.number": ("1", "2", "3"),
    "parent": ("1", "2"),
    "indicator": ("A", "C", "N"),
    "own_code_agency": ("VI", "ZZ"),
    "instruction": ("24", "22", "17"),
    "Condition.code": ("69", "96"),
    "sales_condition": ("N", "SC"),
    "service": ("ND", "CG"),
    "Note.function": ("1", "3"),
    "pack_weight_unit": ("KGM", "LBR"),
    "pack_volume_unit": ("MTQ", "FTQ"),
    "pack_size_unit": ("CMT", "INH"),
    "cumulative_unit": ("KGM", "EA"),
    "price_type": ("CT", "CA", "PE"),
    "answered": ("1", "2", "3", "4"),
    "OrderResponseLine.action": ("5", "6", "7", "3", "2"),
    "OrderResponse.response": ("AC", "AP", "RE", "AD"),
    "OrderResponse.purpose": ("9", "29", "27", "4"),
    "Confirmation.type": ("113", "83", "185", "94", "12", "21"),
    "reason_agency": ("BI", "VI"),
    "OrderChange.reason": ("49", "57"),
    "OrderChangeLine.reason": ("49", "57"),
    "OrderResponse.reason": ("49", "57"),
    "OrderResponseLine.reason": ("49", "57"),
}
ORDER_NUMBERS = st.sampled_from(["PO1", "PO2", "PO3"])
SSCC = st.text("0123456789", min_size=18, max_size=18) | NUMBER


def _code(codes: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from((*codes, *codes, *codes, "QQ9"))


def _text(cls: type, name: str) -> st.SearchStrategy[str]:
    codes = CODES.get(f"{cls.__name__}.{name}") or CODES.get(name)
    if codes:
        return _code(codes)
    if name == "order":
        return ORDER_NUMBERS
    if name == "sscc":
        return SSCC
    if name in (
        "number",
        "id",
        "line",
        "order_line",
        "parent",
        "postal_code",
        "code",
        "control",
        "group_control",
        "own_code",
    ):
        return NUMBER
    return MESSY


def _value(cls: type, name: str, field: Field) -> st.SearchStrategy[Any]:
    if field.type is Decimal:
        return DECIMAL
    if field.type is Moment:
        return MOMENT
    if field.type is bool:
        return st.booleans()
    if field.type is int:
        return st.integers(-5, 2000)
    if field.type is str:
        return _text(cls, name)
    return part(field.type)


def part(cls: type, sizes: dict[str, int] | None = None, without: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """Items of a document class. Any field may be missing; half of the documents are sparse."""
    made: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in fields(cls).items():
        if name in without or field.type in (Package, ReceiptPackage):
            continue
        if field.many:
            made[name] = st.lists(_value(cls, name, field), max_size=(sizes or {}).get(name, 2))
        else:
            value = _value(cls, name, field)
            made[name] = st.one_of(st.none(), value, value)
    full, sparse = st.fixed_dictionaries(made), st.fixed_dictionaries({}, optional=made)
    return st.deferred(lambda: st.one_of(full, sparse).map(lambda values: cls(**values)))


def orders() -> st.SearchStrategy[Order]:
    return part(Order, {"lines": 3, "references": 11, "ids": 12, "parties": 3})


def order_changes() -> st.SearchStrategy[OrderChange]:
    return part(OrderChange, {"lines": 3, "parties": 2})


def order_responses() -> st.SearchStrategy[OrderResponse]:
    return part(OrderResponse, {"lines": 3, "parties": 2, "confirmations": 3})


def _packages(cls: type) -> st.SearchStrategy[Any]:
    single = part(cls)
    return st.recursive(
        single,
        lambda inner: st.builds(
            lambda package, packages: _with(package, packages), single, st.lists(inner, max_size=2)
        ),
        max_leaves=4,
    )


def _with(package: Any, packages: list[Any]) -> Any:
    package.packages = packages
    return package


def advices() -> st.SearchStrategy[DespatchAdvice]:
    head = part(DespatchAdvice, {"parties": 2, "lines": 2})
    return st.builds(_with, head, st.lists(_packages(Package), max_size=3))


def receipts() -> st.SearchStrategy[ReceiptAdvice]:
    head = part(ReceiptAdvice, {"parties": 2, "lines": 2})
    return st.builds(_with, head, st.lists(_packages(ReceiptPackage), max_size=3))


def invoices() -> st.SearchStrategy[Invoice]:
    return part(Invoice, {"lines": 3, "parties": 2, "terms": 3})


def statuses() -> st.SearchStrategy[TransportStatus]:
    return part(TransportStatus, {"parties": 2})


def answers() -> st.SearchStrategy[ApplicationResponse]:
    return part(ApplicationResponse, {"references": 3, "parties": 2, "findings": 3})


DOCUMENTS = {
    "ApplicationResponse": answers,
    "DespatchAdvice": advices,
    "Invoice": invoices,
    "Order": orders,
    "OrderChange": order_changes,
    "OrderResponse": order_responses,
    "ReceiptAdvice": receipts,
    "TransportStatus": statuses,
}
