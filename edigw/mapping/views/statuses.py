# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""Views of the transport status.

An IFTSTA numbers its consignments (`ConsignmentsInSequence`). A 214 is about one shipment, whose carrier it names first
(`ShipmentStatus`): a status is one code, which also says where it happened ("arrived at the pick-up location") and
whether it is an estimate or an appointment; what else is said stands beside it in its LX loop. From 004030 on there is
nothing but LX loops (`ShipmentStatusByLoop`).
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from msgspec.structs import asdict, replace

from edigw.documents import (
    Consignment,
    Date,
    Equipment,
    Goods,
    Location,
    Moment,
    Note,
    PackageId,
    Part,
    Party,
    Reference,
    StatusReason,
    Transport,
    TransportEvent,
    TransportStatus,
)
from edigw.mapping.codes import code_list
from edigw.mapping.loss import Entry

_CARRIER, _SCAC = "CA", "182"  # 3035, 3055
_CARRIER_NUMBER = "CN"  # 1153
_ORDER = "ON"
_ORIGINAL = "9"
_GENERAL = "AAI"  # 4451
_HERE = "14"  # 3227: location of goods
_NORMAL = "NS"  # X12 DE 1651: the status has no particular reason
_APPOINTMENTS = frozenset({"17", "63", "64", "69", "191", "200", "234", "235"})
"""2005 codes of dates that DE 1652 has appointments for."""


# IFTSTA


class ConsignmentInSequence(Consignment):
    sequence: str | None = None


class ConsignmentsInSequence(TransportStatus):
    """A transport status whose consignments are counted from 1."""

    consignments: list[ConsignmentInSequence] = []  # type: ignore[assignment]


def _told(consignments: list[Consignment]) -> list[Consignment]:
    """Without consignments and events of which nothing is said."""
    told = [replace(c, events=[event for event in c.events if event != TransportEvent()]) for c in consignments]
    return [consignment for consignment in told if consignment != Consignment()]


def consignments_in_sequence(status: TransportStatus, lost: list[Entry]) -> ConsignmentsInSequence:
    counted = [
        ConsignmentInSequence(**asdict(consignment), sequence=str(number))
        for number, consignment in enumerate(_told(status.consignments), 1)
    ]
    return ConsignmentsInSequence(**{**asdict(status), "consignments": counted})


def from_consignments_in_sequence(view: ConsignmentsInSequence) -> TransportStatus:
    consignments = [
        Consignment(id=counted.id, locations=counted.locations, events=counted.events) for counted in view.consignments
    ]
    return TransportStatus(**{**asdict(view), "consignments": _told(consignments)})


# 214


class StatusDetail(Part):
    """AT7, MS1 and MS2. `status` is a code of `shipment_statuses.csv`: type, "@" and place, "/" and kind of date."""

    status: str | None = None
    reason: str | None = None
    appointment: str | None = None  # 2005
    appointment_reason: str | None = None
    at: Moment | None = None
    text: str | None = None
    more_reasons: list[StatusReason] = []
    dates: list[Date] = []
    place: str | None = None
    place_id: str | None = None
    place_name: str | None = None
    region: str | None = None
    country: str | None = None
    equipment: list[Equipment] = []


class OrderNumber(Part):
    """A purchase order that a loop of its own names (PRF, OID)."""

    id: str | None = None


class StatusLoop(Part):
    """One LX loop."""

    sequence: str | None = None
    shipment: str | None = None  # another one than that of the heading
    number: str | None = None  # of the document
    statuses: list[StatusDetail] = []
    locations: list[Location] = []
    references: list[Reference] = []
    orders: list[OrderNumber] = []
    notes: list[Note] = []
    parties: list[Party] = []
    transport: list[Transport] = []
    goods: list[Goods] = []
    sscc: list[PackageId] = []
    tracking: list[PackageId] = []


class ShipmentStatus(TransportStatus):
    """A transport status as one shipment with its carrier. `consignments` stays empty."""

    carrier_reference: str | None = None
    shipment: str | None = None
    carrier: str | None = None
    others: list[Reference] = []
    route: list[Transport] = []
    sscc: list[PackageId] = []
    tracking: list[PackageId] = []
    loops: list[StatusLoop] = []


class ShipmentStatusByLoop(ShipmentStatus):
    """The same, with what is said of the whole shipment in the first loop."""


@cache
def _known() -> dict[str, str]:
    """What X12 has a code for, and what the code is read back as."""
    codes = code_list("shipment_statuses", "x12", "005010")
    return {said: codes.read[code] for said, code in codes.write.items()}


@cache
def _reasons() -> frozenset[str]:
    return frozenset(code_list("shipment_status_reasons", "x12", "005010").write)


