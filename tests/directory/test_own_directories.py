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


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "an element that does not exist": (
        {"segments": {"ACM": ["ACME'S OWN", [["A002", 1, 1]], [], []]}},
        "segments.ACM: there is no data element 'A002'",
    ),
    "no condition": (
        {"segments": {"ACM": ["ACME'S OWN", [["A001", 1, 1]], ["Q0102"], []]}},
        "segments.ACM: 'Q0102' is not a relational condition",
    ),
    "a condition about what is not there": (
        {"segments": {"ACM": ["ACME'S OWN", [["A001", 1, 1]], ["D2(010,020)"], []]}},
        "segments.ACM: D2(010,020) is about more elements than there are",
    ),
    "no segment": ({"segments": {"ACM": ["ACME'S OWN", []]}}, "segments.ACM: Expected `array`"),
    "no type": ({"elements": {"A001": ["Colour", "text", 1, 5]}}, "elements.A001: 'text' is no type"),
    "no length": ({"elements": {"A001": ["Colour", "an", 6, 5]}}, "elements.A001: a value can't have 6 to 5"),
    "no row": ({"messages": {"ORDERS": ["Order", "", [["UNH", 1]]]}}, "messages.ORDERS: ['UNH', 1] is no row"),
    "a group of nothing": (
        {"messages": {"ORDERS": ["Order", "", [["UNH", 1, 1], ["SG1", 0, 9, []]]]}},
        "messages.ORDERS: the group 'SG1' does not begin with a segment",
    ),
    "a segment that does not exist": (
        {"messages": {"ORDERS": ["Order", "", [["UNH", 1, 1], ["QQQ", 0, 1]]]}},
        "messages.ORDERS: there is no segment 'QQQ'",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_place_when_the_directory_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    """Even if no message needs what is wrong."""
    from edigw.directory import OwnDirectoryError, edifact, open_own, packaged

    change, told = MISTAKES[mistake]
    name = f"D.96A-{len(mistake)}X"  # opened directories are remembered by their names
    good = {"extends": "D.96A", "elements": {"A001": ["Colour", "an", 1, 5]}}
    monkeypatch.setenv("EDIGW_DIRECTORIES", str(own(tmp_path, "edifact", name, {**good, **change})))
    for cached in (packaged._own_files, packaged.versions, packaged.own_version):
        cached.cache_clear()
    try:
        for open_it in (open_own, lambda: edifact(name)):
            with pytest.raises(OwnDirectoryError) as error:
                open_it()
            assert str(error.value).startswith(f"{tmp_path}/edifact/{name}.json: {told}")
    finally:
        for cached in (packaged._own_files, packaged.versions, packaged.own_version):
            cached.cache_clear()


def test_dependency_notes_are_kept(acme: Path) -> None:
    """In the notation of the directories of EDIFACT; of a repeated element the first place counts."""
    content = json.loads((acme / "edifact" / "D.96A-ACME01.json").read_text())
    places = [["A001", 1, 2], ["A001", 0, 1], ["A001", 0, 1]]
    own(acme, "edifact", "D.96A-ACME01", {**content, "segments": {"ACM": ["OWN", places, ["D2(020,030)"], []]}})
    assert errors(ORDER.replace("ACM+RED", "ACM+RED+RED"), acme) == []
    assert errors(ORDER.replace("ACM+RED", "ACM+RED++RED"), acme) == [["element_dependency", "ACM", ""]]
    assert errors(ORDER.replace("ACM+RED", "ACM+RED++RED+RED"), acme) == []


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


def test_the_configuration_is_refused_with_a_directory_that_is_wrong(tmp_path: Path) -> None:
    """So that the gateway says so when it starts, and not when a message needs it."""
    own(tmp_path, "x12", "004010ACME", {"extends": "004010", "elements": {"9999": ["Colour", "AN", 6, 5]}})
    done = subprocess.run(
        [sys.executable, "-m", "edigw.admin.cli", "init", str(tmp_path / "gateway")],
        env={**os.environ, "EDIGW_DIRECTORIES": str(tmp_path)},
        capture_output=True,
    )
    assert done.returncode == 2
    assert b"004010ACME.json: elements.9999: a value can't have 6 to 5" in done.stderr


def test_the_example_of_the_page_about_directories_works(tmp_path: Path) -> None:
    """docs/directories.md: the file, and what Python then says."""
    page = (Path(__file__).parents[2] / "docs" / "directories.md").read_text()
    content, program = (page.split(f"```{language}\n")[1].split("```")[0] for language in ("json", "python"))
    own(tmp_path, "edifact", "D.96A-ACME01", json.loads(content))
    environment = {**os.environ, "EDIGW_DIRECTORIES": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True)
    said = [line.partition("# ")[2] for line in program.splitlines() if "print(" in line]
    assert done.stdout.decode().splitlines() == said, done.stderr.decode()
