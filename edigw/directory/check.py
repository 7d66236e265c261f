"""A segment compiled for checking. The fast way says "no fault" for the ordinary segment: one regular
expression over the flattened segment, look-ups of what it captured, and the relational conditions.
Whatever it does not approve of is looked at by `explain`, which alone says what is a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from edigw.directory import dates, values
from edigw.directory.directory import Directory, positions
from edigw.directory.model import ElementSpec, ElementUse, SegmentSpec
from edigw.directory.qualified import Judge, Pair, Place, pairs
from edigw.directory.relations import Condition, condition, holds
from edigw.directory.values import COMPONENT, ELEMENT, REPETITION, Notation
from edigw.syntax.model import Segment

# The message identifier in UNH: that the directory knows the message is proof enough. The service code lists are
# younger or older than the directory, and syntax 1 and 2 know version and release only as numbers; they would refuse
# valid ones.
_IDENTIFIERS = frozenset({"0051", "0052", "0054", "0057", "0065"})
_NOT_LISTED = _IDENTIFIERS | {"480"}  # GS08 and its like: a version, and any industry's suffix
_MOST_COMPILED = 60  # positions; a segment with more (repetitions counted out) is always explained
_PRESENCES = 512  # remembered patterns of presence for each segment


@dataclass(frozen=True, slots=True)
class SegmentCheck:
    """What `explain` needs to know about a segment, and the fast way."""

    spec: SegmentSpec
    uses: tuple[ElementUse, ...]  # by position, as the interchange's syntax has them
    notation: Notation
    codes: Mapping[str, frozenset[str]]  # of the data elements that are checked; "" is in each
    pairs: tuple[Pair, ...]
    conditions: tuple[tuple[Condition, bool], ...]  # with whether it is certain
    version: str
    required: int  # the last mandatory position
    fine: Callable[[Segment], bool]  # True: there is no fault; False: there may be one


@lru_cache(maxsize=2048)
def segment_check(directory: Directory, tag: str, notation: Notation, with_codes: bool) -> SegmentCheck:
    """The compiled check of a segment. Raises UnknownSegment."""
    spec = directory.segment(tag)
    uses = positions(spec, directory.syntax) if directory.standard == "edifact" else spec.elements
    uses = tuple(_with_any_identifier(use) for use in uses)
    codes = _code_lists(directory, uses) if with_codes else {}
    found = tuple(pairs(directory.standard, uses, directory.codes("2379") or {}))
    certain = [text for text in spec.conditions if text not in spec.uncertain]
    conditions = (
        *((condition(text), True) for text in certain),
        *((condition(text), False) for text in spec.uncertain),
    )
    fine = _fast(tag, uses, notation, codes, found, tuple(rule for rule, _ in conditions))
    required = max((n for n, use in enumerate(uses, 1) if use.mandatory), default=0)
    return SegmentCheck(spec, uses, notation, codes, found, conditions, directory.version, required, fine)


def _with_any_identifier(use: ElementUse) -> ElementUse:
    """The element with every component of a message identifier alphanumeric."""
    if not any(component.element.id in _IDENTIFIERS for component in use.components):
        return use
    components = [
        replace(component, element=replace(component.element, type="an"))
        if component.element.id in _IDENTIFIERS
        else component
        for component in use.components
    ]
    return replace(use, components=tuple(components))


def _code_lists(directory: Directory, uses: Sequence[ElementUse]) -> dict[str, frozenset[str]]:
    simple = {use.element.id for use in uses if use.element}
    ids = simple | {component.element.id for use in uses for component in use.components}
    lists = {id: _code_list(directory, id) for id in sorted(ids - _NOT_LISTED)}
    return {id: codes for id, codes in lists.items() if codes}


@lru_cache(maxsize=4096)
def _code_list(directory: Directory, id: str) -> frozenset[str] | None:
    codes = directory.codes(id)
    return frozenset((*codes, "")) if codes else None


def _fast(
    tag: str,
    uses: Sequence[ElementUse],
    notation: Notation,
    codes: Mapping[str, frozenset[str]],
    found: Sequence[Pair],
    conditions: tuple[Condition, ...],
) -> Callable[[Segment], bool]:
    if len(uses) > _MOST_COMPILED:
        return lambda segment: False
    expression = _Expression(notation, codes, found)
    fullmatch = re.compile(expression.segment(tag, uses)).fullmatch
    looked_up = tuple(expression.looked_up)
    judged = tuple(expression.judged(pair) for pair in found)

    @lru_cache(maxsize=_PRESENCES)
    def related(present: tuple[bool, ...]) -> bool:
        return all(holds(rule, present) for rule in conditions)

    def fine(segment: Segment) -> bool:
        match = fullmatch(
            ELEMENT.join(
                [e if type(e) is str else COMPONENT.join(e) if type(e) is list else REPETITION for e in segment]
            )
        )
        if match is None:
            return False
        groups = match.groups("")
        for n, allowed in looked_up:
            if groups[n] not in allowed:
                return False
        for n, m, judge in judged:
            if groups[n] and groups[m] and judge(groups[n], groups[m]) is not None:
                return False
        return not conditions or related(tuple(map(bool, segment)))

    return fine


class _Dates:
    """Contains the values of X12 type DT."""

    def __contains__(self, value: object) -> bool:
        return not value or (isinstance(value, str) and dates.is_date(value))


class _Times:
    """Contains the values of X12 type TM."""

    def __contains__(self, value: object) -> bool:
        return not value or (isinstance(value, str) and dates.is_time(value))


class _Expression:
    """Builds the regular expression of a segment. Quantifiers are possessive: a value can't end but at a
    separator, so there is nothing to go back to, and no input takes more than one pass."""

    def __init__(self, notation: Notation, codes: Mapping[str, frozenset[str]], found: Sequence[Pair]) -> None:
        self.notation = notation
        self.codes = codes
        self.wanted = {place for pair in found for place in (pair.value, pair.qualifier)}
        self.groups: dict[Place, int] = {}
        self.looked_up: list[tuple[int, Container[str]]] = []

    def segment(self, tag: str, uses: Sequence[ElementUse]) -> str:
        """Elements behind the last mandatory one may be left out from the end."""
        parts = [ELEMENT + self._element(n, use) for n, use in enumerate(uses, 1)]
        return re.escape(tag) + _chain(parts, [use.mandatory for use in uses]) + f"{ELEMENT}*+"

    def judged(self, pair: Pair) -> tuple[int, int, Judge]:
        """A pair with the capture groups (from 0) of its value and its qualifier."""
        return self.groups[pair.value], self.groups[pair.qualifier], pair.judge

    def _element(self, number: int, use: ElementUse) -> str:
        if use.element is not None:
            return self._value((number, 0), use.element, use.mandatory)
        # Of a composite with conditions of its own only the first component is approved of here.
        components = use.components[:1] if use.conditions else use.components
        parts = [
            (COMPONENT if k > 1 else "") + self._value((number, k), component.element, component.mandatory)
            for k, component in enumerate(components, 1)
        ]
        text = parts[0] + _chain(parts[1:], [component.mandatory for component in components[1:]])
        ended = f"{text}(?<!{COMPONENT})"
        return rf"(?!{ELEMENT}|\Z){ended}" if use.mandatory else rf"(?:{ended}|(?={ELEMENT}|\Z))"

    def _value(self, place: Place, spec: ElementSpec, mandatory: bool) -> str:
        text = values.pattern(spec, self.notation)
        allowed = self._allowed(spec)
        if allowed is None and place not in self.wanted:
            return text if mandatory else f"(?:{text})?+"
        number = self.groups[place] = len(self.groups)
        if allowed is not None:
            self.looked_up.append((number, allowed))
        return f"({text})" if mandatory else f"((?:{text})?+)"

    def _allowed(self, spec: ElementSpec) -> Container[str] | None:
        """What a value is looked up in; None if it needs no look-up."""
        if spec.id in self.codes:
            return self.codes[spec.id]
        if spec.type == "DT":
            return _Dates()
        if spec.type == "TM":
            return _Times()
        return None


def _chain(parts: Sequence[str], mandatory: Sequence[bool]) -> str:
    """Parts of which the optional ones at the end may be left out, from the end."""
    text = ""
    for n in reversed(range(len(parts))):
        text = parts[n] + text if any(mandatory[n:]) else f"(?:{parts[n]}{text})?+"
    return text
