"""Unfinished files on disk, one folder a partner: uploads on their way, and temp names that wait for a rename.

    <root>/<partner>/uploads/<random>   an upload under its final name, until CLOSE, unless it fits into memory;
                                        worthless after a crash
    <root>/<partner>/temp/<name>        a temp name as the partner sees it; survives restarts

A temp file whose last upload was closed properly carries the group-read bit: only such a file may be
submitted, so that a rename after a lost connection can't pass a truncated file on. Nothing here is forced to the disk:
it is the submission that promises something. So once the machine itself went down (`Staging.sweep` compares its boot
with the one that <root>/boot names) the bit is worth nothing, and is taken away. Every open file is locked (flock),
across processes too.
"""

import hashlib
import os
import re
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asyncssh import SFTPFailure, SFTPFileAlreadyExists, SFTPNoSuchFile, SFTPQuotaExceeded

from edigw.transport.ports import Staged
from edigw.transport.server.limits import Limits
from edigw.transport.server.spool import Quota, Spool, sha256
from edigw.transport.server.uploads import Upload, lock

PARTNER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
PARTIAL, COMPLETE = 0o600, 0o640


@dataclass(frozen=True, slots=True)
class TempFile:
    """A temp name as it lies in staging."""

    partner: str
    name: str
    size: int
    mtime: float  # Unix time of the last write


class PartnerStaging:
    """The staging folder of one partner. All methods block and may be called from several threads."""

    def __init__(self, root: Path, partner: str, limits: Limits, memory: Quota | None = None) -> None:
        """`memory` is what uploads of all partners may take of it together."""
        if not PARTNER.fullmatch(partner):
            raise ValueError(f"{partner!r} cannot be a partner code")
        self._partner = partner
        self._uploads = root / partner / "uploads"
        self._temp = root / partner / "temp"
        for folder in (self._uploads, self._temp):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._limits = limits
        self._memory = memory or Quota(limits.memory)
        self._quota = Quota(limits.staging_size, sum(file.size for file in self.temps()))
        self._lock = threading.Lock()
        self._writers: dict[str, Upload] = {}  # temp name -> who writes it now
        self._finals: dict[Path, str] = {}  # staged uploads of this process -> their final name

    def begin(self, name: str) -> Upload:
        """A new upload under a final name."""
        path = self._uploads / secrets.token_hex(16)

        def create() -> int:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PARTIAL)
            lock(fd)
            return fd

        with self._lock:
            self._finals[path] = name
        return self._upload(name, path, Spool(create, self._memory, self._limits.small))

    def discard(self, upload: Upload) -> None:
        """Forget an upload that `begin` gave: aborted, refused or submitted."""
        upload.abort()
        with self._lock:
            if self._finals.pop(upload.path, None) is None:
                return
        upload.path.unlink(missing_ok=True)
        self._quota.release(upload.size)

    def uploading(self, name: str) -> bool:
        """Whether somebody is uploading under this final name now."""
        with self._lock:
            return name in self._finals.values()

    def open_temp(self, name: str, *, create: bool, truncate: bool, append: bool) -> Upload:
        """Open a temp name for writing, to resume it unless `truncate`. A writer of this process loses it.

        Raises SFTPNoSuchFile without `create`, SFTPQuotaExceeded for too many files, SFTPFailure when another
        process writes it.
        """
        if create and not (self._temp / name).exists() and len(self.temps()) >= self._limits.temp_files:
            raise SFTPQuotaExceeded(f"there are already {self._limits.temp_files} unfinished files; remove some")
        self._take_over(name)
        with self._locked(name, os.O_RDWR | (os.O_CREAT if create else 0), keep=True) as fd:
            os.fchmod(fd, PARTIAL)
            if truncate:
                self._quota.release(os.fstat(fd).st_size)
                os.ftruncate(fd, 0)
            size = os.fstat(fd).st_size
            upload = self._upload(name, self._temp / name, Spool.of_file(fd), size=size, temp=True, append=append)
            with self._lock:
                self._writers[name] = upload
            return upload

    def close_temp(self, upload: Upload) -> None:
        """The client closed a temp name: from now on it may be submitted by a rename.

        Raises SFTPError as Upload.finish.
        """
        try:
            upload.finish(lambda fd: os.fchmod(fd, COMPLETE))
        finally:
            self.release_temp(upload)

    def release_temp(self, upload: Upload) -> None:
        """The upload of a temp name ended, closed or not; what was written stays."""
        upload.abort()
        with self._lock:
            if self._writers.get(upload.name) is upload:
                del self._writers[upload.name]

    def temp(self, name: str) -> TempFile | None:
        """A temp name, or None."""
        try:
            found = (self._temp / name).lstat()
        except FileNotFoundError:
            return None
        return TempFile(self._partner, name, found.st_size, found.st_mtime)

    def temps(self) -> list[TempFile]:
        """All temp names, sorted."""
        names = sorted(path.name for path in self._temp.iterdir())
        return [file for name in names if (file := self.temp(name)) is not None]

    def read_temp(self, name: str) -> int:
        """A descriptor to read a temp name with; the caller closes it. Raises SFTPNoSuchFile."""
        try:
            return os.open(self._temp / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise SFTPNoSuchFile("no such file") from None

    def remove_temp(self, name: str) -> None:
        """Delete a temp name; a writer of this process loses it.

        Raises SFTPNoSuchFile, SFTPFailure as `open_temp`.
        """
        self._take_over(name)
        with self._locked(name, os.O_RDWR) as fd:
            self._unlink(name, fd)

    def rename_temp(self, old: str, new: str, *, replace: bool) -> None:
        """Give a temp name another temp name.

        Raises SFTPFileAlreadyExists unless `replace`, SFTPFailure while written.
        """
        with self._locked(old, os.O_RDWR):
            if self.temp(new) is not None:
                if not replace:
                    raise SFTPFileAlreadyExists(f"{new} exists")
                self.remove_temp(new)
            (self._temp / old).rename(self._temp / new)

    @contextmanager
    def submitting(self, name: str) -> Iterator[Staged]:
        """Hold a complete temp file while it is submitted; deletes it after success.

        Raises SFTPNoSuchFile; SFTPFailure when it is being written or its upload was never finished.
        """
        with self._locked(name, os.O_RDWR) as fd:
            if stat.S_IMODE(os.fstat(fd).st_mode) != COMPLETE:
                raise SFTPFailure(f"the upload of {name} was never finished; resume or repeat it first")
            yield self._staged(name, fd)
            self._unlink(name, fd)

    def sweep(self) -> int:
        """Delete uploads that a crash left behind, not those that another process is receiving; how many."""
        swept = 0
        for path in self._uploads.iterdir():
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                if lock(fd):
                    path.unlink(missing_ok=True)
                    swept += 1
            finally:
                os.close(fd)
        return swept

    def distrust(self) -> None:
        """Let no temp name be submitted before it was closed once more."""
        for path in self._temp.iterdir():
            path.chmod(PARTIAL)

    def expire(self, before: float) -> list[TempFile]:
        """Delete the temp names last written before this Unix time that nobody has open; what they were."""
        expired = []
        for file in self.temps():
            if file.mtime < before:
                try:
                    with self._locked(file.name, os.O_RDWR) as fd:
                        self._unlink(file.name, fd)
                except (SFTPFailure, SFTPNoSuchFile):
                    continue
                expired.append(file)
        return expired

    def _staged(self, name: str, fd: int) -> Staged:
        size = os.fstat(fd).st_size
        if size <= self._limits.small:
            data = os.pread(fd, size, 0)
            return Staged(hashlib.sha256(data).hexdigest(), size, self._temp / name, data)
        return Staged(sha256(lambda offset, length: os.pread(fd, length, offset)), size, self._temp / name)

    def _upload(
        self, name: str, path: Path, spool: Spool, *, size: int = 0, temp: bool = False, append: bool = False
    ) -> Upload:
        return Upload(
            name,
            path,
            spool,
            self._quota,
            size=size,
            temp=temp,
            append=append,
            max_size=self._limits.file_size,
            max_gap=self._limits.write_gap,
        )

    def _take_over(self, name: str) -> None:
        with self._lock:
            writer = self._writers.pop(name, None)
        if writer is not None:
            writer.abort()

    @contextmanager
    def _locked(self, name: str, flags: int, *, keep: bool = False) -> Iterator[int]:
        path = self._temp / name
        while True:
            try:
                fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, PARTIAL)
            except FileNotFoundError:
                raise SFTPNoSuchFile("no such file") from None
            if not lock(fd):
                os.close(fd)
                raise SFTPFailure(f"{name} is still being written")
            if self._is_at(path, fd):
                break
            os.close(fd)  # submitted, renamed or removed between open and lock
        try:
            yield fd
        except BaseException:
            os.close(fd)
            raise
        if not keep:
            os.close(fd)

    @staticmethod
    def _is_at(path: Path, fd: int) -> bool:
        try:
            return os.path.samestat(path.lstat(), os.fstat(fd))
        except FileNotFoundError:
            return False

    def _unlink(self, name: str, fd: int) -> None:
        size = os.fstat(fd).st_size
        (self._temp / name).unlink()
        self._quota.release(size)


