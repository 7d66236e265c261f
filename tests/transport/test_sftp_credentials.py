"""Ways to log in besides a listed key: certificates, passwords; from where; and the port for old clients."""

import asyncio
import subprocess
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest
from sftp_world import World, wait_until

from edigw.partners.keys import password_hash_usable
from edigw.transport import keys
from edigw.transport.algorithms import LEGACY
from edigw.transport.passwords import hash_password, matches
from edigw.transport.ports import Account

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def authority(world: World) -> Path:
    """A certificate authority whose certificates for "acme" or "edi" let ACME in, without any listed key."""
    line = keys.generate(world.folder / "authority")
    world.homes.add(Account("ACME", "acme", (), authorities=(line,), principals=("acme", "edi")))
    return world.folder / "authority"


def certify(authority: Path, key: Path, *options: str) -> None:
    """Let OpenSSH make a certificate for a key; it lies beside it."""
    public = key.with_suffix(".pub")
    subprocess.run(
        ["ssh-keygen", "-q", "-s", authority, "-I", "acme-edi", "-z", "7", *options, public], check=True, timeout=10
    )


def turned_away(world: World) -> bool:
    """Whether OpenSSH's client can't get in, and the server has said so in its security log."""
    before = len(world.denials)
    if world.openssh("ls inbox").returncode != 255:
        return False
    wait_until(lambda: len(world.denials) > before)
    return "login" not in world.home.operations()


def log_in(world: World, **options: Any) -> None:
    async def session() -> None:
        known = {"known_hosts": None, "config": None, "agent_path": None, "username": "acme", **options}
        async with (
            asyncssh.connect("127.0.0.1", world.port, **known) as connection,
            connection.start_sftp_client() as client,
        ):
            await client.listdir(".")

    world.loop.run(session())


@pytest.mark.parametrize("principal", ["acme", "edi"])
def test_a_certificate_of_the_authority_logs_in_and_the_session_names_it(
    world: World, authority: Path, principal: str
) -> None:
    certify(authority, world.client_key, "-n", principal, "-V", "-1m:+5m")
    world.start()
    assert world.openssh("ls inbox").returncode == 0
    wait_until(lambda: "logout" in world.home.operations())
    session = world.home.notes[0].session
    assert session.method == "certificate"
    assert session.key_fingerprint == keys.fingerprint(world.client_key.with_suffix(".pub").read_text())
    signer = keys.fingerprint(authority.with_suffix(".pub").read_text())
    assert session.certificate == f"acme-edi (7), signed by {signer}"


@pytest.mark.parametrize(
    "options",
    [
        ("-n", "somebody", "-V", "-1m:+5m"),
        ("-V", "-1m:+5m"),  # for nobody by name, and so for everybody
        ("-n", "acme", "-V", "-2d:-1d"),
        ("-n", "acme", "-V", "+1d:+2d"),
        ("-n", "acme", "-V", "-1m:+5m", "-O", "source-address=192.0.2.0/24"),
        ("-n", "acme", "-V", "-1m:+5m", "-h"),  # of a host
    ],
    ids=["other-name", "no-name", "expired", "not-yet", "other-network", "host"],
)
def test_a_certificate_that_does_not_fit_is_refused(world: World, authority: Path, options: tuple[str, ...]) -> None:
    certify(authority, world.client_key, *options)
    world.start()
    assert turned_away(world)


def test_a_certificate_of_another_authority_is_refused(world: World, authority: Path) -> None:
    keys.generate(world.folder / "other")
    certify(world.folder / "other", world.client_key, "-n", "acme")
    world.start()
    assert turned_away(world)


def test_the_key_of_an_authority_is_no_key_to_log_in_with(world: World, authority: Path) -> None:
    world.client_key = authority
    world.start()
    assert turned_away(world)


@pytest.mark.parametrize("way", ["password", "keyboard-interactive"])
def test_a_password_logs_in_where_the_server_offers_it(world: World, hashed: str, way: str) -> None:
    world.homes.add(Account("ACME", "acme", (), password=hashed))
    world.options["passwords"] = True
    world.start()
    log_in(world, password=PASSWORD, client_keys=None, preferred_auth=way)
    wait_until(lambda: "logout" in world.home.operations())
    session = world.home.notes[0].session
    assert (session.method, session.key_fingerprint) == ("password", "")


