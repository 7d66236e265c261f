"""What admins ask of the transmission log: search, one transmission's life, the thread of an order.

Every function takes a connection and gives plain dictionaries, ready for JSON; the command line shows them as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, or_, select
from sqlalchemy.sql import ColumnElement

from edigw.gateway.desk.axes import acknowledged, axes, axis_conditions, judged
from edigw.gateway.outgoing.losses import FLAGGED
from edigw.log import objects
from edigw.log.entry import parse_canonical
from edigw.store.payloads import Payloads
from edigw.store.schema import (
    ev_checkpoint,
    ev_entry,
    ev_pending,
    ev_state,
    event,
    evidence_object,
    finding,
    interchange,
    job,
    message,
    reference,
    transmission,
)

_SHIPMENT = ("despatch", "consignment", "bill_of_lading", "waybill")
"""Kinds of references that name a shipment; each partner has its own name for the kind."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which transmissions and messages to find; what is empty does not matter."""

    partner: str = ""
    direction: str = ""  # in | out
    type: str = ""  # message type: ORDERS, 850
    state: str = ""  # of the transmission, the message, or its acknowledgement
    since: str = ""  # a date or a time, 2026-01-02 or 2026-01-02T03:04
    until: str = ""
    control: str = ""  # of the interchange, group or message
    reference: str = ""  # any business reference: order, despatch, SSCC, GTIN ...
    text: str = ""  # in file names, numbers and references, or the control number of an interchange
    test: bool | None = None  # only tests, or only production
    flagged: bool = False  # only what lost something that the agreement wants to be looked at
    kind: str = ""  # business | ack
    validation: str = ""  # the three states, as `edigw.gateway.desk.axes` tells them
    delivery: str = ""
    acknowledgement: str = ""
    before: str = ""  # older than the transmission with this id
    after: str = ""  # newer than it
    limit: int = 50


def search(conn: Connection, filters: Filters) -> list[dict[str, Any]]:
    """Transmissions with their messages, newest first; `test` says whether an interchange in them is one."""
    found = found_ids(conn, filters)
    if not found:
        return []
    messages: dict[str, list[dict[str, Any]]] = {}
    for row in conn.execute(
        select(message).where(message.c.transmission.in_(found)).order_by(message.c.interchange, message.c.position)
    ):
        messages.setdefault(row.transmission, []).append(_plain(row))
    tests = set(
        conn.execute(
            select(interchange.c.transmission).where(interchange.c.transmission.in_(found), interchange.c.test)
        ).scalars()
    )
    rows = conn.execute(select(transmission).where(transmission.c.id.in_(found)).order_by(transmission.c.id.desc()))
    return [{**_plain(row), "test": row.id in tests, "messages": messages.get(row.id, [])} for row in rows]


def found_ids(conn: Connection, filters: Filters) -> list[str]:
    """The ids of the transmissions that `search` finds, newest first; those next to `after` if that is given."""
    ids = select(transmission.c.id).where(*conditions(filters)).limit(filters.limit)
    if filters.after:
        return list(conn.execute(ids.order_by(transmission.c.id)).scalars())[::-1]
    return list(conn.execute(ids.order_by(transmission.c.id.desc())).scalars())


def conditions(f: Filters) -> list[ColumnElement[bool]]:
    """What a row of the table transmission has to fulfil."""
    found: list[ColumnElement[bool]] = []
    for column, wanted in ((transmission.c.partner, f.partner), (transmission.c.direction, f.direction)):
        if wanted:
            found.append(column == wanted)
    if f.kind:
        found.append(transmission.c.kind == f.kind)
    if f.since:
        found.append(transmission.c.created_at >= f.since)
    if f.until:  # the whole of the day, or of the minute, that it names
        found.append(transmission.c.created_at < f.until + "~")
    if f.before:
        found.append(transmission.c.id < f.before)
    if f.after:
        found.append(transmission.c.id > f.after)
    if f.type:
        found.append(_holds(message.c.type == f.type.upper()))
    if f.state:
        found.append(_in_state(f.state))
    if f.test is not None:
        of = interchange.c.transmission == transmission.c.id
        found.append(select(interchange.c.position).where(of, interchange.c.test.is_(f.test)).exists())
    if f.control:
        by_interchange = select(interchange.c.transmission).where(interchange.c.control == f.control)
        by_message = or_(message.c.control == f.control, message.c.group_control == f.control)
        found.append(
            or_(
                transmission.c.id.in_(by_interchange),
                transmission.c.id.in_(select(message.c.transmission).where(by_message)),
            )
        )
    if f.reference:
        named = select(reference.c.message).where(reference.c.value == f.reference)
        found.append(transmission.c.id.in_(select(message.c.transmission).where(message.c.id.in_(named))))
    if f.flagged:
        found.append(transmission.c.id.in_(select(event.c.transmission).where(event.c.reason == FLAGGED)))
    if f.text:
        found.append(_mentions(f.text))
    return [*found, *axis_conditions(f.validation, f.delivery, f.acknowledgement, f.direction)]


