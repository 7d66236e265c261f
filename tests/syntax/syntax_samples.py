"""Small interchanges for the tests of the syntax layer, and ways to look at what was found in them."""

from __future__ import annotations

import os
from pathlib import Path

from edigw.syntax import Finding, Interchange, Message, ParsedFile, ReadOptions, Segment, parse

PUBLIC = Path(os.environ.get("EDIGW_SAMPLES_PUBLIC", Path(__file__).parents[3] / "shared" / "samples-public"))

BODY = "BGM+220+PO1+9'DTM+137:20250115:102'LIN+1++5412345000013:EN'"
ORDER = f"UNH+1+ORDERS:D:96A:UN:EAN008'{BODY}UNT+5+1'"
UNB = "UNB+UNOC:3+5412345000013:14+8798765000012:14+250115:1031+REF1'"
EDIFACT = f"{UNB}{ORDER}UNZ+1+REF1'"

ISA = "ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *250115*1031*U*00401*000000007*0*P*>~"
PO = "ST*850*0001~BEG*00*SA*PO1**20250115~PO1*1*5*EA*1.5~SE*4*0001~"
GROUP = f"GS*PO*SENDER*RECEIVER*20250115*1031*3*X*004010VICS~{PO}GE*1*3~"
X12 = f"{ISA}{GROUP}IEA*1*000000007~"


def read(text: str | bytes, **options: object) -> Interchange:
    """The only interchange of a file."""
    data = text.encode("latin-1") if isinstance(text, str) else text
    parsed = parse(data, ReadOptions(**options))  # type: ignore[arg-type]
    assert len(parsed.interchanges) == 1, parsed
    assert not parsed.findings, parsed.findings
    return parsed.interchanges[0]


def read_file(text: str | bytes, **options: object) -> ParsedFile:
    data = text.encode("latin-1") if isinstance(text, str) else text
    return parse(data, ReadOptions(**options))  # type: ignore[arg-type]


def codes(holder: Interchange | Message | ParsedFile | object, severity: str = "error") -> list[str]:
    """The codes of the findings of one severity at one level."""
    findings: list[Finding] = holder.findings  # type: ignore[attr-defined]
    return [finding.code for finding in findings if finding.severity == severity]


def notes(interchange: Interchange) -> list[str]:
    """What was repaired in an interchange, its groups and its messages."""
    return [f.text for f in all_findings(interchange) if f.severity == "note"]


def all_findings(interchange: Interchange) -> list[Finding]:
    holders = [interchange, *interchange.groups, *interchange.messages]
    return [finding for holder in holders for finding in holder.findings]


def errors(interchange: Interchange) -> list[str]:
    """The codes of all errors in an interchange, its groups and its messages."""
    return [finding.code for finding in all_findings(interchange) if finding.severity == "error"]


def segments(interchange: Interchange) -> list[Segment]:
    """All segments of an interchange in their order, header and trailer included, as they were sent."""
    grouped = {id(message): group for group in interchange.groups for message in group.messages}
    placed: list[tuple[int, list[Segment]]] = []
    for group in interchange.groups:
        inner = [segment for message in group.messages for segment in message.segments]
        placed.append((group.offset, [group.header, *inner, *([group.trailer] if group.trailer else [])]))
    placed += [(m.start, m.segments) for m in interchange.messages if id(m) not in grouped]
    listed = [segment for _, run in sorted(placed, key=lambda pair: pair[0]) for segment in run]
    trailer = [interchange.trailer] if interchange.trailer else []
    return [interchange.header, *interchange.loose, *listed, *trailer]
