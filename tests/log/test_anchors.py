"""Anchors in the log: what is asked when, what is kept of the answers, and how the audit finds what is wrong there."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update

from edigw.log.anchors import folder, records, timestamp
from edigw.log.anchors.statement import Attesters, Statement, Token
from edigw.log.anchors.witness import Cosignature, cosignature
from edigw.log.audit import Problem, audit
from edigw.log.errors import LogRolledBack
from edigw.log.eventlog import EventLog, new_xid
from edigw.log.highwater import write_mark
from edigw.log.keys import LogKey, WitnessKey
from edigw.log.note import Checkpoint, split_note
from edigw.log.thin import thin
from edigw.store.clock import stamp
from edigw.store.schema import ev_checkpoint, ev_cosignature, ev_entry, ev_timestamp, evidence_object

from .authority import DAY, Authority
from .story import tell
from .test_attacks import rebuild

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
EVERY = timedelta(minutes=5)
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one", NOW - 1000 * DAY, NOW + 1000 * DAY)


@pytest.fixture
def trusted(authority: Authority) -> Attesters:
    return Attesters({"one": timestamp.load_roots(authority.roots)}, [WITNESS.verifier])


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    (tmp_path / "anchors").mkdir()
    return tmp_path / "anchors"


Anchor = Callable[..., Statement]


@pytest.fixture
def anchor(log: EventLog, authority: Authority, copies: Path) -> Anchor:
    """Has the newest checkpoint, or another, attested by both, and integrates."""

    def anchoring(note: str = "", at: datetime = NOW) -> Statement:
        note = note or log.checkpoint() or ""
        token = Token("one", stamp(at), authority.stamp(hashlib.sha256(note.encode()).digest(), at))
        body = split_note(note)[0]
        signed = cosignature(WITNESS.cosign(body, int(at.timestamp())), body, WITNESS.verifier)
        folder.put(copies, Statement(note, (token,), (signed.line,)), at)
        records.record(log, note, [token], [signed], {}, at)
        log.integrate()
        return Statement(note, (token,), (signed.line,))

    return anchoring


def told(log: EventLog, name: str) -> None:
    tell(log, name)
    log.integrate()


def problems(log: EventLog, trusted: Attesters, highwater: Path | None = None, copies: Path | None = None) -> list[str]:
    found = audit(log.database, log.payloads, log.keys, highwater, trusted=trusted, folder=copies)
    return [str(one) for one in found if isinstance(one, Problem)]


def test_a_round_is_due_when_the_log_has_grown_and_the_time_has_come(log: EventLog, anchor: Anchor) -> None:
    def due(minutes: int) -> records.Round | None:
        return records.claim(log.database, ["one", WITNESS.name], EVERY, NOW + timedelta(minutes=minutes))

    assert due(0) is None, "nothing is signed yet"
    told(log, "a.edi")
    first = due(0)
    assert first is not None and first.size == 5 and dict(first.due) == {"one": 0, WITNESS.name: 0}
    assert due(4) is None, "it is claimed"
    again = due(5)
    assert again is not None and again.due == first.due, "nobody has answered"
    anchor()
    assert log.index_of(_anchored(log)) == 5
    assert due(60) is None, "the log has only grown by its own anchor"
    told(log, "b.edi")
    third = due(60)
    assert third is not None and third.size == 11 and dict(third.due) == {"one": 5, WITNESS.name: 5}


def _anchored(log: EventLog) -> str:
    with log.database.read() as connection:
        rows = connection.execute(select(ev_entry.c.eid, ev_entry.c.entry)).all()
    return next(row.eid for row in rows if b'"type":"log.anchored"' in row.entry)


def test_of_many_processes_one_does_a_round(log: EventLog) -> None:
    told(log, "a.edi")
    claims: list[records.Round | None] = []
    threads = [
        threading.Thread(target=lambda: claims.append(records.claim(log.database, ["one"], EVERY, NOW)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([claim for claim in claims if claim is not None]) == 1 and len(claims) == 8


def test_what_failed_is_remembered_until_it_works(log: EventLog, anchor: Anchor) -> None:
    told(log, "a.edi")
    assert records.record(log, log.checkpoint() or "", [], [], {"one": "timed out"}, NOW) is None
    with log.database.read() as connection:
        assert records.attesters(connection)["one"].trouble == "timed out"
    anchor()
    with log.database.read() as connection:
        after = records.attesters(connection)["one"]
    assert (after.trouble, after.size, after.attested_at) == ("", 5, stamp(NOW))


def test_an_anchored_checkpoint_is_never_let_go(log: EventLog, anchor: Anchor) -> None:
    for name in ("a", "b", "c", "d"):
        told(log, f"{name}.edi")
        if name == "b":
            anchor()
    assert thin(log.database, datetime.now(UTC) + 8 * DAY) == 2 + 1  # c, d and the one over the anchor
    with log.database.read() as connection:
        assert connection.scalars(select(ev_checkpoint.c.size).order_by(ev_checkpoint.c.size)).all() == [5, 10]


def test_a_sound_log_is_sound_with_its_anchors_and_their_copies(
    log: EventLog, anchor: Anchor, trusted: Attesters, highwater: Path, copies: Path
) -> None:
    for name in ("a.edi", "b.edi"):
        told(log, name)
        anchor()
    assert problems(log, trusted, highwater, copies) == []
    assert [copy.size for copy in folder.copies(copies)] == [5, 11]
    unknown = problems(log, Attesters())
    assert len(unknown) == 8 and "the authority one is not configured" in unknown[0]


Attack = Callable[[Connection], object]


def _altered_token(connection: Connection) -> None:
    row = connection.execute(select(evidence_object).where(evidence_object.c.role == "tsa.token")).first()
    assert row is not None and row.content is not None
    altered = row.content[:-9] + bytes([row.content[-9] ^ 1]) + row.content[-8:]
    connection.execute(update(evidence_object).where(evidence_object.c.commit == row.commit).values(content=altered))


@pytest.mark.parametrize(
    ("attack", "where", "what"),
    [
        (_altered_token, "ev_entry row 5", "the timestamp"),
        (lambda c: c.execute(delete(ev_timestamp)), "ev_timestamp", "1 rows are missing"),
        (lambda c: c.execute(delete(ev_cosignature)), "ev_cosignature", "1 rows are missing"),
        (
            lambda c: c.execute(update(ev_cosignature).values(line="— partner.example/w1 AAAA\n")),
            "ev_cosignature row 5/partner.example/w1",
            "is not what the log says",
        ),
        (
            lambda c: c.execute(update(ev_timestamp).values(at="2020-01-01T00:00:00.000Z")),
            "ev_timestamp row 5/one",
            "is not what the log says",
        ),
        (
            lambda c: c.execute(delete(ev_checkpoint).where(ev_checkpoint.c.size == 5)),
            "ev_entry row 5",
            "the checkpoint over 5 entries, which it attests, was deleted",
        ),
        (
            lambda c: c.execute(
                insert(ev_cosignature).values(size=6, witness="partner.example/w2", at=stamp(NOW), line="x")
            ),
            "ev_cosignature row 6/partner.example/w2",
            "no valid event of the log says so",
        ),
    ],
    ids=["token", "timestamps gone", "cosignatures gone", "cosignature", "time", "checkpoint gone", "invented"],
)
def test_what_is_altered_is_named(
    log: EventLog, anchor: Anchor, trusted: Attesters, attack: Attack, where: str, what: str
) -> None:
    told(log, "a.edi")
    anchor()
    with log.database.write() as connection:
        attack(connection)
    assert any(line.startswith(where) and what in line for line in problems(log, trusted)), problems(log, trusted)


def test_a_cosignature_of_another_log_or_witness_attests_nothing(log: EventLog, trusted: Attesters) -> None:
    told(log, "a.edi")
    note = log.checkpoint() or ""
    other = WITNESS.cosign(Checkpoint("edi.example/log/other", 5, b"x" * 32).body(), 1)
    stranger = WitnessKey("partner.example/w2", Ed25519PrivateKey.generate())
    lines = [other, stranger.cosign(split_note(note)[0], 1)]
    records.record(log, note, [], [Cosignature("x", line, NOW) for line in lines], {}, NOW)
    log.integrate()
    found = problems(log, trusted)
    assert any("the signature of partner.example/w1 is wrong" in line for line in found)
    assert any("the witness partner.example/w2 is not configured" in line for line in found)


def test_an_old_checkpoint_that_is_attested_late_is_told(log: EventLog, anchor: Anchor, trusted: Attesters) -> None:
    told(log, "a.edi")
    early = log.checkpoint() or ""
    told(log, "b.edi")
    anchor(at=NOW - DAY)
    anchor(early, at=NOW)  # so that b.edi seems to have come after it
    found = problems(log, trusted)
    assert any("one attests 5 entries" in line and "long after it attested 10" in line for line in found), found


def test_an_event_that_claims_to_be_older_than_an_anchor_before_it_is_told(
    log: EventLog, anchor: Anchor, trusted: Attesters
) -> None:
    told(log, "a.edi")
    anchor()
    with log.database.write() as connection:
        log.append(connection, type="admin.action", xid=new_xid(), actor="admin:eve", at=NOW - 300 * DAY)
    log.integrate()
    (found,) = problems(log, trusted)
    assert found.startswith(f"ev_entry row 6: claims to be of {stamp(NOW - 300 * DAY)}, but was logged after ")


def test_a_log_rebuilt_and_signed_anew_is_betrayed_by_a_copy_of_an_anchor(
    log: EventLog, anchor: Anchor, key: LogKey, trusted: Attesters, highwater: Path, copies: Path
) -> None:
    told(log, "a.edi")
    held = anchor()
    with log.database.write() as connection:
        entries = [bytes(e) for e in connection.execute(select(ev_entry.c.entry).order_by(ev_entry.c.seq)).scalars()]
        note = rebuild(connection, key, [entries[1], entries[0], *entries[2:5]])
        for table in (ev_timestamp, ev_cosignature):
            connection.execute(delete(table))
    write_mark(highwater, note)
    copy = folder.newest(copies)
    assert copy is not None and copy.note() == held.note
    found = problems(log, trusted, highwater, copies)
    assert any(f"not those that {copy.path} is about" in line for line in found), found
    with pytest.raises(LogRolledBack, match="it is another database, or it was changed"):
        EventLog.open(log.database, log.payloads, log.origin, highwater=highwater, held={"a copy": copy.note()})
    with pytest.raises(LogRolledBack):
        log.compare(copy.note(), "the copy")
    with pytest.raises(LogRolledBack), log.database.write() as connection:
        log.append(connection, type="admin.action", xid=new_xid(), actor="admin:eve")


@pytest.mark.parametrize("what", ["tsr", "cosignatures", "checkpoint"])
def test_a_copy_that_was_altered_is_named(
    log: EventLog, anchor: Anchor, trusted: Attesters, copies: Path, what: str
) -> None:
    told(log, "a.edi")
    anchor()
    (path,) = copies.rglob(f"*.{what}")
    data = path.read_bytes()
    path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    found = problems(log, trusted, None, copies)
    assert found and all(str(path.with_suffix("")).removesuffix(".one") in line for line in found)
