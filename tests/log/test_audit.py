"""The audit finds nothing wrong with a sound log, and names whatever was changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from edigw.log import audit_chain, audit_events
from edigw.log.audit import Problem, audit
from edigw.log.errors import LogError, LogRolledBack
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey
from edigw.log.merkle import Edge, leaf_hash
from edigw.log.objects import erase
from edigw.store import Database, Payloads
from edigw.store.schema import (
    ev_checkpoint,
    ev_entry,
    ev_pending,
    ev_state,
    ev_tile,
    event,
    evidence_object,
    exchange,
    message,
    transmission,
)

from ..conftest import Databases
from .conftest import KEY, ORIGIN
from .story import Story, tell


@dataclass(frozen=True, slots=True)
class Prepared:
    """A log on disk, to be copied: three stories in it, a checkpoint after each, and a fourth that is pending."""

    url: str
    folder: Path
    stories: list[Story]


@pytest.fixture(scope="module")
def prepared(databases: Databases, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared")
    url = databases.make(copy_of=migrated)
    database = Database(url)
    log = EventLog.open(
        database, Payloads(folder / "payloads", database), ORIGIN, key=KEY, highwater=folder / "log.highwater"
    )
    stories = []
    for name in ("a.edi", "b.edi", "c.edi"):
        stories.append(tell(log, name))
        log.integrate()
    stories.append(tell(log, "d.edi"))
    database.close()
    return Prepared(url, folder, stories)


@pytest.fixture
def database_url(databases: Databases, prepared: Prepared, tmp_path: Path) -> Iterator[str]:
    shutil.copytree(prepared.folder, tmp_path, dirs_exist_ok=True)
    url = databases.make(copy_of=prepared.url)
    yield url
    databases.drop(url)


@pytest.fixture
def stories(prepared: Prepared) -> list[Story]:
    return prepared.stories


def problems(log: EventLog, highwater: Path | None = None) -> list[str]:
    found = audit(log.database, log.payloads, log.keys, highwater)
    return [str(item) for item in found if isinstance(item, Problem)]


def spoil(log: EventLog, *statements: object) -> None:
    with log.database.write() as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def names(found: list[str], *wanted: str) -> bool:
    return all(any(want in line for line in found) for want in wanted)


def test_a_sound_log_has_no_problems(log: EventLog, stories: list[Story], highwater: Path) -> None:
    assert problems(log, highwater) == []


def test_an_empty_log_has_no_problems(databases: Databases, migrated: str, tmp_path: Path) -> None:
    database = Database(databases.make(copy_of=migrated))
    empty = EventLog.open(database, Payloads(tmp_path / "empty", database), ORIGIN, key=KEY)
    assert problems(empty) == []
    database.close()


def test_an_audit_without_a_key_is_refused(log: EventLog) -> None:
    with pytest.raises(LogError):
        list(audit(log.database, log.payloads, []))


def _entry(connection: Connection, seq: int) -> bytes:
    return bytes(connection.execute(select(ev_entry.c.entry).where(ev_entry.c.seq == seq)).scalar_one())


def test_one_changed_byte_in_an_entry_is_named(log: EventLog, stories: list[Story]) -> None:
    with log.database.write() as connection:
        changed = _entry(connection, 7).replace(b'"actor":"gateway"', b'"actor":"admin:x"')
        connection.execute(update(ev_entry).where(ev_entry.c.seq == 7).values(entry=changed))
    found = problems(log)
    assert found[0].startswith("ev_entry row 7: changed")
    assert not names(found, "ev_entry row 6", "ev_tile")


def test_an_entry_changed_with_its_tiles_and_the_state_is_noticed(log: EventLog, stories: list[Story]) -> None:
    with log.database.write() as connection:
        changed = _entry(connection, 7).replace(b'"actor":"gateway"', b'"actor":"admin:x"')
        connection.execute(update(ev_entry).where(ev_entry.c.seq == 7).values(entry=changed))
        rows = connection.execute(select(ev_entry.c.entry).order_by(ev_entry.c.seq)).scalars().all()
        edge = Edge(0, [])
        for (level, index), data in edge.append(leaf_hash(bytes(row)) for row in rows).items():
            connection.execute(
                update(ev_tile).where(ev_tile.c.level == level, ev_tile.c.idx == index).values(data=data)
            )
        connection.execute(update(ev_state).values(root=edge.root()))
    assert names(problems(log), "ev_entry rows 5 to 9: not those that ev_checkpoint row 10 is about")


def test_a_deleted_entry_is_named(log: EventLog, stories: list[Story]) -> None:
    spoil(log, delete(ev_entry).where(ev_entry.c.seq == 6))
    assert problems(log)[0].startswith("ev_entry row 6: missing")


def test_deleted_last_entries_are_named(log: EventLog, stories: list[Story]) -> None:
    spoil(log, delete(ev_entry).where(ev_entry.c.seq >= 13))
    assert names(problems(log), "ev_entry row 13: missing", "ev_entry row 14: missing")


def test_swapped_entries_are_named(log: EventLog, stories: list[Story]) -> None:
    with log.database.write() as connection:
        for a, b in ((2, 100), (3, 2), (100, 3)):
            connection.execute(update(ev_entry).where(ev_entry.c.seq == a).values(seq=b))
    assert names(problems(log), "ev_entry row 2: changed", "ev_entry row 3: changed")


def test_a_cut_off_tail_is_noticed_by_the_signatures(log: EventLog, stories: list[Story], highwater: Path) -> None:
    spoil(
        log,
        delete(ev_entry).where(ev_entry.c.seq >= 10),
        update(ev_tile).values(data=text("substr(data, 1, 320)")),
        delete(ev_checkpoint).where(ev_checkpoint.c.size == 15),
        update(ev_state).values(size=10),
    )
    assert names(problems(log, highwater), "was signed over 15 entries, there are 10")


@pytest.mark.parametrize("offset", [0, 3 * 32 + 7])
def test_a_changed_tile_is_told_from_a_changed_entry(log: EventLog, stories: list[Story], offset: int) -> None:
    with log.database.write() as connection:
        data = bytearray(connection.execute(select(ev_tile.c.data)).scalar_one())
        data[offset] ^= 1
        connection.execute(update(ev_tile).values(data=bytes(data)))
    found = problems(log)
    assert len(found) == 1
    assert found[0].startswith(f"ev_tile 0/0: its hash {offset // 32} is not that of ev_entry row {offset // 32}")


def test_a_superfluous_tile_is_named(log: EventLog, stories: list[Story]) -> None:
    spoil(log, insert(ev_tile).values(level=1, idx=0, data=b"x" * 32))
    assert names(problems(log), "ev_tile level 1: has 1 rows")


@pytest.mark.parametrize("values", [{"size": 14}, {"size": 16}, {"root": b"\0" * 32}, {"id": 2}])
def test_a_changed_state_is_named(log: EventLog, stories: list[Story], values: dict[str, object]) -> None:
    spoil(log, update(ev_state).values(**values))
    assert names(problems(log), "ev_state")


def test_a_changed_or_foreign_checkpoint_is_named(log: EventLog, stories: list[Story], key: LogKey) -> None:
    with log.database.write() as connection:
        note = connection.execute(select(ev_checkpoint.c.note).where(ev_checkpoint.c.size == 5)).scalar_one()
        connection.execute(
            update(ev_checkpoint).where(ev_checkpoint.c.size == 5).values(note=note.replace("\n5\n", "\n6\n"))
        )
        connection.execute(update(ev_checkpoint).where(ev_checkpoint.c.size == 10).values(note=note))
    assert names(
        problems(log), "ev_checkpoint row 5: the signature", "ev_checkpoint row 10: its note was signed over 5"
    )


def test_changed_objects_and_salts_are_named(log: EventLog, stories: list[Story]) -> None:
    with log.database.read() as connection:
        rows = connection.execute(select(evidence_object).order_by(evidence_object.c.commit)).all()
    inline = [row for row in rows if row.content not in (None, b"{}")]
    spoil(
        log,
        update(evidence_object).where(evidence_object.c.commit == inline[0].commit).values(content=b"{}"),
        update(evidence_object).where(evidence_object.c.commit == inline[1].commit).values(salt=b"s" * 32),
        update(evidence_object).where(evidence_object.c.commit == inline[2].commit).values(role="payload.original"),
        update(evidence_object).where(evidence_object.c.commit == inline[3].commit).values(salt=None, content=None),
        delete(evidence_object).where(evidence_object.c.commit == inline[4].commit),
        insert(evidence_object).values(commit="f" * 64, role="detail", salt=b"s" * 32, size=0, content=b""),
    )
    found = problems(log)
    for row in inline[:5]:
        assert names(found, f"evidence_object row {row.commit}")
    assert names(found, f"evidence_object row {'f' * 64}: no entry of the log names it")


def test_damaged_and_missing_payload_files_are_named(log: EventLog, stories: list[Story]) -> None:
    damaged, missing = log.payloads.files.path(stories[0].sha256), log.payloads.files.path(stories[1].sha256)
    damaged.write_bytes(damaged.read_bytes()[:-9] + b"\0" * 9)
    missing.unlink()
    found = problems(log)
    assert names(found, f"payload {stories[0].sha256}: its", f"payload {stories[1].sha256}: not in the store")


@pytest.mark.parametrize(
    "values", [{"at": "2020-01-01T00:00:00.000Z"}, {"actor": "admin:x"}, {"message": "x"}, {"n": 9}]
)
def test_a_changed_event_row_is_named(log: EventLog, stories: list[Story], values: dict[str, object]) -> None:
    spoil(log, update(event).where(event.c.eid == stories[1].first.eid).values(**values))
    found = problems(log)
    assert len(found) == 1
    assert found[0].startswith(
        f"event row {stories[1].first.eid} (exchange {stories[1].xid}): its {next(iter(values))} is"
    )


def test_missing_and_invented_event_rows_are_named(log: EventLog, stories: list[Story]) -> None:
    invented = {"eid": "e" * 32, "at": "", "type": "ack.positive", "actor": "gateway", "xid": stories[0].xid, "n": 7}
    spoil(log, delete(event).where(event.c.eid == stories[0].first.eid), insert(event).values(**invented))
    assert names(problems(log), f"event row {stories[0].first.eid} ", f"event row {'e' * 32}")


@pytest.mark.parametrize("values", [{"events": 7}, {"last": "0" * 64}, {"parent": "1" * 64}])
def test_a_changed_exchange_row_is_named(log: EventLog, stories: list[Story], values: dict[str, object]) -> None:
    spoil(log, update(exchange).where(exchange.c.xid == stories[2].child).values(**values))
    found = problems(log)
    assert len(found) == 1
    assert found[0].startswith(f"exchange row {stories[2].child}")


@pytest.mark.parametrize("values", [{"name": "other.edi"}, {"size": 1}, {"partner": "thief"}, {"state": "rejected"}])
def test_a_changed_transmission_is_named(log: EventLog, stories: list[Story], values: dict[str, object]) -> None:
    spoil(log, update(transmission).where(transmission.c.id == stories[0].transmission).values(**values))
    found = problems(log)
    assert len(found) == 1
    assert found[0].startswith(f"transmission row {stories[0].transmission}")


@pytest.mark.parametrize("values", [{"number": "PO1"}, {"receiver": "x"}, {"state": "held"}, {"ack_state": "accepted"}])
def test_a_changed_message_is_named(log: EventLog, stories: list[Story], values: dict[str, object]) -> None:
    spoil(log, update(message).where(message.c.id == stories[3].message).values(**values))
    found = problems(log)
    assert len(found) == 1
    assert found[0].startswith(f"message row {stories[3].message}")


def test_missing_and_invented_traffic_rows_are_named(log: EventLog, stories: list[Story]) -> None:
    with log.database.write() as connection:
        row = connection.execute(select(transmission).where(transmission.c.id == stories[0].transmission)).one()
        connection.execute(insert(transmission).values(**{**row._mapping, "id": "0" * 26}))
        connection.execute(delete(message).where(message.c.id == stories[1].message))
    found = problems(log)
    assert names(found, f"transmission row {'0' * 26}", f"message row {stories[1].message}")


def test_a_changed_pending_entry_is_named(log: EventLog, stories: list[Story]) -> None:
    with log.database.write() as connection:
        row = connection.execute(select(ev_pending).order_by(ev_pending.c.id).limit(1)).one()
        changed = bytes(row.entry).replace(b"partner:supplier", b"partner:purchase")
        connection.execute(update(ev_pending).where(ev_pending.c.id == row.id).values(entry=changed))
    assert names(problems(log), f"event row {stories[3].first.eid}", "ev_pending row")


def test_an_erased_object_is_no_problem_but_one_that_just_vanished_is(log: EventLog, stories: list[Story]) -> None:
    with log.database.write() as connection:
        commits = connection.execute(
            select(evidence_object.c.commit).where(evidence_object.c.sha256 == stories[0].sha256)
        ).scalars()
        refs, orphans = erase(connection, list(commits))
        log.append_erasure(connection, xid=stories[0].xid, actor="admin:ann", reason="retention", erased=refs)
    for sha256 in orphans:
        log.payloads.files.remove(sha256)
    log.integrate()
    assert orphans == [stories[0].sha256]
    assert problems(log) == []


def test_a_missing_high_water_mark_is_a_problem(log: EventLog, stories: list[Story], highwater: Path) -> None:
    highwater.unlink()
    assert names(problems(log, highwater), f"{highwater}: missing")


def test_the_audit_runs_while_events_are_appended(log: EventLog, stories: list[Story], highwater: Path) -> None:
    found = []
    for step, item in enumerate(audit(log.database, log.payloads, log.keys, None)):
        if step < 3:
            tell(log, f"late-{step}.edi")
            log.integrate()
        if isinstance(item, Problem):
            found.append(item)
    assert found == []


def test_a_rolled_back_database_is_refused(
    log: EventLog, open_log: Callable[[], EventLog], stories: list[Story], highwater: Path
) -> None:
    log.integrate()
    spoil(
        log,
        delete(ev_entry).where(ev_entry.c.seq >= 15),
        update(ev_tile).values(data=text("substr(data, 1, 480)")),
        delete(ev_checkpoint).where(ev_checkpoint.c.size > 15),
        update(ev_state).values(size=15),
    )
    with pytest.raises(LogRolledBack, match=r"15 entries.*20 were signed"):
        open_log()


def test_an_exchange_that_begins_twice_is_named(
    log: EventLog, stories: list[Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "REMEMBERED", 1)
    assert problems(log) == []
    with log.database.write() as connection:
        connection.execute(update(exchange).where(exchange.c.xid == stories[0].xid).values(events=0, last="0" * 64))
        log.append(connection, type="exchange.closed", xid=stories[0].xid, actor="gateway")
    log.integrate()
    assert any("the log has its first event twice" in line for line in problems(log))


def test_rows_of_events_may_lie_in_any_order(
    log: EventLog, stories: list[Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PART", 2), ("AHEAD", 4), ("KEPT", 3)):
        monkeypatch.setattr(audit_events, name, value)
    with log.database.write() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(event))]
        connection.execute(delete(event))
        connection.execute(insert(event), rows[::-1])
    assert problems(log) == []
    with log.database.write() as connection:
        connection.execute(delete(event).where(event.c.eid == rows[3]["eid"]))
    assert problems(log) == [
        f"event row {rows[3]['eid']} (exchange {rows[3]['xid']}): missing, although the log has the event"
    ]
