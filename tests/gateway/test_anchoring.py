"""A gateway has its log attested by real servers: some are down, slow or lie, and one shows another history."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, select
from sqlalchemy.engine import make_url

from edigw.gateway.context import Wake
from edigw.gateway.upkeep import anchoring
from edigw.gateway.upkeep.anchoring import anchor, held_elsewhere
from edigw.log.anchors import folder, records
from edigw.log.audit import Problem, audit
from edigw.log.errors import LogRolledBack
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey, WitnessKey
from edigw.partners.anchors import attesters
from edigw.partners.tables.anchors import Anchors, Authority, Witness
from edigw.partners.tables.settings import LogSettings
from edigw.store import Database, Payloads
from edigw.store.schema import ev_attester, ev_cosignature, ev_timestamp
from edigw.witness.judge import Judge
from edigw.witness.server import Server
from edigw.witness.state import State

from ..log import authority as tsa
from ..log.conftest import KEY, ORIGIN
from ..log.story import tell

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
NOW = timedelta()  # between rounds


@contextmanager
def witness(path: Path, *logs: LogKey, key: WitnessKey = WITNESS) -> Iterator[str]:
    """The address of a witness of these logs."""
    known = {each.name: (each.verifier,) for each in logs}
    loop = asyncio.new_event_loop()
    server = Server(Judge(key, known, State(path)), "127.0.0.1", 0)
    port = loop.run_until_complete(server.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tsa.Authority:
    return tsa.Authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> tsa.Authority:
    return tsa.Authority(tmp_path_factory.mktemp("tsa") / "other")


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[Callable[..., EventLog]]:
    """Opens the log in a database of its own, by the database's name."""
    opened = []

    def opening(name: str = "edigw", key: LogKey = KEY) -> EventLog:
        database = Database(f"sqlite:///{tmp_path}/{name}.db")
        database.migrate()
        opened.append(database)
        return EventLog.open(database, Payloads(tmp_path / "payloads", database), key.name, key=key)

    yield opening
    for database in opened:
        database.close()


@pytest.fixture
def log(open_log: Callable[..., EventLog]) -> EventLog:
    opened = open_log()
    told(opened, "first.edi")
    return opened


def told(log: EventLog, name: str) -> None:
    tell(log, name)
    log.integrate()


def settings(
    *named: Authority | Witness, origin: str = ORIGIN, seconds: float = 5, copies: Path | None = None
) -> LogSettings:
    return LogSettings(
        origin=origin,
        anchors=Anchors(timeout_seconds=seconds, folder=copies),
        authorities=tuple(each for each in named if isinstance(each, Authority)),
        witnesses=tuple(each for each in named if isinstance(each, Witness)),
    )


def watching(url: str, key: WitnessKey = WITNESS) -> Witness:
    return Witness(key=str(key.verifier), url=url)


def attested(log: EventLog, set_up: LogSettings) -> anchoring.Outcome:
    """What a round brings."""
    outcome = asyncio.run(anchor(log, set_up, NOW))
    assert outcome is not None
    log.integrate()
    return outcome


def problems(log: EventLog, set_up: LogSettings) -> list[str]:
    where = set_up.anchors.folder
    found = audit(log.database, log.payloads, log.keys, trusted=attesters(set_up), folder=where)
    return [str(one) for one in found if isinstance(one, Problem)]


