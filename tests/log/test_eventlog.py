"""Appending and integrating, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select, update

from edigw.log import sequence
from edigw.log.entry import NO_PREVIOUS, Entry
from edigw.log.errors import EntryError, LogDamaged, LogError, LogRolledBack, NoteError
from edigw.log.eventlog import Content, EventLog, new_xid
from edigw.log.keys import LogKey
from edigw.log.merkle import EMPTY, leaf_hash, root_from_inclusion
from edigw.log.note import Checkpoint, assemble, open_checkpoint, sign
from edigw.store.schema import (
    ev_checkpoint,
    ev_entry,
    ev_pending,
    ev_state,
    ev_tile,
    event,
    evidence_object,
    exchange,
)

from .story import tell


def test_an_appended_event_becomes_a_provable_entry(log: EventLog) -> None:
    xid = new_xid()
    sha256 = log.payloads.files.put(b"UNA:+.? '")
    with log.database.write() as connection:
        first = log.append(
            connection,
            type="submission.accepted",
            xid=xid,
            actor="partner:supplier",
            sender="GLN:4012345000009",
            objects=[Content("payload.original", sha256=sha256, size=9)],
            detail={"file": "a.edi", "empty": None},
        )
        second = log.append(connection, type="exchange.closed", xid=xid, actor="gateway")
    assert log.index_of(first.eid) is None
    assert log.integrate() == 2
    assert log.integrate() == 0
    note = log.checkpoint()
    assert note is not None
    checkpoint = open_checkpoint(note, log.origin, log.keys)
    assert checkpoint.size == 2
    with log.database.read() as connection:
        rows = connection.execute(select(ev_entry).order_by(ev_entry.c.seq)).all()
    entries = [Entry.parse(bytes(row.entry)) for row in rows]
    assert [(entry.n, entry.prev) for entry in entries] == [(0, NO_PREVIOUS), (1, first.leaf)]
    assert entries[1].eid == second.eid
    for index, row in enumerate(rows):
        proof = log.inclusion(index, 2)
        assert root_from_inclusion(index, 2, leaf_hash(row.entry), proof) == checkpoint.root


def test_an_entry_and_its_rows_come_and_go_with_the_transaction(log: EventLog) -> None:
    xid = new_xid()
    with pytest.raises(RuntimeError), log.database.write() as connection:
        log.append(connection, type="admin.action", xid=xid, actor="admin:ann")
        raise RuntimeError
    with log.database.read() as connection:
        for table in (ev_pending, event, exchange, evidence_object):
            assert connection.execute(select(table)).first() is None


def test_appending_outside_of_a_write_transaction_is_refused(log: EventLog) -> None:
    with log.database.read() as connection, pytest.raises(LogError):
        log.append(connection, type="admin.action", xid=new_xid(), actor="admin:ann")


@pytest.mark.parametrize(
    "wrong",
    [
        {"objects": [Content("payload.original", sha256="0" * 64, size=1)]},
        {"detail": {"about": {}}},
        {"detail": {"price": 1.5}},
        {"type": "object.erased"},
        {"type": "ack.negative"},
        {"actor": "nobody"},
    ],
)
def test_what_an_entry_cannot_say_is_refused_and_leaves_nothing(log: EventLog, wrong: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"type": "admin.action", "xid": new_xid(), "actor": "admin:ann", **wrong}
    with pytest.raises(EntryError), log.database.write() as connection:
        log.append(connection, **fields)
    assert log.integrate() == 0


def test_a_payload_of_another_size_is_refused(log: EventLog) -> None:
    sha256 = log.payloads.files.put(b"content")
    with pytest.raises(EntryError):
        log.seal(Content("payload.original", sha256=sha256, size=8))


def test_a_sealed_object_is_stored_as_it_was_sealed(log: EventLog) -> None:
    sealed = log.seal(Content("payload.original", sha256=log.payloads.files.put(b"content"), size=7))
    with log.database.write() as connection:
        log.append(connection, type="admin.action", xid=new_xid(), actor="gateway", objects=[sealed])
        row = connection.execute(select(evidence_object).where(evidence_object.c.commit == sealed.commit)).one()
    assert (row.salt, row.size) == (sealed.salt, 7)


def test_an_exchange_keeps_the_parent_it_began_with(log: EventLog) -> None:
    child = new_xid()
    with log.database.write() as connection:
        first = log.append(connection, type="admin.action", xid=new_xid(), actor="gateway")
        log.append(connection, type="admin.action", xid=child, actor="gateway", parent=first.leaf)
        log.append(connection, type="admin.action", xid=child, actor="gateway", parent=first.leaf)
        log.append(connection, type="admin.action", xid=child, actor="gateway", parent="1" * 64)
    log.integrate()
    with log.database.read() as connection:
        rows = connection.execute(select(ev_entry.c.entry).order_by(ev_entry.c.seq)).scalars()
        assert [Entry.parse(bytes(row)).parent for row in rows] == ["", first.leaf, "", ""]


def test_integrating_in_steps_signs_each_and_keeps_the_order(log: EventLog) -> None:
    xid = new_xid()
    with log.database.write() as connection:
        told = [log.append(connection, type="admin.action", xid=xid, actor="gateway") for _ in range(7)]
    assert [log.integrate(3) for _ in range(4)] == [3, 3, 1, 0]
    assert [log.index_of(event.eid) for event in told] == list(range(7))
    with log.database.read() as connection:
        assert list(connection.execute(select(ev_checkpoint.c.size)).scalars()) == [3, 6, 7]


def test_a_state_that_was_moved_but_not_signed_is_signed_later(log: EventLog) -> None:
    tell(log)
    sequence.move(log.database, 5000)
    assert log.checkpoint() is None
    assert log.integrate() == 0
    note = log.checkpoint()
    assert note is not None
    assert Checkpoint.of(note).size == 5


def test_a_process_without_the_key_appends_but_does_not_integrate(log: EventLog, highwater: Path) -> None:
    other = EventLog.open(log.database, log.payloads, log.origin, keys=log.keys, highwater=highwater)
    tell(other)
    with pytest.raises(LogError, match="no log key"):
        other.integrate()
    assert log.integrate() == 5


def test_damaged_tiles_stop_the_sequencer_before_anything_is_signed(log: EventLog) -> None:
    tell(log)
    log.integrate()
    tell(log)
    with log.database.write() as connection:
        connection.execute(update(ev_tile).values(data=b"x" * 160))
    with pytest.raises(LogDamaged):
        log.integrate()


def test_the_high_water_mark_follows_each_signature(log: EventLog, highwater: Path) -> None:
    for _ in range(2):
        tell(log)
        log.integrate()
        assert highwater.read_text() == log.checkpoint()
    assert highwater.stat().st_mode & 0o777 == 0o600


def test_a_missing_mark_is_refused_unless_it_is_adopted(
    log: EventLog, open_log: Callable[[], EventLog], highwater: Path, key: LogKey
) -> None:
    tell(log)
    log.integrate()
    highwater.unlink()
    with pytest.raises(LogRolledBack, match="is missing"):
        open_log()
    EventLog.open(log.database, log.payloads, log.origin, key=key, highwater=highwater, adopt=True)
    assert highwater.read_text() == log.checkpoint()
    open_log()


def test_a_forged_mark_and_a_mark_of_another_history_are_refused(
    log: EventLog, open_log: Callable[[], EventLog], highwater: Path, key: LogKey
) -> None:
    tell(log)
    log.integrate()
    body = Checkpoint(log.origin, 5, b"x" * 32).body()
    highwater.write_text(assemble(body, key.sign(body)))
    with pytest.raises(LogRolledBack, match="not those that"):
        open_log()
    highwater.write_text(assemble(body, sign(body, log.origin, Ed25519PrivateKey.generate())))
    with pytest.raises(NoteError):
        open_log()


def test_a_database_that_is_rolled_back_while_running_stops_the_log(log: EventLog) -> None:
    tell(log)
    log.integrate()
    with log.database.write() as connection:
        for table in (ev_entry, ev_tile, ev_checkpoint):
            connection.execute(delete(table))
        connection.execute(update(ev_state).values(size=0, root=EMPTY))
    tell(log)
    tell(log)
    with pytest.raises(LogRolledBack):
        log.integrate()
    with pytest.raises(LogRolledBack):
        tell(log)


def test_an_emptied_database_is_refused(log: EventLog, open_log: Callable[[], EventLog], key: LogKey) -> None:
    tell(log)
    log.integrate()
    with log.database.write() as connection:
        for table in (ev_entry, ev_tile, ev_checkpoint, ev_state):
            connection.execute(delete(table))
    with pytest.raises(LogRolledBack, match="empty"):
        open_log()


def test_a_log_of_another_origin_is_refused(log: EventLog) -> None:
    tell(log)
    log.integrate()
    with pytest.raises(LogError, match="holds the log"):
        EventLog.open(log.database, log.payloads, "edi.example/log/other")


def test_an_unknown_event_has_no_place(log: EventLog) -> None:
    with pytest.raises(LogError):
        log.index_of("0" * 32)
