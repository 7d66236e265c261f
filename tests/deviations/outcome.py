"""What becomes of a file under an agreement, as text: segments, findings, verdict and acknowledgement."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from edigw import acknowledge, directory
from edigw.acknowledge import AcknowledgementImpossible
from edigw.partners.reading import agreed_reading
from edigw.partners.tables.partner import PartnerFile
from edigw.syntax import Finding, Interchange, Loop, ParsedFile, Repeated

HERE = Path(__file__).parent
CASES: dict[str, dict[str, Any]] = tomllib.loads((HERE / "cases.toml").read_text())
WHEN = datetime(2026, 1, 2, 3, 4)


def outcomes(name: str) -> str:
    """The outcome of a case by default and under each of its agreements; segments only where they are others."""
    data = (HERE / "cases" / name).read_bytes()
    lines: list[str] = []
    shown: list[str] = []
    for agreement in [{}, *CASES[name].get("agreements", ())]:
        partner = msgspec.convert({"name": "X", "identifiers": {}, **agreement}, PartnerFile)
        parsed = directory.check(data, *agreed_reading(partner))
        said = [f"{table}.{key} = {value}" for table, keys in agreement.items() for key, value in keys.items()]
        lines.append(f"==== {', '.join(said) or 'by default'}")
        segments = [line for interchange in parsed.interchanges for line in _segments(interchange)]
        lines += [] if segments == shown else segments
        lines += _outcome(parsed)
        shown = segments
    return "\n".join(lines)


def expected_file(name: str) -> Path:
    return HERE / "expected" / f"{name}.txt"


def _outcome(parsed: ParsedFile) -> Iterator[str]:
    yield from _findings(parsed.findings)
    for interchange in parsed.interchanges:
        yield f"-- {interchange.standard} {interchange.control}: {_verdict(interchange)}"
        yield from _findings(interchange.findings)
        for holder, kind in [
            *((g, "group") for g in interchange.groups),
            *((m, "message") for m in interchange.messages),
        ]:
            if holder.findings:
                yield f"{kind} {holder.control}"
                yield from _findings(holder.findings)
        yield from _acknowledgement(interchange)
    if not parsed.interchanges:
        yield "-- nothing was read"


def _verdict(interchange: Interchange) -> str:
    accepted = acknowledge.accepted_messages(interchange)
    if not interchange.messages:
        return "accepted" if interchange.accepted else "rejected"
    return f"{len(accepted)} of {len(interchange.messages)} messages accepted"


def _findings(findings: list[Finding]) -> Iterator[str]:
    for f in findings:
        parts = [("segment", f.segment), ("", f.path or f.tag), ("element", f.element), ("component", f.component)]
        place = " ".join(f"{word} {part}".strip() for word, part in parts if part)
        at = f"byte {f.offset}" if f.offset is not None else ""
        yield f"  {f.severity} {f.code} [{', '.join(p for p in (place, at) if p)}] {f.text}"


def _segments(interchange: Interchange) -> Iterator[str]:
    yield _json(interchange.header)
    for segment in [*interchange.loose, *interchange.outside]:
        yield f" {_json(segment)}"
    for message in interchange.messages:
        yield from _tree(message.tree, 1) if message.tree else (f" {_json(segment)}" for segment in message.segments)
    if interchange.trailer:
        yield _json(interchange.trailer)


def _tree(loop: Loop, depth: int) -> Iterator[str]:
    for item in loop:
        if isinstance(item, Loop):
            yield f"{' ' * depth}{item.name}"
            yield from _tree(item, depth + 1)
        else:
            yield f"{' ' * depth}{_json(item)}"


def _json(segment: list[Any]) -> str:
    return json.dumps([{"repeated": list(e)} if isinstance(e, Repeated) else e for e in segment], ensure_ascii=False)


def _acknowledgement(interchange: Interchange) -> Iterator[str]:
    try:
        if interchange.standard == "edifact":
            data = acknowledge.write_contrl(interchange, control="1", message_control="1", now=WHEN)
        else:
            data = acknowledge.write_x12_acks(interchange, control=1, group_control=1, now=WHEN)
    except AcknowledgementImpossible as error:
        yield f"no acknowledgement: {error}"
        return
    if data is None:
        yield "no acknowledgement"
        return
    [answer] = _checked(data).interchanges
    for segment in [*answer.loose, *(s for m in answer.messages for s in m.segments)]:
        yield f"> {_json(segment)}"


def _checked(data: bytes) -> ParsedFile:
    """The acknowledgement as it is read; it must have no fault itself."""
    answered = directory.check(data)
    found = [f for i in answered.interchanges for h in (i, *i.groups, *i.messages) for f in h.findings]
    assert not [f for f in found if f.severity == "error"], found
    return answered
