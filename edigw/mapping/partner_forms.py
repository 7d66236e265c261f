"""Values in the form in which one partner wants them: dates in a format of its own, line numbers that start elsewhere.

What the rules call `format` and `numbering`; overlays set them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from edigw.documents import Moment
from edigw.mapping import moments
from edigw.mapping.codecs import Codec
from edigw.mapping.errors import BindingError, did_you_mean

_DATES = {"101": "%y%m%d", "102": "%Y%m%d"}
_TIMES = {"201": "%y%m%d%H%M", "202": "%y%m%d%H%M%S", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S"}
_SECONDS = frozenset({"202", "204"})
_DIGITS = re.compile(r"\d{1,18}", re.ASCII).fullmatch
_LONGEST = 18  # digits of a line number


def date_format(format: str) -> Codec:
    """2380 written in one format of 2379 (101, 102, 201 to 204), whatever the document says; read in each of them, and
    without 2379 in this one. A time that the format can't say is left out, one that it asks for is 0:00; both are told
    as changed. Raises BindingError for another format."""
    pattern = _DATES.get(format) or _TIMES.get(format)
    if pattern is None:
        raise BindingError(f"format is one of {', '.join((*_DATES, *_TIMES))}, not {format!r}")
    usual = moments.edifact_moment()
    usual_read, usual_folded = usual.read, usual.folded
    assert usual_read is not None and usual_folded is not None  # noqa: S101 - it has both
    timed = format in _TIMES

    def write(value: Moment) -> tuple[str, str] | None:
        clock = value.time
        if clock is not None and (clock.tzinfo is not None or clock.microsecond):
            return None
        year = f"{value.date.year:04d}" if "%Y" in pattern else f"{value.date.year % 100:02d}"
        day = f"{year}{value.date:%m%d}"
        if not timed:
            return day, format
        return f"{day}{clock:%H%M}{clock:%S}"[: _length(format)] if clock else day.ljust(_length(format), "0"), format

    def changed(value: Moment) -> str | None:
        if timed and value.time is None:
            return f"written in format {format} with the time 0:00"
        if value.time is not None and not timed:
            return "the time of day has no place"
        if value.time is not None and value.time.second and format not in _SECONDS:
            return "the seconds have no place"
        if "%Y" not in pattern and not 1970 <= value.date.year <= 2069:
            return "the century has no place"
        return None

    def read(value: str, given: str) -> Any:
        return usual_read(value, given or format)

    def folded(value: str, given: str) -> str | None:
        return usual_folded(value, given or format)

    return replace(usual, read=read, write=write, folded=folded, changed=changed)


def _length(format: str) -> int:
    return {"201": 10, "202": 12, "203": 12, "204": 14}[format]


def line_number(numbering: Any, longest: int) -> Codec:
    """Numbers of lines, of at most `longest` digits. The document counts from 1 by 1, the partner from `start` by
    `step`, with `digits` digits if that is said: {start: 10, step: 10, digits: 6}. Raises BindingError for other keys
    or values."""
    start, step, digits = _numbering(numbering, longest)

    def write(value: str) -> str | None:
        if not _DIGITS(value) or int(value) < 1:
            return None
        text = str(start + (int(value) - 1) * step).zfill(digits)
        return text if len(text) <= longest else None

    def read(text: str) -> str | None:
        if not _DIGITS(text):
            return None
        count, rest = divmod(int(text) - start, step)
        return str(count + 1) if not rest and count >= 0 else None

    def changed(value: str) -> str | None:
        return f"read back as {int(value)}" if value != str(int(value)) else None

    def folded(text: str) -> str | None:
        number = read(text)
        if number is None or write(number) == text:
            return None
        return f"read as line {number}"

    return Codec(read, write, f"no number of a line that fits ({start}, {start + step} ...)", folded, changed)


def _numbering(given: Any, longest: int) -> tuple[int, int, int]:
    if not isinstance(given, Mapping):
        raise BindingError("numbering is {start: 10, step: 10}")
    least = {"start": 0, "step": 1, "digits": 1}
    for key, value in given.items():
        if key not in least:
            raise BindingError(f"numbering: unknown key {key}{did_you_mean(key, least)}")
        if type(value) is not int or not least[key] <= value < 10**_LONGEST:
            raise BindingError(f"numbering: {key} is a whole number from {least[key]} on")
    digits = int(given.get("digits", 1))
    if digits > min(longest, _LONGEST):
        raise BindingError(f"numbering: there is room for {min(longest, _LONGEST)} digits")
    return int(given.get("start", 1)), int(given.get("step", 1)), digits
