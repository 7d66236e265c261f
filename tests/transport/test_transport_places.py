"""What every place can do, whatever leads there: paramiko, asyncssh for servers of long ago, or a folder."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import paramiko
import pytest
from sftp_world import Loop

from edigw.transport import keys
from edigw.transport.errors import Permanent, Stopped, Temporary
from edigw.transport.remote import FolderTarget, Place, Probe, Remote, SftpTarget, connect

DATA = b"UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'" * 3000
OLD = {
    "kex_algs": ["diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc"],
    "mac_algs": ["hmac-sha1"],
    "signature_algs": ["ssh-rsa"],
}


class Server:
    """A partner's server over a folder, in the loop of the tests."""

    def __init__(self, folder: Path, loop: Loop, *, old: bool) -> None:
        self.folder = folder / "remote"
        (self.folder / "in" / "done").mkdir(parents=True)
        if old:
            for name in ("host", "client"):
                key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
                (folder / name).write_bytes(key.export_private_key())
                (folder / name).chmod(0o600)
                (folder / f"{name}.pub").write_bytes(key.export_public_key())
        else:
            keys.generate(folder / "host")
            keys.generate(folder / "client")
        served = type("Served", (_Shut,), {"folder": str(self.folder).encode()})

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[str(folder / "host")],
                authorized_client_keys=str(folder / "client.pub"),
                sftp_factory=served,
                **(OLD if old else {}),
            )

        self._acceptor = loop.run(listen())
        line = (folder / "host.pub").read_text().strip()
        port = self._acceptor.get_port()
        self.target = SftpTarget("127.0.0.1", port, "edigw", line, key_file=folder / "client", folder="/in", legacy=old)

    def close(self, loop: Loop) -> None:
        async def stop() -> None:
            self._acceptor.close()

        loop.run(stop())


class _Shut(asyncssh.SFTPServer):
    folder = b""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=self.folder)


