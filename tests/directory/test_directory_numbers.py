"""Numbers that were written as people write them, put right only where there is no doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.directory import edifact, x12
from edigw.directory.check import SegmentCheck, segment_check
from edigw.directory.explain import explain
from edigw.directory.numbers import mend_numbers
from edigw.directory.values import X12_NOTATION, edifact_notation
from edigw.syntax import Repeated

EDIFACT = segment_check(edifact("D.96A", 3), "QTY", edifact_notation(3, ""), True)
POINT = segment_check(edifact("D.96A", 3), "QTY", edifact_notation(3, "."), True)
X12 = segment_check(x12("004010"), "PO1", X12_NOTATION, True)


def mended(value: str, check: SegmentCheck = EDIFACT) -> str:
    segment = ["QTY", ["21", value]]
    mend_numbers(check, segment, lambda code: True)
    assert isinstance(segment[1], list)
    return segment[1][1]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (" 480", "480"),
        ("480 ", "480"),
        ("   ", ""),
        ("1,480.5", "1480.5"),
        ("1.480,5", "1480,5"),
        ("-1 480", "-1480"),
        ("1'480.25", "1480.25"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        (" 1 234 567,5", "1234567,5"),
    ],
)
def test_what_can_mean_one_number_only(sent: str, read: str) -> None:
    """Blanks go, and separators where they can be no decimal mark."""
    assert mended(sent) == read


@pytest.mark.parametrize(
    "value", ["1,234", "1.234", "480", "12,34,567", "1,2345", "1.2.3", "x480", "1e3", "1,234.5.6", ""]
)
def test_what_may_mean_something_else_is_left_alone(value: str) -> None:
    """A separator before three digits may be a decimal mark, and what is no number stays none."""
    assert mended(value) == value


def test_the_decimal_mark_is_that_of_una() -> None:
    """What is put right is written with the mark that the interchange uses."""
    assert mended("1.480,5", POINT) == "1480.5"


def test_x12_elements_and_repetitions() -> None:
    """Simple elements and each repetition are looked at; codes and texts are not."""
    segment = ["PO1", "1", Repeated((" 5", "1,234.5")), "EA", "1,234", "", "IN", "1,234.5"]
    found = mend_numbers(X12, segment, lambda code: True)
    assert segment[2] == Repeated(("5", "1234.5")) and segment[4] == "1,234" and segment[7] == "1,234.5"
    assert [(m.code, m.element) for m in found] == [("blank_numbers", 2), ("thousands_separators", 2)]


def test_an_agreement_can_forbid_it() -> None:
    """What is not tolerated stays as it was sent."""
    segment = ["QTY", ["21", " 1,480.5 "]]
    assert mend_numbers(EDIFACT, segment, lambda code: False) == [] and segment == ["QTY", ["21", " 1,480.5 "]]


@given(st.text(st.sampled_from("0123456789 ,.'-x"), max_size=12))
def test_a_number_without_fault_stays_and_what_was_mended_has_none(value: str) -> None:
    """Only numbers that are none are changed, and into numbers or nothing."""
    faulty = any(problem.code == "bad_number" for problem in explain(EDIFACT, ["QTY", ["21", value]]))
    result = mended(value)
    assert result == value or (faulty and value)
    if result != value:
        assert not any(problem.code == "bad_number" for problem in explain(EDIFACT, ["QTY", ["21", result]]))
