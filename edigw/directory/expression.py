"""The regular expression that recognises a segment without fault: its elements and components with their
representations, and what must be there. What it captures is judged by `edigw.directory.check`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edigw.directory import values
from edigw.directory.model import ComponentUse, ElementSpec, ElementUse
from edigw.directory.qualified import Pair, Place
from edigw.directory.relations import condition, holds
from edigw.directory.values import COMPONENT, ELEMENT, NO_DIGIT, REPETITION, TEXT, Notation


class Separators(NamedTuple):
    """What parts the elements of a segment, their components and repetitions; "" if nothing does."""

    element: str
    component: str
    repetition: str = ""


FLAT = Separators(ELEMENT, COMPONENT, REPETITION)
USUAL = frozenset(
    (
        Separators("+", ":"),
        Separators("+", ":", "*"),
        Separators("*", ">"),
        Separators("*", ">", "^"),
        Separators("*", ":"),
        Separators("*", ":", "^"),
    )
)
"""The separators of segments that are recognised as they were sent. Expressions are made for each, so there are few."""


class Expression:
    """Builds the regular expression of a segment. Quantifiers are possessive: a value can't end but at a
    separator, so there is nothing to go back to, and no input takes more than one pass."""

    def __init__(self, notation: Notation, codes: Mapping[str, frozenset[str]], found: Sequence[Pair]) -> None:
        self.notation = notation
        self.codes = codes
        self.wanted = {place for pair in found for place in (pair.value, pair.qualifier)}
        self.qualifiers = {pair.qualifier for pair in found}
        self.groups: dict[Place, int] = {}  # capture groups
        self.coded: dict[int, frozenset[str]] = {}  # groups that must be in a code list

    def segment(self, tag: str, uses: Sequence[ElementUse]) -> str:
        """The expression with placeholders for the separators. Elements behind the last mandatory one may be left out
        from the end."""
        parts = [ELEMENT + self._element(n, use) for n, use in enumerate(uses, 1)]
        return re.escape(tag) + _chain(parts, [use.mandatory for use in uses]) + f"{ELEMENT}*+"

    def chosen(self) -> list[tuple[int, ...]]:
        """The groups of codes and qualifiers up to each group, at least two: a match then gives a tuple of them.
        Segments have them in few combinations, which can be remembered."""
        groups = sorted({*self.coded, *(self.groups[place] for place in self.qualifiers)})
        if len(groups) == 1:
            groups *= 2
        return [tuple(groups[: max(2, bisect_right(groups, last))]) for last in range(len(self.groups) + 1)]

    def _element(self, number: int, use: ElementUse) -> str:
        if use.element is not None:
            return self._value((number, 0), use.element, use.mandatory)
        absent = rf"(?={ELEMENT}|\Z)"
        components = _unconditional(use)
        if not components:
            return "(?!)" if use.mandatory else absent
        parts = [
            (COMPONENT if k > 1 else "") + self._value((number, k), component.element, component.mandatory)
            for k, component in enumerate(components, 1)
        ]
        text = parts[0] + _chain(parts[1:], [component.mandatory for component in components[1:]])
        ended = f"{text}(?<!{COMPONENT})"
        return rf"(?!{ELEMENT}|\Z){ended}" if use.mandatory else f"(?:{ended}|{absent})"

    def _value(self, place: Place, spec: ElementSpec, mandatory: bool) -> str:
        text = values.pattern(spec, self.notation)
        allowed = self.codes.get(spec.id)
        if allowed is None and place not in self.wanted:
            return text if mandatory else f"(?:{text})?+"
        number = self.groups[place] = len(self.groups) + 1
        if allowed is not None:
            self.coded[number] = allowed
        return f"({text})" if mandatory else f"((?:{text})?+)"


def compiled(expression: str, separators: Separators) -> re.Pattern[str]:
    """The expression for segments with these separators. If they are not `FLAT` it refuses all that is not ASCII."""
    marks = "".join(map(re.escape, separators))
    foreign = "" if separators == FLAT else "\x80-\U0010ffff"
    places: dict[str, str | int | None] = {
        COMPONENT: re.escape(separators.component),
        ELEMENT: re.escape(separators.element),
        TEXT: f"[^{marks}{foreign}]",
        NO_DIGIT: f"[^0-9{marks}{foreign}]",
    }
    return re.compile(expression.translate(str.maketrans(places)))


def _unconditional(use: ElementUse) -> Sequence[ComponentUse]:
    """The components of a composite that are approved of here: of one with conditions of its own only those that are
    mandatory, if nothing but mandatory ones stands before the last of them and they alone meet the conditions."""
    if not use.conditions:
        return use.components
    least = max((k for k, component in enumerate(use.components, 1) if component.mandatory), default=1)
    components = use.components[:least]
    given = (True,) * (least + 1)  # of the element itself, too
    certain = least == 1 or all(component.mandatory for component in components)
    return components if certain and all(holds(condition(text), given) for text in use.conditions) else ()


def _chain(parts: Sequence[str], mandatory: Sequence[bool]) -> str:
    """Parts of which the optional ones at the end may be left out, from the end."""
    text = ""
    for n in reversed(range(len(parts))):
        text = parts[n] + text if any(mandatory[n:]) else f"(?:{parts[n]}{text})?+"
    return text
