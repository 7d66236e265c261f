"""Downloads: right bytes, and a pick-up recorded as complete only when it was."""

import io
import os
import time
from pathlib import Path
from typing import BinaryIO

import paramiko
import pytest
from paramiko.sftp import CMD_READ, int64
from sftp_world import World, wait_until

from edigw.transport.memory import MemoryHome, PickUp
from edigw.transport.ports import Entry

DATA = os.urandom(300_000)


def test_a_complete_download_is_a_pick_up(server: World, tmp_path: Path) -> None:
    server.home.put("outbox", "x.edi", DATA)
    with server.paramiko() as client:
        client.get("/outbox/x.edi", str(tmp_path / "got"), max_concurrent_prefetch_requests=64)
        wait_until(lambda: server.home.pick_ups != [])
    assert (tmp_path / "got").read_bytes() == DATA
    assert server.home.pick_ups == [PickUp("x.edi", len(DATA), True)]


def test_a_20_mb_download_by_a_parallel_client_arrives_unchanged(server: World, tmp_path: Path) -> None:
    data = DATA * 70
    server.home.put("outbox", "big.edi", data)
    server.asyncssh(lambda client: client.get("/outbox/big.edi", str(tmp_path / "got")))
    assert (tmp_path / "got").read_bytes() == data
    assert server.home.pick_ups == [PickUp("big.edi", len(data), True)]


def test_closing_early_is_not_a_complete_pick_up(server: World) -> None:
    server.home.put("outbox", "x.edi", DATA)
    with server.paramiko() as client:
        with client.open("outbox/x.edi") as file:
            file.read(1000)
        wait_until(lambda: server.home.pick_ups != [])
    (pick_up,) = server.home.pick_ups
    assert not pick_up.complete
    assert 1000 <= pick_up.sent < len(DATA)


def test_a_connection_lost_after_the_last_byte_is_not_a_complete_pick_up(server: World) -> None:
    server.home.put("outbox", "x.edi", b"short")
    with server.paramiko() as client:
        file = client.open("outbox/x.edi")
        assert file.read() == b"short"
        file._closed = True
    wait_until(lambda: server.home.pick_ups != [])
    assert server.home.pick_ups == [PickUp("x.edi", 5, False)]


def test_reading_only_the_tail_is_not_a_complete_pick_up(server: World) -> None:
    server.home.put("outbox", "x.edi", DATA)
    with server.paramiko() as client:
        with client.open("outbox/x.edi") as file:
            file.seek(len(DATA) - 10)
            assert file.read() == DATA[-10:]
        wait_until(lambda: server.home.pick_ups != [])
    assert server.home.pick_ups == [PickUp("x.edi", 10, False)]


def test_an_empty_file_can_be_picked_up(server: World) -> None:
    server.home.put("receipts", "x.done", b"")
    with server.paramiko() as client:
        with client.open("receipts/x.done") as file:
            assert file.read() == b""
        wait_until(lambda: server.home.pick_ups != [])
    assert server.home.pick_ups == [PickUp("x.done", 0, True)]


class Forward(io.BytesIO):
    """A stream like that of a decompressor."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation("seek")


class ForwardHome(MemoryHome):
    """A mailbox whose streams only read forward."""

    def open(self, entry: Entry) -> BinaryIO:
        return Forward(self.content(entry.folder, entry.name))


def test_a_store_that_only_reads_forward_can_be_read_anywhere(world: World) -> None:
    world.homes.give("ACME", ForwardHome())
    world.start()
    world.home.put("outbox", "x.edi", DATA)
    with world.paramiko() as client, client.open("outbox/x.edi") as file:
        file.seek(200_000)
        assert file.read(100) == DATA[200_000:200_100]
        file.seek(0)
        assert file.read() == DATA


class ShortHome(MemoryHome):
    """A mailbox that lost the end of its files."""

    def open(self, entry: Entry) -> BinaryIO:
        return io.BytesIO(self.content(entry.folder, entry.name)[:-1])


def test_a_file_that_is_shorter_than_recorded_fails_instead_of_ending_early(world: World) -> None:
    world.homes.give("ACME", ShortHome())
    world.start()
    world.home.put("outbox", "x.edi", b"short")
    with world.paramiko() as client:
        file = client.open("outbox/x.edi")
        with pytest.raises(OSError, match="internal error"):
            file.read()


def test_removing_from_the_outbox_is_for_the_gateway_to_decide(server: World) -> None:
    server.home.put("outbox", "x.edi", DATA)
    with server.paramiko() as client:
        client.remove("outbox/x.edi")
        assert client.listdir("outbox") == []


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "inbox/../../../etc/passwd", "/inbox/x/../../../etc/passwd"]
)
def test_no_path_leads_out_of_the_mailbox(server: World, path: str) -> None:
    with server.paramiko() as client:
        with pytest.raises(FileNotFoundError):
            client.open(path)
        with pytest.raises(FileNotFoundError):
            client.stat(path)
        assert client.normalize("../../inbox/./../outbox") == "/outbox"


def test_partners_do_not_see_each_other(server: World) -> None:
    server.homes.home("OTHER").put("outbox", "secret.edi", DATA)
    with server.paramiko() as client:
        assert client.listdir("/") == ["inbox", "outbox", "receipts", "test"]
        assert client.listdir("outbox") == []


def test_listings_show_sizes_and_publication_times_but_no_host_accounts(server: World) -> None:
    entry = server.home.put("outbox", "x.edi", DATA)
    with server.paramiko() as client:
        (attrs,) = client.listdir_attr("outbox")
    assert attrs.st_size == len(DATA)
    assert attrs.st_mtime == int(entry.mtime.timestamp())
    assert str(attrs.longname).split()[2:4] == ["ACME", "ACME"]


def test_a_listing_longer_than_one_answer_is_whole(server: World) -> None:
    for number in range(300):
        server.home.put("outbox", f"{number:03}.edi", b"x")
    with server.paramiko() as client:
        assert len(client.listdir("outbox")) == 300


def test_listing_a_missing_folder_or_a_file_fails_at_once(server: World) -> None:
    server.home.put("outbox", "x.edi", DATA)
    with server.paramiko() as client:
        for path in ("nowhere", "outbox/sub/deep", "outbox/x.edi"):
            with pytest.raises(FileNotFoundError):
                client.listdir(path)


class CountingHome(MemoryHome):
    """A mailbox that counts how often its one file is read."""

    reads = 0

    def open(self, entry: Entry) -> BinaryIO:
        home = self

        class Counting(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                home.reads += 1
                return super().read(size)

        return Counting(self.content(entry.folder, entry.name))


def test_a_peer_that_does_not_read_its_answers_is_not_served_further(world: World) -> None:
    home = CountingHome()
    home.put("outbox", "big.edi", DATA * 20)
    world.homes.give("ACME", home)
    world.start(send_buffer=256 * 1024)
    with world.paramiko() as client:
        channel = client.get_channel()
        assert channel is not None
        transport = channel.get_transport()
        narrow = transport.open_session(window_size=64 * 1024)
        narrow.invoke_subsystem("sftp")
        second = paramiko.SFTPClient(narrow)
        file = second.open("outbox/big.edi")
        for number in range(180):
            second._async_request(type(None), CMD_READ, file.handle, int64(number * 32768), 32768)
        time.sleep(0.3)
        assert home.reads < 10
        file._closed = True