@pytest.fixture(params=["paramiko", "legacy", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path, loop: Loop) -> Iterator[tuple[Place, Path]]:
    """A place, and the folder behind it."""
    if request.param == "folder":
        (tmp_path / "in" / "done").mkdir(parents=True)
        yield FolderTarget(tmp_path / "in"), tmp_path / "in"
        return
    server = Server(tmp_path, loop, old=request.param == "legacy")
    yield server.target, server.folder / "in"
    server.close(loop)


def put(remote: Remote, name: str, data: bytes = DATA) -> None:
    remote.upload_temp(io.BytesIO(data), f"{name}.part")
    remote.place(f"{name}.part", name)


def test_a_file_goes_up_under_its_temp_name_and_is_then_placed(place: tuple[Place, Path]) -> None:
    target, folder = place
    with connect(target) as remote:
        uploaded = remote.upload_temp(io.BytesIO(DATA), "x.part")
        assert (uploaded.size, uploaded.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
        assert remote.probe("x.part", "x.edi") == Probe(len(DATA), None)
        remote.place("x.part", "x.edi")
        assert remote.probe("x.part", "x.edi") == Probe(None, len(DATA))
        remote.upload_temp(io.BytesIO(b"other"), "x.part")
        with pytest.raises(Permanent, match="is there already"):
            remote.place("x.part", "x.edi")
        remote.discard("x.part")
        remote.discard("x.part")
        assert remote.alive
    assert (folder / "x.edi").read_bytes() == DATA
    assert sorted(path.name for path in folder.iterdir()) == ["done", "x.edi"]


def test_files_are_listed_fetched_and_moved_or_removed(place: tuple[Place, Path]) -> None:
    target, folder = place
    (folder / "a.edi").write_bytes(DATA)
    (folder / "b.edi").write_bytes(b"b")
    (folder / "link.edi").symlink_to("/etc/passwd")
    os.utime(folder / "a.edi", (1_700_000_000, 1_700_000_000))
    with connect(target) as remote:
        listed = remote.list()
        assert [(each.name, each.size) for each in listed] == [("a.edi", len(DATA)), ("b.edi", 1)]
        assert listed[0].mtime == 1_700_000_000
        into = io.BytesIO()
        fetched = remote.fetch("a.edi", into, len(DATA))
        assert into.getvalue() == DATA and fetched.sha256 == hashlib.sha256(DATA).hexdigest()
        with pytest.raises(Permanent, match="larger than 100 bytes"):
            remote.fetch("a.edi", io.BytesIO(), 100)
        with pytest.raises(Permanent):
            remote.fetch("missing.edi", io.BytesIO(), 100)
        remote.move("a.edi", "done")
        (folder / "a.edi").write_bytes(b"again")
        remote.move("a.edi", "done")
        remote.discard("b.edi")
        assert remote.list() == []
    assert {path.name: path.read_bytes() for path in (folder / "done").iterdir()} == {
        "a.edi": DATA,
        "a-2.edi": b"again",
    }


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", "a\0b"])
def test_no_name_leads_out_of_the_place(place: tuple[Place, Path], name: str) -> None:
    with connect(place[0]) as remote, pytest.raises(Permanent, match="cannot be a file name"):
        remote.upload_temp(io.BytesIO(DATA), name)


def test_a_folder_that_is_gone_is_no_proof_of_anything(place: tuple[Place, Path]) -> None:
    target, folder = place
    with connect(target) as remote:
        remote.require_folder()
        folder.rename(folder.with_name("elsewhere"))
        with pytest.raises(Temporary, match="not there"):
            remote.require_folder()


def test_a_server_that_shows_another_key_or_refuses_us_stops_everything(tmp_path: Path, loop: Loop) -> None:
    for old in (False, True):
        folder = tmp_path / str(old)
        folder.mkdir()
        server = Server(folder, loop, old=old)
        wrong = keys.generate(folder / "wrong")
        if old:
            wrong = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode()
        for target, cause in (
            (replace(server.target, host_key=wrong), "is not the pinned"),
            (replace(server.target, key_file=folder / "wrong"), "refuses user"),
        ):
            with pytest.raises(Stopped, match=cause), connect(target):
                pass
        with pytest.raises(Stopped), connect(replace(server.target, folder="/missing")) as remote:
            remote.upload_temp(io.BytesIO(DATA), "x.part")
        server.close(loop)


def test_a_modern_client_does_not_speak_to_a_server_of_long_ago(tmp_path: Path, loop: Loop) -> None:
    server = Server(tmp_path, loop, old=True)
    with pytest.raises(Stopped, match="no algorithm"), connect(replace(server.target, legacy=False)):
        pass
    server.close(loop)


def test_a_mute_or_absent_legacy_server_is_temporary(tmp_path: Path, loop: Loop) -> None:
    server = Server(tmp_path, loop, old=True)
    server.close(loop)
    with pytest.raises(Temporary), connect(server.target):
        pass


def test_where_a_server_tells_hashes_the_upload_is_checked_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(paramiko.sftp_server._hash_class, "sha256", hashlib.sha256)  # it has older ones only
    host, user = paramiko.Ed25519Key, tmp_path / "client"
    keys.generate(tmp_path / "host")
    keys.generate(user)
    (tmp_path / "in").mkdir()
    with _Hashing(tmp_path, host.from_private_key_file(str(tmp_path / "host"))) as port:
        line = (tmp_path / "host.pub").read_text().strip()
        with connect(SftpTarget("127.0.0.1", port, "edigw", line, key_file=user, folder="in")) as remote:
            assert remote.upload_temp(io.BytesIO(DATA), "x.part").confirmed
            _HashingFiles.spoil = True
            with pytest.raises(Temporary, match="other bytes than were sent"):
                remote.upload_temp(io.BytesIO(DATA), "y.part")
            _HashingFiles.spoil = False


class _Hashing(paramiko.ServerInterface):
    """A server of paramiko's, which knows `check-file`."""

    def __init__(self, folder: Path, key: paramiko.PKey) -> None:
        self._folder, self._key = folder, key

    def __enter__(self) -> int:
        import socket
        import threading

        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._transport.close()

    def _serve(self) -> None:
        sock, _ = self._listener.accept()
        self._transport = paramiko.Transport(sock)
        self._transport.add_server_key(self._key)
        self._transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _HashingFiles, str(self._folder))
        self._transport.start_server(server=self)

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _HashingFiles(paramiko.SFTPServerInterface):
    spoil = False

    def __init__(self, server: paramiko.ServerInterface, folder: str) -> None:
        self._folder = folder

    def _real(self, path: str) -> str:
        return self._folder + self.canonicalize(path)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle:
        file = os.fdopen(os.open(self._real(path), flags, 0o600), "r+b" if flags & os.O_CREAT else "rb")
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = file  # type: ignore[attr-defined]
        handle.stat = lambda: paramiko.SFTPAttributes.from_stat(os.fstat(file.fileno()))  # type: ignore[method-assign]
        if self.spoil and not flags & os.O_CREAT:
            handle.readfile = io.BytesIO(b"x" * len(DATA))  # type: ignore[attr-defined]
        return handle

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))
        except FileNotFoundError:
            return paramiko.SFTP_NO_SUCH_FILE
