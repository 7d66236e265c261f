"""Orders, their changes and responses in the shape of X12.

X12 puts what a line is made of (components, the content of a kit) into SLN loops inside of it, where the documents, as
EDIFACT, name the parent line (`by_line`). One element (PO105, DE 639) says what the price is for and of which kind it
is. A schedule has two dates. And the number of an order change has eight characters (DE 327); a longer one is a
reference.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec.structs import asdict, astuple, replace

from edigw.documents import (
    Date,
    Moment,
    OrderChange,
    OrderHeading,
    OrderLine,
    OrderResponse,
    Part,
    Party,
    Reference,
    Schedule,
)
from edigw.mapping.loss import Entry
from edigw.mapping.views.item_ids import put_origin, take_origin
from edigw.mapping.views.markings import MARKED, put_marks, take_marks
from edigw.mapping.views.numbered import NUMBERED, put_dated, take_numbered
from edigw.mapping.views.price_codes import code_price, decode_price, put_net_price, take_net_price

REQUESTED = "2"  # 2005
_CHANGE_NUMBER = "PP"  # 1153
_OWN_NUMBER = "TN"  # 1153: transaction reference number
_SEQUENCE_LENGTH = 8  # DE 327
_EACH = "EA"
_RELATIONS = {None: "", "1": "1", "2": "2"}  # 1229 of a component; "": it is included

T = TypeVar("T", bound=Part)


class Plan(Schedule):
    """A schedule with two dates (SCH05 to SCH10); more of them stay in `dates`."""

    type_1: str | None = None
    at_1: Moment | None = None
    type_2: str | None = None
    at_2: Moment | None = None


def struct(name: str, base: type[Part], **more: Any) -> type[Any]:
    """A class of a view: a document's class with further fields behind its own, which are lists or may be None."""
    fields: list[Any] = [
        (key, type_, msgspec.field(default_factory=list) if getattr(type_, "__origin__", None) is list else None)
        for key, type_ in more.items()
    ]
    return msgspec.defstruct(name, fields, bases=(base,), kw_only=True, module=__name__)


def plain(cls: type[T], item: Any) -> T:
    """The fields of a view's item that the document has."""
    fields, view = asdict(item), item.__class__
    for name in _added(view, cls):
        del fields[name]
    return cls(**fields)


@cache
def _added(view: type[Part], cls: type[Part]) -> tuple[str, ...]:
    """The fields that a class of a view has beyond those of the document's."""
    return tuple(name for name in view.__struct_fields__ if name not in cls.__struct_fields__)


# schedules


def _plan(schedule: Schedule) -> Plan:
    dates = _all_dates(schedule)
    first, second = [*dates[:2], Date(), Date()][:2]
    return Plan(
        quantity=schedule.quantity,
        unit=schedule.unit,
        type_1=first.type,
        at_1=first.at,
        type_2=second.type,
        at_2=second.at,
        dates=dates[2:],
    )


def _all_dates(schedule: Schedule) -> list[Date]:
    requested = [] if schedule.delivery is None else [Date(type=REQUESTED, at=schedule.delivery)]
    return requested + schedule.dates


def scheduled(quantity: Decimal | None, unit: str | None, dates: list[Date]) -> Schedule:
    """A schedule with the first date on which delivery is requested as that of its delivery."""
    first = next((date for date in dates if date.type == REQUESTED), None)
    rest = [date for date in dates if date is not first]
    return Schedule(quantity=quantity, unit=unit, delivery=first.at if first else None, dates=rest)


def _from_plan(plan: Plan) -> Schedule:
    said = [Date(type=plan.type_1, at=plan.at_1), Date(type=plan.type_2, at=plan.at_2)]
    return scheduled(plan.quantity, plan.unit, [date for date in said if date != Date()] + plan.dates)


# lines and their components


