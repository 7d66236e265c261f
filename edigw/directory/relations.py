"""Conditions between the elements of a segment or the components of a composite.

X12 (X12.6 3.6.3): "P0304": all or none; "R0203": at least one; "E0203": at most one; "C0302": if the first is present,
all others are; "L130204": if the first is present, at least one other is.

EDIFACT calls them dependency notes (ISO 9735-1:2002, clause 11) and counts positions in tens: "D2(010,020)" to
"D6(030,010,020)" are P, R, E, C and L; "D1(010,020)": exactly one; "D7(010,020)": if the first is present, none of the
others is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from edigw.directory.values import Fault

_DEPENDENCY = re.compile("D([1-7])[(]([0-9]{2}0(?:,[0-9]{2}0)+)[)]")
_KINDS = MappingProxyType({"1": "D1", "2": "P", "3": "R", "4": "E", "5": "C", "6": "L", "7": "D7"})


class Condition(NamedTuple):
    """A parsed condition; positions count from 1. Its kind is the letter of X12, "D1" or "D7"."""

    kind: str
    positions: tuple[int, ...]


@cache
def condition(notation: str) -> Condition:
    """Parse the notation of X12 or of EDIFACT. Raises ValueError if it is neither."""
    if dependency := _DEPENDENCY.fullmatch(notation):
        return Condition(_KINDS[dependency[1]], tuple(int(tens) // 10 for tens in dependency[2].split(",")))
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
        case "D1":
            return given[1] if len(given) > 1 else None if given else first
        case "D7":
            return given[1] if first in given and len(given) > 1 else None
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
        case "D1" if position == first:
            text = f"is missing: of the {unit}s {every} one must be given"
        case "D1" | "E":
            return Fault("element_exclusion", f"must not be given: of the {unit}s {every} only one may be given")
        case "D7":
            return Fault("element_exclusion", f"must not be given: it is excluded by {unit} {first}")
        case "P":
            text = f"is missing: {unit}s {every} are given together or not at all"
        case "R":
            text = f"is missing: of the {unit}s {every} at least one must be given"
        case "C":
            text = f"is missing: it is required because {unit} {first} is given"
        case _:
            text = f"is missing: because {unit} {first} is given, {_listed(others, 'or')} is required"
    return Fault("element_dependency", text)


def _listed(positions: Sequence[int], word: str) -> str:
    *most, last = map(str, positions)
    return f"{', '.join(most)} {word} {last}" if most else last
