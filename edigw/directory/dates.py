"""Dates, times and periods, written as the standards do.

EDIFACT names the format of DE 2380 in DE 2379, and the names of that code list are the formats themselves
("CCYYMMDD"). X12 has the types DT and TM (X12.6 3.5), and DE 1250 for the format of DE 1251.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

X12_FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "CM": "CCYYMM",
        "CQ": "CCYYQ",
        "CY": "CCYY",
        "D6": "YYMMDD",
        "D8": "CCYYMMDD",
        "DB": "MMDDCCYY",
        "DT": "CCYYMMDDHHMM",
        "MD": "MMDD",
        "RD4": "CCYY-CCYY",
        "RD5": "CCYYMM-CCYYMM",
        "RD6": "YYMMDD-YYMMDD",
        "RD8": "CCYYMMDD-CCYYMMDD",
        "RDT": "CCYYMMDDHHMM-CCYYMMDDHHMM",
        "RTM": "HHMM-HHMM",
        "RTS": "CCYYMMDDHHMMSS",
        "TM": "HHMM",
        "TS": "HHMMSS",
        "TT": "MMDDYY",
        "YM": "YYMM",
    }
)
"""DE 1250: the formats that are checked."""

# Part of a format name -> (field of the calendar, pattern). MM is the month unless an hour stands before it.
_PARTS = {
    "CCYY": ("year", "[0-9]{4}"),
    "CC": ("", "[0-9]{2}"),
    "YY": ("short", "[0-9]{2}"),
    "DDD": ("", "(?!000)(?:[0-2][0-9]{2}|3[0-5][0-9]|36[0-6])"),
    "DD": ("day", "(?:0[1-9]|[12][0-9]|3[01])"),
    "HH": ("", "(?:[01][0-9]|2[0-3])"),
    "MM": ("month", "(?:0[1-9]|1[0-2])"),
    "SS": ("", "[0-5][0-9]"),
    "WW": ("", "(?:0[1-9]|[1-4][0-9]|5[0-3])"),
    "ZZZ": ("", "[A-Za-z0-9+-]{3}"),
    "ZH": ("", "[A-Za-z+-](?:[01][0-9]|2[0-3])"),
    "Q": ("", "[1-4]"),
    "S": ("", "[12]"),
    "D": ("", "[1-7]"),
}
_TOKENS = re.compile("CCYY|CC|YY|DDD|DD|HH|MM|SS|WW|ZZZ|ZH(?=HMM)|Q|S|D|-")
_MINUTES = "[0-5][0-9]"
_X12_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9][0-9]{0,2}+)?+"
# Every day but 29 February: those of 28 in all months, 29 and 30 in all others, 31 in the long ones.
_MOST_DAYS = "(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)(?![0-9])"


@lru_cache(maxsize=8192)
def is_period(value: str, format: str, hyphen: bool) -> bool:
    """Whether a value has the named format and its days exist. In EDIFACT the two ends of a period are
    written with no `hyphen`, and often with one all the same; both are accepted. A format that is not
    known accepts any value."""
    parts = [_part(part) for part in format.split("-")]
    if not all(parts):
        return True
    if len(parts) == 1:
        values = [value]
    elif "-" in value or hyphen:
        values = value.split("-")
    else:
        half = len(value) // 2
        values = [value[:half], value[half:]]
    if len(values) != len(parts):
        return False
    return all(part is not None and _fits(part, text) for part, text in zip(parts, values, strict=True))


def is_date(value: str) -> bool:
    """X12 type DT: YYMMDD or CCYYMMDD."""
    return is_period(value, "CCYYMMDD" if len(value) == 8 else "YYMMDD", True)


def is_time(value: str) -> bool:
    """X12 type TM: HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    return re.fullmatch(_X12_TIME, value) is not None


def date_pattern(least: int, most: int) -> str:
    """A regular expression for the values of X12 type DT in an element of these lengths, all but 29 February."""
    years = [years for length, years in ((8, "(?!0000)[0-9]{4}"), (6, "[0-9]{2}")) if least <= length <= most]
    return f"(?>(?:{'|'.join(years)}){_MOST_DAYS})" if years else "(?!)"


def time_pattern(least: int, most: int) -> str:
    """A regular expression for the values of X12 type TM in an element of these lengths."""
    return f"(?=[0-9]{{{least},{most}}}+(?![0-9])){_X12_TIME}(?![0-9])"


@lru_cache(maxsize=256)
def _part(format: str) -> re.Pattern[str] | None:
    """A pattern for one end of a period; None if the format has other parts than those above."""
    pattern, at, before = "", 0, ""
    used: set[str] = set()
    while at < len(format):
        token = _TOKENS.match(format, at)
        if token is None:
            return None
        name = token[0]
        field, text = _PARTS[name]
        if name == "MM" and (before == "HH" or before == "ZH"):
            field, text = "", _MINUTES
        if field in used:
            return None
        used |= {field} - {""}
        pattern += f"(?P<{field}>{text})" if field else text
        before = name
        at = token.end() + (name == "ZH")
    return re.compile(pattern)


def _fits(pattern: re.Pattern[str], value: str) -> bool:
    match = pattern.fullmatch(value)
    if match is None:
        return False
    found = match.groupdict()
    if "day" not in found or "month" not in found:
        return True
    # A year of two digits has no century: 00 may be a leap year, as every fourth one is.
    year = int(found["year"]) if "year" in found else 2000 + int(found.get("short", "0"))
    return year > 0 and int(found["day"]) <= calendar.monthrange(year, int(found["month"]))[1]
