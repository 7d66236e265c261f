"""What an admin can do with a transmission. Each act is an event with the admin's name and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from edigw.gateway import queue
from edigw.gateway.desk import queries
from edigw.gateway.mailboxes import mailbox
from edigw.gateway.outgoing.deliver import OUTCOME_UNKNOWN
from edigw.gateway.records import States, approve, sliced
from edigw.log.eventlog import EventLog
from edigw.store.ids import new_id
from edigw.store.schema import job, message, transmission


class Refusal(Exception):
    """The act does not fit the transmission's state; the text says what does."""


def resend(log: EventLog, id: str, actor: str, why: str) -> str:
    """The same bytes to the partner once more, under the same name and number: a new delivery, or visible again in the
    outbox. Returns the transmission's id. Raises Refusal, StoreError."""
    with log.database.write() as conn:
        row = found(conn, id)
        if row.direction != "out" or row.state not in ("delivered", "failed", "deposited", "picked_up", "expired"):
            raise Refusal(f"{row.id} is {_described(row)}: only what was sent, or failed, can be sent again")
        states = States(conn)
        if row.via == "mailbox":
            folder = mailbox.folder_of(conn, row.id)
            name = mailbox.free_name(conn, row.partner, folder, row.name, new_id())
            mailbox.deposit(conn, row.partner, folder, name, row.sha256, row.size, row.id)
            states.transmission(row.id, "deposited")
        else:
            queue.again(conn, "deliver", row.id)
            # Whether it arrived is not known: look at the partner's server first, and send only what is not there.
            states.transmission(row.id, "placing" if row.reason == OUTCOME_UNKNOWN else "queued")
        _tell(log, conn, row, "resend", actor, why, states)
    return str(row.id)


def hold(log: EventLog, id: str, actor: str, why: str) -> str:
    """Keep what waits for delivery from going out. Raises Refusal, StoreError."""
    with log.database.write() as conn:
        row = found(conn, id)
        if row.direction != "out" or row.state != "queued":
            raise Refusal(f"{row.id} is {_described(row)}: only what waits for delivery can be held")
        waiting = (job.c.kind == "deliver", job.c.transmission == row.id)
        changed = conn.execute(
            update(job).where(*waiting, job.c.state == "ready", job.c.owner.is_(None)).values(state="held")
        )
        if changed.rowcount != 1:
            raise Refusal(f"{row.id} is being delivered at this moment")
        states = States(conn)
        states.transmission(row.id, "held", "held_by_admin")
        _tell(log, conn, row, "hold", actor, why, states)
    return str(row.id)


def release(log: EventLog, id: str, actor: str, why: str) -> str:
    """Let go what is held: an outbound transmission is delivered, an inbound one is processed again with the
    configuration as it is now. A message that is held for its losses goes on with exactly these. Raises Refusal,
    StoreError."""
    return _again(log, id, actor, why, "release", ("held",))


def reprocess(log: EventLog, id: str, actor: str, why: str) -> str:
    """Process a received file again, with the configuration and bindings as they are now. What was forwarded before is
    not forwarded again. Raises Refusal, StoreError."""
    return _again(log, id, actor, why, "reprocess", ("held", "partly_accepted", "failed"))


def look(log: EventLog, id: str, actor: str, why: str = "", user: str = "") -> Row[Any]:
    """The row of a transmission whose content somebody is about to see: that is an act, too, and in the log before the
    first byte is. `user` names the person where `actor` is a partner. Raises Refusal, StoreError."""
    with log.database.write() as conn:
        row = found(conn, id)
        _tell(log, conn, row, "look at content", actor, why, States(conn), user=user)
    return row


def _again(log: EventLog, id: str, actor: str, why: str, action: str, fitting: tuple[str, ...]) -> str:
    with log.database.write() as conn:
        row = found(conn, id)
        fits = row.state in fitting or (action == "release" and row.state == "partly_accepted" and _waits(conn, row))
        if not fits or (action == "reprocess" and row.direction != "in"):
            raise Refusal(f"{row.id} is {_described(row)}: there is nothing to {action}")
        states = States(conn)
        outbound = row.direction == "out"
        approved = approve(conn, row.id, actor) if action == "release" and not outbound else []
        states.transmission(row.id, "queued" if outbound else "received")
        queue.again(conn, "deliver" if outbound else "process", row.id)
        _tell(log, conn, row, action, actor, why, states, approved)
    return str(row.id)


def _waits(conn: Connection, row: Row[Any]) -> bool:
    """Whether a message of a received file is held, whatever became of the others."""
    held = (message.c.transmission == row.id, message.c.state == "held")
    return row.direction == "in" and conn.execute(select(message.c.id).where(*held).limit(1)).first() is not None


def found(conn: Connection, id: str) -> Row[Any]:
    """The row of a transmission (see `queries.find_transmission`), locked. Raises Refusal."""
    row = queries.find_transmission(conn, id)
    if row is None:
        raise Refusal(f"no transmission {id}, or several whose ids end so")
    return conn.execute(select(transmission).where(transmission.c.id == row.id).with_for_update()).one()


def _described(row: Row[Any]) -> str:
    return f"{'an inbound' if row.direction == 'in' else 'an outbound'} transmission that is {row.state}"


def _tell(
    log: EventLog,
    conn: Connection,
    row: Row[Any],
    action: str,
    actor: str,
    why: str,
    states: States,
    approved: Sequence[Mapping[str, str]] = (),
    user: str = "",
) -> None:
    told = states.told(row.id, *(sliced(conn, row.id) if approved else ()))
    log.append(
        conn,
        type="admin.action",
        xid=row.xid,
        actor=actor,
        detail={
            "action": action,
            "why": why or None,
            "user": user or None,
            "approved": list(approved) or None,
            **told,
        },
        transmission=row.id,
    )
