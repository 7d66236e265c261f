"""A witness on golang.org/x/mod: our gateway is witnessed by it, and it verifies what our witness cosigns."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.gateway.upkeep.anchoring import anchor
from edigw.log.audit import Problem, audit
from edigw.log.eventlog import EventLog
from edigw.log.keys import WitnessKey
from edigw.partners.anchors import attesters
from edigw.partners.tables.anchors import Witness
from edigw.partners.tables.settings import LogSettings
from edigw.store import Database, Payloads
from edigw.witness.judge import Judge
from edigw.witness.state import State

from ..log.story import tell
from ..log.test_go import SOURCES
from .tree import KEY, ORIGIN, Growing

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None or not SOURCES.is_dir(),
    reason="needs Go and golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev)",
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("go")
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    source = Path(__file__).parent / "go" / "main.go"
    environment = {**os.environ, **settings}
    subprocess.run(["go", "build", "-o", folder / "witness", source], check=True, env=environment, timeout=110)
    return folder / "witness"


def test_a_witness_that_is_not_ours_finds_that_our_log_only_grows(program: Path, tmp_path: Path) -> None:
    process = subprocess.Popen([program, str(KEY.verifier)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        key, port = process.stdout.readline().split()
        settings = LogSettings(origin=ORIGIN, witnesses=(Witness(key=key, url=f"http://127.0.0.1:{port}"),))
        database = Database(f"sqlite:///{tmp_path}/edigw.db")
        database.migrate()
        log = EventLog.open(database, Payloads(tmp_path / "payloads", database), ORIGIN, key=KEY)
        for number in range(8):
            for _ in range(1 + 7 * number):
                tell(log, "orders.edi")
            log.integrate()
            outcome = asyncio.run(anchor(log, settings, timedelta()))
            assert outcome is not None and not outcome.troubles and len(outcome.cosignatures) == 1
            log.integrate()
        found = audit(database, log.payloads, log.keys, trusted=attesters(settings))
        assert [str(one) for one in found if isinstance(one, Problem)] == []
        database.close()
    finally:
        process.kill()
        process.wait()


def test_go_verifies_what_our_witness_cosigns(program: Path, tmp_path: Path) -> None:
    witness = WitnessKey("partner.example/w1", Ed25519PrivateKey.generate())
    judge = Judge(witness, {ORIGIN: (KEY.verifier,)}, State(tmp_path / "witness.db"))
    log, old, note = Growing(), 0, tmp_path / "note"
    for size in (1, 5, 256, 300):
        note.write_text(log.note(size) + judge.add_checkpoint(log.request(old, size)).body)
        assert subprocess.run([program, str(witness.verifier), note], timeout=60).returncode == 0
        old = size
    note.write_text(note.read_text().replace("\n300\n", "\n299\n"))
    assert subprocess.run([program, str(witness.verifier), note], timeout=60, capture_output=True).returncode == 1
