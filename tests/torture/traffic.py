"""Partners that upload as fast as they may, and remember of each file what the gateway answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Literal

import asyncssh

from edigw.admin.demo.people import SftpJob
from edigw.admin.demo.stage import sample

PATIENCE = 15.0  # seconds that the gateway may take for an answer
Answer = Literal["accepted", "unknown", "abandoned"]
_START, _END = b"UNH+1+", b"UNT+33+1'"


def number(n: int) -> str:
    """The number of order `n`, as its document carries it."""
    return f"NW-{n:07d}"


def interchange(reference: int, orders: Sequence[int]) -> bytes:
    """An interchange of the retailer with orders of these numbers."""
    text = sample("orders_text.edi").replace(b"NW0004714", b"NW%07d" % reference)
    start, end = text.index(_START), text.index(_END) + len(_END)
    one, written = text[start:end], []
    for position, n in enumerate(orders, 1):
        message = one.replace(_START, b"UNH+%d+" % position).replace(_END, b"UNT+33+%d'" % position)
        written.append(message.replace(b"NW-4714", number(n).encode()))
    return text[:start] + b"".join(written) + text[end:].replace(b"UNZ+1+", b"UNZ+%d+" % len(orders))


@dataclass(slots=True)
class Upload:
    """A file that a partner sends, under one name or several, and what came of it."""

    name: str
    data: bytes
    orders: Sequence[int]
    answer: Answer = "unknown"
    attempts: int = 0

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@dataclass
class Crowd:
    """Clients of the retailer on all front ends of a gateway, in a thread of their own. Each file gets a permit first
    (`permit`), so that whoever kills the gateway decides how much there is to do."""

    job: SftpJob
    ports: Sequence[int]
    seed: int
    clients: int = 4
    uploads: list[Upload] = field(default_factory=list)
    trouble: list[BaseException] = field(default_factory=list)
    _orders: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._permits: asyncio.Queue[bool] = asyncio.Queue()
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)
        kind_and_key = " ".join(self.job.host_key.split()[:2])
        self._hosts = asyncssh.import_known_hosts("".join(f"[127.0.0.1]:{p} {kind_and_key}\n" for p in self.ports))

    def start(self) -> None:
        self._thread.start()

    def permit(self, files: int) -> None:
        """Let so many more files be sent."""
        for _ in range(files):
            self._loop.call_soon_threadsafe(self._permits.put_nowait, True)

    def finish(self, check: Callable[[], None]) -> None:
        """Wait until every permitted file has got its answer; `check` raises if it never will. Raises what a client
        raised that it must not."""
        for _ in range(self.clients):
            self._loop.call_soon_threadsafe(self._permits.put_nowait, False)
        while self._thread.is_alive():
            check()
            self._thread.join(1)
        if self.trouble:
            raise self.trouble[0]

    def _run(self) -> None:
        async def all_of_them() -> None:
            await asyncio.gather(*(self._client(Random(f"{self.seed}/{n}"), n) for n in range(self.clients)))

        try:
            self._loop.run_until_complete(all_of_them())
        except BaseException as error:  # told by whoever calls `finish`
            self.trouble.append(error)

    async def _client(self, luck: Random, n: int) -> None:
        port = self.ports[n % len(self.ports)]
        session = _Session(self.job, port, self._hosts)
        while await self._permits.get():
            upload = self._next(luck)
            fate = luck.random()
            try:
                if fate < 0.05:
                    upload.answer = "abandoned"
                    await session.abandon(upload)
                else:
                    await self._send(session, upload, luck)
            finally:
                self.uploads.append(upload)
        await session.close()

    async def _send(self, session: _Session, upload: Upload, luck: Random) -> None:
        """As partners' programs do: some try again until they know, some don't; some under the same name."""
        renames, insists, same_name = luck.random() < 0.5, luck.random() < 0.8, luck.random() < 0.5
        name = upload.name
        while upload.attempts == 0 or insists:
            upload.attempts += 1
            if upload.attempts > 1 and not same_name:
                upload.name = f"again{upload.attempts}_{name}"
            try:
                await session.put(upload, renames=renames)
            except (OSError, asyncssh.Error, TimeoutError):
                await session.close()
                await asyncio.sleep(0.05)
            else:
                upload.answer = "accepted"
                return

    def _next(self, luck: Random) -> Upload:
        """Mostly one order; now and then so many that the file is a payload of its own, or is processed in slices."""
        count = luck.choices((1, luck.randint(2, 5), 60, 250), (80, 16, 3, 1))[0]
        first, self._orders = self._orders + 1, self._orders + count
        orders = range(first, first + count)
        return Upload(f"order_{first}.edi", interchange(first, orders), orders)


class _Session:
    """A connection that is opened when it is needed."""

    def __init__(self, job: SftpJob, port: int, hosts: asyncssh.SSHKnownHosts) -> None:
        self._job = job
        self._port = port
        self._hosts = hosts
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    async def put(self, upload: Upload, *, renames: bool) -> None:
        """Upload a file; when this returns, the gateway has answered that it is accepted."""
        async with asyncio.timeout(PATIENCE):
            sftp = await self._open()
            path = f"inbox/{upload.name}"
            file = await sftp.open(f"{path}.part" if renames else path, "wb")
            await file.write(upload.data)
            await file.close()
            if renames:
                await sftp.posix_rename(f"{path}.part", path)

    async def abandon(self, upload: Upload) -> None:
        """Upload half of a file, then go."""
        try:
            async with asyncio.timeout(PATIENCE):
                sftp = await self._open()
                file = await sftp.open(f"inbox/{upload.name}", "wb")
                await file.write(upload.data[: len(upload.data) // 2])
        except (OSError, asyncssh.Error, TimeoutError):
            pass
        if self._connection is not None:
            self._connection.abort()
            self._connection = self._sftp = None

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.abort()
            self._connection = self._sftp = None

    async def _open(self) -> asyncssh.SFTPClient:
        if self._connection is None or self._sftp is None:
            self._connection = await asyncssh.connect(
                "127.0.0.1",
                self._port,
                username=self._job.user,
                client_keys=[str(self._job.key_file)],
                known_hosts=self._hosts,
                config=None,
                agent_path=None,
            )
            self._sftp = await self._connection.start_sftp_client()
        return self._sftp
