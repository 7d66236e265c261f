"""A segment compiled for checking. The fast way says "no fault" for the ordinary segment: one regular
expression over the segment, look-ups of what it captured, and the relational conditions.
Whatever it does not approve of is looked at by `explain`, which alone says what is a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any, TypeAlias

from edigw.directory.directory import Directory, positions
from edigw.directory.expression import FLAT, Expression, Separators, compiled
from edigw.directory.model import ElementUse, SegmentSpec
from edigw.directory.qualified import Judge, Pair, pairs
from edigw.directory.relations import Condition, condition, holds
from edigw.directory.values import COMPONENT, ELEMENT, REPETITION, Notation
from edigw.syntax.model import Segment

# The message identifier in UNH: that the directory knows the message is proof enough. The service code lists are
# younger or older than the directory, and syntax 1 and 2 know version and release only as numbers; they would refuse
# valid ones.
_IDENTIFIERS = frozenset({"0051", "0052", "0054", "0057", "0065"})
_NOT_LISTED = _IDENTIFIERS | {"480"}  # GS08 and its like: a version, and any industry's suffix
_OF_OTHERS = {"C555": "4405"}  # "for transport status, use UN/ECE Recommendation 24" (note 1 of C555, from D.98B on)
_MOST_COMPILED = 60  # positions; a segment with more (repetitions counted out) is always explained
_EXPLAINED = 200  # segments of a tag before its fast way is compiled, which takes as long as to explain so many
_SHORT, _APPROVED = 20, 4_096  # characters of a segment (a LIN with its GTIN has more), and how many are remembered
_REMEMBERED = 512  # combinations of codes, and of elements that are present, for each segment


Fine: TypeAlias = Callable[..., bool]
"""Takes a segment, and its text as it was sent if that is known. True: there is no fault; False: there may be one."""


@dataclass(frozen=True)
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

    @cached_property
    def fine(self) -> Fine:
        """The fast way, for any separators."""
        return _fast(self, FLAT)


@lru_cache(maxsize=2048)
def segment_check(directory: Directory, tag: str, notation: Notation, with_codes: bool) -> SegmentCheck:
    """The check of a segment. Raises UnknownSegment."""
    spec = directory.segment(tag)
    uses = positions(spec, directory.syntax) if directory.standard == "edifact" else spec.elements
    uses = tuple(_with_any_identifier(use) for use in uses)
    codes = _code_lists(directory, uses) if with_codes else {}
    found = tuple(pairs(directory.standard, uses, directory.codes("2379") or {}))
    conditions = tuple(
        (_expanded(condition(text), spec, len(uses)), text not in spec.uncertain)
        for text in dict.fromkeys((*spec.conditions, *spec.uncertain))
    )
    required = max((n for n, use in enumerate(uses, 1) if use.mandatory), default=0)
    return SegmentCheck(spec, uses, notation, codes, found, conditions, directory.version, required)


class SegmentChecks(dict[str, Fine | None]):
    """The fast ways of a directory by segment tag; None for a tag that the directory does not know.

    They are worth compiling only for segments that come often: before, everything is explained."""

    def __init__(self, directory: Directory, notation: Notation, with_codes: bool, separators: Separators) -> None:
        super().__init__()
        self._how = (notation, with_codes)
        self._directory = directory
        self._separators = separators
        self._checks: dict[str, SegmentCheck] = {}
        self._met: dict[str, int] = {}
        self._approved: set[str] = set()  # short texts without fault: days, quantities and units come again and again

    def __missing__(self, tag: str) -> Fine | None:
        if not self._directory.has_segment(tag):
            return None  # and not kept: senders can make up any number of tags
        met = self._met[tag] = self._met.get(tag, 0) + 1
        if met <= _EXPLAINED:
            return _unsure
        found = self[tag] = _fast(self.of(tag), self._separators)
        return found

    def of(self, tag: str) -> SegmentCheck:
        """The check of a segment that the directory knows."""
        found = self._checks.get(tag)
        if found is None:
            found = self._checks[tag] = segment_check(self._directory, tag, *self._how)
        return found

    def suspects(self, segments: Sequence[Segment], texts: Sequence[str]) -> list[int]:
        """The indices of the segments that the directory knows and that may have faults. `texts` are the segments as
        they were sent, with the separators, or ""; what is not ASCII in them is not looked at."""
        found: list[int] = []
        approved = self._approved
        for index, text in enumerate(texts):
            if text in approved:
                continue
            segment = segments[index]
            fine = self[segment[0]]
            if fine is None:
                continue
            if not fine(segment, text):
                found.append(index)
            elif 0 < len(text) <= _SHORT and text.isascii():
                if len(approved) >= _APPROVED:
                    approved.clear()
                approved.add(text)
        return found


class _Remembered(dict[Any, Any]):
    """The results of a function, up to a number of them: a quarter of a look-up in an `lru_cache`."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: Any) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[key] = self._function(key)
        return found


