"""What an interchange to be written consists of: envelopes, groups and message bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edigw.syntax.model import Message, PartyId, Segment
from edigw.syntax.values import value


@dataclass(frozen=True, slots=True)
class MessageBody:
    """A message to be written: what its header needs, and the segments between header and trailer.

    `version` is that of a directory: "D.96A", "4.1". In X12 the group carries the version; `association` is then the
    implementation reference ST03. An empty `control` numbers the messages 1, 2, 3 (X12: 0001, 0002, 0003)."""

    type: str
    segments: Sequence[Segment]
    version: str = ""
    control: str = ""
    association: str = ""  # 0057 or ST03
    agency: str = "UN"  # 0051; X12 has it in the group


def body(message: Message) -> MessageBody:
    """A message as it was read, to be put into another envelope. Its header must hold no more than 0062 and S009, or
    ST01 to ST03; its trailer may be missing."""
    trailer = "UNT" if message.standard == "edifact" else "SE"
    complete = len(message.segments) > 1 and message.segments[-1][0] == trailer
    return MessageBody(
        type=message.type,
        segments=message.segments[1 : -1 if complete else None],
        version=message.version,
        control=message.control,
        association=message.association if message.standard == "edifact" else value(message.segments[0], 3),
        agency=message.agency,
    )


@dataclass(frozen=True, slots=True)
class EdifactEnvelope:
    """UNB. Field names are those of the model; numbers in comments are data elements of ISO 9735."""

    sender: PartyId  # 0004, 0007
    receiver: PartyId  # 0010, 0007
    control: str  # 0020, at most 14 characters
    prepared: datetime  # S004: YYMMDD, in syntax 4 CCYYMMDD, and HHMM
    syntax: str = "UNOC"  # 0001
    version: int = 3  # 0002
    encoding: str = ""  # 0133, syntax 4 only
    sender_routing: str = ""  # 0008
    receiver_routing: str = ""  # 0014
    password: str = ""  # 0022
    password_qualifier: str = ""  # 0025
    application_reference: str = ""  # 0026
    priority: str = ""  # 0029
    ack_request: str = ""  # 0031: "1" acknowledgement wanted, "2" receipt only (syntax 4)
    agreement: str = ""  # 0032
    test: bool = False  # 0035 = 1


@dataclass(frozen=True, slots=True)
class EdifactGroup:
    """UNG and the messages in it."""

    type: str  # 0038
    sender: PartyId  # S006
    receiver: PartyId  # S007
    control: str  # 0048
    messages: Sequence[MessageBody]
    version: str = ""  # 0052, 0054: "D.96A"
    association: str = ""  # 0057
    agency: str = "UN"  # 0051
    prepared: datetime | None = None  # S004; None: that of the interchange
    password: str = ""  # 0058


@dataclass(frozen=True, slots=True)
class X12Envelope:
    """ISA. Identifiers are padded, the control number gets its leading zeros."""

    sender: PartyId  # ISA06, ISA05 (two characters)
    receiver: PartyId  # ISA08, ISA07
    control: str  # ISA13: one to nine digits
    prepared: datetime  # ISA09, ISA10
    version: str = "00401"  # ISA12
    ack_request: bool = False  # ISA14 = 1
    usage: str = "P"  # ISA15: P production, T test, I information
    authorisation: tuple[str, str] = ("00", "")  # ISA01, ISA02
    security: tuple[str, str] = ("00", "")  # ISA03, ISA04
    charset: str = "ascii"  # Python codec of the text; the agreement says which


@dataclass(frozen=True, slots=True)
class X12Group:
    """GS and the transaction sets in it."""

    functional_id: str  # GS01
    sender: str  # GS02
    receiver: str  # GS03
    control: str  # GS06: one to nine digits
    version: str  # GS08, industry suffix included: "004010VICS"
    messages: Sequence[MessageBody]
    agency: str = "X"  # GS07
    prepared: datetime | None = None  # GS04, GS05 (HHMM); None: those of the interchange
