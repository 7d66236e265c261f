#!/usr/bin/env python3
"""Verifies an evidence bundle: offline, with nothing but Python (3.9 or newer).

    python verify.py [BUNDLE] [--key KEY]... [--witness KEY]... [--tsa-ca FILE]... [--allowed-signers FILE]

BUNDLE is the zip file or the folder it was unpacked to (without it: the folder that this file lies in). KEY is the
public key of the log, `name+id+base64`, or a file of such lines: take it from your agreement with the operator of the
gateway, not from the bundle. Each --witness must have cosigned. With --tsa-ca, the certificates (PEM) of timestamping
authorities that you trust, one of them must have timestamped (needs openssl). Signatures of partners are checked with
--allowed-signers (needs ssh-keygen of OpenSSH 8.8 or newer): the keys from your agreements, each under the partner's
code or identifier as the log has it; trust/allowed_signers shows the form, and what the gateway states.

Exit status: 0 everything holds, 1 it does not verify (the first failure is named), 2 it could not be used.

This file is complete in itself. The format is described in docs/evidence.md of edigw.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import calendar
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "edi-evidence-bundle/v1"
TEXT_LIMIT = 1 << 20
ENTRY_LIMIT = 16 << 10
TOTAL_LIMIT = 64 << 30
FILE_LIMIT = 200_000
CHUNK = 1 << 18
CLOCKS = 3600  # seconds by which clocks may differ
KNOWN = re.compile(
    r"bundle\.json|SHA256SUMS|README\.txt|report\.(txt|html|pdf)|verify\.(py|sh)|checkpoint|cosignatures"
    r"|before/(checkpoint|cosignatures|consistency)|(before/)?checkpoint(\.[a-z0-9.-]+)?\.tsr|entries/\d{4,}\.(json|json\.sig|tlog-proof)"
    r"|keys/\d{4,}\.(json|tlog-proof|bin|salt)|objects/[0-9a-f]{64}\.(bin|salt)|trust/[A-Za-z0-9._-]+|rules/[0-9a-f]{64}"
)


class Unusable(Exception):
    """There is nothing here that could be verified."""


class Failure(Exception):
    """Something does not hold."""


@dataclass
class Report:
    """What came of it: `failure` is the first thing that does not hold, empty if everything does. `notes` say what is
    proved, `unproved` what is not, `warnings` what to look at."""

    failure: str = ""
    notes: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.failure


def verify_bundle(
    path: Path,
    keys: Sequence[str] = (),
    *,
    tsa_ca: Sequence[Path] = (),
    allowed_signers: Path | None = None,
) -> Report:
    """Verifies the zip file or folder at `path` with these public keys: the log's, and those of witnesses that must
    have cosigned. `tsa_ca` are files with certificates of authorities, of which one must have timestamped.

    Raises Unusable.
    """
    trusted = [Key.parse(key) for key in keys]
    roots = b"".join(read_file(name) for name in tsa_ca)
    with open_bundle(path) as files:
        verification = Verification(files, trusted, roots, allowed_signers)
        try:
            verification.run()
        except Failure as failure:
            verification.report.failure = str(failure)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            verification.report.failure = f"the bundle is damaged: {error}"
        return verification.report


# ------------------------------------------------------------------ the bundle's files


class Files(ABC):
    """The files of a bundle by name, in a folder or a zip file. Nothing is unpacked."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        if len(sizes) > FILE_LIMIT or sum(sizes.values()) > TOTAL_LIMIT:
            raise Unusable("the bundle is too large")

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """The file as a stream."""

    def read(self, name: str, limit: int = TEXT_LIMIT) -> bytes:
        """A whole small file."""
        size = self.sizes.get(name)
        if size is None:
            raise Failure(f"{name} is missing")
        if size > limit:
            raise Failure(f"{name} is larger than {limit} bytes")
        with self.open(name) as stream:
            return stream.read(limit + 1)

    def text(self, name: str) -> str:
        """A whole small text."""
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError:
            raise Failure(f"{name} is not UTF-8") from None

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file of any size."""
        with self.open(name) as stream:
            while True:
                piece = stream.read(CHUNK)
                if not piece:
                    return
                yield piece


class FolderFiles(Files):
    """The files below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        found = [path for path in root.rglob("*") if path.is_file()]
        super().__init__({path.relative_to(root).as_posix(): path.stat().st_size for path in found})

    def open(self, name: str) -> BinaryIO:
        return (self._root / name).open("rb")