def _unsure(segment: Segment, text: str = "") -> bool:
    return False


@lru_cache(maxsize=128)
def segment_checks(
    directory: Directory, notation: Notation, with_codes: bool, separators: Separators = FLAT
) -> SegmentChecks:
    """The checks of all segments of a directory, for texts with these separators."""
    return SegmentChecks(directory, notation, with_codes, separators)


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


def _expanded(condition: Condition, spec: SegmentSpec, positions: int) -> Condition:
    """The condition where repeated elements take positions of their own (`positions` in all): it is about their first
    ones."""
    if positions == len(spec.elements):
        return condition
    first = list(accumulate((use.repeat for use in spec.elements), initial=1))
    return condition._replace(positions=tuple(first[n - 1] for n in condition.positions))


def _code_lists(directory: Directory, uses: Sequence[ElementUse]) -> dict[str, frozenset[str]]:
    simple = {use.element.id for use in uses if use.element}
    parts = ((use.id, component.element.id) for use in uses for component in use.components)
    ids = simple | {id for composite, id in parts if _OF_OTHERS.get(composite) != id}
    lists = {id: _code_list(directory, id) for id in sorted(ids - _NOT_LISTED)}
    return {id: codes for id, codes in lists.items() if codes}


@lru_cache(maxsize=4096)
def _code_list(directory: Directory, id: str) -> frozenset[str] | None:
    codes = directory.codes(id)
    return frozenset((*codes, "")) if codes else None


def _fast(how: SegmentCheck, separators: Separators) -> Fine:
    if len(how.uses) > _MOST_COMPILED:
        return lambda segment, text="": False
    expression = Expression(how.notation, how.codes, how.pairs)
    source = expression.segment(how.spec.tag, how.uses)
    flat_match = compiled(source, FLAT).fullmatch
    text_match = flat_match if separators == FLAT else compiled(source, separators).fullmatch
    flat = _flat_simple if how.notation.standard == "x12" else _flat
    groups, coded = expression.groups, expression.coded
    chosen = expression.chosen()  # by the last group that took part: the groups behind it are empty
    conditions = [rule for rule, _ in how.conditions]

    def pending(values: tuple[str | None, ...]) -> tuple[tuple[int, str, Judge], ...] | None:
        """What is left to be judged if the codes and qualifiers in a segment are `values`: groups with their
        qualifiers. None if a code is not in its list."""
        given = {group: value or "" for group, value in zip(chosen[-1], values, strict=False)}
        if any(given.get(group, "") not in allowed for group, allowed in coded.items()):
            return None
        qualified = [(pair, given.get(groups[pair.qualifier], "")) for pair in how.pairs]
        return tuple(
            (groups[pair.value], qualifier, pair.judge) for pair, qualifier in qualified if qualifier in pair.qualifiers
        )

    def related(present: tuple[bool, ...] | int) -> bool:
        """Whether the conditions are met if these elements are present, or all of so many."""
        given = (True,) * present if isinstance(present, int) else present
        return all(holds(rule, given) for rule in conditions)

    judgements, relations = _Remembered(pending), _Remembered(related)

    def fine(segment: Segment, text: str = "") -> bool:
        match = text_match(text)
        if match is None:
            match = None if text and text.isascii() else flat_match(flat(segment))
            if match is None:
                return False
        if chosen[-1]:
            left = judgements[match.group(*chosen[match.lastindex or 0])]
            if left is None:
                return False
            for group, qualifier, judge in left:
                value = match[group]
                if value and judge(value, qualifier) is not None:
                    return False
        return not conditions or relations[tuple(map(bool, segment)) if "" in segment else len(segment)]

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
