"""Partners' servers that break off, refuse or fill up at the worst moment: each file arrives once in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import asyncssh
import pytest
from sqlalchemy import update

from edigw.admin import setup
from edigw.gateway.desk import operate
from edigw.gateway.desk.queries import Filters, search
from edigw.store.schema import job
from edigw.transport.keys import generate
from tests.transport.sftp_world import Loop

from .house import House, sample


class Faulty(asyncssh.SFTPServer):
    """A folder, and how often its server still fails."""

    folder: ClassVar[bytes]
    left: ClassVar[int]

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=self.folder)

    @classmethod
    def fails(cls) -> bool:
        cls.left -= 1
        return cls.left >= 0

    def drop(self) -> None:
        """The connection is gone before the answer is out."""
        self.channel.get_connection().abort()


class DropsAfterTheLastByte(Faulty):
    def close(self, file_obj: object) -> None:
        super().close(file_obj)
        if self.fails():
            self.drop()


class DropsAfterTheRename(Faulty):
    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        super().posix_rename(oldpath, newpath)
        if self.fails():
            self.drop()


class DropsBeforeTheRename(Faulty):
    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.fails():
            self.drop()
        else:
            super().posix_rename(oldpath, newpath)


class RefusesTheRename(Faulty):
    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.fails():
            raise asyncssh.SFTPPermissionDenied("no renaming here")
        super().posix_rename(oldpath, newpath)


class IsFull(Faulty):
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if self.fails():
            raise asyncssh.SFTPFailure("no space left on device")
        return int(super().write(file_obj, offset, data))


class LosesBytes(Faulty):
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        return len(data) if self.fails() else int(super().write(file_obj, offset, data))


class Served:
    """A house whose supplier has a server of this kind, which fails so often."""

    def __init__(self, house: House, loop: Loop, kind: type[Faulty], times: int) -> None:
        self.house, self.loop = house, loop
        self.folder = house.folder / "remote"
        (self.folder / "incoming").mkdir(parents=True)
        self.kind = type("Served", (kind,), {"folder": str(self.folder).encode(), "left": times})
        key = generate(house.folder / "their", "host")
        options: dict[str, Any] = {
            "server_host_keys": [str(house.folder / "their")],
            "authorized_client_keys": str(house.config.parent / f"{setup.PUSH_KEY}.pub"),
            "sftp_factory": self.kind,
        }

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen("127.0.0.1", 0, **options)

        self.acceptor = loop.run(listen())
        house.edit("prairie", "port = 9\n", f"port = {self.acceptor.get_port()}\n")
        text = (house.config.parent / "partners" / "prairie.toml").read_text()
        (line,) = [each for each in text.splitlines() if each.startswith("host_key = ")]
        house.edit("prairie", line, f"host_key = {json.dumps(key)}")

    def attempt(self) -> dict[str, Any]:
        """One attempt at the delivery; what the log then shows of it."""
        with self.house.context.database.write() as conn:
            conn.execute(update(job).where(job.c.state == "ready").values(due_at="2000-01-01T00:00:00.000Z"))
        self.house.work("deliver")
        with self.house.context.database.read() as conn:
            (found,) = search(conn, Filters(direction="out", type="850"))
        return dict(self.house.show(found["id"]))

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder / "incoming").iterdir()}


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    ("kind", "state", "confirmed"),
    [
        (DropsAfterTheLastByte, "queued", "renamed"),
        (IsFull, "queued", "renamed"),
        (LosesBytes, "queued", "renamed"),
        (DropsBeforeTheRename, "placing", "renamed after an interruption"),
        (DropsAfterTheRename, "placing", "found under its name after an interruption"),
    ],
)
def test_what_breaks_off_is_tried_again_and_arrives_once(
    small_house: House, loop: Loop, kind: type[Faulty], state: str, confirmed: str, times: int
) -> None:
    times = 1 if kind is DropsAfterTheRename else times
    small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    served = Served(small_house, loop, kind, times)
    for _ in range(times):
        shown = served.attempt()
        assert shown["state"] == state and shown["events"][-1]["type"] == "relay.failed"
    shown = served.attempt()
    assert shown["state"] == "delivered" and shown["events"][-1]["detail"]["confirmed"] == confirmed
    assert served.files() == {shown["name"]: small_house.sent("prairie")[0]}
    assert small_house.claim("deliver") == [] and small_house.problems() == []


def test_a_server_that_refuses_the_rename_is_left_to_an_admin_who_lets_it_go_on(small_house: House, loop: Loop) -> None:
    """The bytes are there under a temporary name; a resend only renames them."""
    small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    served = Served(small_house, loop, RefusesTheRename, 1)
    shown = served.attempt()
    assert (shown["state"], shown["reason"]) == ("failed", "outcome_unknown")
    (left,) = served.files()
    assert left.endswith(".part") and "permission denied" in shown["events"][-1]["detail"]["error"]
    operate.resend(small_house.context.log, shown["id"], "admin:ann", "they let us rename now")
    shown = served.attempt()
    assert shown["state"] == "delivered" and list(served.files()) == [shown["name"]]
    assert small_house.problems() == []
