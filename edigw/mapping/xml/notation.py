"""Places in an XML document as bindings spell them.

path = step { "/" step }            step = "." | "@" attribute | prefix ":" name [ tests ]
tests = "[" test { "," test } "]"   test = path "=" code { "|" code }     "*": there is one; no code: there is none
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edigw.mapping.errors import BindingError

_STEP = re.compile(r"(?P<name>\.|@[A-Za-z]+|(?:cac|cbc):[A-Za-z]+)(?:\[(?P<tests>[^\]]+)\])?")
_PICK = re.compile(r"(?P<list>\w+)\[(?P<field>\w+)=(?P<code>\w+)\]/(?P<value>\w+)")

ANY = "*"


@dataclass(frozen=True, slots=True)
class Test:
    """What stands at `path`, seen from an element, is one of `codes`. ("*",): anything; ("",): nothing."""

    path: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether the test tells what to write."""
        return self.codes not in ((ANY,), ("",))


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Pick:
    """`dates[type=64]/at`: a value of the one item of a list whose field is that code."""

    list: str
    field: str
    code: str
    value: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Which item is meant."""
        return self.list, self.field, self.code


def parse_pick(text: str) -> Pick | None:
    """None: a plain field."""
    match = _PICK.fullmatch(text)
    return Pick(match["list"], match["field"], match["code"], match["value"]) if match else None


def parse_path(text: str) -> tuple[Step, ...]:
    """Raises BindingError."""
    steps = []
    position = 0
    while True:
        match = _STEP.match(text, position)
        if match is None:
            raise BindingError(f"not a path: {text!r}")
        steps.append(Step(match["name"], _tests(match["tests"], text)))
        position = match.end()
        if position == len(text):
            break
        if text[position] != "/":
            raise BindingError(f"not a path: {text!r}")
        position += 1
    if any(step.name.startswith(("@", ".")) for step in steps[:-1]):
        raise BindingError(f"an attribute stands at the end of a path: {text!r}")
    return tuple(steps)


def _tests(text: str | None, path: str) -> tuple[Test, ...]:
    tests = []
    for part in (text or "").split(",") if text else ():
        name, mark, codes = part.partition("=")
        if not mark:
            raise BindingError(f"a test has a path, = and codes: {path!r}")
        inner = name.rpartition("/@") if "/@" in name else (name, "", "")
        names = inner[0].split("/") if inner[0] else []
        attribute = [f"@{inner[2]}"] if inner[1] else []
        tests.append(Test((*names, *attribute), tuple(codes.split("|"))))
    return tuple(tests)
