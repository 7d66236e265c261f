"""One value against the representation of its data element: characters, length, number, date, time.

EDIFACT: ISO 9735:1988 (syntax 1 to 3) clause 10, ISO 9735-1:2002 (syntax 4) clause 10: "a" has no digits; "n"
has digits, at most one decimal mark with a digit after it (and, up to syntax 3, before it) and a leading
minus; neither counts in the length. X12: X12.6 3.5: N0 to N9 are digits with a leading minus; R has a point
only where a fraction follows and may have an exponent; sign, point and exponent don't count; AN and ID are
more than blanks.

Every rule exists twice: `pattern`, part of the regular expression that recognises a whole segment without
fault, and `faults`, which says in words what is wrong with a value. They must agree: what a pattern
accepts has no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from edigw.directory import dates
from edigw.directory.model import ElementSpec
from edigw.directory.words import counted
from edigw.syntax.model import Standard

# Lone surrogates part components, repetitions and elements of a flattened segment: no decoder ever yields one.
COMPONENT, REPETITION, ELEMENT = "\ud800", "\ud801", "\ud802"
# In patterns they stand for separators of any kind, and these for a character, or one but a digit, that is none.
TEXT, NO_DIGIT = "\ud803", "\ud804"
NO_NUMBER = frozenset(("bad_number", "wrong_decimal_mark", "no_leading_digit"))  # rules


class Fault(NamedTuple):
    """What is wrong with a value: the rule's code, and a predicate for the sentence "VALUE …"."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Notation:
    """How an interchange writes numbers."""

    standard: Standard
    marks: str = "."  # the decimal marks that may be used
    leading_digit: bool = True  # whether a digit must stand before the mark


X12_NOTATION = Notation("x12")


def edifact_notation(syntax: int, una_mark: str) -> Notation:
    """Up to syntax 3 the mark is that of UNA, and without a UNA ("") point or comma; from syntax 4 always
    both."""
    if syntax >= 4:
        return Notation("edifact", ".,", leading_digit=False)
    return Notation("edifact", una_mark if una_mark in (".", ",") else ".,")


def pattern(spec: ElementSpec, notation: Notation) -> str:
    """A regular expression, with placeholders, for a value without fault, present, in a segment. It may refuse
    rare values that have no fault either; those take the way through `faults`."""
    size = f"{{{spec.min},{spec.max}}}+"
    if spec.type == "B":
        return f"{TEXT}++"
    if spec.type == "DT":
        return dates.date_pattern(spec.min, spec.max)
    if spec.type == "TM":
        return dates.time_pattern(spec.min, spec.max)
    if spec.type == "a":
        return NO_DIGIT + size
    if spec.type in ("AN", "ID"):
        return f"(?! ){TEXT}{size}"
    if spec.type == "an":
        return TEXT + size
    if spec.type != "R" and spec.type != "n":
        return f"-?+[0-9]{size}"
    marks = re.escape(notation.marks)
    least = max(spec.min, 1)
    whole = f"[0-9]{{{least},{spec.max}}}+(?![0-9{marks}])"
    sized = f"(?=[0-9{marks}]{{{least + 1},{spec.max + 1}}}+(?![0-9{marks}]))"  # the mark does not count
    exponent = "(?:E-?+[0-9]++)?+" if spec.type == "R" else ""
    return f"-?+(?:{whole}|{sized}[0-9]{'++' if notation.leading_digit else '*+'}[{marks}][0-9]++){exponent}"


def _number(type: str, marks: str, leading_digit: bool) -> str:
    """A number without its sign, of any length."""
    marks = re.escape(marks)
    if type == "n":
        whole = "[0-9]++" if leading_digit else f"(?=[{marks}]?[0-9])[0-9]*+"
        return f"{whole}(?:[{marks}][0-9]++)?+"
    if type == "R":
        return r"(?=\.?[0-9])[0-9]*+(?:\.[0-9]++)?+(?:E-?+[0-9]++)?+"
    return "[0-9]++"


def faults(spec: ElementSpec, value: str, notation: Notation) -> Iterator[Fault]:
    """Everything that is wrong with a value that is not empty. What is no number has no length."""
    kind = spec.type
    if kind == "B":
        return
    length = len(value)
    if kind in ("n", "R") or kind[0] == "N":
        if not _is_number(kind, value, notation):
            yield _no_number(kind, value, notation)
            return
        length = len(re.sub("[^0-9]", "", value.partition("E")[0]))
        unit = "digit"
    else:
        unit = "character"
        if kind == "a" and re.search("[0-9]", value):
            yield Fault("wrong_characters", "has digits, where only letters and signs are allowed")
        elif kind in ("AN", "ID") and not value.strip(" "):
            yield Fault("wrong_characters", "consists of blanks only")
    if length > spec.max:
        yield Fault("too_long", f"has {counted(length, unit)}; {_limit(spec, 'at most', spec.max)}")
    elif length < spec.min:
        yield Fault("too_short", f"has {counted(length, unit)}; {_limit(spec, 'at least', spec.min)}")
    elif kind == "DT" and not dates.is_date(value):
        yield Fault("bad_date", "is no date; it is written CCYYMMDD" if spec.max == 8 else "is no date; YYMMDD")
    elif kind == "TM" and not dates.is_time(value):
        yield Fault("bad_time", "is no time; it is written HHMM, HHMMSS or with decimal seconds HHMMSSDD")


def _no_number(kind: str, value: str, notation: Notation) -> Fault:
    """Why a value is no number; CONTRL has codes for two of the reasons."""
    text = f"is no number: {_number_rule(kind, notation)}"
    if kind == "n" and _is_number(kind, value, replace(notation, leading_digit=False)):
        return Fault("no_leading_digit", text)
    if kind == "n" and _is_number(kind, value, replace(notation, marks=".,")):
        return Fault("wrong_decimal_mark", text)
    return Fault("bad_number", text)


def _is_number(kind: str, value: str, notation: Notation) -> bool:
    return _signed_number(kind, notation.marks, notation.leading_digit).fullmatch(value) is not None


@lru_cache(maxsize=64)
def _signed_number(kind: str, marks: str, leading_digit: bool) -> re.Pattern[str]:
    return re.compile(f"-?+{_number(kind, marks, leading_digit)}")


def _number_rule(kind: str, notation: Notation) -> str:
    if kind not in ("n", "R"):
        places = int(kind[1:])
        implied = f", of which the last {places} are decimals" if places else ""
        return f"it is written with digits only{implied}, and a minus if it is negative"
    mark = " or ".join(f'"{mark}"' for mark in notation.marks)
    return f"it is written with digits, at most one decimal mark {mark} between digits, no plus sign, no blanks"


def _limit(spec: ElementSpec, bound: str, number: int) -> str:
    bound, verb = ("exactly", "required") if spec.min == spec.max else (bound, "allowed")
    return f"{bound} {number} {'is' if number == 1 else 'are'} {verb}"
