"""What becomes of a public sample file: how it is judged, what was found, and what its sender is told."""

from __future__ import annotations

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edigw.acknowledge import AcknowledgementImpossible, read_acknowledgement, write_contrl, write_x12_acks
from edigw.directory import check
from edigw.syntax import Finding, Interchange, ParsedFile, parse

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "samples-public"
SAMPLES = Path(os.environ.get("EDIGW_SAMPLES_PUBLIC", _BESIDE))
GOLDEN = Path(__file__).with_name("outcomes.csv")
_COLUMNS = ("path", "sha256", "outcome", "errors", "notes", "answer", "why")
_NOW = datetime(2026, 8, 30, 14, 5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the golden list. Codes stand with their number ("invalid_code:3"); `answer` counts what the answers
    say about interchanges, groups and messages; `why` is the reviewer's, and not compared."""

    path: str  # folder/path, as in the manifest
    sha256: str
    outcome: str  # accepted | accepted with notes | rejected
    errors: str
    notes: str  # warnings and notes
    answer: str
    why: str = ""

    def differences(self, other: Outcome) -> list[str]:
        """Where the judgement differs, in words."""
        pairs = [(name, getattr(self, name), getattr(other, name)) for name in _COLUMNS[1:-1]]
        return [f"{name} was {one!r}, is {two!r}" for name, one, two in pairs if one != two]


def manifest() -> dict[str, str]:
    """The files, as folder/path, each with what it is meant to be: "valid-looking", "invalid/deviant" ..."""
    with (SAMPLES / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        return {f"{row['folder']}/{row['path']}": row["intent"] for row in csv.DictReader(rows)}


def golden() -> dict[str, Outcome]:
    """The reviewed list, by path."""
    with GOLDEN.open(encoding="utf-8", newline="") as rows:
        return {row["path"]: Outcome(**row) for row in csv.DictReader(rows)}


def write(outcomes: Iterable[Outcome]) -> None:
    """Replace the list."""
    with GOLDEN.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_COLUMNS)
        rows.writerows([getattr(each, name) for name in _COLUMNS] for each in outcomes)


def outcome(path: str) -> Outcome:
    """Judge a file as the gateway does for a sender without an agreement."""
    data = (SAMPLES / path).read_bytes()
    parsed = check(data)
    found = list(findings(parsed))
    errors = [f for f in found if f.severity == "error"]
    notes = [f for f in found if f.severity != "error"]
    return Outcome(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        outcome="rejected" if errors else "accepted with notes" if notes else "accepted",
        errors=_counted(f.code for f in errors),
        notes=_counted(f.code for f in notes),
        answer=_counted(said for interchange in parsed.interchanges for said in _answer(interchange)),
    )


def findings(parsed: ParsedFile) -> Iterator[Finding]:
    """All findings of a file."""
    yield from parsed.findings
    for interchange in parsed.interchanges:
        yield from interchange.findings
        for group in interchange.groups:
            yield from group.findings
        for message in interchange.messages:
            yield from message.findings


def _answer(interchange: Interchange) -> Iterator[str]:
    """What the acknowledgement says: "interchange_accepted", "message_rejected" …; "none" or "impossible"."""
    try:
        if interchange.standard == "edifact":
            data = write_contrl(interchange, control="C1", message_control="1", now=_NOW)
        else:
            data = write_x12_acks(interchange, control=1, group_control=1, now=_NOW)
    except AcknowledgementImpossible:
        yield "impossible"
        return
    if data is None:
        yield "none"
        return
    for reply in parse(data).interchanges:
        for verdict in read_acknowledgement(reply):
            yield f"{verdict.level}_{verdict.outcome}"


def _counted(words: Iterable[str]) -> str:
    return " ".join(f"{word}:{number}" for word, number in sorted(Counter(words).items()))
