"""Codecs: one value between its text in a segment and its type in a document, both ways.

A codec is chosen when a binding is compiled, from the field's type and the element in the directory. Functions for
reading return None for what they can't read, functions for writing for what they can't write; nothing is cut.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from edigw.directory.model import ElementSpec
from edigw.documents import Moment
from edigw.mapping.codes import CodeList

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII).fullmatch
_INTEGER = re.compile(r"-?\d+", re.ASCII).fullmatch
_DIGITS = re.compile(r"\d+", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Codec:
    """`read` and `folded` take one text for each place (`read` None: the text itself); `write` gives one text, or a
    tuple for several places. `folded` and `changed` name the reason where what was read or written would not come back
    the same."""

    read: Callable[..., Any] | None
    write: Callable[[Any], Any]
    refusal: str
    folded: Callable[..., str | None] | None = None
    changed: Callable[[Any], str | None] | None = None


def _span(least: int, most: int) -> str:
    return str(most) if least == most else f"{least} to {most}"


def text(spec: ElementSpec, codes: frozenset[str] | None) -> Codec:
    """Text as it is, within the element's length; if the element is coded, only codes of the directory."""
    least, most = max(spec.min, 1), spec.max
    if codes is not None:
        return Codec(None, lambda value: value if value in codes else None, "not in the directory's code list")
    if spec.type in ("n", "N0"):

        def write_digits(value: str) -> str | None:
            return value if _DIGITS(value) and least <= len(value) <= most else None

        return Codec(None, write_digits, f"not {_span(least, most)} digits")

    def write(value: str) -> str | None:
        return value if least <= len(value) <= most and not value.isspace() else None

    return Codec(None, write, f"not {_span(least, most)} characters")


def listed(codes: CodeList, allowed: frozenset[str] | None) -> Codec:
    """A code by a crosswalk."""
    folded, changed = codes.folded().get, codes.changed().get
    if not codes.identity:
        known = {value: code for value, code in codes.write.items() if allowed is None or code in allowed}
        return Codec(codes.read.get, known.get, "code not in list", folded, changed)

    def read(code: str) -> str:
        return codes.read.get(code, code)

    def write(code: str) -> str | None:
        code = codes.write.get(code, code)
        return code if allowed is None or code in allowed else None

    return Codec(read, write, "not in the directory's code list", folded, changed)


def packaging_form(codes: CodeList) -> Codec:
    """DE 103: three characters for the form of a package, and two for its material, which has no code elsewhere."""
    known, changed = codes.folded().get, codes.changed().get

    def folded(code: str) -> str | None:
        return f"material {code[3:]}" if len(code) > 3 else known(code)

    return Codec(lambda code: codes.read.get(code[:3]), codes.write.get, "code not in list", folded, changed)


def inline(codes: dict[str, Any]) -> Codec:
    """A code by a few pairs written into the binding, {code: value}."""
    write = {value: code for code, value in codes.items()}
    return Codec(codes.get, write.get, "code not in list")


def decimal(spec: ElementSpec) -> Codec:
    """A number: EDIFACT `n`, X12 `R` and `Nn` (n implied decimals), and numbers in elements for text."""
    refusal = f"not {spec.max} digits or fewer"
    implied = re.fullmatch(r"N([1-9])", spec.type)
    if implied:
        places = int(implied[1])
        return Codec(_implied_reader(places), _implied_writer(places, spec.max), refusal)
    if spec.type == "N0":
        return Codec(_implied_reader(0), _implied_writer(0, spec.max), refusal)
    read = _read_decimal if spec.type == "R" else _read_edifact_decimal
    return Codec(read, _decimal_writer(spec), refusal)


def integer(spec: ElementSpec) -> Codec:
    """A whole number that is not negative."""

    def write(value: int) -> str | None:
        digits = str(value)
        return digits if value >= 0 and len(digits) <= spec.max else None

    return Codec(lambda value: int(value) if _DIGITS(value) else None, write, f"not 0 to {spec.max} digits")


def edifact_moment() -> Codec:
    """2380 by its format 2379: 102, 203, 204; 101, 201 and 202 with a year of two digits are read, too."""
    return Codec(_read_edifact_moment, _write_edifact_moment, "no format of 2379 can say it", _two_digit_year)


def x12_date() -> Codec:
    """DE 373 alone: a time of day can't be said beside it."""

    def changed(value: Moment) -> str | None:
        return "the time of day has no place" if value.time is not None else None

    return Codec(_read_day_moment, lambda value: f"{value.date.year:04d}{value.date:%m%d}", "no date", None, changed)


