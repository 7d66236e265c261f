"""What generated readers and writers call: the parts that need no knowledge of a particular binding."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from edigw.mapping.loss import Entry, Reason
from edigw.syntax.model import Loop, Repeated, Segment

Used = dict[int, frozenset[int] | None]
"""Which positions of a segment an instance looks at; None: the whole element."""


def plain(element: Any, location: str, lost: list[Entry], segment: Segment) -> str:
    """The text of an element that should be simple; what else it holds is reported."""
    first = element[0]
    for extra in element[1:]:
        report(extra, location, lost, segment)
    return first if type(first) is str else plain(first, location, lost, segment)


def first(element: Repeated, location: str, lost: list[Entry], segment: Segment) -> list[str]:
    """The components of the first repetition of a composite; the other repetitions are reported."""
    for extra in element[1:]:
        report(extra, location, lost, segment)
    return element[0] if type(element[0]) is list else [element[0]]


def report(
    element: Any, location: str, lost: list[Entry], segment: Segment, kind: str = "unmapped", reason: str = ""
) -> None:
    """Every value of an element goes into the report."""
    if type(element) is str:
        if element:
            lost.append((kind, location, element, reason, segment))
        return
    for part in element:
        report(part, location, lost, segment, kind, reason)


def rest(segment: Segment, used: Used, path: str, lost: list[Entry]) -> None:
    """The values of a segment that no rule of its instance looked at."""
    for index in range(1, len(segment)):
        element = segment[index]
        if not element:
            continue
        components = used.get(index, frozenset())
        if components is None:
            continue
        if type(element) is str:
            if 0 not in components:
                lost.append(("unmapped", f"{path}/{index:02d}", element, "no rule", segment))
        elif type(element) is list:
            for part, value in enumerate(element):
                if value and part not in components:
                    lost.append(("unmapped", f"{path}/{index:02d}-{part + 1}", value, "no rule", segment))
        elif not components:
            report(element, f"{path}/{index:02d}", lost, segment, reason="no rule")


def whole(item: Loop | Segment, path: str, lost: list[Entry], kind: str = "unmapped", reason: str = "no rule") -> None:
    """Every value of a segment or group that no rule wants."""
    if type(item) is Loop:
        path = f"{path}/{item.name}" if path else item.name
        for inner in item:
            whole(inner, path, lost, kind, reason)
        return
    path = f"{path}/{item[0]}" if path else item[0]
    if len(item) == 1:
        lost.append((kind, path, "", reason, item))
    for index in range(1, len(item)):
        element = item[index]
        if type(element) is list:
            for part, value in enumerate(element, 1):
                report(value, f"{path}/{index:02d}-{part}", lost, item, kind, reason)
        else:
            report(element, f"{path}/{index:02d}", lost, item, kind, reason)


def because(lost: list[Entry], mark: int, reason: str) -> str:
    """The reason why a whole item is dropped: one code list that lacks a code of it is named. What was reported of the
    parts of the item since `mark` is taken back, because the item itself will be."""
    named = next((why.code_list for *_, why in lost[mark:] if type(why) is Reason and why.code_list), "")
    del lost[mark:]
    return Reason(reason, code_list=named) if named else reason


def spread(tree: Loop) -> Loop:
    """The tree with repetitions in positions of their own, as syntax 1 to 3 has them, which is how bindings count."""
    return Loop(tree.name, [spread(item) if type(item) is Loop else _spread(item) for item in tree])


def _spread(segment: Segment) -> Segment:
    if not any(type(element) is Repeated for element in segment):
        return segment
    out: Segment = []
    for element in segment:
        if type(element) is Repeated:
            out.extend(element)
        else:
            out.append(element)
    return out


def wrap(text: str, width: int, count: int) -> list[str] | None:
    """The words of a text in at most `count` pieces of at most `width` characters; None if they don't fit."""
    if len(text) <= width:
        return [text] if text.strip() else None
    pieces: list[str] = []
    line = ""
    for word in text.split():
        if len(word) > width:
            return None
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line = f"{line} {word}"
        else:
            pieces.append(line)
            line = word
    pieces.append(line)
    return pieces if pieces[0] and len(pieces) <= count else None


def trimmed(segment: Segment) -> Segment:
    """A segment without empty elements at its end."""
    while len(segment) > 1 and not segment[-1]:
        segment.pop()
    return segment


def cell(segment: Segment, element: int, component: int | None) -> str:
    """The text at a place of a segment that a writer made."""
    if len(segment) <= element:
        return ""
    value = segment[element]
    if not component:
        return value if type(value) is str else value[0]
    return value[component] if type(value) is list and len(value) > component else ""


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How many groups of a name a message has. `through` are the groups that can hold one; the others are not searched.
    A writer puts it where the number belongs, and `settle` puts in the number when the whole message is written."""

    group: str
    through: frozenset[str]

    def of(self, tree: Loop) -> int:
        found = 0
        for item in tree:
            if type(item) is Loop:
                found += item.name == self.group
                if item.name in self.through:
                    found += self.of(item)
        return found


def settle(tree: Loop, tags: Container[str]) -> None:
    """Put the counts into the segments that wait for them: those at the top of a message with one of the `tags`."""
    for item in tree:
        segment = item[0] if type(item) is Loop else item
        if segment[0] not in tags:
            continue
        for index, element in enumerate(segment):
            if type(element) is GroupCount:
                segment[index] = str(element.of(tree))
            elif type(element) is list:
                segment[index] = [str(e.of(tree)) if type(e) is GroupCount else e for e in element]
