"""Signed notes and checkpoints: what the log signs, in the text formats of C2SP.

- https://c2sp.org/signed-note: text, blank line, lines `— name base64(keyid || signature)`
- https://c2sp.org/tlog-checkpoint: the text is origin, size and root, a line each (no extension lines here)
- https://c2sp.org/tlog-cosignature: a witness signs the checkpoint together with a time, signature type 0x04
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edigw.log.errors import NoteError

ED25519 = 0x01
COSIGNATURE = 0x04
NOTE_LIMIT = 64 << 10
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its first `size` entries have this root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def parse(cls, body: str) -> Checkpoint:
        """Raises NoteError unless `body` is just what `Checkpoint.body` writes."""
        lines = body.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _NUMBER.fullmatch(lines[1]):
            raise NoteError("not a checkpoint: expected three lines, origin, size and root")
        root = decode64(lines[2], "the root")
        if len(root) != 32:
            raise NoteError("the root of the checkpoint has not 32 bytes")
        return cls(lines[0], int(lines[1]), root)

    @classmethod
    def of(cls, note: str) -> Checkpoint:
        """The checkpoint that a note carries, signatures unchecked. Raises NoteError."""
        return cls.parse(split_note(note)[0])


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs under, written `name+keyid+base64(type || key)`."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises NoteError if `text` is no Ed25519 verifier key, or its key id is not that of the key."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not _is_name(parts[0]):
            raise NoteError("not a verifier key: expected name+keyid+base64")
        raw = decode64(parts[2], "the key")
        if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise NoteError("not an Ed25519 verifier key")
        key = cls(parts[0], raw[0], raw[1:])
        if key.key_id.hex() != parts[1]:
            raise NoteError("the key id of the verifier key is not that of the key")
        return key

    @property
    def key_id(self) -> bytes:
        """Four bytes that say which key made a signature."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.kind]) + self.public)}"

    def line(self, signature: bytes) -> str:
        """The signature line for `signature`."""
        return f"— {self.name} {_base64(self.key_id + signature)}\n"

    def time_of(self, signature: bytes, body: str) -> int | None:
        """Verifies; the time that a witness claims in seconds since 1970, None for a plain one.

        Raises NoteError.
        """
        moment, signed = None, body.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                raise NoteError(f"the cosignature of {self.name} has a wrong length")
            (moment,) = struct.unpack(">Q", signature[:8])
            signature, signed = signature[8:], _cosigned(moment, body)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed)
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {self.name} is wrong") from error
        return moment


def public_key(name: str, private: Ed25519PrivateKey, kind: int = ED25519) -> VerifierKey:
    """The verifier key that belongs to `private`. Raises NoteError if `name` can't be a key name."""
    if not _is_name(name):
        raise NoteError(f"{name!r} can't be the name of a key: no spaces, no plus")
    return VerifierKey(name, kind, private.public_key().public_bytes_raw())


def sign(body: str, name: str, private: Ed25519PrivateKey) -> str:
    """The signature line of `name` under `body`."""
    return public_key(name, private).line(private.sign(body.encode()))


def cosign(body: str, name: str, private: Ed25519PrivateKey, moment: int) -> str:
    """The line by which a witness confirms to have seen `body` at `moment`, seconds since 1970."""
    signature = private.sign(_cosigned(moment, body))
    return public_key(name, private, COSIGNATURE).line(struct.pack(">Q", moment) + signature)


def assemble(body: str, *lines: str) -> str:
    """The note of a body and its signature lines."""
    return body + "\n" + "".join(lines)


def split_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The body, and for each signature its name, key id and bytes. Raises NoteError if it isn't a note."""
    if len(note) > NOTE_LIMIT or _CONTROL.search(note):
        raise NoteError("not a signed note: too long, or with control characters")
    text, blank, below = note.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise NoteError("not a signed note: no signatures below a blank line")
    signatures = []
    for line in below[:-1].split("\n"):
        dash, name, signature = (*line.split(" "), "", "")[:3]
        raw = decode64(signature, "a signature")
        if dash != "—" or line.count(" ") != 2 or not _is_name(name) or len(raw) < 5:
            raise NoteError("not a signed note: a signature line can't be read")
        signatures.append((name, raw[:4], raw[4:]))
    return text + "\n", signatures


def open_note(note: str, keys: Iterable[VerifierKey]) -> tuple[str, dict[str, int | None]]:
    """The body, and the known keys that signed it: by name, the time a witness claims, None if it is the log.

    Signatures of unknown keys are passed over. Raises NoteError if a known key's signature is wrong or there
    is none.
    """
    body, signatures = split_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    signers = {
        name: known[name, key_id].time_of(signature, body)
        for name, key_id, signature in signatures
        if (name, key_id) in known
    }
    if not signers:
        raise NoteError("no known key signed the note")
    return body, signers


def open_checkpoint(note: str, origin: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint of `origin` that one of its own keys signed. Raises NoteError for anything else."""
    body, signers = open_note(note, keys)
    checkpoint = Checkpoint.parse(body)
    if checkpoint.origin != origin or origin not in signers:
        raise NoteError(f"the checkpoint is not one that {origin} signed")
    return checkpoint


def decode64(text: str, what: str) -> bytes:
    """Strict base64 (RFC 4648, section 4). Raises NoteError, which calls it `what`."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise NoteError(f"{what} is not base64") from error
    if _base64(raw) != text:
        raise NoteError(f"{what} is not base64 in its one canonical form")
    return raw


def _cosigned(moment: int, body: str) -> bytes:
    return f"cosignature/v1\ntime {moment}\n{body}".encode()


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
