"""What an audit says, and where it keeps what it has to remember."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

from sqlalchemy import Column, Label, type_coerce
from sqlalchemy.types import NULLTYPE

from edigw.store.schema import event


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one part of the audit has come."""

    part: str  # "entries", "tiles", "payloads", ...
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words for people."""

    where: str  # "ev_entry row 17", "payload file aa/bb/….zst"
    what: str
    xid: str = ""  # the exchange that it belongs to, if that is known

    def __str__(self) -> str:
        return f"{self.where}{f' (exchange {self.xid})' if self.xid else ''}: {self.what}"


def raw(column: Column[str]) -> Label[Any]:
    """A column of hex text as the bytes that are stored: an audit reads too many of them to turn each into text."""
    return type_coerce(column, NULLTYPE).label(column.name)


TOLD = (event.c.at, event.c.type, event.c.actor, event.c.reason, raw(event.c.xid), event.c.n)
"""What a row of `event` repeats of its entry; `xid` as bytes."""


class Batch(NamedTuple):
    """Some entries, in the log or pending, in their order."""

    table: str  # ev_entry | ev_pending
    rows: Sequence[Any]  # number, eid as bytes, entry
    told: Sequence[Any]  # of each its row in `event`, as `audit_events` gives it
    leaves: Sequence[bytes]
    kept: Sequence[bytes | None]  # the leaf hashes according to the tree


class Scratch:
    """A throw-away database on disk for what an audit has to remember, so that its memory stays flat."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("PRAGMA cache_size = -16384")  # KiB
        for statement in _TABLES:
            self._connection.execute(statement)
        self._connection.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def one(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row, if there is one."""
        row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        return row

    def all(self, statement: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows, one by one. Nothing may be written meanwhile."""
        yield from self._connection.execute(statement, values)

    def put(self, statement: str, *values: Any) -> None:
        """Writes."""
        self._connection.execute(statement, values)

    def put_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Writes many rows."""
        self._connection.executemany(statement, rows)


_TABLES = (
    # the newest event of each exchange: its number, the leaf that its entry has and the one that the tree has; twice:
    # whether it began again
    "CREATE TABLE chain (xid BLOB PRIMARY KEY, n INTEGER, leaf BLOB, kept BLOB, parent TEXT, closed INTEGER,"
    " begun INTEGER, twice INTEGER DEFAULT 0) WITHOUT ROWID",
    # what events say of rows: kind is the table, facts is canonical JSON
    "CREATE TABLE fact (kind TEXT, id TEXT, place TEXT, xid TEXT, facts BLOB, seen INTEGER DEFAULT 0,"
    " PRIMARY KEY (kind, id)) WITHOUT ROWID",
    # the last state that an event states; kind is transmission, message or ack
    "CREATE TABLE state (kind TEXT, id TEXT, place TEXT, xid TEXT, state TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    # the last hash that an event states of other rows of a transmission; kind is the table
    "CREATE TABLE kept (kind TEXT, id TEXT, place TEXT, xid TEXT, digest TEXT, seen INTEGER, PRIMARY KEY (id, kind))"
    " WITHOUT ROWID",
    # transmissions judged by a gateway that did not yet state which references it remembers
    "CREATE TABLE unremembered (id TEXT PRIMARY KEY) WITHOUT ROWID",
    # objects that entries name
    "CREATE TABLE object (commitment TEXT PRIMARY KEY, erased INTEGER) WITHOUT ROWID",
    # objects that are not there, which an event must tell of
    "CREATE TABLE absent (commitment TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID",
    # exchanges of which a detail was erased: their facts may be gone
    "CREATE TABLE forgotten (xid TEXT PRIMARY KEY) WITHOUT ROWID",
    # what `log.anchored` events say of a checkpoint: name is an authority or a witness, told its token or line
    "CREATE TABLE anchor (kind TEXT, size INTEGER, name TEXT, at TEXT, told TEXT, PRIMARY KEY (kind, size, name))"
    " WITHOUT ROWID",
    # payloads that were read and found whole, and whether the table payload has them
    "CREATE TABLE sound (sha256 TEXT PRIMARY KEY, size INTEGER, recorded INTEGER DEFAULT 0) WITHOUT ROWID",
)
