"""A folder of this machine as a place: for other programs on it, or for a share that is mounted."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from edigw.transport.errors import Permanent, Stopped, Temporary, TransportError
from edigw.transport.remote.model import (
    BLOCK,
    Blocks,
    FolderTarget,
    Intake,
    OneByOne,
    Probe,
    RemoteEntry,
    RemoteFile,
    checked_name,
    numbered,
)

TOTAL = 1800.0  # seconds for one file
MODE = 0o660


class Folder(OneByOne):
    """An open folder: `edigw.transport.remote.Remote`. No name leads out of it, and no link is followed."""

    alive = True
    software = ""

    def __init__(self, target: FolderTarget) -> None:
        self.target = target

    def upload_temp(self, data: BinaryIO, temp_name: str) -> RemoteFile:
        path = self._path(temp_name)
        blocks = Blocks(data, TOTAL)
        with self._explained(f"writing of {path}"):
            path.unlink(missing_ok=True)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
            with os.fdopen(fd, "wb") as file:
                for block in blocks:
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            self._sync()
        return RemoteFile(str(path), blocks.size, blocks.digest.hexdigest())

    def place(self, temp_name: str, final_name: str) -> None:
        source, target = self._path(temp_name), self._path(final_name)
        with self._explained(f"renaming of {source}"):
            if _size(target) is not None:
                raise Permanent(str(self.target), f"renaming of {temp_name}: {target} is there already")
            source.rename(target)
            self._sync()

    def probe(self, temp_name: str, final_name: str) -> Probe:
        with self._explained(f"look at {temp_name}"):
            return Probe(_size(self._path(temp_name)), _size(self._path(final_name)))

    def require_folder(self) -> None:
        if not self.target.path.is_dir():
            raise Temporary(str(self.target), "the folder is not there")

    def discard(self, name: str) -> None:
        with self._explained(f"removal of {name}"):
            self._path(name).unlink(missing_ok=True)
            self._sync()

    def list(self) -> Sequence[RemoteEntry]:
        with self._explained("listing"), os.scandir(self.target.path) as found:
            entries = [each for each in found if each.is_file(follow_symlinks=False)]
            stats = [(each.name, each.stat(follow_symlinks=False)) for each in entries]
        return sorted((RemoteEntry(name, s.st_size, s.st_mtime) for name, s in stats), key=lambda each: each.name)

    def fetch(self, name: str, into: BinaryIO, limit: int) -> RemoteFile:
        path = self._path(name)
        intake = Intake(self.target, name, into, limit, TOTAL)
        with self._explained(f"reading of {path}"), open(path, "rb", opener=_unfollowed) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Permanent(str(self.target), f"{name} is no file")
            while block := file.read(BLOCK):
                intake.write(block)
        return RemoteFile(str(path), intake.size, intake.digest.hexdigest())

    def move(self, name: str, folder: str) -> None:
        with self._explained(f"moving of {name}"):
            aside = self.target.path / folder
            aside.mkdir(exist_ok=True)
            target, number = aside / name, 2
            while _size(target) is not None:
                target, number = aside / numbered(name, number), number + 1
            self._path(name).rename(target)
            self._sync()

    def _path(self, name: str) -> Path:
        return self.target.path / checked_name(self.target, name)

    def _sync(self) -> None:
        fd = os.open(self.target.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    @contextmanager
    def _explained(self, action: str) -> Iterator[None]:
        try:
            yield
        except TransportError:
            raise
        except TimeoutError as error:
            raise Temporary(str(self.target), f"{action}: not done in time") from error
        except OSError as error:
            cause = f"{action}: {error.strerror or error}"
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise Stopped(str(self.target), cause) from error
            if error.errno == errno.ENOENT and self.target.path.is_dir():
                raise Permanent(str(self.target), cause) from error
            raise Temporary(str(self.target), cause) from error


@contextmanager
def open_folder(target: FolderTarget) -> Iterator[Folder]:
    """Open a folder. Raises Temporary if it is not there: a share may not be mounted."""
    folder = Folder(target)
    folder.require_folder()
    yield folder


def _unfollowed(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)  # not even a pipe is waited for


def _size(path: Path) -> int | None:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return None
