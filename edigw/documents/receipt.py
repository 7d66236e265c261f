"""The receiving advice: what of a despatch arrived, and in which state. UBL 2: ReceiptAdvice; EDIFACT: RECADV; X12:
861."""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from decimal import Decimal

from edigw.documents.common import (
    Characteristic,
    Contact,
    Date,
    Equipment,
    ItemId,
    Measure,
    Note,
    Packaging,
    Part,
    Party,
    Quantity,
    Reference,
    Transport,
)
from edigw.documents.despatch import Lot, Serial
from edigw.documents.moment import Moment


class Discrepancy(Part):
    """Goods that are not as they were ordered or advised. UBL: ShortQuantity, OversupplyQuantity, RejectedQuantity with
    their reasons.

    `quantity` says how many, and is not negative: 3 short, 2 over, 4 damaged. Only where `type` names the quantity that
    it is compared with (12 despatched, 21 ordered, 46 delivered) it is the difference, negative where too few came.
    """

    type: str | None = (
        None  # 6063: 119 short, 121 over, 124 damaged, 195 to be returned, 196 to be destroyed, 185 rejected
    )
    quantity: Decimal | None = None
    unit: str | None = None  # 6411; None: that of the line
    nature: str | None = None  # 4221: AF delivered damaged, AC over-shipped, AE not advised
    reason: str | None = None  # 4295: AT not ordered, PC pack difference
    text: str | None = None


class State(Part):
    """In which state goods were found, and what shall be done about it."""

    observed: str | None = None  # 7001: 1 upon receipt
    code: str | None = None  # 7007: 4 damaged, 2 missing
    text: str | None = None
    action: str | None = None  # 4401: AG send replacement, AA send credit note


class ReceiptLine(Part):
    number: str | None = None
    order: str | None = None  # the buyer's order number
    order_line: str | None = None
    order_issued: Moment | None = None
    order_release: str | None = None
    sales_order: str | None = None  # the supplier's number of the order
    contract: str | None = None
    despatch: str | None = None  # the number of the despatch advice
    despatch_line: str | None = None
    ids: list[ItemId] = []
    description: str | None = None
    characteristics: list[Characteristic] = []
    quantity: Decimal | None = None  # received
    unit: str | None = None  # 6411
    accepted: Decimal | None = None
    accepted_unit: str | None = None
    returned: Decimal | None = None  # received, not accepted, and sent back
    returned_unit: str | None = None
    despatched: Decimal | None = None
    despatched_unit: str | None = None
    ordered: Decimal | None = None
    ordered_unit: str | None = None
    quantities: list[Quantity] = []
    discrepancies: list[Discrepancy] = []
    states: list[State] = []
    lots: list[Lot] = []
    serials: list[Serial] = []
    received: Moment | None = None
    dates: list[Date] = []
    measures: list[Measure] = []
    references: list[Reference] = []
    notes: list[Note] = []
    parties: list[Party] = []


class ReceiptPackage(Part):
    """A handling unit as it arrived. Packages may stand inside packages."""

    type: str | None = None  # 7065, UN/ECE Recommendation 21: CT carton, PX pallet
    sscc: str | None = None  # 18 digits
    tracking: str | None = None  # the carrier's number
    marks: str | None = None
    discrepancies: list[Discrepancy] = []
    states: list[State] = []
    packages: list[ReceiptPackage] = []
    lines: list[ReceiptLine] = []


class ReceiptAdvice(Part):
    id: str | None = None
    purpose: str | None = None  # 1225: 9 original
    issued: Moment | None = None
    received: Moment | None = None
    despatched: Moment | None = None
    dates: list[Date] = []
    references: list[Reference] = []
    notes: list[Note] = []
    parties: list[Party] = []
    contacts: list[Contact] = []  # of the sender, beside those of the parties
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    packaging: list[Packaging] = []
    transport: list[Transport] = []
    equipment: list[Equipment] = []
    packages: list[ReceiptPackage] = []
    lines: list[ReceiptLine] = []  # goods that are in no package, or in one that is not told
