"""How often segments and groups stand in a message, held against what a guide says."""

from __future__ import annotations

from edigw.directory.guides.compile import Compiled, Occurrence
from edigw.directory.guides.instance import Group, parents, units
from edigw.directory.guides.locate import Target
from edigw.directory.guides.verdict import Verdict
from edigw.directory.model import LoopUse, Row
from edigw.directory.words import allowed, counted, ordinal, plain


def check_occurrences(made: Compiled, root: Group, verdict: Verdict) -> None:
    """Every segment and group of which the guide says how often it stands."""
    for occurrence in made.occurrences:
        for group in parents(root, occurrence.target.parents):
            if verdict.full:
                return
            _count(made, occurrence, group, verdict)


def described(made: Compiled, target: Target) -> str:
    """A unit in words: "NAD (name and address) with 3035=BY"."""
    name = plain(made.directory.segment(target.tag).name)
    loop = target.loop
    begins = f"the group {loop.name}, which begins with " if loop is not None and loop.name != target.tag else ""
    return f"{begins}{target.tag} ({name}){target.told}"


def missing_position(made: Compiled, target: Target, group: Group) -> int:
    """The position of the segment at which the absence of a unit shows: the first one in the group that stands behind
    its place in the segment table, else the one that follows the group."""
    if target.below:
        return group.end + 1  # behind what the level itself has
    path = target.path.rpartition("/")[0] if isinstance(target.row, LoopUse) else target.path
    rows = _rows(made, path.rpartition("/")[0])
    ranks: dict[str, int] = {}
    for number, row in enumerate(rows):
        ranks.setdefault(row.name if isinstance(row, LoopUse) else row.tag, number)
    own = next((number for number, row in enumerate(rows) if row is target.row), len(rows))
    for name, position in group.order:
        if ranks.get(name, -1) > own:
            return position
    return group.end + 1


def _rows(made: Compiled, path: str) -> tuple[Row, ...]:
    """What stands in the group of that path; "" is the message."""
    rows = made.table.spec.table
    for name in path.split("/") if path else ():
        rows = next((row.children for row in rows if isinstance(row, LoopUse) and row.name == name), ())
    return rows


def _count(made: Compiled, occurrence: Occurrence, group: Group, verdict: Verdict) -> None:
    target, entry, low, high = occurrence.target, occurrence.entry, occurrence.low, occurrence.high
    found = units(group, target)
    if low <= len(found) and (high is None or len(found) <= high):
        return
    what = f"{entry.name}: " * bool(entry.name) + described(made, target)
    is_loop = isinstance(target.row, LoopUse)
    if len(found) < low:
        text = f"{what} is missing"
        if found:
            text = f"{what} occurs {counted(len(found), 'time')}; at least {low} are required"
        code = "guide_loop_missing" if is_loop else "guide_segment_missing"
        verdict.segment(code, text, missing_position(made, target, group), target.path, entry.severity)
    for number, line in enumerate(found[high:] if high is not None else (), (high or 0) + 1):
        if high == 0:
            verdict.segment("guide_segment_unused", f"{what} is not used", line.position, line.path, entry.severity)
            continue
        text = f"{what} occurs for the {ordinal(number)} time; {allowed(high or 0)}"
        code = "guide_loop_too_often" if is_loop else "guide_segment_too_often"
        verdict.segment(code, text, line.position, line.path, entry.severity)
