"""Copies of anchored checkpoints in a folder outside of the database, best on another machine.

Whoever has the database and the log's key can sign another history, but can't have it timestamped in the past: what
lies here betrays it. Files, by month of the gateway's clock: `2026-11/SIZE.checkpoint`, a token for each authority in
`SIZE.AUTHORITY.tsr` (`openssl ts -verify` takes both), and `SIZE.cosignatures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edigw.log.anchors import timestamp
from edigw.log.anchors.statement import Attesters, Statement, cosigned
from edigw.log.errors import LogError, NoteError
from edigw.log.note import NOTE_LIMIT, split_note
from edigw.store.durable import replace_file

_NAME = re.compile(r"(0|[1-9][0-9]{0,18})\.checkpoint")


@dataclass(frozen=True, slots=True)
class Copy:
    """One anchored checkpoint in the folder."""

    size: int
    path: Path  # of the checkpoint; the others lie beside it

    def note(self) -> str:
        """The checkpoint with the log's signatures. Raises LogError."""
        return _read(self.path, NOTE_LIMIT).decode("utf-8", "replace")

    def problems(self, trusted: Attesters) -> Iterator[tuple[str, str]]:
        """Which token or cosignature does not hold, and why; the checkpoint itself is for others to look at."""
        try:
            note = self.note()
            body, _ = split_note(note)
        except LogError:
            return
        for path in sorted(self.path.parent.glob(f"{self.size}.*.tsr")):
            authority = path.name.removeprefix(f"{self.size}.").removesuffix(".tsr")
            try:
                timestamp.verify(_read(path, timestamp.ANSWER_LIMIT), note.encode(), trusted.roots(authority))
            except LogError as error:
                yield str(path), str(error)
        path = self.path.with_name(f"{self.size}.cosignatures")
        if path.exists():
            try:
                for line in _read(path, NOTE_LIMIT).decode("utf-8", "replace").splitlines(keepends=True):
                    cosigned(line, body, trusted.witnesses)
            except LogError as error:
                yield str(path), str(error)


def put(folder: Path, statement: Statement, now: datetime) -> None:
    """Writes what attests a checkpoint; on disk when it returns. The checkpoint last. Raises LogError."""
    size = statement.checkpoint.size
    place = folder / f"{now:%Y-%m}"
    with _told(folder):
        place.mkdir(exist_ok=True)  # where the folder is not there, a disk may not be mounted
        for token in statement.tokens:
            replace_file(place / f"{size}.{token.authority}.tsr", token.answer, 0o644)
        if statement.cosignatures:
            replace_file(place / f"{size}.cosignatures", "".join(statement.cosignatures).encode(), 0o644)
        replace_file(place / f"{size}.checkpoint", statement.note.encode(), 0o644)


def copies(folder: Path) -> Iterator[Copy]:
    """All anchored checkpoints in the folder, by month and size. Raises LogError if it can't be read."""
    for month in _months(folder):
        yield from _copies(month)


def newest(folder: Path) -> Copy | None:
    """The last one of the last month; None if the folder has none or is not there. Raises LogError."""
    found = (_copies(month) for month in reversed(_months(folder)))
    return next((copies[-1] for copies in found if copies), None)


def _months(folder: Path) -> list[Path]:
    with _told(folder):
        return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.exists() else []


def _copies(month: Path) -> list[Copy]:
    with _told(month):
        named = [(_NAME.fullmatch(path.name), path) for path in month.iterdir()]
    return sorted((Copy(int(found[1]), path) for found, path in named if found), key=lambda copy: copy.size)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogError(f"{error.filename or path}: {error.strerror or error}") from error


def _read(path: Path, limit: int) -> bytes:
    with _told(path), path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise NoteError(f"{path} is larger than {limit} bytes")
    return data
