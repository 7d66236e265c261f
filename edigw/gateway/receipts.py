"""Receipts: the log's proof of what a partner handed in, fetched or was brought, in its mailbox.

Beside each `NAME.receipt` lies `NAME.receipt.txt`, which says the same in words. The sender gets one for each file that
was accepted; the receiver one for each business file that it fetched or that was delivered to its server.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from edigw.gateway import mailbox, queue
from edigw.gateway.context import Context, identity
from edigw.gateway.queue import Job
from edigw.gateway.records import States
from edigw.gateway.settle import ROLES
from edigw.log.eventlog import Content
from edigw.log.receipt import build_receipt, verify_receipt
from edigw.log.receipt_text import rendering
from edigw.store.clock import stamp, utc_now
from edigw.store.ids import new_id
from edigw.store.schema import ev_checkpoint, ev_entry, event, job, message, transmission
from edigw.store.upsert import insert_new

WAIT = timedelta(milliseconds=60)  # for the log to be integrated and signed
_ROOM = mailbox.LONGEST_NAME - 32  # of the file's own name: the rest is for what is added to it
PROVED = ("submission.accepted", "retrieval.completed", "delivery.completed")
_REVEALED = ("payload.original", "payload.translated", "payload.encrypted")
_ROW = select(transmission).where(transmission.c.id == bindparam("which"))
_TYPE = select(message.c.type).where(message.c.transmission == bindparam("of")).limit(1)
_ASK_AGAIN = (
    update(job)
    .where(job.c.kind == "receipt", job.c.transmission == bindparam("of"))
    .values(state="ready", due_at=bindparam("now"), queued_at=bindparam("now"), attempts=0)
)
_NEWEST = (
    select(event.c.eid)
    .where(event.c.transmission == bindparam("of"), event.c.type.in_(PROVED))
    .order_by(event.c.n.desc())
    .limit(1)
)
_SIGNED = select(ev_checkpoint.c.size).order_by(ev_checkpoint.c.size.desc()).limit(1).scalar_subquery()
_COVERED = select(ev_entry.c.seq).where(ev_entry.c.eid == bindparam("which"), ev_entry.c.seq < _SIGNED)


def handed_over(context: Context, row: Row[Any]) -> Content:
    """The bytes of an outbound transmission as an object of the event that hands them over. Reads them: to be called
    before the transaction begins. Raises PayloadError, EntryError."""
    role = "payload.translated"
    if row.kind == "ack":
        with context.database.read() as conn:
            kind = conn.execute(_TYPE, {"of": row.id}).scalar()
        role = ROLES.get(kind or "TA1", "ack.ta1")
    if row.clear_sha256:
        role = "payload.encrypted"
    return context.log.seal(Content(role=role, sha256=row.sha256, size=row.size))


def order(conn: Connection, transmission_id: str) -> None:
    """Ask for a receipt of the newest event of a transmission that one is given for, in the event's transaction."""
    now = stamp(utc_now())
    fresh = {"state": "ready", "due_at": now, "queued_at": now, "attempts": 0}
    if insert_new(conn, job, {"kind": "receipt", "transmission": transmission_id, **fresh}):
        return
    # Whoever is giving a receipt right now finds the new event after this row is his again (see `give`).
    conn.execute(_ASK_AGAIN, {"of": transmission_id, "now": now})


def give(context: Context, claimed: Job) -> None:
    """Put the receipt and its words into the partner's mailbox, as soon as a signed checkpoint covers the event.

    Raises LeaseLost, StoreError, LogError."""
    with context.database.read() as conn:
        row = conn.execute(_ROW, {"which": claimed.transmission}).one()
        eid = _newest(conn, row.id)
        covered = eid is not None and _covered(conn, eid)
        name = _free(conn, row)
    if eid is None or not covered:
        with context.database.write() as conn:
            queue.postpone(conn, claimed, utc_now() + WAIT, count=False)
        return
    text = build_receipt(context.log, eid, _REVEALED)
    files = _files(context, row, text, name)
    with context.database.write() as conn:
        queue.keep(conn, claimed, timedelta(seconds=context.config.worker.lease_seconds))
        if (free := _free(conn, row)) != name:
            files = _files(context, row, text, free)
        kept = [(file, context.payloads.keep(conn, data), data) for file, data in files]
        for file, sha256, data in kept:
            mailbox.deposit(conn, row.partner, "receipts", file, sha256, len(data), row.id)
        _tell(context, conn, row, eid, kept)
        if _newest(conn, row.id) == eid:
            queue.done(conn, claimed)
        else:  # it was handed over once more while we wrote
            queue.postpone(conn, claimed, utc_now() + WAIT, count=False)


def _free(conn: Connection, row: Row[Any]) -> str:
    """A name for the receipt, under which neither a receipt nor its words lie there."""
    name = mailbox.free_name(conn, row.partner, "receipts", f"{row.name[:_ROOM]}.receipt", row.id)
    taken = mailbox.free_name(conn, row.partner, "receipts", f"{name}.txt", row.id) != f"{name}.txt"
    return mailbox.marked(name, new_id()) if taken else name


def _files(context: Context, row: Row[Any], text: str, name: str) -> list[tuple[str, bytes]]:
    """The receipt and its words: name and content of each."""
    partner = context.config.partners.get(row.partner)
    words = rendering(
        verify_receipt(text, context.log.keys),
        context.log.keys[0],
        receipt_name=name,
        name=row.name,
        sha256=row.sha256,
        signing=partner.signatures.receipts if partner else "none",
    )
    return [(name, text.encode()), (f"{name}.txt", words.encode())]


def _tell(context: Context, conn: Connection, row: Row[Any], eid: str, kept: Sequence[tuple[str, str, bytes]]) -> None:
    """Log that the partner was given a receipt, and which."""
    (name, sha256, receipt), (words_name, words_sha256, words) = kept
    context.log.append(
        conn,
        type="notification.sent",
        xid=row.xid,
        actor="gateway",
        recipient=identity(context.partner(row.partner)),
        objects=[Content(role="receipt", sha256=sha256, size=len(receipt), data=receipt)],
        detail={
            "file": name,
            "sha256": sha256,
            "size": len(receipt),
            "receipt_of": eid,
            "in_words": {"file": words_name, "sha256": words_sha256, "size": len(words)},
            **States(conn).told(row.id),
        },
        transmission=row.id,
    )


def _newest(conn: Connection, transmission_id: str) -> str | None:
    return conn.execute(_NEWEST, {"of": transmission_id}).scalar()


def _covered(conn: Connection, eid: str) -> bool:
    return conn.execute(_COVERED, {"which": eid}).scalar() is not None
