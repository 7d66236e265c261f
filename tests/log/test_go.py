"""An independent verifier, golang.org/x/mod/sumdb, comes to the same verdicts about notes and proofs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey
from edigw.store import Database, Payloads
from edigw.store.schema import ev_checkpoint, ev_entry

from .conftest import KEY, ORIGIN
from .story import tell
from .test_note import LOG_KEY, NOTE

SOURCES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb")
pytestmark = pytest.mark.skipif(
    shutil.which("go") is None or not SOURCES.is_dir(),
    reason="needs Go and golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev)",
)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("go")
    program = folder / "verify"
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    source = Path(__file__).parent / "go" / "main.go"
    subprocess.run(["go", "build", "-o", program, source], check=True, env={**os.environ, **settings}, timeout=110)

    def running(key: object, *cases: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        paths = []
        for number, case in enumerate(cases):
            paths.append(folder / f"{number}.json")
            paths[-1].write_text(json.dumps(case, default=lambda data: base64.b64encode(data).decode()))
        return subprocess.run([program, str(key), *paths], capture_output=True, text=True, timeout=60)

    return running


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """For some sizes of a log: its note, every entry with its proof, and the proof from the size before."""
    root = tmp_path_factory.mktemp("log")
    database = Database(f"sqlite:///{root}/edigw.db")
    database.migrate()
    log = EventLog.open(database, Payloads(root / "payloads", database), ORIGIN, key=KEY)
    for number in range(60):
        tell(log, f"{number}.edi")
        if number % 7 == 0:
            log.integrate()
    log.integrate()
    with database.read() as connection:
        notes = connection.execute(select(ev_checkpoint).order_by(ev_checkpoint.c.size)).all()
        entries = connection.execute(select(ev_entry.c.entry).order_by(ev_entry.c.seq)).scalars().all()
    found = []
    for before, now in zip([None, *notes], notes, strict=False):
        records = [
            {"index": at, "data": data, "proof": log.inclusion(at, now.size)}
            for at, data in enumerate(entries[: now.size])
        ]
        proof = log.consistency(before.size, now.size) if before else []
        found.append(
            {"note": now.note, "old_note": before.note if before else "", "consistency": proof, "records": records}
        )
    database.close()
    return found


def test_go_verifies_every_note_and_every_proof(run: Run, cases: list[dict[str, Any]], key: LogKey) -> None:
    done = run(key.verifier, *cases)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "VERIFIED 300 of 300"


def test_go_opens_the_published_note(run: Run) -> None:
    assert run(LOG_KEY, {"note": NOTE}).stdout == "VERIFIED 0 of 8\n"


@pytest.mark.parametrize("what", ["data", "proof", "index", "note", "consistency"])
def test_go_refuses_what_we_refuse(run: Run, cases: list[dict[str, Any]], key: LogKey, what: str) -> None:
    case = {**cases[-1], "records": [dict(cases[-1]["records"][17])]}
    if what == "data":
        case["records"][0]["data"] = case["records"][0]["data"].replace(b'"at":"20', b'"at":"19')
    elif what == "proof":
        case["records"][0]["proof"] = case["records"][0]["proof"][:-1]
    elif what == "index":
        case["records"][0]["index"] = 18
    elif what == "note":
        case["note"] = case["note"].replace("\n300\n", "\n301\n")
    else:
        case["consistency"] = [b"x" * 32, *case["consistency"][1:]]
    done = run(key.verifier, case)
    assert done.returncode == 1 and done.stdout.startswith("DOES NOT VERIFY")
