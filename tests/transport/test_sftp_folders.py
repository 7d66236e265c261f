"""Folders inside of inbox and outbox, for partners that sort by document type."""

from dataclasses import replace

import pytest
from sftp_world import World, put


@pytest.fixture
def sorted_world(world: World) -> World:
    account = world.homes.find("acme")
    assert account is not None
    world.homes.add(replace(account, folders=("orders", "answers")))
    return world.start()


def test_the_folders_are_listed_and_hold_their_own_files(sorted_world: World) -> None:
    sorted_world.home.put("outbox", "x.edi", b"above")
    sorted_world.home.put("outbox/orders", "x.edi", b"inside")
    with sorted_world.paramiko() as client:
        assert client.listdir("/") == ["inbox", "outbox", "receipts", "test"]
        assert client.listdir("outbox") == ["orders", "answers", "x.edi"]
        assert client.listdir("outbox/orders") == ["x.edi"] and client.listdir("outbox/answers") == []
        assert client.open("outbox/orders/x.edi").read() == b"inside"
        assert client.listdir("receipts") == [] and client.listdir("test") == ["orders", "answers"]
        with pytest.raises(PermissionError):
            client.open("test/x.edi", "w")
        with pytest.raises(FileNotFoundError):
            client.listdir("receipts/orders")
        client.remove("outbox/orders/x.edi")
        assert client.listdir("outbox/orders") == [] and client.open("outbox/x.edi").read() == b"above"


def test_uploads_go_to_the_folder_that_they_name(sorted_world: World) -> None:
    with sorted_world.paramiko() as client:
        put(client, "inbox/orders/a.edi", b"a")
        put(client, "inbox/orders/b.part", b"b")
        put(client, "inbox/b.part", b"another")
        assert client.listdir("inbox/orders") == ["a.edi", "b.part"]
        assert client.listdir("inbox") == ["orders", "answers", "b.part"]
        client.rename("inbox/orders/b.part", "inbox/orders/b.edi")
        client.posix_rename("inbox/b.part", "inbox/answers/b.edi")
        assert client.stat("inbox/answers/b.edi").st_size == 7
        for path in ("inbox/other/a.edi", "outbox/orders/a.edi", "inbox/orders/a\\b.edi"):
            with pytest.raises(OSError):
                client.open(path, "wb")
    home = sorted_world.home
    assert [(entry.folder, entry.name) for entry in home.submissions] == [
        ("inbox/orders", "a.edi"),
        ("inbox/orders", "b.edi"),
        ("inbox/answers", "b.edi"),
    ]
    assert home.content("inbox/answers", "b.edi") == b"another"


def test_two_uploads_of_one_name_in_two_folders_are_two_files(sorted_world: World) -> None:
    with (
        sorted_world.paramiko() as client,
        client.open("inbox/x.edi", "wb") as one,
        client.open("inbox/orders/x.edi", "wxb") as other,
    ):
        one.write(b"one")
        other.write(b"other")
    home = sorted_world.home
    assert (home.content("inbox", "x.edi"), home.content("inbox/orders", "x.edi")) == (b"one", b"other")


def test_what_was_done_is_recorded_with_its_folder(sorted_world: World) -> None:
    with sorted_world.paramiko() as client:
        put(client, "inbox/orders/a.tmp", b"a")
        with pytest.raises(OSError):
            put(client, "inbox/orders/empty.edi", b"")
    notes = [(note.operation, note.facts.get("path")) for note in sorted_world.home.notes[1:3]]
    assert notes == [("temp_stored", "/inbox/orders/a.tmp"), ("refused", "/inbox/orders/empty.edi")]
