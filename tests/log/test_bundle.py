"""Evidence bundles: what is exported verifies, and no change to it goes unnoticed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from edigw.log import note, verify
from edigw.log.bundle import export
from edigw.log.errors import LogError
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey
from edigw.log.objects import erase
from edigw.store import Database, Payloads
from edigw.store.schema import evidence_object

from .conftest import KEY, ORIGIN
from .story import ORDER, TRANSLATED, Story, tell

VERIFIER = Path(verify.__file__)
SCRIPT = VERIFIER.with_suffix(".sh")


def tell_between_others(log: EventLog) -> Story:
    """One story in a log that holds others before and after."""
    tell(log, "earlier.edi")
    log.integrate()
    told = tell(log, "orders.edi")
    log.integrate()
    tell(log, "later.edi")
    log.integrate()
    return told


@pytest.fixture
def story(log: EventLog) -> Story:
    return tell_between_others(log)


@pytest.fixture
def bundle(log: EventLog, story: Story, tmp_path: Path) -> Path:
    return export(log, [story.xid, story.child], tmp_path / "evidence.zip")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked bundle that every test of the verifiers copies."""
    root = tmp_path_factory.mktemp("original")
    database = Database(f"sqlite:///{root}/edigw.db")
    database.migrate()
    log = EventLog.open(database, Payloads(root / "payloads", database), ORIGIN, key=KEY)
    told = tell_between_others(log)
    with zipfile.ZipFile(export(log, [told.xid, told.child], root / "evidence.zip")) as archive:
        archive.extractall(root / "unpacked")
    database.close()
    return root / "unpacked"


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "unpacked")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(VERIFIER), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def reseal(folder: Path) -> None:
    """What a careful forger does after each change: new sums."""
    names = sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != "SHA256SUMS"
    )
    sums = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / "SHA256SUMS").write_text("".join(sums))


def test_an_exported_bundle_verifies_with_the_logs_key(log: EventLog, story: Story, bundle: Path, key: LogKey) -> None:
    done = run(bundle, "--key", key.verifier)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VERIFIED" in done.stdout
    assert f"exchange {story.child} was split from exchange {story.xid}" in done.stdout
    assert f"SHA-256 {story.sha256}" in done.stdout
    assert "file orders.edi" in done.stdout
    assert "grew from an earlier state of 5 entries" in done.stdout
    assert f"exchange {story.child} is not closed" in done.stdout


