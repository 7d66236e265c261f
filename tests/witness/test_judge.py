"""What a witness cosigns and what it refuses, answer by answer of https://c2sp.org/tlog-witness."""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edigw.log.anchors.witness import PROOF_LIMIT, AddCheckpoint, cosignature, origin_hash, read_cosignature
from edigw.log.errors import AnchorError, NoteError
from edigw.log.keys import LogKey, WitnessKey
from edigw.log.note import Checkpoint, assemble, open_note, split_note
from edigw.witness.judge import Answer, Judge
from edigw.witness.state import State

from .tree import KEY, ORIGIN, Growing

WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
LOG = Growing()


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "witness.db")


@pytest.fixture
def judge(state: State) -> Judge:
    return Judge(WITNESS, {ORIGIN: (KEY.verifier,)}, state)


def size_seen(answer: Answer) -> str:
    assert (answer.status, answer.type) == (409, "text/x.tlog.size")
    return answer.body


def test_a_log_that_grows_is_cosigned(judge: Judge, state: State) -> None:
    old = 0
    for size in (1, 2, 7, 256, 257, 300):
        answer = judge.add_checkpoint(LOG.request(old, size))
        assert answer.status == 200, answer
        body = split_note(LOG.note(size))[0]
        assert abs(read_cosignature(answer.body.encode(), body, WITNESS.verifier).at.timestamp() - time.time()) < 5
        old = size
    seen = state.newest(ORIGIN)
    assert seen is not None and seen.size == 300


def test_the_vector_of_the_specification(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1700000000.5)
    root = base64.b64decode("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=")
    body = Checkpoint(ORIGIN, 8, root).body()
    request = f"old 0\n\n{assemble(body, KEY.sign(body))}"
    answer = Judge(WITNESS, {ORIGIN: (KEY.verifier,)}, state).add_checkpoint(request.encode())
    assert answer.body == (
        "— partner.example/w1 k5KTKAAAAABlU/EARJzVNaCga+8GNJnzcbDsS56OTgbeG17C9pjGhEEcthmxmqFOFxkCeo4YZHkITUvKrf26DIE5"
        "YVR3UCxEDeDlBA==\n"
    )


def test_the_same_checkpoint_again_is_cosigned_again(judge: Judge) -> None:
    judge.add_checkpoint(LOG.request(0, 5))
    assert judge.add_checkpoint(LOG.request(5, 5)).status == 200


def test_an_old_size_that_is_not_the_witnesses_is_answered_with_its_own(judge: Judge) -> None:
    assert size_seen(judge.add_checkpoint(LOG.request(3, 5))) == "0\n"
    judge.add_checkpoint(LOG.request(0, 5))
    assert size_seen(judge.add_checkpoint(LOG.request(0, 9))) == "5\n"
    assert size_seen(judge.add_checkpoint(LOG.request(7, 9))) == "5\n"


def test_a_log_is_never_rolled_back(judge: Judge, state: State) -> None:
    judge.add_checkpoint(LOG.request(0, 100))
    for old, size in ((0, 99), (50, 99), (99, 99)):
        assert size_seen(judge.add_checkpoint(LOG.request(old, size))) == "100\n"
    assert judge.add_checkpoint(LOG.request(100, 99)).status == 400
    seen = state.newest(ORIGIN)
    assert seen is not None and seen.size == 100


def test_a_fork_is_refused_and_two_notes_of_one_size_are_kept_as_proof(judge: Judge, state: State) -> None:
    fork = Growing("other", shared=90)
    judge.add_checkpoint(LOG.request(0, 100))
    assert judge.add_checkpoint(fork.request(100, 120)).status == 422
    assert state.conflicts() == [], "a wrong proof can be sent by anybody"
    assert judge.add_checkpoint(fork.request(100, 100)).status == 422
    assert size_seen(judge.add_checkpoint(fork.request(90, 100))) == "100\n"
    (conflict,) = state.conflicts()
    notes = [open_note(note, [KEY.verifier])[0] for note in (conflict.held, conflict.refused)]
    one, two = map(Checkpoint.parse, notes)
    assert one.size == two.size and one.root != two.root
    assert judge.add_checkpoint(LOG.request(100, 120)).status == 200


def test_who_is_not_known_or_has_not_signed_is_refused(judge: Judge) -> None:
    stranger = Growing(key=LogKey("edi.example/log/other", Ed25519PrivateKey.generate()))
    assert judge.add_checkpoint(stranger.request(0, 5)).status == 404
    thief = Growing(key=LogKey(ORIGIN, Ed25519PrivateKey.generate()))
    assert judge.add_checkpoint(thief.request(0, 5)).status == 403
    body, _ = split_note(LOG.note(5))
    forged = assemble(body, KEY.verifier.line(b"x" * 64))
    assert judge.add_checkpoint(f"old 0\n\n{forged}".encode()).status == 403
    both = assemble(body, thief.key.sign(body), KEY.sign(body))
    assert judge.add_checkpoint(f"old 0\n\n{both}".encode()).status == 200, "unknown keys are passed over"


