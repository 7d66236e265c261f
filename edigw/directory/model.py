"""The shape of a directory: what messages, segments and elements of one version of a standard consist of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from edigw.syntax.model import Standard

UNLIMITED = 10**9


@dataclass(frozen=True, slots=True)
class ElementSpec:
    """A simple data element. `type` is "a", "n", "an" (EDIFACT) or "AN", "ID", "R", "DT", "TM", "B",
    "N0".."N9" (X12); lengths as the standard counts them (sign and decimal mark do not count)."""

    id: str
    name: str
    type: str
    min: int
    max: int


@dataclass(frozen=True, slots=True)
class ComponentUse:
    """One component of a composite."""

    element: ElementSpec
    mandatory: bool


@dataclass(frozen=True, slots=True)
class CompositeSpec:
    """A composite data element, with its conditions as `relations` reads them."""

    id: str
    name: str
    components: tuple[ComponentUse, ...]
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ElementUse:
    """One element position of a segment: simple (`element`) or composite (`components`), never both."""

    id: str
    name: str
    mandatory: bool
    repeat: int  # above 1: repetition separator in syntax 4; in syntax 1-3 positions of their own
    element: ElementSpec | None
    components: tuple[ComponentUse, ...] = ()
    conditions: tuple[str, ...] = ()  # of the composite


@dataclass(frozen=True, slots=True)
class SegmentSpec:
    """A segment; `elements[i]` describes `segment[i + 1]`. Conditions are as `relations` reads them ("P0304",
    "D5(040,030)"); those in `uncertain` only warn."""

    tag: str
    name: str
    elements: tuple[ElementUse, ...]
    conditions: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """A segment's row in a segment table."""

    tag: str
    mandatory: bool
    max: int


@dataclass(frozen=True, slots=True)
class LoopUse:
    """A segment group's or loop's row in a segment table; the first child is the trigger segment."""

    name: str  # "SG25"; X12: the loop id, "PO1"
    mandatory: bool
    max: int
    children: tuple[Row, ...]

    @property
    def trigger(self) -> SegmentUse:
        first = self.children[0]
        assert isinstance(first, SegmentUse)  # noqa: S101 - by construction of the directory
        return first


Row: TypeAlias = SegmentUse | LoopUse


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """A message type (X12: transaction set) of one directory, with every segment it uses."""

    standard: Standard
    version: str  # "D.96A", "004010"
    type: str
    name: str
    table: tuple[Row, ...]
    segments: dict[str, SegmentSpec]
    group: str = ""  # X12: GS01
