"""Segments with the names of what is in them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edigw.directory.directory import Directory, positions
from edigw.directory.model import ElementSpec, ElementUse
from edigw.syntax.model import Repeated, Segment


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its place, the name of its element, and what the value means if it is a code."""

    element: int
    component: int | None
    repetition: int | None
    id: str
    name: str
    value: str
    meaning: str

    @property
    def place(self) -> str:
        """ "3", "3.2", "3.2 (2nd)"."""
        component = f".{self.component}" if self.component else ""
        repetition = f" ({self.repetition})" if self.repetition else ""
        return f"{self.element}{component}{repetition}"


def cased(name: str) -> str:
    """A name as a heading has it: older directories print names in capitals."""
    return name.capitalize() if name.isupper() else name


def segment_name(segment: Segment, names: Directory | None) -> str:
    """The segment's name, "" if it is not known."""
    tag = segment[0]
    return cased(names.segment(tag).name) if names is not None and names.has_segment(tag) else ""


def cells(segment: Segment, names: Directory | None) -> list[Cell]:
    """Every value of a segment."""
    uses: Sequence[ElementUse] = ()
    if names is not None and names.has_segment(segment[0]):
        spec = names.segment(segment[0])
        uses = positions(spec, names.syntax) if names.standard == "edifact" else spec.elements
    found: list[Cell] = []
    for number, element in enumerate(segment[1:], 1):
        use = uses[number - 1] if number <= len(uses) else None
        repeated = isinstance(element, Repeated)
        for repetition, item in enumerate(element if repeated else (element,), 1):
            found += _parts(number, repetition if repeated else None, item, use, names)
    return found


def _parts(
    number: int, repetition: int | None, item: Any, use: ElementUse | None, names: Directory | None
) -> Iterator[Cell]:
    composite = use is not None and use.element is None
    values = [item] if isinstance(item, str) else item
    for index, value in enumerate(values):
        if not value:
            continue
        spec = _spec(use, index)
        component = index + 1 if composite or len(values) > 1 else None
        meaning = ((names.codes(spec.id) or {}).get(value, "") if names is not None else "") if spec else ""
        name = spec.name.lower() if spec else ""
        yield Cell(number, component, repetition, spec.id if spec else "", name, value, meaning)


def _spec(use: ElementUse | None, index: int) -> ElementSpec | None:
    if use is None:
        return None
    if use.element is not None:
        return use.element if index == 0 else None
    return use.components[index].element if index < len(use.components) else None


def gloss(
    segment: Segment, names: Directory | None, unknown: Container[tuple[int | None, int | None]] = frozenset()
) -> str:
    """A segment in a few words: its name, and the meaning of its first code. `unknown` are the places, element and
    component, of codes that are in no list."""
    name = segment_name(segment, names)
    for cell in cells(segment, names) if name else ():
        if (cell.element, cell.component) in unknown:
            return f"{name}: unknown code {cell.value}"
        if cell.meaning:
            return f"{name}: {cell.meaning}"
    return name
