"""Locations as bindings spell them: those of `edigw.directory.notation`, and " ..." behind them, which lets a text run
on over further segments of the same kind: `FTX/4440* ...`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edigw.directory import notation
from edigw.directory.notation import NotationError, Step, Test
from edigw.mapping.errors import BindingError

__all__ = ["Location", "Step", "Test", "parse_location", "parse_path"]

_COMPOSITE = re.compile(r"[CES]\d{3}(#\d)?")


@dataclass(frozen=True, slots=True)
class Location:
    """The steps to a segment, and the reference inside it."""

    steps: tuple[Step, ...]
    ref: Step
    runs_on: bool = False


def parse_path(text: str) -> tuple[Step, ...]:
    """Groups and segments: the `in` of a rule. Raises BindingError."""
    try:
        return notation.parse_path(text)
    except NotationError as error:
        raise BindingError(str(error)) from None


def parse_location(text: str) -> Location:
    """The `at` of a rule, or one place of `slots`. Raises BindingError."""
    path, mark, _ = text.partition(" ...")
    steps = parse_path(path)
    if len(steps) > 2 and _COMPOSITE.fullmatch(steps[-2].name) and steps[-1].name[0].isdigit():
        steps = (*steps[:-2], Step(f"{steps[-2].name}/{steps[-1].name}", steps[-1].tests))
    if len(steps) < 2:
        raise BindingError(f"a location names a segment and an element: {text!r}")
    return Location(steps[:-1], steps[-1], bool(mark))