class ZipFiles(Files):
    """The members of a zip file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        members = [member for member in archive.infolist() if not member.is_dir()]
        names = {member.filename: member.file_size for member in members}
        if len(names) != len(members):
            raise Unusable("the zip file holds two files of one name")
        super().__init__(names)

    def open(self, name: str) -> BinaryIO:
        return self._archive.open(name)  # type: ignore[return-value]


@contextmanager
def open_bundle(path: Path) -> Iterator[Files]:
    """The files of the bundle at `path`. Raises Unusable."""
    if path.is_dir():
        yield FolderFiles(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield ZipFiles(archive)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise Unusable(f"{path}: not a readable folder or zip file ({error})") from error


# ------------------------------------------------------------------ Ed25519 (RFC 8032, section 6)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T


def recover_x(y: int, sign: int) -> int:
    """RFC 8032 5.1.3. Raises ValueError if there is no such point."""
    if y >= P:
        raise ValueError("not canonical")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not on the curve")
    return P - x if x & 1 != sign else x


def decode_point(data: bytes) -> Point:
    """A point from its 32 bytes. Raises ValueError."""
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = recover_x(y, number >> 255)
    return x, y, 1, x * y % P


def add(a: Point, b: Point) -> Point:
    """RFC 8032 5.1.4."""
    low, high = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    cross, twice = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = high - low, twice - cross, twice + cross, high + low
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(factor: int, point: Point) -> Point:
    """`factor` times `point`."""
    result: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = add(result, point)
        point = add(point, point)
        factor >>= 1
    return result


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(public: bytes, signed: bytes, signature: bytes) -> bool:
    """Whether `signature` is that of `public` over `signed`."""
    if len(signature) != 64 or len(public) != 32:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    try:
        key, commitment = decode_point(public), decode_point(signature[:32])
    except ValueError:
        return False
    digest = hashlib.sha512(signature[:32] + public + signed).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    left, right = multiply(scalar, BASE), add(commitment, multiply(challenge, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    same_y = (left[1] * right[2] - right[1] * left[2]) % P == 0
    return same_x and same_y


# ------------------------------------------------------------------ notes and checkpoints (C2SP)


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def decode64(text: str, where: str) -> bytes:
    """Strict base64."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Failure(f"{where}: not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Failure(f"{where}: not base64 in its one canonical form")
    return raw


@dataclass(frozen=True)
class Key:
    """A public key and the name it signs under. Kind 1 signs notes, kind 4 is a witness."""

    name: str
    id: bytes
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Key:
        """Raises Unusable."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            raw = decode64(encoded, "key")
        except Failure:
            raw = b""
        if not name or len(raw) != 33 or raw[0] not in (1, 4):
            raise Unusable(f"not a public key of the form name+id+base64: {printable(text.strip()[:80])}")
        if sha256(name.encode() + b"\n" + raw)[:4].hex() != key_id:
            raise Unusable(f"the id of the key {printable(name)} is not that of its bytes")
        return cls(name, bytes.fromhex(key_id), raw[0], raw[1:])


@dataclass(frozen=True)
class Checkpoint:
    """A signed state of the log. `witnesses` says by name when one saw it, in seconds since 1970."""

    origin: str
    size: int
    root: bytes
    witnesses: Mapping[str, int]


def read_checkpoint(note: str, where: str) -> tuple[Checkpoint, str, str]:
    """The checkpoint in a note, its body, and the signature lines, which are not checked. Raises Failure."""
    body, blank, signatures = note.rpartition("\n\n")
    body += "\n"
    parts = body.split("\n")
    if not blank or len(parts) != 4 or not re.fullmatch("0|[1-9][0-9]{0,18}", parts[1]):
        raise Failure(f"{where}: not a checkpoint")
    root = decode64(parts[2], where)
    if len(root) != 32:
        raise Failure(f"{where}: the root has not 32 bytes")
    return Checkpoint(parts[0], int(parts[1]), root, {}), body, signatures


def open_checkpoint(note: str, lines: str, keys: Sequence[Key], where: str) -> Checkpoint:
    """The checkpoint, signed by a key of the log; `lines` are more signature lines. Raises Failure."""
    stated, body, signatures = read_checkpoint(note, where)
    known = {(key.name, key.id): key for key in keys}
    log_signed, witnesses = False, {}
    for line in (signatures + lines).splitlines():
        words = line.split(" ")
        if len(words) != 3 or words[0] != "—":
            raise Failure(f"{where}: a signature line can't be read")
        raw = decode64(words[2], where)
        key = known.get((words[1], raw[:4]))
        if key is None:
            continue
        signed, signature = body.encode(), raw[4:]
        if key.kind == 4:
            moment, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            if not moment:
                raise Failure(f"{where}: the cosignature of {printable(key.name)} states no time")
            signed = f"cosignature/v1\ntime {moment}\n{body}".encode()
            witnesses[key.name] = moment
        if not ed25519(key.public, signed, signature):
            raise Failure(f"{where}: the signature of {printable(key.name)} is wrong")
        log_signed = log_signed or (key.kind == 1 and key.name == stated.origin)
    if not log_signed:
        raise Failure(f"{where}: the log's key has not signed it")
    return Checkpoint(stated.origin, stated.size, stated.root, witnesses)


# ------------------------------------------------------------------ the tree (RFC 6962, RFC 9162)


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 2.1."""
    return sha256(b"\x01" + left + right)


def hashes(lines: Iterable[str], where: str) -> list[bytes]:
    """A proof's hashes, one a line."""
    found = [decode64(line, where) for line in lines]
    if any(len(item) != 32 for item in found):
        raise Failure(f"{where}: a hash has not 32 bytes")
    return found


def check_inclusion(index: int, leaf: bytes, proof: Sequence[bytes], tree: Checkpoint, where: str) -> None:
    """RFC 9162 2.1.3.2."""
    if not 0 <= index < tree.size:
        raise Failure(f"{where}: the log has no entry {index}, it ends at {tree.size}")
    at, last, root = index, tree.size - 1, leaf
    for sibling in proof:
        if not last:
            raise Failure(f"{where}: the proof is too long")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    if last or root != tree.root:
        raise Failure(f"{where}: the entry is not in the log that the checkpoint signs")


