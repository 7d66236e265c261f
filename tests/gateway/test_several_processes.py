"""Two front ends and two workers, each a process of its own, on one database: as one gateway."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import paramiko
import pytest
from sqlalchemy import select

from edigw import directory
from edigw.gateway.desk.queries import Filters, search
from edigw.store.schema import transmission
from tests.conftest import Databases
from tests.transport.sftp_world import put

from .house import House, sample
from .running import Running

ORDERS = sample("orders_text.edi")
EACH = 15  # orders through each front end


@pytest.fixture(scope="module")
def gateway(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("fleet")
    url = databases.make()
    house = House(folder, url)
    (folder / "delivered").mkdir()
    place = json.dumps(str(folder / "delivered"))
    house.edit("prairie", 'method = "sftp"', f'method = "folder"\nfolder = {{ path = {place} }}')
    running = Running(house, fronts=2)
    running.start(("sftp", "sftp", "worker", "worker"))
    yield running
    running.stop()
    house.context.database.close()
    databases.drop(url)


def delivered(gateway: Running) -> Counter[str]:
    """How often each order's number lies at the supplier's."""
    found: Counter[str] = Counter()
    for path in (gateway.house.folder / "delivered").iterdir():
        (interchange,) = directory.check(path.read_bytes()).interchanges
        found.update(s[3] for message in interchange.messages for s in message.segments if s[0] == "BEG")
    return found


def order(gateway: Running) -> tuple[str, bytes]:
    """An order with a number and a reference that no other one has."""
    number = f"FLEET-{gateway.house.number()}"
    data = gateway.house.fresh(ORDERS, b"NW0004714")
    (bgm,) = [s for s in data.split(b"'") if s.strip().startswith(b"BGM+")]
    return number, data.replace(bgm, b"\nBGM+220+" + number.encode() + b"+9")


def test_what_comes_in_at_both_doors_is_delivered_exactly_once(gateway: Running) -> None:
    sent = [[order(gateway) for _ in range(EACH)] for _ in gateway.fronts]

    def upload(front: int) -> None:
        with gateway.sftp("nordwind", front) as sftp:
            for number, data in sent[front]:
                put(sftp, f"inbox/{number}.edi", data)

    uploads = [threading.Thread(target=upload, args=(front,)) for front in range(2)]
    for thread in uploads:
        thread.start()
    for thread in uploads:
        thread.join()
    gateway.wait_for(lambda: gateway.idle("process", "deliver"), "everything is delivered")
    assert delivered(gateway) == {number: 1 for each in sent for number, _ in each}
    with gateway.sftp("nordwind", 1) as sftp:
        assert len([name for name in sftp.listdir("outbox") if name.startswith("CONTRL")]) == 2 * EACH


def test_one_file_dropped_twice_at_once_is_one_order(gateway: Running) -> None:
    number, data = order(gateway)
    barrier = threading.Barrier(2)

    def upload(front: int) -> None:
        with gateway.sftp("nordwind", front) as sftp:
            barrier.wait()
            put(sftp, "inbox/twice.edi", data)

    uploads = [threading.Thread(target=upload, args=(front,)) for front in range(2)]
    for thread in uploads:
        thread.start()
    for thread in uploads:
        thread.join()
    gateway.wait_for(lambda: gateway.idle("process", "deliver"), "everything is delivered")
    with gateway.house.context.database.read() as conn:
        states = conn.execute(select(transmission.c.state).where(transmission.c.name == "twice.edi")).scalars().all()
    assert sorted(states) == ["accepted", "duplicate"]
    assert delivered(gateway)[number] == 1
    with gateway.sftp("nordwind") as sftp:
        assert sftp.listdir("inbox").count("twice.edi") == 1


def test_sessions_are_counted_at_both_doors_together(gateway: Running) -> None:
    with ExitStack() as stack:
        for number in range(10):
            stack.enter_context(gateway.sftp("nordwind", number % 2)).listdir("/")
        with pytest.raises((paramiko.SSHException, EOFError, OSError)), gateway.sftp("nordwind", 1) as sftp:
            sftp.listdir("/")
        with gateway.sftp("prairie", 1) as sftp:
            assert sftp.listdir("/") == ["inbox", "outbox", "receipts", "test"]

    def again() -> bool:
        try:
            with gateway.sftp("nordwind", 0) as sftp:
                return bool(sftp.listdir("/"))
        except (paramiko.SSHException, EOFError, OSError):
            return False

    gateway.wait_for(again, "who has left makes room")


def test_the_log_verifies_and_tells_each_file_once(gateway: Running) -> None:
    gateway.wait_for(gateway.idle, "everything is done")
    assert gateway.house.problems() == []
    with gateway.house.context.database.read() as conn:
        found = search(conn, Filters(direction="out", type="850", limit=1000))
    assert {t["state"] for t in found} == {"delivered"} and len(found) == 2 * EACH + 1


def test_staging_is_shared_and_left_clean(gateway: Running) -> None:
    gateway.stop()
    staging = Path(gateway.house.context.config.data) / "staging"
    assert [path for path in staging.rglob("*") if path.is_file() and path.name != "boot"] == []
