"""Identifiers and times sort as text, in the order in which they came about."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.store import is_id, new_id, parse_stamp, stamp, utc_now


def test_identifiers_have_one_form_and_do_not_repeat() -> None:
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == 26 and is_id(one) for one in made)


def test_identifiers_sort_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    assert first < new_id()


@pytest.mark.parametrize("text", ["", "0" * 25, "8" + "0" * 25, "I" * 26, "0" * 25 + "u"])
def test_what_is_no_identifier_is_told_apart(text: str) -> None:
    assert not is_id(text)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones()))
def test_a_stamp_is_the_moment_cut_to_milliseconds(moment: datetime) -> None:
    text = stamp(moment)
    assert len(text) == 24
    assert timedelta(0) <= moment - parse_stamp(text) < timedelta(milliseconds=1)
    assert stamp(parse_stamp(text)) == text


def test_stamps_are_in_utc() -> None:
    moment = datetime(2026, 1, 2, 4, 4, 5, 678_999, timezone(timedelta(hours=1)))
    assert stamp(moment) == "2026-01-02T03:04:05.678Z"
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "2026-01-02", "2026-01-02T03:04:05Z", "2026-13-02T03:04:05.678Z", "２026-01-02T03:04:05.678Z"]
)
def test_other_notations_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_stamp(text)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        stamp(datetime(2026, 1, 2))
