"""The purchase order. UBL 2: Order; EDIFACT: ORDERS; X12: 850."""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from decimal import Decimal

from edigw.documents.common import (
    Allowance,
    Amount,
    Characteristic,
    Contact,
    Date,
    ItemId,
    Measure,
    Note,
    Packaging,
    Part,
    Party,
    Price,
    Quantity,
    Reference,
    Split,
    Tax,
    Transport,
)
from edigw.documents.moment import Moment


class Schedule(Part):
    """A part of the ordered quantity with its own delivery date."""

    quantity: Decimal | None = None
    unit: str | None = None
    delivery: Moment | None = None


class OrderLine(Part):
    number: str | None = None
    parent: str | None = None  # the line that this one is a part of
    action: str | None = None  # 1229: 1 added, 2 deleted, 3 changed
    ids: list[ItemId] = []
    description: str | None = None
    characteristics: list[Characteristic] = []
    quantity: Decimal | None = None
    unit: str | None = None  # 6411
    quantities: list[Quantity] = []
    units_per_pack: Decimal | None = None
    units_per_inner_pack: Decimal | None = None
    price: Decimal | None = None  # net
    price_basis: Decimal | None = None  # the quantity that the price is for; None: one
    price_unit: str | None = None  # 6411, of the basis
    prices: list[Price] = []
    amount: Decimal | None = None  # of the line
    measures: list[Measure] = []
    origin: str | None = None  # country, ISO 3166-1
    requested_delivery: Moment | None = None
    dates: list[Date] = []
    references: list[Reference] = []
    notes: list[Note] = []
    parties: list[Party] = []
    allowances: list[Allowance] = []
    taxes: list[Tax] = []
    schedules: list[Schedule] = []
    splits: list[Split] = []
    packaging: list[Packaging] = []


class Order(Part):
    id: str | None = None
    type: str | None = None  # 1001: 220 order, 221 blanket order, 224 rush order
    purpose: str | None = None  # 1225: 9 original, 1 cancellation
    response: str | None = None  # 4343: AC acknowledge with detail, NA no acknowledgement needed
    release: str | None = None
    issued: Moment | None = None
    requested_delivery: Moment | None = None
    cancel_after: Moment | None = None
    dates: list[Date] = []
    contract: str | None = None
    references: list[Reference] = []
    notes: list[Note] = []
    parties: list[Party] = []
    contacts: list[Contact] = []  # of the sender, beside those of the parties
    taxes: list[Tax] = []
    currency: str | None = None  # ISO 4217
    exchange_currency: str | None = None
    exchange_rate: Decimal | None = None
    terms_basis: str | None = None  # 2475: 5 days count from the invoice date
    net_days: int | None = None
    net_due: Moment | None = None
    discount_percent: Decimal | None = None
    discount_amount: Decimal | None = None
    discount_days: int | None = None
    discount_due: Moment | None = None
    terms_text: str | None = None
    transport: list[Transport] = []
    delivery_terms: str | None = None  # 4053: Incoterms
    delivery_terms_function: str | None = None  # 4055
    freight_payment: str | None = None  # 4215: PP prepaid, CC collect
    delivery_place: str | None = None  # that the terms name
    packaging: list[Packaging] = []
    allowances: list[Allowance] = []
    lines: list[OrderLine] = []
    total: Decimal | None = None  # of the order
    amounts: list[Amount] = []  # other totals
