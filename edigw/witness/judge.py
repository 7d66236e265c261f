"""What a witness answers to `add-checkpoint`, in the order that https://c2sp.org/tlog-witness prescribes."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edigw.log.anchors.witness import SIZE_TYPE, AddCheckpoint, origin_hash
from edigw.log.errors import NoteError, ProofError
from edigw.log.keys import WitnessKey
from edigw.log.merkle import EMPTY, check_consistency
from edigw.log.note import Checkpoint, VerifierKey, assemble, open_note, split_note
from edigw.witness.state import Conflict, Seen, State

_logger = logging.getLogger("edigw.witness")
LARGEST = 1 << 63  # what is smaller can be kept in a database
FRESH = 10  # seconds in which the same checkpoint gets the same cosignature, so that repeating it costs no disk write


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request."""

    status: int
    body: str
    type: str = "text/plain; charset=utf-8"


class Judge:
    """Judges requests for one witness."""

    def __init__(self, key: WitnessKey, logs: Mapping[str, Sequence[VerifierKey]], state: State) -> None:
        self._key = key
        self._logs = logs
        self._state = state
        self._by_hash = {origin_hash(origin): origin for origin in logs}

    def add_checkpoint(self, data: bytes) -> Answer:
        """Cosigns a checkpoint if its log has grown to it from the newest one that was cosigned. Raises LogError."""
        try:
            request = AddCheckpoint.parse(data)
            body, signatures = split_note(request.note)
            checkpoint = _checkpoint(body)
        except NoteError as error:
            return Answer(400, f"{error}\n")
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            return Answer(404, "this log is not witnessed here\n")
        try:
            open_note(request.note, keys)
        except NoteError as error:
            return self._refused(checkpoint, Answer(403, f"{error}\n"))
        if request.old > checkpoint.size:
            return Answer(400, "the old size is larger than that of the checkpoint\n")
        trusted = {(key.name, key.key_id): key for key in keys}
        lines = [trusted[name, key_id].line(raw) for name, key_id, raw in signatures if (name, key_id) in trusted]
        return self._judge(request, checkpoint, body, assemble(body, *dict.fromkeys(lines)))

    def checkpoint(self, hashed: str) -> Answer:
        """The newest checkpoint of a log, by the hash of its origin, with the log's signatures and ours."""
        origin = self._by_hash.get(hashed)
        seen = self._state.newest(origin) if origin else None
        if seen is None:
            return Answer(404, "no checkpoint of this log was cosigned here\n")
        return Answer(200, seen.note + self._key.cosign(split_note(seen.note)[0], seen.at))

    def _judge(self, request: AddCheckpoint, checkpoint: Checkpoint, body: str, note: str) -> Answer:
        before = self._state.newest(checkpoint.origin)
        now = int(time.time())
        if before is not None and before.size == checkpoint.size and before.root != checkpoint.root:
            self._state.keep_conflict(Conflict(checkpoint.origin, now, before.note, note))
            _logger.error("%s has signed two histories of %d entries", checkpoint.origin, checkpoint.size)
        if request.old != (before.size if before else 0):
            return self._refused(checkpoint, _conflict(before))
        try:
            _check_growth(before, checkpoint, request.proof)
        except ProofError as error:
            return self._refused(checkpoint, Answer(422, f"{error}\n"))
        if before is not None and (before.size, before.root) == (checkpoint.size, checkpoint.root):
            now = before.at if before.at <= now < before.at + FRESH and before.note == note else now
        seen = Seen(checkpoint.size, checkpoint.root, note, now)
        if seen != before and not self._state.advance(checkpoint.origin, before, seen):
            return self._refused(checkpoint, _conflict(self._state.newest(checkpoint.origin)))
        _logger.info("cosigned %s over %d entries", checkpoint.origin, checkpoint.size)
        return Answer(200, self._key.cosign(body, now))

    def _refused(self, checkpoint: Checkpoint, answer: Answer) -> Answer:
        where = f"{checkpoint.origin} over {checkpoint.size} entries"
        _logger.warning("refused %s: %d, %s", where, answer.status, answer.body.strip())
        return answer


def _checkpoint(body: str) -> Checkpoint:
    """The checkpoint in a body; lines below the third one are signed as well, and mean nothing to a witness."""
    lines = body.split("\n")
    if "" in lines[3:-1]:
        raise NoteError("not a checkpoint: an empty line in it")
    checkpoint = Checkpoint.parse("\n".join([*lines[:3], ""]))
    if checkpoint.size >= LARGEST:
        raise NoteError("no log is as large as that")
    return checkpoint


def _check_growth(before: Seen | None, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raises ProofError unless the log has grown from what was seen before."""
    if checkpoint.size == 0 and checkpoint.root != EMPTY:
        raise ProofError("the empty tree has another root")
    if before is not None and before.size:
        check_consistency(before.size, checkpoint.size, before.root, checkpoint.root, proof)
    elif proof:
        raise ProofError("from the empty tree on there is nothing to prove")


def _conflict(seen: Seen | None) -> Answer:
    return Answer(409, f"{seen.size if seen else 0}\n", SIZE_TYPE)
