"""What a log and a witness say to each other (https://c2sp.org/tlog-witness), as texts: nothing here talks or stores.

The log sends a checkpoint with the size of the last one that the witness has cosigned and the proof that the log has
only grown since (`add-checkpoint`); the witness answers with its cosignature.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from edigw.log.errors import AnchorError, NoteError
from edigw.log.merkle import HASH
from edigw.log.note import NOTE_LIMIT, VerifierKey, assemble, decode64, open_note, split_note

PROOF_LIMIT = 63  # lines
REQUEST_LIMIT = NOTE_LIMIT + (PROOF_LIMIT + 1) * 64
SIZE_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_LATEST = 253402300799  # the last second that has a date of four digits in its year


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request `add-checkpoint`: the log has grown from its first `old` entries to what `note` signs."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        """The body of the request."""
        lines = [f"old {self.old}", *(base64.b64encode(each).decode() for each in self.proof), "", ""]
        return "\n".join(lines) + self.note

    @classmethod
    def parse(cls, data: bytes) -> AddCheckpoint:
        """Raises NoteError unless `data` is the body of such a request; its note is not looked into."""
        if len(data) > REQUEST_LIMIT:
            raise NoteError("the request is too long")
        try:
            head, blank, note = data.decode("utf-8").partition("\n\n")
        except UnicodeDecodeError as error:
            raise NoteError("the request is not UTF-8") from error
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        if old is None or not blank:
            raise NoteError("not a request to add a checkpoint: expected `old SIZE`, a proof, a blank line, a note")
        if len(lines) > PROOF_LIMIT:
            raise NoteError(f"a proof has at most {PROOF_LIMIT} lines")
        proof = tuple(decode64(line, "a hash of the proof") for line in lines)
        if any(len(each) != HASH for each in proof):
            raise NoteError("a hash of the proof has not 32 bytes")
        return cls(int(old[1]), proof, note)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """The signature line of a witness under a checkpoint, and the time that it states."""

    witness: str
    line: str
    at: datetime


def read_cosignature(answer: bytes, body: str, key: VerifierKey) -> Cosignature:
    """The cosignature of the witness `key` in its answer. Lines of other keys are passed over. Raises AnchorError."""
    try:
        return cosignature(answer.decode("utf-8"), body, key)
    except UnicodeDecodeError as error:
        raise AnchorError(f"{key.name} answered with something other than signature lines") from error


def cosignature(lines: str, body: str, key: VerifierKey) -> Cosignature:
    """The cosignature of the witness `key` among these lines under a checkpoint's body. Raises AnchorError."""
    note = assemble(body, lines)
    try:
        signed, signers = open_note(note, [key])
        if signed != body:
            raise NoteError("there is a blank line among its lines")
        (line, *_) = [
            key.line(signature)
            for name, key_id, signature in split_note(note)[1]
            if (name, key_id) == (key.name, key.key_id)
        ]
    except NoteError as error:
        raise AnchorError(f"no cosignature of {key.name}: {error}") from error
    moment = signers[key.name]
    if not moment or moment > _LATEST:
        raise AnchorError(f"the cosignature of {key.name} states no time")
    return Cosignature(key.name, line, datetime.fromtimestamp(moment, UTC))


def read_size(answer: bytes) -> int:
    """The size in the body of a 409. Raises AnchorError."""
    found = _SIZE.fullmatch(answer)
    if found is None:
        raise AnchorError("the witness answered 409 without the size of its checkpoint")
    return int(found[1])


def origin_hash(origin: str) -> str:
    """The name of a log in the address under which a witness shows its newest checkpoint."""
    return sha256(origin.encode()).hexdigest()
