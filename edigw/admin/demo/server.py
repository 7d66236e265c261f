"""The supplier's own SFTP server: a plain folder behind asyncssh, in a process of its own.

Run as `python -m edigw.admin.demo.server FOLDER HOST_KEY AUTHORIZED_KEYS PORT`. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import sys

import asyncssh


class FolderServer(asyncssh.SFTPServer):
    """One folder for everybody who may log in; nothing outside of it can be reached."""

    folder: bytes = b""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=self.folder)


async def main(folder: str, host_key: str, authorized_keys: str, port: int) -> None:
    """Serve `folder` on loopback until standard input ends."""
    FolderServer.folder = folder.encode()
    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[host_key],
        authorized_client_keys=authorized_keys,
        sftp_factory=FolderServer,
        allow_scp=False,
    )
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
