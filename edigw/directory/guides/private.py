"""Segments that a guide adds to the standard: those that the partner invented, or takes from elsewhere."""

from __future__ import annotations

from collections import defaultdict

from edigw.directory.guides.compile import Compiled
from edigw.directory.guides.instance import Group, Line, values_at
from edigw.directory.guides.model import PrivateElement, PrivateSegment
from edigw.directory.guides.verdict import Verdict
from edigw.directory.model import ElementSpec
from edigw.directory.places import Place
from edigw.directory.values import Notation, faults
from edigw.directory.words import allowed, counted, cut, ordinal


def check_private(made: Compiled, root: Group, notation: Notation, verdict: Verdict) -> None:
    """The segments that the guide adds to the standard."""
    if not made.private:
        return
    seen: dict[tuple[str, int], int] = defaultdict(int)
    homes = _homes(root)
    for line, home in homes:
        segment = made.private.get(line.tag)
        if segment is None:
            continue
        inside = _enclosing(home, segment.inside)
        if inside is None:
            text = f"{line.tag} stands at a wrong place: it belongs into the group {segment.inside}"
            verdict.segment("segment_out_of_order", text, line.position, line.path, "error")
            continue
        seen[line.tag, inside.start] += 1
        number = seen[line.tag, inside.start]
        if segment.max is not None and number > segment.max:
            text = f"{line.tag} occurs for the {ordinal(number)} time; {allowed(segment.max)}"
            verdict.segment("guide_segment_too_often", text, line.position, line.path, "error")
        _private_elements(segment, line, notation, verdict)


def _homes(root: Group) -> list[tuple[Line, list[Group]]]:
    """Every segment with the groups around it, outermost first."""
    found: list[tuple[Line, list[Group]]] = []

    def walk(group: Group, around: list[Group]) -> None:
        here = [*around, group]
        found.extend((line, here) for lines in group.lines.values() for line in lines)
        for groups in group.groups.values():
            for inner in groups:
                walk(inner, here)

    walk(root, [])
    return found


def _enclosing(home: list[Group], path: str) -> Group | None:
    return next((group for group in home if group.path == path), None)


def _private_elements(segment: PrivateSegment, line: Line, notation: Notation, verdict: Verdict) -> None:
    for number, element in enumerate(segment.elements, 1):
        place = Place(number, None, _spec(element), element.required)
        values = values_at(line, place)
        where = f"{line.tag} element {number} ({element.name or 'no name'})"
        if not values and element.required:
            verdict.element("guide_element_missing", f"{where} is missing", line, place, "error")
        for value in values:
            assert place.spec is not None  # noqa: S101 - made above
            for fault in faults(place.spec, value.text, notation):
                verdict.value(fault.code, f"{where}: {cut(value.text)} {fault.text}", line, value, "", "error")
            if element.codes is not None and value.text not in element.codes:
                text = f"{where}: {cut(value.text)} is not used"
                verdict.value("guide_code_unused", text, line, value, "", "error")
    surplus = [n for n in range(len(segment.elements) + 1, len(line.values)) if line.values[n]]
    if segment.elements and surplus:
        text = f"{line.tag} has {counted(surplus[-1], 'element')}; {allowed(len(segment.elements))}"
        place = Place(surplus[0], None, None, False)
        verdict.element("too_many_elements", text, line, place, "error")


def _spec(element: PrivateElement) -> ElementSpec:
    return ElementSpec("", element.name, element.type, element.min_length, element.max_length)
