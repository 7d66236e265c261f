"""The two partners' own programs: small, like the cron jobs that real partners run."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko

PATIENCE = 10.0  # seconds that the gateway may take for an answer


@dataclass(frozen=True, slots=True)
class SftpJob:
    """A partner's SFTP client: logs in to the gateway with its own key, and knows the gateway's host key."""

    port: int
    user: str
    key_file: Path
    host_key: str

    def drop(self, name: str, data: bytes) -> None:
        """Upload under a temporary name, then rename: the file is submitted when the rename has succeeded."""
        with self.session() as sftp:
            self.put(sftp, name, data)

    def put(self, sftp: paramiko.SFTPClient, name: str, data: bytes) -> None:
        """`drop`, in a session that is open. Done again after a lost answer, it is the same file once more, which the
        gateway recognises."""
        with sftp.open(f"inbox/{name}.part", "wb") as file:
            file.write(data)
        sftp.posix_rename(f"inbox/{name}.part", f"inbox/{name}")

    def waiting(self) -> list[str]:
        """The names of the files that lie in the outbox."""
        with self.session() as sftp:
            return sorted(sftp.listdir("outbox"))

    def fetch(self, name: str) -> bytes:
        """Download a file of the outbox, then delete it there."""
        data = self.get(name)
        self.delete(name)
        return data

    def get(self, name: str) -> bytes:
        """Download a file of the outbox."""
        with self.session() as sftp, sftp.open(f"outbox/{name}", "rb") as file:
            return file.read()

    def delete(self, name: str) -> None:
        """Delete a file of the outbox, if it is there."""
        with self.session() as sftp, suppress(FileNotFoundError):
            sftp.remove(f"outbox/{name}")

    @contextmanager
    def session(self) -> Iterator[paramiko.SFTPClient]:
        """An open session; it ends with the block."""
        kind, blob = self.host_key.split()[:2]
        with paramiko.SSHClient() as ssh:
            entry = paramiko.PKey.from_type_string(kind, base64.b64decode(blob))
            ssh.get_host_keys().add(f"[127.0.0.1]:{self.port}", kind, entry)
            ssh.connect(
                "127.0.0.1",
                self.port,
                self.user,
                key_filename=str(self.key_file),
                allow_agent=False,
                look_for_keys=False,
                timeout=PATIENCE,
                banner_timeout=PATIENCE,
                auth_timeout=PATIENCE,
                channel_timeout=PATIENCE,
            )
            with ssh.open_sftp() as sftp:
                channel = sftp.get_channel()
                if channel is not None:
                    channel.settimeout(PATIENCE)
                yield sftp
