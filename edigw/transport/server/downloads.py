"""One file on its way out."""

import os
import shutil
import tempfile
from typing import BinaryIO

from edigw.transport.ports import Entry
from edigw.transport.server.extents import Extents, Scattered

CHUNK = 256 * 1024  # bytes read at once: clients ask for 32 KiB pieces in a row


class Download:
    """An open published file.

    Not safe for several threads at once: SFTP requests of one channel come one by one.
    """

    def __init__(self, entry: Entry, stream: BinaryIO, spool_folder: str) -> None:
        self.entry = entry
        self._stream = stream if stream.seekable() else spooled(stream, spool_folder)
        self._position = 0
        self._sent = Extents()
        self._asked = False
        self._chunk, self._chunk_start = b"", 0

    def buffered(self, offset: int, length: int) -> bytes | None:
        """The bytes, if they need no reading (b"" at the end); else None."""
        self._asked = True
        wanted = min(length, CHUNK, self.entry.size - offset)
        if wanted <= 0:
            return b""
        start = offset - self._chunk_start
        if start < 0 or start + wanted > len(self._chunk):
            return None
        try:
            self._sent.add(offset, offset + wanted)
        except Scattered:
            self._asked = False  # no client that fetches a file reads like this: not a complete download
        return self._chunk[start : start + wanted]

    def read(self, offset: int, length: int) -> bytes:
        """The bytes at an offset, fewer than asked for near the end or beyond 256 KiB. Blocks.

        Raises OSError if the store yields less than the entry's size.
        """
        found = self.buffered(offset, length)
        if found is None:
            if offset != self._position:
                self._stream.seek(offset)
            self._chunk, self._chunk_start = self._stream.read(CHUNK), offset
            self._position = offset + len(self._chunk)
            found = self.buffered(offset, length)
        if found is None:
            raise OSError(f"{self.entry.name} ends at byte {self._position}, before its {self.entry.size}")
        return found

    @property
    def sent(self) -> int:
        """How many distinct bytes of the file were sent."""
        return self._sent.count

    @property
    def complete(self) -> bool:
        """Whether every byte was sent; of an empty file, whether the client read at all."""
        return self._asked and self._sent.frontier >= self.entry.size

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


def spooled(stream: BinaryIO, folder: str) -> BinaryIO:
    """A seekable copy, in an unnamed file, of a stream that only reads forward; closes the stream."""
    with stream:
        copy = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  the download closes it
        shutil.copyfileobj(stream, copy)
        copy.seek(0, os.SEEK_SET)
        return copy
