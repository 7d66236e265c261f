"""Locations as bindings spell them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.directory import edifact, x12
from edigw.mapping import BindingError
from edigw.mapping.groups import group_names
from edigw.mapping.notation import Step, parse_location, parse_path
from edigw.mapping.notation import Test as Condition
from edigw.mapping.places import SegmentPlaces

D96A, X12 = edifact("D.96A"), x12("004010")


def test_a_location_is_groups_a_segment_and_a_reference() -> None:
    location = parse_location("SG2[3035=BY|SU]/NAD/C082/3039")
    assert location.steps == (Step("SG2", (Condition("3035", ("BY", "SU")),)), Step("NAD"))
    assert location.ref == Step("C082/3039") and not location.runs_on
    assert parse_location("FTX/4440* ...").runs_on
    assert parse_location("PID[01=F,02=]/05").steps[0].tests == (Condition("01", ("F",)), Condition("02", ("",)))


@pytest.mark.parametrize("text", ["", "BGM", "/BGM/1004", "BGM//1004", "BGM[1001=220/1004", "BGM[1001]/1004"])
def test_what_is_no_location_is_refused(text: str) -> None:
    with pytest.raises(BindingError):
        parse_location(text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parse_path(text)
    except BindingError:
        return


def places(tag: str, ref: str) -> list[tuple[int, int | None]]:
    directory = X12 if ref[0] == "0" or ".." in ref or "-" in ref else D96A
    return [place.key for place in SegmentPlaces(directory, directory.segment(tag)).find(ref)]


def test_references_name_places() -> None:
    assert places("BGM", "1004") == [(2, None)]
    assert places("NAD", "C082/3055") == [(2, 2)]
    assert places("NAD", "3036*") == [(4, n) for n in range(5)]
    assert places("LIN", "1082#1") == [(1, None)]
    assert places("LIN", "1082#2") == [(4, 1)]
    assert places("PIA", "C212*") == [(n, None) for n in range(2, 7)]
    assert places("N3", "01..02") == [(1, None), (2, None)]
    assert places("MEA", "04") == [(4, 0)]
    assert places("MEA", "04-2") == [(4, 1)]


@pytest.mark.parametrize(
    ("tag", "ref"), [("LIN", "1082"), ("NAD", "3055#9"), ("BGM", "99"), ("PO1", "0626"), ("PO1", "26..27")]
)
def test_a_reference_that_names_nothing_or_too_much_is_refused(tag: str, ref: str) -> None:
    with pytest.raises(BindingError):
        places(tag, ref)


def test_groups_of_another_version_are_found_by_their_trigger_segments() -> None:
    names = group_names(D96A.message("ORDERS").table, edifact("D.01B").message("ORDERS").table, {})
    assert (names["SG2"], names["SG25"], names["SG28"], names["SG50"]) == ("SG2", "SG28", "SG32", "SG54")
