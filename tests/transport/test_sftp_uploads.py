"""Uploads: what is submitted, what is not, and what the client hears."""

import errno
import hashlib
import os
import socket
import struct
from pathlib import Path

import asyncssh
import paramiko
import pytest
from sftp_world import World, put, wait_until

from edigw.transport.memory import MemoryHome
from edigw.transport.ports import Session, Staged

DATA = b"UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'"


def test_a_closed_upload_is_submitted_with_its_bytes_and_hash(server: World) -> None:
    with server.paramiko() as client:
        put(client, "/inbox/orders.edi", DATA)
    (entry,) = server.home.submissions
    assert entry.item == hashlib.sha256(DATA).hexdigest()
    assert server.home.content("inbox", "orders.edi") == DATA
    assert not list((server.staging / "ACME/uploads").iterdir())


def test_an_upload_is_invisible_to_others_until_it_is_closed(server: World) -> None:
    with server.paramiko() as client, server.paramiko() as other:
        file = client.open("inbox/orders.edi", "wb")
        file.write(DATA)
        file.flush()
        assert other.listdir("inbox") == []
        assert client.stat("inbox/orders.edi").st_size == len(DATA)
        file.close()
        assert other.listdir("inbox") == ["orders.edi"]


def test_a_20_mb_upload_by_a_parallel_client_arrives_unchanged(server: World, tmp_path: Path) -> None:
    source = tmp_path / "big"
    source.write_bytes(os.urandom(1_000_000) * 20 + b"end")
    server.asyncssh(lambda client: client.put(str(source), "/inbox/big.edi"))
    (entry,) = server.home.submissions
    assert entry.item == hashlib.sha256(source.read_bytes()).hexdigest()


def test_blocks_written_in_any_order_are_hashed_as_the_file_they_make(server: World) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.edi", "wb")
        for offset, block in ((5, b"world"), (0, b"hello"), (5, b"WORLD")):
            file.seek(offset)
            file.write(block)
            file.flush()
        file.close()
    assert server.home.content("inbox", "x.edi") == b"helloWORLD"
    assert server.home.submissions[0].item == hashlib.sha256(b"helloWORLD").hexdigest()


def test_a_file_with_bytes_that_were_never_written_is_refused(server: World) -> None:
    async def work(client: asyncssh.SFTPClient) -> None:
        file = await client.open("inbox/x.edi", "wb", block_size=0)
        await file.write(b"tail", 10)
        with pytest.raises(asyncssh.SFTPFailure, match="bytes 0 to 9 were never written"):
            await file.close()

    server.asyncssh(work)
    assert server.home.submissions == []


def test_a_write_far_beyond_the_end_is_refused_and_so_is_the_file(server: World) -> None:
    async def work(client: asyncssh.SFTPClient) -> None:
        file = await client.open("inbox/x.edi", "wb", block_size=0)
        await file.write(b"start", 0)
        with pytest.raises(asyncssh.SFTPFailure, match="too far beyond the end"):
            await file.write(b"x", 50_000_000)
        with pytest.raises(asyncssh.SFTPFailure, match="too far beyond the end"):
            await file.close()

    server.asyncssh(work)
    assert server.home.submissions == []
    assert not list((server.staging / "ACME/uploads").iterdir())


def test_a_file_above_the_size_limit_is_refused_even_if_the_client_ignores_the_error(world: World) -> None:
    world.start(file_size=1000)
    with world.paramiko() as client, pytest.raises(OSError, match="larger than 1000 bytes"):
        put(client, "inbox/x.edi", b"x" * 1001)
    assert world.home.submissions == []


def test_a_partner_cannot_fill_the_disk_with_unfinished_uploads(world: World) -> None:
    world.start(staging_size=1000)
    with world.paramiko() as client:
        put(client, "inbox/a.tmp", b"x" * 600)
        with pytest.raises(OSError, match="used up their space"):
            put(client, "inbox/b.edi", b"x" * 600)
        client.remove("inbox/a.tmp")
        put(client, "inbox/c.edi", b"x" * 600)
        put(client, "inbox/d.edi", b"x" * 600)
    assert [entry.name for entry in world.home.submissions] == ["c.edi", "d.edi"]


@pytest.mark.parametrize("how", ["reset", "shutdown", "channel"])
def test_an_upload_cut_off_by_a_lost_connection_is_not_submitted(server: World, how: str) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.edi", "wb")
        file.write(b"x" * 20_000)
        file.flush()
        channel = client.get_channel()
        assert channel is not None
        sock = channel.get_transport().sock
        match how:
            case "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.close()
            case "shutdown":
                sock.shutdown(socket.SHUT_RDWR)
            case "channel":
                channel.close()
        wait_until(lambda: "upload_aborted" in server.home.operations())
        file._closed = True
    assert server.home.submissions == []
    assert not list((server.staging / "ACME/uploads").iterdir())


def test_what_the_gateway_refuses_fails_the_close_with_its_reason(server: World) -> None:
    server.home.refuse["x.edi"] = "the account is suspended"
    with server.paramiko() as client:
        with pytest.raises(OSError, match="the account is suspended"):
            put(client, "inbox/x.edi", DATA)
        with pytest.raises(FileNotFoundError):
            client.stat("inbox/x.edi")
    refused = next(note for note in server.home.notes if note.operation == "refused")
    assert refused.facts == {"request": "close", "path": "/inbox/x.edi", "reason": "the account is suspended"}


