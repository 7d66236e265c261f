"""How much of a message a binding reads and writes: its segments and elements, against the directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from edigw.directory.directory import Directory, edifact, positions, x12
from edigw.directory.model import LoopUse, Row
from edigw.mapping.analysis.outline import outline
from edigw.mapping.compiler import Binding

_SYNTAX = 3
_SERVICE = frozenset({"UNH", "UNT", "ST", "SE"})


@dataclass(frozen=True, slots=True)
class Position:
    """An element or component of a segment: its number in the directory and its place from 1, ("3039", 2, 1)."""

    id: str
    name: str
    element: int
    component: int | None
    used: bool

    def label(self, standard: str, tag: str) -> str:
        """As people name it: "3039", "N104"."""
        return self.id if standard == "edifact" else f"{tag}{self.element:02d}"


@dataclass(frozen=True, slots=True)
class Covered:
    """One segment of the message, or a group, with what the binding uses of it."""

    path: str  # "SG2/NAD"; that of a group ends with its name
    depth: int
    tag: str
    name: str
    mandatory: bool
    max: int
    group: bool
    positions: tuple[Position, ...] = ()

    @property
    def used(self) -> bool:
        return any(position.used for position in self.positions)


def coverage(binding: Binding) -> list[Covered]:
    """Every segment of the message in the order of its table, groups before what they hold. Service segments, which
    the envelope writes, are left out."""
    directory = edifact(binding.version) if binding.standard == "edifact" else x12(binding.version)
    hierarchy = binding.plan.hierarchy
    used: dict[str, set[tuple[int, int | None]]] = defaultdict(set)
    for bound in outline(binding.plan):
        path = _flat(bound.segment, hierarchy.group if hierarchy else "")
        if bound.element is not None:
            used[path].add((bound.element, bound.component))
    if hierarchy is not None:
        path = next((p for p in used if p.split("/")[0] == hierarchy.group and p.count("/") == 1), hierarchy.group)
        used[path].update((e, None) for e in (hierarchy.id, hierarchy.parent, hierarchy.child) if e)
    return list(_rows(directory, directory.message(binding.message).table, "", 0, used))


def _flat(path: str, group: str) -> str:
    """A path of nested levels as the message has it: HL/HL/LIN is HL/LIN."""
    steps = path.split("/")
    if not group or steps[0] != group:
        return path
    rest = [step for step in steps if step != group]
    return "/".join([group, *(rest or [group])])


def _rows(
    directory: Directory, rows: tuple[Row, ...], above: str, depth: int, used: dict[str, set[tuple[int, int | None]]]
) -> Iterator[Covered]:
    for row in rows:
        name = row.name if isinstance(row, LoopUse) else row.tag
        path = f"{above}/{name}" if above else name
        if isinstance(row, LoopUse):
            yield Covered(path, depth, row.trigger.tag, "", row.mandatory, row.max, group=True)
            yield from _rows(directory, row.children, path, depth + 1, used)
        elif row.tag not in _SERVICE:
            spec = directory.segment(row.tag)
            places = used.get(path, set())
            yield Covered(
                path,
                depth,
                row.tag,
                spec.name,
                row.mandatory,
                row.max,
                group=False,
                positions=tuple(_positions(directory, row.tag, places)),
            )


def _positions(directory: Directory, tag: str, places: set[tuple[int, int | None]]) -> Iterator[Position]:
    spec = directory.segment(tag)
    uses = positions(spec, _SYNTAX) if directory.standard == "edifact" else spec.elements
    for number, use in enumerate(uses, 1):
        whole = (number, None) in places or (0, None) in places
        if use.element is not None:
            yield Position(use.id, use.element.name, number, None, whole or (number, 1) in places)
            continue
        for part, component in enumerate(use.components, 1):
            element = component.element
            yield Position(element.id, element.name, number, part, whole or (number, part) in places)