def check_consistency(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes], where: str) -> None:
    """RFC 9162 2.1.4.2."""
    if old.size == new.size:
        consistent = not proof and old.root == new.root
    elif not 0 < old.size < new.size or not proof:
        consistent = False
    else:
        path = list(proof) if old.size & (old.size - 1) else [old.root, *proof]
        at, last = old.size - 1, new.size - 1
        while at & 1:
            at, last = at >> 1, last >> 1
        first = second = path[0]
        for sibling in path[1:]:
            if not last:
                raise Failure(f"{where}: the proof is too long")
            if at & 1 or at == last:
                first, second = node_hash(sibling, first), node_hash(sibling, second)
                while at and not at & 1:
                    at, last = at >> 1, last >> 1
            else:
                second = node_hash(second, sibling)
            at, last = at >> 1, last >> 1
        consistent = not last and first == old.root and second == new.root
    if not consistent:
        raise Failure(f"{where}: the log did not grow from the earlier checkpoint")


# ------------------------------------------------------------------ entries


def parse_json(data: bytes, where: str) -> dict[str, Any]:
    """Canonical JSON. Raises Failure for any other bytes."""

    def refuse(literal: str) -> Any:
        raise ValueError(f"{literal} is not allowed")

    try:
        value = json.loads(data.decode("utf-8"), parse_float=refuse, parse_constant=refuse)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Failure(f"{where}: not canonical JSON ({error})") from None
    if not isinstance(value, dict) or text != data or (b"null" in data and has_null(value)):
        raise Failure(f"{where}: not canonical JSON")
    return value


def has_null(value: object) -> bool:
    """Whether null stands somewhere in it."""
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    return value is None or (isinstance(value, list) and any(map(has_null, value)))


FIELDS = {
    "log": r"[!-~]{1,120}",
    "type": r"[a-z]+\.[a-z_]+",
    "eid": r"[0-9a-f]{32}",
    "xid": r"[0-9a-f]{32}",
    "prev": r"[0-9a-f]{64}",
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "actor": r"gateway|(partner|admin):[A-Za-z0-9._@-]{1,64}",
}
OPTIONAL = {
    "sender": r"[ -~]{3,100}",
    "recipient": r"[ -~]{3,100}",
    "reason": r"[!-~]{1,64}",
    "parent": r"[0-9a-f]{64}",
}


@dataclass(frozen=True)
class Entry:
    """One event of the bundle, as the log holds it."""

    place: str
    index: int
    leaf: str
    fields: Mapping[str, Any]

    @property
    def xid(self) -> str:
        """The exchange it belongs to."""
        return str(self.fields["xid"])

    @property
    def type(self) -> str:
        """What happened."""
        return str(self.fields["type"])

    @property
    def principals(self) -> Sequence[str]:
        """The names of the partner that acted: its code, and as what the entry names it."""
        kind, _, code = self.fields["actor"].partition(":")
        named = [code, self.fields.get("sender"), self.fields.get("recipient")] if kind == "partner" else []
        return [name for name in named if name]

    @property
    def who(self) -> str:
        """The partner that acted, or on whose behalf, in words."""
        return printable(next(iter(self.principals), str(self.fields.get("sender", "somebody"))))

    @property
    def objects(self) -> Sequence[Mapping[str, Any]]:
        """Role, commit and size of each object."""
        objects: Sequence[Mapping[str, Any]] = self.fields["objects"]
        return objects


def check_fields(fields: Mapping[str, Any], where: str) -> None:
    """The fields of an entry: all there, none unknown, each of its form."""
    unknown = set(fields) - {"v", "n", "objects", *FIELDS, *OPTIONAL}
    if fields.get("v") != 1 or unknown:
        raise Failure(f"{where}: not an entry of version 1")
    for name, pattern in [*FIELDS.items(), *OPTIONAL.items()]:
        value = fields.get(name, None if name in FIELDS else ...)
        if value is not ... and not (isinstance(value, str) and re.fullmatch(pattern, value)):
            raise Failure(f"{where}: its {name} has a wrong form")
    if type(fields.get("n")) is not int or not isinstance(fields.get("objects"), list) or not fields["objects"]:
        raise Failure(f"{where}: n or objects is missing or of a wrong form")
    for item in fields["objects"]:
        if (
            not isinstance(item, dict)
            or set(item) != {"role", "commit", "size"}
            or not isinstance(item["role"], str)
            or not re.fullmatch("[0-9a-f]{64}", str(item["commit"]))
            or type(item["size"]) is not int
        ):
            raise Failure(f"{where}: an object has a wrong form")


# ------------------------------------------------------------------ the steps


