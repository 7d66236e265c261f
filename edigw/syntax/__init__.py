"""Bytes and segments: EDIFACT (ISO 9735, syntax 1 to 4) and X12; delimiters, character sets and envelopes.

`parse` reads a file, `scan` reads one message at a time; `write_edifact` and `write_x12` put message bodies into an
envelope, `write` writes what was parsed. No message type is known here.
"""

from edigw.syntax.compose import edifact_delimiters, write_edifact, write_x12, x12_delimiters
from edigw.syntax.encode import Conflict, WriteError, conflicts, trimmed
from edigw.syntax.events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart, MessageRead, PackageRead
from edigw.syntax.findings import RULES, Finding, Rule
from edigw.syntax.model import (
    EDIFACT_DEFAULT,
    X12_DEFAULT,
    Delimiters,
    Group,
    Interchange,
    Loop,
    Message,
    Package,
    ParsedFile,
    PartyId,
    Repeated,
    Segment,
    Standard,
)
from edigw.syntax.options import ReadOptions
from edigw.syntax.outgoing import EdifactEnvelope, EdifactGroup, MessageBody, X12Envelope, X12Group, body
from edigw.syntax.rewrite import write
from edigw.syntax.scan import parse, scan
from edigw.syntax.values import unrepeated, value

__all__ = [
    "EDIFACT_DEFAULT",
    "RULES",
    "X12_DEFAULT",
    "Conflict",
    "Delimiters",
    "EdifactEnvelope",
    "EdifactGroup",
    "Event",
    "Finding",
    "Group",
    "GroupEnd",
    "GroupStart",
    "Interchange",
    "InterchangeEnd",
    "InterchangeStart",
    "Loop",
    "Message",
    "MessageBody",
    "MessageRead",
    "Package",
    "PackageRead",
    "ParsedFile",
    "PartyId",
    "ReadOptions",
    "Repeated",
    "Rule",
    "Segment",
    "Standard",
    "WriteError",
    "X12Envelope",
    "X12Group",
    "body",
    "conflicts",
    "edifact_delimiters",
    "parse",
    "scan",
    "trimmed",
    "unrepeated",
    "value",
    "write",
    "write_edifact",
    "write_x12",
    "x12_delimiters",
]
