"""Renewing the proof of a whole log before its hash or its signatures grow weak: a stronger hash over an export of it.

An export is complete in itself: entries, objects, payloads, every checkpoint, every timestamp and cosignature. A
timestamp over the SHA-512 of each of its files, given while SHA-256 and the old signatures held, shows that it was
all there then; so it goes on proving what it proved. This can be repeated for ever: docs/evidence.md, "Renewal".
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from edigw.log.anchors import timestamp
from edigw.log.audit_report import Problem, Progress
from edigw.log.errors import AnchorError, LogError
from edigw.store.durable import replace_file

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SUMS = "SHA512SUMS"
_LINE_LIMIT = 4096
_END = (None, "")


def write_sums(folder: Path) -> Path:
    """Writes the file of hashes, as sha512sum does, in the order of the names; where it is. Raises LogError."""
    try:
        lines = (f"{_sha512(folder / name)}  {name}\n".encode() for name in _names(folder))
        replace_file(folder / SUMS, lines, 0o644)
    except OSError as error:
        raise LogError(f"{error.filename or folder}: {error.strerror or error}") from error
    return folder / SUMS


def keep_token(folder: Path, authority: str, answer: bytes) -> None:
    """Keeps a token over the file of hashes beside it. Raises LogError."""
    try:
        replace_file(folder / f"{SUMS}.{authority}.tsr", answer, 0o644)
    except OSError as error:
        raise LogError(f"{error.filename or folder}: {error.strerror or error}") from error


def verify_renewal(folder: Path, roots: Sequence[Certificate]) -> Iterator[Problem | Progress]:
    """What is wrong with the hashes of an export and the tokens over them; nothing if it has none.

    Raises OSError.
    """
    if not (folder / SUMS).exists():
        return
    for token in sorted(folder.glob(f"{SUMS}.*.tsr")):
        try:
            timestamp.verify(token.read_bytes()[: timestamp.ANSWER_LIMIT + 1], folder / SUMS, roots)
        except AnchorError as error:
            yield Problem(token.name, str(error))
    count = sum(1 for _ in _names(folder))
    with (folder / SUMS).open("rb") as lines:
        stated = _stated(lines)
        name, hash = next(stated, _END)
        for number, there in enumerate(_names(folder), 1):
            while name is not None and name < there:
                yield Problem(name, f"missing, {SUMS} lists it")
                name, hash = next(stated, _END)
            if name != there:
                yield Problem(there, f"not listed in {SUMS}")
            else:
                if _sha512(folder / there) != hash:
                    yield Problem(there, f"its SHA-512 is not the one in {SUMS}")
                name, hash = next(stated, _END)
            yield Progress("files", number, count)
        while name is not None:
            yield Problem(name, f"missing, {SUMS} lists it")
            name, hash = next(stated, _END)


def _stated(lines: BinaryIO) -> Iterator[tuple[str | None, str]]:
    """Names and hashes of a file of hashes. A line that is out of order makes its file one that is not listed."""
    while line := lines.readline(_LINE_LIMIT):
        text = line.decode("utf-8", "replace").removesuffix("\n")
        yield text[130:], text[:128]


def _names(folder: Path, below: str = "") -> Iterator[str]:
    """The files of an export but for the hashes and tokens, in the order of their names, one folder in memory."""
    with os.scandir(folder / below) as entries:
        found = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries)
    for name in found:
        if name.endswith("/"):
            yield from _names(folder, below + name)
        elif not (below + name).startswith((SUMS, f".{SUMS}.")):  # the latter is on its way to be the former
            yield below + name


def _sha512(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()
