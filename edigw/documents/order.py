"""The purchase order. UBL 2: Order; EDIFACT: ORDERS; X12: 850. And what its change and the response to it share with
it."""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from decimal import Decimal

from edigw.documents.common import (
    Allowance,
    Amount,
    Characteristic,
    Condition,
    Contact,
    Date,
    ItemId,
    Measure,
    Note,
    Packaging,
    Part,
    Party,
    PaymentTerm,
    Price,
    Quantity,
    Reference,
    Split,
    Tax,
    Transport,
)
from edigw.documents.moment import Moment


class Schedule(Part):
    """A part of the ordered quantity with its own dates."""

    quantity: Decimal | None = None
    unit: str | None = None
    delivery: Moment | None = None  # requested
    dates: list[Date] = []


class OrderLine(Part):
    number: str | None = None
    parent: str | None = None  # the line that this one is a part of
    action: str | None = None  # 1229: 1 added, 2 deleted, 3 changed; in a response 5 accepted, 6 amended, 7 rejected
    ids: list[ItemId] = []
    description: str | None = None
    characteristics: list[Characteristic] = []
    quantity: Decimal | None = None
    unit: str | None = None  # 6411
    quantities: list[Quantity] = []
    units_per_pack: Decimal | None = None
    units_per_inner_pack: Decimal | None = None
    pack_weight: Decimal | None = None  # gross, of one pack
    pack_weight_unit: str | None = None  # 6411
    pack_volume: Decimal | None = None
    pack_volume_unit: str | None = None
    pack_length: Decimal | None = None
    pack_width: Decimal | None = None
    pack_height: Decimal | None = None
    pack_size_unit: str | None = None  # 6411, of length, width and height
    price: Decimal | None = None  # net
    price_type: str | None = None  # 5375: CT contract, PE for each, PR promotion
    price_basis: Decimal | None = None  # the quantity that the price is for; None: one
    price_unit: str | None = None  # 6411, of the basis
    prices: list[Price] = []
    amount: Decimal | None = None  # of the line
    measures: list[Measure] = []
    origin: str | None = None  # country, ISO 3166-1
    conditions: list[Condition] = []
    sales_condition: str | None = None  # X12 DE 563: N no back order, SC ship complete
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


class OrderHeading(Part):
    """What an order, a change of it and the response to either say of the whole."""

    id: str | None = None
    purpose: str | None = None  # 1225: 9 original, 1 cancellation, 4 change, 5 replacement
    response: str | None = None  # 4343: AC acknowledge with detail, NA not needed; a verdict: AP accepted, RE rejected
    issued: Moment | None = None
    requested_delivery: Moment | None = None
    cancel_after: Moment | None = None
    dates: list[Date] = []
    gross_weight: Decimal | None = None  # of all that is ordered
    weight_unit: str | None = None  # 6411
    volume: Decimal | None = None
    volume_unit: str | None = None
    conditions: list[Condition] = []
    sales_condition: str | None = None  # X12 DE 563: N no back order, SC ship complete
    contract: str | None = None
    contract_issued: Moment | None = None
    references: list[Reference] = []
    notes: list[Note] = []
    parties: list[Party] = []
    contacts: list[Contact] = []  # of the sender, beside those of the parties
    taxes: list[Tax] = []
    currency: str | None = None  # ISO 4217
    exchange_currency: str | None = None
    exchange_rate: Decimal | None = None
    exchange_date: Moment | None = None  # of the rate
    exchange_until: Moment | None = None  # the last day on which it holds
    terms: list[PaymentTerm] = []
    transport: list[Transport] = []
    delivery_terms: str | None = None  # 4053: Incoterms
    delivery_terms_function: str | None = None  # 4055
    freight_payment: str | None = None  # 4215: PP prepaid, CC collect
    delivery_place: str | None = None  # that the terms name
    delivery_place_code: str | None = None  # 3225, UN/LOCODE
    delivery_place_kind: str | None = None  # X12 DE 309, where the terms don't tell: OR origin, DE destination
    packaging: list[Packaging] = []
    allowances: list[Allowance] = []
    total: Decimal | None = None
    amounts: list[Amount] = []  # other totals


class Order(OrderHeading):
    type: str | None = None  # 1001: 220 order, 221 blanket order, 224 rush order
    release: str | None = None
    lines: list[OrderLine] = []
