"""Values between their text and their type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.directory.model import ElementSpec
from edigw.documents import Moment
from edigw.mapping import codecs, moments
from edigw.mapping.pairs import PAIRS

N15, R10, N2, TEXT17 = (
    ElementSpec("6060", "", "n", 1, 15),
    ElementSpec("280", "", "R", 4, 10),
    ElementSpec("610", "", "N2", 1, 15),
    ElementSpec("5278", "", "an", 1, 17),
)


@pytest.mark.parametrize("spec", [N15, R10, N2, TEXT17], ids=lambda spec: spec.type)
@given(value=st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_within_its_length_or_not_at_all(spec: ElementSpec, value: Decimal) -> None:
    codec = codecs.decimal(spec)
    text = codec.write(value)
    if text is None:
        return
    counted = text if spec.type == "an" else text.replace("-", "").replace(".", "")
    assert len(counted) <= spec.max and "E" not in text
    rounded = codec.changed is not None and codec.changed(value) is not None
    assert codec.read is not None and (rounded or codec.read(text) == value)


@pytest.mark.parametrize("text", ["", "1e5", "12 pcs", "1.2.3", "٣", "+1", "NaN", "1,5", "--1", "."])
def test_what_is_no_number_is_not_read(text: str) -> None:
    assert codecs.decimal(R10).read(text) is None  # type: ignore[misc]


def test_zeros_fill_a_number_that_has_a_least_length() -> None:
    assert codecs.decimal(R10).write(Decimal("1.1")) == "1.100"


def test_implied_decimals_are_exact_or_rounded_with_a_reason() -> None:
    codec = codecs.decimal(N2)
    assert codec.read is not None
    assert (codec.read("995"), codec.read("-995")) == (Decimal("9.95"), Decimal("-9.95"))
    assert codec.changed is not None
    for value, text, reason in (("9.9500", "995", None), ("9.955", "996", "rounded to 2 decimals")):
        assert (codec.write(Decimal(value)), codec.changed(Decimal(value))) == (text, reason)


def test_whole_numbers_are_not_rounded() -> None:
    assert codecs.decimal(ElementSpec("356", "", "N0", 1, 6)).write(Decimal("2.5")) is None


@pytest.mark.parametrize(
    ("value", "format", "text"),
    [
        ("20261005", "102", "2026-10-05"),
        ("202610051430", "203", "2026-10-05T14:30"),
        ("20261005143015", "204", "2026-10-05T14:30:15"),
        ("261005", "101", "2026-10-05"),
        ("9612312359", "201", "1996-12-31T23:59"),
        ("20261005", "", "2026-10-05"),
    ],
)
def test_dates_are_read_by_their_format(value: str, format: str, text: str) -> None:
    assert str(moments.edifact_moment().read(value, format)) == text  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "format"),
    [("20260230", "102"), ("2026-10-05", "102"), ("202610", "610"), ("202610052460", "203"), ("２０２６1005", "102")],
)
def test_dates_of_other_formats_and_none_are_not_read(value: str, format: str) -> None:
    assert moments.edifact_moment().read(value, format) is None  # type: ignore[misc]


@given(st.dates(), st.none() | st.times())
def test_every_moment_that_is_written_reads_back(date: dt.date, time: dt.time | None) -> None:
    moment = Moment(date, time)
    for codec in (moments.edifact_moment(), moments.x12_date_time()):
        written = codec.write(moment)
        assert (written is None) is (time is not None and time.microsecond > 0)
        assert written is None or codec.read(*written) == moment  # type: ignore[misc]


def test_both_forms_of_an_sscc_are_read_and_the_long_one_is_written() -> None:
    codec = PAIRS["sscc00"]
    assert codec.read is not None
    assert codec.read("00307999990047110013") == codec.read("307999990047110013") == "307999990047110013"
    assert codec.read("30799999004711001X") is None and codec.read("10307999990047110013") is None
    assert codec.write("307999990047110013") == "00307999990047110013" and codec.write("3") is None
