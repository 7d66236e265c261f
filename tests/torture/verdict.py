"""What must hold when a gateway that was killed over and over has come to rest."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from edigw.store.database import Database
from edigw.store.schema import event, job, mailbox_item, message, transmission
from tests.torture.traffic import Upload, number

_NUMBER = re.compile(rb"~\s*BEG\*\d\d\*\w\w\*([^*]+)\*")


class Watcher(threading.Thread):
    """Looks at the receiver's folder all the time: a file under its final name must be whole from the first moment."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self._stopping = threading.Event()
        self._seen: dict[str, bytes] = {}

    def run(self) -> None:
        while not self._stopping.wait(0.1):
            for path in self._folder.glob("*.x12"):
                if path.name not in self._seen:
                    self._seen[path.name] = path.read_bytes()

    def changed(self) -> list[str]:
        """Stop, and say which files are not what they were when they were seen first."""
        self._stopping.set()
        self.join()
        return [name for name, data in self._seen.items() if (self._folder / name).read_bytes() != data]


def settle(database: Database, seconds: float) -> bool:
    """Wait until no job is left to be done; whether that came about."""
    give_up = time.monotonic() + seconds
    left = select(func.count()).select_from(job).where(job.c.state == "ready")
    while time.monotonic() < give_up:
        with database.read() as conn:
            if conn.execute(left).scalar_one() == 0:
                return True
        time.sleep(0.5)
    return False


def complaints(
    database: Database, incoming: Path, config: Path, uploads: Sequence[Upload], *, interrupted: bool
) -> Iterator[str]:
    """All that is not as it must be. `interrupted`: the receiver's server was killed, too, which may leave it with
    parts of files under temporary names."""
    arrived = Counter(number for path in incoming.glob("*.x12") for number in _numbers(path.read_bytes()))
    yield from _deliveries(arrived, uploads)
    left = [path.name for path in incoming.iterdir() if path.suffix != ".x12"]
    if left and not interrupted:
        yield f"half-delivered files lie at the receiver: {left[:5]}"
    with database.read() as conn:
        yield from _records(conn, uploads)
    command = [sys.executable, "-m", "edigw.admin.cli", "log", "verify", "-c", str(config)]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    if verified.returncode != 0:
        yield f"the log does not verify: {verified.stdout}{verified.stderr}"


def _numbers(data: bytes) -> Iterable[str]:
    return (found.decode() for found in _NUMBER.findall(data))


def _deliveries(arrived: Counter[str], uploads: Sequence[Upload]) -> Iterator[str]:
    for upload in uploads:
        counts = [arrived.pop(number(n), 0) for n in upload.orders]
        allowed = {"accepted": {1}, "unknown": {0, 1}, "abandoned": {0}}[upload.answer]
        if len(set(counts)) > 1 or counts[0] not in allowed:
            yield f"{upload.name} ({upload.answer}, {len(counts)} orders): delivered {Counter(counts)}"
    if arrived:
        yield f"delivered, but sent by nobody: {list(arrived)[:5]}"


def _records(conn: Connection, uploads: Sequence[Upload]) -> Iterator[str]:
    t = transmission.c
    known = set(conn.execute(select(t.sha256).where(t.direction == "in")).scalars())
    for upload in uploads:
        if upload.answer == "accepted" and upload.sha256 not in known:
            yield f"{upload.name} was answered OK, and nothing is known of it"
        if upload.answer == "abandoned" and upload.sha256 in known:
            yield f"{upload.name} was never closed, and was accepted"
    states = select(t.direction, t.state, t.reason, func.count().label("n")).group_by(t.direction, t.state, t.reason)
    for row in conn.execute(states):
        ends = {"in": ("accepted", "duplicate"), "out": ("delivered", "deposited")}[row.direction]
        if row.state not in ends or (row.direction == "out" and row.reason):
            yield f"{row.n} transmissions {row.direction} are {row.state} {row.reason}"
    jobs = select(job.c.kind, job.c.state, func.count()).group_by(job.c.kind, job.c.state)
    for what, state, count in conn.execute(jobs):
        if state != "done":
            yield f"{count} jobs ({what}) are {state}"
    yield from _each_has(conn, "acknowledgements", select(t.source).where(t.kind == "ack"), "in", 1)
    for direction, folder, many in (("in", "inbox", 1), ("in", "receipts", 2), ("out", "receipts", 2)):
        items = select(mailbox_item.c.transmission).where(mailbox_item.c.folder == folder)
        yield from _each_has(conn, f"items in {folder}", items, direction, many)
    for type, direction, kind in (
        ("submission.accepted", "in", "business"),
        ("validation.passed", "in", "business"),
        ("relay.accepted", "out", "business"),
        ("delivery.completed", "out", "business"),
        ("mailbox.deposited", "out", "ack"),
    ):
        in_slices = event.c.transmission.in_(select(message.c.transmission).where(message.c.slice.is_not(None)))
        told = select(event.c.transmission).where(event.c.type == type)
        if type == "validation.passed":  # of a slice there may be more than one
            told = told.where(~in_slices).union_all(select(event.c.transmission).where(in_slices).distinct())
        yield from _each_has(conn, f"events {type}", told, direction, 1, kind)


def _each_has(
    conn: Connection, what: str, owners: Any, direction: str, count: int, kind: str = "business"
) -> Iterator[str]:
    """Each transmission of a direction and kind has exactly `count` of these rows."""
    found = Counter(conn.execute(owners).scalars())
    ids = select(transmission.c.id).where(transmission.c.direction == direction, transmission.c.kind == kind)
    wrong = {id: found[id] for id in conn.execute(ids).scalars() if found[id] != count}
    if wrong:
        yield f"{len(wrong)} transmissions have not {count} {what}: {list(wrong.items())[:3]}"
