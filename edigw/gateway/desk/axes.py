"""The three states of every message, each with its clock: was it found right, has it arrived, was it acknowledged?

A message that was received has the second and third through what it became; one that was sent has the first through
what it was made from. Both therefore tell the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, or_, select, text

from edigw.store.schema import event, message, transmission

_ACKNOWLEDGED = ("ack.positive", "ack.negative", "ack.overdue")
# Of several copies the one that is least far tells how far the message is.
_DELIVERY = ("failed", "held", "queued", "placing", "expired", "deposited", "picked_up", "delivered")
_ARRIVED = ("delivered", "deposited", "picked_up")
# Of a message whose acknowledgement wants attention; written out just as the index has it, or the index is of no use.
_UNACKNOWLEDGED = text("message.ack_state IN ('overdue', 'rejected', 'expired')")
_WANTING = ("overdue", "rejected", "expired")
_ACKNOWLEDGEMENT = ("rejected", "overdue", "expired", "wanted", "accepted", "superseded", "none")


def axes(conn: Connection, ids: Sequence[str]) -> dict[str, dict[str, dict[str, str]]]:
    """For each message (by id) `validation`, `delivery` and `acknowledgement`, each with `state` ("none" where there is
    nothing to tell) and `at` (UTC as the log writes it, or "")."""
    asked = conn.execute(select(message).where(message.c.id.in_(ids))).all()
    origins = {row.id: row.source or row.id for row in asked}
    received = {r.id: r for r in conn.execute(select(message).where(message.c.id.in_(set(origins.values()))))}
    sent = _sent(conn, received)
    passages = _passages(conn, [*received.values(), *(m for out in sent.values() for m in out)])
    checked = _times(conn, event.c.transmission, {r.transmission for r in received.values()}, ("validation.",))
    answered = _times(conn, event.c.message, {m.id for out in sent.values() for m in out}, _ACKNOWLEDGED)
    found = {}
    for id, origin in origins.items():
        source = received[origin]
        out = sent.get(origin, [source] if passages[source.transmission].direction == "out" else [])
        found[id] = {
            "validation": {"state": source.state, "at": checked.get(source.transmission, "")},
            "delivery": _delivery([passages[m.transmission] for m in out]),
            "acknowledgement": _acknowledgement(out, answered),
        }
    return found


def _sent(conn: Connection, received: Iterable[str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in conn.execute(select(message).where(message.c.source.in_(list(received))).order_by(message.c.id)):
        found.setdefault(row.source, []).append(row)
    return found


def _passages(conn: Connection, messages: Iterable[Row[Any]]) -> dict[str, Row[Any]]:
    ids = {m.transmission for m in messages}
    return {row.id: row for row in conn.execute(select(transmission).where(transmission.c.id.in_(ids)))}


def _times(conn: Connection, column: Any, ids: Iterable[str], types: Sequence[str]) -> dict[str, str]:
    """When the newest event of these types (or those that begin so) happened, by transmission or message."""
    rows = conn.execute(select(column, event.c.type, event.c.at).where(column.in_(list(ids))).order_by(event.c.at))
    return {row[0]: row.at for row in rows if row.type.startswith(tuple(types))}


def _delivery(passages: Sequence[Row[Any]]) -> dict[str, str]:
    if not passages:
        return {"state": "none", "at": ""}
    least = min(passages, key=lambda row: _DELIVERY.index(row.state))
    return {"state": least.state, "at": least.changed_at}


def _acknowledgement(sent: Sequence[Row[Any]], answered: dict[str, str]) -> dict[str, str]:
    if not sent:
        return {"state": "none", "at": ""}
    least = min(sent, key=lambda row: _ACKNOWLEDGEMENT.index(row.ack_state))
    return {"state": least.ack_state, "at": answered.get(least.id, "")}


def axis_conditions(
    validation: str, delivery: str, acknowledgement: str, direction: str = ""
) -> list[ColumnElement[bool]]:
    """What a row of the table transmission has to fulfil so that something in it has these states; "" is any. With a
    `direction` that is asked for anyway, the database is asked for less."""
    found: list[ColumnElement[bool]] = []
    became = transmission.alias("became")
    if validation:
        found.append(_either(direction, judged(validation), None))
    if delivery:
        # Most have arrived: the newest of them are found by going back in time, those of rare states by their index.
        state = transmission.c.state.concat("") if delivery in _ARRIVED else transmission.c.state
        ours = (
            became.c.source == transmission.c.id,
            became.c.kind == "business",
            became.c.state.concat("") == delivery,
        )
        found.append(_either(direction, select(became.c.id).where(*ours).exists(), state == delivery))
    if acknowledgement:
        answered = acknowledged(acknowledgement)
        forwarded = select(became.c.source).where(became.c.kind == "business", became.c.id.in_(answered))
        found.append(_either(direction, transmission.c.id.in_(forwarded), transmission.c.id.in_(answered)))
    return found


def _either(direction: str, received: ColumnElement[bool], sent: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """What holds for a transmission that was received, or for one that was sent (None: for none)."""
    cases = {"in": received, "out": sent} if not direction else {direction: received if direction == "in" else sent}
    both = [and_(transmission.c.direction == way, case) for way, case in cases.items() if case is not None]
    return or_(*both) if both else false()


def judged(state: str) -> ColumnElement[bool]:
    """Whether a transmission, or a message in it that fared otherwise than the rest, is in this state."""
    other = select(message.c.id).where(message.c.transmission == transmission.c.id, message.c.state == state).exists()
    return or_(transmission.c.state == state, and_(transmission.c.state == "partly_accepted", other))


def acknowledged(state: str) -> Select[tuple[str]]:
    """The ids of the transmissions that hold a message whose acknowledgement is in this state."""
    found = select(message.c.transmission).where(message.c.ack_state == state)
    return found.where(_UNACKNOWLEDGED) if state in _WANTING else found


def file_axes(conn: Connection, rows: Sequence[Row[Any]]) -> dict[str, dict[str, str]]:
    """For each of these rows of transmissions, by id, how far it is: `validation`, `delivery` and `acknowledgement`,
    each that of the part of it which is least far."""
    ids = [row.id for row in rows]
    sent = conn.execute(
        select(transmission.c.source, transmission.c.id, transmission.c.state).where(
            transmission.c.source.in_(ids), transmission.c.kind == "business"
        )
    ).all()
    by_source: dict[str, list[Any]] = {}
    for each in sent:
        by_source.setdefault(each.source, []).append(each)
    wanted = [*(each.id for each in sent), *(row.id for row in rows if row.direction == "out")]
    acks: dict[str, set[str]] = {}
    of_messages = select(message.c.transmission, message.c.ack_state).where(message.c.transmission.in_(wanted))
    for told in conn.execute(of_messages.distinct()):
        acks.setdefault(told.transmission, set()).add(told.ack_state)
    found = {}
    for row in rows:
        inbound = row.direction == "in"
        parts = by_source.get(row.id, []) if inbound else [row]
        answered = {state for part in parts for state in acks.get(part.id, ())}
        found[row.id] = {
            "validation": row.state if inbound else "accepted" if row.kind == "business" and row.source else "none",
            "delivery": min((p.state for p in parts), key=_DELIVERY.index, default="none"),
            "acknowledgement": min(answered, key=_ACKNOWLEDGEMENT.index, default="none"),
        }
    return found
