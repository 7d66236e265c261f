"""Relational conditions of X12 and dependency notes of EDIFACT."""

from __future__ import annotations

import pytest

from edigw.directory.relations import broken_at, condition, fault


@pytest.mark.parametrize(
    ("notation", "given", "at"),
    [
        ("P0203", {2, 3}, None),
        ("P0203", set(), None),
        ("P0203", {2}, 3),
        ("P0203", {3}, 2),
        ("P020304", {2, 3}, 4),
        ("R0203", {3}, None),
        ("R0203", set(), 2),
        ("E0203", {2}, None),
        ("E0203", set(), None),
        ("E0203", {2, 3}, 3),
        ("C0302", {2, 3}, None),
        ("C0302", {2}, None),
        ("C0302", {3}, 2),
        ("C030204", {3, 4}, 2),
        ("L030204", {3, 4}, None),
        ("L030204", {2}, None),
        ("L030204", {3}, 2),
        ("D1(020,030)", {3}, None),
        ("D1(020,030)", set(), 2),
        ("D1(020,030)", {2, 3}, 3),
        ("D2(020,030)", {2}, 3),
        ("D2(020,030)", set(), None),
        ("D3(020,030)", set(), 2),
        ("D3(020,030)", {3}, None),
        ("D4(020,030)", {2, 3}, 3),
        ("D4(020,030)", set(), None),
        ("D5(030,020)", {3}, 2),
        ("D5(030,020)", {2}, None),
        ("D6(030,020,040)", {3}, 2),
        ("D6(030,020,040)", {3, 4}, None),
        ("D7(030,020,040)", {3, 4}, 4),
        ("D7(030,020,040)", {2, 4}, None),
        ("D7(030,020,040)", {3}, None),
    ],
)
def test_each_kind_of_condition(notation, given, at):
    """The position at fault, None where the condition is met."""
    assert broken_at(condition(notation), [n in given for n in range(6)]) == at


def test_what_lies_behind_the_end_is_absent():
    """A short segment simply lacks its last elements."""
    assert broken_at(condition("P0203"), [True, True, True]) == 3


@pytest.mark.parametrize(
    "notation", ["", "P", "P02", "X0203", "P020", "P02AB", "D5", "D5(010)", "D8(010,020)", "D5(015,020)"]
)
def test_what_is_no_condition_is_refused(notation):
    """Only the known kinds with two positions or more are conditions."""
    with pytest.raises(ValueError, match="not a relational condition"):
        condition(notation)


@pytest.mark.parametrize(
    ("notation", "at", "text"),
    [
        ("P0304", 4, "is missing: elements 3 and 4 are given together or not at all"),
        ("R0203", 2, "is missing: of the elements 2 and 3 at least one must be given"),
        ("E0203", 3, "must not be given: of the elements 2 and 3 only one may be given"),
        ("C0302", 2, "is missing: it is required because element 3 is given"),
        ("L130204", 2, "is missing: because element 13 is given, 2 or 4 is required"),
        ("D1(010,020)", 1, "is missing: of the elements 1 and 2 one must be given"),
        ("D1(010,020)", 2, "must not be given: of the elements 1 and 2 only one may be given"),
        ("D7(010,020)", 2, "must not be given: it is excluded by element 1"),
    ],
)
def test_a_condition_is_told_in_words(notation, at, text):
    """The sentence says what goes with what."""
    assert fault(condition(notation), at, "element").text == text