class LineShape:
    """The lines of one kind of document as X12 has them. `finish(view line, line, path, lost)` and `restore(view line)`
    do what that document needs beyond it."""

    def __init__(
        self,
        cls: type[OrderLine],
        more: dict[str, Any] | None = None,
        finish: Callable[[Any, Any, list[Entry]], None] | None = None,
        restore: Callable[[Any], None] | None = None,
    ) -> None:
        name = cls.__name__
        extra: dict[str, Any] = {"price_code": str | None, "plans": list[Plan], **MARKED, **NUMBERED, **(more or {})}
        self.cls = cls
        self.component = struct(f"{name}Component", cls, relation=str | None, **extra)
        self.line = struct(f"{name}WithComponents", cls, components=list[self.component], **extra)  # type: ignore[name-defined]
        self._finish, self._restore = finish, restore

    def to_view(self, lines: list[Any], lost: list[Entry]) -> list[Any]:
        """Lines with their components in them. A component of a component stands under the line of both."""
        tops = top_lines(lines)
        out: dict[int, Any] = {}
        for index, line in enumerate(lines):
            if tops[index] == index:
                out[index] = self._shaped(self.line, line, ((), "lines", len(out)), lost)
        places = {index: place for place, index in enumerate(out)}
        for index, line in enumerate(lines):
            top = tops[index]
            if top == index:
                continue
            components = out[top].components
            path = (((), "lines", places[top]), "components", len(components))
            component = self._shaped(self.component, line, path, lost)
            if line.parent == lines[top].number:
                component.parent = None
            component.relation = _RELATIONS.get(line.action, "")
            if line.action in _RELATIONS:
                component.action = None
            components.append(component)
        return list(out.values())

    def _shaped(self, cls: type[Any], line: Any, path: Any, lost: list[Entry]) -> Any:
        view = cls(*astuple(line))  # by position: six times as quick as by name
        if line.price is None:
            put_net_price(view, path, lost)
        code_price(view, path, lost)
        if line.origin is not None:
            put_origin(view)
        if line.packaging:
            put_marks(view)
        if line.references and cls is self.line:
            put_dated(view)
        if line.splits:
            put_split_dates(view, path, lost)
        if line.schedules:
            view.plans, view.schedules = list(map(_plan, line.schedules)), []
        if self._finish is not None:
            self._finish(view, path, lost)
        return view

    def from_view(self, lines: list[Any]) -> list[Any]:
        """The lines one after the other, components behind their line."""
        out: list[Any] = []
        for view in lines:
            out.append(self._restored(view))
            for component in view.components:
                line = self._restored(component)
                line.parent = component.parent if component.parent is not None else view.number
                line.action = component.relation or component.action
                out.append(line)
        return out

    def _restored(self, view: Any) -> Any:
        view = replace(view)
        if view.price is None:
            take_net_price(view)
        decode_price(view)
        take_origin(view)
        if view.marks:
            take_marks(view)
        if view.numbered:
            take_numbered(view)
        if view.plans:
            view.schedules = view.schedules + list(map(_from_plan, view.plans))
        if self._restore is not None:
            self._restore(view)
        return self.cls(*astuple(view)[: len(self.cls.__struct_fields__)])


def top_lines(lines: list[Any]) -> list[int]:
    """For each line the index of the one that it is a part of in the end, which is its own where it is of none, or
    where lines are parts of each other. Every line is looked at once."""
    if all(line.parent is None for line in lines):
        return list(range(len(lines)))
    numbers: dict[str, int] = {}
    for index, line in enumerate(lines):
        if line.number is not None:
            numbers.setdefault(line.number, index)
    named = [line.parent for line in lines]
    parents = [index if number is None else numbers.get(number, index) for index, number in enumerate(named)]
    tops: dict[int, int] = {}
    for index in range(len(lines)):
        way: dict[int, None] = {}
        here = index
        while here not in tops and here not in way and parents[here] != here:
            way[here] = None
            here = parents[here]
        circle = here in way
        top = tops.setdefault(here, here)
        tops.update({step: step if circle else top for step in way})
    return [tops[index] for index in range(len(lines))]


def with_unit(view: Any, path: Any, lost: list[Entry], unit: str | None = None) -> None:
    """X12 gives a changed, confirmed or included quantity only with its unit."""
    if view.quantity is not None and view.unit is None:
        view.unit = unit or _EACH
        lost.append(("defaulted", path, "unit", view.unit, "a quantity is said with its unit"))


