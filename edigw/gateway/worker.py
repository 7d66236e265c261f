"""The threads of a gateway: processing, delivery, and the log's integrator. Each ends soon after `stop` is set."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from edigw.gateway import queue
from edigw.gateway.context import Context, Current
from edigw.gateway.incoming.process import process
from edigw.gateway.incoming.slices import LARGE
from edigw.gateway.mailboxes import receipts
from edigw.gateway.outgoing.deliver import Deliverer
from edigw.gateway.queue import Failure, Job, Lane
from edigw.gateway.trouble import TROUBLE, give_back
from edigw.log.errors import LogDamaged, LogError, LogRolledBack
from edigw.store.clock import utc_now
from edigw.store.errors import StoreError

_logger = logging.getLogger("edigw.worker")
LOG_INTERVAL = 0.05  # seconds from one signature to the next, at least: what comes in between is signed at once
LOG_POLL = 0.1  # seconds between two looks at what other processes have appended
SMALL = 1 << 20  # bytes of a file that is delivered together with others
PROCESSING = (Lane("process", 16, largest=LARGE), Lane("process", smallest=LARGE + 1))
DELIVERING = (
    Lane("deliver", 16, largest=SMALL, from_largest=LARGE, by_partner=True),
    Lane("deliver", 16, largest=SMALL, from_smallest=LARGE + 1, by_partner=True),
    Lane("deliver", smallest=SMALL + 1, by_partner=True),
)
"""What a large file became does not hold up what is delivered besides."""

Work: TypeAlias = Callable[[Context, Sequence[Job]], Sequence[Failure]]


class Worker(threading.Thread):
    """A thread that does the jobs of one lane, as many at a time as the lane allows."""

    def __init__(self, current: Current, name: str, lane: Lane) -> None:
        super().__init__(name=name, daemon=True)
        self._current = current
        self._lane = lane
        self._stopping = threading.Event()
        self._deliverer = Deliverer()
        self._owed: list[Failure] = []  # what could not be given back, as the database was away
        self._work: Work = process if lane.kind == "process" else self._deliverer.deliver

    def stop(self) -> None:
        """Let the jobs at hand end, then no other one begins."""
        self._stopping.set()
        self._current.context.wake.set(self._lane.kind)

    def run(self) -> None:
        while not self._stopping.is_set():
            context = self._current.context
            try:
                found = self.step(context)
            except StoreError as error:
                _logger.error("the queue can't be read: %s", error)
                self._stopping.wait(TROUBLE.total_seconds())
                continue
            if not found:
                self._deliverer.rest()
                context.wake.wait(self._lane.kind, context.config.worker.poll_seconds)
        self.close()

    def close(self) -> None:
        """Close what is kept open between jobs."""
        self._deliverer.close()

    def step(self, context: Context) -> bool:
        """Do the jobs that are due now, as many as are taken at a time; False if there were none. Raises StoreError."""
        self._owed = [failure for failure in self._owed if not give_back(context, failure)]
        lease = timedelta(seconds=context.config.worker.lease_seconds)
        with context.database.write() as conn:
            jobs = queue.claim(conn, self._lane, queue.owner_name(self.name), utc_now(), lease)
        failures = self._work(context, jobs) if jobs else ()
        self._owed += [failure for failure in failures if not give_back(context, failure)]
        return bool(jobs)


class Integrator(threading.Thread):
    """Moves pending entries into the log's tree, signs checkpoints, and gives the receipts that wait for them. One of
    all processes integrates at a time."""

    def __init__(self, current: Current) -> None:
        super().__init__(name="integrator", daemon=True)
        self._current = current
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Integrate what is pending, then end."""
        self._stopping.set()
        self._current.context.wake.set("log")

    def run(self) -> None:
        stopping = False
        while not stopping:
            stopping = self._stopping.is_set()
            context = self._current.context
            began = time.monotonic()
            try:
                while context.log.integrate() + receipts.give(context, queue.owner_name(self.name)):
                    self._stopping.wait(0 if stopping else max(0.0, began + LOG_INTERVAL - time.monotonic()))
                    began = time.monotonic()
            except (LogRolledBack, LogDamaged) as error:
                context.wake.give_up(f"the log can't go on: {error}")
                return
            except (StoreError, LogError) as error:
                _logger.error("the log can't be integrated: %s", error)
                self._stopping.wait(TROUBLE.total_seconds())
            if not stopping:
                context.wake.wait("log", LOG_POLL)
