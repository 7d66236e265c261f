"""The SFTP requests of one channel, handed from the event loop to the mailbox in a worker thread.

Every failure ends as an SFTP status with a plain-words text, and refusals are recorded.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from asyncssh import (
    FX_EOF,
    FX_NO_SUCH_FILE,
    SFTPAttrs,
    SFTPError,
    SFTPFailure,
    SFTPName,
    SFTPPermissionDenied,
    SFTPServer,
    SSHServerChannel,
)

from edigw.transport.ports import Account, Home, Refused, Session
from edigw.transport.server.desk import Desk, logger
from edigw.transport.server.downloads import Download
from edigw.transport.server.mailbox import Handle, Mailbox, TempReader
from edigw.transport.server.paths import normalise, unstaged
from edigw.transport.server.staging import PartnerStaging
from edigw.transport.server.uploads import Upload

if TYPE_CHECKING:
    from edigw.transport.server.connection import Connection

P = ParamSpec("P")
T = TypeVar("T")
SHOWN = 300  # characters
UNRECORDED = (FX_EOF, FX_NO_SUCH_FILE)  # clients look for files all the time


class Files(SFTPServer):
    """asyncssh's interface to a file system, with the mailbox behind it."""

    def __init__(
        self,
        connection: "Connection",
        desk: Desk,
        session: Session,
        account: Account,
        home: Home,
        staging: PartnerStaging,
        channel: SSHServerChannel[bytes],
    ) -> None:
        super().__init__(channel)
        self._counters = connection
        self._desk = desk
        self._session = session
        self._home = home
        self._mailbox = Mailbox(home, staging, account, session, desk.spool_folder)

    # ------------------------------------------------------------ looking

    async def stat(self, path: bytes) -> SFTPAttrs:
        return await self._do("stat", path, self._mailbox.info, path)

    async def lstat(self, path: bytes) -> SFTPAttrs:
        return await self._do("stat", path, self._mailbox.info, path)

    def fstat(self, file_obj: object) -> SFTPAttrs:
        return self._mailbox.handle_info(_handle(file_obj))

    async def listing(self, path: bytes) -> list[SFTPName]:
        """The entries of a folder."""
        return await self._do("list", path, self._mailbox.listing, path)

    def realpath(self, path: bytes) -> bytes:
        return normalise(path).encode("utf-8")

    def format_user(self, uid: int | None) -> str:
        """The owner in listings: the partner, never an account of the host."""
        return self._session.partner

    def format_group(self, gid: int | None) -> str:
        """The group in listings."""
        return self._session.partner

    # ------------------------------------------------------------ files

    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> Handle:
        return await self._do("open", path, self._mailbox.open, path, pflags)

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        handle = _handle(file_obj)
        if isinstance(handle, Download) and (data := handle.buffered(offset, size)) is not None:
            return data
        return await self._do("read", b"", self._mailbox.read, handle, offset, size)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Stored without leaving the event loop: the page cache takes it at once; fsync waits for CLOSE."""
        handle = _handle(file_obj)
        if not isinstance(handle, Upload):
            raise SFTPPermissionDenied("the file is open for reading")
        handle.write(offset, data)
        return len(data)

    async def finish(self, file_obj: object) -> None:
        """The client closed the file: submit the upload, or record the download."""
        handle = _handle(file_obj)
        path = str(unstaged(handle.name)).encode() if isinstance(handle, Upload) else b""
        await self._do("close", path, self._mailbox.close, handle)

    async def abandon(self, file_obj: object, reason: str) -> None:
        """The connection ended with the file open."""
        try:
            await self._do("abandon", b"", self._mailbox.abandon, _handle(file_obj), reason)
        except SFTPError as error:
            logger.warning("session %s: %s", self._session.id, error.reason)

    async def fsync(self, file_obj: object) -> None:
        handle = _handle(file_obj)
        if isinstance(handle, Upload):
            await self._do("fsync", b"", handle.sync)

    async def remove(self, path: bytes) -> None:
        await self._do("remove", path, self._mailbox.remove, path)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._do("rename", oldpath, self._mailbox.rename, oldpath, newpath, replace=False)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._do("rename", oldpath, self._mailbox.rename, oldpath, newpath, replace=True)

    # ------------------------------------------------------------ attributes: accepted, without effect

    async def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Clients set modes, owners and times after an upload; only a change of size would mean something."""
        await self._do("setstat", path, self._mailbox.set_info, path, attrs.size)

    async def lsetstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        await self.setstat(path, attrs)

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        handle = _handle(file_obj)
        if attrs.size is not None and isinstance(handle, Upload):
            handle.resize(attrs.size)

    # ------------------------------------------------------------ refused

    async def mkdir(self, path: bytes, attrs: SFTPAttrs) -> None:
        await self._refuse("mkdir", path, "folders cannot be created here; upload to /inbox")

    async def rmdir(self, path: bytes) -> None:
        await self._refuse("rmdir", path, "folders cannot be removed")

    async def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        await self._refuse("symlink", newpath, "links are not supported")

    async def link(self, oldpath: bytes, newpath: bytes) -> None:
        await self._refuse("link", newpath, "links are not supported")

    async def readlink(self, path: bytes) -> bytes:
        await self._refuse("readlink", path, "links are not supported")
        return b""

    # ------------------------------------------------------------ inside

    async def _refuse(self, request: str, path: bytes, reason: str) -> None:
        await self._record(request, path, reason)
        raise SFTPPermissionDenied(reason)

    async def _do(self, request: str, path: bytes, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._desk.run(function, *args, **kwargs)
        except SFTPError as error:
            if error.code not in UNRECORDED:
                await self._record(request, path, error.reason)
            raise
        except Refused as refusal:
            await self._record(request, path, refusal.reason)
            raise SFTPFailure(refusal.reason) from refusal
        except Exception as error:
            logger.exception("session %s of %s: %s failed", self._session.id, self._session.partner, request)
            raise SFTPFailure("internal error; nothing was changed, please try again later") from error

    async def _record(self, request: str, path: bytes, reason: str) -> None:
        if self._counters.refusals >= self._desk.limits.recorded_refusals:
            return
        self._counters.refusals += 1
        await self._desk.run(
            self._home.record, self._session, "refused", request=request, path=shown(path), reason=reason
        )


def shown(path: bytes) -> str:
    """A path for the record, whatever bytes the client sent."""
    try:
        return normalise(path)[:SHOWN]
    except SFTPError:
        return path.decode("utf-8", "backslashreplace")[:SHOWN]


def _handle(file_obj: object) -> Handle:
    if not isinstance(file_obj, Upload | Download | TempReader):
        raise SFTPFailure("this handle is not open")
    return file_obj
