"""Locations of a guide, found in the segment table of a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from edigw.directory.directory import Directory
from edigw.directory.hierarchy import LEVELS
from edigw.directory.model import LoopUse, Row, SegmentUse
from edigw.directory.notation import NotationError, Step, parse_path
from edigw.directory.places import Place, SegmentPlaces

_REFERENCE = {
    "edifact": re.compile(r"[CES]?[0-9]{3,4}(#[0-9]{1,2}|\*)?"),
    "x12": re.compile(r"[0-9]{2}(-[0-9]{1,2})?(\.\.[0-9]{2})?"),
}
_COMPOSITE = re.compile(r"[CES][0-9]{3}(#[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Condition:
    """A value that a segment must have to be meant; "" stands for absence."""

    ref: str
    place: Place
    codes: frozenset[str]

    def __str__(self) -> str:
        return f"{self.ref}={'|'.join(sorted(self.codes))}"


@dataclass(frozen=True, slots=True)
class LoopStep:
    """A group on the way to a location, with conditions on its first segment. `below`: it is a level (HL, CPS) that
    names the one before it on the way as its parent; in the segment table both stand side by side."""

    name: str
    conditions: tuple[Condition, ...] = ()
    below: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A location: the unit, which is a segment or a whole group, inside of `parents`, and the places in it."""

    at: str
    parents: tuple[LoopStep, ...]
    row: Row
    conditions: tuple[Condition, ...]  # on the segment, or on the first segment of the group
    path: str  # of the segment, from the root: "SG2/NAD"
    places: tuple[Place, ...] = ()  # none: the unit itself
    ref: str = ""
    segment: SegmentPlaces | None = None
    below: bool = False  # as in LoopStep

    @property
    def tag(self) -> str:
        """The segment; of a group, its first one."""
        return self.row.trigger.tag if isinstance(self.row, LoopUse) else self.row.tag

    @property
    def loop(self) -> LoopStep | None:
        """The unit as a step, if it is a group."""
        return LoopStep(self.row.name, self.conditions, self.below) if isinstance(self.row, LoopUse) else None

    @property
    def told(self) -> str:
        """The conditions in words: " with 3035=BY", " with 03=P one level below 03=O"."""
        own = f" with {', '.join(map(str, self.conditions))}" if self.conditions else ""
        above = ", ".join(map(str, self.parents[-1].conditions)) if self.parents else ""
        return f"{own} one level below{f' {above}' if above else ''}" if self.below else own

    @property
    def situation(self) -> str:
        """All conditions, those of the groups around it first: "HL 03=S, 01=BM"."""
        around = [f"{step.name} {', '.join(map(str, step.conditions))}" for step in self.parents if step.conditions]
        below = ["one level below"] if self.below or any(step.below for step in self.parents) else []
        return ", ".join((*around, *below, *map(str, self.conditions)))


@dataclass(slots=True)
class _Found:
    """A place in the segment table on the way down."""

    parents: list[LoopStep]
    row: Row
    conditions: tuple[Condition, ...]
    path: str
    below: bool = False