def test_a_folder_verifies_and_without_a_key_says_what_that_is_worth(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 0, done.stdout
    assert "consistent in itself" in done.stdout


def test_the_verifier_in_the_bundle_verifies_the_folder_it_lies_in(folder: Path) -> None:
    command = [sys.executable, "-I", str(folder / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_report_tells_the_story(folder: Path) -> None:
    text = (folder / "report.txt").read_text()
    assert "the gateway took in a file (exchange 1, event 0)" in text
    assert "received: orders.edi" in text
    assert "message: ORDERS D.96A, number PO4711, from supplier to retailer" in text
    assert f"SHA-256 {hashlib.sha256(ORDER + b'orders.edi').hexdigest()}" in text


def test_the_verifier_is_importable(bundle: Path, key: LogKey) -> None:
    report = verify.verify_bundle(bundle, [str(key.verifier)])
    assert report.ok
    assert len(report.story) == 5


def test_another_key_does_not_verify(bundle: Path) -> None:
    other = note.public_key(ORIGIN, Ed25519PrivateKey.generate())
    done = run(bundle, "--key", other)
    assert done.returncode == 1
    assert "DOES NOT VERIFY: checkpoint: the log's key has not signed it" in done.stdout


@pytest.mark.parametrize("arguments", [["nowhere.zip"], [str(VERIFIER)], ["{folder}", "--key", "x+y+z"]])
def test_what_is_no_bundle_or_no_key_is_unusable(folder: Path, arguments: list[str]) -> None:
    done = run(*(argument.format(folder=folder) for argument in arguments))
    assert done.returncode == 2
    assert done.stderr.startswith("unusable: ")
    assert "Traceback" not in done.stderr


def _sub(pattern: bytes, to: bytes, name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        changed = re.sub(pattern, to, path.read_bytes(), count=1)
        assert changed != path.read_bytes()
        path.write_bytes(changed)

    return change


def _drop(number: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for path in folder.glob(f"entries/{number:04d}.*"):
            path.unlink()

    return change


def _renumber(folder: Path) -> None:
    _drop(1)(folder)
    for number in (2, 3, 4):
        for path in folder.glob(f"entries/{number:04d}.*"):
            path.rename(path.with_name(path.name.replace(f"{number:04d}", f"{number - 1:04d}")))


def _swap(folder: Path) -> None:
    a, b = folder / "entries/0000.tlog-proof", folder / "entries/0001.tlog-proof"
    first = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(first)


def _in_objects(pattern: str, to: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = sorted(folder.glob(f"objects/*{pattern}"))[0]
        path.write_bytes(to)

    return change


def _without_object(folder: Path) -> None:
    path = sorted(folder.glob("objects/*.bin"))[0]
    path.unlink()
    path.with_suffix(".salt").unlink()


def _stray_object(folder: Path) -> None:
    (folder / f"objects/{'0' * 64}.bin").write_bytes(b"x")
    (folder / f"objects/{'0' * 64}.salt").write_bytes(b"s" * 32)


def _resign(folder: Path) -> None:
    old = (folder / "checkpoint").read_text()
    body, _ = note.split_note(old)
    new = note.assemble(body, note.sign(body, ORIGIN, Ed25519PrivateKey.generate()))
    for path in [folder / "checkpoint", *folder.glob("entries/*.tlog-proof")]:
        path.write_text(path.read_text().replace(old, new))


def _grow(folder: Path) -> None:
    for path in [folder / "checkpoint", *folder.glob("entries/*.tlog-proof")]:
        path.write_text(path.read_text().replace("\n15\n", "\n16\n"))


def _lengthen_proof(folder: Path) -> None:
    path = folder / "entries/0000.tlog-proof"
    extra = base64.b64encode(b"\0" * 32).decode()
    path.write_text(path.read_text().replace("\n\n", f"\n{extra}\n\n", 1))


def _fork_before(folder: Path) -> None:
    body = note.Checkpoint(ORIGIN, 5, b"x" * 32).body()
    (folder / "before/checkpoint").write_text(note.assemble(body, KEY.sign(body)))


TAMPERINGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "time of an entry": (_sub(rb'"at":"20', b'"at":"19', "entries/0000.json"), "not in the log"),
    "white space in an entry": (_sub(rb'","at', b'", "at', "entries/0000.json"), "not canonical"),
    "proofs swapped": (_swap, "not in the log"),
    "proof lengthened": (_lengthen_proof, "entries/0000.tlog-proof"),
    "proof shortened": (_sub(rb"(index \d+\n)[^\n]+\n", rb"\1", "entries/0000.tlog-proof"), "not in the log"),
    "index changed": (_sub(rb"index \d+", b"index 99", "entries/0000.tlog-proof"), "no entry 99"),
    "entry dropped": (_drop(1), "one is missing"),
    "last entry dropped": (_drop(4), "DOES NOT VERIFY|not closed"),
    "entry dropped and the rest renumbered": (_renumber, "event 0 of exchange|follow the event"),
    "checkpoint signed by another key": (_resign, "has not signed it"),
    "checkpoint over more": (_grow, "signature of"),
    "object changed": (_in_objects(".bin", b"[]"), "not what entries/"),
    "salt changed": (_in_objects(".salt", b"s" * 32), "not what entries/"),
    "salt shortened": (_in_objects(".salt", b"s"), "salt"),
    "object removed": (_without_object, "no reason is given"),
    "object added": (_stray_object, "no entry commits to it"),
    "before of a fork": (_fork_before, "did not grow"),
    "consistency emptied": (_sub(rb"(?s).+", b"", "before/consistency"), "did not grow"),
    "exchange renamed": (
        _sub(rb'"xids": \[\s+"[0-9a-f]{32}"', b'"xids": ["' + b"0" * 32 + b'"', "bundle.json"),
        "xids",
    ),
    "log renamed": (_sub(rb'"log": "[^"]*"', b'"log": "other"', "bundle.json"), "another log"),
}
HARMLESS = {"last entry dropped"}  # cutting off the newest events is possible; the verifier says they can't be excluded


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_bundle_does_not_verify(folder: Path, name: str) -> None:
    tamper, wanted = TAMPERINGS[name]
    tamper(folder)
    assert run(folder, "--key", KEY.verifier).returncode == 1, "the sums no longer fit"
    reseal(folder)
    done = run(folder, "--key", KEY.verifier)
    assert re.search(wanted, done.stdout), done.stdout
    if name not in HARMLESS:
        assert done.returncode == 1
        assert done.stdout.splitlines()[-1].startswith("DOES NOT VERIFY: ")


def test_the_before_checkpoint_must_not_cover_an_entry(folder: Path) -> None:
    (folder / "before/checkpoint").write_bytes((folder / "checkpoint").read_bytes())
    (folder / "before/consistency").write_bytes(b"")
    reseal(folder)
    assert "already covers one of the entries" in run(folder, "--key", KEY.verifier).stdout


def test_damage_in_transit_is_found_by_the_sums(folder: Path) -> None:
    (folder / "report.txt").write_text("something else")
    assert "report.txt is damaged" in run(folder).stdout


def test_one_altered_byte_of_any_file_is_named(folder: Path) -> None:
    for path in [path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]:
        data = path.read_bytes()
        path.write_bytes(bytes([*data[: len(data) // 2], data[len(data) // 2] ^ 1, *data[len(data) // 2 + 1 :]]))
        name = path.relative_to(folder).as_posix()
        said = verify.verify_bundle(folder, [str(KEY.verifier)]).failure
        assert said == f"{name} is damaged: its SHA-256 is not the one in SHA256SUMS"
        path.write_bytes(data)


def test_a_damaged_zip_file_does_not_end_in_a_traceback(bundle: Path) -> None:
    whole = bundle.read_bytes()
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        bundle.write_bytes(data)
        with contextlib.suppress(verify.Unusable):  # anything else that is raised would be a traceback
            verify.verify_bundle(bundle)


def test_a_required_witness_must_have_signed(folder: Path) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
    public = note.public_key("partner.example/w1", witness, note.COSIGNATURE)
    done = run(folder, "--key", KEY.verifier, "--key", public)
    assert "the witness partner.example/w1 has not signed it" in done.stdout
    body, _ = note.split_note((folder / "checkpoint").read_text())
    (folder / "cosignatures").write_text(note.cosign(body, "partner.example/w1", witness, 1700000000))
    reseal(folder)
    done = run(folder, "--key", KEY.verifier, "--key", public)
    assert done.returncode == 0, done.stdout
    assert "the witness partner.example/w1 saw the checkpoint at 2023-11-14T22:13:20Z" in done.stdout


def test_withheld_and_erased_objects_are_named(log: EventLog, story: Story, tmp_path: Path, key: LogKey) -> None:
    with log.database.write() as connection:
        of_payload = select(evidence_object.c.commit).where(evidence_object.c.sha256 == story.sha256)
        refs, orphans = erase(connection, list(connection.execute(of_payload).scalars()))
        log.append_erasure(connection, xid=story.xid, actor="admin:ann", reason="retention", erased=refs)
    for sha256 in orphans:
        log.payloads.files.remove(sha256)
    log.integrate()
    path = export(log, [story.xid, story.child], tmp_path / "e.zip", withhold={"payload.translated": "not yours"})
    done = run(path, "--key", key.verifier)
    assert done.returncode == 0, done.stdout
    assert "payload.original: erased" in done.stdout
    assert "payload.translated: withheld, not yours" in done.stdout
    with zipfile.ZipFile(path) as archive:
        assert all(archive.read(name) != TRANSLATED for name in archive.namelist())


def test_pending_or_unknown_exchanges_are_not_exported(log: EventLog, story: Story, tmp_path: Path) -> None:
    pending = tell(log, "pending.edi")
    for xid, text in ((pending.xid, "integrate first"), ("0" * 32, "no exchange")):
        with pytest.raises(LogError, match=text):
            export(log, [xid], tmp_path / "e.zip")
    assert list(tmp_path.glob("*e.zip*")) == []


def test_a_large_object_goes_through_in_pieces(log: EventLog, tmp_path: Path, key: LogKey) -> None:
    with log.database.write() as connection:
        log.append(connection, type="admin.action", xid="a" * 32, actor="admin:ann", detail={"text": "x" * 200_000})
    log.integrate()
    assert verify.verify_bundle(export(log, ["a" * 32], tmp_path / "e.zip"), [str(key.verifier)]).ok


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


def shell(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(SCRIPT), *map(str, arguments)], capture_output=True, text=True, timeout=60)


@needs_openssl
def test_the_shell_verifier_agrees(folder: Path, tmp_path: Path) -> None:
    public = tmp_path / "log.vkey"
    public.write_text(f"{KEY.verifier}\n")
    done = shell(folder, public)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VERIFIED 5 entries" in done.stdout
    assert "skipped:" in done.stdout
    assert "consistent in itself" in shell(folder).stdout


SKIPPED_BY_SHELL = {
    "last entry dropped",
    "object removed",
    "object added",
    "before of a fork",
    "consistency emptied",
    "exchange renamed",
    "log renamed",
}


@needs_openssl
@pytest.mark.parametrize("name", sorted(set(TAMPERINGS) - SKIPPED_BY_SHELL))
def test_the_shell_verifier_finds_tampering(folder: Path, tmp_path: Path, name: str) -> None:
    public = tmp_path / "log.vkey"
    public.write_text(f"{KEY.verifier}\n")
    TAMPERINGS[name][0](folder)
    reseal(folder)
    done = shell(folder, public)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("DOES NOT VERIFY: ")
