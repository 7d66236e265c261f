"""Archives among the files that come: zip and gzip, opened within bounds.

What is in them is read as one file, member after member; so positions in findings are positions in that. Whatever an
archive claims about its sizes, no more is unpacked than a file may have.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_MEMBERS = 1_000
CHUNK = 1 << 16
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


class ArchiveError(Exception):
    """An archive that can't be unpacked: `reason` is a code, the text says why in words for its sender."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, and where it begins in the unpacked bytes."""

    name: str
    offset: int
    size: int
    sha256: str  # hex


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was in an archive."""

    data: bytes
    members: tuple[Member, ...]


def is_archive(data: bytes) -> bool:
    """Whether these bytes begin as a zip (APPNOTE 4.3.7) or gzip (RFC 1952, 2.3.1) file does."""
    return data.startswith((_GZIP, _ZIP, _EMPTY_ZIP))


def unpack(data: bytes, name: str, limit: int) -> Unpacked:
    """The files in an archive called `name`, of at most `limit` bytes together. Raises ArchiveError."""
    found = bytearray()
    members = []
    for member, content in _gzip(data, name, limit) if data.startswith(_GZIP) else _zip(data, limit):
        if is_archive(content):
            raise ArchiveError("archive_nested", f"{member} in the archive is an archive itself; send it by itself")
        if len(found) + len(content) > limit:
            raise _too_large(limit)
        members.append(Member(member, len(found), len(content), hashlib.sha256(content).hexdigest()))
        found += content
        if not content.endswith(b"\n"):
            found += b"\n"  # so that the next one begins at the beginning of a line
    if not any(member.size for member in members):
        raise ArchiveError("archive_empty", "there is no file in the archive, or only empty ones")
    return Unpacked(bytes(found), tuple(members))


def _gzip(data: bytes, name: str, limit: int) -> Iterator[tuple[str, bytes]]:
    """A gzip file may have several members (RFC 1952, 2.2), which together are one file."""
    found, rest = bytearray(), data
    while rest.startswith(_GZIP):
        stream = zlib.decompressobj(wbits=31)
        try:
            while not stream.eof and (rest or stream.unconsumed_tail):
                found += stream.decompress(stream.unconsumed_tail or rest, CHUNK)
                rest = b"" if not stream.eof else stream.unused_data
                if len(found) > limit:
                    raise _too_large(limit)
        except zlib.error as error:
            raise ArchiveError("archive_damaged", f"the gzip file is damaged: {error}") from error
        if not stream.eof:
            raise ArchiveError("archive_damaged", "the gzip file ends in the middle")
    yield name.removesuffix(".gz"), bytes(found)


def _zip(data: bytes, limit: int) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_MEMBERS:
                raise ArchiveError("archive_too_large", f"there are more than {MOST_MEMBERS} files in the archive")
            total = 0
            for entry in entries:
                if entry.flag_bits & 1:
                    raise ArchiveError("archive_encrypted", f"{entry.filename} in the archive has a password")
                content = _member(archive, entry, limit - total)
                total += len(content)
                yield entry.filename, content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise ArchiveError("archive_damaged", f"the zip file can't be read: {error}") from error


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    found = bytearray()
    with archive.open(entry) as file:
        while block := file.read(CHUNK):
            found += block
            if len(found) > limit:
                raise _too_large(limit)
    return bytes(found)


def _too_large(limit: int) -> ArchiveError:
    return ArchiveError("archive_too_large", f"there are more than {limit} bytes in the archive")
