"""Locations in messages as bindings and guides spell them: `SG2/NAD[3035=BY]/C082/3039`, `N1[01=ST]/04`.

location = { group [tests] "/" } segment [tests] [ "/" reference ]
tests    = "[" reference "=" [ code { "|" code } ] { "," … } "]"      no code: the element is absent
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = re.compile(r"([^/\[\]]+)(?:\[([^\]]*)\])?(?:/|$)")


class NotationError(ValueError):
    """A location is not written as one, or does not exist in the directory."""


@dataclass(frozen=True, slots=True)
class Test:
    """A condition: the element holds one of the codes. "" stands for absence."""

    ref: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A group, segment or reference, with the conditions on it."""

    name: str
    tests: tuple[Test, ...] = ()

    def __str__(self) -> str:
        tests = ",".join(f"{test.ref}={'|'.join(test.codes)}" for test in self.tests)
        return f"{self.name}[{tests}]" if tests else self.name


def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a location. Raises NotationError."""
    steps = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            break
        steps.append(Step(match[1], tuple(_test(test) for test in match[2].split(",")) if match[2] else ()))
        end = match.end()
    if end != len(text) or not steps or text.endswith("/"):
        raise NotationError(f"not a location: {text!r}")
    return tuple(steps)


def _test(text: str) -> Test:
    ref, equals, codes = text.strip().partition("=")
    if not equals or not ref:
        raise NotationError(f"a condition is reference=code, not {text!r}")
    return Test(ref.strip(), tuple(code.strip() for code in codes.split("|")))
