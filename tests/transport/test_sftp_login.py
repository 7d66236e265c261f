"""Logging in: who may, how often, and what is refused before and after."""

import asyncio
import contextlib
import socket
import struct
import time
from ipaddress import ip_network

import asyncssh
import paramiko
import pytest
from paramiko.ssh_exception import IncompatiblePeer
from sftp_world import World, put, wait_until

from edigw.transport import keys
from edigw.transport.ports import Account
from edigw.transport.server import Limits
from edigw.transport.server.bans import MemoryBans
from edigw.transport.server.service import ban_rules


def test_the_session_tells_who_logged_in_from_where_with_which_key(server: World) -> None:
    with server.paramiko() as client:
        client.listdir("inbox")
    wait_until(lambda: server.home.operations() == ["login", "logout"])
    session = server.home.notes[0].session
    line = (server.folder / "client.pub").read_text()
    assert (session.user, session.partner) == ("acme", "ACME")
    assert session.key_fingerprint == keys.fingerprint(line)
    assert session.peer.startswith("127.0.0.1:")
    assert "paramiko" in session.client_version
    assert "cipher=aes" in session.algorithms
    assert server.home.notes[1].session == session


def test_any_of_several_keys_logs_in(server: World) -> None:
    lines = [keys.generate(server.folder / f"key{n}") for n in range(3)]
    server.homes.add(Account("ACME", "acme", tuple(lines)))
    for number in range(3):
        server.client_key = server.folder / f"key{number}"
        with server.paramiko() as client:
            assert client.listdir("inbox") == []


def test_a_wrong_key_and_an_unknown_user_get_the_same_answer(server: World) -> None:
    wrong = paramiko.ECDSAKey.generate()
    answers = []
    for user in ("acme", "nobody"):
        transport = server.transport()
        with pytest.raises(paramiko.AuthenticationException) as caught:
            transport.auth_publickey(user, wrong)
        answers.append((type(caught.value), str(caught.value)))
        transport.close()
    assert answers[0] == answers[1]


def test_passwords_are_not_accepted(server: World) -> None:
    transport = server.transport()
    with pytest.raises(paramiko.BadAuthenticationType) as caught:
        transport.auth_password("acme", "secret")
    assert caught.value.allowed_types == ["publickey"]
    transport.close()


def test_the_connection_ends_after_six_wrong_keys(server: World) -> None:
    transport = server.transport()
    attempts = 0
    while transport.is_active() and attempts < 20:
        attempts += 1
        with pytest.raises((paramiko.SSHException, EOFError)):
            transport.auth_publickey("acme", paramiko.ECDSAKey.generate())
    assert attempts <= 6
    wait_until(lambda: server.denials != [])
    (denial,) = server.denials
    assert (denial.address, denial.user) == ("127.0.0.1", "acme")
    assert "too many" in denial.reason
    transport.close()


def test_the_sixth_key_of_an_agent_still_gets_in_after_five_wrong_ones(server: World) -> None:
    transport = server.transport()
    for _ in range(5):
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_publickey("acme", paramiko.ECDSAKey.generate())
    transport.auth_publickey("acme", paramiko.PKey.from_path(server.client_key))
    assert transport.is_authenticated()
    transport.close()
    assert server.denials == []


def test_changing_user_names_does_not_buy_more_attempts(server: World) -> None:
    transport = server.transport()
    attempts = 0
    while transport.is_active() and attempts < 40:
        attempts += 1
        with pytest.raises((paramiko.SSHException, EOFError)):
            transport.auth_publickey(f"user{attempts}", paramiko.ECDSAKey.generate())
    assert attempts <= 9
    transport.close()


def test_an_address_that_keeps_guessing_is_banned_and_a_safe_one_is_not(world: World) -> None:
    world.start(ban_points=3)
    guess(world, "nobody")
    wait_until(lambda: [denial.banned for denial in world.denials] == [True])
    with pytest.raises((paramiko.SSHException, EOFError, OSError)):
        world.transport()
    world.stop()
    rules = ban_rules(Limits(ban_points=3), safe=[ip_network("127.0.0.0/8")])
    world.options["bans"] = MemoryBans(rules)
    world.start(ban_points=3)
    guess(world, "nobody")
    with world.paramiko() as client:
        assert client.listdir("inbox") == []


def guess(world: World, user: str) -> None:
    transport = world.transport()
    with pytest.raises(paramiko.AuthenticationException):
        transport.auth_publickey(user, paramiko.ECDSAKey.generate())
    transport.close()


