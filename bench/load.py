"""Partners that load a gateway: any number of sessions of the retailer, in one event loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import asyncssh

from edigw.admin.demo.people import SftpJob
from edigw.admin.demo.stage import Stage

_LIMITS = """[sftp.limits]
connections_per_address = 500
connections_per_partner = 500
unauthenticated = 500
"""


def make_room(stage: Stage, max_file_mb: int = 64) -> None:
    """Let one address have many sessions, and send files of that size, at a gateway that is not started yet."""
    text = stage.config.read_text()
    text = text.replace("[sftp]\n", '[sftp]\nsafe = ["127.0.0.0/8"]\n')
    text = re.sub(r"(?m)^# \[sftp\.limits\].*$", _LIMITS, text)
    stage.config.write_text(f"max_file_mb = {max_file_mb}\n{text}")


@asynccontextmanager
async def sessions(job: SftpJob, count: int) -> AsyncIterator[list[asyncssh.SFTPClient]]:
    """So many sessions, open."""
    key = " ".join(job.host_key.split()[:2])
    hosts = asyncssh.import_known_hosts(f"[127.0.0.1]:{job.port} {key}\n")
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(count):
            connection = await stack.enter_async_context(
                asyncssh.connect(
                    "127.0.0.1",
                    job.port,
                    username=job.user,
                    client_keys=[str(job.key_file)],
                    known_hosts=hosts,
                    config=None,
                    agent_path=None,
                )
            )
            found.append(await stack.enter_async_context(connection.start_sftp_client()))
        yield found


async def put(sftp: asyncssh.SFTPClient, name: str, data: bytes) -> None:
    """Upload a file; once this returns, it is accepted."""
    async with sftp.open(f"inbox/{name}", "wb") as file:
        await file.write(data)


async def offer(
    clients: list[asyncssh.SFTPClient], numbers: range, make: Callable[[int], bytes], rate: float = 0
) -> float:
    """Upload a file of each number, shared out among the clients, at so many a second (0: as fast as they may). Returns
    the seconds that it took."""
    began, waiting = asyncio.get_running_loop().time(), iter(enumerate(numbers))

    async def client(sftp: asyncssh.SFTPClient) -> None:
        for nth, number in waiting:
            if rate:
                await asyncio.sleep(max(0.0, began + nth / rate - asyncio.get_running_loop().time()))
            await put(sftp, f"{number}.edi", make(number))

    await asyncio.gather(*map(client, clients))
    return asyncio.get_running_loop().time() - began
