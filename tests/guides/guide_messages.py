"""Small orders and ship notices, and guides written for one test each."""

from __future__ import annotations

from pathlib import Path

from edigw import directory
from edigw.directory.guides import Guide, GuideError, apply, parse_guide, problems
from edigw.syntax.findings import Finding
from edigw.syntax.model import ParsedFile

ORDERS_HEAD = """\
guide: Test
standard: edifact
message: ORDERS
versions: [D.96A]
"""
PO_HEAD = """\
guide: Test
standard: x12
message: "850"
versions: ["004010"]
"""
NOTICE_HEAD = PO_HEAD.replace("850", "856")

ORDER = (
    "BGM+220+PO1+9",
    "DTM+137:20260102:102",
    "NAD+BY+5412345000013::9",
    "NAD+SU+8712345000011::9",
    "CUX+2:EUR:9",
    "LIN+1++5412345111115:EN",
    "QTY+21:10",
    "PRI+AAA:1.5",
    "UNS+S",
    "CNT+2:1",
)
PO = (
    "BEG*00*SA*PO1**20260102",
    "REF*DP*041",
    "N1*BY*Buyer*92*B1",
    "N1*ST*Store*UL*5412345000013",
    "PO1*1*10*EA*1.5**UP*012345678905",
    "CTT*1",
)


def orders(*segments: str, association: str = "EAN008", syntax: str = "UNOC:3") -> bytes:
    """An ORDERS D.96A in its interchange."""
    parts = segments or ORDER
    body = "".join(f"{segment}'" for segment in parts)
    header = f"UNB+{syntax}+5412345000013:14+8712345000011:14+260102:1000+REF1'"
    identifier = f"ORDERS:D:96A:UN:{association}" if association else "ORDERS:D:96A:UN"
    return f"{header}UNH+1+{identifier}'{body}UNT+{len(parts) + 2}+1'UNZ+1+REF1'".encode("latin-1")


def purchase_order(*segments: str, set_id: str = "850", version: str = "004010") -> bytes:
    """An X12 set in its interchange and group."""
    parts = segments or PO
    body = "".join(f"{segment}~" for segment in parts)
    group = {"850": "PO", "856": "SH"}[set_id]
    repetition = "U" if version < "004020" else "^"
    return (
        f"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260102*1000*{repetition}*{version[:5]}*"
        f"000000001*0*T*>~GS*{group}*SENDER*RECEIVER*20260102*1000*1*X*{version}~ST*{set_id}*0001~{body}"
        f"SE*{len(parts) + 2}*0001~GE*1*1~IEA*1*000000001~"
    ).encode()


def guide(text: str, head: str = ORDERS_HEAD) -> Guide:
    """A guide that must be right."""
    found, wrong = parse_guide((head + text).encode(), Path("test.yaml"))
    assert found is not None, wrong
    assert problems(found) == []
    return found


def wrong(text: str, head: str = ORDERS_HEAD) -> list[GuideError]:
    """Everything that is wrong with a guide."""
    found, errors = parse_guide((head + text).encode(), Path("test.yaml"))
    return errors or problems(found)


def checked(data: bytes, *guides: Guide) -> ParsedFile:
    """A file held against the standard and the guides."""
    parsed = directory.check(data)
    apply(parsed, guides)
    return parsed


def found(data: bytes, text: str, head: str = ORDERS_HEAD) -> list[Finding]:
    """What is said of the one message of a file, notes left out."""
    return [f for f in said(data, text, head) if f.severity != "note"]


def said(data: bytes, text: str, head: str = ORDERS_HEAD) -> list[Finding]:
    """What is said of the one message of a file."""
    (interchange,) = checked(data, guide(text, head)).interchanges
    assert interchange.accepted, interchange.findings
    (message,) = interchange.messages
    return message.findings


def brief(data: bytes, text: str, head: str = ORDERS_HEAD) -> list[tuple[str, int | None, int | None, int | None]]:
    """As `found`: rule, segment, element, component."""
    return [(f.code, f.segment, f.element, f.component) for f in found(data, text, head)]
