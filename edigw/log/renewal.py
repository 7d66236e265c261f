"""Renewing the proof of a whole log before its hash or its signatures grow weak: a stronger hash over an export of it.

An export is complete in itself: entries, objects, payloads, every checkpoint, every timestamp and cosignature. A
timestamp over the SHA-512 of each of its files, given while SHA-256 and the old signatures held, shows that it was
all there then; so it goes on proving what it proved. This can be repeated for ever: docs/evidence.md, "Renewal".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edigw.log.anchors import timestamp
from edigw.log.audit_report import Problem, Progress
from edigw.log.errors import AnchorError, LogError
from edigw.store.durable import replace_file

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SUMS = "SHA512SUMS"
_LINE_LIMIT = 4096


def write_sums(folder: Path) -> bytes:
    """Writes the file of hashes, as sha512sum does; its content. Raises LogError."""
    try:
        lines = (f"{_sha512(folder / name)}  {name}\n" for name in _names(folder))
        data = "".join(lines).encode()
        replace_file(folder / SUMS, data, 0o644)
    except OSError as error:
        raise LogError(f"{error.filename or folder}: {error.strerror or error}") from error
    return data


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
    data = (folder / SUMS).read_bytes()
    for token in sorted(folder.glob(f"{SUMS}.*.tsr")):
        try:
            timestamp.verify(token.read_bytes()[: timestamp.ANSWER_LIMIT + 1], data, roots)
        except AnchorError as error:
            yield Problem(token.name, str(error))
    lines = data.decode("utf-8", "replace").splitlines()
    names = _names(folder)
    listed = {line[130:]: line[:128] for line in lines if len(line) < _LINE_LIMIT}
    for name in sorted(listed.keys() ^ set(names)):
        yield Problem(name, f"missing, {SUMS} lists it" if name in listed else f"not listed in {SUMS}")
    for number, name in enumerate(names, 1):
        if name in listed and _sha512(folder / name) != listed[name]:
            yield Problem(name, f"its SHA-512 is not the one in {SUMS}")
        yield Progress("files", number, len(names))


def _names(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if not name.startswith(SUMS))


def _sha512(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()
