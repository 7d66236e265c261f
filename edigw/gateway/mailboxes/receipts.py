"""Receipts: the log's proof of what a partner handed in, fetched or was brought, in its mailbox.

Beside each `NAME.receipt` lies `NAME.receipt.txt`, which says the same in words. The sender gets one for each file that
was accepted; the receiver one for each business file that it fetched or that was delivered to its server.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from edigw.gateway import queue
from edigw.gateway.context import Context, identity
from edigw.gateway.incoming.settle import ROLES
from edigw.gateway.mailboxes import mailbox
from edigw.gateway.queue import Failure, JobRow
from edigw.gateway.records import States
from edigw.gateway.trouble import give_back
from edigw.log.eventlog import Content
from edigw.log.receipt import Receipt, Receipts
from edigw.log.receipt_text import rendering
from edigw.store.clock import stamp, utc_now
from edigw.store.errors import TransactionLost
from edigw.store.ids import new_id
from edigw.store.savepoint import savepoint
from edigw.store.schema import READY, event, job, message, transmission
from edigw.store.upsert import insert_new

_ROOM = mailbox.LONGEST_NAME - 32  # of the file's own name: the rest is for what is added to it
PROVED = ("submission.accepted", "retrieval.completed", "delivery.completed")
_REVEALED = ("payload.original", "payload.translated", "payload.encrypted")
_TYPE = select(message.c.type).where(message.c.transmission == bindparam("of")).limit(1)
_ASK_AGAIN = (
    update(job)
    .where(job.c.kind == "receipt", job.c.transmission == bindparam("of"))
    .values(state="ready", due_at=bindparam("now"), queued_at=bindparam("now"), attempts=0)
)
_PROVED_EVENTS = (
    select(event.c.transmission, event.c.eid)
    .where(event.c.transmission.in_(bindparam("of", expanding=True)), event.c.type.in_(PROVED))
    .order_by(event.c.n)
)
_ROWS = select(transmission).where(transmission.c.id.in_(bindparam("which", expanding=True)))
_DUE = (
    select(job.c.id, job.c.kind, job.c.transmission, job.c.attempts, job.c.queued_at)
    .where(
        job.c.kind == "receipt",
        READY,
        job.c.due_at <= bindparam("now"),
        or_(job.c.owner.is_(None), job.c.lease_until < bindparam("now")),
    )
    .order_by(job.c.due_at, job.c.id)
    .limit(100)
)


def handed_over(context: Context, row: Row[Any], data: bytes | None = None) -> Content:
    """The bytes of an outbound transmission as an object of the event that hands them over. Reads them if they are not
    given: to be called before the transaction begins. Raises PayloadError, EntryError."""
    role = "payload.translated"
    if row.kind == "ack":
        with context.database.read() as conn:
            kind = conn.execute(_TYPE, {"of": row.id}).scalar()
        role = ROLES.get(kind or "TA1", "ack.ta1")
    if row.clear_sha256:
        role = "payload.encrypted"
    return context.log.seal(Content(role=role, sha256=row.sha256, size=row.size, data=data))


def order(conn: Connection, transmission_id: str) -> None:
    """Ask for a receipt of the newest event of a transmission that one is given for, in the event's transaction."""
    now = stamp(utc_now())
    fresh = {"state": "ready", "due_at": now, "queued_at": now, "attempts": 0}
    if insert_new(conn, job, {"kind": "receipt", "transmission": transmission_id, **fresh}):
        return
    # Whoever is giving a receipt right now finds the new event after this row is his again (see `give`).
    conn.execute(_ASK_AGAIN, {"of": transmission_id, "now": now})


def give(context: Context, owner: str) -> int:
    """Put receipts and their words into the partners' mailboxes: those that are asked for, of events that a signed
    checkpoint covers. Returns how many. Raises StoreError, LogError."""
    with context.database.read() as conn:
        jobs = conn.execute(_DUE, {"now": stamp(utc_now())}).all()
        newest = _newest(conn, jobs)
        built = Receipts(conn, _REVEALED).build(list(newest.values())) if newest else {}
        about = {row.id: row for row in conn.execute(_ROWS, {"which": list(newest)})} if built else {}
    ready = [one for one in jobs if newest.get(one.transmission) in built]
    if not ready:
        return 0
    failures: list[tuple[JobRow, Exception]] = []
    with context.database.write(hurry=True) as conn:
        for one in ready:
            try:
                with savepoint(conn):
                    _give(context, conn, one, owner, about[one.transmission], *built[newest[one.transmission]])
            except TransactionLost:
                raise
            except Exception as error:
                failures.append((one, error))
    for one, why in failures:
        with context.database.write() as conn:
            claimed = queue.take(conn, one, owner, utc_now(), _lease(context))
        if claimed is not None:
            give_back(context, Failure(claimed, why))
    return len(ready) - len(failures)


def _give(
    context: Context, conn: Connection, one: JobRow, owner: str, row: Row[Any], text: str, receipt: Receipt
) -> None:
    claimed = queue.take(conn, one, owner, utc_now(), _lease(context))
    if claimed is None:
        return None  # another process has given it
    # Whoever asks for another receipt from here on waits for this transaction, and then makes the job ready again.
    if _newest(conn, [one])[row.id] != receipt.entry.eid:
        return queue.postpone(conn, claimed, utc_now(), count=False)
    name = _free(conn, row)
    partner = context.config.partners.get(row.partner)
    words = rendering(
        receipt,
        context.log.keys[0],
        receipt_name=name,
        name=row.name,
        sha256=row.sha256,
        signing=partner.signatures.receipts if partner else "none",
    )
    files = ((name, text.encode()), (f"{name}.txt", words.encode()))
    kept = [(file, context.payloads.keep(conn, data), data) for file, data in files]
    for file, sha256, data in kept:
        mailbox.deposit(conn, row.partner, "receipts", file, sha256, len(data), row.id)
    _tell(context, conn, row, receipt.entry.eid, kept)
    return queue.done(conn, claimed)


def _lease(context: Context) -> timedelta:
    return timedelta(seconds=context.config.worker.lease_seconds)


def _free(conn: Connection, row: Row[Any]) -> str:
    """A name for the receipt, under which neither a receipt nor its words lie there."""
    name = mailbox.free_name(conn, row.partner, "receipts", f"{row.name[:_ROOM]}.receipt", row.id)
    taken = mailbox.free_name(conn, row.partner, "receipts", f"{name}.txt", row.id) != f"{name}.txt"
    return mailbox.marked(name, new_id()) if taken else name


def _tell(context: Context, conn: Connection, row: Row[Any], eid: str, kept: Sequence[tuple[str, str, bytes]]) -> None:
    """Log that the partner was given a receipt, and which."""
    (name, sha256, receipt), (words_name, words_sha256, words) = kept
    context.log.append(
        conn,
        type="notification.sent",
        xid=row.xid,
        actor="gateway",
        recipient=identity(context.partner(row.partner)),
        objects=[Content(role="receipt", sha256=sha256, size=len(receipt), data=receipt, stored=True)],
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


def _newest(conn: Connection, jobs: Sequence[JobRow]) -> dict[str, str]:
    """The newest event that a receipt is given for, of each of the transmissions."""
    rows = conn.execute(_PROVED_EVENTS, {"of": [one.transmission for one in jobs]}) if jobs else ()
    return {row.transmission: row.eid for row in rows}
