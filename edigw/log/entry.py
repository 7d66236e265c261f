"""The entry: one event as the bytes that become one leaf of the log.

Canonical JSON: keys sorted, no white space, UTF-8, no newline. Values are strings, integers below 2**53,
booleans, arrays and objects; no floats, no null, no lone surrogates. On this profile the bytes equal those of
RFC 8785. Keys of an entry match `[a-z0-9_]+`; those of a `detail` object are printable ASCII. Specification:
docs/evidence.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn

from edigw.log.errors import EntryError

ENTRY_LIMIT = 16 << 10
NO_PREVIOUS = "0" * 64
_LARGEST = 1 << 53
_DEEPEST = 32

TYPES = (
    "submission",
    "relay",
    "validation",
    "translation",
    "mailbox",
    "notification",
    "retrieval",
    "delivery",
    "ack",
    "exchange",
    "object",
    "evidence",
    "partner",
    "map",
    "admin",
    "log",
)
"""What comes before the dot of an entry's type."""

ROLES = frozenset(
    {
        "payload.original",
        "payload.decrypted",
        "payload.unpacked",
        "payload.translated",
        "payload.encrypted",
        "signature.origin",
        "ack.mdn",
        "ack.contrl",
        "ack.ta1",
        "ack.997",
        "ack.999",
        "ack.aperak",
        "ack.824",
        "ack.receipt",
        "tsa.token",
        "configuration",
        "receipt",
        "detail",
    }
)

