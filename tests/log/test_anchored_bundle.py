"""Bundles with timestamps and cosignatures: what they prove, and that nothing of it can be altered, taken or lent."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log.anchors import records
from edigw.log.anchors.statement import Token
from edigw.log.anchors.witness import cosignature
from edigw.log.bundle import export
from edigw.log.eventlog import EventLog
from edigw.log.keys import WitnessKey
from edigw.log.note import Checkpoint, split_note
from edigw.log.verify import Report, verify_bundle
from edigw.store import Database, Payloads
from edigw.store.clock import stamp

from .authority import DAY, Authority
from .conftest import KEY, ORIGIN
from .story import tell
from .test_bundle import SCRIPT, reseal, run

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
KEYS = [str(KEY.verifier), str(WITNESS.verifier)]
NOW = datetime.now(UTC).replace(microsecond=0)


class Made(NamedTuple):
    folder: Path  # an unpacked bundle
    roots: Path
    lent: bytes  # a token of the same authority over a checkpoint of another log
    cosigned: str  # a line of the same witness under one


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("anchored")
    one, two = (Authority(root / name, NOW - DAY, NOW + DAY) for name in ("one", "two"))
    database = Database(f"sqlite:///{root}/edigw.db")
    database.migrate()
    log = EventLog.open(database, Payloads(root / "payloads", database), ORIGIN, key=KEY)

    def anchor(minutes: int) -> None:
        log.integrate()
        note, at = log.checkpoint() or "", NOW + timedelta(minutes=minutes)
        imprint = hashlib.sha256(note.encode()).digest()
        later = at + timedelta(seconds=1)
        tokens = [
            Token("one", stamp(at), one.stamp(imprint, at)),
            Token("two", stamp(later), two.stamp(imprint, later)),
        ]
        body = split_note(note)[0]
        line = cosignature(WITNESS.cosign(body, int(at.timestamp())), body, WITNESS.verifier)
        records.record(log, note, tokens, [line], {}, at)
        log.integrate()

    tell(log, "earlier.edi")
    anchor(-5)
    told = tell(log, "orders.edi")
    log.integrate()
    tell(log, "later.edi")
    anchor(5)
    tell(log, "much later.edi")
    anchor(10)
    with zipfile.ZipFile(export(log, [told.xid, told.child], root / "evidence.zip")) as archive:
        archive.extractall(root / "unpacked")
    database.close()
    other = Checkpoint("edi.example/log/other", 17, b"x" * 32).body()
    lent = one.stamp(hashlib.sha256(other.encode()).digest(), NOW)
    return Made(root / "unpacked", one.roots, lent, WITNESS.cosign(other, 1))


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    return shutil.copytree(made.folder, tmp_path / "unpacked")


def verified(folder: Path, made: Made) -> Report:
    return verify_bundle(folder, KEYS, tsa_ca=[made.roots])


def clock(minutes: int) -> str:
    return f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def test_others_say_between_which_times_the_events_were_logged(made: Made) -> None:
    report = verified(made.folder, made)
    assert report.ok, report.failure
    assert f"checkpoint was timestamped at {clock(5)} (checkpoint.tsr)" in report.notes, (
        "the first one after the events"
    )
    assert f"the witness partner.example/w1 saw the checkpoint at {clock(5)}" in report.notes
    assert f"by what others attest, the events were logged after {clock(-5)} and before {clock(5)}" in report.notes
    assert [each for each in report.unproved if "sign" not in each] == []  # of times and histories nothing is left
    assert any(
        "checkpoint.two.tsr: not a timestamp of this checkpoint by a known authority" in w for w in report.warnings
    )


def test_the_command_says_what_is_proved_and_what_is_not(made: Made) -> None:
    key, witness = KEYS
    done = run(made.folder, "--key", key, "--witness", witness, "--tsa-ca", made.roots)
    assert done.returncode == 0, done.stdout
    assert "not proved: when" not in done.stdout and "not proved: that nobody" not in done.stdout, done.stdout
    alone = run(made.folder, "--key", key)
    assert alone.returncode == 0
    assert "not proved: when the events were logged: nobody but the gateway says so" in alone.stdout
    assert "not proved: that nobody was shown another history of the log" in alone.stdout
    assert "warning: checkpoint.tsr was not checked" in alone.stdout
    assert "not the key of a witness" in run(made.folder, "--witness", key).stderr


def test_a_timestamp_alone_does_not_say_that_the_events_came_later(folder: Path, made: Made) -> None:
    (folder / "before/cosignatures").unlink()
    reseal(folder)
    report = verified(folder, made)
    assert report.ok
    assert [line for line in report.unproved if "if the gateway had an old state timestamped late" in line]


def test_the_shell_script_checks_the_timestamp(folder: Path, made: Made, tmp_path: Path) -> None:
    def script(*more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", SCRIPT, folder, key, *more], capture_output=True, text=True, timeout=60)

    key = tmp_path / "log.vkey"
    key.write_text(f"{KEY.verifier}\n")
    done = script(made.roots)
    assert done.returncode == 0 and "note: the checkpoint was timestamped at " in done.stdout, done.stdout + done.stderr
    assert "skipped: the timestamp" in script().stdout
    (folder / "checkpoint.tsr").write_bytes(made.lent)
    reseal(folder)
    assert "DOES NOT VERIFY: checkpoint.tsr: not a timestamp of this checkpoint" in script(made.roots).stdout


def test_what_is_not_signed_in_an_answer_can_state_no_time(folder: Path, made: Made, tmp_path: Path) -> None:
    token = folder / "checkpoint.tsr"
    answer = token.read_bytes()
    status = bytes.fromhex("3003020100")
    assert status in answer[:10]
    said = b"\nTime stamp: " + f"{NOW - timedelta(hours=3):%b %d %H:%M:%S %Y}".encode() + b" GMT"
    text = bytes([0x0C, len(said)]) + said
    listed = bytes([0x30, len(text)]) + text
    forged = bytes([0x30, 3 + len(listed)]) + status[2:] + listed
    body = forged + answer[answer.index(status) + len(status) :]
    token.write_bytes(b"\x30\x82" + len(body).to_bytes(2, "big") + body)
    reseal(folder)
    report = verified(folder, made)
    assert report.ok, report.failure
    assert f"checkpoint was timestamped at {clock(5)} (checkpoint.tsr)" in report.notes
    key = tmp_path / "log.vkey"
    key.write_text(f"{KEY.verifier}\n")
    done = subprocess.run(["sh", SCRIPT, folder, key, made.roots], capture_output=True, text=True, timeout=60)
    assert f"{NOW + timedelta(minutes=5):%H:%M:%S}" in done.stdout.partition("timestamped at")[2], done.stdout


def test_the_report_names_who_attests_and_when(made: Made) -> None:
    page = (made.folder / "report.html").read_text()
    when = f"{stamp(NOW + timedelta(minutes=5))}".replace("T", " ").removesuffix("Z")
    assert f"That state was timestamped at {when} by the authority that the gateway calls one (RFC 3161" in page
    assert f"That state was seen by the witness partner.example/w1 at {when}" in page
    assert "it is certain between which times all of them were logged" in page
    assert "--witness &#x27;NAME+ID+KEY&#x27;" in page or "--witness 'NAME+ID+KEY'" in page


def altered_token(path: Path, made: Made) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])


def altered_line(path: Path, made: Made) -> None:
    dash, name, signature = path.read_text().split(" ")
    raw = bytearray(base64.b64decode(signature))
    raw[6] ^= 1  # the time
    path.write_text(f"{dash} {name} {base64.b64encode(raw).decode()}\n")


def lent_token(path: Path, made: Made) -> None:
    path.write_bytes(made.lent)


def lent_line(path: Path, made: Made) -> None:
    path.write_text(made.cosigned)


def gone(path: Path, made: Made) -> None:
    for token in path.parent.glob(f"{path.stem}*{path.suffix}"):
        token.unlink()


def rewritten(path: Path, made: Made) -> None:
    """Another history of the same size, signed by whoever has the log's key."""
    old = path.read_text()
    body = Checkpoint(ORIGIN, Checkpoint.of(old).size, b"x" * 32).body()
    new = body + "\n" + KEY.sign(body)
    for file in [path, *path.parent.rglob("*.tlog-proof")]:
        file.write_text(file.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("name", "attack", "failure"),
    [
        ("checkpoint.tsr", altered_token, "checkpoint.tsr: not a timestamp of this checkpoint by a known authority"),
        ("checkpoint.tsr", lent_token, "checkpoint.tsr: not a timestamp of this checkpoint by a known authority"),
        ("checkpoint.tsr", gone, "checkpoint.tsr is missing: no authority has timestamped the checkpoint"),
        ("cosignatures", altered_line, "checkpoint: the signature of partner.example/w1 is wrong"),
        ("cosignatures", lent_line, "checkpoint: the signature of partner.example/w1 is wrong"),
        ("cosignatures", gone, "checkpoint: the witness partner.example/w1 has not signed it"),
        ("checkpoint", rewritten, "checkpoint: the signature of partner.example/w1 is wrong"),
        ("before/checkpoint.tsr", altered_token, "before/checkpoint.tsr: not a timestamp of this checkpoint"),
        ("before/cosignatures", altered_line, "before/checkpoint: the signature of partner.example/w1 is wrong"),
        ("before/checkpoint", rewritten, "before/checkpoint: the signature of partner.example/w1 is wrong"),
    ],
)
def test_no_anchor_can_be_altered_lent_or_taken_away(
    folder: Path, made: Made, name: str, attack: Callable[[Path, Made], None], failure: str
) -> None:
    attack(folder / name, made)
    reseal(folder)
    assert verified(folder, made).failure.startswith(failure)


