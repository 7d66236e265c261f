"""After a loss, a new log takes over from the old one, and says so in its first event."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log.bundle import export
from edigw.log.entry import Entry
from edigw.log.errors import LogError, NoteError
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey
from edigw.log.recover import recover
from edigw.log.verify import verify_bundle
from edigw.store import Database, Payloads
from edigw.store.schema import ev_entry

from .story import tell


@pytest.fixture
def lost(log: EventLog, highwater: Path) -> str:
    """The high-water mark of a log whose database is gone."""
    tell(log)
    log.integrate()
    return highwater.read_text()


@pytest.fixture
def fresh(tmp_path: Path) -> EventLog:
    database = Database(f"sqlite:///{tmp_path}/fresh.db")
    database.migrate()
    key = LogKey("edi.example/log/second", Ed25519PrivateKey.generate())
    return EventLog.open(database, Payloads(tmp_path / "fresh", database), key.name, key=key)


def test_the_first_event_names_the_last_checkpoint_of_the_lost_log(fresh: EventLog, lost: str, tmp_path: Path) -> None:
    recover(fresh, lost, actor="admin:ann", why="both disks of the database failed")
    fresh.integrate()
    with fresh.database.read() as connection:
        entry = Entry.parse(connection.execute(ev_entry.select()).one().entry)
    assert (entry.type, entry.n) == ("log.recovered", 0)
    bundle = export(fresh, [entry.xid], tmp_path / "e.zip")
    assert verify_bundle(bundle, [str(fresh.keys[0])]).ok
    tell(fresh)


def test_only_the_first_event_can_take_over(fresh: EventLog, lost: str) -> None:
    tell(fresh)
    with pytest.raises(LogError, match="has events already"):
        recover(fresh, lost, actor="admin:ann", why="x")
    fresh.integrate()
    with pytest.raises(LogError, match="has events already"):
        recover(fresh, lost, actor="admin:ann", why="x")


def test_the_new_log_needs_a_name_of_its_own(log: EventLog, fresh: EventLog, lost: str) -> None:
    with pytest.raises(LogError, match="needs another origin"):
        recover(log, lost, actor="admin:ann", why="x")
    with pytest.raises(NoteError):
        recover(fresh, "no checkpoint", actor="admin:ann", why="x")
