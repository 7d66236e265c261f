"""Locations as bindings spell them: `SG2/NAD[3035=BY]/C082/3039`, `N1[01=ST]/04`, `FTX/4440* ...`.

    location = { group [tests] "/" } segment [tests] "/" reference [" ..."]
    tests    = "[" reference "=" [ code { "|" code } ] { "," … } "]"      no code: the element is absent

" ..." lets a text run on over further segments of the same kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edigw.mapping.errors import BindingError

_STEP = re.compile(r"([^/\[\]]+)(?:\[([^\]]*)\])?(?:/|$)")
_COMPOSITE = re.compile(r"[CES]\d{3}(#\d)?")


@dataclass(frozen=True, slots=True)
class Test:
    """A condition: the element holds one of the codes. "" stands for absence. The first code is written."""

    ref: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A group, segment or reference, with the conditions on it."""

    name: str
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """The steps to a segment, and the reference inside it."""

    steps: tuple[Step, ...]
    ref: Step
    runs_on: bool = False


def parse_path(text: str) -> tuple[Step, ...]:
    """Groups and segments: the `in` of a rule. Raises BindingError."""
    steps = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            break
        steps.append(Step(match[1], tuple(_test(test) for test in match[2].split(",")) if match[2] else ()))
        end = match.end()
    if end != len(text) or not steps:
        raise BindingError(f"not a location: {text!r}")
    return tuple(steps)


def parse_location(text: str) -> Location:
    """The `at` of a rule, or one place of `slots`. Raises BindingError."""
    path, mark, _ = text.partition(" ...")
    steps = parse_path(path)
    if len(steps) > 2 and _COMPOSITE.fullmatch(steps[-2].name) and steps[-1].name[0].isdigit():
        steps = (*steps[:-2], Step(f"{steps[-2].name}/{steps[-1].name}", steps[-1].tests))
    if len(steps) < 2:
        raise BindingError(f"a location names a segment and an element: {text!r}")
    return Location(steps[:-1], steps[-1], bool(mark))


def _test(text: str) -> Test:
    ref, equals, codes = text.strip().partition("=")
    if not equals:
        raise BindingError(f"a condition is reference=code, not {text!r}")
    return Test(ref.strip(), tuple(code.strip() for code in codes.split("|")))
