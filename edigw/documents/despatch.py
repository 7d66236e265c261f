"""The despatch advice (ship notice). UBL 2: DespatchAdvice; EDIFACT: DESADV; X12: 856."""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from decimal import Decimal

from edigw.documents.common import (
    Characteristic,
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
    Split,
    Transport,
)
from edigw.documents.moment import Moment


class Lot(Part):
    """A production lot or batch."""

    id: str | None = None
    best_before: Moment | None = None
    expiry: Moment | None = None
    produced: Moment | None = None
    quantity: Decimal | None = None
    unit: str | None = None  # 6411


class Serial(Part):
    """The serial number of one piece."""

    id: str | None = None


class DespatchLine(Part):
    number: str | None = None
    order: str | None = None  # the buyer's order number
    order_line: str | None = None
    order_issued: Moment | None = None
    order_release: str | None = None
    sales_order: str | None = None  # the supplier's number of the order
    contract: str | None = None
    ids: list[ItemId] = []
    description: str | None = None
    characteristics: list[Characteristic] = []
    quantity: Decimal | None = None  # despatched
    unit: str | None = None  # 6411
    ordered: Decimal | None = None
    ordered_unit: str | None = None
    units_per_pack: Decimal | None = None
    cumulative: Decimal | None = None  # despatched since the agreed date, with this
    cumulative_unit: str | None = None
    quantities: list[Quantity] = []
    lots: list[Lot] = []
    serials: list[Serial] = []
    dates: list[Date] = []
    origin: str | None = None  # country, ISO 3166-1
    measures: list[Measure] = []
    references: list[Reference] = []
    notes: list[Note] = []
    splits: list[Split] = []
    parties: list[Party] = []


class Package(Part):
    """A handling unit: a pallet, a carton. Packages may stand inside packages; what is in all of them together stands
    beside them."""

    count: int | None = None  # how many of the kind, where none has a number of its own; None: one
    type: str | None = None  # 7065, UN/ECE Recommendation 21: CT carton, PX pallet
    information: str | None = None  # 7233: 51 barcoded with ITF-14, 53 with its price marked
    sscc: str | None = None  # 18 digits
    tracking: str | None = None  # the carrier's number
    marks: str | None = None
    labels: list[Serial] = []  # numbers of its labels, which are no SSCC
    tiers: int | None = None  # layers on a pallet
    blocks: int | None = None  # packages in a layer
    units: Decimal | None = None  # pieces in the package
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    measures: list[Measure] = []
    packages: list[Package] = []
    lines: list[DespatchLine] = []


class DespatchAdvice(Part):
    id: str | None = None
    purpose: str | None = None  # 1225: 9 original
    issued: Moment | None = None
    despatched: Moment | None = None
    estimated_delivery: Moment | None = None
    dates: list[Date] = []
    references: list[Reference] = []
    parties: list[Party] = []
    gross_weight: Decimal | None = None
    net_weight: Decimal | None = None
    weight_unit: str | None = None
    net_weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    packaging: list[Packaging] = []
    delivery_terms: str | None = None  # 4053: Incoterms
    delivery_terms_function: str | None = None  # 4055
    freight_payment: str | None = None  # 4215: PP prepaid, CC collect
    delivery_place: str | None = None
    transport: list[Transport] = []
    equipment: list[Equipment] = []
    packages: list[Package] = []
    lines: list[DespatchLine] = []  # goods that are in no package
