"""A message as guides look at it: groups, the segments in each, and the values in those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from edigw.directory.directory import Directory
from edigw.directory.guides.locate import Condition, LoopStep, Target
from edigw.directory.hierarchy import LEVELS
from edigw.directory.model import SegmentSpec
from edigw.directory.places import Place
from edigw.syntax.model import Loop, Message, Repeated, Segment


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its place in the message, counted as findings count."""

    text: str
    element: int
    component: int | None
    repetition: int | None


@dataclass(slots=True)
class Line:
    """A segment. `values` has one position for each repetition of an element that may repeat; `origins` leads back."""

    position: int
    path: str
    values: Segment
    origins: Sequence[tuple[int, int | None]] = ()

    @property
    def tag(self) -> str:
        return str(self.values[0])

    def origin(self, element: int) -> tuple[int, int | None]:
        """Element and repetition as the message has them."""
        return self.origins[element] if element < len(self.origins) else (element, None)


@dataclass(slots=True)
class Group:
    """A group that stands in a message, or the whole message."""

    name: str
    path: str
    start: int  # position of its first segment
    lines: dict[str, list[Line]] = field(default_factory=dict)
    groups: dict[str, list[Group]] = field(default_factory=dict)
    order: list[tuple[str, int]] = field(default_factory=list)  # name of a segment or group in it, and position
    end: int = 0  # position of its last segment
    first: Line | None = None  # the segment with which it begins
    below: list[Group] = field(default_factory=list)  # of a level (HL, CPS): those that name it as their parent

    def every_line(self) -> Iterator[Line]:
        """All segments, those of inner groups included."""
        for lines in self.lines.values():
            yield from lines
        for groups in self.groups.values():
            for group in groups:
                yield from group.every_line()


def grouped(message: Message, directory: Directory) -> Group:
    """A structured message. `message.tree` is required."""
    assert message.tree is not None  # noqa: S101 - said above
    repeating = _Repeating(directory)
    root = Group("", "", 1)
    position = _fill(root, message.tree, 1, repeating)
    root.end = position - 1
    return root


def _fill(group: Group, loop: Loop, position: int, repeating: _Repeating) -> int:
    prefix = f"{group.path}/" if group.path else ""
    for item in loop:
        if isinstance(item, Loop):
            inner = Group(item.name, f"{prefix}{item.name}", position)
            group.order.append((item.name, position))
            group.groups.setdefault(item.name, []).append(inner)
            position = _fill(inner, item, position, repeating)
            inner.end = position - 1
        else:
            group.order.append((item[0], position))
            line = repeating.line(position, f"{prefix}{item[0]}", item)
            group.lines.setdefault(item[0], []).append(line)
            group.first = group.first or line
            position += 1
    for inners in group.groups.values():
        _link(inners)
    return position


def _link(groups: Sequence[Group]) -> None:
    """Levels stand side by side; each names its own number and that of its parent, which stands before it."""
    levels: dict[str, Group] = {}
    for group in groups:
        if group.first is None or group.first.tag not in LEVELS:
            return
        number, parent = _text(group.first, 1), _text(group.first, 2)
        if parent in levels:
            levels[parent].below.append(group)
        if number:
            levels.setdefault(number, group)


def _text(line: Line, element: int) -> str:
    value = line.values[element] if element < len(line.values) else ""
    return value if isinstance(value, str) else ""


class _Repeating:
    """Gives every repetition of an element that the directory lets repeat a position of its own, as syntax 1 to 3
    write them: guides count positions in this way."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._specs: dict[str, SegmentSpec | None] = {}

    def line(self, position: int, path: str, segment: Segment) -> Line:
        spec = self._spec(segment[0])
        if spec is None:
            return Line(position, path, segment)
        values: Segment = [segment[0]]
        origins: list[tuple[int, int | None]] = [(0, None)]
        for number, element in enumerate(segment[1:], 1):
            room = spec.elements[number - 1].repeat if number <= len(spec.elements) else 1
            items = element if isinstance(element, Repeated) and room > 1 else (element,)
            for repetition in range(max(room, 1)):
                if repetition < len(items):
                    values.append(items[repetition])
                else:
                    values.append("")
                origins.append((number, repetition + 1 if len(items) > 1 else None))
        return Line(position, path, values, origins)

    def _spec(self, tag: str) -> SegmentSpec | None:
        """The segment if it has elements that repeat in the syntax at hand."""
        if tag not in self._specs:
            spec = None
            if self._directory.standard == "edifact" and self._directory.syntax >= 4:
                known = self._directory.has_segment(tag)
                spec = self._directory.segment(tag) if known else None
                if spec is not None and all(use.repeat == 1 for use in spec.elements):
                    spec = None
            self._specs[tag] = spec
        return self._specs[tag]


def values_at(line: Line, place: Place) -> list[Value]:
    """The values at a place, empty ones left out; of a whole composite its components in one."""
    element = line.values[place.element] if place.element < len(line.values) else ""
    if not element or (type(element) is list and place.component is not None and not _part(element, place.component)):
        return []
    number, origin_repetition = line.origin(place.element)
    repeated = isinstance(element, Repeated)
    found = []
    for repetition, item in enumerate(element if repeated else (element,), 1):
        parts = [item] if isinstance(item, str) else item
        if place.component is None and place.spec is None:
            text = ":".join(parts) if any(parts) else ""
        else:
            index = place.component or 0
            text = parts[index] if index < len(parts) else ""
        if text:
            component = None if place.component is None else place.component + 1
            found.append(Value(text, number, component, repetition if repeated else origin_repetition))
    return found


def _part(element: list[str], index: int) -> str:
    return element[index] if index < len(element) else ""


def holds(line: Line | None, conditions: Sequence[Condition]) -> bool:
    """Whether a segment is one that is meant."""
    return line is not None and all(fits(line, condition) for condition in conditions)


def fits(line: Line, condition: Condition) -> bool:
    """Whether a segment keeps one condition."""
    place = condition.place
    element = line.values[place.element] if place.element < len(line.values) else ""
    if isinstance(element, str):
        return (element if not place.component else "") in condition.codes
    if not isinstance(element, Repeated):
        return _part(element, place.component or 0) in condition.codes
    values = values_at(line, place)
    return any(value.text in condition.codes for value in values) if values else "" in condition.codes


def parents(root: Group, steps: Sequence[LoopStep]) -> list[Group]:
    """The groups in which a location's unit may stand."""
    found = [root]
    for step in steps:
        found = [
            inner
            for group in found
            for inner in (group.below if step.below else group.groups.get(step.name, ()))
            if not step.conditions or holds(inner.first, step.conditions)
        ]
    return found


def units(group: Group, target: Target) -> list[Line]:
    """The segments in `group` that are the target's unit; of groups, their first segments."""
    loop = target.loop
    if loop is None:
        return [line for line in group.lines.get(target.tag, ()) if holds(line, target.conditions)]
    firsts = [inner.first for inner in (group.below if loop.below else group.groups.get(loop.name, ()))]
    return [line for line in firsts if line is not None and holds(line, target.conditions)]


def lines_of(root: Group, target: Target) -> list[Line]:
    """Every segment that is the target's unit."""
    return [line for group in parents(root, target.parents) for line in units(group, target)]


def groups_of(root: Group, target: Target) -> list[Group]:
    """Every group that is the target's unit."""
    loop = target.loop
    return parents(root, (*target.parents, loop)) if loop is not None else []
