"""A log that was written into the first form of the tables is the same log in today's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, insert, select

from edigw.log.audit import Problem, audit
from edigw.log.bundle import export
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey
from edigw.log.verify import verify_bundle
from edigw.store import Database, Payloads
from edigw.store.migrations.run import upgrade
from edigw.store.schema import evidence_object, metadata

from ..conftest import Databases
from .conftest import ORIGIN
from .story import Story, tell


def copy(source: Database, target: Database) -> None:
    """Writes the rows of today's tables as the first form had them: hashes as hex text, details as they are."""
    old = MetaData()
    with source.read() as reading, target.write() as writing:
        old.reflect(writing)
        for table in metadata.sorted_tables:
            rows: list[dict[str, Any]] = [dict(row._mapping) for row in reading.execute(select(table))]
            if rows:
                names = set(old.tables[table.name].columns.keys())
                writing.execute(insert(old.tables[table.name]), [{k: row[k] for k in names} for row in rows])


@pytest.fixture
def story(log: EventLog) -> Story:
    told = [tell(log, f"{name}.edi") for name in "abc"]
    log.integrate()
    tell(log, "pending.edi")
    return told[1]


def test_a_log_with_data_in_it_is_brought_along(
    databases: Databases, log: EventLog, story: Story, payloads: Payloads, key: LogKey, tmp_path: Path, highwater: Path
) -> None:
    url = databases.make()
    old = Database(url)
    with old.write() as connection:
        upgrade(connection, "0001")
    copy(log.database, old)
    old.migrate()
    moved = EventLog.open(old, payloads, ORIGIN, key=key, highwater=highwater)
    assert [str(p) for p in audit(old, payloads, [key.verifier], highwater) if isinstance(p, Problem)] == []
    with log.database.read() as before, old.read() as after:
        whole = select(evidence_object).order_by(evidence_object.c.commit)
        assert after.execute(whole).all() == before.execute(whole).all()
    assert moved.integrate() == 5
    assert verify_bundle(export(moved, [story.xid, story.child], tmp_path / "e.zip"), [str(key.verifier)]).ok
    old.close()
    databases.drop(url)
