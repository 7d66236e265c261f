"""What a witness remembers: of each log the newest checkpoint that it has cosigned. On disk before anything is signed.

SQLite, so that comparing and setting is one step, also between processes, and is undone by no power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edigw.log.errors import LogError

WAIT = 10.0  # seconds for another process to finish
CONFLICTS = 1000  # kept, of all logs together
_TABLES = (
    # newest: the checkpoint with the log's own signatures, and when it was seen (seconds since 1970)
    "CREATE TABLE IF NOT EXISTS newest (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " note TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
    # two checkpoints of one size and with different roots, both signed by the log: proof that it lied to somebody
    "CREATE TABLE IF NOT EXISTS conflict (origin TEXT, at INTEGER, held TEXT, refused TEXT,"
    " PRIMARY KEY (origin, held, refused)) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint that was seen: its note with the log's signatures, and when."""

    size: int
    root: bytes
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two notes that a log has signed and that can't both be true."""

    origin: str
    at: int
    held: str
    refused: str


class State:
    """The file of one witness. Safe for many threads and processes: each call opens it anew."""

    def __init__(self, path: Path) -> None:
        """Raises LogError if the file can't be used."""
        self._path = path
        with self._open() as connection:
            for statement in _TABLES:
                connection.execute(statement)

    def newest(self, origin: str) -> Seen | None:
        """The newest checkpoint of a log. Raises LogError."""
        with self._open() as connection:
            return _newest(connection, origin)

    def advance(self, origin: str, before: Seen | None, seen: Seen) -> bool:
        """Remembers `seen` as the newest if `before` still is it; on disk when it returns True. Raises LogError."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if _newest(connection, origin) != before:
                connection.execute("ROLLBACK")
                return False
            values = (origin, seen.size, seen.root, seen.note, seen.at)
            connection.execute("INSERT OR REPLACE INTO newest VALUES (?, ?, ?, ?, ?)", values)
            connection.execute("COMMIT")
            return True

    def keep_conflict(self, conflict: Conflict) -> None:
        """Keeps what proves that a log has two histories, as long as there is room. Raises LogError."""
        with self._open() as connection:
            (count,) = connection.execute("SELECT count(*) FROM conflict").fetchone()
            if count < CONFLICTS:
                values = (conflict.origin, conflict.at, conflict.held, conflict.refused)
                connection.execute("INSERT OR IGNORE INTO conflict VALUES (?, ?, ?, ?)", values)

    def conflicts(self) -> list[Conflict]:
        """What was kept of them, oldest first. Raises LogError."""
        with self._open() as connection:
            return [Conflict(*row) for row in connection.execute("SELECT * FROM conflict ORDER BY at, origin")]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise LogError(f"{self._path}: {error}") from error


def _newest(connection: sqlite3.Connection, origin: str) -> Seen | None:
    row = connection.execute("SELECT size, root, note, at FROM newest WHERE origin = ?", (origin,)).fetchone()
    return Seen(*row) if row else None
