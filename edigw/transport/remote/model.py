"""What places have in common, whatever protocol leads there."""

import hashlib
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from edigw.transport.errors import Permanent, TransportError

BLOCK = 32 * 1024  # bytes: what every SFTP server takes in one request


class SourceProblem(Exception):
    """What was to be sent could not be read on this side, or what was fetched could not be written."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds."""

    connect: float = 15.0
    banner: float = 15.0
    auth: float = 30.0
    channel: float = 30.0  # to open it
    answer: float = 60.0  # for each request on it
    total: float = 1800.0  # for one file


@dataclass(frozen=True, slots=True)
class SftpTarget:
    """A folder on a partner's SFTP server.

    `host_key` is its public key line or "SHA256:…" fingerprint; no other key is accepted.
    """

    host: str
    port: int
    user: str
    host_key: str
    key_file: Path | None = None
    password: str | None = field(default=None, repr=False)
    folder: str = "."  # relative to the login folder unless it begins with "/"
    timeouts: Timeouts = Timeouts()
    legacy: bool = False  # a server that knows only algorithms of long ago

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """A folder of this machine, or mounted here."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


Place: TypeAlias = SftpTarget | FolderTarget


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What was uploaded or fetched."""

    path: str
    size: int
    sha256: str  # of the bytes, in hex
    confirmed: bool = False  # whether the other side has told the same hash, not the size alone


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """A file that lies there."""

    name: str
    size: int
    mtime: float  # seconds since the epoch, by the other side's clock; 0 where it does not tell


@dataclass(frozen=True, slots=True)
class Probe:
    """The sizes of the temp and the final name; None where there is no such file."""

    temp: int | None
    final: int | None


class Remote(Protocol):
    """An open place; good for any number of files, by one thread at a time. Its methods raise TransportError."""

    @property
    def alive(self) -> bool:
        """Whether the connection still stands, as far as this side knows."""

    @property
    def software(self) -> str:
        """How the server names itself, "SSH-2.0-OpenSSH_9.2p1"; "" where there is none."""

    def upload_temp(self, data: BinaryIO, temp_name: str) -> RemoteFile:
        """Write a stream under its temp name, replacing what an earlier attempt left, and check its size there, and its
        hash where the other side tells one.

        Also raises SourceProblem when `data` cannot be read; the temp name may then hold a part of the file."""

    def upload_small(self, files: Mapping[str, bytes]) -> dict[str, RemoteFile | TransportError]:
        """Write several small files, by their temp names, as `upload_temp` does; what became of each. One that fails
        does not keep the others from being written."""

    def place_all(self, names: Mapping[str, str]) -> dict[str, TransportError]:
        """Give uploaded files their final names, by their temp names, as `place` does; what went wrong with which."""

    def place(self, temp_name: str, final_name: str) -> None:
        """Give an uploaded file its final name.

        Raises Permanent if a file of the final name is there: it is not ours to overwrite. After Temporary the file may
        have been placed all the same: `probe` tells."""

    def probe(self, temp_name: str, final_name: str) -> Probe:
        """Look for both names."""

    def require_folder(self) -> None:
        """Look whether the folder is there: where it is not mounted, every file seems to be gone.

        Raises Temporary if it is not."""

    def discard(self, name: str) -> None:
        """Remove a file if it is there."""

    def list(self) -> Sequence[RemoteEntry]:
        """The files in the folder, by name; no folders, links or devices."""

    def fetch(self, name: str, into: BinaryIO, limit: int) -> RemoteFile:
        """Read a file of at most `limit` bytes into a stream. Raises Permanent if it is larger or not there."""

    def move(self, name: str, folder: str) -> None:
        """Put a file into another folder, under its name, or where that is taken under one with a number."""


class OneByOne:
    """What a place can do with many files at once where that is not different from one after the other."""

    def upload_small(self: Remote, files: Mapping[str, bytes]) -> dict[str, RemoteFile | TransportError]:
        found: dict[str, RemoteFile | TransportError] = {}
        for name, data in files.items():
            try:
                found[name] = self.upload_temp(io.BytesIO(data), name)
            except TransportError as error:
                found[name] = error
        return found

    def place_all(self: Remote, names: Mapping[str, str]) -> dict[str, TransportError]:
        failed = {}
        for temp_name, final_name in names.items():
            try:
                self.place(temp_name, final_name)
            except TransportError as error:
                failed[temp_name] = error
        return failed


def checked_name(place: object, name: str) -> str:
    """A file name, if it is one. Raises Permanent."""
    if not name or "/" in name or name in (".", "..") or "\0" in name:
        raise Permanent(str(place), f"{name!r} cannot be a file name")
    return name


def numbered(name: str, number: int) -> str:
    """Another name for a file whose name is taken: "order.edi" → "order-2.edi"."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{number}.{suffix}" if dot and stem else f"{name}-{number}"


class Blocks:
    """The blocks of a stream, counted and hashed on their way.

    Raises TimeoutError after `seconds`, SourceProblem when the stream itself fails: that is not the partner's fault.
    """

    def __init__(self, data: BinaryIO, seconds: float) -> None:
        self._data = data
        self._deadline = time.monotonic() + seconds
        self.digest = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        while block := self._read():
            if time.monotonic() > self._deadline:
                raise TimeoutError("not finished in time")
            self.digest.update(block)
            self.size += len(block)
            yield block

    def _read(self) -> bytes:
        try:
            return self._data.read(BLOCK)
        except OSError as error:
            raise SourceProblem(f"the file to send cannot be read: {error}") from error


class Intake:
    """Writes what is fetched, counted, hashed and bounded.

    Raises TimeoutError after `seconds`, SourceProblem where it can't be written, Permanent beyond `limit` bytes.
    """

    def __init__(self, place: object, name: str, into: BinaryIO, limit: int, seconds: float) -> None:
        self._place = place
        self._name = name
        self._into = into
        self._limit = limit
        self._deadline = time.monotonic() + seconds
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, block: bytes) -> None:
        """Take one block."""
        self.size += len(block)
        if self.size > self._limit:
            raise Permanent(str(self._place), f"{self._name} is larger than {self._limit} bytes")
        if time.monotonic() > self._deadline:
            raise TimeoutError("not finished in time")
        self.digest.update(block)
        try:
            self._into.write(block)
        except OSError as error:
            raise SourceProblem(f"{self._name} can't be written here: {error}") from error