def test_authorities_and_witnesses_attest_the_newest_checkpoint(
    log: EventLog, honest: tsa.Authority, other: tsa.Authority, tmp_path: Path
) -> None:
    copies = tmp_path / "anchors"
    copies.mkdir()
    with (
        tsa.serving(honest.answer) as one,
        tsa.serving(other.answer) as two,
        witness(tmp_path / "w.db", KEY) as seeing,
    ):
        set_up = settings(
            Authority(name="one", url=one, roots=honest.roots),
            Authority(name="two", url=two, roots=other.roots),
            watching(seeing),
            copies=copies,
        )
        first = attested(log, set_up)
        assert (first.size, len(first.tokens), len(first.cosignatures), dict(first.troubles)) == (5, 2, 1, {})
        assert asyncio.run(anchor(log, set_up, NOW)) is None, "the log has only grown by its own anchor"
        told(log, "second.edi")
        second = attested(log, set_up)
    assert (second.size, second.troubles) == (11, {})
    assert problems(log, set_up) == []
    assert [copy.size for copy in folder.copies(copies)] == [5, 11]
    with log.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(ev_timestamp)) == 4
        assert connection.scalar(select(func.count()).select_from(ev_cosignature)) == 2


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ("down", "127.0.0.1:"),
        ("slow", "no answer within 0.4 seconds"),
        ("dripping", "no answer within 0.4 seconds"),
        ("huge", "its answer is larger than 65536 bytes"),
        ("error", "it answered 500"),
        ("elsewhere", "it answered 302"),
        ("rubbish", "the authority's answer is no timestamp"),
        ("replay", "another nonce, or none"),
        ("other hash", "the timestamp is over something else"),
        ("untrusted", "not signed by somebody whom the given certificates vouch for"),
        ("backdated", "its clock, or ours, is 7"),
    ],
)
def test_an_authority_that_is_wrong_is_told_and_holds_nobody_up(
    log: EventLog, honest: tsa.Authority, other: tsa.Authority, wrong: str, what: str
) -> None:
    imprint = hashlib.sha256((log.checkpoint() or "").encode()).digest()
    stale = honest.stamp(imprint, datetime.now(UTC), 4711)

    def lying(query: bytes) -> bytes | tuple[int, bytes]:
        now, nonce = datetime.now(UTC), tsa.nonce_of(query)
        answers: dict[str, Callable[[], bytes | tuple[int, bytes]]] = {
            "slow": lambda: tsa.slowly(query),
            "huge": lambda: b"0" * 5_000_000,
            "error": lambda: (500, b"oops"),
            "elsewhere": lambda: (302, b""),
            "rubbish": lambda: b"<html></html>",
            "replay": lambda: stale,
            "other hash": lambda: honest.stamp(b"x" * 32, now, nonce),
            "untrusted": lambda: other.stamp(imprint, now, nonce),
            "backdated": lambda: honest.stamp(imprint, now - timedelta(hours=2), nonce),
        }
        return answers[wrong]()

    with tsa.serving(honest.answer) as good, tsa.serving(lying) as bad, tsa.dripping() as drip:
        address = {"down": f"http://127.0.0.1:{unused_port()}/", "dripping": drip}.get(wrong, bad)
        seconds = 0.4 if wrong in ("slow", "dripping") else 5
        liar, good_one = (
            Authority(name=name, url=url, roots=honest.roots) for name, url in (("liar", address), ("good", good))
        )
        outcome = attested(log, settings(liar, good_one, seconds=seconds))
        assert [token.authority for token in outcome.tokens] == ["good"]
        assert what in outcome.troubles["liar"]
        told(log, "second.edi")
    with log.database.read() as connection:
        known = records.attesters(connection)
    assert known["liar"].trouble == outcome.troubles["liar"] and known["liar"].size == 0
    assert (known["good"].trouble, known["good"].size) == ("", 5)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_user_and_password_come_from_a_file_of_their_own(log: EventLog, honest: tsa.Authority, tmp_path: Path) -> None:
    seen: list[str | None] = []
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password secret\n")
    with tsa.serving(honest.answer, seen) as url:
        set_up = settings(Authority(name="one", url=url, roots=honest.roots, netrc_file=tmp_path / "netrc"))
        assert attested(log, set_up).troubles == {}
    assert seen == ["Basic YW5uOnNlY3JldA=="]


def test_a_witness_that_has_forgotten_or_knows_more_than_we_remember_is_told_what_it_needs(
    log: EventLog, tmp_path: Path
) -> None:
    with witness(tmp_path / "w.db", KEY) as url:
        assert attested(log, settings(watching(url))).size == 5
        told(log, "second.edi")
        with log.database.write() as connection:
            connection.execute(delete(ev_attester))
        assert attested(log, settings(watching(url))).troubles == {}
        told(log, "third.edi")
        with witness(tmp_path / "new.db", KEY) as fresh:
            assert attested(log, settings(watching(fresh))).troubles == {}