class Staging:
    """The staging folders of all partners under one root."""

    def __init__(self, root: Path, limits: Limits) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root
        self._limits = limits
        self._memory = Quota(limits.memory)
        self._lock = threading.Lock()
        self._partners: dict[str, PartnerStaging] = {}

    def partner(self, code: str) -> PartnerStaging:
        """One partner's folder, created at the first call.

        Raises ValueError if the code cannot name a folder.
        """
        with self._lock:
            if code not in self._partners:
                self._partners[code] = PartnerStaging(self._root, code, self._limits, self._memory)
            return self._partners[code]

    def sweep(self) -> int:
        """Clean up after a crash; how many unfinished uploads were deleted."""
        mark, boot = self._root / "boot", _boot()
        if not boot or not mark.exists() or mark.read_text() != boot:
            for partner in self._existing():
                partner.distrust()
            mark.write_text(boot)
        return sum(partner.sweep() for partner in self._existing())

    def expire(self, before: float) -> list[TempFile]:
        """Delete the temp names last written before this Unix time; what they were."""
        return [file for partner in self._existing() for file in partner.expire(before)]

    def _existing(self) -> list[PartnerStaging]:
        return [
            self.partner(path.name)
            for path in sorted(self._root.iterdir())
            if PARTNER.fullmatch(path.name) and path.is_dir()
        ]


def _boot() -> str:
    """Names the time since this machine was started; "" where nothing tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        return ""