class Locator:
    """Finds locations in one message of one directory."""

    def __init__(self, directory: Directory, message: str, own_codes: frozenset[str] = frozenset()) -> None:
        """`own_codes` are those that the standard does not have and conditions may name all the same."""
        self.directory = directory
        self._own_codes = own_codes
        self.message = directory.message(message)
        self._reference = _REFERENCE[directory.standard]
        self._segments: dict[str, SegmentPlaces] = {}

    def locate(self, at: str, base: Target | None = None) -> Target:
        """The location `at`; relative to `base` if there is one, its parents then are those below `base`. Raises
        NotationError if there is no such place. The message must exist: NotInDirectory comes from the constructor."""
        steps, ref = self._split(at)
        if steps:
            if base is not None and not isinstance(base.row, LoopUse):
                raise NotationError(f"{at}: inside of the segment {base.tag} only its elements can be named")
            found = self._descend(steps, base)
        elif base is not None:
            found = _Found([], base.row, (), base.path)
        else:
            raise NotationError(f"{at}: a location begins with a group or a segment")
        segment = self.segment(found.path.rpartition("/")[2])
        places = tuple(segment.find(ref)) if ref else ()
        return Target(
            at, tuple(found.parents), found.row, found.conditions, found.path, places, ref, segment, found.below
        )

    def segment(self, tag: str) -> SegmentPlaces:
        """The positions of a segment."""
        if tag not in self._segments:
            self._segments[tag] = SegmentPlaces(self.directory, self.directory.segment(tag))
        return self._segments[tag]

    def _split(self, at: str) -> tuple[list[Step], str]:
        """The groups and segments of a location, and the reference behind them."""
        steps = list(parse_path(at))
        if not self._reference.fullmatch(steps[-1].name):
            return steps, ""
        if steps[-1].tests:
            raise NotationError(f"{at}: conditions stand at segments, NAD[3035=BY]")
        ref = steps.pop().name
        if steps and self.directory.standard == "edifact" and _COMPOSITE.fullmatch(steps[-1].name):
            ref = f"{steps.pop().name}/{ref}"
        return steps, ref

    def _descend(self, steps: Sequence[Step], base: Target | None) -> _Found:
        rows = base.row.children if base is not None and isinstance(base.row, LoopUse) else self.message.table
        groups = base.path.split("/")[:-1] if base is not None else []
        parents: list[LoopStep] = []
        loop = base.row if base is not None and isinstance(base.row, LoopUse) else None
        for number, step in enumerate(steps, 1):
            last = number == len(steps)
            if loop is not None and _is_level(loop, step, own=number == 1 and base is not None, last=last):
                if number == 1 and loop.name == loop.trigger.tag:
                    if step.tests:
                        raise NotationError(f"{step.name}/{step.name}: conditions stand at the level below")
                    continue  # the level itself, and then one below it
                conditions = self._conditions(loop.trigger.tag, step)
                if last:
                    return _Found(parents, loop, conditions, "/".join((*groups, loop.trigger.tag)), below=True)
                parents.append(LoopStep(loop.name, conditions, below=True))
                continue
            if last and loop is not None and loop.trigger.tag == step.name:
                return self._first(step, loop, parents, groups, base if number == 1 else None)
            row = self._row(rows, step.name, last, groups)
            conditions = self._conditions(row.trigger.tag if isinstance(row, LoopUse) else row.tag, step)
            if isinstance(row, SegmentUse):
                return _Found(parents, row, conditions, "/".join((*groups, row.tag)))
            groups = [*groups, row.name]
            if last:
                return _Found(parents, row, conditions, "/".join((*groups, row.trigger.tag)))
            parents.append(LoopStep(row.name, conditions))
            rows, loop = row.children, row
        raise NotationError("a location has at least one step")

    def _first(
        self, step: Step, loop: LoopUse, parents: list[LoopStep], groups: list[str], base: Target | None
    ) -> _Found:
        """The first segment of a group stands for the group: SG2/NAD[3035=BY] is SG2[3035=BY]. In a base that is the
        group itself, it is the one segment that is always there."""
        conditions = self._conditions(step.name, step)
        path = "/".join((*groups, step.name))
        if base is not None:
            return _Found([], loop.trigger, conditions, path)
        own = parents[-1]
        return _Found(parents[:-1], loop, (*own.conditions, *conditions), path, own.below)

    def _row(self, rows: Sequence[Row], name: str, last: bool, groups: Sequence[str]) -> Row:
        """A group of that name, a segment, or a group that begins with the segment, in this order."""
        loops = [row for row in rows if isinstance(row, LoopUse)]
        for loop in loops:
            if loop.name == name:
                return loop
        if last:
            for row in rows:
                if isinstance(row, SegmentUse) and row.tag == name:
                    return row
        for loop in loops:
            if loop.trigger.tag == name:
                return loop
        where = f"the group {'/'.join(groups)} of " if groups else ""
        raise NotationError(f"{name} does not stand in {where}{self.message.type} {self.message.version}")

    def _conditions(self, tag: str, step: Step) -> tuple[Condition, ...]:
        segment = self.segment(tag)
        conditions = []
        for test in step.tests:
            place = segment.one(test.ref)
            if place.spec is None:
                raise NotationError(f"{tag}/{test.ref} is a composite: name one of its components")
            self._known_codes(place, test.codes)
            conditions.append(Condition(test.ref, place, frozenset(test.codes)))
        return tuple(conditions)

    def _known_codes(self, place: Place, codes: Sequence[str]) -> None:
        """Conditions are written by hand, and a mistyped code would silently mean nothing."""
        assert place.spec is not None  # noqa: S101 - asked by `_conditions`
        known = self.directory.codes(place.spec.id) or {}
        for code in codes:
            longest = place.spec.max
            if len(code) > longest:
                raise NotationError(f"{code!r} is longer than {place.spec.id} ({place.spec.name}), {longest} at most")
            known_anyway = not known or not code or code in self._own_codes
            if not known_anyway and code not in known and code not in self.directory.codes_ever(place.spec.id):
                raise NotationError(f"{place.spec.id} ({place.spec.name}) has no code {code!r} in {self.directory}")


def _is_level(loop: LoopUse, step: Step, *, own: bool, last: bool) -> bool:
    """Whether a step inside of a level names one below it (SG10/SG10, HL/HL), and not the first segment of the level
    itself (SG10/CPS; HL, in a rule that is for a level)."""
    if loop.trigger.tag not in LEVELS or step.name != loop.name:
        return False
    return not (own and last and loop.name == loop.trigger.tag)