class _Key(NamedTuple):
    """What a code of `shipment_statuses.csv` says."""

    type: str | None
    place: str | None
    when: str | None

    @classmethod
    def of(cls, code: str) -> _Key:
        rest, _, when = code.partition("/")
        kind, _, place = rest.partition("@")
        return cls(kind or None, place or None, when or None)

    def __str__(self) -> str:
        return f"{self.type or ''}{f'@{self.place}' if self.place else ''}{f'/{self.when}' if self.when else ''}"


def shipment_status(status: TransportStatus, lost: list[Entry], normal: str | None = _NORMAL) -> ShipmentStatus:
    """The first consignment is that of the heading. A loop for each status. `normal` is the reason where none is given:
    up to 004060 each status has one."""
    fields = asdict(status)
    references, carrier_reference = list(status.references), None
    own = next((ref for ref in references if ref == Reference(type=_CARRIER_NUMBER, id=ref.id) and ref.id), None)
    if own is not None:
        references.remove(own)
        carrier_reference = own.id
    consignments = _told(status.consignments)
    first = consignments[0] if consignments else Consignment()
    if carrier_reference is None and first.id is not None:
        carrier_reference = first.id
        lost.append(("defaulted", (), "carrier_reference", first.id, "the message must say it"))
    carriers = [party for party in status.parties if _is_carrier(party)]
    parties = [party for party in status.parties if party is not (carriers[0] if carriers else None)]
    loops = _loops(consignments, normal)
    for index, loop in enumerate(loops):
        loop.sequence = str(index + 1)
        for position, detail in enumerate(loop.statuses):
            _as_written(detail, (((), "loops", index), "statuses", position), lost)
    route = loops[0].transport if loops else []
    if loops:
        loops[0].transport = []
    fields |= {
        "purpose": None if status.purpose == _ORIGINAL else status.purpose,
        "references": references,
        "parties": parties,
        "notes": list(map(_plain, status.notes)),
        "consignments": [],
        "carrier_reference": carrier_reference,
        "shipment": first.id,
        "carrier": carriers[0].id if carriers else None,
        "route": [replace(leg, carrier_scheme=_unless(leg.carrier_scheme, _SCAC)) for leg in route],
        "loops": loops,
    }
    return ShipmentStatus(**fields)


def _is_carrier(party: Party) -> bool:
    return party == Party(role=_CARRIER, id=party.id, id_scheme=_SCAC) and party.id is not None


def _unless(value: str | None, usual: str) -> str | None:
    return None if value == usual else value


def _plain(note: Note) -> Note:
    return replace(note, subject=_unless(note.subject, _GENERAL))


def _general(note: Note) -> Note:
    return replace(note, subject=_GENERAL) if note.subject is None else note


def _loops(consignments: list[Consignment], normal: str | None) -> list[StatusLoop]:
    loops: list[StatusLoop] = []
    for index, consignment in enumerate(consignments):
        made = [_loop(event, normal) for event in consignment.events]
        if not made and (index or consignment.locations):
            made = [StatusLoop()]
        if made:
            made[0].locations = consignment.locations
        for loop in made:
            loop.shipment = consignment.id if index else None
        loops += made
    return loops


def _loop(event: TransportEvent, normal: str | None) -> StatusLoop:
    goods = [replace(item, sscc=[], tracking=[]) for item in event.goods]
    return StatusLoop(
        statuses=[_detail(event, normal)],
        references=event.references,
        notes=list(map(_plain, event.notes)),
        parties=event.parties,
        transport=event.transport,
        goods=[item for item in goods if item != Goods()],
        sscc=[sscc for item in event.goods for sscc in item.sscc],
        tracking=[number for item in event.goods for number in item.tracking],
    )


def _detail(event: TransportEvent, normal: str | None) -> StatusDetail:
    expected = event.dates[0].type if event.at is None and event.dates else None
    asked = _Key(event.type, event.place, expected)
    keys = [asked, asked._replace(place=None), asked._replace(when=None), asked._replace(place=None, when=None)]
    key = next((key for key in keys if str(key) in _known()), keys[-1])
    reasons = list(event.reasons)
    reason = normal
    if reasons and reasons[0].code in _reasons() and event.type is not None:
        reason = reasons[0].code
        reasons[0] = replace(reasons[0], code=None)
    detail = StatusDetail(
        text=event.text,
        more_reasons=[said for said in reasons if said != StatusReason()],
        at=event.at,
        dates=event.dates,
        place=event.place if key.place is None else None,
        place_id=event.place_id,
        place_name=event.place_name,
        region=event.region,
        country=event.country,
        equipment=event.equipment,
    )
    if event.type is not None:
        detail.status, detail.reason = str(key), reason
    elif expected in _APPOINTMENTS:
        detail.appointment, detail.appointment_reason = expected, normal
    if key.when is not None or detail.appointment is not None:
        detail.at, detail.dates = event.dates[0].at, event.dates[1:]
    if detail.place == _HERE and (event.place_name, event.region, event.country) != (None, None, None):
        detail.place = None
    return detail


