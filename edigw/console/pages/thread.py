"""The thread of an order: every message about it on one time line, on both sides of the gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from edigw.console.asking import EVERYBODY, Ask, Page, Refused
from edigw.console.render import render
from edigw.console.words import shown
from edigw.gateway.desk import partners_view, queries
from edigw.gateway.desk.axes import axes
from edigw.store.schema import reference

if TYPE_CHECKING:
    from starlette.responses import Response

_LONGEST = 80
_WRONG = ("bad", "warn")


def _show(ask: Ask) -> Response:
    order = ask.query.get("order", "").strip()
    if len(order) > _LONGEST or "\0" in order:
        raise Refused(HTTPStatus.BAD_REQUEST, "There is no order with such a number")
    if not order:
        return render(ask, "threads.html", here="/threads", order="", threads=[])
    context = ask.context
    with context.database.read() as conn:
        told = queries.thread(conn, context.payloads, order, ask.only)
        if ask.only:
            told = [partners_view.of_thread(each, ask.only) for each in told]
        threads = [_thread(conn, each) for each in told if each["messages"]]
    status = HTTPStatus.OK if threads else HTTPStatus.NOT_FOUND
    return render(ask, "threads.html", here="/threads", order=order, threads=threads, status=status)


def _thread(conn: Connection, told: Mapping[str, Any]) -> dict[str, Any]:
    messages: Sequence[Mapping[str, Any]] = told["messages"]
    states = axes(conn, [m["id"] for m in messages])
    left = messages[0]["sender"]
    right = next((code for code in told["partners"] if code != left), left)
    names = select(reference.c.kind, reference.c.value).where(reference.c.message.in_([m["id"] for m in messages]))
    references: dict[str, list[str]] = {}
    for kind, value in conn.execute(names.distinct().order_by(reference.c.kind, reference.c.value)):
        references.setdefault(kind, []).append(value)
    return {
        "left": left,
        "right": right,
        "partners": told["partners"],
        "rows": list(_rows(messages, states, left)),
        "wrong": list(_wrong(messages, states)),
        "references": references,
        "events": told["events"],
        "messages": len(messages),
    }


def _rows(messages: Sequence[Mapping[str, Any]], states: Mapping[str, Any], left: str) -> Iterator[dict[str, Any]]:
    """One row for each message as it came, with what it became; or for what went out alone."""
    known = {m["id"] for m in messages}
    for one in messages:
        if one["source"] in known:
            continue
        became = [m for m in messages if m["source"] == one["id"]]
        from_left = one["sender"] == left
        own, others = _cell(one, states), [_cell(m, states) for m in became]
        yield {
            "at": one["created_at"],
            "from_left": from_left,
            "left": [own] if from_left else others,
            "right": others if from_left else [own],
        }


def _cell(one: Mapping[str, Any], states: Mapping[str, Any]) -> dict[str, Any]:
    sent = one["state"] == "sent" or one["source"] is not None
    axis = "acknowledgement" if sent and states[one["id"]]["acknowledgement"]["state"] != "none" else "delivery"
    axis = axis if sent else "validation"
    kind = shown(axis, states[one["id"]][axis]["state"]).kind
    return {
        "message": one,
        "axis": axis,
        "state": states[one["id"]][axis]["state"],
        "mark": {"bad": "at", "warn": "wt"}.get(kind, ""),
    }


def _wrong(messages: Sequence[Mapping[str, Any]], states: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What somebody has to look at, and with whom it lies."""
    for one in messages:
        sent = one["source"] is not None
        for axis in ("delivery", "acknowledgement") if sent else ("validation",):
            told = shown(axis, states[one["id"]][axis]["state"])
            if told.kind in _WRONG:
                with_whom = (
                    one["receiver"] if axis == "acknowledgement" else one["sender"] if not sent else "the gateway"
                )
                yield {"message": one, "axis": axis, "state": states[one["id"]][axis]["state"], "with": with_whom}


PAGES = (Page("/threads", _show, EVERYBODY),)
