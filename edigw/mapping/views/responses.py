# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""Order responses in the shape of each standard.

A line says in `confirmations` what becomes of the quantity. X12 has an ACK segment for each, whose code tells verdict
and kind at once, with a date and the numbers of a substitute. EDIFACT tells the verdict of the line (1229) and the
quantities by kind (QTY); a quantity with dates of its own is in an SCC group, but where all that comes comes at once,
the date is that of the line.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import (
    Confirmation,
    Date,
    ItemId,
    Moment,
    OrderResponse,
    OrderResponseLine,
    Part,
    Quantity,
    Schedule,
)
from edigw.mapping.loss import Entry
from edigw.mapping.views.orders import REQUESTED, plain, scheduled, with_unit

_COMING = frozenset({"113", "94", "12"})
"""6063 codes of what the buyer gets: to be delivered, substituted, despatched."""
_SUBSTITUTED = "94"
_STATUS = {"12": "5/12", "83": "6/83", "185": "7/185", "182": "2/182", "27": "52/27", "94": "6/94"}
"""The statuses (1229/6063) of quantities that have only one; 113 is accepted as ordered or with changes."""
_ACCEPTED, _AMENDED = "5/113", "6/113"
KINDS = frozenset({*_STATUS, "113"})
_AS_WHOLE = {
    "5": _ACCEPTED,
    "4": _ACCEPTED,
    "11": _ACCEPTED,
    "6": _AMENDED,
    "1": _AMENDED,
    "3": _AMENDED,
    "23": _AMENDED,
    "24": _AMENDED,
    "7": "7/185",
    "10": "7/185",
    "2": "2/182",
    "52": "52/27",
}
"""1229 of a line to the status that an ACK says of all of it."""
_MIXED = "6"
_AS_AMENDED = frozenset({"6", "1", "3", "23", "24"})
_COMMITTED = frozenset({"17", "67", "69", "79"})
"""2005 codes of dates on which goods come: delivery estimated, scheduled, promised; shipment promised."""
_ORDERED = "21"
_REASON = ("reason", "reason_list", "reason_agency")


class Acknowledged(Part):
    """An ACK segment, with the date in its loop."""

    status: str | None = None  # 1229/6063
    quantity: Decimal | None = None
    unit: str | None = None
    date_type: str | None = None
    date: Moment | None = None
    ids: list[ItemId] = []
    reason: str | None = None
    reason_list: str | None = None
    reason_agency: str | None = None
    dates: list[Date] = []


class Stated(Quantity):
    """A QTY of a line. There is no place for the reason of a confirmation."""

    reason: str | None = None
    reason_list: str | None = None
    reason_agency: str | None = None


class Delivery(Confirmation):
    """An SCC group: a quantity with dates of its own, confirmed or ordered."""


def normal(line: OrderResponseLine) -> OrderResponseLine:
    """A line with every quantity that confirms among the confirmations, and the dates on which all comes beside what
    comes."""
    stated = [_confirmation(quantity) for quantity in line.quantities if quantity.type in KINDS]
    confirmations = [replace(confirmation) for confirmation in line.confirmations] + stated
    quantities = [quantity for quantity in line.quantities if quantity.type not in KINDS]
    dates = line.dates
    coming = [confirmation for confirmation in confirmations if confirmation.type in _COMING]
    if len(coming) == 1 and not any(confirmation.dates for confirmation in confirmations):
        coming[0].dates = [date for date in dates if date.type in _COMMITTED]
        dates = [date for date in dates if date.type not in _COMMITTED]
    return replace(line, confirmations=confirmations, quantities=quantities, dates=dates)


def _confirmation(stated: Quantity) -> Confirmation:
    reasons = {name: getattr(stated, name) for name in _REASON} if isinstance(stated, Stated) else {}
    return Confirmation(type=stated.type, quantity=stated.value, unit=stated.unit, **reasons)


# X12


def acknowledge(view: Any, path: Any, lost: list[Entry]) -> None:
    """Confirmations, substitutes and the verdict of a line as `acknowledgements`. What no ACK can say stays where it is
    and is reported."""
    line = normal(view)
    view.quantities, view.dates = line.quantities, line.dates
    sayable = [confirmation for confirmation in line.confirmations if confirmation.type in KINDS]
    view.confirmations = [confirmation for confirmation in line.confirmations if confirmation.type not in KINDS]
    kinds = {confirmation.type for confirmation in sayable}
    amended = line.action in _AS_AMENDED and kinds == {"113"} and not line.substitutes
    acks = [_acknowledged(confirmation, amended) for confirmation in sayable]
    for index, ack in enumerate(acks):
        with_unit(ack, (path, "acknowledgements", index), lost, line.unit)
    if line.substitutes:
        home = next((ack for ack in acks if ack.status == _STATUS[_SUBSTITUTED]), None)
        if home is None:
            home = Acknowledged(status=_STATUS[_SUBSTITUTED])
            acks.append(home)
        home.ids = line.substitutes
    if not acks and line.action in _AS_WHOLE:
        acks.append(Acknowledged(status=_AS_WHOLE[line.action]))
    view.acknowledgements, view.substitutes = acks, []
    if not acks:
        return
    verdict = _verdict(acks)
    if line.action is None:
        lost.append(("defaulted", path, "action", verdict, "it follows from what is confirmed"))
    elif line.action != verdict:
        lost.append(("changed", path, "action", line.action, f"will be read as {verdict}"))
    view.action = None


def _acknowledged(confirmation: Confirmation, amended: bool) -> Acknowledged:
    first, rest = [*confirmation.dates[:1], Date()][0], confirmation.dates[1:]
    fields = asdict(confirmation) | {"dates": rest, "date_type": first.type, "date": first.at}
    type_ = fields.pop("type")
    return Acknowledged(status=_STATUS.get(type_, _AMENDED if amended else _ACCEPTED), **fields)


