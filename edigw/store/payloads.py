"""Payloads: the bytes that partners sent and got, named by their SHA-256, stored once however often they pass.

A small one lies in the database, in the row that names it: it is committed together with what speaks of it, and needs
no file and no wait for the disk of its own. Larger ones are files (`payload_files`), on disk before their row is. Both
are compressed (Zstandard), and reading proves that the bytes are those that were stored.
"""

from __future__ import annotations

import hashlib
import io
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard
from sqlalchemy import Connection, bindparam, select

from edigw.store.clock import stamp, utc_now
from edigw.store.database import Database
from edigw.store.errors import PayloadDamaged, PayloadTooLarge, StoreError
from edigw.store.payload_files import CHUNK, PayloadFiles
from edigw.store.schema import payload
from edigw.store.upsert import insert_into

SMALL = 64 << 10  # bytes that a payload in the database has at most
READ_LIMIT = 64 << 20
_CONTENT = select(payload.c.content).where(payload.c.sha256 == bindparam("which"), payload.c.content.is_not(None))


class Payloads:
    """All payloads of a gateway. Safe for many threads and processes at once.

    Inside of a write transaction, reading takes its connection `conn`: another one does not see what was just kept."""

    def __init__(self, root: Path, database: Database) -> None:
        """`root`, the folder of the larger ones, is created (mode 0700) if need be, but not for a database that was
        opened to be looked at only. Raises StoreError."""
        self.files = PayloadFiles(root, look_only=database.look_only)
        self._database = database

    def keep(self, conn: Connection, data: bytes) -> str:
        """Stores `data` in the caller's write transaction; returns its SHA-256 in hex. Raises StoreError."""
        if len(data) > SMALL:
            sha256 = self.files.put(data)
            record(conn, sha256, len(data))
            return sha256
        sha256 = hashlib.sha256(data).hexdigest()
        content = zstandard.ZstdCompressor().compress(data)
        row = {"sha256": sha256, "size": len(data), "created_at": stamp(utc_now()), "content": content}
        conn.execute(_keeping(conn.dialect.name), row)
        return sha256

    def exists(self, sha256: str, conn: Connection | None = None) -> bool:
        """Whether the payload is in the store. Doesn't read a file."""
        return self._content(sha256, conn) is not None or self.files.exists(sha256)

    def open(self, sha256: str, conn: Connection | None = None) -> BinaryIO:
        """The payload as a stream of its uncompressed bytes, to be closed by the caller.

        A read that comes to the end of other bytes than were stored raises PayloadDamaged instead of ending. Raises
        PayloadMissing at once, StoreError.
        """
        content = self._content(sha256, conn)
        if content is None:
            return self.files.open(sha256)
        return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, io.BytesIO(unpack(sha256, content)))))

    def read(self, sha256: str, limit: int = READ_LIMIT, conn: Connection | None = None) -> bytes:
        """The whole payload. Raises PayloadTooLarge beyond `limit` bytes, PayloadMissing, PayloadDamaged."""
        with self.open(sha256, conn) as stream:
            data = stream.read(limit + 1)
            if len(data) > limit:
                raise PayloadTooLarge(sha256, limit)
            return data

    def verify(self, sha256: str) -> bool:
        """True if the stored bytes hash to `sha256`. Raises PayloadMissing, PayloadDamaged."""
        with self.open(sha256) as stream:
            while stream.read(CHUNK):
                pass
        return True

    def _content(self, sha256: str, conn: Connection | None) -> bytes | None:
        """What the database holds of it; None if it is a file."""
        with nullcontext(conn) if conn is not None else self._database.read() as reading:
            return reading.execute(_CONTENT, {"which": sha256}).scalar()


def record(conn: Connection, sha256: str, size: int) -> None:
    """Makes sure that the table `payload` names a payload that is stored.

    Raises StoreError if it knows it with another size.
    """
    row = {"sha256": sha256, "size": size, "created_at": stamp(utc_now())}
    known = conn.execute(_recording(conn.dialect.name), row).scalar_one()
    if known != size:
        raise StoreError(f"payload {sha256} has {known} bytes, not {size}")


def unpack(sha256: str, content: bytes) -> bytes:
    """The payload that lies in the database as `content`. Raises PayloadDamaged."""
    try:
        data = zstandard.ZstdDecompressor().decompress(content, max_output_size=SMALL)
    except zstandard.ZstdError as error:
        raise PayloadDamaged(sha256, f"its row can't be decompressed: {error}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise PayloadDamaged(sha256, f"its bytes hash to {found}")
    return data


@lru_cache
def _keeping(dialect: str) -> Any:
    """Bytes that are there already are written anew: should they have been damaged, they are whole again."""
    statement = insert_into(dialect, payload)
    return statement.on_conflict_do_update(index_elements=["sha256"], set_={"content": statement.excluded.content})


@lru_cache
def _recording(dialect: str) -> Any:
    same = {"size": payload.c.size}  # changes nothing, but returns the row
    statement = insert_into(dialect, payload)
    return statement.on_conflict_do_update(index_elements=["sha256"], set_=same).returning(payload.c.size)
