"""Values whose meaning another element of the segment gives: dates by their format code, GS1 numbers by
their qualifier. Where such a pair stands follows from the data elements, so the pairs of a segment are
found, not listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from edigw.directory import checkdigits, dates
from edigw.directory.model import ElementUse
from edigw.directory.values import Fault
from edigw.syntax.model import Standard

Place: TypeAlias = tuple[int, int]  # element from 1; component from 1, 0 in a simple element
Judge: TypeAlias = Callable[[str, str], Fault | None]  # (value, qualifier), neither of them empty


class Rule(NamedTuple):
    """A judgement, and the qualifiers for which it may find a fault."""

    judge: Judge
    qualifiers: frozenset[str]


class Pair(NamedTuple):
    """A value, the place of what qualifies it, and the judgement."""

    value: Place
    qualifier: Place
    judge: Judge
    qualifiers: frozenset[str]


_REMEMBERED = 2048  # judgements of periods for each pair of a segment: the same days come again and again
_CLOCK = ("HHMM", "HHMMSS", "HHMMSSZZZ")


def _gs1(name: str, lengths: tuple[int, ...], *qualifiers: str) -> Rule:
    wrong = Fault("check_digit", f"is no {name}: its length or its check digit is wrong")
    ours = frozenset(qualifiers)

    def judge(value: str, qualifier: str) -> Fault | None:
        return wrong if qualifier in ours and not checkdigits.is_gs1(value, lengths) else None

    return Rule(judge, ours)


def _sscc_with_identifier(value: str, qualifier: str) -> Fault | None:
    """X12 DE 88: GM is an SSCC with its application identifier 00; many leave that out."""
    number = value[2:] if len(value) == 20 and value.startswith("00") else value
    return _SSCC_BY_88.judge(number, qualifier)


def _period(formats: Mapping[str, str], hyphen: bool) -> Rule:
    @lru_cache(maxsize=_REMEMBERED)
    def judge(value: str, qualifier: str) -> Fault | None:
        format = formats.get(qualifier)
        if format is None or dates.is_period(value, format, hyphen):
            return None
        if format in _CLOCK:
            return Fault("bad_time", f"is no time; format code {qualifier} stands for {format}")
        return Fault("bad_date", f"is no date; format code {qualifier} stands for {format}")

    return Rule(judge, frozenset(formats))


_SSCC_BY_88 = _gs1("SSCC", checkdigits.SSCC, "GM", "AA")

# (value, qualifier) data elements of one composite
_EDIFACT_COMPONENTS: Mapping[tuple[str, str], Rule] = {
    ("7140", "7143"): _gs1("GTIN", checkdigits.GTIN, "EN", "SRV", "UP"),
    ("3039", "3055"): _gs1("GLN", checkdigits.GLN, "9"),
    ("3225", "3055"): _gs1("GLN", checkdigits.GLN, "9"),
}
# qualifier, value: neighbouring X12 elements
_X12_NEIGHBOURS: Mapping[tuple[str, str], Rule] = {
    ("235", "234"): _gs1("GTIN", checkdigits.GTIN, "EN", "UK", "UP"),
    ("66", "67"): _gs1("GLN", checkdigits.GLN, "UL"),
    ("88", "87"): Rule(_sscc_with_identifier, _SSCC_BY_88.qualifiers),
    ("1250", "1251"): _period(dates.X12_FORMATS, hyphen=True),
}
_GIN_SSCC = _gs1("SSCC", checkdigits.SSCC, "BJ")


def _pair(value: Place, qualifier: Place, rule: Rule) -> Pair:
    return Pair(value, qualifier, rule.judge, rule.qualifiers)


def pairs(standard: Standard, uses: Sequence[ElementUse], formats: Mapping[str, str]) -> list[Pair]:
    """The pairs in a segment's positions. `formats` is the code list of DE 2379, code to format."""
    if standard == "x12":
        return [
            _pair((n + 1, 0), (n, 0), rule)
            for n, (one, other) in enumerate(pairwise(uses), 1)
            if (rule := _X12_NEIGHBOURS.get((one.id, other.id)))
        ]
    within = {**_EDIFACT_COMPONENTS, ("2380", "2379"): _period(formats, hyphen=False)}
    found: list[Pair] = []
    for n, use in enumerate(uses, 1):
        ids = [component.element.id for component in use.components]
        for (value, qualifier), rule in within.items():
            if value in ids and qualifier in ids:
                found.append(_pair((n, ids.index(value) + 1), (n, ids.index(qualifier) + 1), rule))
        if uses[0].id == "7405":
            found += [_pair((n, k), (1, 0), _GIN_SSCC) for k, id in enumerate(ids, 1) if id == "7402"]
    return found
