"""Relational conditions between the elements of a segment or the components of a composite (X12.6 3.6.3).

"P0304": all or none; "R0203": at least one; "E0203": at most one; "C0302": if the first is present, all
others are; "L130204": if the first is present, at least one other is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from edigw.directory.values import Fault


class Condition(NamedTuple):
    """A parsed condition; positions count from 1."""

    kind: str
    positions: tuple[int, ...]


@cache
def condition(notation: str) -> Condition:
    """Parse X12 notation. Raises ValueError if it is none."""
    kind, digits = notation[:1], notation[1:]
    if kind not in ("P", "R", "E", "C", "L") or len(digits) < 4 or len(digits) % 2 or not digits.isdecimal():
        raise ValueError(f"{notation!r} is not a relational condition")
    return Condition(kind, tuple(int(digits[i : i + 2]) for i in range(0, len(digits), 2)))


def holds(condition: Condition, present: Sequence[bool]) -> bool:
    """Whether a condition is met; `present[n]` tells of position n, and what lies behind the end is
    absent."""
    return broken_at(condition, present) is None


def broken_at(condition: Condition, present: Sequence[bool]) -> int | None:
    """The position at fault, None if the condition is met: of what must be there the first that is absent,
    of what excludes each other the second that is present."""
    given = [n for n in condition.positions if n < len(present) and present[n]]
    absent = [n for n in condition.positions if n not in given]
    first, others = condition.positions[0], condition.positions[1:]
    match condition.kind:
        case "P":
            return absent[0] if given and absent else None
        case "R":
            return None if given else first
        case "E":
            return given[1] if len(given) > 1 else None
        case "C":
            return absent[0] if first in given and absent else None
        case _:
            return others[0] if first in given and len(given) == 1 else None


def fault(condition: Condition, position: int, unit: str) -> Fault:
    """How a broken condition is told; `unit` is "element" or "component"."""
    first, others = condition.positions[0], condition.positions[1:]
    every = _listed(condition.positions, "and")
    match condition.kind:
        case "P":
            text = f"is missing: {unit}s {every} are given together or not at all"
        case "R":
            text = f"is missing: of the {unit}s {every} at least one must be given"
        case "E":
            return Fault("element_exclusion", f"must not be given: of the {unit}s {every} only one may be given")
        case "C":
            text = f"is missing: it is required because {unit} {first} is given"
        case _:
            text = f"is missing: because {unit} {first} is given, {_listed(others, 'or')} is required"
    return Fault("element_dependency", text)


def _listed(positions: Sequence[int], word: str) -> str:
    *most, last = map(str, positions)
    return f"{', '.join(most)} {word} {last}" if most else last
