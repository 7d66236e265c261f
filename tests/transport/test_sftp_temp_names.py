"""Temp names: kept, listed, resumed, and submitted only by a rename after a proper close."""

import hashlib
import os
import time

import pytest
from sftp_world import World, put, wait_until

DATA = b"UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'"


@pytest.mark.parametrize("name", ["x.tmp", "x.part", "x.partial", "x.EDI.filepart", "x.writing", ".x.edi"])
def test_a_temp_name_is_kept_and_submitted_by_its_rename(server: World, name: str) -> None:
    with server.paramiko() as client:
        put(client, f"inbox/{name}", DATA)
        assert server.home.submissions == []
        assert client.listdir("inbox") == [name]
        assert client.stat(f"inbox/{name}").st_size == len(DATA)
        client.rename(f"inbox/{name}", "inbox/final.edi")
        assert client.listdir("inbox") == ["final.edi"]
    (entry,) = server.home.submissions
    assert entry.item == hashlib.sha256(DATA).hexdigest()


def test_posix_rename_submits_too(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/x.tmp", DATA)
        client.posix_rename("inbox/x.tmp", "inbox/x.edi")
    assert [entry.name for entry in server.home.submissions] == ["x.edi"]


def test_a_broken_upload_is_resumed_under_its_temp_name_only(server: World) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.tmp", "wb")
        file.write(DATA[:10])
        file.flush()
        file._closed = True
    wait_until(lambda: "upload_aborted" in server.home.operations())
    with server.paramiko() as client:
        with pytest.raises(OSError, match="never finished"):
            client.rename("inbox/x.tmp", "inbox/x.edi")
        assert client.stat("inbox/x.tmp").st_size == 10
        put(client, "inbox/x.tmp", DATA[10:], "ab")
        client.rename("inbox/x.tmp", "inbox/x.edi")
    assert server.home.content("inbox", "x.edi") == DATA


def test_the_newest_connection_owns_a_temp_name(server: World) -> None:
    with server.paramiko() as stale, server.paramiko() as fresh:
        old = stale.open("inbox/x.tmp", "wb")
        old.write(b"old" * 100)
        old.flush()
        new = fresh.open("inbox/x.tmp", "wb")
        new.write(DATA)
        with pytest.raises(OSError, match="another connection"):
            old.write(b"more")
            old.flush()
        old._closed = True
        new.close()
        fresh.rename("inbox/x.tmp", "inbox/x.edi")
    assert server.home.content("inbox", "x.edi") == DATA


def test_a_temp_name_cannot_be_renamed_while_it_is_written(server: World) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.tmp", "wb")
        file.write(DATA)
        file.flush()
        with pytest.raises(OSError, match="still being written"):
            client.rename("inbox/x.tmp", "inbox/x.edi")
        file.close()
        client.rename("inbox/x.tmp", "inbox/x.edi")


def test_a_refused_rename_keeps_the_temp_file(server: World) -> None:
    server.home.refuse["x.edi"] = "not today"
    with server.paramiko() as client:
        put(client, "inbox/x.tmp", DATA)
        with pytest.raises(OSError, match="not today"):
            client.rename("inbox/x.tmp", "inbox/x.edi")
        assert client.stat("inbox/x.tmp").st_size == len(DATA)
        client.rename("inbox/x.tmp", "inbox/y.edi")


def test_an_empty_temp_file_cannot_become_a_final_one(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/x.tmp", b"")
        with pytest.raises(OSError, match="empty"):
            client.rename("inbox/x.tmp", "inbox/x.edi")


def test_plain_rename_never_replaces_and_posix_rename_does(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/x.edi", b"published")
        put(client, "inbox/a.tmp", b"a")
        put(client, "inbox/b.tmp", b"b")
        for target in ("inbox/x.edi", "inbox/b.tmp"):
            with pytest.raises(OSError, match="exists"):
                client.rename("inbox/a.tmp", target)
        client.posix_rename("inbox/a.tmp", "inbox/b.tmp")
        assert client.open("inbox/b.tmp").read() == b"a"
        client.posix_rename("inbox/b.tmp", "inbox/x.edi")
    assert [entry.name for entry in server.home.submissions] == ["x.edi", "x.edi"]


def test_a_temp_name_can_be_removed_and_read_back(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/x.tmp", DATA)
        assert client.open("inbox/x.tmp").read() == DATA
        client.remove("inbox/x.tmp")
        assert client.listdir("inbox") == []
        with pytest.raises(FileNotFoundError):
            client.remove("inbox/x.tmp")
    assert server.home.pick_ups == []


def test_the_number_of_temp_names_is_limited(world: World) -> None:
    world.start(temp_files=2)
    with world.paramiko() as client:
        put(client, "inbox/1.tmp", DATA)
        put(client, "inbox/2.tmp", DATA)
        with pytest.raises(OSError, match="unfinished files"):
            put(client, "inbox/3.tmp", DATA)
        put(client, "inbox/2.tmp", DATA)


def test_temp_names_survive_a_restart_and_unfinished_finals_do_not(server: World) -> None:
    with server.paramiko() as client:
        put(client, "inbox/x.tmp", DATA)
    (server.staging / "ACME/uploads/left-by-a-crash").write_bytes(b"half a file")
    server.stop()
    server.start()
    assert not list((server.staging / "ACME/uploads").iterdir())
    with server.paramiko() as client:
        assert client.listdir("inbox") == ["x.tmp"]
        client.rename("inbox/x.tmp", "inbox/x.edi")
    assert [entry.name for entry in server.home.submissions] == ["x.edi"]


def test_a_second_server_on_the_same_staging_leaves_running_uploads_alone(server: World) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.edi", "wb")
        file.write(DATA)
        file.flush()
        first = server.server
        server.start()
        second, server.server = server.server, first
        file.close()
        assert second is not None
        server.loop.run(second.stop(0))
    assert [entry.name for entry in server.home.submissions] == ["x.edi"]


def test_temp_names_expire_after_a_day_without_a_write(server: World) -> None:
    assert server.server is not None
    with server.paramiko() as client:
        put(client, "inbox/old.tmp", DATA)
        put(client, "inbox/new.tmp", DATA)
        yesterday = time.time() - 24 * 3600 - 60
        os.utime(server.staging / "ACME/temp/old.tmp", (yesterday, yesterday))
        assert server.loop.run(server.server.expire()) == 1
        assert client.listdir("inbox") == ["new.tmp"]
    expired = [note for note in server.home.notes if note.operation == "temp_expired"]
    assert [note.facts["path"] for note in expired] == ["/inbox/old.tmp"]
