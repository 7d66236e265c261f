"""What an agreement says of translation: whether it makes sense, and what it says of a single loss."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from edigw.partners.errors import did_you_mean
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.translation import LossAction, LossPolicy

if TYPE_CHECKING:
    from edigw.mapping.loss import Loss
    from edigw.partners.adaptation import Adaptation

_ACTIONS = ("drop", "pass", "hold")
_X12_LABEL = re.compile(r"(?!SG\d)([A-Z][A-Z0-9]{1,2})(\d\d)(?:-\d+)?")
_INDEX = re.compile(r"\[\d+\]")


def translation_problems(partner: Partner, overlays: Sequence[Adaptation]) -> Iterator[tuple[str, str]]:
    """A key and what is wrong there, for `codes` and `overlays`."""
    yield from _codes(partner)
    for number, one in enumerate(overlays, 1):
        for earlier in overlays[: number - 1]:
            same = one.overlay.extends == earlier.overlay.extends and _meet(one, earlier)
            if same and {one.direction, earlier.direction} != {"sends", "receives"}:
                yield f"overlays[{number}]", f"there is an overlay of {one.overlay.extends} already; join the two"


def _meet(one: Adaptation, other: Adaptation) -> bool:
    mine, theirs = one.overlay.versions, other.overlay.versions
    return not mine or not theirs or bool(set(mine) & set(theirs))


def _codes(partner: Partner) -> Iterator[tuple[str, str]]:
    codes = partner.codes
    if not codes.lists and not codes.defaults:
        return
    from edigw.resources import shipped

    known = sorted(path.stem for path in (shipped("mappings") / "codes").glob("*.csv"))
    for key, table in (("lists", codes.lists), ("defaults", codes.defaults)):
        for name in table:
            if name not in known and not name.isdigit():
                yield f"codes.{key}.{name}", f"there is no code list of that name{did_you_mean(name, known)}"
    for name, action in codes.lists.items():
        if name in codes.defaults:
            yield f"codes.lists.{name}", "stands in codes.defaults, too; say it once"
        elif action not in _ACTIONS:
            hint = did_you_mean(action, _ACTIONS)
            yield f"codes.lists.{name}", f'expected one of "drop", "pass", "hold", got "{action}"{hint}'
    for name, code in codes.defaults.items():
        if not 1 <= len(code) <= 35:
            yield f"codes.defaults.{name}", "expected a canonical code of 1 to 35 characters"


def action(policy: LossPolicy, loss: Loss, places: Iterable[str]) -> LossAction:
    """What is agreed for a loss. `places` are its location, and others that name the same value: its place in the
    document and in the message on either side."""
    known = [_steps(place) for place in places]
    for rule in policy.rules:
        if rule.kind not in (None, loss.outcome):
            continue
        if rule.at == "*" or any(_within(_steps(rule.at), steps) for steps in known):
            return rule.action
    return policy.action


def _steps(place: str) -> tuple[str, ...]:
    """The parts of a place: "lines[2].price" as (lines, price), "SG25/QTY/6060" as (SG25, QTY, 6060), "PO1/PO104" as
    (PO1, PO1, 04)."""
    steps: list[str] = []
    for part in _INDEX.sub("", place).replace(".", "/").split("/"):
        label = _X12_LABEL.fullmatch(part)
        steps += label.groups() if label else (part,)
    return tuple(step for step in steps if step)


def _within(pattern: Sequence[str], steps: Sequence[str]) -> bool:
    """Whether some steps in a row are like those of the pattern."""
    width = len(pattern)
    return any(
        all(fnmatchcase(step, wanted) for step, wanted in zip(steps[n : n + width], pattern, strict=True))
        for n in range(len(steps) - width + 1)
    )
