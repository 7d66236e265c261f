"""Verifies a log in open form (`edigw.log.archive`): files only, no database, no configuration."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from edigw.log import tile_paths
from edigw.log.anchors.statement import Attesters, Statement
from edigw.log.archive import FORMAT
from edigw.log.audit_chain import Chains
from edigw.log.audit_report import Problem, Progress, Scratch
from edigw.log.entry import Commitment, ObjectRef, parse_canonical
from edigw.log.errors import LogError, NoteError
from edigw.log.merkle import HASH, WIDTH, Frontier, fold, leaf_hash, split, tile_shape
from edigw.log.note import Checkpoint, VerifierKey, open_checkpoint
from edigw.log.renewal import verify_renewal
from edigw.log.scan import Scanned, read
from edigw.store.payload_files import CHUNK

_LIMIT = 64 << 20  # bytes of one file that is read whole


def verify_archive(
    folder: Path, keys: Sequence[VerifierKey], trusted: Attesters | None = None
) -> Iterator[Problem | Progress]:
    """Yields everything that is wrong, in the order of the log, and progress between.

    `keys` are the log's public keys, known from elsewhere; so are `trusted`, without whom timestamps and cosignatures
    are not looked at. Memory stays flat. Raises LogError if `folder` holds no log
    in open form or can't be read.
    """
    try:
        head = json.loads(_read(folder, "log.json"))
    except (ValueError, RecursionError, OSError) as error:
        raise LogError(f"{folder}: no log in open form ({error})") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise LogError(f"{folder} holds no log in the form {FORMAT}")
    with Scratch() as scratch:
        yield from _Offline(folder, str(head.get("log")), keys, trusted, scratch).run()


class _Offline:
    def __init__(
        self,
        folder: Path,
        origin: str,
        keys: Sequence[VerifierKey],
        trusted: Attesters | None,
        scratch: Scratch,
    ) -> None:
        self._folder = folder
        self._origin = origin
        self._keys = keys
        self._trusted = trusted
        self._attested: list[tuple[str, str, Checkpoint]] = []  # in the bundle at hand: where, exchange, what
        self._scratch = scratch
        self._chains = Chains(scratch)
        self._tree = Frontier()

    def run(self) -> Iterator[Problem | Progress]:
        """All of it."""
        try:
            newest = open_checkpoint(_text(self._folder, "checkpoint"), self._origin, self._keys)
        except (NoteError, FileNotFoundError) as error:
            said = "missing: the export was interrupted" if isinstance(error, FileNotFoundError) else str(error)
            yield Problem("checkpoint", said)
            return
        signed = self._signed(newest)
        pending = yield from _next(signed)
        for first in range(0, newest.size, WIDTH):
            count = min(WIDTH, newest.size - first)
            try:
                leaves = yield from self._bundle(first // WIDTH, count)
            except (LogError, OSError) as error:
                yield Problem(tile_paths.entries(first // WIDTH, count), f"can't be read: {error}")
                return
            at = 0
            while at < count:
                until = min(count, pending.size - first) if pending and pending.size > first + at else count
                self._tree.extend(leaves[at:until])
                at = until
                while pending is not None and pending.size <= self._tree.size:
                    if pending.root != self._tree.root():
                        yield Problem(f"checkpoint over {pending.size} entries", "the entries give another root")
                        return
                    self._scratch.put(
                        "INSERT OR IGNORE INTO anchor VALUES ('signed', ?, '', '', ?)", pending.size, pending.root.hex()
                    )
                    pending = yield from _next(signed)
            yield from self._kept()
            yield Progress("entries", first + count, newest.size)
        yield from self._tiles(newest.size)
        yield from self._erasures()
        if self._trusted is not None and self._trusted.any_authority:
            yield from verify_renewal(self._folder, self._trusted.any_authority)

    def _signed(self, newest: Checkpoint) -> Iterator[Problem | Checkpoint]:
        """Every checkpoint that was kept, by size, its signature checked; the newest at the end."""
        last = 0
        for number, line in enumerate(_read(self._folder, "checkpoints.jsonl").splitlines(), 1):
            where = f"checkpoints.jsonl line {number}"
            try:
                kept = json.loads(line)
                checkpoint = open_checkpoint(str(kept["note"]), self._origin, self._keys)
            except (ValueError, KeyError, TypeError, NoteError) as error:
                yield Problem(where, str(error))
                continue
            if kept.get("size") == checkpoint.size and last < checkpoint.size <= newest.size:
                yield checkpoint
                last = checkpoint.size
            else:
                yield Problem(where, "not in the order of the log")
        yield newest

    def _bundle(self, index: int, count: int) -> Generator[Problem, None, list[bytes]]:
        """Checks 256 entries or fewer, and what they name; gives their leaf hashes."""
        name = tile_paths.entries(index, count)
        leaves = []
        listed = self._listed(index, count)
        for offset, data in enumerate(_split(_read(self._folder, name), count)):
            seq = index * WIDTH + offset
            leaf = leaf_hash(data)
            leaves.append(leaf)
            entry = Scanned(*read(data))
            where = f"entry {seq}"
            if entry.log != self._origin:
                yield Problem(where, f"belongs to the log {entry.log}", entry.xid)
            xid = bytes.fromhex(entry.xid)
            place = (int(entry.number), entry.prev, entry.parent, leaf, leaf, entry.type == "exchange.closed")
            if wrong := self._chains.follow(xid, *place):
                yield Problem(where, wrong, entry.xid)
            for ref in entry.objects():
                if entry.type == "object.erased":
                    self._scratch.put("INSERT OR REPLACE INTO object VALUES (?, 1)", ref.commit)
                elif wrong := self._object(ref, listed.get(ref.commit), where):
                    yield Problem(where, f"{ref.role}: {wrong}", entry.xid)
            if entry.type == "log.anchored" and self._trusted is not None:
                yield from self._anchor(where, entry, listed, self._trusted)
        return leaves

    def _anchor(
        self, where: str, entry: Scanned, listed: dict[str, dict[str, Any]], trusted: Attesters
    ) -> Iterator[Problem]:
        """Timestamps and cosignatures that an entry states."""
        try:
            contents = [(ref.role, b"".join(self._pieces(listed[ref.commit]))) for ref in entry.objects()]
            detail = parse_canonical(dict(contents).get("detail", b""))
            statement = Statement.parse(detail, [data for role, data in contents if role == "tsa.token"])
            yield from (
                Problem(where, what, entry.xid) for what in statement.problems(self._origin, self._keys, trusted)
            )
            self._attested.append((where, entry.xid, statement.checkpoint))
        except (LogError, OSError, ValueError, KeyError, TypeError) as error:
            yield Problem(where, f"not an anchor that can be read: {error}", entry.xid)

    def _kept(self) -> Iterator[Problem]:
        """Whether what the anchors of a bundle attest is among the checkpoints that were kept."""
        for where, xid, attested in self._attested:
            found = self._scratch.one("SELECT told FROM anchor WHERE kind = 'signed' AND size = ?", attested.size)
            if found != (attested.root.hex(),):
                yield Problem(where, f"attests a checkpoint over {attested.size} entries that is not kept", xid)
        self._attested.clear()

    def _listed(self, index: int, count: int) -> dict[str, dict[str, Any]]:
        name = tile_paths.objects(index, count)
        try:
            lines = [json.loads(line) for line in _read(self._folder, name).splitlines()]
            return {str(line["commit"]): line for line in lines}
        except (ValueError, KeyError, TypeError) as error:
            raise LogError(f"{name}: {error}") from error

    def _object(self, ref: ObjectRef, line: dict[str, Any] | None, where: str) -> str:
        """What is wrong with an object; nothing if it is what the entry says."""
        if line is None:
            return "missing"
        if "salt" not in line:
            self._scratch.put("INSERT OR IGNORE INTO absent VALUES (?, ?)", ref.commit, where)
            return ""
        size = 0
        try:
            running = Commitment(bytes.fromhex(line["salt"]))
            for piece in self._pieces(line):
                running.update(piece)
                size += len(piece)
        except FileNotFoundError:
            return f"the file {tile_paths.payload(str(line.get('sha256')))} is missing"
        except (LogError, ValueError, KeyError, TypeError, binascii.Error) as error:
            return f"can't be read: {error}"
        if size != ref.size:
            return f"its content has {size} bytes, the entry says {ref.size}"
        return "" if running.hexdigest() == ref.commit else "salt or content are not what the entry commits to"

    def _pieces(self, line: dict[str, Any]) -> Iterator[bytes]:
        if "content" in line:
            yield base64.b64decode(line["content"], validate=True)
            return
        sha256 = bytes.fromhex(line["sha256"]).hex()
        digest = hashlib.sha256()
        with (self._folder / tile_paths.payload(sha256)).open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != sha256:
            raise LogError(f"{tile_paths.payload(sha256)} hashes to {digest.hexdigest()}")

    def _tiles(self, size: int) -> Iterator[Problem | Progress]:
        """The tiles against the entries, level 0 by their hashes and each other level by the one below it."""
        for level, (full, rest) in enumerate(tile_shape(size)):
            count = full + bool(rest)
            for index in range(count):
                width = WIDTH if index < full else rest
                name = tile_paths.tile(level, index, width)
                try:
                    held, wanted = _read(self._folder, name), self._expected(level, index, width)
                except (LogError, OSError) as error:
                    yield Problem(name, f"can't be read: {error}")
                    continue
                if held != wanted:
                    yield Problem(name, "its hashes are not those of what lies below it")
                if index % WIDTH == 0 or index == count - 1:
                    yield Progress(f"tiles of level {level}", index + 1, count)

    def _expected(self, level: int, index: int, width: int) -> bytes:
        if level == 0:
            data = _read(self._folder, tile_paths.entries(index, width))
            return b"".join(leaf_hash(entry) for entry in _split(data, width))
        below = (_read(self._folder, tile_paths.tile(level - 1, index * WIDTH + at)) for at in range(width))
        return b"".join(fold(split(tile)) if len(tile) == WIDTH * HASH else b"" for tile in below)

    def _erasures(self) -> Iterator[Problem]:
        for commit, where in self._scratch.all(
            "SELECT commitment, place FROM absent WHERE commitment NOT IN (SELECT commitment FROM object)"
        ):
            yield Problem(where, f"the object {commit} is not there, but no entry says that it was erased")


def _next(signed: Iterator[Problem | Checkpoint]) -> Generator[Problem, None, Checkpoint | None]:
    for item in signed:
        if isinstance(item, Checkpoint):
            return item
        yield item
    return None


def _split(bundle: bytes, count: int) -> Iterator[bytes]:
    """The entries of a bundle. Raises LogError unless it holds just so many."""
    at = 0
    for _ in range(count):
        length = int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 + length > len(bundle) or not length:
            raise LogError("the bundle of entries breaks off")
        yield bundle[at + 2 : at + 2 + length]
        at += 2 + length
    if at != len(bundle):
        raise LogError("the bundle of entries holds more than it should")


def _read(folder: Path, name: str) -> bytes:
    with (folder / name).open("rb") as file:
        data = file.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise LogError(f"{name} is larger than {_LIMIT} bytes")
    return data


def _text(folder: Path, name: str) -> str:
    try:
        return _read(folder, name).decode()
    except UnicodeDecodeError as error:
        raise NoteError(f"{name} is no text") from error
