"""Time zones as the standards name them: DE 623 (X12), the ZZZ of 2379 formats 303 and 304 (UN/EDIFACT).

A document keeps a UTC offset. A zone that changes its clocks in summer ("ET") is read as the offset of that day.
"""

from __future__ import annotations

import datetime as dt

_HOURS = {  # standard time of DE 623 "xS", daylight time "xD" is an hour more, "xT" is the one or the other
    "N": -3.5,
    "T": -4,
    "E": -5,
    "C": -6,
    "M": -7,
    "P": -8,
    "A": -9,
    "H": -10,
}
_UTC = frozenset({"UT", "GM"})
_NO_SUMMER = "HT"  # Hawaii
LOCAL = "LT"
"""Local time: what a time without a zone is anyhow."""

_NAMED = {"UTC": 0, "GMT": 0, "WET": 0, "CET": 1, "EET": 2, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5}
_NAMED |= {"MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_WRITTEN = {-4: "ED", -5: "ES", -6: "CS", -7: "MS", -8: "PS", -9: "AS", -10: "HS", -3.5: "NS", -2.5: "ND", 0: "UT"}


def zone(hours: float) -> dt.timezone:
    return dt.timezone(dt.timedelta(hours=hours))


def x12_zone(code: str, day: dt.date) -> dt.timezone | None:
    """The offset that a code of DE 623 means on a day; None for local time and for what is no such code."""
    if code in _UTC:
        return zone(0)
    if code.isdigit() and len(code) == 2 and code.isascii():  # 01 to 12: east of Greenwich; 13 to 24: 12 to 1 west
        hours = int(code)
        return zone(hours if hours <= 12 else hours - 25) if 1 <= hours <= 24 else None
    if len(code) != 2 or code[0] not in _HOURS or code[1] not in "SDT":
        return None
    summer = code[1] == "D" or (code[1] == "T" and code != _NO_SUMMER and _is_summer(day))
    return zone(_HOURS[code[0]] + summer)


def x12_zone_folded(code: str) -> str | None:
    """Why the code does not come back: another one means the same offset."""
    known = x12_zone(code, dt.date(2000, 1, 1))
    changes = code[1:] == "T" and code not in _UTC
    if known is None or (x12_code(known) == code and not changes):
        return None
    return f"zone {code} read as its UTC offset"


def x12_code(offset: dt.tzinfo) -> str | None:
    """The code of DE 623 for an offset; None if there is none."""
    hours = _hours(offset)
    if hours in _WRITTEN:
        return _WRITTEN[hours]
    if hours != int(hours) or not -12 <= hours <= 12:
        return None
    return f"{int(hours) if hours > 0 else int(hours) + 25:02d}"


def edifact_zone(text: str) -> dt.timezone | None:
    """The ZZZ of 303 and 304: a name of three letters, or the sign and hours of the offset. None if it is neither."""
    if text in _NAMED:
        return zone(_NAMED[text])
    if len(text) == 3 and text[0] in "+-" and text[1:].isdigit() and text.isascii() and int(text[1:]) <= 14:
        return zone(int(text))
    return None


def edifact_text(offset: dt.tzinfo) -> str | None:
    """The ZZZ for an offset of whole hours."""
    hours = _hours(offset)
    if hours != int(hours) or abs(hours) > 14:
        return None
    return f"{int(hours):+03d}" if hours else "UTC"


def _hours(offset: dt.tzinfo) -> float:
    delta = offset.utcoffset(None)
    return delta.total_seconds() / 3600 if delta is not None else float("inf")


def _is_summer(day: dt.date) -> bool:
    """North American daylight saving time: since 2007 from the second Sunday of March to the first of November, before
    that from the first Sunday of April to the last of October (Energy Policy Act of 2005, section 110). The night of
    the change counts as the day after it."""
    if day.year >= 2007:
        start, end = _sunday(day.year, 3, 8), _sunday(day.year, 11, 1)
    else:
        start, end = _sunday(day.year, 4, 1), _sunday(day.year, 10, 25)
    return start <= day < end


def _sunday(year: int, month: int, first: int) -> dt.date:
    """The first Sunday on or after a day."""
    day = dt.date(year, month, first)
    return day + dt.timedelta(days=6 - day.weekday())
