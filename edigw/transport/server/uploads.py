"""One file on its way in: written to a spool, hashed, bounded, and either finished or aborted."""

import fcntl
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

from asyncssh import SFTPFailure, SFTPNoSpaceOnFilesystem, SFTPQuotaExceeded

from edigw.transport.ports import Staged
from edigw.transport.server.extents import Extents, Scattered
from edigw.transport.server.spool import BLOCK, Quota, Spool


def lock(fd: int) -> bool:
    """Claim an open staging file against every other handle, in any process, until it is closed; False if taken."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Upload:
    """A file being received. Methods may be called from different threads: a newer connection can take a temp
    name over.

    After any failed write the upload can only be aborted: a client that overlooks the error must not get a
    truncated file accepted.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        spool: Spool,
        quota: Quota,
        *,
        size: int = 0,
        temp: bool = False,
        append: bool = False,
        max_size: int,
        max_gap: int,
    ) -> None:
        """`spool` holds `size` bytes; what it does not keep in memory lies at `path`."""
        self.name = name
        self.path = path
        self.temp = temp
        self.size = size
        self.closed = False
        self._spool = spool
        self._quota = quota
        self._append = append
        self._max_size = max_size
        self._max_gap = max_gap
        self._seen = Extents(self.size)
        self._digest = hashlib.sha256()
        self._hashed = 0 if self.size == 0 else -1  # -1: not in order, hash the whole file at the end
        self._failure = ""
        self._lock = threading.Lock()

    def write(self, offset: int, data: bytes) -> None:
        """Store a block.

        Raises SFTPError when it breaks a limit, the disk does not take it, or an earlier one failed.
        """
        with self._lock:
            self._check()
            start = self.size if self._append else offset
            end = start + len(data)
            if end > self._max_size:
                self._fail(SFTPQuotaExceeded(f"the file is larger than {self._max_size} bytes, the limit"))
            if start > self.size + self._max_gap:
                self._fail(SFTPFailure(f"byte {start} is too far beyond the end of the file ({self.size} bytes)"))
            growth = max(0, end - self.size)
            if growth and not self._quota.reserve(growth):
                self._fail(SFTPQuotaExceeded("your unfinished uploads have used up their space; finish or remove some"))
            self.size += growth
            self._store(start, data)
            try:
                self._seen.add(start, end)
            except Scattered:
                self._fail(SFTPFailure("the file is written in too many separate pieces"))
            if start == self._hashed:
                self._digest.update(data)
                self._hashed = end
            elif data:
                self._hashed = -1

    def read(self, offset: int, length: int) -> bytes:
        """Read back what was written."""
        with self._lock:
            self._check()
            return self._spool.read(offset, min(length, BLOCK))

    def resize(self, size: int) -> None:
        """Cut the file. Raises SFTPError for a larger size: bytes that nobody wrote are not accepted."""
        with self._lock:
            self._check()
            if size > self.size:
                self._fail(SFTPFailure("a file can only grow by writing to it"))
            if size < self.size:
                self._spool.cut(size)
                self._quota.release(self.size - size)
                self.size = size
                self._seen.cut(size)
                self._hashed = 0 if size == 0 else -1
                self._digest = hashlib.sha256()

    def sync(self) -> None:
        """Force what lies in a file to the disk, because the client asks for it."""
        with self._lock:
            self._check()
            self._spool.sync()

    def finish(self, seal: Callable[[int], None] | None = None) -> Staged:
        """The client closed the file: all its bytes.

        `seal` is called with the descriptor of the file before it is closed. Raises SFTPError if a write failed, bytes
        are missing, or a newer connection took the file over; then the caller aborts.
        """
        with self._lock:
            self._check()
            if hole := self._seen.hole:
                self._fail(SFTPFailure(f"bytes {hole[0]} to {hole[1] - 1} were never written"))
            sha256 = self._spool.sha256() if self._hashed < 0 else self._digest.hexdigest()
            staged = Staged(sha256, self.size, self.path, self._spool.data)
            if seal is not None:
                seal(self._spool.fd)
            self._close()
            return staged

    def abort(self) -> None:
        """Close without finishing.

        What was written without a hole stays in the file; calling again does nothing.
        """
        with self._lock:
            if self.closed:
                return
            if self._seen.frontier < self.size:
                self._spool.cut(self._seen.frontier)
                self._quota.release(self.size - self._seen.frontier)
                self.size = self._seen.frontier
            self._failure = self._failure or "another connection took over this file"
            self._close()

    def _store(self, offset: int, data: bytes) -> None:
        try:
            self._spool.write(offset, data)
        except OSError as error:
            self._fail(SFTPNoSpaceOnFilesystem(f"the file could not be stored: {error.strerror}"))

    def _check(self) -> None:
        if self._failure:
            raise SFTPFailure(self._failure)
        if self.closed:
            raise SFTPFailure("the file is closed")

    def _fail(self, error: SFTPFailure | SFTPQuotaExceeded | SFTPNoSpaceOnFilesystem) -> None:
        self._failure = error.reason
        raise error

    def _close(self) -> None:
        self.closed = True
        self._spool.close()
