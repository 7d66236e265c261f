"""Positions inside a segment: what a reference such as `2380`, `C082/3055`, `3036*`, `7140#2` or `04` names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from edigw.directory.directory import Directory, positions
from edigw.directory.model import ComponentUse, ElementSpec, ElementUse, SegmentSpec
from edigw.directory.notation import NotationError

_EDIFACT = re.compile(r"([CES]?\d+)(?:#(\d+)|(\*))?")
_X12 = re.compile(r"(\d\d)(?:-(\d+))?(?:\.\.(\d\d))?")
_SYNTAX = 3  # repeated elements take positions of their own; a reader spreads those of syntax 4


@dataclass(frozen=True, slots=True)
class Place:
    """One value's position: element from 1 (an index into the segment), component from 0 or None."""

    element: int
    component: int | None
    spec: ElementSpec | None  # None for a whole composite
    mandatory: bool  # the segment has no meaning without it

    @property
    def key(self) -> tuple[int, int | None]:
        return self.element, self.component


@dataclass(frozen=True)
class SegmentPlaces:
    """The positions of one segment of one directory."""

    directory: Directory
    spec: SegmentSpec

    @cached_property
    def elements(self) -> tuple[ElementUse, ...]:
        return positions(self.spec, _SYNTAX)

    def find(self, ref: str, inside: int | None = None) -> list[Place]:
        """The places that a reference names; `inside` restricts it to one element. Raises NotationError if there are
        none, or several where the reference does not ask for several."""
        found = self._edifact(ref, inside) if self.directory.standard == "edifact" else self._x12(ref)
        if not found:
            raise NotationError(f"{self.spec.tag} has no element {ref} in {self.directory}")
        return found

    def one(self, ref: str, inside: int | None = None) -> Place:
        """The one place that a reference names. Raises NotationError."""
        found = self.find(ref, inside)
        if len(found) > 1:
            raise NotationError(f"{self.spec.tag}/{ref} names {len(found)} places in {self.directory}")
        return found[0]

    def _x12(self, ref: str) -> list[Place]:
        if "+" in ref:  # BRA/02+05: places that belong together and stand apart
            return [place for part in ref.split("+") for place in self._x12(part)]
        match = _X12.fullmatch(ref)
        if not match:
            raise NotationError(f"not an X12 element: {ref!r}")
        first, last = int(match[1]), int(match[3] or match[1])
        places = []
        for index in range(first, last + 1):
            if not 1 <= index <= len(self.elements):
                return []
            use = self.elements[index - 1]
            part = int(match[2] or 1) - 1
            if part and not use.components:
                return []
            places.append(self._component(index, use, part) if use.components else self._simple(index, use))
        return places

    def _edifact(self, ref: str, inside: int | None) -> list[Place]:
        composite, slash, rest = ref.partition("/")
        if slash:
            inside, ref = self.one(composite).element, rest
        match = _EDIFACT.fullmatch(ref)
        if not match:
            raise NotationError(f"not an EDIFACT element: {ref!r}")
        found = []
        for index, use in enumerate(self.elements, 1):
            if inside is not None and index != inside:
                continue
            if use.id == match[1]:
                found.append(self._simple(index, use))
            for part, component in enumerate(use.components):
                if component.element.id == match[1]:
                    found.append(self._component(index, use, part))
        if match[2]:
            return found[int(match[2]) - 1 : int(match[2])]
        if len(found) > 1 and not match[3]:
            raise NotationError(
                f"{self.spec.tag}/{ref} is ambiguous in {self.directory}: write {ref}#1 for the first, or {ref}*"
            )
        return found

    @staticmethod
    def _simple(index: int, use: ElementUse) -> Place:
        return Place(index, None, use.element, use.mandatory)

    @staticmethod
    def _component(index: int, use: ElementUse, part: int) -> Place:
        if part >= len(use.components):
            raise NotationError(f"{use.id} has no component {part + 1}")
        component: ComponentUse = use.components[part]
        return Place(index, part, component.element, use.mandatory and component.mandatory)

    def label(self, place: Place) -> str:
        """The place as people name it: "QTY/6060", "PO103"."""
        if self.directory.standard == "x12":
            return f"{self.spec.tag}{place.element:02d}"
        use = self.elements[place.element - 1]
        if place.component is None:
            return f"{self.spec.tag}/{use.id}"
        return f"{self.spec.tag}/{use.components[place.component].element.id}"
