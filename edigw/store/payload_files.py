"""Payloads as files, named by their SHA-256.

`aa/bb/<sha256>.zst`: Zstandard frames with a checksum; the name is the hash of the *uncompressed* bytes, so a
payload is stored once however often it passes, and reading it proves that it is the same. A payload is on
disk (file and directories fsynced) when `put` returns. Writers never see one another: each fills a file of
its own below `tmp/` and renames it into place.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from edigw.store.errors import PayloadDamaged, PayloadMissing, StoreError

CHUNK = 1 << 18
_NAME = re.compile(r"[0-9a-f]{64}")


class PayloadFiles:
    """A folder of payloads. Safe for many threads and processes at once."""

    def __init__(self, root: Path, *, look_only: bool = False) -> None:
        """`root` is created (mode 0700) if need be, unless files are only looked at. Raises StoreError."""
        self._root = root
        self._temporary = root / "tmp"
        self._durable: set[Path] = set()  # folders whose own names are known to be on disk
        self._guard = threading.Lock()
        if not look_only:
            with _explained(root):
                self._temporary.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, sha256: str) -> Path:
        """Where that payload lies, or would. Raises ValueError if `sha256` is not 64 hex digits."""
        if not _NAME.fullmatch(sha256):
            raise ValueError(f"not a SHA-256 in lower-case hex: {sha256!r}")
        return self._root / sha256[:2] / sha256[2:4] / f"{sha256}.zst"

    def put(self, data: bytes) -> str:
        """Stores `data`; returns its SHA-256 in hex. On disk when it returns. Raises StoreError."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._store(io.BytesIO(data), sha256, len(data))
        return sha256

    def put_file(self, path: Path, sha256: str) -> None:
        """Stores the file at `path`, which must hash to `sha256`. On disk when it returns.

        Raises PayloadDamaged if it hashes to something else, StoreError if it can't be read or stored.
        """
        with _explained(path), path.open("rb") as source:
            self._store(source, sha256, os.fstat(source.fileno()).st_size)

    def exists(self, sha256: str) -> bool:
        """Whether there is such a file. Doesn't read it."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The payload as a stream of its uncompressed bytes, to be closed by the caller.

        The reader hashes as it goes: a read that comes to the end of other bytes than were stored raises
        PayloadDamaged instead of ending. Raises PayloadMissing at once.
        """
        path = self.path(sha256)
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise PayloadMissing(sha256) from error
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        return cast(BinaryIO, io.BufferedReader(_CheckedReader(file, sha256), CHUNK))

    def remove(self, sha256: str) -> bool:
        """Erases the payload's file; False if there was none. Raises StoreError."""
        path = self.path(sha256)
        with _explained(path):
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            _sync_folder(path.parent)
        return True

    def remove_unused(self, sha256: str, unused_for: float = 3600.0) -> bool:
        """Erases the payload's file unless it was stored, or stored once more, in the last so many seconds.

        Whoever stores the same bytes at this moment either finds the file whole, or writes it anew. Raises StoreError.
        """
        path, aside = self.path(sha256), self._temporary / secrets.token_hex(16)
        with _explained(path):
            try:
                path.replace(aside)
            except FileNotFoundError:
                return False
            if aside.stat().st_mtime > time.time() - unused_for:
                aside.replace(path)
                return False
            aside.unlink()
            _sync_folder(path.parent)
        return True

    def sweep(self, older_than: float = 86_400.0) -> int:
        """Removes what interrupted writers left in `tmp/` more than so many seconds ago; returns how many."""
        count = 0
        with _explained(self._temporary):
            for path in self._temporary.iterdir():
                if path.stat().st_mtime < time.time() - older_than:
                    path.unlink(missing_ok=True)
                    count += 1
        return count

    def _store(self, source: BinaryIO, sha256: str, size: int) -> None:
        path = self.path(sha256)
        if self._is_sound(sha256) and _touched(path):
            self._make_durable(path.parent)
            with _explained(path):
                _sync_folder(path.parent)  # its writer may not have come to that yet
            return
        temporary = self._temporary / secrets.token_hex(16)
        try:
            with _explained(temporary):
                found = _compress(source, temporary, size)
            if found != sha256:
                raise PayloadDamaged(sha256, f"the bytes to be stored hash to {found}")
            self._make_durable(path.parent)
            with _explained(path):
                temporary.replace(path)
                _sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def _is_sound(self, sha256: str) -> bool:
        try:
            with self.open(sha256) as stream:
                while stream.read(CHUNK):
                    pass
        except (PayloadMissing, PayloadDamaged):
            return False
        return True

    def _make_durable(self, folder: Path) -> None:
        """Creates `folder` (two below the root) and makes the names on the way to it survive a power cut."""
        with self._guard:
            if folder in self._durable:
                return
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync_folder(folder.parent)
            _sync_folder(self._root)
        with self._guard:
            self._durable.add(folder)


class _CheckedReader(io.RawIOBase):
    """Decompresses, hashes, and at the end compares."""

    def __init__(self, file: BinaryIO, sha256: str) -> None:
        super().__init__()
        self._file = file
        self._sha256 = sha256
        self._plain = zstandard.ZstdDecompressor().stream_reader(file)
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        try:
            data = self._plain.read(len(view))
        except zstandard.ZstdError as error:
            raise PayloadDamaged(self._sha256, f"its file can't be decompressed: {error}") from error
        except OSError as error:
            raise PayloadDamaged(self._sha256, f"its file can't be read: {error.strerror}") from error
        self._hash.update(data)
        if not data and self._hash.hexdigest() != self._sha256:
            raise PayloadDamaged(self._sha256, f"its bytes hash to {self._hash.hexdigest()}")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _compress(source: BinaryIO, target: Path, size: int) -> str:
    """Writes `source` to the new file `target`, fsynced; returns the SHA-256 of the uncompressed bytes."""
    digest = hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with compressor.stream_writer(file, closefd=False) as writer:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                writer.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _touched(path: Path) -> bool:
    """Marks a file as in use; False if it has gone."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{error.filename or path}: {error.strerror or error}") from error