def x12_date_time() -> Codec:
    """DE 373 with DE 337."""
    return Codec(_read_x12_moment, _write_x12_moment, "no place for a UTC offset or for fractions of a second")


def same_number(text: str, number: Decimal) -> bool:
    """Whether a text of either standard is the number."""
    return _read_edifact_decimal(text) == number


def _read_decimal(value: str) -> Decimal | None:
    return Decimal(value) if _NUMBER(value) else None


def _read_edifact_decimal(value: str) -> Decimal | None:
    """ISO 9735: the decimal mark is a comma or a point, whatever UNA says of writing it."""
    return _read_decimal(value.replace(",", "."))


def _decimal_writer(spec: ElementSpec) -> Callable[[Decimal], str | None]:
    numeric = spec.type in ("n", "R")

    def length(digits: str) -> int:
        """Sign and decimal mark don't count in a number (ISO 9735, 10; X12.6, 3.4.1), but in text they do."""
        return len(digits) - (digits[0] == "-") - ("." in digits) if numeric else len(digits)

    def write(value: Decimal) -> str | None:
        if not value.is_finite() or abs(value.adjusted()) > spec.max + 1:
            return None
        digits = format(value, "f")
        if length(digits) > spec.max and "." in digits:
            digits = digits.rstrip("0").rstrip(".")
        if length(digits) < spec.min:  # CUR03 has at least four digits
            digits += ("" if "." in digits else ".") + "0" * (spec.min - length(digits))
        return digits if length(digits) <= spec.max else None

    return write


def _implied_reader(places: int) -> Callable[[str], Decimal | None]:
    def read(value: str) -> Decimal | None:
        return Decimal(value).scaleb(-places) if _INTEGER(value) else None

    return read


def _implied_writer(places: int, most: int) -> Callable[[Decimal], str | None]:
    def write(value: Decimal) -> str | None:
        if not value.is_finite() or abs(value.adjusted()) > most + 1:
            return None
        scaled = value.scaleb(places)
        if scaled != scaled.to_integral_value():
            return None
        digits = str(int(scaled))
        return digits if len(digits.lstrip("-")) <= most else None

    return write


_LENGTHS = {"101": 6, "102": 8, "201": 10, "202": 12, "203": 12, "204": 14}
_SHORT_YEAR = frozenset({"101", "201", "202"})


def _read_edifact_moment(value: str, format: str) -> Moment | None:
    if len(value) != _LENGTHS.get(format or "102") or not (value.isdigit() and value.isascii()):
        return None
    if format in _SHORT_YEAR:
        value = ("19" if value[0] in "789" else "20") + value
    try:
        day = dt.date(int(value[:4]), int(value[4:6]), int(value[6:8]))
        clock = value[8:]
        if not clock:
            return Moment(day)
        return Moment(day, dt.time(int(clock[:2]), int(clock[2:4]), int(clock[4:] or 0)))
    except ValueError:
        return None


def _two_digit_year(value: str, format: str) -> str | None:
    return "year of two digits" if format in _SHORT_YEAR else None


def _write_edifact_moment(value: Moment) -> tuple[str, str] | None:
    day = f"{value.date.year:04d}{value.date:%m%d}"
    if value.time is None:
        return day, "102"
    if value.time.tzinfo is not None or value.time.microsecond:
        return None
    if value.time.second:
        return f"{day}{value.time:%H%M%S}", "204"
    return f"{day}{value.time:%H%M}", "203"


def _read_day(value: str) -> dt.date | None:
    if len(value) != 8 or not (value.isdigit() and value.isascii()):
        return None
    try:
        return dt.date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return None


def _read_day_moment(value: str) -> Moment | None:
    day = _read_day(value)
    return None if day is None else Moment(day)


def _read_x12_moment(value: str, clock: str) -> Moment | None:
    day = _read_day(value)
    if day is None or not clock:
        return None if day is None else Moment(day)
    if len(clock) not in (4, 6) or not _DIGITS(clock):
        return None
    try:
        return Moment(day, dt.time(int(clock[:2]), int(clock[2:4]), int(clock[4:] or 0)))
    except ValueError:
        return None


def _write_x12_moment(value: Moment) -> tuple[str, str] | None:
    day = f"{value.date.year:04d}{value.date:%m%d}"
    if value.time is None:
        return day, ""
    if value.time.tzinfo is not None or value.time.microsecond:
        return None
    return day, f"{value.time:%H%M%S}" if value.time.second else f"{value.time:%H%M}"
