"""Levels that name their parent by number (HL, CPS) as nested loops, and back."""

from __future__ import annotations

from edigw.mapping.loss import Entry
from edigw.mapping.plan import HierarchyPlan
from edigw.mapping.runtime import trimmed
from edigw.syntax.model import Loop, Segment

MAX_DEPTH = 16
"""Levels inside levels that are followed. The standards' own structures have four to six."""


def nest(tree: Loop, plan: HierarchyPlan, lost: list[Entry]) -> Loop:
    """Loops put inside their parents. The first level is the top; another one without a parent, with a parent that
    does not exist, or too deep is put under the top and reported as an orphan."""
    out = Loop(tree.name)
    levels: dict[str, tuple[Loop, int]] = {}
    top: Loop | None = None
    for item in tree:
        if not _is_level(item, plan):
            out.append(item)
            continue
        level = Loop(item.name, item)
        trigger = item[0]
        number = _at(trigger, plan.id)
        parent = _at(trigger, plan.parent)
        depth = 1
        if top is None:
            top, depth = level, 0
            out.append(level)
        elif parent in levels and levels[parent][1] < MAX_DEPTH:
            depth = levels[parent][1] + 1
            levels[parent][0].append(level)
        else:
            reason = "nested too deeply" if parent in levels else "no such parent" if parent else "no parent"
            lost.append(("orphan", f"{plan.group}/{trigger[0]}/{plan.parent:02d}", parent, reason, trigger))
            top.append(level)
        levels.setdefault(number, (level, depth))
    return out


def _is_level(item: Loop | Segment, plan: HierarchyPlan) -> bool:
    return type(item) is Loop and item.name == plan.group


def _at(segment: list[str], index: int) -> str:
    value = segment[index] if len(segment) > index else ""
    return value if type(value) is str else ""


def unnest(tree: Loop, plan: HierarchyPlan) -> Loop:
    """Nested loops one after the other, numbered depth first, each with its parent's number."""
    out = Loop(tree.name)
    number = 0
    pending: list[tuple[Loop, str]] = []
    for item in tree:
        if not _is_level(item, plan):
            out.append(item)
            continue
        pending.append((item, ""))
        while pending:
            level, parent = pending.pop()
            number += 1
            inner = [item for item in level if _is_level(item, plan)]
            trigger = level[0]
            trigger += [""] * (max(plan.id, plan.parent, plan.child) + 1 - len(trigger))
            trigger[plan.id], trigger[plan.parent] = str(number), parent
            if plan.child:
                trigger[plan.child] = "1" if inner else "0"
            trimmed(trigger)
            out.append(Loop(level.name, [item for item in level if not _is_level(item, plan)]))
            pending.extend((child, trigger[plan.id]) for child in reversed(inner))
    return out
