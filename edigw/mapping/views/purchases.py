"""The views of orders, order changes and order responses, put together from their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec.structs import asdict, replace

from edigw.documents import (
    Order,
    OrderChange,
    OrderChangeLine,
    OrderHeading,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
)
from edigw.mapping.loss import Entry
from edigw.mapping.views import orders, responses
from edigw.mapping.views.markings import MARKED, put_marks, take_marks
from edigw.mapping.views.numbered import NUMBERED, put_dated, take_numbered
from edigw.mapping.views.orders import LineShape, plain, struct
from edigw.mapping.views.responses import Acknowledged, Delivery, Stated
from edigw.mapping.views.terms import from_groups, grouped, to_groups
from edigw.mapping.views.terms_places import PLACED, put_place, take_place

Views: TypeAlias = dict[str, tuple[type, Callable[[Any, list[Entry]], Any], Callable[[Any], Any]]]


def _acknowledged(view: Any, path: Any, lost: list[Entry]) -> None:
    orders.order_line(view, path, lost)
    responses.acknowledge(view, path, lost)


def _acknowledged_change(view: Any, path: Any, lost: list[Entry]) -> None:
    orders.change_line(view, path, lost)
    responses.acknowledge(view, path, lost)


def _restored_change(view: Any) -> None:
    responses.from_acknowledgements(view)
    orders.restore_change(view)


_BUYER, _SUPPLIER = "BY", "SU"  # 3035
_ACKS: dict[str, Any] = {"acknowledgements": list[Acknowledged]}
_ORDER = LineShape(OrderLine, finish=orders.order_line)
_CHANGE = LineShape(OrderChangeLine, None, orders.change_line, orders.restore_change)
_RESPONSE = LineShape(OrderResponseLine, _ACKS, _acknowledged, responses.from_acknowledgements)
_ANSWER = LineShape(OrderResponseLine, _ACKS, _acknowledged_change, _restored_change)


def _x12(document: type[OrderHeading], shape: LineShape, number: str = "", sequence: bool = False) -> Any:
    """X12: components in their lines; `number` is the field with the number of an order change."""
    more: dict[str, Any] = {"lines": list[shape.line]}  # type: ignore[name-defined]
    more |= {**PLACED, **MARKED, **NUMBERED}
    cls = struct(f"{document.__name__}WithComponents", document, sequence=str | None, **more)

    def to_view(item: Any, lost: list[Entry]) -> Any:
        view = cls(**asdict(item))
        view.lines = shape.to_view(item.lines, lost)
        put_place(view, lost)
        put_marks(view)
        if number:
            orders.with_order_date(view, lost)
            orders.put_number(view, number, sequence)
        if document is OrderResponse:
            orders.put_own_number(view)
        put_dated(view)
        return view

    def from_view(view: Any) -> Any:
        view = replace(view, lines=shape.from_view(view.lines))
        take_place(view)
        take_marks(view)
        take_numbered(view)
        if document is OrderResponse:
            orders.take_own_number(view)
        if number:
            orders.take_number(view, number)
        return plain(document, view)

    return cls, to_view, from_view


def _edifact(document: type[Order] | type[OrderChange]) -> Any:
    cls = grouped(document)

    def to_view(item: Order | OrderChange, lost: list[Entry]) -> Any:
        view = to_groups(cls, item, lost)
        orders.put_contacts(view, _BUYER, lost)
        if isinstance(view, OrderChange):
            orders.number_of_order(view, lost)
        return view

    def from_view(view: Any) -> Any:
        return from_groups(document, view)

    return cls, to_view, from_view


def _edifact_response() -> Any:
    fields: dict[str, Any] = {"quantities": list[Stated], "deliveries": list[Delivery]}
    line = struct("OrderResponseLineByDelivery", OrderResponseLine, **fields)
    lines: dict[str, Any] = {"lines": list[line]}  # type: ignore[valid-type]
    cls = struct("OrderResponseByDelivery", grouped(OrderResponse), **lines)

    def to_view(response: OrderResponse, lost: list[Entry]) -> Any:
        view = to_groups(cls, response, lost)
        view.lines = [responses.to_deliveries(line, item) for item in view.lines]
        orders.put_contacts(view, _SUPPLIER, lost)
        orders.number_of_order(view, lost)
        responses.to_purpose(view)
        return view

    def from_view(view: Any) -> OrderResponse:
        response = from_groups(OrderResponse, view)
        response.lines = [responses.from_deliveries(item) for item in view.lines]
        responses.from_purpose(response)
        return response

    return cls, to_view, from_view


PURCHASE_VIEWS: Views = {
    "order_by_line": _x12(Order, _ORDER),
    "change_by_line": _x12(OrderChange, _CHANGE, "id", sequence=True),
    "response_by_line": _x12(OrderResponse, _RESPONSE, "change"),
    "answer_by_line": _x12(OrderResponse, _ANSWER, "change", sequence=True),
    "order_by_term": _edifact(Order),
    "change_by_term": _edifact(OrderChange),
    "response_by_term": _edifact_response(),
}