def test_connections_that_never_log_in_are_dropped_and_capped(world: World) -> None:
    world.start(login_grace=0.5, unauthenticated=3)
    started = time.monotonic()
    silent = [socket.create_connection(("127.0.0.1", world.port)) for _ in range(3)]
    for sock in silent:
        assert sock.recv(100).startswith(b"SSH-2.0-edigw\r\n")
    surplus = socket.create_connection(("127.0.0.1", world.port))
    assert surplus.recv(100) == b""
    for sock in silent:
        sock.settimeout(5)
        while sock.recv(4096):
            pass
        sock.close()
    assert time.monotonic() - started < 4
    surplus.close()
    with world.paramiko() as client:
        assert client.listdir("inbox") == []


def test_connections_per_address_are_capped(world: World) -> None:
    world.start(connections_per_address=2)
    with world.paramiko(), world.paramiko(), pytest.raises((paramiko.SSHException, EOFError, OSError)):
        world.transport()
    wait_until(lambda: world.home.operations().count("logout") == 2)
    with world.paramiko() as client:
        assert client.listdir("inbox") == []


def test_connections_per_partner_are_capped(world: World) -> None:
    world.start(connections_per_partner=1)
    with world.paramiko(), pytest.raises((paramiko.SSHException, EOFError, OSError)), world.paramiko() as second:
        second.listdir("inbox")
    wait_until(lambda: "logout" in world.home.operations())
    with world.paramiko() as client:
        assert client.listdir("inbox") == []


def test_channels_per_connection_are_capped(world: World) -> None:
    world.start(channels_per_connection=2)
    transport = world.transport()
    transport.auth_publickey("acme", paramiko.PKey.from_path(world.client_key))
    channels = [transport.open_session() for _ in range(2)]
    with pytest.raises(paramiko.ChannelException):
        transport.open_session()
    channels.pop().close()
    time.sleep(0.05)
    paramiko.SFTPClient(subsystem(transport)).close()
    transport.close()


def subsystem(transport: paramiko.Transport, name: str = "sftp") -> paramiko.Channel:
    channel = transport.open_session()
    channel.invoke_subsystem(name)
    return channel


def test_shell_commands_other_subsystems_and_forwarding_are_refused(server: World) -> None:
    transport = server.transport()
    transport.auth_publickey("acme", paramiko.PKey.from_path(server.client_key))
    for attempt in (
        lambda: transport.open_session().invoke_shell(),
        lambda: transport.open_session().exec_command("id"),
        lambda: transport.open_session().exec_command("scp -t /inbox"),
        lambda: transport.open_session().get_pty(),
        lambda: subsystem(transport, "netconf"),
        lambda: transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1)),
        lambda: transport.request_port_forward("127.0.0.1", 0),
    ):
        with pytest.raises(paramiko.SSHException):
            attempt()
    transport.close()


def test_an_idle_session_is_ended(world: World) -> None:
    world.start(idle=0.3)
    with world.paramiko() as client:
        put(client, "inbox/x.tmp", b"x")
        wait_until(lambda: "logout" in world.home.operations())
    assert world.home.notes[-1].facts["reason"] == "idle for too long"


@pytest.mark.parametrize(
    "weak",
    [
        {"kex_algs": ["diffie-hellman-group14-sha1"]},
        {"kex_algs": ["rsa2048-sha256"]},
        {"encryption_algs": ["aes256-cbc"]},
        {"encryption_algs": ["aes256-ctr"], "mac_algs": ["hmac-sha1"]},
    ],
)
def test_weak_algorithms_are_not_offered(server: World, weak: dict[str, list[str]]) -> None:
    with pytest.raises(asyncssh.KeyExchangeFailed):
        server.asyncssh(lambda client: client.listdir("."), **weak)


def test_rsa_keys_log_in_with_sha_2_and_not_with_sha_1(world: World) -> None:
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    world.homes.add(Account("ACME", "acme", (keys.public_line(key),)))
    world.start()

    async def log_in(algorithm: str) -> None:
        (pair,) = asyncssh.load_keypairs([key])
        pair.sig_algorithms = (algorithm.encode(),)
        pair.set_sig_algorithm(algorithm.encode())
        options = {"known_hosts": None, "config": None, "agent_path": None, "signature_algs": [algorithm]}
        async with asyncssh.connect("127.0.0.1", world.port, username="acme", client_keys=[pair], **options):
            pass

    world.loop.run(log_in("rsa-sha2-256"))
    with pytest.raises(asyncssh.PermissionDenied):
        world.loop.run(log_in("ssh-rsa"))


