"""The audit's look at the queue: what waits has a job, no job does anything twice, and none is put off for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, func, or_, select

from edigw.log.audit_report import Problem
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import job, mailbox_item, transmission

WAITING = {"process": ("received",), "deliver": ("queued", "placing")}
"""The states in which a transmission waits for a job of a kind."""
LATEST = timedelta(days=1)  # from now: no attempt at anything is put off for longer
_COLUMNS = (transmission.c.id, transmission.c.xid, transmission.c.state)


class WorkAudit:
    """Compares transmissions and jobs, in both directions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def walk(self) -> Iterator[Problem]:
        """What would wait for ever, be done twice, or is put off for longer than anything is."""
        for kind, states in WAITING.items():
            of = (job.c.transmission == transmission.c.id, job.c.kind == kind)
            ready, waiting = (
                select(job.c.id).where(*of, job.c.state.in_(words)) for words in (("ready",), ("ready", "held"))
            )
            for row in self._connection.execute(
                select(*_COLUMNS).where(transmission.c.state.in_(states), ~waiting.exists())
            ):
                yield Problem(f"transmission row {row.id}", f"is {row.state}, but has no job to {kind} it", row.xid)
            for row in self._connection.execute(
                select(*_COLUMNS).where(transmission.c.state.not_in(states), ready.exists())
            ):
                yield Problem(f"transmission row {row.id}", f"is {row.state}, but has a job to {kind} it", row.xid)
        yield from self._without_receipt()
        yield from self._put_off()

    def _without_receipt(self) -> Iterator[Problem]:
        asked = select(job.c.id).where(
            job.c.transmission == transmission.c.id, job.c.kind == "receipt", job.c.state.in_(("ready", "failed"))
        )
        given = select(mailbox_item.c.id).where(
            mailbox_item.c.transmission == transmission.c.id, mailbox_item.c.folder == "receipts"
        )
        lost = select(*_COLUMNS).where(transmission.c.direction == "in", ~asked.exists(), ~given.exists())
        for row in self._connection.execute(lost):
            yield Problem(f"transmission row {row.id}", "has neither a receipt nor a job to give one", row.xid)

    def _put_off(self) -> Iterator[Problem]:
        latest = stamp(utc_now() + LATEST)
        until = func.coalesce(job.c.lease_until, "")
        late = select(job.c.id, job.c.kind, job.c.transmission, job.c.due_at, until.label("until")).where(
            job.c.state == "ready", or_(job.c.due_at > latest, until > latest)
        )
        for row in self._connection.execute(late):
            what = f"is put off until {max(row.due_at, row.until)}, to {row.kind} {row.transmission}"
            yield Problem(f"job row {row.id}", what)
