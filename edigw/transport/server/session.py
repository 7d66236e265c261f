"""One channel of a connection: SFTP version 3 and nothing else, spoken through asyncssh's packet handler."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, cast

from asyncssh import SFTPFailure, SFTPInvalidHandle, SFTPName, SSHReader, SSHServerChannel, SSHWriter
from asyncssh.constants import FXP_CLOSE, FXP_OPEN, FXP_OPENDIR
from asyncssh.packet import SSHPacket
from asyncssh.sftp import SFTPLimits, SFTPServerHandler
from asyncssh.stream import SSHServerStreamSession

from edigw.transport.server.desk import Desk
from edigw.transport.server.files import Files

if TYPE_CHECKING:
    from edigw.transport.server.connection import Connection

SFTP_VERSION = 3
MAX_BLOCK = 255 * 1024  # what `limits@openssh.com` tells clients to read and write at once
MAX_PACKET = 256 * 1024
# What clients may use beyond version 3. The extensions that reach into file objects or link files are not
# offered.
OFFERED = (b"posix-rename@openssh.com", b"fsync@openssh.com", b"lsetstat@openssh.com", b"limits@openssh.com")


class SftpChannel(SSHServerStreamSession[bytes]):
    """A session channel. Shell, exec, pty and any other subsystem are refused."""

    def __init__(self, connection: "Connection", desk: Desk) -> None:
        super().__init__(None)
        self._connection = connection
        self._desk = desk
        self.finished = asyncio.Event()
        self._running = False

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def session_started(self) -> None:
        channel = self._chan
        if channel is None:
            raise RuntimeError("a session has started without its channel")
        channel.set_encoding(None)
        self._encoding = None
        channel.set_write_buffer_limits(high=self._desk.limits.send_buffer)
        self._running = True
        channel.get_connection().create_task(self._serve(SSHReader(self, channel), SSHWriter(self, channel)))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self._running:
            self._finish()

    async def _serve(self, reader: "SSHReader[bytes]", writer: "SSHWriter[bytes]") -> None:
        try:
            if self._connection.entered is None:
                raise RuntimeError("a channel was opened before the login")
            entered = await asyncio.shield(self._connection.entered)
            if entered is None:
                return
            session, account, home = entered
            staging = await self._desk.run(self._desk.staging.partner, account.partner)
            channel = cast("SSHServerChannel[bytes]", writer.channel)
            files = Files(self._connection, self._desk, session, account, home, staging, channel)
            await Handler(self._connection, self._desk, files, reader, writer).run()
        finally:
            self._finish()

    def _finish(self) -> None:
        self.finished.set()
        self._connection.channel_closed(self)


class Handler(SFTPServerHandler):
    """asyncssh's SFTP packets, with CLOSE kept apart from the end of a connection, and with bounds.

    asyncssh closes open files alike for both; here only a CLOSE that the client sent finishes an upload.
    """

    _extensions: list[tuple[bytes, bytes]] = [  # noqa: RUF012  declared so by asyncssh
        (name, value) for name, value in SFTPServerHandler._extensions if name in OFFERED
    ]

    def __init__(
        self,
        connection: "Connection",
        desk: Desk,
        files: Files,
        reader: "SSHReader[bytes]",
        writer: "SSHWriter[bytes]",
    ) -> None:
        super().__init__(files, reader, writer, SFTP_VERSION)
        self._connection = connection
        self._desk = desk
        self._files = files

    async def _process_packet(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        """Wait until the peer has read most of what it asked for: else its answers pile up in memory."""
        self._connection.requests += 1
        self._connection.active = time.monotonic()
        try:
            if self._writer is not None:
                await self._writer.drain()
            await super()._process_packet(pkttype, pktid, packet)
        finally:
            self._connection.requests -= 1
            self._connection.active = time.monotonic()

    async def _process_open(self, packet: SSHPacket) -> bytes:
        self._check_handles()
        handle = await super()._process_open(packet)
        self._connection.handles += 1
        return handle

    async def _process_opendir(self, packet: SSHPacket) -> bytes:
        self._check_handles()
        path = packet.get_string()
        packet.check_end()
        names = await self._files.listing(path)
        handle = self._get_next_handle()
        self._dir_handles[handle] = _each(names)
        self._connection.handles += 1
        return handle

    async def _process_close(self, packet: SSHPacket) -> None:
        handle = packet.get_string()
        packet.check_end()
        opened = self._file_handles.pop(handle, None)
        if opened is None and self._dir_handles.pop(handle, None) is None:
            raise SFTPInvalidHandle("no such handle")
        self._connection.handles -= 1
        if opened is not None:
            await self._files.finish(opened)

    async def _process_limits(self, packet: SSHPacket) -> SFTPLimits:
        packet.check_end()
        return SFTPLimits(MAX_PACKET, MAX_BLOCK, MAX_BLOCK, self._desk.limits.handles_per_session)

    async def _cleanup(self, exc: Exception | None) -> None:
        opened = list(self._file_handles.values())
        self._connection.handles -= len(opened) + len(self._dir_handles)
        self._file_handles.clear()
        self._dir_handles.clear()
        reason = str(exc) if exc else "the connection ended before the file was closed"
        for each in opened:
            await self._files.abandon(each, reason)
        await super()._cleanup(exc)

    def _check_handles(self) -> None:
        limit = self._desk.limits.handles_per_session
        if self._connection.handles >= limit:
            raise SFTPFailure(f"more than {limit} files and folders are open; close some first")

    _packet_handlers: dict[int | bytes, Callable[..., Awaitable[object]] | None] = {
        kind: handler
        for kind, handler in SFTPServerHandler._packet_handlers.items()
        if not isinstance(kind, bytes) or kind in OFFERED
    } | {
        FXP_OPEN: _process_open,
        FXP_OPENDIR: _process_opendir,
        FXP_CLOSE: _process_close,
        b"limits@openssh.com": _process_limits,
    }


async def _each(names: list[SFTPName]) -> AsyncIterator[SFTPName]:
    for name in names:
        yield name
