"""Codecs of dates: 2380 with its format 2379 in EDIFACT; DE 373 with DE 337 and the time zone, DE 623, in X12."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import lru_cache

from edigw.documents import Moment
from edigw.mapping import zones
from edigw.mapping.codecs import DIGITS, Codec

SHORT_DATE = 6  # YYMMDD, as DE 373 is up to X12 003070
_GUESSED = "year of two digits"


def edifact_moment(with_offset: bool = False) -> Codec:
    """2380 by its format 2379: 102, 203, 204, with a UTC offset 303, 304 and, if the directory has it (`with_offset`),
    205; 101, 201 and 202 with a year of two digits are read, too."""
    write = _write_edifact_offset if with_offset else _write_edifact_moment
    return Codec(_read_edifact_moment, write, "no format of 2379 can say it", _two_digit_year)


def x12_date() -> Codec:
    """DE 373 alone: a time of day can't be said beside it."""

    def changed(value: Moment) -> str | None:
        return "the time of day has no place" if value.time is not None else None

    return Codec(_read_day, lambda value: _digits(value.date), "no date", None, changed)


def x12_date_time() -> Codec:
    """DE 373 with DE 337."""
    return Codec(_read_x12_moment, _write_x12_moment, "no place for a UTC offset or for fractions of a second")


def x12_zoned() -> Codec:
    """DE 373 with DE 337 and the time zone, DE 623."""

    def read(value: str, clock: str, code: str) -> Moment | None:
        moment = _read_x12_moment(value, clock)
        if moment is None or moment.time is None or code in ("", zones.LOCAL):
            return None if moment is None or (moment.time is None and code) else moment
        offset = zones.x12_zone(code, moment.date)
        return None if offset is None else Moment(moment.date, moment.time.replace(tzinfo=offset))

    def write(value: Moment) -> tuple[str, str, str] | None:
        offset = value.time.tzinfo if value.time is not None else None
        if value.time is None or offset is None:
            plain = _write_x12_moment(value)
            return None if plain is None else (*plain, "")
        code = zones.x12_code(offset)
        plain = _write_x12_moment(Moment(value.date, value.time.replace(tzinfo=None)))
        return None if plain is None or code is None else (*plain, code)

    def folded(value: str, clock: str, code: str) -> str | None:
        return zones.x12_zone_folded(code) if clock and code else None

    return Codec(read, write, "no code for this UTC offset, or no place for fractions of a second", folded)


def with_short_year(codec: Codec) -> Codec:
    """The codec for versions in which DE 373 has six digits. A century that two digits don't tell is reported as
    changed."""
    read_long, write_long, folded_long, changed_long = codec.read, codec.write, codec.folded, codec.changed
    assert read_long is not None  # noqa: S101 - dates have a reader

    def read(value: str, *more: str) -> Moment | None:
        found: Moment | None = read_long(_century(value) + value, *more) if len(value) == SHORT_DATE else None
        return found

    def write(value: Moment) -> str | tuple[str, ...] | None:
        parts = write_long(value)
        if parts is None or isinstance(parts, str):
            return parts if parts is None else parts[2:]
        return parts[0][2:], *parts[1:]

    def folded(value: str, *more: str) -> str | None:
        return (folded_long(_century(value) + value, *more) if folded_long else None) or _GUESSED

    def changed(value: Moment) -> str | None:
        if not 1970 <= value.date.year <= 2069:
            return "the century has no place"
        return changed_long(value) if changed_long else None

    return replace(codec, read=read, write=write, folded=folded, changed=changed)


_LENGTHS = {"101": 6, "102": 8, "201": 10, "202": 12, "203": 12, "204": 14}
_SHORT_YEAR = frozenset({"101", "201", "202"})
_ZONED = {"303": "203", "304": "204"}  # with a time zone of three characters
_OFFSET = "205"  # CCYYMMDDHHMMZHHMM
_OFFSET_SIGN = 12


