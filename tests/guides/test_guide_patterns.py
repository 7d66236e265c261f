"""Patterns: an ordinary small language, in which nothing can run away."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.directory.guides.patterns import LONGEST_VALUE, PatternError, compile_pattern, matches


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("[0-9]{5}(?:[0-9]{4})?", "12345", "1234"),
        ("NW-[0-9]+", "NW-1", "NW-"),
        ("A|B|C[DE]", "CE", "AB"),
        (r"\d{2}\.\d{2}", "12.34", "12x34"),
        ("[^]a]{2}", "bc", "b]"),
        ("(?:[A-Z]{3}-){2}[A-Z]", "ABC-DEF-G", "ABC-G"),
        ("[A-Z]*-[0-9]*", "-", "a-1"),
        ("", "", "a"),
    ],
)
def test_a_pattern_is_for_the_whole_value(pattern: str, good: str, bad: str) -> None:
    """A value has the pattern from its first to its last character, or not."""
    compiled = compile_pattern(pattern)
    assert matches(compiled, good)
    assert not matches(compiled, bad)
    assert not matches(compiled, good + "\n")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a*)*", "(a+)+b", "(a|a)*", "(?:a?){40}", "a*a*a*b", "(a|aa){1,40}", "(?:[0-9]{1,9}){9}",  # too many ways
        "(?=a)", "(?P<n>a)", r"(a)\1", r"\b", "(?i)a", "^a$", "a*?", "a++",  # other than the language
        "(", ")", "[", "a{", "*", "a{5,2}", "a{1,9999}", "\\", "x" * 201, "(" * 20 + ")" * 20, "[[a]",  # wrong
    ],
)  # fmt: skip
def test_what_could_run_away_or_is_no_pattern_is_refused(pattern: str) -> None:
    """The reason is one sentence."""
    with pytest.raises(PatternError) as refused:
        compile_pattern(pattern)
    assert "\n" not in str(refused.value)


@given(st.text("ab(|)*+?{},[]^-\\d0123 ", max_size=24))
def test_whatever_is_accepted_is_a_regular_expression_and_quick(pattern: str) -> None:
    """No text makes the compiler fail otherwise, and no accepted pattern takes long over a hostile value."""
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return
    assert isinstance(compiled, re.Pattern)
    started = time.process_time()
    for value in ("a" * LONGEST_VALUE, "ab" * (LONGEST_VALUE // 2), "a" * (LONGEST_VALUE - 1) + "!"):
        matches(compiled, value)
    assert time.process_time() - started < 1


def test_a_value_that_is_too_long_has_no_pattern() -> None:
    """It is not even looked at."""
    assert not matches(compile_pattern("a*"), "a" * (LONGEST_VALUE + 1))