def _verdict(acks: list[Acknowledged]) -> str | None:
    """1229 of a line: what all its ACK segments say, or that it is amended."""
    said = {ack.status.partition("/")[0] for ack in acks if ack.status is not None}
    return next(iter(said)) if len(said) == 1 else _MIXED if said else None


def from_acknowledgements(view: Any) -> None:
    """What `acknowledge` made of a line. Item numbers beside an ACK that tells of no substitute are the item's own, or
    its substitute's if they contradict."""
    view.ids, view.substitutes = list(view.ids), list(view.substitutes)
    confirmations = list(view.confirmations)
    for ack in view.acknowledgements:
        type_ = None if ack.status is None else ack.status.partition("/")[2]
        first = Date(type=ack.date_type, at=ack.date)
        confirmation = Confirmation(
            quantity=ack.quantity,
            unit=ack.unit,
            dates=[*([first] if first != Date() else []), *ack.dates],
            reason=ack.reason,
            reason_list=ack.reason_list,
            reason_agency=ack.reason_agency,
        )
        if confirmation != Confirmation():
            confirmations.append(replace(confirmation, type=type_))
        for item in ack.ids:
            _place(item, view, substitute=type_ == _SUBSTITUTED)
    if view.acknowledgements:
        view.action = _verdict(view.acknowledgements)
    line = normal(replace(view, confirmations=confirmations))
    view.confirmations, view.quantities, view.dates = line.confirmations, line.quantities, line.dates


def _place(item: ItemId, view: Any, substitute: bool) -> None:
    if substitute or (item not in view.ids and any(other.scheme == item.scheme for other in view.ids)):
        view.substitutes.append(item)
    elif item not in view.ids:
        view.ids.append(item)


# EDIFACT


def to_deliveries(cls: type[Any], line: OrderResponseLine) -> Any:
    """A line as `cls`, with `quantities` (`Stated`) and `deliveries`. Kinds of quantities that are none of a
    confirmation stay in `confirmations` and are reported."""
    line = normal(line)
    view = cls(**asdict(line))
    sayable = [confirmation for confirmation in line.confirmations if confirmation.type in KINDS]
    view.confirmations = [confirmation for confirmation in line.confirmations if confirmation.type not in KINDS]
    dated = [confirmation for confirmation in sayable if confirmation.dates]
    if _at_once(line, sayable, dated):
        view.dates = line.dates + dated[0].dates
        dated = []
    stated = [confirmation for confirmation in sayable if confirmation not in dated]
    view.quantities = [Stated(**asdict(quantity)) for quantity in line.quantities]
    view.quantities += [_stated(confirmation) for confirmation in stated]
    view.deliveries = [_ordered(schedule) for schedule in line.schedules]
    view.deliveries += [Delivery(**asdict(confirmation)) for confirmation in dated]
    view.schedules = []
    return view


def _at_once(line: OrderResponseLine, sayable: list[Confirmation], dated: list[Confirmation]) -> bool:
    """Whether all that comes comes on the dates that the line can say for it."""
    coming = [confirmation for confirmation in sayable if confirmation.type in _COMING]
    return (
        coming == dated
        and len(dated) == 1
        and all(date.type in _COMMITTED for date in dated[0].dates)
        and not any(date.type in _COMMITTED for date in line.dates)
    )


def _stated(confirmation: Confirmation) -> Stated:
    reasons = {name: getattr(confirmation, name) for name in _REASON}
    return Stated(type=confirmation.type, value=confirmation.quantity, unit=confirmation.unit, **reasons)


def _ordered(schedule: Schedule) -> Delivery:
    requested = [] if schedule.delivery is None else [Date(type=REQUESTED, at=schedule.delivery)]
    dates = requested + schedule.dates
    return Delivery(type=_ORDERED, quantity=schedule.quantity, unit=schedule.unit, dates=dates)


def from_deliveries(view: Any) -> OrderResponseLine:
    """The line that `to_deliveries` took."""
    line: Any = plain(OrderResponseLine, view)
    line.quantities = [plain(Quantity, stated) for stated in view.quantities if stated.type not in KINDS]
    confirmations = [_confirmation(stated) for stated in view.quantities if stated.type in KINDS]
    for delivery in view.deliveries:
        if delivery.type == _ORDERED:
            line.schedules = [*line.schedules, scheduled(delivery.quantity, delivery.unit, delivery.dates)]
        else:
            confirmations.append(Confirmation(**asdict(delivery)))
    line.confirmations = confirmations + view.confirmations
    return normal(line)


# the verdict as a whole: EDIFACT has it in 1225, too, EANCOM nowhere else

_ORIGINAL = "9"
_PURPOSES = {"AC": "4", "AD": "29", "AP": "29", "RE": "27"}  # 4343 to 1225


def to_purpose(view: OrderResponse) -> None:
    """An original response tells in its purpose whether the order is accepted, changed or rejected."""
    if view.purpose == _ORIGINAL and view.response in _PURPOSES:
        view.purpose = _PURPOSES[view.response]


def from_purpose(view: OrderResponse) -> None:
    """A purpose that is a verdict: an original response with it."""
    if view.purpose is None or view.purpose not in _PURPOSES.values():
        return
    if view.response is None:
        accepted = "AD" if view.lines else "AP"
        view.response = {"4": "AC", "29": accepted, "27": "RE"}[view.purpose]
    if _PURPOSES.get(view.response) == view.purpose:
        view.purpose = _ORIGINAL
