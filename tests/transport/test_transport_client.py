"""Delivery to a partner's server: asyncssh's own, over a real folder."""

import asyncio
import hashlib
import io
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from sftp_world import Loop, World, wait_until

from edigw.transport import keys
from edigw.transport.errors import Permanent, Temporary
from edigw.transport.remote import Probe, SftpTarget, SourceProblem, Timeouts, connect
from edigw.transport.remote.sftp import fingerprint

DATA = b"UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'" * 3000


class PlainServer(asyncssh.SFTPServer):
    """A partner's server, shut into its folder."""

    folder = b""

    def __init__(self, chan: asyncssh.SSHServerChannel) -> None:
        super().__init__(chan, chroot=self.folder)


class OldServer(PlainServer):
    """One that does not know posix-rename."""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("unknown extension")


class FullServer(PlainServer):
    """One whose disk is full."""

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        raise asyncssh.SFTPFailure("no space left on device")


class ShortServer(PlainServer):
    """One that loses what is written."""

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        return len(data)


@dataclass
class Partner:
    """A partner's running server and how to reach it."""

    folder: Path
    target: SftpTarget
    loop: Loop
    keys: Path

    def serve(self, kind: type[PlainServer], **options: object) -> "Partner":
        served = type("Served", (kind,), {"folder": str(self.folder).encode()})

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[str(self.keys / "host")],
                authorized_client_keys=str(self.keys / "client.pub"),
                sftp_factory=served,
                **options,
            )

        self.acceptor = self.loop.run(listen())
        self.target = replace(self.target, port=self.acceptor.get_port())
        return self

    def close(self) -> None:
        async def stop() -> None:
            self.acceptor.close()

        self.loop.run(stop())


@pytest.fixture
def idle_partner(tmp_path: Path, loop: Loop) -> Partner:
    """A partner whose server is not started yet."""
    (tmp_path / "remote/in").mkdir(parents=True)
    host_line = keys.generate(tmp_path / "host")
    keys.generate(tmp_path / "client")
    target = SftpTarget("127.0.0.1", 1, "edigw", host_line, key_file=tmp_path / "client", folder="/in")
    return Partner(tmp_path / "remote", target, loop, tmp_path)


@pytest.fixture
def partner(idle_partner: Partner) -> Iterator[Partner]:
    """A partner with an ordinary server."""
    yield idle_partner.serve(PlainServer)
    idle_partner.close()


def test_a_file_is_uploaded_under_its_temp_name_and_then_placed(partner: Partner) -> None:
    with connect(partner.target) as session:
        uploaded = session.upload_temp(io.BytesIO(DATA), ".x.edi.tmp")
        assert (uploaded.path, uploaded.size) == ("/in/.x.edi.tmp", len(DATA))
        assert not (partner.folder / "in/x.edi").exists()
        session.place(".x.edi.tmp", "x.edi")
    assert (partner.folder / "in/x.edi").read_bytes() == DATA
    assert not (partner.folder / "in/.x.edi.tmp").exists()


def test_a_session_carries_many_files(partner: Partner) -> None:
    with connect(partner.target) as session:
        for number in range(20):
            session.upload_temp(io.BytesIO(b"%d" % number), "x.tmp")
            session.place("x.tmp", f"{number}.edi")
        assert session.alive
    assert not session.alive
    assert len(list((partner.folder / "in").iterdir())) == 20


def test_a_repeated_upload_replaces_what_an_earlier_attempt_left(partner: Partner) -> None:
    (partner.folder / "in/x.tmp").write_bytes(b"longer rest of an earlier attempt" * 10_000)
    with connect(partner.target) as session:
        assert session.upload_temp(io.BytesIO(b"short"), "x.tmp").size == 5
    assert (partner.folder / "in/x.tmp").read_bytes() == b"short"


def test_the_probe_tells_before_and_after_apart(partner: Partner) -> None:
    with connect(partner.target) as session:
        assert session.probe("x.tmp", "x.edi") == Probe(None, None)
        session.upload_temp(io.BytesIO(DATA), "x.tmp")
        assert session.probe("x.tmp", "x.edi") == Probe(len(DATA), None)
        session.place("x.tmp", "x.edi")
        assert session.probe("x.tmp", "x.edi") == Probe(None, len(DATA))
        (partner.folder / "in/x.edi").unlink()
        assert session.probe("x.tmp", "x.edi") == Probe(None, None)


def test_a_file_that_is_there_already_is_not_overwritten(partner: Partner) -> None:
    (partner.folder / "in/x.edi").write_bytes(b"theirs")
    with connect(partner.target) as session:
        session.upload_temp(io.BytesIO(DATA), "x.tmp")
        with pytest.raises(Permanent, match="is there already"):
            session.place("x.tmp", "x.edi")
        session.discard("x.tmp")
        session.discard("x.tmp")
    assert [path.name for path in (partner.folder / "in").iterdir()] == ["x.edi"]
    assert (partner.folder / "in/x.edi").read_bytes() == b"theirs"


