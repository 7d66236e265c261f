"""Dates and line numbers in the form in which one partner wants them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.directory.model import ElementSpec
from edigw.documents import Moment
from edigw.mapping import BindingError
from edigw.mapping.partner_forms import date_format, line_number

NUMBER = ElementSpec("1082", "line item number", "an", 1, 6)


@pytest.mark.parametrize(
    ("format", "moment", "written", "why"),
    [
        ("102", "2026-10-05", "20261005", None),
        ("102", "2026-10-05T14:30", "20261005", "the time of day has no place"),
        ("203", "2026-10-05T14:30", "202610051430", None),
        ("203", "2026-10-05", "202610050000", "written in format 203 with the time 0:00"),
        ("203", "2026-10-05T14:30:07", "202610051430", "the seconds have no place"),
        ("204", "2026-10-05T14:30:07", "20261005143007", None),
        ("101", "2026-10-05", "261005", None),
        ("201", "2026-10-05T14:30", "2610051430", None),
        ("202", "2026-10-05T14:30:07", "261005143007", None),
        ("101", "1969-10-05", "691005", "the century has no place"),
    ],
)
def test_a_date_is_written_in_the_format_that_is_wanted(
    format: str, moment: str, written: str, why: str | None
) -> None:
    codec = date_format(format)
    value = Moment.parse(moment)
    assert codec.changed is not None
    assert (codec.write(value), codec.changed(value)) == ((written, format), why)


@given(
    st.sampled_from(["102", "203", "204", "101", "201", "202"]),
    st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)),
    st.none() | st.times(),
)
def test_what_is_not_told_as_changed_reads_back_the_same(format: str, day: dt.date, clock: dt.time | None) -> None:
    codec, value = date_format(format), Moment(day, clock)
    written = codec.write(value)
    assert codec.changed is not None and codec.read is not None
    if written is not None and codec.changed(value) is None:
        assert codec.read(*written) == value
        assert codec.read(written[0], "") == value  # and where the partner leaves 2379 away


def test_another_format_is_refused() -> None:
    with pytest.raises(BindingError, match="format is one of 101, 102"):
        date_format("718")


@given(st.integers(0, 50), st.integers(1, 20), st.integers(1, 6), st.integers(0, 2000))
def test_a_line_number_that_is_written_reads_back(start: int, step: int, digits: int, line: int) -> None:
    codec = line_number({"start": start, "step": step, "digits": digits}, NUMBER.max)
    assert codec.read is not None and codec.changed is not None
    text = codec.write(str(line))
    if line < 1 or start + (line - 1) * step >= 10**6:
        assert text is None
    else:
        assert len(text) >= digits and codec.read(text) == str(line) and codec.changed(str(line)) is None


def test_numbers_that_are_none_of_the_partners_are_not_read() -> None:
    codec = line_number({"start": 10, "step": 10}, NUMBER.max)
    assert codec.read is not None and codec.folded is not None
    assert [codec.read(text) for text in ("10", "20", "15", "0", "x", "-10", "²")] == ["1", "2", *[None] * 5]
    assert codec.folded("0010") == "read as line 1"
    assert codec.write("1a") is None


@pytest.mark.parametrize(
    ("numbering", "why"),
    [
        (["10"], "numbering is"),
        ({"from": 1}, "unknown key from"),
        ({"step": 0}, "step is a whole number from 1 on"),
        ({"start": "10"}, "start is a whole number from 0 on"),
        ({"start": True}, "start is a whole number"),
        ({"digits": 7}, "there is room for 6 digits"),
    ],
)
def test_a_numbering_that_is_none_is_refused(numbering: object, why: str) -> None:
    with pytest.raises(BindingError, match=why):
        line_number(numbering, NUMBER.max)