def change_line(view: Any, path: Any, lost: list[Entry]) -> None:
    """POC03 is not said without POC04 and POC05, the unit of both: what is left to receive is then all that is
    ordered."""
    with_unit(view, path, lost)
    if "components" not in view.__struct_fields__:
        return
    if view.outstanding is not None and view.unit is None:
        view.unit, view.outstanding_unit = view.outstanding_unit, None
    elif view.outstanding is not None and view.outstanding_unit not in (None, view.unit):
        lost.append(("dropped", path, "outstanding", view.outstanding, "it is in another unit than the quantity"))
        view.outstanding = None
    elif view.outstanding is not None:
        view.outstanding_unit = None
    if view.quantity is not None and view.outstanding is None:
        view.outstanding = view.quantity
        lost.append(("defaulted", path, "outstanding", view.quantity, "POC04 is said beside POC03"))


def restore_change(view: Any) -> None:
    """The unit of a changed line is that of what is left to receive, too."""
    if view.outstanding is not None and view.outstanding_unit is None:
        view.outstanding_unit = view.unit


def order_line(view: Any, path: Any, lost: list[Entry]) -> None:
    """SLN04 is not said without SLN05."""
    if "components" not in view.__struct_fields__:
        with_unit(view, path, lost)


def put_split_dates(view: Any, path: Any, lost: list[Entry]) -> None:
    """SDQ has no dates: the one on which all stores get their parts is that of the line, if it has no other."""
    days = {split.delivery for split in view.splits}
    day = next(iter(days))
    if len(days) > 1 or day is None or view.requested_delivery not in (None, day):
        return
    lost.append(("changed", path, "splits", day, "the delivery to each store is written as that of the line"))
    view.requested_delivery = day
    view.splits = [replace(split, delivery=None) for split in view.splits]


# headings


def with_order_date(view: Any, lost: list[Entry]) -> None:
    """A change and a response name the date of the order."""
    if view.order_issued is None and view.issued is not None:
        view.order_issued = view.issued
        lost.append(("defaulted", (), "order_issued", view.issued, "the message must say it"))


def put_number(view: Any, field: str, sequence: bool) -> None:
    """The number of an order change as a sequence number, if that has room for it, or as a reference."""
    number = getattr(view, field)
    setattr(view, field, None)
    if number is None:
        return
    if sequence and len(number) <= _SEQUENCE_LENGTH:
        view.sequence = number
    else:
        view.references = [Reference(type=_CHANGE_NUMBER, id=number), *view.references]


def take_number(view: Any, field: str) -> None:
    """What `put_number` put."""
    if view.sequence is not None:
        setattr(view, field, view.sequence)
    else:
        take_reference(view, field, _CHANGE_NUMBER)


def put_own_number(view: OrderResponse) -> None:
    """A response has no number of its own in X12; it is a reference."""
    if view.id is not None:
        view.references = [Reference(type=_OWN_NUMBER, id=view.id), *view.references]
        view.id = None


def take_own_number(view: OrderResponse) -> None:
    """What `put_own_number` put."""
    take_reference(view, "id", _OWN_NUMBER)


def take_reference(view: OrderHeading, field: str, type_: str) -> None:
    """The first reference of a kind that is nothing but a number, as a field."""
    found = next((r for r in view.references if r == Reference(type=type_, id=r.id)), None)
    if found is not None:
        setattr(view, field, found.id)
        view.references = [reference for reference in view.references if reference is not found]


def put_contacts(view: OrderHeading, role: str, lost: list[Entry]) -> None:
    """EDIFACT has contacts in the groups of parties only: those of the sender stand with the party that it is."""
    if not view.contacts:
        return
    lost.append(("changed", (), "contacts", view.contacts, f"will be read as contacts of the party {role}"))
    sender = next((index for index, party in enumerate(view.parties) if party.role == role), len(view.parties))
    party = [*view.parties, Party(role=role)][sender]
    party = replace(party, contacts=[*party.contacts, *view.contacts])
    view.parties = [*view.parties[:sender], party, *view.parties[sender + 1 :]]
    view.contacts = []


def number_of_order(view: OrderChange | OrderResponse, lost: list[Entry]) -> None:
    """EDIFACT messages have a number of their own; where the document has none, it is that of the order."""
    number = view.sales_order if isinstance(view, OrderResponse) and view.sales_order else view.order
    if view.id is None and number is not None:
        view.id = number
        lost.append(("defaulted", (), "id", number, "the message has a number of its own"))
