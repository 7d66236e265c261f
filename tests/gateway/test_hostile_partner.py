"""A partner with a valid login that means harm: it gets nothing of others, and the others are served all the while."""

from __future__ import annotations

import gzip
import io
import socket
import stat
import statistics
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import paramiko
import pytest
from paramiko.sftp import CMD_HANDLE, CMD_OPEN, CMD_READ, int64
from sqlalchemy import select

from edigw.store.schema import transmission
from edigw.transport.passwords import hash_password
from tests.transport.sftp_world import put

from .house import House, sample
from .running import PATIENCE, Running

EVIL = "127.0.0.66"  # where the hostile partner sits: bans and caps by address are its own
ADVICE = sample("asn_4711.x12")
ORDERS = sample("orders_text.edi")
SECRET = b"what the supplier alone may see"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    house = House(tmp_path_factory.mktemp("hostile"))
    house.configure("# passwords = false", "passwords = true")
    house.configure("# max_file_mb = 64", "max_file_mb = 16")
    house.edit("nordwind", "[login]", f'[login]\npassword_hash = "{hash_password("a long enough password")}"')
    house.edit("prairie", 'method = "sftp"', 'method = "mailbox"')
    running = Running(house)
    running.start()
    with running.sftp("prairie") as sftp:
        put(sftp, "inbox/secret.txt", SECRET)
    yield running
    running.stop()


@contextmanager
def hostile(gateway: Running) -> Iterator[paramiko.SFTPClient]:
    with gateway.sftp("nordwind", source=EVIL) as client:
        yield client


def served(gateway: Running, sftp: paramiko.SFTPClient) -> None:
    """The supplier is served: what it sends is taken, processed and answered."""
    name = f"{time.monotonic_ns()}.x12"
    put(sftp, f"inbox/{name}", gateway.house.fresh(ADVICE, b"000088231"))
    gateway.wait_for(lambda: _state(gateway, name) == "accepted", f"{name} of the honest partner is processed")


def _state(gateway: Running, name: str) -> str | None:
    with gateway.house.context.database.read() as conn:
        return conn.execute(select(transmission.c.state).where(transmission.c.name == name)).scalar()