def _read_edifact_moment(value: str, format: str) -> Moment | None:
    if format == "102":
        return _read_day(value)
    if format in _ZONED:
        return _at_offset(_read_edifact_moment(value[:-3], _ZONED[format]), zones.edifact_zone(value[-3:]))
    if format == _OFFSET:
        return _at_offset(_read_edifact_moment(value[:_OFFSET_SIGN], "203"), _offset(value[_OFFSET_SIGN:]))
    if len(value) != _LENGTHS.get(format or "102"):
        return None
    if format in _SHORT_YEAR:
        value = _century(value) + value
    return _at_clock(_read_day(value[:8]), value[8:])


def _at_offset(moment: Moment | None, offset: dt.timezone | None) -> Moment | None:
    if moment is None or moment.time is None or offset is None:
        return None
    return Moment(moment.date, moment.time.replace(tzinfo=offset))


def _offset(text: str) -> dt.timezone | None:
    """The offset "+0530" (2379 format 205)."""
    if len(text) != 5 or text[0] not in "+-" or not (text[1:].isdigit() and text.isascii()):
        return None
    minutes = int(text[1:3]) * 60 + int(text[3:])
    return dt.timezone(dt.timedelta(minutes=-minutes if text[0] == "-" else minutes)) if minutes < 24 * 60 else None


def _century(short: str) -> str:
    """Of a year of two digits: 70 is 1970, 69 is 2069."""
    return "19" if short[0] in "789" else "20"


def _two_digit_year(value: str, format: str) -> str | None:
    return _GUESSED if format in _SHORT_YEAR else None


@lru_cache(maxsize=4096)
def _digits(day: dt.date) -> str:
    """CCYYMMDD."""
    return day.isoformat().replace("-", "")


def _write_edifact_moment(value: Moment) -> tuple[str, str] | None:
    day = _digits(value.date)
    if value.time is None:
        return day, "102"
    if value.time.microsecond:
        return None
    clock, format = (f"{value.time:%H%M%S}", "204") if value.time.second else (f"{value.time:%H%M}", "203")
    if value.time.tzinfo is None:
        return day + clock, format
    zone = zones.edifact_text(value.time.tzinfo)
    return None if zone is None else (day + clock + zone, "304" if value.time.second else "303")


def _write_edifact_offset(value: Moment) -> tuple[str, str] | None:
    clock = value.time
    if clock is None or clock.tzinfo is None or clock.second or clock.microsecond:
        return _write_edifact_moment(value)
    offset = f"{clock:%z}"
    if len(offset) != 5:
        return None
    return f"{_digits(value.date)}{clock:%H%M}{offset}", _OFFSET


def _read_day(value: str) -> Moment | None:
    return _day(value) if len(value) == 8 else None


@lru_cache(maxsize=4096)
def _day(value: str) -> Moment | None:
    """CCYYMMDD. Eight characters, so that what is remembered is bounded."""
    if not (value.isdigit() and value.isascii()):
        return None
    try:
        return Moment(dt.date(int(value[:4]), int(value[4:6]), int(value[6:])))
    except ValueError:
        return None


def _at_clock(day: Moment | None, clock: str) -> Moment | None:
    """A day at HHMM or HHMMSS; the day alone if nothing is said."""
    if day is None or not clock:
        return day
    if len(clock) not in (4, 6) or not DIGITS(clock):
        return None
    try:
        return Moment(day.date, dt.time(int(clock[:2]), int(clock[2:4]), int(clock[4:] or 0)))
    except ValueError:
        return None


def _read_x12_moment(value: str, clock: str) -> Moment | None:
    return _at_clock(_read_day(value), clock)


def _write_x12_moment(value: Moment) -> tuple[str, str] | None:
    day = _digits(value.date)
    if value.time is None:
        return day, ""
    if value.time.tzinfo is not None or value.time.microsecond:
        return None
    return day, f"{value.time:%H%M%S}" if value.time.second else f"{value.time:%H%M}"