def _holds(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a transmission holds such a message."""
    return select(message.c.id).where(message.c.transmission == transmission.c.id, condition).exists()


def _in_state(state: str) -> ColumnElement[bool]:
    """Whether a transmission, a message in it, or the acknowledgement of one is in this state."""
    if state in ("translated", "sent"):  # states of messages only
        return _holds(message.c.state == state)
    if state in ("wanted", "overdue", "superseded"):  # of acknowledgements only
        return transmission.c.id.in_(acknowledged(state))
    if state in ("rejected", "expired"):  # of both
        return or_(judged(state), transmission.c.id.in_(acknowledged(state)))
    return judged(state)


def _mentions(text: str) -> ColumnElement[bool]:
    contains = select(reference.c.message).where(reference.c.value.contains(text, autoescape=True))
    return or_(
        transmission.c.name.contains(text, autoescape=True),
        transmission.c.id.in_(select(interchange.c.transmission).where(interchange.c.control == text)),
        _holds(or_(message.c.number.contains(text, autoescape=True), message.c.id.in_(contains))),
    )


def find_transmission(conn: Connection, id: str) -> Row[Any] | None:
    """The transmission with this id, or the only one whose id ends so (at least four characters), or the one of a
    message."""
    id = id.upper()
    row = conn.execute(select(transmission).where(transmission.c.id == id)).first()
    if row is None:
        of_message = select(message.c.transmission).where(message.c.id == id)
        row = conn.execute(select(transmission).where(transmission.c.id.in_(of_message))).first()
    if row is None and len(id) >= 4:
        rows = conn.execute(select(transmission).where(transmission.c.id.endswith(id, autoescape=True)).limit(2)).all()
        row = rows[0] if len(rows) == 1 else None
    return row


def show(conn: Connection, payloads: Payloads, row: Row[Any]) -> dict[str, Any]:
    """All that is known of one transmission: what it held, what was found, what came of it, and every event."""
    answers = conn.execute(select(transmission).where(transmission.c.source == row.id).order_by(transmission.c.id))
    messages = conn.execute(
        select(message).where(message.c.transmission == row.id).order_by(message.c.interchange, message.c.position)
    ).all()
    xids = {row.xid, *(m.xid for m in messages)}
    three = axes(conn, [m.id for m in messages])
    waiting = conn.execute(
        select(job.c.kind, job.c.state, job.c.due_at, job.c.attempts, job.c.error).where(
            job.c.transmission == row.id, job.c.state != "done"
        )
    )
    return {
        **_plain(row),
        "interchanges": [
            _plain(i) for i in conn.execute(select(interchange).where(interchange.c.transmission == row.id))
        ],
        "messages": [{**_plain(m), "axes": three[m.id]} for m in messages],
        "findings": _findings(conn, row.id),
        "became": [_plain(answer) for answer in answers],
        "waiting": [_plain(j) for j in waiting],
        "events": events(conn, payloads, or_(event.c.transmission == row.id, event.c.xid.in_(xids))),
    }


def _findings(conn: Connection, transmission_id: str) -> list[dict[str, Any]]:
    rows = conn.execute(select(finding).where(finding.c.transmission == transmission_id).order_by(finding.c.id))
    return [{"kind": row.kind, "message": row.message, **msgspec.json.decode(row.body)} for row in rows]


def losses(conn: Connection, transmissions: Sequence[str]) -> list[dict[str, Any]]:
    """What did not pass unchanged in the translations that made, or would have made, what is in these transmissions."""
    rows = select(finding.c.body).where(finding.c.transmission.in_(transmissions), finding.c.kind == "loss")
    return [msgspec.json.decode(body) for body in conn.execute(rows.order_by(finding.c.id)).scalars()]


def thread(conn: Connection, payloads: Payloads, order: str, partner: str = "") -> list[dict[str, Any]]:
    """Everything about one order, in time order and across both standards: one thread for each pair of partners that
    has an order of this number, since order numbers are only unique between two partners. A message that names no order
    (a receiving advice or a transport status) belongs to the thread if it names a shipment of it."""
    named = select(reference.c.message).where(reference.c.kind == "order", reference.c.value == order.strip())
    rows = conn.execute(select(message).where(message.c.id.in_(named)).order_by(message.c.id)).all()
    pairs: dict[tuple[str, ...], list[Row[Any]]] = {}
    for row in rows:
        pair = tuple(sorted((row.sender, row.receiver)))
        if not partner or partner in pair:
            pairs.setdefault(pair, []).append(row)
    for pair, found in pairs.items():
        found += _of_shipments(conn, pair, [row.id for row in found])
        found.sort(key=lambda row: row.id)
    return [_thread(conn, payloads, order, pair, found) for pair, found in pairs.items()]


def _of_shipments(conn: Connection, pair: tuple[str, ...], known: list[str]) -> Sequence[Row[Any]]:
    """Messages between two partners that name no order, but a shipment that the `known` messages name."""
    shipments = select(reference.c.value).where(reference.c.message.in_(known), reference.c.kind.in_(_SHIPMENT))
    named = select(reference.c.message).where(reference.c.value.in_(shipments), reference.c.kind.in_(_SHIPMENT))
    ordered = select(reference.c.message).where(reference.c.kind == "order")
    between = and_(message.c.sender.in_(pair), message.c.receiver.in_(pair))
    return conn.execute(select(message).where(between, message.c.id.in_(named), message.c.id.not_in(ordered))).all()


def _thread(
    conn: Connection, payloads: Payloads, order: str, pair: tuple[str, ...], rows: Sequence[Row[Any]]
) -> dict[str, Any]:
    ids = {row.transmission for row in rows}
    answers = select(transmission.c.id).where(transmission.c.source.in_(ids), transmission.c.kind == "ack")
    acks = set(conn.execute(answers).scalars())
    xids = {row.xid for row in rows}
    of_files = and_(event.c.transmission.in_(ids), event.c.message.is_(None))
    about = or_(event.c.xid.in_(xids), of_files, event.c.transmission.in_(acks))
    kept = conn.execute(select(transmission).where(transmission.c.id.in_(ids | acks)).order_by(transmission.c.id))
    return {
        "order": order,
        "partners": list(pair),
        "messages": [_plain(row) for row in rows],
        "transmissions": [_plain(row) for row in kept],
        "events": events(conn, payloads, about),
    }


def exchanges_of_thread(conn: Connection, payloads: Payloads, order: str, partner: str = "") -> list[str]:
    """The exchanges whose events make up the thread of an order, those of the files included."""
    found: dict[str, None] = {}
    for one in thread(conn, payloads, order, partner):
        for each in (*one["transmissions"], *one["messages"]):
            found[each["xid"]] = None
    return list(found)


def exchanges_of_transmission(conn: Connection, row: Row[Any]) -> list[str]:
    """The exchanges that tell the life of one transmission and of its messages."""
    xids = {row.xid: None}
    for xid in conn.execute(select(message.c.xid).where(message.c.transmission == row.id)).scalars():
        xids[xid] = None
    if row.source is not None:
        xids[conn.execute(select(transmission.c.xid).where(transmission.c.id == row.source)).scalar_one()] = None
    return list(xids)


# ---------------------------------------------------------------- events


def events(
    conn: Connection, payloads: Payloads, where: ColumnElement[bool], limit: int = 10_000
) -> list[dict[str, Any]]:
    """Events with what their entries and details say, in the order of the log (pending ones last)."""
    rows = conn.execute(
        select(event, ev_entry.c.seq, ev_entry.c.entry, ev_pending.c.id, ev_pending.c.entry.label("waiting"))
        .outerjoin(ev_entry, ev_entry.c.eid == event.c.eid)
        .outerjoin(ev_pending, ev_pending.c.eid == event.c.eid)
        .where(where)
        .order_by(ev_entry.c.seq.is_(None), ev_entry.c.seq, ev_pending.c.id)
        .limit(limit)
    ).all()
    return [_event(conn, payloads, row) for row in rows]


def events_from(conn: Connection, payloads: Payloads, index: int, limit: int = 1000) -> list[dict[str, Any]]:
    """The integrated events from an index of the log on."""
    return events(conn, payloads, ev_entry.c.seq >= index, limit)


def newest_checkpoint(conn: Connection) -> str | None:
    """The newest signed state of the log, as a note; None before the first."""
    newest = select(ev_checkpoint.c.note).order_by(ev_checkpoint.c.size.desc()).limit(1)
    return conn.execute(newest).scalar()


def log_size(conn: Connection) -> int:
    """How many entries the log has."""
    return conn.execute(select(ev_state.c.size)).scalar() or 0


def _event(conn: Connection, payloads: Payloads, row: Row[Any]) -> dict[str, Any]:
    entry = parse_canonical(bytes(row.entry if row.entry is not None else row.waiting))
    commits = [o["commit"] for o in entry["objects"] if o["role"] == "detail"]
    told = {
        "index": row.seq,
        "transmission": row.transmission,
        "message": row.message,
        "detail": _detail(conn, payloads, commits),
    }
    return {**{k: v for k, v in entry.items() if k not in ("v", "log")}, **told}


def _detail(conn: Connection, payloads: Payloads, commits: Sequence[str]) -> dict[str, Any]:
    """What the detail object of an event says; {} once it has been erased."""
    row = conn.execute(select(evidence_object).where(evidence_object.c.commit.in_(commits))).first()
    if row is None or row.salt is None:
        return {}
    return parse_canonical(objects.whole(payloads, row))


def _plain(row: Any) -> dict[str, Any]:
    return dict(row._mapping)
