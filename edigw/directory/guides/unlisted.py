"""Segments and elements that a guide does not name, where it says that those are not used."""

from __future__ import annotations

from collections import defaultdict

from edigw.directory.guides.compile import Compiled
from edigw.directory.guides.instance import Group, Line, lines_of, parents, values_at
from edigw.directory.guides.values import named
from edigw.directory.guides.verdict import Verdict
from edigw.directory.model import LoopUse, SegmentUse
from edigw.directory.places import Place, SegmentPlaces
from edigw.directory.words import cut, plain

_ENDS = frozenset({"UNH", "UNT", "UIH", "UIT", "ST", "SE"})
_MISPLACED = frozenset({"segment_unknown", "segment_not_in_message", "segment_out_of_order"})


def check_unlisted(made: Compiled, root: Group, verdict: Verdict) -> None:
    """Segments and elements that the guide does not name, where it says that those are not used."""
    if made.guide.unlisted_segments == "forbidden":
        _unlisted_segments(made, root, verdict)
    if made.guide.unlisted_elements == "forbidden":
        _unlisted_elements(made, root, verdict)


def _unlisted_segments(made: Compiled, root: Group, verdict: Verdict) -> None:
    listed: set[int] = set()
    named_paths: set[str] = set()
    for target in (unit.target for unit in made.units):
        listed.update(line.position for line in lines_of(root, target))
        named_paths.add(target.path)
        # the groups around what is named are used as well
        for depth in range(1, len(target.parents) + 1):
            listed.update(
                group.first.position for group in parents(root, target.parents[:depth]) if group.first is not None
            )
    required = {node.path for node in made.table.nodes if isinstance(node.row, SegmentUse) and node.row.mandatory}
    triggers = {f"{node.path}/{node.row.trigger.tag}" for node in made.table.nodes if isinstance(node.row, LoopUse)}
    named_anyway = required - triggers
    listed.update(f.segment for f in verdict.message.findings if f.code in _MISPLACED and f.segment is not None)
    for line in root.every_line():
        if verdict.full:
            return
        if line.position in listed or line.tag in _ENDS or line.tag in made.private or line.path in named_anyway:
            continue
        name = plain(made.directory.segment(line.tag).name) if made.directory.has_segment(line.tag) else "unknown"
        how = " in this form" if line.path in named_paths else ""
        text = f"{cut(line.tag)} ({name}) is not used{how}"
        verdict.segment("guide_segment_unused", text, line.position, line.path, "error")


def _unlisted_elements(made: Compiled, root: Group, verdict: Verdict) -> None:
    """In segments of which the guide names elements, those that it does not name. What the standard requires, and what
    tells one use of a segment from another, is named anyway."""
    used: dict[int, set[tuple[int, int | None]]] = defaultdict(set)
    lines: dict[int, Line] = {}
    for unit in made.units:
        target = unit.target
        for line in lines_of(root, target) if unit.rules or target.conditions else ():
            used[line.position].update(condition.place.key for condition in target.conditions)
            if unit.rules:
                lines[line.position] = line
                used[line.position].update(unit.places)
        for depth, step in enumerate(target.parents, 1):
            for group in parents(root, target.parents[:depth]) if step.conditions else ():
                if group.first is not None:
                    used[group.first.position].update(condition.place.key for condition in step.conditions)
    for position in sorted(lines):
        if verdict.full:
            return
        line = lines[position]
        for place in _places(made, line.tag):
            if place.mandatory or place.key in used[position] or (place.element, None) in used[position]:
                continue
            for value in values_at(line, place):
                where = named(line, place, value.element, value.component)
                text = f"{where}: {cut(value.text)} must not stand here; the element is not used"
                id = place.spec.id if place.spec else ""
                verdict.value("guide_element_unused", text, line, value, id, "error", about_value=False)


def _places(made: Compiled, tag: str) -> list[Place]:
    """Every place of a segment that holds a single value."""
    if not made.directory.has_segment(tag):
        return []
    found = []
    for number, use in enumerate(SegmentPlaces(made.directory, made.directory.segment(tag)).elements, 1):
        if use.element is not None:
            found.append(Place(number, None, use.element, use.mandatory))
        for part, component in enumerate(use.components):
            found.append(Place(number, part, component.element, use.mandatory and component.mandatory))
    return found
