"""Many threads and two processes append at once: indices stay contiguous, chains stay whole."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from edigw.log.audit import Problem, audit
from edigw.log.entry import Entry
from edigw.log.eventlog import EventLog, new_xid
from edigw.store.schema import ev_entry

SHARED = "c" * 32
APPENDING = """
import sys
from pathlib import Path
from edigw.log.eventlog import EventLog
from edigw.store import Database, Payloads
url, payloads, origin, xid, count = sys.argv[1:]
database = Database(url)
log = EventLog.open(database, Payloads(Path(payloads), database), origin)
print("ready", flush=True)
sys.stdin.read(1)
for _ in range(int(count)):
    with database.write() as connection:
        log.append(connection, type="admin.action", xid=xid, actor="gateway")
database.close()
"""


def append(log: EventLog, xid: str, count: int) -> None:
    for _ in range(count):
        with log.database.write() as connection:
            log.append(connection, type="admin.action", xid=xid, actor="gateway")


def test_threads_and_processes_append_to_one_chain(log: EventLog, database_url: str, tmp_path: Path) -> None:
    arguments = [database_url, str(tmp_path / "payloads"), log.origin, SHARED, "15"]
    others = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDING, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "ready\n"
    for other in others:
        other.stdin.write("\n")  # type: ignore[union-attr]
        other.stdin.flush()  # type: ignore[union-attr]
    own = new_xid()
    with ThreadPoolExecutor(5) as pool:
        futures = [pool.submit(append, log, xid, 10) for xid in (SHARED, SHARED, SHARED, own)]
        while not all(future.done() for future in futures):
            log.integrate(7)
        for future in futures:
            future.result()
    for other in others:
        other.communicate(timeout=30)
        assert other.returncode == 0
    while log.integrate():
        pass
    with log.database.read() as connection:
        rows = connection.execute(select(ev_entry.c.seq, ev_entry.c.entry).order_by(ev_entry.c.seq)).all()
    assert [row.seq for row in rows] == list(range(70))
    entries = [Entry.parse(bytes(row.entry)) for row in rows]
    assert [entry.n for entry in entries if entry.xid == SHARED] == list(range(60))
    assert [entry.n for entry in entries if entry.xid == own] == list(range(10))
    assert [found for found in audit(log.database, log.payloads, log.keys) if isinstance(found, Problem)] == []


def test_several_integrators_take_turns(log: EventLog) -> None:
    append(log, new_xid(), 40)
    with ThreadPoolExecutor(4) as pool:
        moved = sum(pool.map(lambda _: log.integrate(5), range(24)))
    while more := log.integrate():
        moved += more
    assert moved == 40
    assert [found for found in audit(log.database, log.payloads, log.keys) if isinstance(found, Problem)] == []