@pytest.mark.parametrize(
    ("known", "what"),
    [
        ([], "it answered 404: it does not witness this log"),
        ([LogKey(ORIGIN, Ed25519PrivateKey.generate())], "it answered 403: it does not know the key"),
    ],
)
def test_a_witness_that_refuses_is_told_and_the_log_goes_on(
    log: EventLog, tmp_path: Path, known: list[LogKey], what: str
) -> None:
    with witness(tmp_path / "w.db", *known) as url:
        assert what in attested(log, settings(watching(url))).troubles[WITNESS.name]
    told(log, "second.edi")


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ((409, b"4711\n"), "it says that it has seen 4711 entries; we ask about 5"),
        ((409, b"0\n"), "it names another size each time"),
        ((409, b"many\n"), "answered 409 without the size"),
        ((422, b""), "it answered 422: it does not find that the log has only grown"),
        ((503, b""), "it answered 503: it is in trouble"),
        ((200, b""), "no cosignature of partner.example/w1"),
        ((200, b"x" * 100_000), "larger than 65536 bytes"),
    ],
)
def test_a_witness_that_lies_can_stop_nobody(log: EventLog, answer: tuple[int, bytes], what: str) -> None:
    with tsa.serving(lambda _: answer) as url:
        assert what in attested(log, settings(watching(url))).troubles[WITNESS.name]
    told(log, "second.edi")


def test_a_cosignature_of_another_key_or_time_does_not_count(log: EventLog) -> None:
    body = (log.checkpoint() or "").partition("\n\n")[0] + "\n"
    stranger = WitnessKey(WITNESS.name, Ed25519PrivateKey.generate())
    for line, what in (
        (stranger.cosign(body, int(datetime.now(UTC).timestamp())), "no known key signed"),
        (WITNESS.cosign(body, 1), "its clock, or ours, is"),
    ):
        with tsa.serving(lambda _, line=line: line.encode()) as url:  # type: ignore[misc]
            assert what in attested(log, settings(watching(url))).troubles[WITNESS.name]


def test_two_logs_share_a_witness(log: EventLog, open_log: Callable[..., EventLog], tmp_path: Path) -> None:
    key = LogKey("edi.example/log/second", Ed25519PrivateKey.generate())
    second = open_log("second", key)
    told(second, "a.edi")
    with witness(tmp_path / "w.db", KEY, key) as url:
        for _ in range(3):
            assert attested(log, settings(watching(url))).troubles == {}
            assert attested(second, settings(watching(url), origin=key.name)).troubles == {}
            told(log, "more.edi")
            told(second, "more.edi")


@pytest.fixture
def fork(log: EventLog, open_log: Callable[..., EventLog], tmp_path: Path) -> EventLog:
    """A copy of the log that goes on by itself, under the same key."""
    path = Path(str(make_url(log.database._url).database))
    log.database.close()
    shutil.copy(path, tmp_path / "fork.db")
    return open_log("fork")


@pytest.mark.parametrize("longer", [False, True], ids=["of the same size", "of another size"])
def test_of_two_histories_a_witness_takes_one_and_the_other_stops(
    log: EventLog, fork: EventLog, tmp_path: Path, longer: bool
) -> None:
    told(log, "shown to one.edi")
    told(fork, "shown to another.edi")
    if longer:
        told(fork, "and more.edi")
    state = State(tmp_path / "w.db")
    other = EventLog.open(fork.database, fork.payloads, ORIGIN, key=KEY)
    other.check_mark()
    with witness(tmp_path / "w.db", KEY) as url:
        set_up = settings(watching(url))
        assert attested(log, set_up).size == 10
        with pytest.raises(LogRolledBack, match=r"the witness partner\.example/w1 shows were signed"):
            asyncio.run(anchor(fork, set_up, NOW))
    with fork.database.read() as connection:
        assert "not those that the witness" in records.attesters(connection)[WITNESS.name].trouble
    with pytest.raises(LogRolledBack):
        tell(fork, "never said to be accepted.edi")
    with pytest.raises(LogRolledBack, match=r"the witness partner\.example/w1"):
        other.check_mark()
    with pytest.raises(LogRolledBack):
        tell(other, "nor by another process.edi")
    with pytest.raises(LogRolledBack):
        EventLog.open(fork.database, fork.payloads, ORIGIN, key=KEY)
    assert any("the witness partner.example/w1" in line for line in problems(fork, set_up))
    told(log, "the first one goes on.edi")
    assert len(state.conflicts()) == (0 if longer else 1)


