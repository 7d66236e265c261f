"""The high-water mark: the last checkpoint that was signed here, in a file outside of the database.

Whoever restores an old copy of the database, or puts another in its place, does not change this file with it;
so the log notices at its start, and before each signature, and refuses. Keep the file on another disk than
the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edigw.log.errors import LogDamaged, LogError, LogRolledBack
from edigw.log.merkle import Tree
from edigw.log.note import NOTE_LIMIT, Checkpoint, VerifierKey, open_checkpoint
from edigw.store.durable import replace_file


def read_mark(path: Path) -> str | None:
    """The note in the file; None if there is no file. Raises LogError if it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(NOTE_LIMIT + 1).decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise LogError(f"{path}: can't be read ({error})") from error


def write_mark(path: Path, note: str) -> None:
    """Replaces the file's content in one step, on disk when it returns. Raises LogError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, note.encode())
    except OSError as error:
        raise LogError(f"{path}: {error.strerror}") from error


def check_mark(note: str, where: str, tree: Tree, origin: str, keys: Sequence[VerifierKey]) -> None:
    """Raises LogRolledBack unless `tree` is, or grew from, what `note` (called `where` in messages) states.

    Signatures are checked when `keys` are known; a note that none of them signed raises NoteError.
    """
    marked = open_checkpoint(note, origin, keys) if keys else Checkpoint.of(note)
    if marked.origin != origin:
        raise LogRolledBack(f"{where} belongs to the log {marked.origin}, not to {origin}")
    if tree.size < marked.size:
        raise LogRolledBack(
            f"the database holds {tree.size} entries, but {where} shows that {marked.size} were signed: "
            f"it is an old copy. Restore the newest database, or start a new log under another origin"
        )
    try:
        root = tree.root(marked.size)
    except LogDamaged as error:
        raise LogRolledBack(f"the database lacks what {where} shows was signed: {error}") from error
    if root != marked.root:
        raise LogRolledBack(
            f"the first {marked.size} entries in the database are not those that {where} shows were signed: "
            f"it is another database, or it was changed. `edigw log verify` says where"
        )
