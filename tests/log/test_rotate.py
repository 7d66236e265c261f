"""The log's key is changed: both keys sign for it, and everything older stays verifiable."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from edigw.log import keys, rotate
from edigw.log.audit import Problem, audit
from edigw.log.bundle import export
from edigw.log.errors import LogKeyError, NoteError
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey, create_key, load_key, load_previous, load_verifiers
from edigw.log.note import VerifierKey, assemble, split_note
from edigw.log.receipt import build_receipt, verify_receipt
from edigw.log.verify import Report, verify_bundle
from edigw.store import Database, Payloads
from edigw.store.schema import ev_checkpoint

from .conftest import ORIGIN
from .story import Story, tell
from .test_bundle import reseal

TODAY = date(2026, 11, 1)
UNTIL = TODAY + timedelta(days=30)
Change = Callable[[], VerifierKey]
Open = Callable[[], EventLog]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key files that are unlocked in no time: how long that takes is not what is tested here."""
    monkeypatch.setattr(keys, "_ROUNDS", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_key(tmp_path / "log.key", ORIGIN)
    return tmp_path / "log.key"


@pytest.fixture
def opened(database: Database, payloads: Payloads, highwater: Path, path: Path) -> Open:
    """The log as a gateway opens it at its start."""

    def opening() -> EventLog:
        return EventLog.open(
            database,
            payloads,
            ORIGIN,
            key=load_key(path, ORIGIN),
            previous=load_previous(path, ORIGIN, TODAY),
            keys=load_verifiers(path.with_suffix(".vkey")),
            highwater=highwater,
        )

    return opening


@pytest.fixture
def change(database: Database, payloads: Payloads, highwater: Path, path: Path) -> Change:
    def changing() -> VerifierKey:
        known = tuple(load_verifiers(path.with_suffix(".vkey")))
        where = (database, payloads, ORIGIN, path)
        return rotate.rotate(*where, keys=known, highwater=highwater, actor="admin:ann", until=UNTIL)

    return changing


def told(log: EventLog, name: str) -> Story:
    story = tell(log, name)
    log.integrate()
    return story


def signers(log: EventLog) -> list[str]:
    return [key_id.hex() for _, key_id, _ in split_note(log.checkpoint() or "")[1]]


def test_both_keys_sign_until_the_old_one_is_given_up(opened: Open, change: Change, path: Path) -> None:
    old = load_key(path, ORIGIN).verifier
    told(opened(), "before.edi")
    new = change()
    assert load_key(path, ORIGIN).verifier == new != old
    assert load_verifiers(path.with_suffix(".vkey")) == [new, old]
    log = opened()
    told(log, "after.edi")
    assert signers(log) == [new.key_id.hex(), old.key_id.hex()]
    assert [key.verifier for key in load_previous(path, ORIGIN, UNTIL)] == [old]
    assert load_previous(path, ORIGIN, UNTIL + timedelta(days=1)) == []
    assert list(path.parent.glob("log.key.*.until-*")) == []
    assert [str(f) for f in audit(log.database, log.payloads, log.keys) if isinstance(f, Problem)] == []


def test_a_gateway_that_runs_on_with_the_old_key_is_countersigned(opened: Open, change: Change, path: Path) -> None:
    running = opened()
    told(running, "before.edi")
    new = change()
    assert new.key_id.hex() in signers(running)
    told(running, "meanwhile.edi")
    assert new.key_id.hex() not in signers(running)
    assert opened().checkpoint() == running.checkpoint()


def test_an_interrupted_change_is_taken_up_with_the_same_key(
    opened: Open, change: Change, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(opened(), "before.edi")
    with monkeypatch.context() as broken:
        broken.setattr(rotate, "put_in_use", lambda *_: (_ for _ in ()).throw(LogKeyError("power cut")))
        with pytest.raises(LogKeyError):
            change()
    waiting = load_verifiers(path.with_suffix(".vkey"))[0]
    told(opened(), "between.edi")
    assert change() == waiting == load_key(path, ORIGIN).verifier
    assert len(load_verifiers(path.with_suffix(".vkey"))) == 2


def verified(bundle: Path, *given: VerifierKey) -> Report:
    return verify_bundle(bundle, [str(key) for key in given])


def test_old_receipts_and_bundles_across_the_change_verify_with_either_key(
    opened: Open, change: Change, path: Path, tmp_path: Path
) -> None:
    old = load_key(path, ORIGIN).verifier
    first = told(opened(), "first.edi")
    receipt = build_receipt(opened(), first.first.eid)
    second = told(opened(), "second.edi")
    new = change()
    for file in path.parent.glob("log.key.*.until-*"):
        file.unlink()  # the time of both is over
    log = opened()
    told(log, "later.edi")
    assert signers(log) == [new.key_id.hex()]
    assert verify_receipt(receipt, [old]).entry.eid == first.first.eid
    with pytest.raises(NoteError):
        verify_receipt(receipt, [new])
    bundle = export(log, [second.xid, second.child], tmp_path / "e.zip")
    with_old, with_new = verified(bundle, old), verified(bundle, new)
    assert with_old.ok, with_old.failure
    assert any(f"{new.key_id.hex()} follows {old.key_id.hex()}" in note for note in with_old.notes)
    assert with_new.ok, with_new.failure


def test_an_old_key_that_was_stolen_makes_no_checkpoint_that_the_new_key_vouches_for(
    opened: Open, change: Change, path: Path, tmp_path: Path
) -> None:
    stolen = load_key(path, ORIGIN)
    story = told(opened(), "first.edi")
    new = change()
    with opened().database.read() as connection:
        note = connection.scalar(select(ev_checkpoint.c.note).order_by(ev_checkpoint.c.size.desc()).limit(1))
    assert note is not None
    folder = tmp_path / "unpacked"
    shutil.unpack_archive(export(opened(), [story.xid, story.child], tmp_path / "e.zip"), folder, "zip")
    body = split_note(note)[0]
    forged = assemble(body, stolen.sign(body))
    for file in [folder / "checkpoint", *folder.glob("entries/*.tlog-proof")]:
        file.write_text(file.read_text().replace(note, forged))
    reseal(folder)
    assert verified(folder, new).failure == "checkpoint: the log's key has not signed it"


def test_a_change_of_the_key_that_the_old_one_did_not_sign_brings_no_trust(
    opened: Open, change: Change, path: Path, tmp_path: Path
) -> None:
    old = load_key(path, ORIGIN).verifier
    story = told(opened(), "first.edi")
    change()
    folder = tmp_path / "unpacked"
    shutil.unpack_archive(export(opened(), [story.xid, story.child], tmp_path / "e.zip"), folder, "zip")
    new = load_key(path, ORIGIN)
    for file in [folder / "checkpoint", *folder.glob("*/*.tlog-proof")]:
        text = file.read_text()
        start = text.index(f"{ORIGIN}\n")
        body = split_note(text[start:])[0]
        file.write_text(text[:start] + assemble(body, new.sign(body)))
    reseal(folder)
    assert verified(folder, old).failure == "checkpoint: the log's key has not signed it"


def test_a_key_of_another_log_is_refused(tmp_path: Path) -> None:
    create_key(tmp_path / "log.key", ORIGIN)
    assert isinstance(keys.next_key(tmp_path / "log.key", ORIGIN), LogKey)
    with pytest.raises(LogKeyError):
        keys.put_in_use(tmp_path / "nowhere.key", ORIGIN, UNTIL)
