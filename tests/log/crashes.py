"""Three processes write one log and are killed at random moments; what must hold after each round.

Each process does to the log what a gateway's does: several threads append, one integrates and signs. It writes down
what it was told is durable, in a file of its own, as a partner would remember an "accepted".
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import secrets
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from edigw.log.audit import Problem, audit
from edigw.log.entry import Entry
from edigw.log.eventlog import Content, EventLog
from edigw.log.highwater import check_mark, read_mark
from edigw.log.merkle import leaf_hash
from edigw.log.note import Checkpoint
from edigw.log.tiles import read_tree
from edigw.store import Database, Payloads
from edigw.store.schema import ev_checkpoint, ev_entry, ev_pending

from .conftest import KEY, ORIGIN

PROCESSES = 3
APPENDERS = 2  # threads of a process that append
SHARED = ("a" * 32, "b" * 32)  # exchanges that all of them write to
LARGE = 70_000  # bytes of a content that goes into the payload store
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Place:
    """Where a log lies."""

    url: str
    folder: Path

    def open(self) -> EventLog:
        """The log, opened as a gateway opens it when it starts."""
        database = Database(self.url)
        payloads = Payloads(self.folder / "payloads", database)
        return EventLog.open(database, payloads, ORIGIN, key=KEY, highwater=self.folder / "log.highwater")


def work(place: Place, told: Path) -> None:
    """Append, integrate and sign until killed. `told` gets a line for each event that is committed: its id and leaf."""
    log = place.open()
    file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for _ in range(APPENDERS):
        threading.Thread(target=_append, args=(log, file), daemon=True).start()
    while True:
        log.integrate(random.choice((1, 3, 300)))


def _append(log: EventLog, file: int) -> None:
    for number in itertools.count():
        content = Content("payload.original", data=secrets.token_bytes(LARGE if number % 20 == 19 else 50))
        with log.database.write() as connection:
            done = [
                log.append(connection, type="admin.action", xid=xid, actor="admin:x", objects=[content])
                for xid in sorted(random.sample((*SHARED, secrets.token_hex(16)), 2))
            ]
        os.write(file, "".join(f"{each.eid} {each.leaf}\n" for each in done).encode())


@dataclass
class Crashes:
    """A log and the processes that write it."""

    place: Place
    seed: int
    kills: int = 0
    events: int = 0
    _seen: dict[str, None] = field(default_factory=dict)  # every mark that lay on the disk when somebody looked

    def round(self, kills: int) -> None:
        """Let them write, kill one after the other, in the end all at once as a power cut does, and look."""
        luck = random.Random(f"{self.seed}/{self.kills}")
        before = len(self._told())
        running = [self._start() for _ in range(PROCESSES)]
        while len(self._told()) == before:  # a busy machine takes its time to start them
            self._watch(0.05)
        for _ in range(kills):
            self._watch(luck.uniform(0.01, 0.25))
            at = luck.randrange(PROCESSES)
            self._kill(running[at])
            running[at] = self._start()
        self._watch(luck.uniform(0.1, 0.3))
        for process in running:
            os.kill(process.pid or 0, signal.SIGKILL)
        for process in running:
            self._kill(process)
        self._look()

    def _start(self) -> multiprocessing.process.BaseProcess:
        told = self.place.folder / f"told-{secrets.token_hex(4)}"
        process = _processes.Process(target=work, args=(self.place, told), daemon=True)
        process.start()
        return process

    def _kill(self, process: multiprocessing.process.BaseProcess) -> None:
        assert process.exitcode in (None, -signal.SIGKILL), f"a process ended by itself: {process.exitcode}"
        process.kill()
        process.join()
        process.close()
        self.kills += 1

    def _watch(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if (mark := read_mark(self.place.folder / "log.highwater")) is not None:
                self._seen[mark] = None
            time.sleep(0.005)

    def _look(self) -> None:
        """No gap, no duplicate, no fork, nothing lost that somebody was told of, and nothing for the audit to name."""
        log = self.place.open()
        while log.integrate():
            pass
        with log.database.read() as connection:
            rows = connection.execute(select(ev_entry.c.seq, ev_entry.c.entry).order_by(ev_entry.c.seq)).all()
            assert connection.scalar(select(func.count()).select_from(ev_pending)) == 0
            notes = [*self._seen, *connection.execute(select(ev_checkpoint.c.note)).scalars()]
            tree = read_tree(connection)
            for note in notes:
                check_mark(note, f"what was signed at {Checkpoint.of(note).size}", tree, ORIGIN, log.keys)
        entries = [Entry.parse(bytes(row.entry)) for row in rows]
        assert [row.seq for row in rows] == list(range(len(rows))) and tree.size == len(rows), "a gap"
        leaves = {entry.eid: leaf_hash(bytes(row.entry)).hex() for entry, row in zip(entries, rows, strict=True)}
        assert len(leaves) == len(rows), "an event is there twice"
        for xid in SHARED:
            numbers = [entry.n for entry in entries if entry.xid == xid]
            assert numbers == list(range(len(numbers))), "the events of an exchange are out of order"
        self.events = len(rows)
        told = dict(self._told())
        assert told.items() <= leaves.items(), "an event was lost, or changed, although its writer was told"
        in_flight = len(leaves) - len(told)
        assert in_flight <= 2 * APPENDERS * self.kills, "more was written than anybody had begun"
        found = audit(log.database, log.payloads, log.keys, self.place.folder / "log.highwater")
        assert [str(one) for one in found if isinstance(one, Problem)] == []
        log.database.close()

    def _told(self) -> list[tuple[str, str]]:
        lines = [line for path in self.place.folder.glob("told-*") for line in path.read_text().splitlines()]
        return [(line[:32], line[33:]) for line in lines]