def _as_written(detail: StatusDetail, path: Any, lost: list[Entry]) -> None:
    """A status without a code of its own becomes the one whose code it gets."""
    written = _known().get(detail.status or "", detail.status)
    if written != detail.status:
        lost.append(("changed", path, "", detail.status, f"{detail.status} is written as {written}"))
        detail.status = written


def from_shipment_status(view: ShipmentStatus) -> TransportStatus:
    """What an LX loop says beside its statuses holds for each of them."""
    consignments: dict[str | None, Consignment] = {}
    if view.shipment is not None:
        consignments[None] = Consignment(id=view.shipment)
    for number, loop in enumerate(view.loops):
        key = None if loop.shipment == view.shipment else loop.shipment
        consignment = consignments.setdefault(key, Consignment(id=key))
        consignment.locations = consignment.locations + loop.locations
        events = [_event(loop, detail) for detail in loop.statuses]
        if number == 0 and events:
            _add_goods(events[0], [], view.sscc, view.tracking)
            legs = [
                replace(leg, carrier_scheme=leg.carrier_scheme or (_SCAC if leg.carrier else None))
                for leg in view.route
            ]
            events[0].transport = legs + events[0].transport
        consignment.events = consignment.events + events
    fields = {name: value for name, value in asdict(view).items() if name in TransportStatus.__struct_fields__}
    carrier_numbers = [Reference(type=_CARRIER_NUMBER, id=view.carrier_reference)] if view.carrier_reference else []
    carriers = [Party(role=_CARRIER, id=view.carrier, id_scheme=_SCAC)] if view.carrier is not None else []
    fields |= {
        "purpose": view.purpose or _ORIGINAL,
        "references": carrier_numbers + view.others + view.references,
        "parties": carriers + view.parties,
        "notes": list(map(_general, view.notes)),
        "consignments": _told(list(consignments.values())),
    }
    return TransportStatus(**fields)


def _event(loop: StatusLoop, detail: StatusDetail) -> TransportEvent:
    key = _Key.of(detail.status) if detail.status in _known() else _Key(detail.status, None, None)
    place = key.place or detail.place
    if place is None and (detail.place_name, detail.region, detail.country) != (None, None, None):
        place = _HERE
    when = key.when or detail.appointment
    reasons = [StatusReason(code=detail.reason)] if detail.reason not in (None, _NORMAL) else []
    event = TransportEvent(
        type=key.type,
        text=detail.text,
        reasons=reasons + detail.more_reasons,
        at=None if when else detail.at,
        dates=[Date(type=when, at=detail.at), *detail.dates] if when else detail.dates,
        place=place,
        place_id=detail.place_id,
        place_name=detail.place_name,
        region=detail.region,
        country=detail.country,
        equipment=detail.equipment,
        references=loop.references + [Reference(type=_ORDER, id=order.id) for order in loop.orders],
        notes=list(map(_general, loop.notes)),
        parties=loop.parties,
        transport=loop.transport,
    )
    _add_goods(event, loop.goods, loop.sscc, loop.tracking)
    return event


def _add_goods(event: TransportEvent, goods: list[Goods], sscc: list[PackageId], tracking: list[PackageId]) -> None:
    """Numbers of packages are those of the first goods."""
    items = [replace(item) for item in (goods or event.goods)]
    if sscc or tracking:
        items = items or [Goods()]
        items[0] = replace(items[0], sscc=sscc + items[0].sscc, tracking=tracking + items[0].tracking)
    event.goods = items


# 214 from 004030 on


_OF_SHIPMENT = ("references", "notes", "parties", "sscc", "tracking")


def shipment_status_by_loop(
    status: TransportStatus, lost: list[Entry], normal: str | None = None
) -> ShipmentStatusByLoop:
    """What is said of the shipment moves into the first loop."""
    view = ShipmentStatusByLoop(**asdict(shipment_status(status, lost, normal)))
    said: dict[str, Any] = {name: getattr(view, name) for name in _OF_SHIPMENT}
    if view.id is not None or any(said.values()) or view.loops:
        first, *others = view.loops or [StatusLoop(sequence="1")]
        moved = {name: values + getattr(first, name) for name, values in said.items()}
        view.loops = [replace(first, **moved, number=view.id), *others]
        view.id = None
        for name in _OF_SHIPMENT:
            setattr(view, name, [])
    return view


def from_shipment_status_by_loop(view: ShipmentStatusByLoop) -> TransportStatus:
    """What the first loop says beside its statuses is of the shipment."""
    if not view.loops:
        return from_shipment_status(view)
    first, *others = view.loops
    moved = {name: getattr(first, name) for name in _OF_SHIPMENT}
    bare = replace(first, number=None, **{name: [] for name in _OF_SHIPMENT})
    loops = others if bare == StatusLoop(sequence=bare.sequence) else [bare, *others]
    return from_shipment_status(replace(view, **moved, id=first.number, loops=loops))
