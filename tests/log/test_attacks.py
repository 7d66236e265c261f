"""What an administrator, a partner or a thief may try, and the message that says what happened.

Changes to rows, tiles and payloads one by one: test_audit. To bundles: test_bundle. To an export: test_archive.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.engine import make_url

from edigw.log.audit import Problem, audit
from edigw.log.bundle import export
from edigw.log.errors import EntryError, LogRolledBack, NoteError, ProofError
from edigw.log.eventlog import EventLog, new_xid
from edigw.log.highwater import write_mark
from edigw.log.keys import LogKey
from edigw.log.merkle import Edge, leaf_hash
from edigw.log.note import Checkpoint, assemble
from edigw.log.receipt import build_receipt, verify_receipt
from edigw.log.verify import verify_bundle
from edigw.store import Database, Payloads
from edigw.store.schema import ev_checkpoint, ev_entry, ev_state, ev_tile, event, exchange

from ..conftest import Databases
from .story import ORDER, Story, tell

# what may be said of an altered receipt: the signature, the note's form, the proof, the entry, the salts
ALTERED = (
    "the signature of .* is wrong|a signature is not base64|no known key signed|not a checkpoint"
    "|a signature line can't be read|not a receipt|a hash has not 32 bytes"
    "|(what follows extra|a hash of the path|the root|the entry) is not base64"
    "|not in the log that the checkpoint signs|not canonical JSON|which does not match|not a note|belongs to"
)


@pytest.fixture
def stories(log: EventLog) -> list[Story]:
    told = []
    for name in ("a.edi", "b.edi", "c.edi"):
        told.append(tell(log, name))
        log.integrate()
    return told


def problems(log: EventLog, highwater: Path | None = None, **held: str) -> list[str]:
    found = audit(log.database, log.payloads, log.keys, highwater, held=held)
    return [str(one) for one in found if isinstance(one, Problem)]


def rebuild(connection: Connection, key: LogKey, entries: list[bytes]) -> str:
    """What an administrator does who has the database and the log's key: another history, without a flaw."""
    for table in (ev_entry, ev_tile, ev_checkpoint):
        connection.execute(delete(table))
    edge = Edge(0, [])
    last: dict[str, str] = {}
    for seq, data in enumerate(entries):
        text = data.decode()
        eid, xid = (text.partition(f'"{name}":"')[2][:32] for name in ("eid", "xid"))
        if xid in last:
            before = text.partition('"prev":"')[2][:64]
            data = text.replace(before, last[xid]).encode()
        last[xid] = leaf_hash(data).hex()
        connection.execute(ev_entry.insert().values(seq=seq, eid=eid, entry=data))
        connection.execute(update(exchange).where(exchange.c.xid == xid).values(last=last[xid]))
        entries[seq] = data
    for (level, index), tile in edge.append(leaf_hash(data) for data in entries).items():
        connection.execute(ev_tile.insert().values(level=level, idx=index, data=tile))
    connection.execute(update(ev_state).values(size=edge.size, root=edge.root()))
    body = Checkpoint(key.name, edge.size, edge.root()).body()
    note = assemble(body, key.sign(body))
    connection.execute(ev_checkpoint.insert().values(size=edge.size, note=note))
    return note


def test_a_log_rebuilt_and_signed_anew_is_betrayed_by_what_lies_elsewhere(
    log: EventLog, stories: list[Story], key: LogKey, highwater: Path
) -> None:
    receipt = build_receipt(log, stories[1].first.eid)
    with log.database.write() as connection:
        entries = [bytes(e) for e in connection.execute(select(ev_entry.c.entry).order_by(ev_entry.c.seq)).scalars()]
        entries[4] = entries[4].replace(b'"actor":"gateway"', b'"actor":"admin:x"')
        connection.execute(
            update(event).where(event.c.eid == entries[4].decode().partition('"eid":"')[2][:32]).values(actor="admin:x")
        )
        note = rebuild(connection, key, entries)
    assert any(f"not those that {highwater} is about" in line for line in problems(log, highwater))
    write_mark(highwater, note)  # even the mark is forged
    assert problems(log, highwater) == [], "without a look elsewhere, it is a log like any other"
    found = problems(log, highwater, **{"the receipt that supplier holds": receipt.partition("\n\n")[2]})
    assert found and "not those that the receipt that supplier holds is about" in found[0]


