"""A running SFTP server over mailboxes in memory, and clients of three kinds to use it with."""

import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
from paramiko.sftp import CMD_CLOSE

from edigw.transport import keys
from edigw.transport.memory import MemoryHome, MemoryHomes
from edigw.transport.ports import Account
from edigw.transport.server import Denial, Limits, SftpServer

PATIENCE = 10.0  # seconds


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that the server does on its own."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Awaitable[Any]) -> Any:
        async def wrapped() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(wrapped(), self.loop).result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@dataclass
class World:
    """Partner ACME, who logs in as "acme" with the key in `client_key`."""

    folder: Path
    loop: Loop
    homes: MemoryHomes
    client_key: Path
    host_line: str
    limits: Limits = field(default_factory=Limits)
    denials: list[Denial] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    server: SftpServer | None = None

    @property
    def port(self) -> int:
        assert self.server is not None
        return self.server.port

    @property
    def home(self) -> MemoryHome:
        return self.homes.home("ACME")

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    def start(self, **limits: Any) -> "World":
        if limits:
            self.limits = Limits(**limits)
        self.server = SftpServer(
            "127.0.0.1",
            0,
            keys.load_host_keys([self.folder / "host"]),
            self.homes,
            self.homes,
            self.staging,
            self.limits,
            on_denial=self.denials.append,
            **self.options,
        )
        self.loop.run(self.server.start())
        return self

    def stop(self, drain: float = 2.0) -> None:
        if self.server is not None:
            self.loop.run(self.server.stop(drain))
            self.server = None

    def transport(self) -> paramiko.Transport:
        transport = paramiko.Transport(socket.create_connection(("127.0.0.1", self.port), PATIENCE))
        transport.start_client(timeout=PATIENCE)
        return transport

    @contextmanager
    def paramiko(self, user: str = "acme") -> Iterator[paramiko.SFTPClient]:
        transport = self.transport()
        try:
            transport.auth_publickey(user, paramiko.PKey.from_path(self.client_key))
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            yield client
        finally:
            transport.close()

    def asyncssh(self, work: Callable[[asyncssh.SFTPClient], Awaitable[Any]], **options: Any) -> Any:
        """Run a coroutine with a connected asyncssh client."""

        async def session() -> Any:
            async with (
                asyncssh.connect(
                    "127.0.0.1",
                    self.port,
                    username="acme",
                    client_keys=[str(self.client_key)],
                    known_hosts=None,
                    config=None,
                    agent_path=None,
                    **options,
                ) as connection,
                connection.start_sftp_client() as client,
            ):
                return await work(client)

        return self.loop.run(session())

    def openssh(self, *commands: str) -> subprocess.CompletedProcess[str]:
        """Run OpenSSH's sftp in batch mode."""
        batch = self.folder / "batch"
        batch.write_text("\n".join(commands) + "\n")
        known = self.folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{self.port} {self.host_line}\n")
        options = ["IdentitiesOnly=yes", "IdentityAgent=none", f"UserKnownHostsFile={known}"]
        flags = [part for option in options for part in ("-o", option)]
        port = str(self.port)
        return subprocess.run(
            ["sftp", "-F", "none", "-q", "-b", batch, *flags, "-i", self.client_key, "-P", port, "acme@127.0.0.1"],
            capture_output=True,
            text=True,
            timeout=30,
            cwd=self.folder,
        )


def put(client: paramiko.SFTPClient, path: str, data: bytes, mode: str = "wb") -> None:
    """Upload, and raise what CLOSE answers: paramiko's own close() overlooks it."""
    file = client.open(path, mode)
    file.write(data)
    file.flush()
    file._closed = True
    client._request(CMD_CLOSE, file.handle)


def make_world(folder: Path, loop: Loop) -> World:
    host_line = keys.generate(folder / "host")
    line = keys.generate(folder / "client")
    homes = MemoryHomes([Account("ACME", "acme", (line,))])
    return World(folder, loop, homes, folder / "client", host_line)
