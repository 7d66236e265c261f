"""The whole log as files: what is written verifies without a database, and no change to it goes unnoticed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from edigw.log import note, tile_paths
from edigw.log.archive import write_archive
from edigw.log.audit_report import Problem
from edigw.log.errors import LogError
from edigw.log.eventlog import EventLog, new_xid
from edigw.log.merkle import fold, leaf_hash
from edigw.log.objects import erase
from edigw.log.offline import verify_archive
from edigw.store import Database, Payloads
from edigw.store.schema import evidence_object

from .conftest import KEY, ORIGIN
from .story import tell


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 300 entries, with a checkpoint now and then, one erased file, and a large detail."""
    root = tmp_path_factory.mktemp("log")
    database = Database(f"sqlite:///{root}/edigw.db")
    database.migrate()
    log = EventLog.open(database, Payloads(root / "payloads", database), ORIGIN, key=KEY)
    stories = []
    for number in range(3):
        stories.append(tell(log, f"{number}.edi"))
        log.integrate()
    with database.write() as connection:
        for _ in range(283):
            log.append(connection, type="admin.action", xid="b" * 32, actor="admin:ann", detail={"why": "test"})
        log.append(connection, type="admin.action", xid=new_xid(), actor="admin:ann", detail={"why": "x" * 70_000})
        which = select(evidence_object.c.commit).where(evidence_object.c.sha256 == stories[0].sha256)
        refs, orphans = erase(connection, list(connection.execute(which).scalars()))
        log.append_erasure(connection, xid=stories[0].xid, actor="admin:ann", reason="retention", erased=refs)
    for sha256 in orphans:
        log.payloads.files.remove(sha256)
    log.integrate()
    tell(log, "pending.edi")
    list(write_archive(database, log.payloads, log.keys, root / "open"))
    database.close()
    return root / "open"


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "open")


def problems(folder: Path) -> list[str]:
    return [str(found) for found in verify_archive(folder, [KEY.verifier]) if isinstance(found, Problem)]


def test_an_exported_log_verifies_with_the_logs_key_alone(folder: Path) -> None:
    assert problems(folder) == []


def test_another_tool_finds_the_tiles_where_the_standard_puts_them(folder: Path) -> None:
    assert (folder / "checkpoint").read_text().splitlines()[1] == "300"
    bundle = (folder / "tile/entries/000").read_bytes()
    length = int.from_bytes(bundle[:2], "big")
    first = (folder / "tile/0/000").read_bytes()
    assert leaf_hash(bundle[2 : 2 + length]) == first[:32]
    assert len((folder / "tile/0/001.p/44").read_bytes()) == 44 * 32
    hashes = [first[at : at + 32] for at in range(0, len(first), 32)]
    assert (folder / "tile/1/000.p/1").read_bytes() == fold(hashes)
    assert tile_paths.tile(0, 1234067) == "tile/0/x001/x234/067"


def test_nothing_of_what_was_erased_is_exported(folder: Path) -> None:
    lines = [json.loads(line) for path in folder.rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert sum(set(line) == {"commit"} for line in lines) == 1


def _sub(name: str, pattern: bytes, to: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        changed = re.sub(pattern, to, path.read_bytes(), count=1, flags=re.DOTALL)
        assert changed != path.read_bytes()
        path.write_bytes(changed)

    return change


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: next(iter(sorted(folder.glob(name)))).unlink()


def _damage(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = next(path for path in sorted(folder.glob(name)) if path.is_file())
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return change


def _resign(folder: Path) -> None:
    body = note.split_note((folder / "checkpoint").read_text())[0]
    other = Ed25519PrivateKey.generate()
    (folder / "checkpoint").write_text(note.assemble(body, note.sign(body, ORIGIN, other)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            _sub("tile/entries/000", b'"actor":"gateway"', b'"actor":"admin:x"'),
            "checkpoint over 5 entries: the entries",
        ),
        (
            _sub("tile/entries/001.p/44", b'"admin:ann"', b'"admin:bob"'),
            "checkpoint over 300 entries: the entries give",
        ),
        (
            _sub("tile/entries/001.p/44", b".$", b""),
            "tile/entries/001.p/44: can't be read: the bundle of entries breaks",
        ),
        (_damage("tile/0/000"), "tile/0/000: its hashes are not those"),
        (_damage("tile/1/000.p/1"), "tile/1/000.p/1: its hashes are not those"),
        (_remove("tile/0/000"), "tile/0/000: can't be read"),
        (_damage("payloads/*/*/*"), "hashes to"),
        (_remove("payloads/*/*/*"), "is missing"),
        (_sub("objects/000.jsonl", b'"salt":"..', b'"salt":"00'), "salt or content are not what the entry commits to"),
        (_sub("objects/000.jsonl", b"^[^\n]*\n", b""), "missing"),
        (_sub("objects/001.p/44.jsonl", b',"salt":"[^"]*"', b""), "no entry says that it was erased"),
        (_sub("checkpoints.jsonl", b'"size":5}', b'"size":6}'), "checkpoints.jsonl line 1: not in the order"),
        (
            _sub("checkpoints.jsonl", b"log/test.n5.n", b"log/test\\\\n6\\\\n"),
            "checkpoints.jsonl line 1: the signature",
        ),
        (_resign, "checkpoint: no known key signed the note"),
        (_remove("checkpoint"), "checkpoint: missing: the export was interrupted"),
    ],
)
def test_every_change_is_named(folder: Path, change: Callable[[Path], None], said: str) -> None:
    change(folder)
    assert any(said in line for line in problems(folder))


def test_a_folder_with_something_else_in_it_is_refused(folder: Path, log: EventLog) -> None:
    tell(log)
    log.integrate()
    with pytest.raises(LogError, match="not empty"):
        list(write_archive(log.database, log.payloads, log.keys, folder))
    with pytest.raises(LogError, match="no log in open form"):
        list(verify_archive(folder / "tile", [KEY.verifier]))


def test_a_log_that_signed_nothing_is_not_exported(log: EventLog, tmp_path: Path) -> None:
    tell(log)
    with pytest.raises(LogError, match="signed nothing"):
        list(write_archive(log.database, log.payloads, log.keys, tmp_path / "open"))