def test_a_log_that_was_cut_off_is_noticed_by_a_witness_while_it_runs_and_when_it_starts(
    log: EventLog, fork: EventLog, tmp_path: Path, open_log: Callable[..., EventLog]
) -> None:
    (tmp_path / "anchors").mkdir()
    for name in ("a.edi", "b.edi"):
        told(log, name)
    told(fork, "since the backup was put back.edi")
    with witness(tmp_path / "w.db", KEY) as url:
        set_up = settings(watching(url), copies=tmp_path / "anchors")
        attested(log, set_up)
        held = asyncio.run(held_elsewhere(set_up, log.keys))
        assert held.unknown == [] and len(held.notes) == 2, "the witness and the folder"
        with pytest.raises(LogRolledBack, match="it is an old copy"):
            asyncio.run(anchor(fork, set_up, NOW))
    database = fork.database
    for where, note in held.notes.items():
        with pytest.raises(LogRolledBack, match="shows that 15 were signed"):
            EventLog.open(database, fork.payloads, ORIGIN, key=KEY, held={where: note})
    gone = asyncio.run(held_elsewhere(settings(watching(url)), log.keys, 1))
    assert gone.notes == {} and "what the witness partner.example/w1 has seen is not known" in gone.unknown[0]


def test_what_a_witness_shows_counts_only_with_the_logs_signature(log: EventLog, tmp_path: Path) -> None:
    thief = LogKey(ORIGIN, Ed25519PrivateKey.generate())
    with witness(tmp_path / "w.db", thief) as url:
        database = Database(f"sqlite:///{tmp_path}/thief.db")
        database.migrate()
        forged = EventLog.open(database, log.payloads, ORIGIN, key=thief)
        for _ in range(3):
            told(forged, "forged.edi")
        assert attested(forged, settings(watching(url))).troubles == {}
        database.close()
        held = asyncio.run(held_elsewhere(settings(watching(url)), log.keys))
        assert held.notes == {} and "no known key signed the note" in held.unknown[0]


def test_copies_that_can_not_be_written_are_told_and_what_was_attested_is_kept(log: EventLog, tmp_path: Path) -> None:
    with witness(tmp_path / "w.db", KEY) as url:
        set_up = settings(watching(url), copies=tmp_path / "not mounted")
        outcome = attested(log, set_up)
        assert "No such file" in outcome.troubles[anchoring.FOLDER] and len(outcome.cosignatures) == 1
        (tmp_path / "not mounted").mkdir()
        told(log, "second.edi")
        assert attested(log, set_up).troubles == {}
    with log.database.read() as connection:
        assert records.attesters(connection)[anchoring.FOLDER].trouble == ""


def test_retired_ones_are_not_asked_but_what_they_attested_is_checked(
    log: EventLog, honest: tsa.Authority, tmp_path: Path
) -> None:
    with tsa.serving(honest.answer) as url, witness(tmp_path / "w.db", KEY) as seeing:
        attested(log, settings(Authority(name="one", url=url, roots=honest.roots), watching(seeing)))
    told(log, "second.edi")
    retired = settings(
        Authority(name="one", url=url, roots=honest.roots, ask=False),
        Witness(key=str(WITNESS.verifier), url=seeing, ask=False),
    )
    assert asyncio.run(anchor(log, retired, NOW)) is None
    assert problems(log, retired) == []
    assert any("is not configured" in line for line in problems(log, settings()))


def test_troubles_are_told_once_when_they_begin_and_when_they_end(
    log: EventLog, honest: tsa.Authority, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task of a running gateway: an authority is down at first."""
    monkeypatch.setattr(anchoring, "LOOK_SECONDS", 0.05)
    port = unused_port()
    authority = Authority(name="one", url=f"http://127.0.0.1:{port}/", roots=honest.roots)
    set_up = LogSettings(origin=ORIGIN, anchors=Anchors(every_minutes=0.001), authorities=(authority,))

    def attested_size() -> int:
        with log.database.read() as connection:
            return records.attesters(connection).get("one", records.Attester("one")).size

    async def living() -> None:
        task = asyncio.create_task(anchoring.keep_anchored(log, set_up, Wake()))
        while not caplog.records:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)  # some more rounds
        with tsa.serving(honest.answer, port=port):
            while not attested_size():
                await asyncio.sleep(0.02)
            while len(caplog.records) < 2:
                await asyncio.sleep(0.02)
        task.cancel()

    with caplog.at_level(logging.WARNING, "edigw.anchors"):
        asyncio.run(asyncio.wait_for(living(), 60))
    begun, ended = (record.getMessage() for record in caplog.records)
    assert begun.startswith("one: ") and ended == "one: all is well again"
