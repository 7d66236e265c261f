"""How fast and how small the transmission log is, on SQLite: `python bench/bench_log.py [EVENTS]`.

Prints events appended per second (one transaction each, and fifty in one), entries integrated per second, the time of
a proof, of a receipt and of the audits (CPU, not wall clock), the memory they need, and how many bytes an event takes.
What is appended one by one is a tenth of EVENTS, at most 20,000; the rest is written in bulk, with the same rows.
"""

from __future__ import annotations

import random
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert

from edigw.log.audit import Problem, audit
from edigw.log.entry import NO_PREVIOUS, Entry, canonical
from edigw.log.eventlog import Content, EventLog, new_xid
from edigw.log.keys import LogKey
from edigw.log.merkle import leaf_hash
from edigw.log.objects import keep
from edigw.log.receipt import build_receipt
from edigw.store import Database, Payloads, new_id, stamp, utc_now
from edigw.store.schema import ev_pending, event, exchange

ORIGIN = "edi.example/log/bench"
BULK = 5000
EACH = 5  # events of an exchange


@contextmanager
def measured(what: str, count: int) -> Iterator[None]:
    """Prints how long the block took, for each of `count`, by the clock and on the processor."""
    start, busy = time.perf_counter(), time.process_time()
    yield
    tell(what, count, time.perf_counter() - start, time.process_time() - busy)


def tell(what: str, count: int, seconds: float, cpu: float) -> None:
    """Prints a line."""
    print(
        f"{what:44} {count / seconds:10.0f} /s   {1e3 * seconds / count:9.3f} ms each   {cpu:7.2f} s CPU in all",
        flush=True,
    )


def detail(transmission: str) -> dict[str, object]:
    """What a gateway states of a delivery, in size and kind."""
    return {
        "about": {"transmission": transmission, "message": transmission},
        "attempt": 1,
        "confirmed": "renamed",
        "file": "850_000000001.x12",
        "carried": {transmission: {"interchange": secrets.token_hex(32)}},
        "remote": {"folder": "incoming", "host": "sftp.partner.example", "port": 22, "user": "edigw"},
        "sha256": secrets.token_hex(32),
        "size": 1192,
        "states": {f"reason/{transmission}": "", f"transmission/{transmission}": "delivered"},
    }


def append(log: EventLog, count: int, together: int, sha256: str) -> list[str]:
    """Appends `count` events of exchanges of five, `together` in a transaction; their ids."""
    eids: list[str] = []
    xid = new_xid()
    while len(eids) < count:
        with log.database.write() as connection:
            for _ in range(together):
                if len(eids) % EACH == 0:
                    xid, transmission = new_xid(), new_id()
                facts = detail(transmission)
                facts.pop("about")
                appended = log.append(
                    connection,
                    type="delivery.completed",
                    xid=xid,
                    actor="gateway",
                    recipient="GLN:5412345000013",
                    objects=[Content("payload.translated", sha256=sha256, size=74)] if len(eids) % 2 else [],
                    detail=facts,
                    transmission=transmission,
                    message=transmission,
                )
                eids.append(appended.eid)
    return eids


def fill(log: EventLog, count: int, sha256: str) -> tuple[int, float, float]:
    """Writes the rows that `append` would write, many at once, and integrates them; how many entries that were, and
    how many seconds integrating took, by the clock and on the processor."""
    moved, seconds, cpu = 0, 0.0, 0.0
    for _ in range(count // BULK):
        waiting, told, exchanges = [], [], []
        with log.database.write() as connection:
            contents, ids = [], [new_id() for _ in range(BULK // EACH)]
            for number in range(BULK):
                contents.append(Content("detail", data=canonical(detail(ids[number // EACH]))))
                if number % 2:
                    contents.append(Content("payload.translated", sha256=sha256, size=74))
            refs = iter(keep(connection, log.payloads, contents))
            for number in range(BULK):
                n = number % EACH
                if n == 0:
                    xid, prev, transmission = new_xid(), NO_PREVIOUS, ids[number // EACH]
                objects = [next(refs)]
                if number % 2:
                    objects.insert(0, next(refs))
                entry = Entry(
                    log=ORIGIN,
                    type="delivery.completed",
                    eid=secrets.token_hex(16),
                    xid=xid,
                    n=n,
                    prev=prev,
                    at=stamp(utc_now()),
                    actor="gateway",
                    objects=objects,
                    recipient="GLN:5412345000013",
                )
                data = entry.to_bytes()
                prev = leaf_hash(data).hex()
                waiting.append({"eid": entry.eid, "entry": data})
                told.append(
                    {name: getattr(entry, name) for name in ("eid", "at", "type", "actor", "reason", "xid", "n")}
                    | {"transmission": transmission, "message": transmission}
                )
                if n == EACH - 1:
                    exchanges.append({"xid": xid, "events": EACH, "last": prev, "parent": "", "open": True})
            connection.execute(insert(ev_pending), waiting)
            connection.execute(insert(event), told)
            connection.execute(insert(exchange), exchanges)
        start, busy = time.perf_counter(), time.process_time()
        while step := log.integrate():
            moved += step
        seconds, cpu = seconds + time.perf_counter() - start, cpu + time.process_time() - busy
    return moved, seconds, cpu


def megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(count: int) -> None:
    """Runs everything once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder}/edigw.db")
        database.migrate()
        key = LogKey(ORIGIN, Ed25519PrivateKey.generate())
        log = EventLog.open(
            database, Payloads(folder / "payloads", database), ORIGIN, key=key, highwater=folder / "highwater"
        )
        sha256 = log.payloads.files.put(b"x" * 74)
        single = min(count // 10, 20_000)
        with measured("append, one event a transaction", single // 10):
            append(log, single // 10, 1, sha256)
        with measured("append, fifty events a transaction", single):
            eids = append(log, single, 50, sha256)
        while log.integrate():
            pass
        tell("integrate and sign, 5000 at once", *fill(log, count - single, sha256))
        size = single // 10 + single + (count - single) // BULK * BULK
        some = random.Random(7).sample(eids, min(500, len(eids)))
        with measured("inclusion proof", len(some)):
            for at in range(len(some)):
                log.inclusion(at * (size // len(some)), size)
        with measured("receipt", len(some)):
            for eid in some:
                build_receipt(log, eid)
        print(f"{'memory so far':44} {megabytes():10.0f} MB")
        with measured("audit of the log, without contents", size):
            problems = [f for f in audit(database, log.payloads, log.keys, contents=False) if isinstance(f, Problem)]
        print(f"{'memory after it':44} {megabytes():10.0f} MB")
        with measured("audit with contents", size):
            problems += [f for f in audit(database, log.payloads, log.keys) if isinstance(f, Problem)]
        print(f"{'memory after it':44} {megabytes():10.0f} MB")
        database.close()
        print(f"{'bytes an event in the database':44} {(folder / 'edigw.db').stat().st_size / size:10.0f}")
        print(f"{'problems found':44} {len(problems):10}")
        for problem in problems[:5]:
            print(problem)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
