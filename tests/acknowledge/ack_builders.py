"""Received interchanges as the parser hands them over, made by hand, to be answered in tests."""

from __future__ import annotations

from edigw.syntax.findings import Finding
from edigw.syntax.model import (
    EDIFACT_DEFAULT,
    X12_DEFAULT,
    Delimiters,
    Group,
    Interchange,
    Message,
    PartyId,
    Segment,
)

SENDER, RECEIVER = "5412345000013", "8712345678906"


def order(control: str = "1", *findings: Finding, association: str = "EAN008") -> Message:
    """An ORDERS D.96A of eight segments."""
    segments: list[Segment] = [
        ["UNH", control, ["ORDERS", "D", "96A", "UN", association]],
        ["BGM", "220", "128576", "9"],
        ["DTM", ["137", "20260830", "102"]],
        ["NAD", "BY", ["5412345000013", "", "9"]],
        ["LIN", "1", "", ["4000862141404", "EN"]],
        ["QTY", ["21", "48"]],
        ["UNS", "S"],
        ["UNT", "8", control],
    ]
    return Message(
        "edifact",
        "ORDERS",
        "D.96A",
        control,
        segments,
        [0] * len(segments),
        0,
        0,
        association,
        "UN",
        list(findings),
    )


def edifact(
    *messages: Message,
    findings: tuple[Finding, ...] = (),
    groups: tuple[Group, ...] = (),
    syntax: str = "UNOC:3",
    control: str = "REF1",
    test: bool = False,
    delimiters: Delimiters = EDIFACT_DEFAULT,
) -> Interchange:
    header: Segment = [
        "UNB",
        syntax.split(":"),
        [SENDER, "14"],
        [RECEIVER, "14"],
        ["260830", "1200"],
        control,
    ]
    inside = [m for g in groups for m in g.messages] or list(messages)
    return Interchange(
        "edifact",
        delimiters,
        header,
        ["UNZ", str(len(groups or messages)), control],
        syntax,
        PartyId(SENDER, "14"),
        PartyId(RECEIVER, "14"),
        control,
        "260830",
        "1200",
        test,
        "",
        0,
        0,
        groups=list(groups),
        messages=inside,
        findings=list(findings),
    )


def ung(control: str, *messages: Message, findings: tuple[Finding, ...] = ()) -> Group:
    header: Segment = [
        "UNG",
        "ORDERS",
        ["BUYERAPP", "92"],
        ["SELLERAPP", "92"],
        ["260830", "1200"],
        control,
        "UN",
        ["D", "96A", "EAN008"],
    ]
    trailer: Segment = ["UNE", str(len(messages)), control]
    return Group(
        header,
        trailer,
        "ORDERS",
        control,
        "D.96A",
        "BUYERAPP",
        "SELLERAPP",
        0,
        list(messages),
        list(findings),
    )


def po(control: str = "0001", *findings: Finding, guide: str = "") -> Message:
    """An 850 of seven segments."""
    segments: list[Segment] = [
        ["ST", "850", control, *([guide] if guide else [])],
        ["BEG", "00", "SA", "4500012345", "", "20260830"],
        ["REF", "DP", "038"],
        ["N1", "BY", "BUYER", "92", "1234"],
        ["PO1", "1", "48", "EA", "9.25", "", "UP", "012345678905"],
        ["CTT", "1"],
        ["SE", "7", control],
    ]
    return Message(
        "x12",
        "850",
        "004010",
        control,
        segments,
        [0] * len(segments),
        0,
        0,
        guide,
        "X",
        list(findings),
    )


def gs(
    control: str,
    *messages: Message,
    findings: tuple[Finding, ...] = (),
    functional_id: str = "PO",
    version: str = "004010",
    sender: str = "BUYERAPP",
    declared: str | None = None,
) -> Group:
    header: Segment = [
        "GS",
        functional_id,
        sender,
        "SELLERAPP",
        "20260830",
        "1200",
        control,
        "X",
        version,
    ]
    trailer: Segment = ["GE", str(len(messages)) if declared is None else declared, control]
    return Group(
        header,
        trailer,
        functional_id,
        control,
        version[:6],
        sender,
        "SELLERAPP",
        0,
        list(messages),
        list(findings),
    )


def x12(
    *groups: Group,
    findings: tuple[Finding, ...] = (),
    ack_requested: str = "0",
    test: bool = False,
    version: str = "00401",
    delimiters: Delimiters = X12_DEFAULT,
    loose: tuple[Segment, ...] = (),
) -> Interchange:
    header: Segment = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", "BUYER".ljust(15), "01", "123456789".ljust(15),
        "260830", "1200", delimiters.repetition or "U", version, "000000905", ack_requested,
        "T" if test else "P", delimiters.component,
    ]  # fmt: skip
    return Interchange(
        "x12",
        delimiters,
        header,
        ["IEA", str(len(groups)), "000000905"],
        version,
        PartyId("BUYER", "ZZ"),
        PartyId("123456789", "01"),
        "000000905",
        "260830",
        "1200",
        test,
        ack_requested,
        0,
        0,
        groups=list(groups),
        messages=[m for g in groups for m in g.messages],
        loose=list(loose),
        findings=list(findings),
    )