class BrokenHome(MemoryHome):
    """A mailbox whose database is down."""

    def submit(self, folder: str, name: str, staged: Staged, session: Session) -> None:
        raise RuntimeError("database password is hunter2")


def test_an_error_inside_the_gateway_fails_the_close_without_its_details(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.homes.give("ACME", BrokenHome())
    world.start()
    with world.paramiko() as client, pytest.raises(OSError, match="internal error") as caught:
        put(client, "inbox/x.edi", DATA)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" in caplog.text


def test_an_empty_file_is_refused_unless_its_name_is_a_marker(server: World) -> None:
    with server.paramiko() as client:
        with pytest.raises(OSError, match="empty"):
            put(client, "inbox/x.edi", b"")
        put(client, "inbox/x.done", b"")
    assert [entry.name for entry in server.home.submissions] == ["x.done"]


def test_a_submitted_file_cannot_be_changed_but_its_name_can_be_used_again(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/x.edi", b"first")
        for mode in ("r+b", "ab", "wxb"):
            with pytest.raises(OSError):
                put(client, "inbox/x.edi", b"more", mode)
        with pytest.raises(PermissionError):
            client.truncate("inbox/x.edi", 2)
        with pytest.raises(PermissionError):
            client.rename("inbox/x.edi", "inbox/y.edi")
        with pytest.raises(PermissionError, match="cannot be taken back"):
            client.remove("inbox/x.edi")
        put(client, "inbox/x.edi", b"second")
    assert len(server.home.submissions) == 2
    assert server.home.content("inbox", "x.edi") == b"second"


def test_exclusive_creation_works_once(server: World) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.edi", "wx")
        with pytest.raises(OSError, match="exists"):
            client.open("inbox/x.edi", "wx")
        file.write(DATA)
        file.close()
        with pytest.raises(OSError, match="exists"):
            client.open("inbox/x.edi", "wx")


def test_modes_owners_and_times_are_accepted_without_effect(server: World) -> None:
    with server.paramiko() as client:
        with client.open("inbox/x.edi", "wb") as file:
            file.chmod(0o777)
            file.utime((1, 1))
            file.write(DATA)
        before = client.stat("inbox/x.edi")
        client.chmod("inbox/x.edi", 0o777)
        client.chown("inbox/x.edi", 1, 1)
        client.utime("inbox/x.edi", (1, 1))
        after = client.stat("inbox/x.edi")
    assert (before.st_mode, before.st_mtime, before.st_uid) == (after.st_mode, after.st_mtime, after.st_uid)


@pytest.mark.parametrize("path", ["outbox/x.edi", "receipts/x.edi", "x.edi", "inbox", "inbox/sub/x.edi", "/"])
def test_nothing_can_be_uploaded_anywhere_but_into_the_inbox(server: World, path: str) -> None:
    with server.paramiko() as client, pytest.raises(OSError):
        put(client, path, DATA)


@pytest.mark.parametrize("name", ["n" * 241, "a\nb", "..\\x", "a\x7fb", "line\u2028x"])
def test_names_that_would_trouble_others_are_refused(server: World, name: str) -> None:
    with server.paramiko() as client, pytest.raises(OSError, match="file name"):
        put(client, f"inbox/{name}", DATA)


def test_a_name_that_is_not_utf_8_is_refused(server: World) -> None:
    with server.paramiko() as client, pytest.raises(OSError, match="UTF-8"):
        client.open(b"inbox/r\xe9sum\xe9.edi", "wb")


def test_any_other_unicode_name_is_taken(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/commandes été 😀.edi", DATA)
        assert client.listdir("inbox") == ["commandes été 😀.edi"]


def test_folders_and_links_cannot_be_made_or_removed(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/x.edi", DATA)
        for attempt in (
            lambda: client.mkdir("inbox/sub"),
            lambda: client.rmdir("outbox"),
            lambda: client.symlink("/etc/passwd", "inbox/link"),
            lambda: client.remove("inbox"),
            lambda: client.rename("inbox", "inbox2"),
            lambda: client.rename("inbox/x.edi", "outbox/x.edi"),
        ):
            with pytest.raises(OSError) as caught:
                attempt()
            assert caught.value.errno in (errno.EACCES, errno.ENOENT)
        assert client.listdir("inbox") == ["x.edi"]


def test_open_handles_of_a_session_are_capped(world: World) -> None:
    world.start(handles_per_session=4)
    with world.paramiko() as client:
        files: list[paramiko.SFTPFile] = [client.open(f"inbox/{n}.tmp", "wb") for n in range(4)]
        with pytest.raises(OSError, match="more than 4 files"):
            client.open("inbox/5.tmp", "wb")
        with pytest.raises(OSError, match="more than 4 files"):
            client.listdir("inbox")
        files.pop().close()
        assert client.listdir("outbox") == []


def test_refused_requests_fill_the_record_only_to_a_limit(world: World) -> None:
    world.start(recorded_refusals=3)
    with world.paramiko() as client:
        for _ in range(10):
            with pytest.raises(PermissionError):
                client.mkdir("inbox/sub")
    assert world.home.operations().count("refused") == 3
