"""Time zones: what partners say of them, and the offset that a document keeps."""

from __future__ import annotations

import datetime as dt

import pytest

from edigw.documents import Moment
from edigw.mapping import moments, zones

X12 = moments.x12_zoned()
SUMMER, WINTER = dt.date(2026, 7, 1), dt.date(2026, 1, 15)


@pytest.mark.parametrize(
    ("code", "day", "hours"),
    [
        ("ET", SUMMER, -4),
        ("ET", WINTER, -5),
        ("ES", SUMMER, -5),
        ("PD", WINTER, -7),
        ("CT", dt.date(2006, 3, 20), -6),  # before 2007 summer began in April
        ("CT", dt.date(2006, 4, 2), -5),
        ("CT", dt.date(2026, 3, 8), -5),
        ("CT", dt.date(2026, 11, 1), -6),
        ("HT", SUMMER, -10),
        ("NT", WINTER, -3.5),
        ("UT", SUMMER, 0),
        ("02", SUMMER, 2),
        ("13", SUMMER, -12),
        ("24", SUMMER, -1),
    ],
)
def test_a_code_is_an_offset_on_a_day(code: str, day: dt.date, hours: float) -> None:
    assert zones.x12_zone(code, day) == zones.zone(hours)


@pytest.mark.parametrize("code", ["LT", "XX", "25", "00", "E", "ETX", "²²"])
def test_what_is_no_zone_has_no_offset(code: str) -> None:
    assert zones.x12_zone(code, SUMMER) is None


@pytest.mark.parametrize("hours", [*range(-12, 13), -3.5, -2.5])
def test_every_offset_that_has_a_code_comes_back(hours: float) -> None:
    code = zones.x12_code(zones.zone(hours))
    assert code is not None and zones.x12_zone(code, SUMMER) == zones.zone(hours)


def test_a_zone_with_summer_time_is_told_and_others_are_not() -> None:
    assert zones.x12_zone_folded("ET") == "zone ET read as its UTC offset"
    assert zones.x12_zone_folded("UT") is None and zones.x12_zone_folded("ES") is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2026-07-01T08:30-04:00", ("20260701", "0830", "ED")),
        ("2026-07-01T08:30:05+00:00", ("20260701", "083005", "UT")),
        ("2026-07-01T08:30+09:00", ("20260701", "0830", "09")),
        ("2026-07-01T08:30", ("20260701", "0830", "")),
        ("2026-07-01", ("20260701", "", "")),
    ],
)
def test_x12_says_the_time_with_its_zone(text: str, parts: tuple[str, str, str]) -> None:
    assert X12.read is not None
    assert X12.write(Moment.parse(text)) == parts and X12.read(*parts) == Moment.parse(text)


def test_x12_has_no_code_for_every_offset() -> None:
    assert X12.read is not None
    assert X12.write(Moment.parse("2026-07-01T08:30+05:45")) is None
    assert X12.read("20260701", "0830", "QQ") is None
    assert X12.read("20260701", "0830", "LT") == Moment.parse("2026-07-01T08:30")
    assert X12.read("20260701", "", "ET") is None  # a zone of no time


@pytest.mark.parametrize(
    ("text", "early", "late"),
    [
        ("2026-07-01T08:30+00:00", ("202607010830UTC", "303"), ("202607010830+0000", "205")),
        ("2026-07-01T08:30-04:00", ("202607010830-04", "303"), ("202607010830-0400", "205")),
        ("2026-07-01T08:30+05:45", None, ("202607010830+0545", "205")),
        ("2026-07-01T08:30:05+02:00", ("20260701083005+02", "304"), ("20260701083005+02", "304")),
    ],
)
def test_edifact_says_the_offset_as_its_directory_can(
    text: str, early: tuple[str, str] | None, late: tuple[str, str]
) -> None:
    for codec, parts in ((moments.edifact_moment(), early), (moments.edifact_moment(with_offset=True), late)):
        assert codec.read is not None
        assert codec.write(Moment.parse(text)) == parts
        assert parts is None or codec.read(*parts) == Moment.parse(text)


@pytest.mark.parametrize("value", ["202607010830XYZ", "202607010830+99", "2026070108UTC", "UTC"])
def test_a_time_zone_that_is_none_is_not_guessed(value: str) -> None:
    read = moments.edifact_moment().read
    assert read is not None and read(value, "303") is None


def test_names_of_zones_are_read() -> None:
    read = moments.edifact_moment().read
    assert read is not None
    assert read("202607010830CET", "303") == Moment.parse("2026-07-01T08:30+01:00")
    assert read("202607010830+9999", "205") is None
