"""A whole gateway that runs in processes of its own, and partners that use it over SFTP."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import paramiko
from sqlalchemy import func, select

from edigw.gateway.queue import Kind
from edigw.store.schema import job

from .house import House
from .supplier import free_port

PATIENCE = 60.0  # seconds; the machine may have other things to do
SERVE = [sys.executable, "-m", "edigw.admin.cli", "serve"]


class Running:
    """The gateway of a house, served by processes. `fronts` are the ports of its SFTP servers."""

    def __init__(self, house: House, fronts: int = 1) -> None:
        self.house = house
        self.fronts = [free_port() for _ in range(fronts)]
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, roles: Sequence[str] = ("sftp,worker",), largest: int | None = None) -> None:
        """One process for each of `roles`; those that have "sftp" get the ports in turn. No file of theirs may grow
        beyond `largest` bytes, as if the disk were full then."""
        ports = iter(self.fronts)
        for only in roles:
            port = ["--port", str(next(ports))] if "sftp" in only else []
            with (self.house.folder / "served.log").open("ab") as log:
                command = [*SERVE, "-c", str(self.house.config), "--only", only, *port]
                self._processes.append(subprocess.Popen(command, stderr=log, preexec_fn=_bounded(largest)))
        for at in self.fronts:
            self.wait_for(lambda at=at: _listens(at), "a front end listens")  # type: ignore[misc]

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(PATIENCE)
        self._processes.clear()

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def wait_for(self, condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        """Until something holds. Fails with what the processes said if it does not, or one of them has ended."""
        give_up = time.monotonic() + patience
        while not condition():
            ended = [process.args for process in self._processes if process.poll() is not None]
            if ended or time.monotonic() > give_up:
                said = (self.house.folder / "served.log").read_text()[-3000:]
                raise AssertionError(f"{what}: not so; ended: {ended}\n{said}")
            time.sleep(0.02)

    def idle(self, *kinds: Kind) -> bool:
        """Whether nothing is to be done."""
        with self.house.context.database.read() as conn:
            waiting = select(func.count()).where(job.c.state == "ready", job.c.kind.in_(kinds or ALL))
            return conn.execute(waiting).scalar_one() == 0

    @contextmanager
    def transport(self, user: str, front: int = 0, source: str = "127.0.0.1") -> Iterator[paramiko.Transport]:
        """A login of one of the demo's partners, from an address of this machine."""
        with logged_in(self.fronts[front], user, self.house.folder / KEYS[user], source) as transport:
            yield transport

    @contextmanager
    def sftp(self, user: str, front: int = 0, source: str = "127.0.0.1") -> Iterator[paramiko.SFTPClient]:
        with self.transport(user, front, source) as transport:
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            yield client


ALL = ("process", "deliver", "receipt")
KEYS = {"nordwind": "retailer", "prairie": "supplier"}


@contextmanager
def logged_in(port: int, user: str, key: Path, source: str = "127.0.0.1") -> Iterator[paramiko.Transport]:
    sock = socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=(source, 0))
    transport = paramiko.Transport(sock)
    try:
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = PATIENCE
        transport.start_client(timeout=PATIENCE)
        transport.auth_publickey(user, paramiko.PKey.from_path(key))
        yield transport
    finally:
        transport.close()


def _bounded(largest: int | None) -> Callable[[], None] | None:
    if largest is None:
        return None
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