def test_an_rsa_host_key_does_not_sign_with_sha_1(world: World) -> None:
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    (world.folder / "host").unlink()
    key.write_private_key(str(world.folder / "host"))
    (world.folder / "host").chmod(0o600)
    world.start()

    async def algorithm(names: list[str]) -> None:
        options = {"known_hosts": None, "config": None, "agent_path": None, "server_host_key_algs": names}
        user = {"username": "acme", "client_keys": [str(world.client_key)]}
        async with asyncssh.connect("127.0.0.1", world.port, **user, **options):
            pass

    world.loop.run(algorithm(["rsa-sha2-512"]))
    with pytest.raises(asyncssh.KeyExchangeFailed):
        world.loop.run(algorithm(["ssh-rsa"]))


def test_stopping_lets_open_uploads_finish(server: World) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.edi", "wb")
        file.write(b"first")
        file.flush()
        assert server.server is not None
        stopping = asyncio.run_coroutine_threadsafe(server.server.stop(5), server.loop.loop)
        time.sleep(0.2)
        assert not stopping.done()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port), 1)
        file.write(b" and last")
        file.close()
        stopping.result(5)
    server.server = None
    assert server.home.content("inbox", "x.edi") == b"first and last"
    assert server.home.operations()[-1] == "logout"


def test_stopping_aborts_uploads_that_do_not_finish_in_time(server: World) -> None:
    with server.paramiko() as client:
        file = client.open("inbox/x.edi", "wb")
        file.write(b"first")
        file.flush()
        server.stop(drain=0.1)
        file._closed = True
    assert server.home.submissions == []
    assert server.home.operations() == ["login", "upload_aborted", "logout"]


def test_stopping_ends_connections_that_have_not_logged_in(server: World) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as sock:
        assert sock.recv(100).startswith(b"SSH-2.0-edigw")
        server.stop(drain=5)
        while sock.recv(4096):
            pass


def test_a_client_that_asks_again_for_the_service_with_every_key_is_served(server: World) -> None:
    keys.generate(server.folder / "other")
    client = paramiko.SSHClient()
    client.get_host_keys().add(f"[127.0.0.1]:{server.port}", "ssh-ed25519", host_key(server))
    wrong_first = [str(server.folder / "other"), str(server.client_key)]
    options = {"allow_agent": False, "look_for_keys": False, "key_filename": wrong_first}
    client.connect("127.0.0.1", server.port, "acme", **options)
    assert client.open_sftp().listdir("/") == ["inbox", "outbox", "receipts", "test"]
    client.close()


def host_key(server: World) -> paramiko.PKey:
    return paramiko.PKey.from_path(server.folder / "host")


def test_behind_a_proxy_the_peer_is_whom_its_header_names(world: World) -> None:
    world.options["proxies"] = [ip_network("127.0.0.1/32")]
    world.start()
    body = socket.inet_aton("192.0.2.7") + socket.inet_aton("192.0.2.1") + struct.pack(">HH", 50122, 22)
    version_2 = b"\r\n\r\n\0\r\nQUIT\n" + struct.pack(">BBH", 0x21, 0x11, len(body)) + body
    for header in (b"PROXY TCP4 192.0.2.7 192.0.2.1 50122 22\r\n", version_2):
        sock = socket.create_connection(("127.0.0.1", world.port))
        sock.sendall(header)
        transport = paramiko.Transport(sock)
        transport.start_client(timeout=5)
        transport.auth_publickey("acme", paramiko.PKey.from_path(world.client_key))
        transport.close()
    wait_until(lambda: world.home.operations().count("login") == 2)
    assert {note.session.peer for note in world.home.notes} == {"192.0.2.7:50122"}


@pytest.mark.parametrize(
    "header",
    [
        b"SSH-2.0-client\r\n",
        b"PROXY UNKNOWN\r\n",
        b"PROXY TCP4 not-an-address x 1 2\r\n",
        b"PROXY " + b"x" * 200,
        b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00",
    ],
)
def test_a_proxy_without_a_proper_header_is_not_served(world: World, header: bytes) -> None:
    world.options["proxies"] = [ip_network("127.0.0.1/32")]
    world.start()
    with socket.create_connection(("127.0.0.1", world.port), 5) as sock:
        sock.sendall(header)
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(100) == b""


def test_a_peer_with_no_algorithm_in_common_is_told_so(server: World) -> None:
    transport = paramiko.Transport(socket.create_connection(("127.0.0.1", server.port)))
    transport.get_security_options().ciphers = ["3des-cbc"]
    with pytest.raises((IncompatiblePeer, paramiko.SSHException)):
        transport.start_client(timeout=5)
    transport.close()
