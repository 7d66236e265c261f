"""Moments: days and times of day as they were stated."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.documents import Moment


@pytest.mark.parametrize(
    "text", ["2026-10-05", "2026-10-05T14:30", "2026-10-05T00:00", "2026-10-05T14:30:15", "2026-10-05T14:30+02:00"]
)
def test_the_text_form_comes_back_as_it_was(text: str) -> None:
    assert str(Moment.parse(text)) == text


@given(st.dates(), st.none() | st.times(timezones=st.none() | st.just(dt.UTC)))
def test_every_moment_survives_its_text_form(date: dt.date, time: dt.time | None) -> None:
    assert Moment.parse(str(Moment(date, time))) == Moment(date, time)


def test_a_day_is_not_its_midnight() -> None:
    day = dt.date(2026, 10, 5)
    assert Moment(day) != Moment(day, dt.time(0, 0))
    assert len({Moment(day), Moment(day), Moment(day, dt.time(0, 0))}) == 2


def test_a_moment_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Moment(dt.date(2026, 10, 5)).date = dt.date(2026, 10, 6)  # type: ignore[misc]


@pytest.mark.parametrize("text", ["2026-13-01", "05.10.2026", "2026-10-05T25:00", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Moment.parse(text)