def test_wrong_passwords_unknown_users_and_users_without_one_get_the_same_answer(world: World, hashed: str) -> None:
    world.homes.add(Account("ACME", "acme", (), password=hashed))
    world.homes.add(Account("ACME", "keyed", ()))
    world.options["passwords"] = True
    world.start()
    answers = set()
    for user in ("acme", "keyed", "nobody"):
        transport = world.transport()
        with pytest.raises(paramiko.AuthenticationException) as caught:
            transport.auth_password(user, "wrong", fallback=False)
        answers.add((type(caught.value), str(caught.value)))
        transport.close()
    assert len(answers) == 1


def test_the_connection_ends_after_six_wrong_passwords_and_they_count_against_the_address(world: World) -> None:
    world.options["passwords"] = True
    world.start(ban_points=9)
    transport = world.transport()
    attempts = 0
    while transport.is_active() and attempts < 20:
        attempts += 1
        with pytest.raises((paramiko.SSHException, EOFError)):
            transport.auth_password("acme", "wrong", fallback=False)
    assert 5 <= attempts <= 6
    wait_until(lambda: [denial.banned for denial in world.denials] == [True])
    transport.close()


def test_hashes_are_checked_and_absurd_ones_are_not_accepted(hashed: str) -> None:
    assert matches(hashed, PASSWORD) and not matches(hashed, "wrong") and not matches("", "the password of nobody")
    assert password_hash_usable(hashed) and not password_hash_usable("secret")
    assert not password_hash_usable(hashed.replace("m=65536", "m=4294967295"))
    for password in ("short", "x" * 2000):
        with pytest.raises(ValueError, match="12 to 1024"):
            hash_password(password)


def test_an_account_may_be_bound_to_networks(server: World) -> None:
    account = server.homes.find("acme")
    assert account is not None
    server.homes.add(replace(account, networks=(ip_network("192.0.2.0/24"),)))
    assert turned_away(server)
    server.homes.add(replace(account, networks=(ip_network("192.0.2.0/24"), ip_network("127.0.0.0/8"))))
    assert server.openssh("ls").returncode == 0


@pytest.mark.parametrize("setting", [{"deny": [ip_network("127.0.0.0/8")]}, {"allow": [ip_network("192.0.2.0/24")]}])
def test_networks_that_are_not_served_do_not_get_an_answer(world: World, setting: dict[str, Any]) -> None:
    world.options |= setting
    world.start()
    with pytest.raises((paramiko.SSHException, EOFError, OSError)):
        world.transport()


def test_the_legacy_port_serves_clients_of_long_ago(world: World) -> None:
    rsa = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    (world.folder / "host").unlink()
    rsa.write_private_key(str(world.folder / "host"))
    (world.folder / "host").chmod(0o600)
    user = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    world.homes.add(Account("ACME", "acme", (keys.public_line(user),)))
    world.options["algorithms"] = LEGACY
    world.start()
    (pair,) = asyncssh.load_keypairs([user])
    pair.sig_algorithms = (b"ssh-rsa",)
    pair.set_sig_algorithm(b"ssh-rsa")
    log_in(
        world,
        client_keys=[pair],
        server_host_key_algs=["ssh-rsa"],
        signature_algs=["ssh-rsa"],
        kex_algs=["diffie-hellman-group14-sha1"],
        encryption_algs=["aes128-cbc"],
        mac_algs=["hmac-sha1"],
    )
    wait_until(lambda: "login" in world.home.operations())
    assert "mac=hmac-sha1" in world.home.notes[0].session.algorithms


def test_a_session_goes_on_while_passwords_are_guessed(world: World) -> None:
    world.options["passwords"] = True
    world.start(ban_points=10_000)

    async def guess() -> None:
        options = {"known_hosts": None, "config": None, "agent_path": None, "client_keys": None}
        with pytest.raises(asyncssh.Error):
            await asyncssh.connect("127.0.0.1", world.port, username="acme", password="wrong", **options)

    async def all_at_once() -> None:
        await asyncio.gather(*(guess() for _ in range(8)))

    with world.paramiko() as client:
        running = asyncio.run_coroutine_threadsafe(all_at_once(), world.loop.loop)
        assert client.listdir("inbox") == []
        running.result(30)
