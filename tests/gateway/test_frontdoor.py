"""The gateway's SFTP servers: shared bans, recorded sessions, what is refused for want of room, the legacy port."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import paramiko
import pytest
from sqlalchemy import insert, select, update

from edigw.gateway.mailboxes import bans, sessions
from edigw.gateway.mailboxes.bans import SharedBans
from edigw.gateway.mailboxes.frontdoor import ConfiguredAccounts, SftpServers
from edigw.gateway.mailboxes.seats import SharedSeats
from edigw.gateway.mailboxes.sessions import SessionRecord
from edigw.store import Database
from edigw.store.schema import ban, event, sftp_seat, transmission
from edigw.transport.ports import Refused
from edigw.transport.server.bans import LIMIT_HIT, BanRules
from edigw.transport.server.limits import Limits
from tests.gateway.house import SESSION, House, sample, staged

RULES = BanRules(points=6, window=100, length=60)


@contextmanager
def serving(house: House) -> Iterator[SftpServers]:
    """The SFTP servers of a gateway, in a loop of a thread of their own."""
    loop = asyncio.new_event_loop()
    house.configure("port = 2222", f"port = {_free_port()}")
    servers = SftpServers(house.current)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(servers.start(), loop).result(10)
    try:
        yield servers
    finally:
        asyncio.run_coroutine_threadsafe(servers.stop(2), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def client(house: House, port: int) -> Iterator[paramiko.SFTPClient]:
    transport = paramiko.Transport(("127.0.0.1", port))
    transport.start_client(timeout=10)
    try:
        transport.auth_publickey("nordwind", paramiko.PKey.from_path(house.folder / "retailer"))
        found = paramiko.SFTPClient.from_transport(transport)
        assert found is not None
        yield found
    finally:
        transport.close()


def test_two_front_ends_add_up_what_they_hold_against_an_address(database_url: str) -> None:
    one, other = Database(database_url), Database(database_url)
    one.migrate()
    first, second = SharedBans(one, RULES), SharedBans(other, RULES)
    assert not first.charge("192.0.2.1", LIMIT_HIT)
    assert not second.banned("192.0.2.1")
    assert second.charge("192.0.2.1", LIMIT_HIT)
    assert first.banned("192.0.2.1") and not first.banned("192.0.2.2")
    with one.write() as conn:
        conn.execute(update(ban).values(until=0.0))
    assert not first.banned("192.0.2.1")
    first.charge("192.0.2.1", LIMIT_HIT)
    assert second.charge("192.0.2.1", LIMIT_HIT)
    with one.read() as conn:
        row = conn.execute(select(ban)).one()
    assert row.length == 90  # half as long again
    one.close()
    other.close()


def test_front_ends_count_sessions_together(database_url: str) -> None:
    """However many log in at the same moment; what a front end held that is dead is free again in the end."""
    fronts = [Database(database_url) for _ in range(3)]
    fronts[0].migrate()
    limits = Limits(connections_per_partner=4, connections_per_address=6)
    seats = [SharedSeats(database, limits) for database in fronts]

    def take(number: int) -> str:
        return seats[number % 3].take(f"s{number}", "nordwind", f"192.0.2.{number}")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(take, range(12)))
    assert Counter(answers) == {"": 4, "too many connections of this partner": 8}
    let_in = answers.index("")
    seats[0].leave(f"s{let_in}")
    assert seats[1].take("another", "nordwind", "192.0.2.9") == ""
    for number in range(6):
        told = seats[2].take(f"p{number}", f"p{number}", "198.51.100.7")
        assert told == ""
    assert seats[0].take("p6", "p6", "198.51.100.7") == "too many connections from this address"
    with fronts[0].write() as conn:
        conn.execute(update(sftp_seat).values(until=0))
    seats[1].hold()  # it is of this process, and so are all of them
    assert seats[0].take("p6", "p6", "198.51.100.7") == "too many connections from this address"
    with fronts[0].write() as conn:
        conn.execute(update(sftp_seat).values(until=0))
    assert seats[0].take("p6", "p6", "198.51.100.7") == ""
    for database in fronts:
        database.close()


def test_seats_of_a_process_that_was_killed_are_free_when_another_one_starts(small_house: House) -> None:
    program = "from edigw.gateway.queue import owner_name; print(owner_name('sftp'))"
    dead = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    database = small_house.context.database
    place = {"partner": "nordwind", "network": "192.0.2.1", "until": 1e12}
    with database.write() as conn:
        conn.execute(
            insert(sftp_seat),
            [{"session": "a", "front": dead, **place}, {"session": "b", "front": "x/1/1/sftp", **place}],
        )
    seats = SharedSeats(database, Limits())
    seats.start()
    seats.stop()
    with database.read() as conn:
        assert conn.execute(select(sftp_seat.c.session)).scalars().all() == ["b"]


def test_an_admin_lifts_a_ban_and_the_log_tells_it(small_house: House) -> None:
    shared = SharedBans(small_house.context.database, RULES)
    assert shared.charge("2001:db8::1", 6)
    with small_house.context.database.read() as conn:
        assert [each["network"] for each in bans.listed(conn)] == ["2001:db8::/64"]
    assert bans.unban(small_house.context.log, "2001:db8::2", "admin:ann", "a new key")
    assert not bans.unban(small_house.context.log, "2001:db8::2", "admin:ann", "a new key")
    assert not shared.banned("2001:db8::1")
    with small_house.context.database.read() as conn:
        assert conn.execute(select(event.c.actor).where(event.c.type == "admin.action")).scalars().all() == [
            "admin:ann"
        ]


def test_every_session_and_what_was_done_in_it_can_be_looked_up(house: House) -> None:
    data = sample("orders_3.edi")
    with serving(house) as servers, client(house, servers.port) as sftp:
        with sftp.open("inbox/o.part", "wb") as file:
            file.write(data)
        sftp.posix_rename("inbox/o.part", "inbox/o.edi")
        with pytest.raises(OSError):
            sftp.remove("inbox/o.edi")
    with house.context.database.read() as conn:
        (listed,) = sessions.recent(conn, "nordwind")
        told = sessions.one(conn, listed["id"])
        sent = conn.execute(select(transmission.c.id)).scalar_one()
        assert sessions.recent(conn, "prairie") == [] and sessions.one(conn, "x") is None
    assert told is not None
    assert (told["partner"], told["user"], told["method"]) == ("nordwind", "nordwind", "publickey")
    assert told["key"].startswith("SHA256:") and "paramiko" in told["client"] and told["ended_at"]
    assert [(each["operation"], each["path"]) for each in told["operations"]] == [
        ("temp_stored", "/inbox/o.part"),
        ("upload", "/inbox/o.edi"),
        ("refused", "/inbox/o.edi"),
    ]
    upload, refused = told["operations"][1:]
    assert (upload["size"], upload["transmission"], len(upload["sha256"])) == (len(data), sent, 64)
    assert "can't be withdrawn" in refused["result"]
    with house.context.database.write() as conn:
        assert sessions.forget(conn, datetime.now(UTC) - timedelta(days=1)) == 0
        assert sessions.forget(conn, datetime.now(UTC) + timedelta(days=1)) == 1
        assert sessions.one(conn, listed["id"]) is None


def test_notes_outlive_a_database_that_is_away(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    record = SessionRecord(database)
    record.began(SESSION)
    record.did(SESSION, "upload", "/inbox/x")
    record.write()  # there are no tables yet
    database.migrate()
    record.write()
    with database.read() as conn:
        told = sessions.one(conn, SESSION.id)
    assert told is not None and [each["path"] for each in told["operations"]] == ["/inbox/x"]
    database.close()


def test_uploads_wait_while_the_disk_is_full_or_too_much_is_to_be_done(small_house: House) -> None:
    upload = staged(small_house.folder / "x", b"x")
    small_house.configure("# [sftp.limits]", "[sftp.limits]\nwaiting_files = 1\n# ")
    home = small_house.home("nordwind")
    home.submit("inbox", "a.edi", upload, SESSION)
    with pytest.raises(Refused, match="wait to be processed; please try again later"):
        home.submit("inbox", "b.edi", upload, SESSION)
    small_house.configure("waiting_files = 1\n", "free_disk_mb = 1_000_000_000\n")
    with pytest.raises(Refused, match="no room for files at the moment"):
        small_house.home("nordwind").submit("inbox", "c.edi", upload, SESSION)


def test_a_partner_file_says_how_and_from_where_its_user_may_log_in(small_house: House) -> None:
    authority = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    settings = f'certificate_authorities = ["{authority}"]\nprincipals = ["edi"]\nnetworks = ["192.0.2.0/24"]'
    small_house.edit("nordwind", "[login]", f"[login]\n{settings}")
    account = ConfiguredAccounts(small_house.current).find("nordwind")
    assert account is not None
    assert (account.authorities, account.principals) == ((authority,), ("edi",))
    assert [str(network) for network in account.networks] == ["192.0.2.0/24"]
    assert ConfiguredAccounts(small_house.current).find("nobody") is None


@pytest.mark.parametrize(
    ("days", "welcome"),
    [
        ("valid_until = {0}", True),
        ("valid_until = {-1}", False),
        ("valid_from = {0}", True),
        ("valid_from = {1}", False),
    ],
)
def test_a_key_lets_in_on_its_days(small_house: House, days: str, welcome: bool) -> None:
    today = datetime.now(UTC).date()
    for offset in (-1, 0, 1):
        days = days.replace(f"{{{offset}}}", str(today + timedelta(days=offset)))
    line = (small_house.folder / "retailer.pub").read_text().strip()
    small_house.edit("nordwind", f'keys = ["{line}"]', f'keys = [{{ key = "{line}", {days} }}]')
    account = ConfiguredAccounts(small_house.current).find("nordwind")
    assert account is not None and account.keys == ((line,) if welcome else ())


@pytest.mark.parametrize("days", [1, -1])
def test_the_legacy_port_is_open_until_its_day(small_house: House, days: int) -> None:
    key = small_house.config.parent / "keys" / "host_rsa"
    rsa = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    key.write_bytes(rsa.export_private_key())
    key.chmod(0o600)
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    port = _free_port()
    table = f'port = {port}\nnetworks = ["127.0.0.0/8"]\nuntil = {until}\nhost_keys = ["keys/host_rsa"]'
    small_house.configure("# [sftp.legacy]", f"[sftp.legacy]\n{table}\n# ")
    old = {"server_host_key_algs": ["ssh-rsa"], "kex_algs": ["diffie-hellman-group14-sha1"]}
    with serving(small_house) as servers:
        assert asyncio.run(_speaks(port, old)) == (days > 0)
        assert not asyncio.run(_speaks(servers.port, old))


async def _speaks(port: int, algorithms: dict[str, list[str]]) -> bool:
    """Whether a client with these algorithms can log in."""
    options = {"known_hosts": None, "config": None, "agent_path": None, "client_keys": None, "password": "x"}
    try:
        await asyncssh.connect("127.0.0.1", port, username="nobody", **options, **algorithms)
    except asyncssh.PermissionDenied:
        return True  # the server was understood
    except (OSError, asyncssh.Error):
        return False
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
