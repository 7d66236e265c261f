"""Trading scenarios written by hand: one document, and how each standard says it.

A folder of `samples/scenarios` holds `document.json`, the bodies of the messages (a segment a line, named by message
type), the overlay of a partner who wants something else of one of them (`overlay.856.yaml`), and where the standards
can't say the same

* `losses.txt`: a line for each loss, with the reason: `write 850: dropped lines[0].origin: an 850 has no place for it`;
* `returned.<MESSAGE>`: what comes back of a message that went through the other standard, where it differs; what it
  must say then is in `losses.txt`, too: `return ORDERS: defaulted type: …`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edigw import mapping
from edigw.directory import x12
from edigw.documents import DOCUMENTS, decode
from edigw.mapping import Binding, Loss
from edigw.resources import shipped
from edigw.syntax import Loop
from tests.mapping import laws
from tests.mapping.golden import rendered
from tests.mapping.wire import received

FOLDER = shipped("samples") / "scenarios"
VERSIONS = {"edifact": "D.96A", "x12": "004010"}
BINDINGS = {name.rpartition("/")[2]: name for name in mapping.bindings()}
OTHER = frozenset({"README.md", "document.json", "losses.txt"})


def standard(message: str) -> str:
    return "x12" if message.isdigit() else "edifact"


def bodies(folder: Path) -> list[str]:
    """The message types that a scenario has."""
    return sorted(path.name for path in folder.iterdir() if path.name not in OTHER and "." not in path.name)


FOLDERS = sorted(FOLDER.iterdir())
SCENARIOS = [pytest.param(f, m, id=f"{f.name}-{m}") for f in FOLDERS for m in bodies(f)]
PASSAGES = [
    pytest.param(folder, source, target, id=f"{folder.name}-{source}-{target}")
    for folder in FOLDERS
    for source in bodies(folder)
    for target in bodies(folder)
    if standard(source) != standard(target)
]


def bound(folder: Path, message: str) -> Binding:
    """The binding of a message, with the overlay of the scenario's partner if there is one."""
    overlay = folder / f"overlay.{message}.yaml"
    return mapping.binding(BINDINGS[message], VERSIONS[standard(message)], overlay if overlay.is_file() else None)


def tree_of(message: str, body: str) -> Loop:
    """The structured message of a body; it is valid."""
    lines = body.splitlines()
    if standard(message) == "edifact":
        head = ["UNB+UNOC:3+A:14+B:14+261005:0915+1'", f"UNH+1+{message}:D:96A:UN'"]
        tail = [f"UNT+{len(lines) + 2}+1'", "UNZ+1+1'"]
    else:
        group = x12(VERSIONS["x12"]).message(message).group
        isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'A':15}*ZZ*{'B':15}*261005*0915*U*00401*000000001*0*P*>~"
        head = [isa, f"GS*{group}*A*B*20261005*0915*1*X*004010~", f"ST*{message}*0001~"]
        tail = [f"SE*{len(lines) + 2}*0001~", "GE*1*1~", "IEA*1*000000001~"]
    found = received("\n".join([*head, *lines, *tail, ""]).encode("latin-1"))
    assert found.valid and found.tree is not None, [finding.text for finding in found.findings]
    return found.tree


def said(folder: Path, message: str) -> Any:
    return decode((folder / "document.json").read_bytes(), DOCUMENTS[bound(folder, message).document])


def listed(folder: Path, action: str) -> set[str]:
    path = folder / "losses.txt"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return {line.split(": ")[1] for line in lines if line.startswith(f"{action}: ")}


def told(losses: list[Loss]) -> set[str]:
    return {f"{loss.kind} {loss.location}" for loss in losses}


@pytest.mark.parametrize(("folder", "message"), SCENARIOS)
def test_reading_a_message_gives_the_document(folder: Path, message: str) -> None:
    binding = bound(folder, message)
    document, losses = binding.read(tree_of(message, (folder / message).read_text("utf-8")))
    _, lost = binding.write(said(folder, message))
    expected = laws.without(said(folder, message), lost)
    assert laws.differences(expected, document) == []
    assert told(losses) == listed(folder, f"read {message}")


@pytest.mark.parametrize(("folder", "message"), SCENARIOS)
def test_writing_the_document_gives_the_message(folder: Path, message: str) -> None:
    text, losses = rendered(bound(folder, message), said(folder, message))
    assert text == (folder / message).read_text("utf-8")
    assert told(losses) == listed(folder, f"write {message}")


@pytest.mark.parametrize(("folder", "source", "target"), PASSAGES)
def test_a_message_becomes_that_of_the_other_standard(folder: Path, source: str, target: str) -> None:
    document, _ = bound(folder, source).read(tree_of(source, (folder / source).read_text("utf-8")))
    text, losses = rendered(bound(folder, target), document)
    returned = folder / f"returned.{target}"
    assert text == (returned if returned.is_file() else folder / target).read_text("utf-8")
    known = listed(folder, f"write {target}") | listed(folder, f"return {target}")
    assert told(losses) <= known


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_scenario_is_explained_and_complete(folder: Path) -> None:
    """Every segment of its messages is in the table of its README."""
    explained = (folder / "README.md").read_text("utf-8")
    assert len(bodies(folder)) >= 2
    for message in bodies(folder):
        for line in (folder / message).read_text("utf-8").splitlines():
            assert line.rstrip("'~").replace("|", "\\|") in explained, line
