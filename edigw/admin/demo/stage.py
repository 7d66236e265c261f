"""The demo's stage: a gateway, two partners with keys of their own, and the supplier's own SFTP server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, TypeVar

from edigw.admin import setup
from edigw.admin.demo.people import SftpJob
from edigw.resources import shipped
from edigw.transport.keys import generate

T = TypeVar("T")
PATIENCE = 20.0  # seconds that anything in the story may take
PARTNERS = Path(__file__).parent / "partners"
ORIGIN = "edigw.example/demo"


class Stage:
    """Everything the story needs, in one folder. Use as a context: leaving it ends both servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.retailer_folder = folder / "retailer"
        self.supplier_folder = folder / "supplier"
        self.incoming = self.supplier_folder / "incoming"  # where the gateway delivers to
        self.received = self.retailer_folder / "received"
        self.config = folder / "edigw.toml"
        self.port = _free_port()
        self._supplier_port = _free_port()
        self.console_port = _free_port()
        self._gateway: subprocess.Popen[bytes] | None = None
        self._supplier: subprocess.Popen[bytes] | None = None

    # ---- building

    def build(self) -> None:
        """Make keys, start the supplier's server, write the configuration. Raises CommandError if one is there."""
        for each in (self.received, self.incoming):
            each.mkdir(parents=True, mode=0o700)
        retailer_key = generate(self.retailer_folder / "id_ed25519", "cron@nordwind-markt.example")
        supplier_key = generate(self.supplier_folder / "id_ed25519", "edi@prairie-goods.example")
        host_key = generate(self.supplier_folder / "host_ed25519", "sftp.prairie-goods.example")
        values = {
            "retailer_key": json.dumps(retailer_key),
            "supplier_key": json.dumps(supplier_key),
            "supplier_host_key": json.dumps(host_key),
            "supplier_port": str(self._supplier_port),
        }
        partners = {path.stem: _filled(path, values) for path in sorted(PARTNERS.glob("*.toml"))}
        setup.create(self.folder, origin=ORIGIN, port=self.port, console_port=self.console_port, partners=partners)
        self._start_supplier()

    @property
    def retailer(self) -> SftpJob:
        """The retailer's cron job."""
        return self._job("nordwind", self.retailer_folder)

    @property
    def supplier(self) -> SftpJob:
        """The supplier's upload job."""
        return self._job("prairie", self.supplier_folder)

    def _job(self, user: str, folder: Path) -> SftpJob:
        host_key = (self.folder / f"{setup.HOST_KEY}.pub").read_text()
        return SftpJob(self.port, user, folder / "id_ed25519", host_key)

    # ---- processes

    def start_gateway(self, *options: str) -> None:
        """Start `edigw serve` (with more `options`) as a process of its own and wait until it answers."""
        with (self.folder / "gateway.log").open("ab") as log:
            self._gateway = _spawn(
                ["-m", "edigw.admin.cli", "serve", "-c", str(self.config), "-v", *options], stderr=log
            )
        wait_for(lambda: _answers(self.port), "the gateway to answer", alive=self._gateway)

    @property
    def gateway_pid(self) -> int:
        """The gateway's process. Raises StoryBroken if it does not run."""
        if self._gateway is None:
            raise StoryBroken("the gateway does not run")
        return self._gateway.pid

    def kill_gateway(self) -> None:
        """End the gateway as a power cut would: no signal handler runs."""
        if self._gateway is not None:
            self._gateway.kill()
            self._gateway.wait()
            self._gateway = None

    def restart_supplier(self) -> None:
        """End the supplier's server as a power cut would, and start it again."""
        if self._supplier is not None:
            self._supplier.kill()
            self._supplier.wait()
        self._start_supplier()

    def _start_supplier(self) -> None:
        authorized = self.supplier_folder / "authorized_keys"
        authorized.write_text((self.folder / f"{setup.PUSH_KEY}.pub").read_text())
        host_key = str(self.supplier_folder / "host_ed25519")
        arguments = [str(self.supplier_folder), host_key, str(authorized), str(self._supplier_port)]
        self._supplier = _spawn(["-m", "edigw.admin.demo.server", *arguments], stderr=subprocess.DEVNULL)
        wait_for(lambda: _answers(self._supplier_port), "the supplier's server to answer", alive=self._supplier)

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (self._gateway, self._supplier):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()


def sample(name: str) -> bytes:
    """A file that one of the two sends in the story."""
    return (shipped("samples") / "demo" / name).read_bytes()


class StoryBroken(Exception):
    """Something that had to happen did not."""


def wait_for(
    found: Callable[[], T | None], what: str, seconds: float = PATIENCE, alive: subprocess.Popen[bytes] | None = None
) -> T:
    """What `found` returns once that is true. Raises StoryBroken after `seconds`, or if the process has ended."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        result = found()
        if result:
            return result
        if alive is not None and alive.poll() is not None:
            raise StoryBroken(f"waited for {what}, but the process ended with code {alive.returncode}")
        time.sleep(0.1)
    raise StoryBroken(f"waited {seconds:g} seconds for {what}, in vain")


def _spawn(arguments: list[str], stderr: int | IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - this Python, our own modules
        [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr
    )


def _filled(path: Path, values: dict[str, str]) -> str:
    text = path.read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