class Verification:
    """One bundle. The steps are those of docs/evidence.md, "Verification"."""

    def __init__(self, files: Files, keys: Sequence[Key], roots: bytes, allowed_signers: Path | None) -> None:
        self.report = Report()
        self._files = files
        self._keys = list(keys)
        self._earlier = self._keys  # and keys that were in use before
        self._roots = roots  # PEM
        self._allowed_signers = allowed_signers
        if "bundle.json" not in files.sizes:
            raise Unusable("not an evidence bundle: there is no bundle.json")

    def run(self) -> None:
        """All steps. Raises Failure for the first thing that does not hold."""
        bundle = self._head()
        self._sums()
        self._trust()
        self._key_changes(bundle["log"])
        note = self._files.text("checkpoint")
        checkpoint = open_checkpoint(note, self._cosignatures(""), self._keys, "checkpoint")
        if checkpoint.origin != bundle["log"]:
            raise Failure("checkpoint: it is of another log than bundle.json says")
        self._witnesses(checkpoint)
        until = [*self._timestamps("checkpoint"), *checkpoint.witnesses.values()]
        entries = self._entries(checkpoint, note)
        self._chains(entries, bundle)
        self._objects(entries, bundle)
        self._rules(entries)
        self._signatures(entries)
        since, seen = self._before(entries, checkpoint)
        self._when(entries, since, seen, until)
        self.report.notes.append(
            f"{len(entries)} events of {len(bundle['xids'])} exchanges are in the log {printable(checkpoint.origin)}, "
            f"as signed over its first {checkpoint.size} entries"
        )

    def _head(self) -> dict[str, Any]:
        try:
            bundle = json.loads(self._files.text("bundle.json"))
        except (ValueError, RecursionError):
            raise Unusable("bundle.json can't be read") from None
        if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
            raise Unusable(f"bundle.json does not state the format {FORMAT}")
        for name in ("withheld", "erased"):
            if not isinstance(bundle.setdefault(name, {}), dict):
                raise Failure(f"bundle.json: {name} has a wrong form")
        xids = bundle.get("xids")
        if not isinstance(xids, list) or not xids or len({str(xid) for xid in xids}) != len(xids):
            raise Failure("bundle.json: xids has a wrong form")
        return bundle

    def _sums(self) -> None:
        """Damage in transit. Proves nothing else: whoever changes a file can change its sum."""
        listed = {}
        for line in self._files.text("SHA256SUMS").splitlines():
            match = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
            if not match:
                raise Failure("SHA256SUMS: a line can't be read")
            listed[match[2]] = match[1]
        for name, wanted in listed.items():
            if name not in self._files.sizes:
                raise Failure(f"{name} is missing")
            digest = hashlib.sha256()
            for piece in self._files.pieces(name):
                digest.update(piece)
            if digest.hexdigest() != wanted:
                raise Failure(f"{name} is damaged: its SHA-256 is not the one in SHA256SUMS")
        for name in sorted(set(self._files.sizes) - set(listed) - {"SHA256SUMS"}):
            if KNOWN.fullmatch(name):
                raise Failure(f"{name} is not listed in SHA256SUMS")
            self.report.warnings.append(f"{printable(name)} is no part of the bundle and was ignored")

    def _trust(self) -> None:
        self._required = {key.name for key in self._keys if key.kind == 4}
        if any(key.kind == 1 for key in self._keys):
            return
        try:
            self._keys += [Key.parse(line) for line in self._files.text("trust/log.vkey").splitlines() if line]
        except Unusable as error:
            raise Failure(f"trust/log.vkey: {error}") from None
        self.report.warnings.append(
            "the key was taken from the bundle itself: this proves only that the bundle is consistent in itself. "
            "Give the log's key that you know from elsewhere with --key"
        )

    def _key_changes(self, origin: str) -> None:
        """Other keys of the log that a given one is bound to, by entries which the given one has signed for.

        A later key is as good as the given one. An earlier one is believed for the earlier checkpoint only: it may have
        been given up because it was stolen.
        """
        names = sorted(name[:-5] for name in self._files.sizes if re.fullmatch(r"keys/\d{4,}\.json", name))
        changes = [self._key_change(name, origin) for name in names]
        for name, new, old, note in changes:
            if old in self._keys and new not in self._keys and self._is_signed(note, [old], name):
                self._keys.append(new)
                self.report.notes.append(f"the log's key {new.id.hex()} follows {old.id.hex()}, by {name}.json")
        self._earlier = list(self._keys)
        for name, new, old, note in reversed(changes):
            if new in self._earlier and old not in self._earlier and self._is_signed(note, [new], name):
                self._earlier.append(old)

    def _key_change(self, name: str, origin: str) -> tuple[str, Key, Key, str]:
        """Its name, the new and the old key that a `log.key` entry states, and the note that its proof leads to."""
        data = self._files.read(f"{name}.json", ENTRY_LIMIT)
        fields = parse_json(data, name)
        check_fields(fields, name)
        if fields["log"] != origin or fields["type"] != "log.key":
            raise Failure(f"{name}.json: it is no change of this log's key")
        index, path, note = self._proof(f"{name}.tlog-proof")
        content, salt = self._files.read(f"{name}.bin", TEXT_LIMIT), self._files.read(f"{name}.salt", 32)
        commit = hashlib.sha256(b"edi-evidence/v1/object\n" + salt + content).hexdigest()
        if len(salt) != 32 or [item["commit"] for item in fields["objects"]] != [commit]:
            raise Failure(f"{name}.bin: not what {name}.json commits to")
        check_inclusion(index, sha256(b"\x00" + data), path, read_checkpoint(note, name)[0], name)
        stated = parse_json(content, f"{name}.bin")
        try:
            new, old = (Key.parse(str(stated.get(member))) for member in ("key", "replaces"))
        except Unusable as error:
            raise Failure(f"{name}.bin: {error}") from None
        if any(key.kind != 1 or key.name != origin for key in (new, old)):
            raise Failure(f"{name}.bin: it names a key of something else")
        return name, new, old, note

    def _is_signed(self, note: str, keys: Sequence[Key], where: str) -> bool:
        try:
            open_checkpoint(note, "", keys, where)
        except Failure:
            return False
        return True

    def _proof(self, place: str) -> tuple[int, list[bytes], str]:
        """Index, path and note of a tlog-proof."""
        head, _, note = self._files.text(place).partition("\n\n")
        lines = [line for line in head.split("\n") if not line.startswith("extra ")]
        if lines[0] != "c2sp.org/tlog-proof@v1" or not re.fullmatch(r"index (0|[1-9]\d{0,18})", (*lines, "")[1]):
            raise Failure(f"{place}: not a proof")
        return int(lines[1][6:]), hashes(lines[2:], place), note

    def _cosignatures(self, folder: str) -> str:
        name = f"{folder}cosignatures"
        return self._files.text(name) if name in self._files.sizes else ""

    def _witnesses(self, checkpoint: Checkpoint) -> None:
        for name in sorted(self._required - set(checkpoint.witnesses)):
            raise Failure(f"checkpoint: the witness {printable(name)} has not signed it")
        for name, moment in checkpoint.witnesses.items():
            self.report.notes.append(f"the witness {printable(name)} saw the checkpoint at {clock(moment)}")
        if not checkpoint.witnesses:
            self.report.unproved.append(
                "that nobody was shown another history of the log: no witness that you named has cosigned this one"
            )

    def _entries(self, checkpoint: Checkpoint, note: str) -> list[Entry]:
        names = sorted(name for name in self._files.sizes if re.fullmatch(r"entries/\d{4,}\.json", name))
        if not names or names != [f"entries/{at:04d}.json" for at in range(len(names))]:
            raise Failure("entries: there are none, or one is missing between others")
        entries: list[Entry] = []
        for name in names:
            data = self._files.read(name, ENTRY_LIMIT)
            fields = parse_json(data, name)
            check_fields(fields, name)
            if fields["log"] != checkpoint.origin:
                raise Failure(f"{name}: it belongs to another log")
            place = name[:-5] + ".tlog-proof"
            index, path, below = self._proof(place)
            if below != note:
                raise Failure(f"{place}: it leads to another checkpoint")
            leaf = sha256(b"\x00" + data)
            check_inclusion(index, leaf, path, checkpoint, place)
            if entries and index <= entries[-1].index:
                raise Failure(f"{name}: the entries are not in the order of the log")
            entries.append(Entry(name, index, leaf.hex(), fields))
        return entries

    def _chains(self, entries: Sequence[Entry], bundle: Mapping[str, Any]) -> None:
        newest: dict[str, Entry] = {}
        leaves = {entry.leaf: entry for entry in entries}
        for entry in entries:
            before, parent = newest.get(entry.xid), entry.fields.get("parent")
            n, prev = (before.fields["n"] + 1, before.leaf) if before else (0, "0" * 64)
            if entry.fields["n"] != n:
                raise Failure(f"{entry.place}: event {n} of exchange {entry.xid} is missing")
            if entry.fields["prev"] != prev:
                raise Failure(f"{entry.place}: it does not follow the event before it in exchange {entry.xid}")
            if parent and n:
                raise Failure(f"{entry.place}: only the first event of an exchange can name its parent")
            if parent in leaves and leaves[parent].index < entry.index:
                self.report.notes.append(f"exchange {entry.xid} was split from exchange {leaves[parent].xid}")
            elif parent:
                self.report.warnings.append(f"exchange {entry.xid} was split from one that is not in the bundle")
            newest[entry.xid] = entry
        if set(newest) != set(bundle["xids"]):
            raise Failure("bundle.json: its xids are not those of the entries")
        for xid, entry in newest.items():
            if entry.fields["type"] != "exchange.closed":
                self.report.warnings.append(f"exchange {xid} is not closed: later events can't be excluded")

    def _objects(self, entries: Sequence[Entry], bundle: Mapping[str, Any]) -> None:
        erased = {item["commit"] for e in entries if e.fields["type"] == "object.erased" for item in e.objects}
        stray = {name[8:72] for name in self._files.sizes if name.startswith("objects/")}
        for entry in entries:
            told = [f"{entry.fields['at']}  {entry.fields['type']}  by {entry.fields['actor']}"]
            if "reason" in entry.fields:
                told.append(f"reason {entry.fields['reason']}")
            for item in entry.objects:
                commit = item["commit"]
                stray.discard(commit)
                if f"objects/{commit}.bin" in self._files.sizes:
                    told.append(self._object(item, entry))
                elif commit in erased:
                    told.append(f"{item['role']}: erased")
                elif isinstance(bundle["withheld"].get(commit), str):
                    told.append(f"{item['role']}: withheld, {printable(bundle['withheld'][commit])}")
                    self.report.warnings.append(f"{entry.place}: the object {item['role']} is withheld")
                else:
                    raise Failure(f"objects/{commit}.bin is missing, and no reason is given ({entry.place})")
            self.report.story.append("; ".join(part for part in told if part))
        for commit in sorted(stray):
            raise Failure(f"objects/{printable(commit)}.bin: no entry commits to it")

    def _rules(self, entries: Sequence[Entry]) -> None:
        """What was agreed, and the bindings: each file in rules/ is what its name says, and an event names that."""
        there = {name[6:] for name in self._files.sizes if name.startswith("rules/")}
        for digest in sorted(there):
            plain = hashlib.sha256()
            for piece in self._files.pieces(f"rules/{digest}"):
                plain.update(piece)
            if plain.hexdigest() != digest:
                raise Failure(f"rules/{printable(digest)} is not what the events name: its SHA-256 is another")
        named: dict[str, str] = {}  # by hash, what it is
        for detail in self._details(entries):
            if isinstance(detail.get("configuration"), str):
                named[detail["configuration"]] = "the configuration"
            bindings = detail.get("bindings")
            for each in [each for each in bindings if isinstance(each, dict)] if isinstance(bindings, list) else []:
                named[str(each.get("sha256"))] = f"the binding {each.get('name')} {each.get('version')}"
        listed = dict(named)
        for digest in [digest for digest in named if named[digest] == "the configuration" and digest in there]:
            for line in self._files.text(f"rules/{digest}").splitlines():
                listed[line[:64]] = line[66:]
        for digest in sorted(there - set(listed)):
            raise Failure(f"rules/{printable(digest)}: no event names it")
        shown = [what for digest, what in listed.items() if digest in there]
        if shown:
            self.report.notes.append(f"these rules applied, as rules/ has them: {printable(', '.join(shown))}")
        for digest, what in named.items():
            if digest not in there:
                self.report.unproved.append(f"what stood in {printable(what)} {printable(digest)}, which applied")

    def _details(self, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
        """The details that are shown; but for those that are too large to be read whole."""
        for entry in entries:
            for item in entry.objects:
                name = f"objects/{item['commit']}.bin"
                if item["role"] == "detail" and self._files.sizes.get(name, TEXT_LIMIT + 1) <= TEXT_LIMIT:
                    yield parse_json(self._files.read(name), name)

    def _object(self, item: Mapping[str, Any], entry: Entry) -> str:
        """Checks one object; what the story says of it."""
        name = f"objects/{item['commit']}.bin"
        salt = self._files.read(f"objects/{item['commit']}.salt", 32)
        if len(salt) != 32:
            raise Failure(f"objects/{item['commit']}.salt: a salt has 32 bytes")
        commit, plain, size, start = hashlib.sha256(b"edi-evidence/v1/object\n" + salt), hashlib.sha256(), 0, b""
        for piece in self._files.pieces(name):
            commit.update(piece)
            plain.update(piece)
            size += len(piece)
            if item["role"] == "detail" and size <= TEXT_LIMIT:
                start += piece
        if commit.hexdigest() != item["commit"] or size != item["size"]:
            raise Failure(f"{name}: not what {entry.place} commits to ({item['role']})")
        if item["role"] != "detail":
            return f"{item['role']} of {size} bytes, SHA-256 {plain.hexdigest()}"
        if size > TEXT_LIMIT:
            return ""
        stated = parse_json(start, name).get("transmission")
        return f"file {printable(str(stated.get('name')))}" if isinstance(stated, dict) else ""

    def _before(self, entries: Sequence[Entry], checkpoint: Checkpoint) -> tuple[list[int], list[int]]:
        """The earlier checkpoint, if there is one; when it was timestamped, and when witnesses saw it."""
        where = "before/checkpoint"
        if where not in self._files.sizes:
            return [], []
        earlier = open_checkpoint(self._files.text(where), self._cosignatures("before/"), self._earlier, where)
        if earlier.origin != checkpoint.origin:
            raise Failure(f"{where}: it is of another log")
        if earlier.size > entries[0].index:
            raise Failure(f"{where}: it already covers one of the entries")
        lines = self._files.text("before/consistency").splitlines()
        check_consistency(earlier, checkpoint, hashes(lines, "before/consistency"), "before/consistency")
        self.report.notes.append(f"the log grew from an earlier state of {earlier.size} entries that had none of these")
        return self._timestamps(where), list(earlier.witnesses.values())

    def _timestamps(self, name: str) -> list[int]:
        """RFC 3161: the times in the tokens over a checkpoint, in seconds since 1970, as far as they can be checked."""
        tokens = [file for file in sorted(self._files.sizes) if re.fullmatch(rf"{name}(\.[a-z0-9.-]+)?\.tsr", file)]
        if not self._roots:
            self.report.warnings += (
                f"{token} was not checked: give the authority's certificates with --tsa-ca" for token in tokens
            )
            return []
        moments, wrong = [], []
        for token in tokens:
            try:
                moments.append(self._timestamp(name, token))
                self.report.notes.append(f"{name} was timestamped at {clock(moments[-1])} ({token})")
            except Failure as failure:
                wrong.append(str(failure))
        if not moments and (wrong or name == "checkpoint"):
            raise Failure(wrong[0] if wrong else f"{name}.tsr is missing: no authority has timestamped the checkpoint")
        self.report.warnings += wrong
        return moments

    def _timestamp(self, name: str, token: str) -> int:
        with tempfile.TemporaryDirectory() as folder:
            data, answer, signed, roots = (str(Path(folder, each)) for each in ("data", "answer", "signed", "roots"))
            for path, content in (
                (data, self._files.read(name)),
                (answer, self._files.read(token)),
                (roots, self._roots),
            ):
                Path(path).write_bytes(content)
            # Only the token itself: what stands around it in the answer is not signed, and could state another time.
            run(["openssl", "ts", "-reply", "-in", answer, "-token_out", "-out", signed])
            text = run(["openssl", "ts", "-reply", "-in", signed, "-token_in", "-text"])
            match = re.search(r"^Time stamp: (.*) GMT$", text or "", re.MULTILINE)
            if not match:
                raise Failure(f"{token}: not a timestamp")
            try:
                stated = time.strptime(re.sub(r"(:\d\d)\.\d+", r"\1", match[1]), "%b %d %H:%M:%S %Y")
            except ValueError:
                raise Failure(f"{token}: its time can't be read") from None
            moment = calendar.timegm(stated)
            command = ["openssl", "ts", "-verify", "-attime", str(moment), "-data", data, "-in", signed, "-token_in"]
            if run([*command, "-CAfile", roots]) is None:
                raise Failure(f"{token}: not a timestamp of this checkpoint by a known authority")
            return moment

    def _when(self, entries: Sequence[Entry], since: Sequence[int], seen: Sequence[int], until: Sequence[int]) -> None:
        """Between which times the events were logged, as others attest it."""
        lower, upper = max([*since, *seen], default=None), min(until, default=None)
        after = f"after {clock(lower)} and " if lower is not None else ""
        if upper is not None:
            self.report.notes.append(f"by what others attest, the events were logged {after}before {clock(upper)}")
        else:
            self.report.unproved.append("when the events were logged: nobody but the gateway says so")
        if lower is not None and lower not in seen:
            self.report.unproved.append(
                f"that no event was logged before {clock(lower)} if the gateway had an old state timestamped late: "
                "only a witness that cosigned that state excludes it"
            )
        elif lower is None and upper is not None:
            self.report.unproved.append("from when on the events were logged: nobody has attested an earlier state")
        for entry in entries:
            try:
                at = calendar.timegm(time.strptime(entry.fields["at"][:19], "%Y-%m-%dT%H:%M:%S"))
            except ValueError:
                raise Failure(f"{entry.place}: its at is no time") from None
            if (lower is not None and at < lower - CLOCKS) or (upper is not None and at > upper + CLOCKS):
                self.report.warnings.append(f"{entry.place} claims to be of {entry.fields['at']}: others say otherwise")

    def _signatures(self, entries: Sequence[Entry]) -> None:
        """What partners signed with their SSH keys: files that they handed in, and entries of receipts."""
        origin = [(entry, item) for entry in entries for item in entry.objects if item["role"] == "signature.origin"]
        receipts = [(entry, item) for entry in entries for item in entry.objects if item["role"] == "ack.receipt"]
        for entry, item in origin:
            self._origin(entry, item)
        signed = {self._countersignature(entry, item, entries) for entry, item in receipts}
        for entry in entries:
            if f"{entry.place}.sig" in self._files.sizes and entry.place not in signed:
                self._unlogged(entry)
        self._unsigned(entries, {entry.xid for entry, _ in origin}, signed)

    def _origin(self, entry: Entry, item: Mapping[str, Any]) -> None:
        """The signature of a sender over the file that the same entry names."""
        name = f"objects/{item['commit']}.bin"
        over = next((other for other in entry.objects if other["role"].startswith("payload.")), None)
        if over is None:
            raise Failure(f"{entry.place}: it holds a signature, but not what that is over")
        data = f"objects/{over['commit']}.bin"
        if name not in self._files.sizes or data not in self._files.sizes:
            self.report.unproved.append(f"that {entry.who} signed the file of {entry.place}: it is withheld")
        elif self._files.read(name).startswith(b"-----BEGIN PGP"):
            self.report.unproved.append(f"that {name} is a signature of {entry.who}: gpg --verify {name} {data}")
        else:
            self._ssh(entry, name, data, "submission@edi-evidence", f"the {over['role']} of {entry.place}")

    def _countersignature(self, entry: Entry, item: Mapping[str, Any], entries: Sequence[Entry]) -> str:
        """The signature of a partner over an earlier entry of the exchange, beside which it must lie; which one."""
        name = f"objects/{item['commit']}.bin"
        if name not in self._files.sizes:
            self.report.unproved.append(f"which entry {entry.who} signed by {entry.place}: it is withheld")
            return ""
        text = self._files.read(name)
        for other in entries:
            beside = f"{other.place}.sig"
            could_be = other.xid == entry.xid and other.index < entry.index and beside in self._files.sizes
            if could_be and self._files.read(beside) == text:
                self._ssh(entry, beside, other.place, "receipt@edi-evidence", f"the receipt of {other.place}")
                return other.place
        raise Failure(f"{entry.place}: the signature that it tells of lies beside no entry of its exchange")

    def _unlogged(self, entry: Entry) -> None:
        """A signature over an entry of which the log does not tell: by whom, but not from when."""
        name = f"{entry.place}.sig"
        with self._unpacked(name, entry.place) as (signature, data):
            key = self._made_by(signature, data, "receipt@edi-evidence", name, entry.place)
            if key is None or self._allowed_signers is None:
                self.report.unproved.append(f"whose {name} is: give the partners' keys with --allowed-signers")
                return
            known = ["-s", str(signature), "-f", str(self._allowed_signers)]
            signer = (run(["ssh-keygen", "-Y", "find-principals", *known], data) or "").split("\n")[0]
            if not signer:
                raise Failure(f"{name}: made with the key {key}, which is not among the allowed signers")
            self.report.notes.append(f"{printable(signer)} signed {entry.place}; the log does not tell when")

    def _ssh(self, entry: Entry, name: str, over: str, namespace: str, what: str) -> None:
        """Checks the signature in the file `name` over the file `over`, of which `entry` tells."""
        with self._unpacked(name, over) as (signature, data):
            key = self._made_by(signature, data, namespace, name, over)
            if key is None:
                self.report.unproved.append(f"that {name} is a signature over {over}: ssh-keygen is not installed")
                return
            if self._allowed_signers is None:
                said = f"that the key {key}, which signed {what}, is that of {entry.who}"
                self.report.unproved.append(f"{said}: give the partners' keys with --allowed-signers")
                return
            at = re.sub(r"\..*|\D", "", entry.fields["at"])
            known = ["-s", str(signature), "-f", str(self._allowed_signers), "-n", namespace, "-O", f"verify-time={at}"]
            for principal in entry.principals:
                if run(["ssh-keygen", "-Y", "verify", *known, "-I", principal], data) is not None:
                    self.report.notes.append(f"{printable(principal)} signed {what} with the key {key}")
                    return
        who = printable(" or ".join(entry.principals)) or "any partner"
        raise Failure(f"{name}: at {entry.fields['at']} the key {key} was none of {who}, by the allowed signers")

    def _made_by(self, signature: Path, data: Path, namespace: str, name: str, over: str) -> str | None:
        """The fingerprint of the key that signed; None if there is no ssh-keygen to tell. Raises Failure."""
        if self._allowed_signers is None and shutil.which("ssh-keygen") is None:
            return None
        told = run(["ssh-keygen", "-Y", "check-novalidate", "-n", namespace, "-s", str(signature)], data)
        if told is None:
            raise Failure(f"{name}: not a signature over {over} for {namespace}")
        match = re.search(r"SHA256:\S+", told)
        return match[0] if match else "unknown"

    @contextmanager
    def _unpacked(self, *names: str) -> Iterator[list[Path]]:
        """The files of these names, where other programs can read them."""
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: Path(folder, str(number)) for number, name in enumerate(names)}
            for name, path in paths.items():
                with path.open("wb") as file:
                    file.writelines(self._files.pieces(name))
            yield [*paths.values()]

    def _unsigned(self, entries: Sequence[Entry], signed_exchanges: set[str], signed_entries: set[str]) -> None:
        """What rests on the gateway's word, because nobody else signed it."""
        for entry in entries:
            who = entry.who
            if entry.type == "submission.accepted" and entry.xid not in signed_exchanges:
                self.report.unproved.append(
                    f"that {who} handed in the file of {entry.place}: without a signature, it rests on the gateway's "
                    f"word that {who} had logged in"
                )
            elif entry.type in ("retrieval.completed", "delivery.completed") and entry.place not in signed_entries:
                who = printable(str(entry.fields.get("recipient", "the recipient")))
                self.report.unproved.append(
                    f"that {who} was given the file of {entry.place}: no receipt for it is signed"
                )


