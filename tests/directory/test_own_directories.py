"""A user's own directories, which stand beside the packaged ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ORDER = (
    "UNB+UNOC:3+4012345000009:14+5412345000013:14+260102:0304+R1'UNH+1+ORDERS:D:96A:UN:ACME01'BGM+220+PO1+9'"
    "DTM+137:20260102:102'ACM+RED'NAD+BY+4012345000009::9'LIN+1'QTY+21:5:PCE'UNS+S'CNT+2:1'UNT+10+1'UNZ+1+R1'"
)
PROGRAM = """
import json, sys
from edigw.directory import check
messages = check(sys.stdin.buffer.read()).interchanges[0].messages
print(json.dumps([[f.code, f.tag, f.value] for m in messages for f in m.findings if f.severity == "error"]))
"""


def own(folder: Path, family: str, name: str, content: dict[str, Any]) -> Path:
    (folder / family).mkdir(parents=True, exist_ok=True)
    (folder / family / f"{name}.json").write_text(json.dumps(content))
    return folder


def errors(text: str, folder: Path | None) -> list[list[str]]:
    """What a fresh process, which reads the environment anew, finds wrong."""
    environment = {**os.environ, "EDIGW_DIRECTORIES": str(folder) if folder else ""}
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=text.encode(), env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """ORDERS with a private segment ACM, whose code is COLOUR."""
    from edigw.directory import packaged

    name, group, table = json.loads(bytes(packaged.load("edifact", "D.96A").messages["ORDERS"]))
    table.insert(3, ["ACM", 0, 1])
    content = {
        "extends": "D.96A",
        "messages": {"ORDERS": [name, group, table]},
        "segments": {"ACM": ["ACME'S OWN", [["A001", 1, 1]], [], []]},
        "elements": {"A001": ["Colour", "an", 1, 5]},
        "codes": {"A001": {"RED": "Red"}},
    }
    return own(tmp_path, "edifact", "D.96A-ACME01", content)


def test_a_private_segment_is_an_error_by_the_packaged_directory_and_none_by_the_users_own(acme: Path) -> None:
    assert ["segment_unknown", "ACM"] in [e[:2] for e in errors(ORDER, None)]
    assert errors(ORDER, acme) == []


def test_codes_of_its_own_elements_are_checked(acme: Path) -> None:
    assert errors(ORDER.replace("ACM+RED", "ACM+BLUE"), acme) == [["invalid_code", "ACM", "BLUE"]]


def test_other_association_codes_keep_the_packaged_directory(acme: Path) -> None:
    assert ["segment_unknown", "ACM"] in [e[:2] for e in errors(ORDER.replace("ACME01", "EAN008"), acme)]


def test_a_file_that_extends_nothing_known_is_told_by_its_name(tmp_path: Path) -> None:
    own(tmp_path, "edifact", "D.96A-ACME01", {"extends": "D.11Z"})
    environment = {**os.environ, "EDIGW_DIRECTORIES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "edigw.admin.cli", "check", "-"],
        input=ORDER.encode(),
        env=environment,
        capture_output=True,
    )
    assert done.returncode == 2 and b"D.96A-ACME01.json: extends 'D.11Z'" in done.stderr
