"""Receipts: for each accepted file, the log's proof that it holds the submission, in the sender's mailbox."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from edigw.gateway import mailbox, queue
from edigw.gateway.context import Context
from edigw.gateway.queue import Job
from edigw.log.receipt import build_receipt
from edigw.store.clock import utc_now
from edigw.store.schema import ev_checkpoint, ev_entry, event, transmission

WAIT = timedelta(milliseconds=150)  # for the log to be integrated and signed


def give(context: Context, job: Job) -> None:
    """Put `NAME.receipt` into the receipts of the sender, as soon as a signed checkpoint covers the submission."""
    with context.database.read() as conn:
        row = conn.execute(select(transmission).where(transmission.c.id == job.transmission)).one()
        eid = conn.execute(
            select(event.c.eid)
            .join(ev_entry, ev_entry.c.eid == event.c.eid)
            .where(
                event.c.transmission == job.transmission,
                event.c.type == "submission.accepted",
                ev_entry.c.seq
                < select(ev_checkpoint.c.size).order_by(ev_checkpoint.c.size.desc()).limit(1).scalar_subquery(),
            )
        ).scalar()
    if eid is None:
        with context.database.write() as conn:
            queue.postpone(conn, job, utc_now() + WAIT, count=False)
        return
    data = build_receipt(context.log, eid).encode()
    sha256 = context.payloads.put(data)
    with context.database.write() as conn:
        name = mailbox.free_name(conn, row.partner, "receipts", f"{row.name}.receipt", row.id)
        mailbox.deposit(conn, row.partner, "receipts", name, sha256, len(data), row.id)
        queue.done(conn, job)