_TYPE = re.compile(rf"({'|'.join(TYPES)})\.[a-z][a-z_]{{0,19}}")
_NEGATIVE = re.compile(r".*\.(rejected|failed|negative)")
_HEX32 = re.compile(r"[0-9a-f]{32}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_ACTOR = re.compile(r"gateway|(partner|admin):[A-Za-z0-9._@-]{1,64}")
_PARTY = re.compile(r"[A-Z][A-Z0-9]{0,15}:[!-~]([ -~]{0,78}[!-~])?")
_REASON = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_ORIGIN = re.compile(r"[!-*,-~]{1,120}")  # a key name of a signed note: no spaces, no plus
_ENTRY_KEY = re.compile(r"[a-z0-9_]+")
_DETAIL_KEY = re.compile(r"[ -~]{1,200}")


def canonical(value: Mapping[str, Any], key: re.Pattern[str] = _DETAIL_KEY) -> bytes:
    """`value` as canonical JSON. Raises EntryError, naming the place, for a value outside of the profile."""
    _check_value(value, key, "", _DEEPEST)
    try:
        return _dump(value)
    except UnicodeEncodeError as error:
        raise EntryError("a string holds half of a surrogate pair") from error


def parse_canonical(data: bytes) -> dict[str, Any]:
    """The object whose canonical JSON is `data`. Raises EntryError for any other bytes."""
    try:
        value = json.loads(data.decode(), parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise EntryError(f"not canonical JSON: {error}") from error
    if not isinstance(value, dict) or canonical(value) != data:
        raise EntryError("not canonical JSON: other bytes would say the same")
    return value


def commitment(salt: bytes, content: bytes) -> str:
    """The hex name under which entries commit to `content` without giving it away."""
    return Commitment(salt).update(content).hexdigest()


class Commitment:
    """`commitment`, for content that comes in pieces."""

    def __init__(self, salt: bytes) -> None:
        if len(salt) != 32:
            raise EntryError(f"a salt has 32 bytes, not {len(salt)}")
        self._hash = sha256(b"edi-evidence/v1/object\n" + salt)

    def update(self, piece: bytes) -> Commitment:
        """Adds a piece of the content."""
        self._hash.update(piece)
        return self

    def hexdigest(self) -> str:
        """The commitment to all pieces so far."""
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """What an entry says of one object: what it is, what its salted content hashes to, its size in bytes."""

    role: str
    commit: str
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. Optional fields are empty when absent. `to_bytes` and `parse` check every field."""

    log: str
    type: str
    eid: str
    xid: str
    n: int
    prev: str
    at: str
    actor: str
    objects: Sequence[ObjectRef]
    sender: str = ""
    recipient: str = ""
    reason: str = ""
    parent: str = ""

    def to_bytes(self) -> bytes:
        """The leaf's bytes. Raises EntryError if a field breaks the rules or the whole exceeds 16 KiB."""
        self._check()
        fields: dict[str, Any] = {
            "v": 1,
            "log": self.log,
            "type": self.type,
            "eid": self.eid,
            "xid": self.xid,
            "n": self.n,
            "prev": self.prev,
            "at": self.at,
            "actor": self.actor,
            "objects": [{"role": o.role, "commit": o.commit, "size": o.size} for o in self.objects],
        }
        for name in ("sender", "recipient", "reason", "parent"):
            if value := getattr(self, name):
                fields[name] = value
        data = canonical(fields, _ENTRY_KEY)
        if len(data) > ENTRY_LIMIT:
            raise EntryError(f"the entry has {len(data)} bytes, at most {ENTRY_LIMIT} are allowed")
        return data

    @classmethod
    def parse(cls, data: bytes) -> Entry:
        """The entry whose bytes are `data`.

        Raises EntryError unless `to_bytes` would give back just these.
        """
        if len(data) > ENTRY_LIMIT:
            raise EntryError(f"the entry has {len(data)} bytes, at most {ENTRY_LIMIT} are allowed")
        fields = parse_canonical(data)
        version = fields.pop("v", None)
        if version != 1:
            raise EntryError(f"the entry has version {version!r}, only 1 is known")
        try:
            objects = [ObjectRef(**item) for item in fields.pop("objects")]
            entry = cls(objects=objects, **fields)
        except (TypeError, KeyError) as error:
            raise EntryError(f"the entry has missing or unknown fields: {error}") from error
        if entry.to_bytes() != data:
            raise EntryError("the entry states an empty field")
        return entry

    def _check(self) -> None:
        _match(_ORIGIN, "log", self.log)
        _match(_TYPE, "type", self.type)
        _match(_HEX32, "eid", self.eid)
        _match(_HEX32, "xid", self.xid)
        _match(_HEX64, "prev", self.prev)
        _match(_AT, "at", self.at)
        _match(_ACTOR, "actor", self.actor)
        for name, value, pattern in (
            ("sender", self.sender, _PARTY),
            ("recipient", self.recipient, _PARTY),
            ("reason", self.reason, _REASON),
            ("parent", self.parent, _HEX64),
        ):
            if value != "":
                _match(pattern, name, value)
        if type(self.n) is not int or not 0 <= self.n < _LARGEST:
            raise EntryError(f"n is {self.n!r}, not a number from 0")
        if (self.n == 0) != (self.prev == NO_PREVIOUS):
            raise EntryError("prev is zero just for the first event of an exchange")
        if self.parent and self.n:
            raise EntryError("only the first event of an exchange names its parent")
        if _NEGATIVE.fullmatch(self.type) and not self.reason:
            raise EntryError(f"{self.type} needs a reason")
        if not self.objects:
            raise EntryError("an entry needs at least one object")
        for item in self.objects:
            if item.role not in ROLES:
                raise EntryError(f"{item.role!r} is no role of an object")
            _match(_HEX64, "commit", item.commit)
            if type(item.size) is not int or not 0 <= item.size < _LARGEST:
                raise EntryError(f"the size of an object is {item.size!r}")


def _match(pattern: re.Pattern[str], name: str, value: object) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise EntryError(f"{name} is {value!r}, which does not match {pattern.pattern}")


def _check_value(value: object, key: re.Pattern[str], place: str, depth: int) -> None:
    if depth < 0:
        raise EntryError(f"{place or 'the value'} is nested too deeply")
    if isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if not -_LARGEST < value < _LARGEST:
            raise EntryError(f"{place} is an integer beyond 2**53")
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if not isinstance(name, str) or not key.fullmatch(name):
                raise EntryError(f"{name!r} is no key that {place or 'the object'} may have")
            if type(member) is not str or not depth:  # most members are text
                _check_value(member, key, f"{place}/{name}", depth - 1)
    elif isinstance(value, list | tuple):
        for at, member in enumerate(value):
            if type(member) is not str or not depth:
                _check_value(member, key, f"{place}/{at}", depth - 1)
    else:
        raise EntryError(
            f"{place or 'the value'} is {value!r}; allowed are text, integers, true, false, lists, objects"
        )


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _dump(value: object) -> bytes:
    return _ENCODER.encode(value).encode()


def _refuse(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not allowed")
