"""The transport status: what happened to consignments on their way. UBL 2: TransportationStatus; EDIFACT: IFTSTA;
X12: 214."""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from decimal import Decimal

from edigw.documents.common import Date, Equipment, Location, Note, Part, Party, Reference, Transport
from edigw.documents.moment import Moment


class StatusReason(Part):
    """Why something happened, or did not."""

    code: str | None = None  # 9013: 63 weather conditions, 7 business closed
    text: str | None = None


class PackageId(Part):
    """The number of one package."""

    id: str | None = None


class Goods(Part):
    """What a status speaks of, where that is not the whole consignment."""

    number: str | None = None  # of the goods item
    count: int | None = None  # of packages
    type: str | None = None  # 7065, UN/ECE Recommendation 21: CT carton, PX pallet
    gross_weight: Decimal | None = None
    weight_unit: str | None = None  # 6411
    volume: Decimal | None = None
    volume_unit: str | None = None
    marks: str | None = None
    sscc: list[PackageId] = []  # serial shipping container codes, 18 digits
    tracking: list[PackageId] = []  # the carrier's numbers of packages


class TransportEvent(Part):
    """One status of a consignment. UBL: TransportEvent.

    Where `at` is not said, the first of `dates` tells when something is expected: 17 and 132 are estimates, 69, 63, 64
    appointments.
    """

    type: str | None = None  # UN/ECE Recommendation 24: 24 departed, 21 delivered, 1 arrived
    text: str | None = None
    reasons: list[StatusReason] = []
    at: Moment | None = None
    dates: list[Date] = []
    place: str | None = None  # 3227, what the place is: 88 where the goods were picked up, 7 of delivery, 13 on the way
    place_id: str | None = None  # UN/LOCODE or GLN
    place_name: str | None = None  # a city
    region: str | None = None  # country subdivision
    country: str | None = None  # ISO 3166-1 alpha-2
    references: list[Reference] = []
    notes: list[Note] = []
    parties: list[Party] = []
    transport: list[Transport] = []
    equipment: list[Equipment] = []
    goods: list[Goods] = []


class Consignment(Part):
    id: str | None = None  # the consignor's number of it
    locations: list[Location] = []
    events: list[TransportEvent] = []


class TransportStatus(Part):
    id: str | None = None
    purpose: str | None = None  # 1225: 9 original
    issued: Moment | None = None
    dates: list[Date] = []
    references: list[Reference] = []
    locations: list[Location] = []
    notes: list[Note] = []
    parties: list[Party] = []
    consignments: list[Consignment] = []