def test_a_proof_that_does_not_hold_is_refused(judge: Judge) -> None:
    request = LOG.request(0, 5).replace(b"old 0\n", b"old 0\n" + base64.b64encode(b"x" * 32) + b"\n")
    assert judge.add_checkpoint(request).status == 422
    judge.add_checkpoint(LOG.request(0, 5))
    lines = LOG.request(5, 9).split(b"\n")
    assert judge.add_checkpoint(b"\n".join([lines[0], *lines[2:]])).status == 422
    assert judge.add_checkpoint(LOG.request(5, 9).replace(lines[1], base64.b64encode(b"x" * 32))).status == 422


def test_the_empty_log_has_one_root(judge: Judge) -> None:
    body = Checkpoint(ORIGIN, 0, b"x" * 32).body()
    assert judge.add_checkpoint(f"old 0\n\n{assemble(body, KEY.sign(body))}".encode()).status == 422


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"old\n\n" + LOG.note(5).encode(),
        b"old 01\n\n" + LOG.note(5).encode(),
        b"old -1\n\n" + LOG.note(5).encode(),
        b"old 0\n" + LOG.note(5).encode(),
        b"old 0\nnot base64\n\n" + LOG.note(5).encode(),
        b"old 0\nAAAA\n\n" + LOG.note(5).encode(),
        b"old 0\n\nno note\n",
        b"old 0\n\n\xff\n\n",
        b"old 0\n"
        + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * (PROOF_LIMIT + 1)
        + b"\n"
        + LOG.note(5).encode(),
        b"old 0\n\n" + b"x" * 100_000,
    ],
)
def test_what_is_no_request_is_refused(judge: Judge, request_: bytes) -> None:
    assert judge.add_checkpoint(request_).status == 400


@given(st.binary(max_size=400))
def test_any_bytes_are_judged(data: bytes) -> None:
    with contextlib.suppress(NoteError):
        AddCheckpoint.parse(data)


def test_extension_lines_are_signed_but_mean_nothing(judge: Judge) -> None:
    body = split_note(LOG.note(5))[0] + "from another design\n"
    answer = judge.add_checkpoint(f"old 0\n\n{assemble(body, KEY.sign(body))}".encode())
    assert cosignature(answer.body, body, WITNESS.verifier).witness == WITNESS.name


def test_everybody_can_fetch_the_newest_checkpoint_with_both_signatures(judge: Judge) -> None:
    assert judge.checkpoint(origin_hash(ORIGIN)).status == 404
    judge.add_checkpoint(LOG.request(0, 5))
    answer = judge.add_checkpoint(LOG.request(5, 9))
    shown = judge.checkpoint(origin_hash(ORIGIN))
    assert shown.body == LOG.note(9) + answer.body
    assert set(open_note(shown.body, [KEY.verifier, WITNESS.verifier])[1]) == {ORIGIN, WITNESS.name}
    assert judge.checkpoint(origin_hash("edi.example/log/other")).status == 404


def test_of_many_at_once_no_two_get_cosignatures_of_histories_that_differ(judge: Judge, state: State) -> None:
    judge.add_checkpoint(LOG.request(0, 100))
    fork = Growing("other", shared=100)
    requests = [history.request(100, size) for size in range(101, 109) for history in (LOG, fork)]
    answers: list[tuple[bytes, Answer]] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append((one, judge.add_checkpoint(one)))) for one in requests
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cosigned = [request for request, answer in answers if answer.status == 200]
    assert len(cosigned) == 1, "all began from the same state"
    assert all(answer.status in (200, 409) for _, answer in answers)
    seen = state.newest(ORIGIN)
    assert seen is not None and seen.note.encode() in cosigned[0]


def test_answers_of_a_witness_that_are_none_are_refused() -> None:
    body = split_note(LOG.note(5))[0]
    good = WITNESS.cosign(body, 1700000000)
    other = split_note(LOG.note(6))[0]
    for wrong in (b"", b"\xff", good.encode() + b"\n\n", WITNESS.cosign(other, 1).encode(), b"<html>"):
        with pytest.raises(AnchorError):
            read_cosignature(wrong, body, WITNESS.verifier)
    for moment in (0, 1 << 62):
        with pytest.raises(AnchorError, match="states no time"):
            read_cosignature(WITNESS.cosign(body, moment).encode(), body, WITNESS.verifier)
    smuggled = f"{other}\n{WITNESS.cosign(other, 1)}"
    with pytest.raises(AnchorError):
        read_cosignature(b"\n\n" + smuggled.encode(), body, WITNESS.verifier)
    stranger = WitnessKey("partner.example/w2", Ed25519PrivateKey.generate())
    many = stranger.cosign(body, 1) + good
    assert read_cosignature(many.encode(), body, WITNESS.verifier).line == good
