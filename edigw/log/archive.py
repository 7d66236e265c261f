"""The whole log in open form: files that anybody can read and verify without edigw and without its database.

Tiles and entries lie where https://c2sp.org/tlog-tiles puts them, so that its tools can read them too; beside them
every object with its salt, every payload, and every checkpoint that was kept. docs/evidence.md, "The log in open form".
`edigw.log.offline` verifies it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from edigw.log import tile_paths
from edigw.log.audit_report import Progress
from edigw.log.errors import LogDamaged, LogError
from edigw.log.merkle import HASH, WIDTH, tile_shape
from edigw.log.note import Checkpoint, VerifierKey
from edigw.log.scan import Scanned, read
from edigw.store.clock import stamp, utc_now
from edigw.store.database import Database
from edigw.store.payload_files import CHUNK
from edigw.store.payloads import Payloads
from edigw.store.schema import ev_checkpoint, ev_entry, ev_tile, evidence_object

FORMAT = "edi-evidence-log/v1"
_ENTRIES = (
    select(ev_entry.c.seq, ev_entry.c.entry)
    .where(ev_entry.c.seq >= bindparam("first"), ev_entry.c.seq < bindparam("end"))
    .order_by(ev_entry.c.seq)
)
_OBJECTS = select(evidence_object).where(evidence_object.c.commit.in_(bindparam("commits", expanding=True)))
_TILE = select(ev_tile.c.data).where(ev_tile.c.level == bindparam("level"), ev_tile.c.idx == bindparam("idx"))


def write_archive(
    database: Database, payloads: Payloads, keys: Sequence[VerifierKey], folder: Path
) -> Iterator[Progress]:
    """Writes the log, as far as it is signed, into the new or empty `folder`; tells how far it has come.

    `checkpoint` is written last: where it is missing, the export was interrupted. Raises LogError if the folder is not
    empty or the log has signed nothing, LogDamaged, PayloadError, StoreError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise LogError(f"{folder} is not empty")
        with database.read() as connection:
            yield from _Archive(connection, payloads, folder).write(keys)
    except OSError as error:
        raise LogError(f"{error.filename or folder}: {error.strerror or error}") from error


class _Archive:
    def __init__(self, connection: Connection, payloads: Payloads, folder: Path) -> None:
        self._connection = connection
        self._payloads = payloads
        self._folder = folder

    def write(self, keys: Sequence[VerifierKey]) -> Iterator[Progress]:
        notes = self._connection.execute(select(ev_checkpoint).order_by(ev_checkpoint.c.size)).all()
        if not notes:
            raise LogError("the log has signed nothing yet")
        newest = Checkpoint.of(notes[-1].note)
        head = {"format": FORMAT, "log": newest.origin, "size": newest.size, "created": stamp(utc_now())}
        self._put("log.json", json.dumps(head, indent=2).encode() + b"\n")
        self._put("log.vkey", "".join(f"{key}\n" for key in keys).encode())
        self._put("checkpoints.jsonl", _lines({"size": row.size, "note": row.note} for row in notes))
        yield from self._tiles(newest.size)
        for first in range(0, newest.size, WIDTH):
            end = min(first + WIDTH, newest.size)
            self._entries(first, end)
            yield Progress("entries", end, newest.size)
        self._put("checkpoint", notes[-1].note.encode())

    def _tiles(self, size: int) -> Iterator[Progress]:
        for level, (full, rest) in enumerate(tile_shape(size)):
            count = full + bool(rest)
            for index in range(count):
                width = WIDTH if index < full else rest
                data = self._connection.execute(_TILE, {"level": level, "idx": index}).scalar()
                if data is None or len(data) < width * HASH:
                    raise LogDamaged(f"ev_tile row {level}/{index} is missing or too short")
                self._put(tile_paths.tile(level, index, width), bytes(data)[: width * HASH])
                if index % WIDTH == 0 or index == count - 1:
                    yield Progress(f"tiles of level {level}", index + 1, count)

    def _entries(self, first: int, end: int) -> None:
        """A bundle of entries, and their objects."""
        rows = self._connection.execute(_ENTRIES, {"first": first, "end": end}).all()
        if len(rows) != end - first:
            raise LogDamaged(f"of the ev_entry rows {first} to {end - 1} some are missing")
        place = first // WIDTH, end - first
        bundle = b"".join(len(row.entry).to_bytes(2, "big") + bytes(row.entry) for row in rows)
        self._put(tile_paths.entries(*place), bundle)
        entries = [Scanned(*read(row.entry)) for row in rows]
        named = {ref.commit: None for entry in entries if entry.type != "object.erased" for ref in entry.objects()}
        found = self._connection.execute(_OBJECTS, {"commits": list(named)}).all()
        rows_by_commit = {row.commit: row for row in found}
        self._put(
            tile_paths.objects(*place), _lines(self._object(rows_by_commit.get(commit), commit) for commit in named)
        )

    def _object(self, row: Row[Any] | None, commit: str) -> dict[str, Any]:
        """A line about one object; one that was erased has neither salt nor content."""
        if row is None or row.salt is None:
            return {"commit": commit}
        line = {"commit": commit, "salt": bytes(row.salt).hex()}
        if row.content is not None:
            return line | {"content": base64.b64encode(row.content).decode()}
        self._payload(row.sha256)
        return line | {"sha256": row.sha256}

    def _payload(self, sha256: str) -> None:
        path = self._folder / tile_paths.payload(sha256)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._payloads.open(sha256) as source, path.open("wb") as target:
            while piece := source.read(CHUNK):
                target.write(piece)

    def _put(self, name: str, data: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _lines(items: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(item, sort_keys=True, separators=(",", ":")).encode() + b"\n" for item in items)
