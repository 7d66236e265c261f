"""One transmission: its three states, what was found, what came of it, everything that happened, and what is proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from edigw.console.asking import EVERYBODY, Ask, Page, not_found
from edigw.console.render import render
from edigw.console.words import ACTS, FITTING
from edigw.gateway.desk import partners_view, queries
from edigw.gateway.desk.axes import file_axes
from edigw.gateway.desk.listing import orders_of
from edigw.log.note import Checkpoint
from edigw.store.schema import ev_attester, transmission
from edigw.syntax.advice import ADVICE

if TYPE_CHECKING:
    from starlette.responses import Response

_SHOWN = 200  # messages, findings, losses
_SEVERITIES = ("error", "warning", "note", "ignore")
_LOOK = "look at content"
_ICONS = {
    "submission.": ("ok", "in"),
    "validation.passed": ("ok", "ok"),
    "validation.failed": ("bad", "bad"),
    "translation.completed": ("ok", "swap"),
    "translation.failed": ("warn", "hold"),
    "mailbox.": ("", "out"),
    "retrieval.": ("ok", "out"),
    "delivery.completed": ("ok", "out"),
    "delivery.failed": ("bad", "bad"),
    "relay.failed": ("warn", "warn"),
    "relay.rejected": ("bad", "bad"),
    "relay.": ("", "out"),
    "ack.positive": ("ok", "ok"),
    "ack.negative": ("bad", "bad"),
    "ack.overdue": ("warn", "warn"),
    "notification.": ("", "seal"),
    "evidence.": ("", "seal"),
    "log.": ("", "seal"),
}


def transmission_of(ask: Ask, conn: Connection) -> Row[Any]:
    """The row of the transmission that the path names. Raises Refused if there is none that this person may see."""
    row = conn.execute(select(transmission).where(transmission.c.id == ask.values["id"])).first()
    if row is None or (ask.only and row.partner != ask.only):
        raise not_found("transmission")
    return row


def _show(ask: Ask) -> Response:
    context = ask.context
    with context.database.read() as conn:
        row = transmission_of(ask, conn)
        told = queries.show(conn, context.payloads, row)
        if ask.only:
            told = partners_view.of_transmission(told, ask.only)
        orders = orders_of(conn, [m["id"] for m in told["messages"][:_SHOWN]])
        axes = file_axes(conn, [row])[row.id]
        origin = None if ask.only else _origin(conn, row)
        proof = _proof(conn, row.id, told["events"])
        losses = [] if ask.only else queries.losses(conn, [row.id, *(each["id"] for each in told["became"])])
    findings = [_finding(f) for f in told["findings"] if f["kind"] in ("finding", "ack")]
    findings.sort(key=lambda f: _SEVERITIES.index(f["severity"]))
    return render(
        ask,
        "transmission.html",
        here="/transmissions",
        told=told,
        axes=axes,
        orders=orders,
        messages=told["messages"][:_SHOWN],
        findings=findings[:_SHOWN],
        more_findings=max(len(findings) - _SHOWN, 0),
        held=[f for f in told["findings"] if f["kind"] == "held"],
        losses=losses[:_SHOWN],
        events=[_event(e) for e in told["events"] if not _is_look(e)],
        looks=[e for e in told["events"] if _is_look(e)],
        origin=origin,
        proof=proof,
        acts=[act for act in ACTS if ask.may_act and (row.direction, row.state) in FITTING[act]],
    )


def _origin(conn: Connection, row: Row[Any]) -> Row[Any] | None:
    return conn.execute(select(transmission).where(transmission.c.id == row.source)).first() if row.source else None


def _finding(body: Mapping[str, Any]) -> dict[str, Any]:
    """A finding or an acknowledgement's code, with its place in words and what to do about it."""
    place = [
        f"segment {body['segment']}" if body.get("segment") else "",
        str(body.get("path") or body.get("place") or ""),
    ]
    if body.get("element"):
        component = f", component {body['component']}" if body.get("component") else ""
        place.append(f"element {body['element']}{component}")
    return {
        "severity": body.get("severity", "error"),
        "text": body.get("text", ""),
        "place": ", ".join(part for part in place if part),
        "advice": ADVICE.get(str(body.get("code")), ""),
    }


def _is_look(event: Mapping[str, Any]) -> bool:
    return bool(event["type"] == "admin.action" and event["detail"].get("action") == _LOOK)


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    kind, symbol = next((v for k, v in _ICONS.items() if event["type"].startswith(k)), ("", "dot"))
    return {"event": event, "kind": kind, "icon": symbol}


def _proof(conn: Connection, id: str, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How far the events are beyond dispute: pending, in the log, signed, attested by others."""
    places = [e["index"] for e in events if e["index"] is not None]
    note = queries.newest_checkpoint(conn)
    signed = Checkpoint.of(note).size if note else 0
    rows = conn.execute(select(ev_attester).where(ev_attester.c.size > 0).order_by(ev_attester.c.name)).all()
    last = max(places, default=-1)
    receipts = [e for e in events if e["transmission"] == id and e["detail"].get("receipt_of")]
    return {
        "first": min(places, default=None),
        "last": last,
        "pending": len(events) - len(places),
        "signed": 0 <= last < signed,
        "size": signed,
        "attesters": [row.name for row in rows if row.size > last >= 0],
        "receipts": [e["detail"].get("file") for e in receipts],
    }


PAGES = (Page("/transmissions/{id}", _show, EVERYBODY),)
