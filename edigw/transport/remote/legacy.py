"""A partner's SFTP server of long ago as a place, through asyncssh: paramiko has dropped what such servers need.

Each open place has an event loop in a thread of its own, so that it can be used like any other.
"""

import asyncio
import errno
import posixpath
import stat
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeVar, cast

import asyncssh

from edigw.transport.algorithms import LEGACY
from edigw.transport.errors import Permanent, Stopped, Temporary, TransportError
from edigw.transport.keys import KeyProblem, load
from edigw.transport.remote.model import (
    BLOCK,
    Blocks,
    Intake,
    OneByOne,
    Probe,
    RemoteEntry,
    RemoteFile,
    SftpTarget,
    checked_name,
    numbered,
)
from edigw.transport.remote.pinning import Pin

T = TypeVar("T")
KEEPALIVE = 30  # seconds


class _Pinned(asyncssh.SSHClient):
    """Accepts the pinned host key only."""

    def __init__(self, pin: Pin) -> None:
        self._pin = pin
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint()
        return self._pin.matches(key.public_data)


class LegacySession(OneByOne):
    """An open connection: `edigw.transport.remote.Remote`."""

    def __init__(self, target: SftpTarget, loop: asyncio.AbstractEventLoop) -> None:
        self.target = target
        self._loop = loop

    def open(self, pin: Pin) -> None:
        """Log in. Raises TransportError."""
        client = _Pinned(pin)
        try:
            self._do("login", self._open(client))
        except Stopped as stopped:
            if client.shown and client.shown != pin.fingerprint:
                told = f"the server's host key {client.shown} is not the pinned {pin.fingerprint}"
                raise Stopped(str(self.target), told) from stopped
            raise

    async def _open(self, client: _Pinned) -> None:
        target, timeouts = self.target, self.target.timeouts
        self._connection, _ = await asyncssh.create_connection(
            lambda: client,
            target.host,
            target.port,
            username=target.user,
            password=target.password,
            client_keys=[load(target.key_file)] if target.key_file else None,
            known_hosts=([], [], []),  # whoever it is: `client` decides
            config=None,
            agent_path=None,
            kex_algs=list(LEGACY.key_exchanges),
            encryption_algs=list(LEGACY.ciphers),
            mac_algs=list(LEGACY.macs),
            signature_algs=list(LEGACY.signatures),
            server_host_key_algs=list(LEGACY.signatures),
            compression_algs=["none"],
            connect_timeout=timeouts.connect,
            login_timeout=timeouts.auth,
            keepalive_interval=KEEPALIVE,
        )
        self._sftp = await self._connection.start_sftp_client(path_encoding=None)

    def close(self) -> None:
        """End the connection."""
        if hasattr(self, "_connection"):
            self._loop.call_soon_threadsafe(self._connection.abort)

    @property
    def alive(self) -> bool:
        return not self._connection.is_closed()

    @property
    def software(self) -> str:
        return str(self._connection.get_extra_info("server_version", ""))

    def upload_temp(self, data: BinaryIO, temp_name: str) -> RemoteFile:
        path = self._path(temp_name)
        blocks = Blocks(data, self.target.timeouts.total)
        self._do(f"upload of {path}", self._write(path, blocks), stops=True)
        found = self._do(f"look at {path}", self._size(path))
        if found != blocks.size:
            raise Temporary(str(self.target), f"upload of {path}: {blocks.size} bytes sent, the server has {found}")
        return RemoteFile(path, blocks.size, blocks.digest.hexdigest())

    async def _write(self, path: str, blocks: Blocks) -> None:
        file = await self._sftp.open(path.encode(), "wb")
        try:
            for block in blocks:
                await file.write(block)
        finally:
            await file.close()

    def place(self, temp_name: str, final_name: str) -> None:
        source, target = self._path(temp_name), self._path(final_name)
        if self._do(f"look at {target}", self._size(target)) is not None:
            raise Permanent(str(self.target), f"rename of {source}: {target} is there already")
        self._do(f"rename of {source} to {target}", self._rename(source, target))

    async def _rename(self, source: str, target: str) -> None:
        try:
            await self._sftp.posix_rename(source.encode(), target.encode())
        except asyncssh.SFTPOpUnsupported:
            await self._sftp.rename(source.encode(), target.encode())

    def probe(self, temp_name: str, final_name: str) -> Probe:
        temp, final = self._path(temp_name), self._path(final_name)
        action = f"look at {temp}"
        return Probe(self._do(action, self._size(temp)), self._do(action, self._size(final)))

    async def _size(self, path: str) -> int | None:
        try:
            return (await self._sftp.stat(path.encode())).size or 0
        except asyncssh.SFTPNoSuchFile:
            return None

    def require_folder(self) -> None:
        if self._do(f"look at {self.target.folder}", self._size(self.target.folder)) is None:
            raise Temporary(str(self.target), f"the folder {self.target.folder} is not there")

    def discard(self, name: str) -> None:
        path = self._path(name)
        if self._do(f"look at {path}", self._size(path)) is not None:
            self._do(f"removal of {path}", self._sftp.remove(path.encode()))

    def list(self) -> Sequence[RemoteEntry]:
        action = f"listing of {self.target.folder}"
        found = self._do(action, self._sftp.readdir(self.target.folder.encode()), stops=True)
        entries = []
        for each in found:
            name = each.filename if isinstance(each.filename, bytes) else each.filename.encode()
            kind = each.attrs.permissions
            if kind is None or stat.S_ISREG(kind):
                entries.append(
                    RemoteEntry(
                        name.decode("utf-8", "surrogateescape"), each.attrs.size or 0, float(each.attrs.mtime or 0)
                    )
                )
        return sorted(entries, key=lambda entry: entry.name)

    def fetch(self, name: str, into: BinaryIO, limit: int) -> RemoteFile:
        path = self._path(name)
        intake = Intake(self.target, name, into, limit, self.target.timeouts.total)
        self._do(f"download of {path}", self._read(path, intake))
        return RemoteFile(path, intake.size, intake.digest.hexdigest())

    async def _read(self, path: str, intake: Intake) -> None:
        async with self._sftp.open(path.encode("utf-8", "surrogateescape"), "rb") as file:
            while block := await file.read(BLOCK):
                intake.write(cast(bytes, block))

    def move(self, name: str, folder: str) -> None:
        source, aside = self._path(name), posixpath.join(self.target.folder, folder)
        action = f"moving of {source} to {aside}"
        target, number = posixpath.join(aside, name), 2
        while self._do(action, self._size(target)) is not None:
            target, number = posixpath.join(aside, numbered(name, number)), number + 1
        self._do(action, self._rename(source, target))

    def _path(self, name: str) -> str:
        return posixpath.join(self.target.folder, checked_name(self.target, name))

    def _do(self, action: str, work: Coroutine[Any, Any, T], *, stops: bool = False) -> T:
        """Run something in the loop, and explain what goes wrong. `stops`: where it may not be done, nothing can be."""
        host = str(self.target)
        timeouts = self.target.timeouts
        seconds = timeouts.connect + timeouts.auth if action == "login" else timeouts.total + timeouts.answer
        running = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), self._loop)
        try:
            return running.result()
        except TransportError:
            raise
        except KeyProblem as problem:
            raise Stopped(host, f"{action}: {problem}") from problem
        except asyncssh.HostKeyNotVerifiable as error:
            raise Stopped(host, f"{action}: the server's host key is not the pinned one") from error
        except asyncssh.PermissionDenied as error:
            raise Stopped(host, f"{action}: the server refuses user {self.target.user!r}") from error
        except asyncssh.KeyExchangeFailed as error:
            raise Stopped(host, f"{action}: no algorithm in common: {error.reason}") from error
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
            raise (Stopped if stops else Permanent)(host, f"{action}: {error.reason}") from error
        except TimeoutError as error:
            raise Temporary(host, f"{action}: not done in time") from error
        except asyncssh.Error as error:
            raise Temporary(host, f"{action}: {error.reason}") from error
        except OSError as error:
            cause = f"{action}: {error.strerror or error}"
            raise (Stopped if error.errno == errno.EACCES else Temporary)(host, cause) from error


@contextmanager
def connect(target: SftpTarget) -> Iterator[LegacySession]:
    """Log in; the connection ends with the block. Raises TransportError."""
    try:
        pin = Pin.parse(target.host_key)
    except KeyProblem as problem:
        raise Stopped(str(target), f"the pinned host key is unusable: {problem}") from problem
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=f"legacy {target}", daemon=True)
    thread.start()
    session = LegacySession(target, loop)
    try:
        session.open(pin)
        yield session
    finally:
        session.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
