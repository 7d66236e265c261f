"""The threads of a gateway: processing, delivery, and the log's integrator. Each ends soon after `stop` is set."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection, select

from edigw.gateway import queue, receipts
from edigw.gateway.context import Context, Current
from edigw.gateway.deliver import Deliverer
from edigw.gateway.process import process
from edigw.gateway.queue import Job, Kind, LeaseLost
from edigw.gateway.records import States
from edigw.log.errors import LogDamaged, LogError, LogRolledBack
from edigw.store.clock import utc_now
from edigw.store.errors import StoreError
from edigw.store.schema import transmission

_logger = logging.getLogger("edigw.worker")
LOG_INTERVAL = 0.1  # seconds between two looks at the log's pending entries
TROUBLE = timedelta(seconds=5)  # before a job is tried again that failed on our side; twice that the next time
LONGEST_TROUBLE = timedelta(minutes=10)
TRIES = 30  # some four hours of trouble; then a person has to look


class Worker(threading.Thread):
    """A thread that does one job after the other of the kinds it is for."""

    def __init__(self, current: Current, name: str, role: str, kinds: tuple[Kind, ...]) -> None:
        super().__init__(name=name, daemon=True)
        self._current = current
        self._role = role
        self._kinds = kinds
        self._stopping = threading.Event()
        self._deliverer = Deliverer()
        self._work: dict[Kind, Callable[[Context, Job], None]] = {
            "process": process,
            "deliver": self._deliverer.deliver,
            "receipt": receipts.give,
        }

    @property
    def _context(self) -> Context:
        return self._current.context

    def stop(self) -> None:
        """Let the job at hand end, then no other one begins."""
        self._stopping.set()
        self._context.wake.set(self._role)

    def run(self) -> None:
        owner = queue.owner_name(self.name)
        lease = timedelta(seconds=self._context.config.worker.lease_seconds)
        while not self._stopping.is_set():
            try:
                with self._context.database.write() as conn:
                    job = queue.claim(conn, self._kinds, owner, utc_now(), lease)
            except StoreError as error:
                _logger.error("the queue can't be read: %s", error)
                self._stopping.wait(TROUBLE.total_seconds())
                continue
            if job is None:
                self._deliverer.rest()
                self._context.wake.wait(self._role, self._context.config.worker.poll_seconds)
            else:
                self._do(job)
        self._deliverer.close()

    def _do(self, job: Job) -> None:
        try:
            self._work[job.kind](self._context, job)
        except LeaseLost as error:
            _logger.warning("%s", error)
        except Exception as error:  # one bad item never stops the queue; it is tried again, later and later
            _logger.exception("%s of %s failed on our side", job.kind, job.transmission)
            self._give_back(job, f"{type(error).__name__}: {error}")

    def _give_back(self, job: Job, error: str) -> None:
        due = utc_now() + min(TROUBLE * 2 ** min(job.attempts, 10), LONGEST_TROUBLE)
        try:
            with self._context.database.write() as conn:
                if job.attempts + 1 < TRIES:
                    queue.postpone(conn, job, due, error)
                else:
                    self._end(conn, job, error)
        except (StoreError, LeaseLost) as trouble:
            _logger.error("job %d can't be given back, its lease will run out: %s", job.id, trouble)

    def _end(self, conn: Connection, job: Job, error: str) -> None:
        """Give a job up, in sight of an admin: `edigw reprocess` and `edigw resend` begin it anew."""
        queue.failed(conn, job, error)
        if job.kind == "receipt":
            return
        xid = conn.execute(select(transmission.c.xid).where(transmission.c.id == job.transmission)).scalar_one()
        states = States(conn)
        states.transmission(job.transmission, "failed", "internal_error")
        self._context.log.append(
            conn,
            type="validation.failed" if job.kind == "process" else "delivery.failed",
            xid=xid,
            actor="gateway",
            reason="internal_error",
            detail={"error": error[:500], **states.told()},
            transmission=job.transmission,
        )


class Integrator(threading.Thread):
    """Moves pending entries into the log's tree and signs checkpoints. One of all processes does it at a time."""

    def __init__(self, context: Context) -> None:
        super().__init__(name="integrator", daemon=True)
        self._context = context
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Integrate what is pending, then end."""
        self._stopping.set()
        self._context.wake.set("log")

    def run(self) -> None:
        stopping = False
        while not stopping:
            stopping = self._stopping.is_set()
            try:
                while self._context.log.integrate():
                    self._context.wake.set("process")  # receipts wait for it
            except (LogRolledBack, LogDamaged) as error:
                self._context.wake.give_up(f"the log can't go on: {error}")
                return
            except (StoreError, LogError) as error:
                _logger.error("the log can't be integrated: %s", error)
                self._stopping.wait(TROUBLE.total_seconds())
            if not stopping:
                self._context.wake.wait("log", LOG_INTERVAL)
