"""The supplier of the demo with an SFTP server of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from edigw.admin import setup
from edigw.transport.keys import generate

from .house import House


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Supplier:
    """A partner's SFTP server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "incoming").mkdir(parents=True)
        self.host_key = generate(folder / "host", "host")
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, house: House) -> None:
        authorized = self.folder / "authorized_keys"
        authorized.write_text((house.config.parent / f"{setup.PUSH_KEY}.pub").read_text())
        arguments = [str(self.folder), str(self.folder / "host"), str(authorized), str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edigw.admin.demo.server", *arguments], stdin=subprocess.PIPE
        )
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the supplier's server does not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "incoming").iterdir())}
