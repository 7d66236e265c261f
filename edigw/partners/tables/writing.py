"""`[[receives]]`, `[edifact]` and `[x12]`: the form in which the partner gets its documents."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from edigw.partners.tables.base import MessageType, Positive, Table, Text
from edigw.syntax.model import Standard

Character: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1)]

# The descriptions are what a person reads when the value is wrong: "expected ...".
_CHARACTER_SET = Meta(
    pattern=r"^(UNO[A-LWY]|KECA)\Z",
    description='a character set as UNB names it, "UNOA" to "UNOL", "UNOW" or "UNOY"',
)
_PREFIX = Meta(pattern=r"^[A-Z0-9]{0,8}\Z", description="up to eight of A-Z and 0-9")
_SUFFIX = Meta(pattern=r"^[A-Z0-9]{0,6}\Z", description="up to six of A-Z and 0-9")


class Receives(Table, frozen=True):
    """`[[receives]]`: the form in which the partner gets one kind of document. What arrives for it in another
    form is translated."""

    document: Text  # a canonical document: "Order", "DespatchAdvice"
    message: MessageType  # "ORDERS", "850"
    version: Text  # as the directories name it: "D.96A", "004010"

    @property
    def standard(self) -> Standard:
        """X12 numbers its transaction sets, EDIFACT gives its messages names."""
        return "x12" if self.message.isdigit() else "edifact"


class Numbered(Table, frozen=True):
    """The control numbers of interchanges for the partner, acknowledgements included: one series from each sender, from
    the first to the last one, and then from the first one again."""

    first_number: Positive = 1
    last_number: Positive = 999_999_999

    @property
    def numbers(self) -> range:
        """All of them in turn."""
        return range(self.first_number, self.last_number + 1)


class EdifactWriting(Numbered, frozen=True):
    """`[edifact]`: how EDIFACT interchanges for the partner are written."""

    number_prefix: Annotated[str, _PREFIX] = ""  # before the number in 0020: "GW" makes GW1, GW2 ...

    character_set: Annotated[str, _CHARACTER_SET] = "UNOC"  # 0001
    syntax_version: Literal[1, 2, 3, 4] = 3  # 0002
    # 0057 by message type: { ORDERS = "EAN008" }.
    associations: dict[str, Annotated[str, Meta(max_length=6)]] = field(default_factory=dict)
    element: Character = "+"
    component: Character = ":"
    release: Character = "?"
    terminator: Character = "'"
    repetition: Character = "*"  # used in syntax version 4
    una: bool = True  # write the service string advice even if every character is the default
    newline: bool = False  # a line feed after every segment


class X12Writing(Numbered, frozen=True):
    """`[x12]`: how X12 interchanges for the partner are written."""

    element: Character = "*"
    component: Character = ">"
    terminator: Character = "~"
    repetition: Character = "^"  # used from version 004020 on
    newline: bool = False  # a line feed after every segment
    suffix: Annotated[str, _SUFFIX] = ""  # follows the version in GS08: "VICS"
    # ST03 by transaction set, from 005010 on: { "850" = "005010X999" }.
    implementations: dict[str, Annotated[str, Meta(max_length=35)]] = field(default_factory=dict)
    message_per_group: bool = False  # where messages go together, each in a functional group of its own
    usage: Literal["P", "T"] = "P"  # ISA15; what came in as a test always goes out as "T"
    # X12 names no character set. What the chosen one can't express is written without accents or as "?", and
    # recorded as loss.
    characters: Literal["ascii-fold", "latin-1", "utf-8"] = "ascii-fold"
