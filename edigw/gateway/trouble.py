"""Jobs that failed on our side: tried again, later and later, and in the end given up in sight of an admin."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Connection, select

from edigw.gateway import queue
from edigw.gateway.context import Context
from edigw.gateway.queue import Failure, LeaseLost
from edigw.gateway.records import States
from edigw.store.clock import utc_now
from edigw.store.errors import StoreError
from edigw.store.schema import transmission

_logger = logging.getLogger("edigw.worker")
TROUBLE = timedelta(seconds=5)  # before a job is tried again that failed on our side; twice that the next time
LONGEST_TROUBLE = timedelta(minutes=10)
TRIES = 30  # some four hours of trouble; then a person has to look


def give_back(context: Context, failure: Failure) -> bool:
    """Give a job that was not done back to the queue, or end it after too many attempts. One bad item never stops the
    queue. False if the database does not take it: to be tried again, or the job waits until its lease runs out."""
    job, error = failure.job, failure.error
    if isinstance(error, LeaseLost):
        _logger.warning("%s", error)
        return True
    _logger.error("%s of %s failed on our side", job.kind, job.transmission, exc_info=error)
    text = f"{type(error).__name__}: {error}"
    due = utc_now() + min(TROUBLE * 2 ** min(job.attempts, 10), LONGEST_TROUBLE)
    try:
        with context.database.write() as conn:
            if job.attempts + 1 < TRIES:
                queue.postpone(conn, job, due, text)
            else:
                _end(context, conn, failure, text)
    except LeaseLost as lost:
        _logger.warning("%s", lost)
    except StoreError as trouble:
        _logger.error("job %d can't be given back yet: %s", job.id, trouble)
        return False
    return True


def _end(context: Context, conn: Connection, failure: Failure, text: str) -> None:
    """Give a job up: `edigw reprocess` and `edigw resend` begin it anew."""
    job = failure.job
    queue.failed(conn, job, text)
    if job.kind == "receipt":
        return
    xid = conn.execute(select(transmission.c.xid).where(transmission.c.id == job.transmission)).scalar_one()
    states = States(conn)
    states.transmission(job.transmission, "failed", "internal_error")
    context.log.append(
        conn,
        type="validation.failed" if job.kind == "process" else "delivery.failed",
        xid=xid,
        actor="gateway",
        reason="internal_error",
        detail={"error": text[:500], **states.told()},
        transmission=job.transmission,
    )