def run(command: Sequence[str], data: Path | None = None) -> str | None:
    """The program's output, given the file `data` to read; None if it fails. Raises Failure if it isn't there."""
    surroundings = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    try:
        with Path(data or os.devnull).open("rb") as given:
            done = subprocess.run(  # noqa: S603 - fixed programs, no shell
                command, stdin=given, capture_output=True, timeout=60, check=False, env=surroundings
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{command[0]} can't be run: {error}") from None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def clock(moment: int) -> str:
    """A time in seconds since 1970, as entries write theirs."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(moment, 253402300799)))


def printable(text: str) -> str:
    """Text from the bundle, without what could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def read_file(path: Path) -> bytes:
    """A small file that was given. Raises Unusable."""
    try:
        with path.open("rb") as file:
            return file.read(TEXT_LIMIT)
    except OSError as error:
        raise Unusable(f"{path}: can't be read ({error})") from error


def witness_arguments(arguments: Iterable[str]) -> list[str]:
    """The keys of witnesses that were given. Raises Unusable if one is not that of a witness."""
    keys = key_arguments(arguments)
    for key in keys:
        if Key.parse(key).kind != 4:
            raise Unusable(f"not the key of a witness: {printable(key[:80])}")
    return keys


def key_arguments(arguments: Iterable[str]) -> list[str]:
    """The keys that were given, each itself or in a file. Raises Unusable."""
    keys = []
    for argument in arguments:
        if "+" in argument and not Path(argument).exists():
            keys.append(argument)
            continue
        lines = read_file(Path(argument)).decode("utf-8", "replace").splitlines()
        keys += [line for line in lines if line.strip() and not line.startswith("#")]
    return keys


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verifies an evidence bundle, offline.")
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", action="append", default=[], help="the log's public key, or a file of keys")
    parser.add_argument(
        "--witness", action="append", default=[], help="a witness that must have cosigned: its key or file"
    )
    parser.add_argument(
        "--tsa-ca", action="append", default=[], type=Path, help="certificates of a timestamping authority (PEM)"
    )
    parser.add_argument("--allowed-signers", type=Path, help="the partners' SSH keys (see ssh-keygen, ALLOWED SIGNERS)")
    given = parser.parse_args(arguments)
    try:
        keys = key_arguments(given.key) + witness_arguments(given.witness)
        report = verify_bundle(given.bundle, keys, tsa_ca=given.tsa_ca, allowed_signers=given.allowed_signers)
    except Unusable as error:
        print(f"unusable: {error}", file=sys.stderr)
        return 2
    for line in report.story:
        print(line)
    for line in report.notes:
        print(f"note: {line}")
    for line in report.unproved if report.ok else ():
        print(f"not proved: {line}")
    for line in report.warnings:
        print(f"warning: {line}")
    if report.failure:
        print(f"DOES NOT VERIFY: {report.failure}")
        return 1
    print("VERIFIED")
    return 0


if __name__ == "__main__":
    sys.exit(main())
