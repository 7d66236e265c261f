"""Whole messages as text, and the objects that the syntax layer would make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from edigw.syntax.findings import Finding
from edigw.syntax.model import (
    EDIFACT_DEFAULT,
    X12_DEFAULT,
    Delimiters,
    Interchange,
    Loop,
    Message,
    PartyId,
    Segment,
)

ORDERS = """
UNH+1+ORDERS:D:96A:UN:EAN008
BGM+220+PO4711+9
DTM+137:20240115:102
DTM+2:202402011430:203
FTX+AAI+++PLEASE DELIVER EARLY
RFF+CT:C-88
DTM+171:20231201:102
NAD+BY+5412345000013::9++BUYER LTD+MAIN STREET 1+TOWN++12345+GB
CTA+OC+:JANE DOE
COM+00441234:TE
NAD+SU+4012345500004::9
CUX+2:EUR:9
LIN+1++5410738000152:EN
PIA+1+A-1:SA
IMD+F++:::WIDGET, RED
QTY+21:12
PRI+AAA:1.25
LIN+2++4012345000023:EN
QTY+21:3.5:KGM
PRI+AAA:10
UNS+S
MOA+86:50
CNT+2:2
UNT+24+1
"""

DESADV = """
UNH+1+DESADV:D:96A:UN:EAN005
BGM+351+DES1+9
DTM+137:20240116:102
RFF+ON:PO4711
NAD+BY+5412345000013::9
NAD+SU+4012345500004::9
CPS+1
PAC+1++201
CPS+2+1
PAC+1++CT
PCI+24
GIN+BJ+340123450000000017
LIN+1++5410738000152:EN
QTY+12:12
LIN+2++4012345000023:EN
QTY+12:3.5:KGM
CNT+2:2
UNT+18+1
"""

CONTRL = """
UNH+1+CONTRL:D:3:UN
UCI+REF1+5412345000013:14+4012345500004:14+7
UCM+1+ORDERS:D:96A:UN:EAN008+4
UCS+12
UCD+12+2
UNT+6+1
"""

PO850 = """
ST*850*0001
BEG*00*SA*PO4711**20240115
REF*CT*C-88
PER*OC*JANE DOE*TE*5551234
DTM*002*20240201
N1*BY*BUYER LTD*UL*5412345000013
N3*MAIN STREET 1
N4*TOWN*NY*12345*US
N1*SU*SUPPLIER INC*92*S-9
PO1*1*12*EA*1.25**UP*036000291452*VN*A-1
PID*F****WIDGET, RED
PO1*2*3.5*LB*10**UP*036000291452
CTT*2
SE*14*0001
"""

ASN856 = """
ST*856*0001
BSN*00*SHIP1*20240116*1430*0001
HL*1**S
TD1*CTN25*1****G*10*LB
TD5*B*2*UPSN*M
REF*BM*B-1
DTM*011*20240116
N1*ST*STORE*UL*5412345000013
HL*2*1*O
PRF*PO4711
HL*3*2*P
MAN*GM*00340123450000000017
HL*4*3*I
LIN**UP*036000291452
SN1**12*EA
CTT*4
SE*17*0001
"""

FA997 = """
ST*997*0001
AK1*PO*1
AK2*850*0001
AK3*N1*6**8
AK4*1*98*7*XX
AK5*R*5
AK9*R*1*1*0
SE*8*0001
"""

ALL = {"ORDERS": ORDERS, "DESADV": DESADV, "CONTRL": CONTRL, "850": PO850, "856": ASN856, "997": FA997}


def segments(text: str) -> list[Segment]:
    """The segments of a text with one segment a line: `+` and `:` where it begins with UNH, `*` and `>`
    otherwise."""
    lines = text.strip().splitlines()
    element, component = "+:" if lines[0].startswith("UNH") else "*>"
    return [[part.split(component) if component in part else part for part in line.split(element)] for line in lines]


def message(source: str | Sequence[Segment], version: str | None = None) -> tuple[Message, Interchange]:
    """A message, each of its segments ten bytes from the next, and an interchange of syntax UNOC:3 or of
    00401."""
    body = segments(source) if isinstance(source, str) else [list(segment) for segment in source]
    edifact = body[0][0] == "UNH"
    name = body[0][2] if edifact else []
    type_ = name[0] if edifact else body[0][1]
    if version is None:
        version = f"{name[1]}.{name[2]}" if edifact else "004010"
    standard: Any = "edifact" if edifact else "x12"
    made = Message(standard, type_, version, "1", body, [10 * n for n in range(len(body))], 0, 10 * len(body))
    return made, interchange(standard, [made])


def interchange(
    standard: Any, messages: list[Message], *, syntax: str = "", una: bool = False, decimal: str = "."
) -> Interchange:
    default = EDIFACT_DEFAULT if standard == "edifact" else X12_DEFAULT
    delimiters = Delimiters(
        default.element, default.component, default.terminator, default.repetition, default.release, decimal
    )
    return Interchange(
        standard,
        delimiters,
        [],
        None,
        syntax or ("UNOC:3" if standard == "edifact" else "00401"),
        PartyId("A"),
        PartyId("B"),
        "REF1",
        "240115",
        "1200",
        False,
        "",
        0,
        0,
        una,
        messages=messages,
    )


def flat(tree: Loop) -> Iterator[Segment]:
    """The segments of a tree from left to right."""
    for item in tree:
        if isinstance(item, Loop):
            yield from flat(item)
        else:
            yield item


def told(found: list[Finding]) -> list[tuple[Any, ...]]:
    """What tests compare of findings."""
    return [(f.code, f.segment, f.tag, f.element, f.component) for f in found]