def test_a_server_without_posix_rename_gets_a_plain_one(idle_partner: Partner) -> None:
    partner = idle_partner.serve(OldServer)
    with connect(partner.target) as session:
        session.upload_temp(io.BytesIO(DATA), "x.tmp")
        session.place("x.tmp", "x.edi")
    assert (partner.folder / "in/x.edi").read_bytes() == DATA
    partner.close()


def test_placing_what_is_not_there_is_permanent(partner: Partner) -> None:
    with connect(partner.target) as session, pytest.raises(Permanent, match="no such file"):
        session.place("x.tmp", "x.edi")


class DiskFillsUp(PlainServer):
    """One that fails a write in the middle and takes the rest."""

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if offset == 32 * 1024:
            raise asyncssh.SFTPFailure("no space left on device")
        return super().write(file_obj, offset, data)


class FailingClose(PlainServer):
    """One that checks the file when it is closed."""

    def close(self, file_obj: object) -> None:
        super().close(file_obj)
        raise asyncssh.SFTPFailure("the content is not welcome")


@pytest.mark.parametrize(
    "kind, cause",
    [
        (FullServer, "no space left"),
        (DiskFillsUp, "no space left"),
        (FailingClose, "not welcome"),
        (ShortServer, "the server has"),
    ],
)
def test_a_server_that_does_not_take_the_bytes_is_tried_again_later(
    idle_partner: Partner, kind: type[PlainServer], cause: str
) -> None:
    partner = idle_partner.serve(kind)
    with connect(partner.target) as session, pytest.raises(Temporary, match=cause):
        session.upload_temp(io.BytesIO(DATA), "x.tmp")
    partner.close()


def test_a_missing_folder_is_permanent(partner: Partner) -> None:
    target = replace(partner.target, folder="/missing")
    with connect(target) as session, pytest.raises(Permanent, match="no such file or folder"):
        session.upload_temp(io.BytesIO(DATA), "x.tmp")


@pytest.mark.parametrize("name", ["", "a/b", "..", "x\0y"])
def test_a_name_cannot_lead_out_of_the_folder(partner: Partner, name: str) -> None:
    with connect(partner.target) as session, pytest.raises(Permanent, match="cannot be a file name"):
        session.upload_temp(io.BytesIO(DATA), name)


def test_a_pinned_fingerprint_serves_as_well_as_a_key(partner: Partner) -> None:
    target = replace(partner.target, host_key=fingerprint(partner.target.host_key))
    assert fingerprint(target.host_key) == target.host_key
    with connect(target) as session:
        assert session.probe("x.tmp", "x.edi") == Probe(None, None)


def test_a_pinned_fingerprint_of_the_servers_second_key_is_found(idle_partner: Partner) -> None:
    rsa = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    both = [str(idle_partner.keys / "host"), rsa]
    served = type("Served", (PlainServer,), {"folder": str(idle_partner.folder).encode()})

    async def listen() -> asyncssh.SSHAcceptor:
        trusted = str(idle_partner.keys / "client.pub")
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=both, authorized_client_keys=trusted, sftp_factory=served
        )

    idle_partner.acceptor = idle_partner.loop.run(listen())
    target = replace(
        idle_partner.target,
        port=idle_partner.acceptor.get_port(),
        host_key=keys.fingerprint(keys.public_line(rsa)),
    )
    with connect(target) as session:
        assert session.alive
    idle_partner.close()


def test_any_other_host_key_is_permanent_and_nothing_is_sent(partner: Partner) -> None:
    other = keys.generate(partner.keys / "other")
    for pin in (other, keys.fingerprint(other)):
        with (
            pytest.raises(Permanent, match="is not the pinned") as caught,
            connect(replace(partner.target, host_key=pin)),
        ):
            pass
        assert caught.value.host == str(partner.target)
        assert keys.fingerprint(partner.target.host_key) in caught.value.cause


def test_a_host_key_of_another_kind_than_the_pinned_is_permanent(partner: Partner) -> None:
    line = keys.public_line(asyncssh.generate_private_key("ecdsa-sha2-nistp256"))
    with (
        pytest.raises(Permanent, match="no host key of the pinned kind"),
        connect(replace(partner.target, host_key=line)),
    ):
        pass


def test_a_refused_key_is_permanent(partner: Partner) -> None:
    keys.generate(partner.keys / "stranger")
    target = replace(partner.target, key_file=partner.keys / "stranger")
    with pytest.raises(Permanent, match="refuses user 'edigw'"), connect(target):
        pass


