"""How fast the transmission log is: `python bench/bench_log.py [EVENTS]`, on SQLite in a temporary folder.

Prints events appended per second (one transaction each, and fifty in one), entries integrated per second, the time of
one proof, one receipt and an audit, and how many bytes an event takes.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log.audit import Problem, audit
from edigw.log.eventlog import Content, EventLog, new_xid
from edigw.log.keys import LogKey
from edigw.log.receipt import build_receipt
from edigw.store import Database, Payloads

ORIGIN = "edi.example/log/bench"
DETAIL = {"file": {"id": "01M82J9Y3FBTJPV0000000000", "name": "orders.edi", "partner": "supplier", "size": 74}}


@contextmanager
def measured(what: str, count: int) -> Iterator[None]:
    """Prints how long the block took, for each of `count`."""
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    print(f"{what:44} {count / seconds:10.0f} /s   {1e3 * seconds / count:9.3f} ms each")


def append(log: EventLog, count: int, together: int, sha256: str) -> list[str]:
    """Appends `count` events of exchanges of five, `together` in a transaction; their ids."""
    eids: list[str] = []
    xid = new_xid()
    while len(eids) < count:
        with log.database.write() as connection:
            for _ in range(together):
                if len(eids) % 5 == 0:
                    xid = new_xid()
                appended = log.append(
                    connection,
                    type="submission.accepted",
                    xid=xid,
                    actor="partner:supplier",
                    sender="GLN:4012345000009",
                    recipient="GLN:5412345000013",
                    objects=[Content("payload.original", sha256=sha256, size=74)],
                    detail=DETAIL,
                )
                eids.append(appended.eid)
    return eids


def main(count: int) -> None:
    """Runs everything once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder}/edigw.db")
        database.migrate()
        key = LogKey(ORIGIN, Ed25519PrivateKey.generate())
        log = EventLog.open(database, Payloads(folder / "payloads"), ORIGIN, key=key, highwater=folder / "highwater")
        sha256 = log.payloads.put(b"x" * 74)
        with measured("append, one event a transaction", count // 20):
            append(log, count // 20, 1, sha256)
        with measured("append, fifty events a transaction", count):
            eids = append(log, count, 50, sha256)
        with measured("integrate and sign, batches of 5000", count + count // 20):
            while log.integrate():
                pass
        some = random.Random(7).sample(eids, min(500, len(eids)))
        size = count + count // 20
        with measured("inclusion proof", len(some)):
            for at in range(len(some)):
                log.inclusion(at * (size // len(some)), size)
        with measured("receipt", len(some)):
            for eid in some:
                build_receipt(log, eid)
        with measured("audit", size):
            problems = sum(isinstance(found, Problem) for found in audit(database, log.payloads, log.keys))
        database.close()
        print(f"{'bytes an event in the database':44} {(folder / 'edigw.db').stat().st_size / size:10.0f}")
        print(f"{'problems found by the audit':44} {problems:10}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
