"""A segment compiled for checking. The fast way says "no fault" for the ordinary segment: one regular
expression over the flattened segment, look-ups of what it captured, and the relational conditions.
Whatever it does not approve of is looked at by `explain`, which alone says what is a fault."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from edigw.directory import values
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
_REMEMBERED = 512  # combinations of codes, and of elements that are present, for each segment


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


class SegmentChecks(dict[str, SegmentCheck | None]):
    """The compiled checks of a directory by segment tag, made when first asked for; None for a tag that the directory
    does not know."""

    def __init__(self, directory: Directory, notation: Notation, with_codes: bool) -> None:
        super().__init__()
        self._how = (notation, with_codes)
        self._directory = directory

    def __missing__(self, tag: str) -> SegmentCheck | None:
        if not self._directory.has_segment(tag):
            return None  # and not kept: senders can make up any number of tags
        found = self[tag] = segment_check(self._directory, tag, *self._how)
        return found


@lru_cache(maxsize=128)
def segment_checks(directory: Directory, notation: Notation, with_codes: bool) -> SegmentChecks:
    """The checks of all segments of a directory."""
    return SegmentChecks(directory, notation, with_codes)


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
    flat = _flat_simple if notation.standard == "x12" else _flat
    chosen = expression.chosen()
    # by the last group that took part: the groups behind it are empty
    chosen_up_to = [chosen[: max(2, bisect_right(chosen, last))] for last in range(len(expression.groups) + 1)]

    @lru_cache(maxsize=_REMEMBERED)
    def judgements(values: tuple[str | None, ...]) -> tuple[tuple[int, str, Judge], ...] | None:
        """What is left to be judged if the codes and qualifiers in a segment are `values`: groups with their
        qualifiers. None if a code is not in its list."""
        given = {group: value or "" for group, value in zip(chosen, values, strict=False)}
        if any(given.get(group, "") not in allowed for group, allowed in expression.coded.items()):
            return None
        qualified = [(pair, given.get(expression.groups[pair.qualifier], "")) for pair in found]
        return tuple(
            (expression.groups[pair.value], qualifier, pair.judge)
            for pair, qualifier in qualified
            if qualifier in pair.qualifiers
        )

    @lru_cache(maxsize=_REMEMBERED)
    def related(present: tuple[bool, ...]) -> bool:
        return all(holds(rule, present) for rule in conditions)

    def fine(segment: Segment) -> bool:
        match = fullmatch(flat(segment))
        if match is None:
            return False
        if chosen:
            pending = judgements(match.group(*chosen_up_to[match.lastindex or 0]))
            if pending is None:
                return False
            for group, qualifier, judge in pending:
                value = match[group]
                if value and judge(value, qualifier) is not None:
                    return False
        return not conditions or related(tuple(map(bool, segment)))

    return fine


def _flat(segment: Segment) -> str:
    """What the expression is matched with. A repeated element never matches."""
    return ELEMENT.join(
        [e if type(e) is str else COMPONENT.join(e) if type(e) is list else REPETITION for e in segment]
    )


def _flat_simple(segment: Segment) -> str:
    """The same for segments that seldom hold composites."""
    try:
        return ELEMENT.join(segment)
    except TypeError:
        return _flat(segment)


class _Expression:
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
        """Elements behind the last mandatory one may be left out from the end."""
        parts = [ELEMENT + self._element(n, use) for n, use in enumerate(uses, 1)]
        return re.escape(tag) + _chain(parts, [use.mandatory for use in uses]) + f"{ELEMENT}*+"

    def chosen(self) -> tuple[int, ...]:
        """The groups of codes and qualifiers, at least two: a match then gives a tuple of them. Segments have them in
        few combinations, which can be remembered."""
        groups = sorted({*self.coded, *(self.groups[place] for place in self.qualifiers)})
        return tuple(groups * 2 if len(groups) == 1 else groups)

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
        allowed = self.codes.get(spec.id)
        if allowed is None and place not in self.wanted:
            return text if mandatory else f"(?:{text})?+"
        number = self.groups[place] = len(self.groups) + 1
        if allowed is not None:
            self.coded[number] = allowed
        return f"({text})" if mandatory else f"((?:{text})?+)"


def _chain(parts: Sequence[str], mandatory: Sequence[bool]) -> str:
    """Parts of which the optional ones at the end may be left out, from the end."""
    text = ""
    for n in reversed(range(len(parts))):
        text = parts[n] + text if any(mandatory[n:]) else f"(?:{parts[n]}{text})?+"
    return text
