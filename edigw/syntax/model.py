"""What a parsed file consists of. Pure data: no message type is known here, nothing is read or written.

A *segment* is a plain list, because millions of them are made: `[tag, element, element, ...]`. An element is

* `""` when it is absent,
* a `str`,
* a `list[str]` of two or more components, or
* a `Repeated` of two or more of the above (repetition separator; EDIFACT syntax 4, X12 from 00402).

Values are decoded text with release characters already resolved. Trailing empty elements and components are kept
as they were sent, so that writing a segment gives back what was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from edigw.syntax.findings import Finding

Standard: TypeAlias = Literal["edifact", "x12"]
Segment: TypeAlias = list[Any]


class Repeated(tuple[Any, ...]):
    """Two or more repetitions of one element."""

    __slots__ = ()


class Loop(list[Any]):
    """A segment group (EDIFACT) or loop (X12) of a structured message: segments (plain lists) and inner `Loop`s in the
    order of the message. The first item is the trigger segment. The root of a message's tree is a `Loop`, too, named
    as the message type; its first item is UNH or ST, its last UNT or SE."""

    __slots__ = ("name",)

    def __init__(self, name: str, items: list[Any] | tuple[Any, ...] = ()) -> None:
        self.name = name  # "SG25"; X12: the loop's id, "PO1"
        self += items  # half as long as the constructor of list takes

    def __repr__(self) -> str:
        return f"Loop({self.name!r}, {list.__repr__(self)})"


def flatten(tree: Loop) -> list[Segment]:
    """The segments of a tree in order."""
    segments: list[Segment] = []
    for item in tree:
        if type(item) is Loop:
            segments += flatten(item)
        else:
            segments.append(item)
    return segments


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The service characters of one interchange. `release` and `repetition` are "" where there is none."""

    element: str
    component: str
    terminator: str
    repetition: str = ""
    release: str = ""
    decimal: str = "."

    def all(self) -> str:
        """The characters that can't stand in data unprotected."""
        return self.element + self.component + self.terminator + self.repetition + self.release


EDIFACT_DEFAULT = Delimiters(element="+", component=":", terminator="'", release="?", decimal=".")
X12_DEFAULT = Delimiters(element="*", component=">", terminator="~", repetition="", decimal=".")


@dataclass(frozen=True, slots=True)
class PartyId:
    """An identifier in an envelope, blanks trimmed: EDIFACT S002/S003 (0004, 0007), X12 ISA05-08."""

    id: str
    qualifier: str = ""

    def __str__(self) -> str:
        return f"{self.id}:{self.qualifier}" if self.qualifier else self.id


@dataclass(slots=True)
class Message:
    """One message (X12: transaction set), UNH..UNT or ST..SE inclusive."""

    standard: Standard
    type: str  # "ORDERS", "850"
    version: str  # as a directory names it: "D.96A", "004010"; "" if it can't be read
    control: str  # 0062, ST02
    segments: list[Segment]
    offsets: list[int]  # the byte in the file at which each segment starts
    start: int  # byte span in the file: data[start:end] is the message as it was received, terminator included
    end: int
    association: str = ""  # 0057 ("EAN008"), ST03, or the industry suffix of GS08 ("VICS")
    agency: str = ""  # 0051 ("UN"), GS07 ("X")
    findings: list[Finding] = field(default_factory=list)
    tree: Loop | None = None  # set by edigw.directory when the message was structured

    @property
    def valid(self) -> bool:
        """Whether nothing of severity "error" was found in the message."""
        return not any(f.severity == "error" for f in self.findings)


@dataclass(slots=True)
class Package:
    """An object, UNO..UNP inclusive (syntax 4, ISO 9735-8): octets of any kind that travel beside the messages."""

    control: str  # 0800
    header: Segment
    octets: bytes  # as many as 0810 in UNO says
    trailer: Segment | None
    start: int  # byte span in the file, trailer included
    end: int


@dataclass(slots=True)
class Group:
    """A functional group: UNG..UNE or GS..GE."""

    header: Segment
    trailer: Segment | None
    functional_id: str  # 0038, GS01
    control: str  # 0048, GS06
    version: str  # as Message.version, from GS08 or S008
    sender: str  # GS02, S006
    receiver: str  # GS03, S007
    offset: int
    messages: list[Message] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    end: int = 0  # the byte behind its trailer, or at which it broke off


@dataclass(slots=True)
class Interchange:
    """One interchange, UNB..UNZ or ISA..IEA, with everything that stood in it."""

    standard: Standard
    delimiters: Delimiters
    header: Segment  # UNB; ISA with its elements as sent, padding included
    trailer: Segment | None
    syntax: str  # "UNOC:3"; ISA12 "00401"
    sender: PartyId
    receiver: PartyId
    control: str  # 0020, ISA13
    date: str  # as sent: YYMMDD or CCYYMMDD
    time: str  # as sent: HHMM
    test: bool  # 0035 (1 to 5 are kinds of tests), ISA15 = T
    ack_requested: str  # 0031 ("", "1", "2"), ISA14 ("0", "1")
    start: int  # byte span in the file, UNA included
    end: int
    una: bool = False
    charset: str = "ascii"  # the Python codec by which the text was decoded
    groups: list[Group] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)  # every message, those of groups included, in order
    loose: list[Segment] = field(default_factory=list)  # TA1, TA3 before the first GS
    findings: list[Finding] = field(default_factory=list)
    loose_offsets: list[int] = field(default_factory=list)
    outside: list[Segment] = field(default_factory=list)  # what else stands outside of messages: ISX, ISB, strays
    outside_offsets: list[int] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)  # those of groups included

    @property
    def accepted(self) -> bool:
        """Whether the envelope itself has no error; messages and groups are judged on their own."""
        return not any(f.severity == "error" for f in self.findings)


@dataclass(slots=True)
class ParsedFile:
    """A received file: its interchanges, and what was wrong outside of any of them."""

    interchanges: list[Interchange]
    findings: list[Finding] = field(default_factory=list)