def test_a_rewritten_earlier_state_without_cosignature_does_not_fit(folder: Path, made: Made) -> None:
    (folder / "before/cosignatures").unlink()
    rewritten(folder / "before/checkpoint", made)
    reseal(folder)
    assert verified(folder, made).failure == "before/consistency: the log did not grow from the earlier checkpoint"


def test_an_event_whose_own_time_others_contradict_is_pointed_out(tmp_path: Path, made: Made) -> None:
    database = Database(f"sqlite:///{tmp_path}/edigw.db")
    database.migrate()
    log = EventLog.open(database, Payloads(tmp_path / "payloads", database), ORIGIN, key=KEY)
    tell(log, "earlier.edi")
    log.integrate()
    body = split_note(log.checkpoint() or "")[0]
    seen = cosignature(WITNESS.cosign(body, int(NOW.timestamp())), body, WITNESS.verifier)
    records.record(log, log.checkpoint() or "", [], [seen], {}, NOW)
    xid = "1" * 32
    with log.database.write() as connection:
        log.append(connection, type="admin.action", xid=xid, actor="admin:eve", at=NOW - 30 * DAY)
    log.integrate()
    report = verify_bundle(export(log, [xid], tmp_path / "e.zip"), [KEYS[0]])
    assert report.ok and not report.warnings[-1].startswith("entries/0000.json claims")
    body = split_note(log.checkpoint() or "")[0]
    line = cosignature(WITNESS.cosign(body, int(NOW.timestamp()) + 60), body, WITNESS.verifier)
    records.record(log, log.checkpoint() or "", [], [line], {}, NOW)
    report = verify_bundle(export(log, [xid], tmp_path / "f.zip"), KEYS)
    assert report.ok, report.failure
    assert any(line.startswith("entries/0000.json claims to be of ") for line in report.warnings), report.warnings
    database.close()
