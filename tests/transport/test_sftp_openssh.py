"""The same server under OpenSSH's own client, the one that most partners script."""

import hashlib
import os
import shutil

import pytest
from sftp_world import World

pytestmark = pytest.mark.skipif(shutil.which("sftp") is None, reason="needs OpenSSH's sftp")


def test_put_list_get_and_remove(server: World) -> None:
    (server.folder / "x.edi").write_bytes(b"UNB+x'")
    server.home.put("outbox", "o.edi", b"for you")
    done = server.openssh(
        "ls -la", "cd inbox", "put -p x.edi", "ls -l", "get ../outbox/o.edi got.edi", "rm ../outbox/o.edi"
    )
    assert done.returncode == 0, done.stderr
    assert "receipts" in done.stdout
    assert (server.folder / "got.edi").read_bytes() == b"for you"
    assert server.home.content("inbox", "x.edi") == b"UNB+x'"
    assert [pick_up.complete for pick_up in server.home.pick_ups] == [True]
    assert server.home.list("outbox") == []


def test_a_large_file_goes_through_unchanged(server: World) -> None:
    data = os.urandom(1_000_000) * 20
    (server.folder / "big.edi").write_bytes(data)
    assert server.openssh("put big.edi inbox/", "get inbox/big.edi back.edi").returncode == 0
    assert server.home.submissions[0].item == hashlib.sha256(data).hexdigest()
    assert (server.folder / "back.edi").read_bytes() == data


def test_put_under_a_dot_name_and_rename(server: World) -> None:
    (server.folder / "x.edi").write_bytes(b"UNB+x'")
    done = server.openssh("put x.edi inbox/.x.edi", "ls -a inbox", "rename inbox/.x.edi inbox/x.edi")
    assert done.returncode == 0, done.stderr
    assert [entry.name for entry in server.home.submissions] == ["x.edi"]


def test_reput_resumes_a_temp_name_but_not_a_submitted_file(server: World) -> None:
    (server.folder / "whole").write_bytes(b"0123456789")
    (server.folder / "half").write_bytes(b"01234")
    done = server.openssh("put half inbox/x.part", "reput whole inbox/x.part", "rename inbox/x.part inbox/x.edi")
    assert done.returncode == 0, done.stderr
    assert server.home.content("inbox", "x.edi") == b"0123456789"
    assert server.openssh("put half inbox/y.edi").returncode == 0
    assert server.openssh("reput whole inbox/y.edi").returncode != 0
    assert server.home.content("inbox", "y.edi") == b"01234"


@pytest.mark.parametrize(
    "command",
    [
        "put x.edi outbox/",
        "mkdir inbox/sub",
        "rmdir inbox",
        "symlink /etc/passwd inbox/link",
        "ln inbox/sent.edi inbox/hard.edi",
        "rename inbox/sent.edi inbox/y.edi",
        "get /etc/passwd",
        "get ../../../etc/passwd",
        "put empty inbox/empty.edi",
        "put x.edi inbox/refused.edi",
    ],
)
def test_what_is_refused_fails_the_batch(server: World, command: str) -> None:
    server.home.put("inbox", "sent.edi", b"UNB+x'")
    server.home.refuse["refused.edi"] = "no"
    (server.folder / "x.edi").write_bytes(b"UNB+x'")
    (server.folder / "empty").write_bytes(b"")
    assert server.openssh(command).returncode != 0
    assert server.home.submissions == []
