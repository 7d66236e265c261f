"""The bytes of an upload: in memory as long as they are few, then in a file."""

import hashlib
import os
import threading
from collections.abc import Callable

BLOCK = 1024 * 1024  # bytes that are read from a file at once


class Quota:
    """So many bytes, shared by all that take of them."""

    def __init__(self, limit: int, used: int = 0) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._used = used

    def reserve(self, size: int) -> bool:
        """Take `size` bytes; False if there are not so many left."""
        with self._lock:
            if self._used + size > self._limit:
                return False
            self._used += size
            return True

    def release(self, size: int) -> None:
        """Give `size` bytes back."""
        with self._lock:
            self._used = max(0, self._used - size)


class Spool:
    """Random access to bytes that lie in memory up to `most` of them, and as far as `memory` has room; then in the file
    that `open_file` opens (its descriptor, for reading and writing). Not safe for several threads at once."""

    def __init__(self, open_file: Callable[[], int], memory: Quota, most: int) -> None:
        self._open_file = open_file
        self._memory = memory
        self._most = most
        self._data: bytearray | None = bytearray()
        self._taken = 0
        self.fd = -1  # of the file, while there is one

    @classmethod
    def of_file(cls, fd: int) -> "Spool":
        """Bytes that lie in an open file."""
        spool = cls(lambda: fd, Quota(0), 0)
        spool._to_file()
        return spool

    @property
    def data(self) -> bytes | None:
        """All bytes, if they are in memory."""
        return None if self._data is None else bytes(self._data)

    def write(self, offset: int, data: bytes) -> None:
        """Store bytes at an offset; what was not written before them is zero. Raises OSError."""
        end = offset + len(data)
        if self._data is not None and not self._fits(end):
            self._to_file()
        if self._data is None:
            _write(self.fd, offset, data)
            return
        if offset > len(self._data):
            self._data.extend(bytes(offset - len(self._data)))
        self._data[offset:end] = data

    def read(self, offset: int, length: int) -> bytes:
        """Bytes at an offset, fewer at the end. Raises OSError."""
        if self._data is None:
            return os.pread(self.fd, length, offset)
        return bytes(self._data[offset : offset + length])

    def cut(self, size: int) -> None:
        """Forget what lies behind `size` bytes. Raises OSError."""
        if self._data is None:
            os.ftruncate(self.fd, size)
        else:
            del self._data[size:]

    def sync(self) -> None:
        """Force a file to the disk; bytes in memory stay there. Raises OSError."""
        if self._data is None:
            os.fsync(self.fd)

    def sha256(self) -> str:
        """The SHA-256 of all bytes, in hex. Raises OSError."""
        return sha256(self.read)

    def close(self) -> None:
        """Close the file, or let go of the memory."""
        if self._data is None:
            os.close(self.fd)
        self._memory.release(self._taken)
        self._data, self._taken, self.fd = bytearray(), 0, -1

    def _fits(self, end: int) -> bool:
        if end > self._most:
            return False
        more = end - self._taken
        if more > 0:
            if not self._memory.reserve(more):
                return False
            self._taken = end
        return True

    def _to_file(self) -> None:
        fd = self._open_file()
        try:
            _write(fd, 0, self._data or b"")
        except BaseException:
            os.close(fd)
            raise
        self._memory.release(self._taken)
        self._data, self._taken, self.fd = None, 0, fd


def sha256(read: Callable[[int, int], bytes]) -> str:
    """The SHA-256, in hex, of all that `read` (offset, length) yields."""
    digest, offset = hashlib.sha256(), 0
    while block := read(offset, BLOCK):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()


def _write(fd: int, offset: int, data: bytes | bytearray) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view = view[written:]
        offset += written