def test_a_refused_password_is_permanent_and_never_shown(partner: Partner) -> None:
    target = replace(partner.target, key_file=None, password="hunter2")
    assert "hunter2" not in repr(target)
    with pytest.raises(Permanent) as caught, connect(target):
        pass
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "change, cause",
    [
        ({"host_key": "no key at all"}, "pinned host key"),
        ({"host_key": "SHA256:short"}, "pinned host key"),
        ({"key_file": Path("/nowhere/key")}, "No such file"),
        ({"key_file": None}, "neither a key file nor a password"),
    ],
)
def test_an_unusable_configuration_is_permanent(partner: Partner, change: dict[str, object], cause: str) -> None:
    with pytest.raises(Permanent, match=cause), connect(replace(partner.target, **change)):
        pass


def test_weak_algorithms_are_permanent(idle_partner: Partner) -> None:
    partner = idle_partner.serve(PlainServer, encryption_algs=["aes256-cbc", "3des-cbc"])
    with pytest.raises(Permanent, match="no algorithm in common"), connect(partner.target):
        pass
    partner.close()


def test_a_refused_connection_is_temporary(idle_partner: Partner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with pytest.raises(Temporary, match="refused"), connect(replace(idle_partner.target, port=port)):
        pass


def test_an_unknown_host_is_temporary(idle_partner: Partner) -> None:
    with pytest.raises(Temporary), connect(replace(idle_partner.target, host="no-such-host.invalid")):
        pass


def test_a_server_that_says_nothing_is_temporary(idle_partner: Partner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        target = replace(idle_partner.target, port=sock.getsockname()[1], timeouts=Timeouts(banner=0.3))
        with pytest.raises(Temporary), connect(target):
            pass


def test_a_connection_dropped_in_the_middle_is_temporary(partner: Partner) -> None:
    with connect(partner.target) as session:
        session.upload_temp(io.BytesIO(DATA), "x.tmp")
        session._transport.sock.shutdown(socket.SHUT_RDWR)
        with pytest.raises(Temporary):
            session.place("x.tmp", "x.edi")
        wait_until(lambda: not session.alive)


def test_an_upload_that_takes_too_long_is_temporary(partner: Partner) -> None:
    target = replace(partner.target, timeouts=Timeouts(total=-1))
    with connect(target) as session, pytest.raises(Temporary, match="not done in time"):
        session.upload_temp(io.BytesIO(DATA), "x.tmp")


class BrokenSource(io.BytesIO):
    """A payload on a failing disk."""

    def read(self, size: int | None = -1) -> bytes:
        raise FileNotFoundError("payload is gone")


def test_a_source_that_cannot_be_read_is_not_blamed_on_the_partner(partner: Partner) -> None:
    with connect(partner.target) as session, pytest.raises(SourceProblem, match="payload is gone"):
        session.upload_temp(BrokenSource(), "x.tmp")


def test_a_20_mb_file_arrives_unchanged(partner: Partner) -> None:
    data = os.urandom(1_000_000) * 20
    with connect(partner.target) as session:
        uploaded = session.upload_temp(io.BytesIO(data), "x.tmp")
    assert uploaded.sha256 == hashlib.sha256(data).hexdigest()
    assert (partner.folder / "in/x.tmp").read_bytes() == data


def test_client_and_server_of_this_package_work_together(server: World) -> None:
    target = SftpTarget("127.0.0.1", server.port, "acme", server.host_line, key_file=server.client_key, folder="/inbox")
    with connect(target) as session:
        session.upload_temp(io.BytesIO(DATA), "x.edi.tmp")
        session.place("x.edi.tmp", "x.edi")
        assert session.probe("x.edi.tmp", "x.edi") == Probe(None, len(DATA))
    assert server.home.content("inbox", "x.edi") == DATA


class Hangs(PlainServer):
    """One that takes requests and answers none of one kind."""

    at = ""

    async def _hang(self) -> None:
        await asyncio.sleep(3600)

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        return self._hang() if self.at == "open" else super().open(path, pflags, attrs)

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        return self._hang() if self.at == "write" else super().write(file_obj, offset, data)

    def close(self, file_obj: object) -> Any:
        return self._hang() if self.at == "close" else super().close(file_obj)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        return self._hang() if self.at == "rename" else super().posix_rename(oldpath, newpath)


@pytest.mark.parametrize("at", ["open", "write", "close", "rename"])
def test_a_server_that_takes_requests_and_never_answers_is_temporary(idle_partner: Partner, at: str) -> None:
    partner = idle_partner.serve(type("Hanging", (Hangs,), {"at": at}))
    target = replace(partner.target, timeouts=Timeouts(answer=0.3))
    with pytest.raises(Temporary, match="not done in time"), connect(target) as session:
        session.upload_temp(io.BytesIO(DATA), "x.tmp")
        session.place("x.tmp", "x.edi")
    partner.close()
