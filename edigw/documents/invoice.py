"""The invoice, and what is made out like one: credit note, debit note, pro-forma invoice. UBL 2: Invoice, CreditNote,
DebitNote; EDIFACT: INVOIC; X12: 810.

Who owes whom is said by the type alone. In a credit note (381) quantities and amounts are what is credited, and carry
no minus; a minus in any of these documents takes something back from it, such as a returned deposit in an invoice.
"""
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

CREDITS = frozenset({"81", "83", "261", "262", "296", "308", "381", "396"})
"""1001 codes of the documents by which the seller owes the buyer."""


class InvoiceLine(Part):
    number: str | None = None
    parent: str | None = None  # the line that this one is a part of
    order: str | None = None  # the buyer's order number
    order_line: str | None = None
    order_issued: Moment | None = None
    despatch: str | None = None  # the number of the despatch advice
    despatch_line: str | None = None
    ids: list[ItemId] = []
    description: str | None = None
    characteristics: list[Characteristic] = []
    quantity: Decimal | None = None  # invoiced; in the unit of the price, for goods that are sold by weight
    unit: str | None = None  # 6411
    despatched: Decimal | None = None
    despatched_unit: str | None = None
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
    amount: Decimal | None = None  # of the line, after its allowances and charges, before tax
    amounts: list[Amount] = []
    measures: list[Measure] = []
    origin: str | None = None  # country, ISO 3166-1
    conditions: list[Condition] = []
    dates: list[Date] = []
    references: list[Reference] = []
    notes: list[Note] = []
    parties: list[Party] = []
    allowances: list[Allowance] = []
    taxes: list[Tax] = []
    splits: list[Split] = []
    packaging: list[Packaging] = []


class Invoice(Part):
    id: str | None = None
    type: str | None = None  # 1001: 380 invoice, 381 credit note, 383 debit note, 384 corrected, 389 self-billed
    purpose: str | None = None  # 1225: 9 original, 7 duplicate, 1 cancellation
    issued: Moment | None = None
    order: str | None = None  # the buyer's order number
    order_issued: Moment | None = None
    order_release: str | None = None
    despatch: str | None = None  # the number of the despatch advice
    despatched: Moment | None = None
    delivered: Moment | None = None
    period_start: Moment | None = None  # that the invoice is for
    period_end: Moment | None = None
    contract: str | None = None
    conditions: list[Condition] = []
    dates: list[Date] = []
    references: list[Reference] = []  # IV, OI: the invoice that a credit note is about
    notes: list[Note] = []
    parties: list[Party] = []
    contacts: list[Contact] = []  # of the sender, beside those of the parties
    default_taxes: list[Tax] = []  # of lines that state none
    currency: str | None = None  # ISO 4217
    exchange_currency: str | None = None
    exchange_rate: Decimal | None = None
    exchange_date: Moment | None = None
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
    lines: list[InvoiceLine] = []
    taxes: list[Tax] = []  # a total for each kind and rate
    lines_total: Decimal | None = None  # of the amounts of the lines
    allowance_total: Decimal | None = None
    charge_total: Decimal | None = None
    taxable: Decimal | None = None  # the total without tax
    tax_total: Decimal | None = None
    total: Decimal | None = None  # with tax, before a discount for paying early
    prepaid: Decimal | None = None
    payable: Decimal | None = None  # what is still to be paid, where it is not the total
    discountable: Decimal | None = None  # the part of the total that a discount for paying early is on
    discount_total: Decimal | None = None  # that discount
    discounted: Decimal | None = None  # what is to be paid if it is taken
    amounts: list[Amount] = []  # other totals
