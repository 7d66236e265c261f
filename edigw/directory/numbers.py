"""Numbers that were written as people write them, put back into the form of the standards with the help of the
directory: blanks around them, or thousands separators where these can be nothing else.

"1,234" is left alone: in another country it is a little more than one. "1,234.50", "1.234.567" and "1 234" have one
meaning only (ISO 9735 and X12.6 allow no separators at all).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edigw.directory.check import SegmentCheck
from edigw.directory.model import ElementSpec
from edigw.directory.values import NO_NUMBER, Notation, faults
from edigw.syntax.model import Repeated, Segment

_GROUPED = re.compile(
    r"(-?)([0-9]{1,3})(?P<mark>[ ,.'\u00a0\u202f])((?:[0-9]{3}(?P=mark))*+[0-9]{3})(?:([.,])([0-9]+))?"
)
_LONGEST = 70  # no number of the directories is longer, whatever it is written with


@dataclass(frozen=True, slots=True)
class Mended:
    """A number that was put right, and the rule that tolerates it."""

    code: str
    element: int
    component: int | None
    data_element: str
    sent: str
    value: str


def mend_numbers(check: SegmentCheck, segment: Segment, tolerates: Callable[[str], bool]) -> list[Mended]:
    """Put the numbers of a segment right, in place, as far as `tolerates` allows it by rule code."""
    mended: list[Mended] = []

    def one(spec: ElementSpec, value: str, element: int, component: int | None) -> str:
        code, better = _mended(spec, value, check.notation)
        if not code or not tolerates(code):
            return value
        mended.append(Mended(code, element, component, spec.id, value, better))
        return better

    def whole(element: Any, number: int) -> Any:
        use = check.uses[number - 1]
        if isinstance(element, Repeated):
            return Repeated(whole(part, number) for part in element)
        if use.element is not None:
            return one(use.element, element, number, None) if isinstance(element, str) else element
        parts = [element] if isinstance(element, str) else element
        specs = [component.element for component in use.components]
        done = [one(spec, part, number, k) for k, (spec, part) in enumerate(zip(specs, parts, strict=False), 1)]
        return done[0] if isinstance(element, str) and done else [*done, *parts[len(done) :]]

    for number in range(1, min(len(segment), len(check.uses) + 1)):
        segment[number] = whole(segment[number], number)
    return mended


def _mended(spec: ElementSpec, value: str, notation: Notation) -> tuple[str, str]:
    """The rule and the number as it should be; "" if there is nothing to put right, or no certainty."""
    if not value or (spec.type not in ("n", "R") and spec.type[0] != "N") or len(value) > _LONGEST:
        return "", value
    if _is_number(spec, value, notation):
        return "", value
    bare = value.strip(" ")
    if not bare or _is_number(spec, bare, notation):
        return "blank_numbers", bare
    better = _ungrouped(bare, notation)
    return ("thousands_separators", better) if better and _is_number(spec, better, notation) else ("", value)


def _is_number(spec: ElementSpec, value: str, notation: Notation) -> bool:
    return all(fault.code not in NO_NUMBER for fault in faults(spec, value, notation))


def _ungrouped(value: str, notation: Notation) -> str:
    """A number without its thousands separators; "" if they may be something else."""
    match = _GROUPED.fullmatch(value)
    if match is None:
        return ""
    sign, first, separator, rest, mark, decimals = match.groups()
    certain = separator not in ".," or separator in rest or mark is not None
    if not certain or mark == separator:
        return ""
    fraction = f"{mark if mark in notation.marks else notation.marks[0]}{decimals}" if mark else ""
    return f"{sign}{first}{rest.replace(separator, '')}{fraction}"