def test_two_histories_of_one_size_prove_the_log_guilty(log: EventLog, stories: list[Story], key: LogKey) -> None:
    held = log.checkpoint()
    with log.database.write() as connection:
        entries = [bytes(e) for e in connection.execute(select(ev_entry.c.entry).order_by(ev_entry.c.seq)).scalars()]
        note = rebuild(connection, key, [entries[1], entries[0], *entries[2:]])
    assert held is not None
    ours, theirs = Checkpoint.of(held), Checkpoint.of(note)
    assert ours.size == theirs.size and ours.root != theirs.root


def test_an_old_backup_is_refused_by_a_running_gateway_and_at_the_next_start(
    log: EventLog, open_log: Callable[[], EventLog], stories: list[Story], tmp_path: Path
) -> None:
    if log.database.dialect != "sqlite":
        pytest.skip("a backup of SQLite is a copy of its file")
    path = Path(str(make_url(log.database._url).database))
    log.database.close()
    shutil.copy(path, tmp_path / "backup.db")
    tell(log, "after the backup.edi")
    log.integrate()
    log.database.close()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    shutil.copy(tmp_path / "backup.db", path)
    with pytest.raises(LogRolledBack, match=r"the database holds 15 entries, but .* shows 20"):
        log.check_mark()
    with pytest.raises(LogRolledBack):
        tell(log, "refused.edi")
    with pytest.raises(LogRolledBack, match="it is an old copy"):
        open_log()


def test_an_old_backup_in_the_place_of_the_database_is_refused_at_the_start(
    log: EventLog, stories: list[Story], databases: Databases, database_url: str, highwater: Path, tmp_path: Path
) -> None:
    log.database.close()
    backup = Database(databases.make(copy_of=database_url))
    tell(log, "after the backup.edi")
    log.integrate()
    with pytest.raises(
        LogRolledBack, match=f"holds 15 entries, but {highwater} shows that 20 were signed: it is an old"
    ):
        EventLog.open(backup, Payloads(tmp_path / "payloads", backup), log.origin, keys=log.keys, highwater=highwater)
    assert any(
        f"{highwater} was signed over 20 entries, there are 15: the newest were cut off, or the database is an old copy"
        in str(found)
        for found in audit(backup, log.payloads, log.keys, highwater)
    )
    backup.close()


def test_a_backdated_event_is_told_from_an_old_one(log: EventLog, stories: list[Story], tmp_path: Path) -> None:
    xid = new_xid()
    with log.database.write() as connection:
        log.append(
            connection,
            type="submission.accepted",
            xid=xid,
            actor="partner:supplier",
            at=datetime(2020, 1, 1, tzinfo=UTC),
        )
    log.integrate()
    report = verify_bundle(export(log, [xid], tmp_path / "e.zip"), [str(log.keys[0])])
    assert report.ok
    assert report.story[0].startswith("2020-01-01")
    assert "the log grew from an earlier state of 15 entries that had none of these" in report.notes


@pytest.mark.parametrize("step", range(0, 2400, 61))
def test_no_byte_of_a_receipt_can_be_altered(log: EventLog, stories: list[Story], step: int) -> None:
    text = build_receipt(log, stories[1].first.eid)
    at = step % len(text)
    altered = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    try:
        receipt = verify_receipt(altered, log.keys)
    except (NoteError, EntryError, ProofError) as error:
        assert re.search(ALTERED, str(error)), error
        return
    assert not receipt.covers("payload.original", ORDER + b"b.edi"), "only a salt can have been changed"


@pytest.mark.parametrize("origin", ["edi.example/log/test", "edi.example/log/other"])
def test_the_proof_of_another_log_is_refused(
    log: EventLog, stories: list[Story], databases: object, tmp_path: Path, origin: str
) -> None:
    database = Database(f"sqlite:///{tmp_path}/other.db")
    database.migrate()
    key = LogKey(origin, Ed25519PrivateKey.generate())
    other = EventLog.open(database, Payloads(tmp_path / "other", database), origin, key=key)
    told = tell(other, "b.edi")
    other.integrate()
    with pytest.raises(NoteError, match="no known key signed the note"):
        verify_receipt(build_receipt(other, told.first.eid), log.keys)
    bundle = export(other, [told.xid, told.child], tmp_path / "e.zip")
    assert "the log's key has not signed it" in verify_bundle(bundle, [str(log.keys[0])]).failure
    database.close()


def test_the_path_of_one_entry_proves_no_other(log: EventLog, stories: list[Story]) -> None:
    first, second = (build_receipt(log, story.first.eid) for story in stories[:2])
    mixed = second.split("\n")
    mixed[1] = first.split("\n")[1]
    with pytest.raises(ProofError, match="not in the log that the checkpoint signs"):
        verify_receipt("\n".join(mixed), log.keys)
