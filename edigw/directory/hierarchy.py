"""Levels that point to their parents: HL in X12 (HL01 number, HL02 parent), CPS in DESADV and the like
(7164, 7166). In the tree they are siblings, as in the segment table; here the pointers between them are
followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edigw.directory.report import Report
from edigw.directory.table import Table
from edigw.syntax.model import Loop, Segment

MAX_DEPTH = 16  # levels inside levels that are followed; the standards' own structures have four to six
LEVELS = ("HL", "CPS")  # the segments that begin a level
_LEVELS = {"x12": ("HL", "628", "734"), "edifact": ("CPS", "7164", "7166")}


def check_hierarchy(table: Table, segments: Sequence[Segment], nodes: Sequence[int], report: Report) -> None:
    """Report levels whose number was used before, and those whose parent does not stand before them."""
    tag, number_id, parent_id = _LEVELS[table.spec.standard]
    if tag not in table.tags:
        return
    seen: set[str] = set()
    for position, segment in enumerate(segments, 1):
        if segment[0] != tag:
            continue
        number, parent = _value(segment, 1), _value(segment, 2)
        node = nodes[position - 1]
        path = table.nodes[node].path if node >= 0 else tag
        if number and number in seen:
            text = f"{tag} element 1 ({number_id}): level {number} was given before"
            report.add("hierarchy_broken", text, position, tag, path, element=1, data_element=number_id, value=number)
        if parent and parent not in seen:
            text = f"{tag} element 2 ({parent_id}): there is no level {parent} before level {number}"
            report.add("hierarchy_broken", text, position, tag, path, element=2, data_element=parent_id, value=parent)
        if number:
            seen.add(number)


def _value(segment: Segment, number: int) -> str:
    value: Any = segment[number] if number < len(segment) else ""
    return value if isinstance(value, str) else ""


def nested(tree: Loop) -> Loop:
    """The tree of a message with its levels as they are meant: each HL or CPS loop inside the one that it names as its
    parent, behind that one's own content. A level without a parent, or whose parent does not stand before it, stays
    where it is. The tree itself is not changed; its segments are shared."""
    out = Loop(tree.name)
    levels: dict[str, tuple[Loop, int]] = {}
    for item in tree:
        tag = item[0][0] if isinstance(item, Loop) else ""
        if tag not in LEVELS:
            out.append(item)
            continue
        level = Loop(item.name, item)
        parent, depth = levels.get(_value(item[0], 2), (out, 0))
        if depth >= MAX_DEPTH:
            parent, depth = out, 0
        parent.append(level)
        levels.setdefault(_value(item[0], 1), (level, depth + 1))
    return out