OUTSIDE = [
    "../prairie/inbox/secret.txt",
    "/../../../../etc/passwd",
    "/etc/passwd",
    "/proc/self/environ",
    "inbox/../../prairie/inbox/secret.txt",
    "inbox/secret.txt",
    "prairie/inbox/secret.txt",
    "..\\prairie\\inbox\\secret.txt",
    "inbox/./..//../keys/log.key",
    "outbox/%2e%2e/keys/log.key",
    "inbox\0/../../prairie/inbox/secret.txt",
    "inbox/secret.txt\0.edi",
    "\uff0e\uff0e/prairie/inbox/secret.txt",  # full stops of full width, which NFKC makes ".."
    "inbox/\u2024\u2024/secret.txt",
    "ınbox/secret.txt",
    "INBOX/secret.txt",
    "/" + "../" * 1000 + "etc/passwd",
    "inbox/" + "a" * 5000,
    "a/" * 2000,
    "~prairie/inbox/secret.txt",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_to_what_others_have(gateway: Running, path: str) -> None:
    with hostile(gateway) as sftp:
        actions: list[Callable[[], object]] = [
            lambda: sftp.open(path, "rb").read(),
            lambda: sftp.stat(path),
            lambda: sftp.listdir(path),
            lambda: sftp.remove(path),
            lambda: sftp.readlink(path),
            lambda: sftp.symlink(path, "inbox/link"),
            lambda: sftp.rename(path, "inbox/mine.part"),
            lambda: sftp.truncate(path, 0),
            lambda: sftp.mkdir(path),
        ]
        for action in actions:
            with pytest.raises((OSError, EOFError, paramiko.SSHException)):
                action()
        assert sftp.listdir("/") == ["inbox", "outbox", "receipts", "test"]
        assert "secret.txt" not in sftp.listdir("inbox")
    with gateway.sftp("prairie") as sftp:
        assert sftp.open("inbox/secret.txt", "rb").read() == SECRET


def test_links_are_not_made_whatever_asks_for_them(gateway: Running) -> None:
    with hostile(gateway) as sftp:
        put(sftp, "inbox/own.part", b"x")
        for extension in ("hardlink@openssh.com", "copy-data", "expand-path@openssh.com", "statvfs@openssh.com"):
            with pytest.raises((OSError, EOFError)):
                sftp._request(200, extension, "/inbox/own.part", "/../prairie/inbox/link")  # SSH_FXP_EXTENDED
        with pytest.raises(OSError):
            sftp.symlink("/etc/passwd", "inbox/link")
        assert sftp.normalize("../../prairie") == "/prairie" and sftp.normalize("..") == "/"
        assert stat.S_ISDIR(sftp.lstat("inbox").st_mode or 0)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_name_in_another_normal_form_is_another_name(gateway: Running, form: str) -> None:
    """Nothing takes two names for one: neither the mailbox nor a file system below it."""
    names = {unicodedata.normalize(f, "Ångström ﬁ.part") for f in ("NFC", "NFD", "NFKC", "NFKD")}
    mine = unicodedata.normalize(form, "Ångström ﬁ.part")
    with hostile(gateway) as sftp:
        for name in names:
            put(sftp, f"inbox/{name}", name.encode())
        assert sftp.open(f"inbox/{mine}", "rb").read() == mine.encode()
        for name in names:
            sftp.remove(f"inbox/{name}")


def test_the_envelope_of_another_one_is_refused_and_takes_nothing_from_it(gateway: Running) -> None:
    """Not even its reference: what the supplier sends under the same one is no duplicate."""
    forged = gateway.house.fresh(ADVICE, b"000088231")
    with hostile(gateway) as sftp:
        put(sftp, "inbox/forged.x12", forged)
        gateway.wait_for(lambda: _state(gateway, "forged.x12") == "rejected", "the forgery is rejected")
        gateway.wait_for(lambda: "forged.x12.report.txt" in sftp.listdir("receipts"), "and the forger is told")
    with gateway.sftp("prairie") as honest:
        before = honest.listdir("outbox")
        put(honest, "inbox/genuine.x12", forged.replace(b"*AS*", b"*AS*", 1))
        gateway.wait_for(lambda: _state(gateway, "genuine.x12") == "accepted", "the genuine one is accepted")
        assert len(honest.listdir("outbox")) == len(before) + 1


def test_sessions_channels_and_handles_run_out_for_the_hostile_partner_alone(gateway: Running) -> None:
    with ExitStack() as stack, gateway.sftp("prairie") as honest:
        connections = [stack.enter_context(gateway.transport("nordwind", source=EVIL)) for _ in range(10)]
        with pytest.raises((paramiko.SSHException, EOFError, OSError)), gateway.sftp("nordwind", source=EVIL) as sftp:
            sftp.listdir("/")
        opened = []  # kept: who lets go of a file closes it
        for connection in connections:
            client = paramiko.SFTPClient.from_transport(connection)
            assert client is not None
            with suppress(OSError):
                opened.extend(client.open(f"inbox/{number}.part", "wb") for number in range(100))
        assert 64 <= len(opened) <= 10 * 64
        served(gateway, honest)


def test_an_upload_without_end_ends_at_the_limit(gateway: Running) -> None:
    block = b"x" * (1 << 18)
    with hostile(gateway) as sftp, gateway.sftp("prairie") as honest:
        for name in ("endless.edi", "endless.part"):
            file = sftp.open(f"inbox/{name}", "wb")
            file.set_pipelined(True)
            with pytest.raises(OSError, match="larger than"):
                for _ in range(200):
                    file.write(block)
            with suppress(OSError):
                file.close()
        assert "endless.edi" not in sftp.listdir("inbox")
        served(gateway, honest)


def test_who_does_not_read_the_answers_takes_no_memory(gateway: Running) -> None:
    """Reads of half a gigabyte are asked for, and not one answer is read."""
    with hostile(gateway) as sftp, gateway.sftp("prairie") as honest:
        sftp.putfo(io.BytesIO(b"x" * 12_000_000), "inbox/large.part", confirm=False)
        before = _memory(gateway)
        kind, message = sftp._request(CMD_OPEN, "inbox/large.part", 1, paramiko.SFTPAttributes())
        assert kind == CMD_HANDLE
        handle = message.get_binary()
        transport = sftp.get_channel().get_transport()  # type: ignore[union-attr]
        transport.packetizer.read_message = lambda: time.sleep(PATIENCE)  # whatever comes stays in the socket
        sock = sftp.sock
        sock.settimeout(2)
        with suppress(TimeoutError, socket.timeout, OSError):
            for number in range(4000):
                sftp._async_request(type(None), CMD_READ, handle, int64(number % 40 * 262_144), 262_144)
        served(gateway, honest)
        assert _memory(gateway) - before < 60_000_000


def _memory(gateway: Running) -> int:
    """Resident bytes of the gateway."""
    (pid,) = gateway.pids
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def groups(count: int) -> bytes:
    """An interchange of empty groups."""
    head = ORDERS.partition(b"UNH+")[0]
    return head + b"UNG+ORDERS+A+B+261013:1432+1+UN+D:96A'UNE+0+1'" * count + b"UNZ+%d+NW0004714'" % count


HEAVY = {
    "groups.edi.gz": lambda: gzip.compress(groups(300_000), 1),
    "copies.edi.gz": lambda: gzip.compress(ORDERS * 300, 1),
    "bomb.gz": lambda: gzip.compress(b"\0" * 400_000_000, 1),
    "bomb-in-bomb.gz": lambda: gzip.compress(gzip.compress(b"\0" * 100_000_000, 1), 1),
    "segment.edi.gz": lambda: gzip.compress(ORDERS + b"UNB+" + b"A" * 14_000_000, 1),
    "segments.edi.gz": lambda: gzip.compress(ORDERS[:-40] + b"FTX+AAI'" * 1_700_000, 1),
    "elements.edi.gz": lambda: gzip.compress(ORDERS.replace(b"BGM", b"BGM" + b"+" * 13_000_000, 1), 1),
    "isa.x12.gz": lambda: gzip.compress(ADVICE[:106] * 130_000, 1),
}


def test_what_costs_most_to_read_keeps_nobody_else_waiting(gateway: Running) -> None:
    """Several of each at once, far more than there are workers: the supplier's file overtakes them, and each of them
    ends in a state of its own in the end."""
    names = []
    with hostile(gateway) as sftp, gateway.sftp("prairie") as honest:
        for name, make in HEAVY.items():
            data = make()
            for number in range(3 if name.startswith("segments") else 1):
                names.append(f"{number}-{name}")
                sftp.putfo(io.BytesIO(data), f"inbox/{names[-1]}", confirm=False)
        served(gateway, honest)
        waiting = [name for name in names if _state(gateway, name) == "received"]
        assert waiting, "all of it was done before the honest partner's file: make it heavier"
    gateway.wait_for(lambda: not [n for n in names if _state(gateway, n) == "received"], "all heavy files end", 300)
    assert {_state(gateway, name) for name in names} <= {"rejected", "partly_accepted", "duplicate"}
    with gateway.sftp("prairie") as honest:
        served(gateway, honest)


def test_passwords_are_guessed_in_vain_and_users_are_not_told_apart(gateway: Running) -> None:
    """Not even by the time that an answer takes: argon2 runs for nobody, too. In the end the address is shut out, and
    the partner at another one is not."""
    took: dict[str, list[float]] = {"nordwind": [], "nobody": [], "prairie": []}
    with gateway.sftp("prairie") as honest:
        for _ in range(3):
            for user, times in took.items():  # prairie has no password
                with suppress(EOFError, OSError, paramiko.SSHException):
                    times.append(_refused_after(gateway, user))
        medians = {user: statistics.median(times) for user, times in took.items()}
        assert max(medians.values()) < 3 * min(medians.values()), medians
        for _ in range(20):
            with suppress(EOFError, OSError, paramiko.SSHException):
                _refused_after(gateway, "nordwind")
        with pytest.raises((EOFError, OSError, paramiko.SSHException)), hostile(gateway):
            pass  # the right key, from the address that is shut out
        served(gateway, honest)
    with gateway.sftp("nordwind", source="127.0.0.1") as sftp:
        assert sftp.listdir("/") == ["inbox", "outbox", "receipts", "test"]


def _refused_after(gateway: Running, user: str) -> float:
    sock = socket.create_connection(("127.0.0.1", gateway.fronts[0]), PATIENCE, source_address=(EVIL, 0))
    transport = paramiko.Transport(sock)
    try:
        transport.start_client(timeout=PATIENCE)
        started = time.monotonic()
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_password(user, "wrong")
        return time.monotonic() - started
    finally:
        transport.close()


def test_the_log_verifies_after_all_that(gateway: Running) -> None:
    gateway.wait_for(gateway.idle, "everything is done")
    assert gateway.house.problems() == []
