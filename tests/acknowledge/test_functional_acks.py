"""997 and 999 bodies, segment by segment, against what was found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ack_builders import gs, po

from edigw.acknowledge.functional import Form, set_body
from edigw.acknowledge.subjects import answerable
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Segment

FORM = Form("997", "004010", "*>~")
FORM_5010 = replace(FORM, version="005010", delimiters="*^:~")


def body(group: Group, form: Form = FORM, include_accepted: bool = True) -> list[Segment]:
    return set_body(group, form, include_accepted=include_accepted)


def notes(*findings: Finding, form: Form = FORM) -> list[Segment]:
    """What stands between AK2 and AK5 of one set."""
    segments = body(gs("7", po("0001", *findings)), form)
    return segments[2:-2]


def bad_code(**more: Any) -> Finding:
    where = {"segment": 4, "tag": "N1", "element": 1, "data_element": "98", "value": "XX"}
    return Finding("invalid_code", "", **{**where, **more})


def test_accepted_sets_are_listed_or_left_out() -> None:
    """A group without errors is AK9 A; its sets have AK2 loops unless they are not wanted."""
    group = gs("7", po("0001"), po("0002"))
    counts = ["AK9", "A", "2", "2", "2"]
    assert body(group) == [
        ["AK1", "PO", "7"],
        ["AK2", "850", "0001"],
        ["AK5", "A"],
        ["AK2", "850", "0002"],
        ["AK5", "A"],
        counts,
    ]
    assert body(group, include_accepted=False) == [["AK1", "PO", "7"], counts]


def test_three_sets_one_bad() -> None:
    """The group is partly accepted, and the bad element has position, number, code and copy."""
    assert body(gs("7", po("0001"), po("0002", bad_code()), po("0003"))) == [
        ["AK1", "PO", "7"],
        ["AK2", "850", "0001"],
        ["AK5", "A"],
        ["AK2", "850", "0002"],
        ["AK3", "N1", "4", "", "8"],
        ["AK4", "1", "98", "7", "XX"],
        ["AK5", "R", "5"],
        ["AK2", "850", "0003"],
        ["AK5", "A"],
        ["AK9", "P", "3", "3", "2"],
    ]


def test_group_of_bad_sets_is_rejected() -> None:
    """With no set accepted, AK9 is R."""
    assert body(gs("7", po("0001", bad_code())))[-1] == ["AK9", "R", "1", "1", "0"]


def test_missing_segment_stands_where_it_should_have_been() -> None:
    """The position of a missing segment is where its absence showed, with code 3."""
    assert notes(Finding("segment_missing", "", segment=2, tag="BEG")) == [["AK3", "BEG", "2", "", "3"]]


@pytest.mark.parametrize(
    ("code", "reported"),
    [
        ("segment_unknown", "1"),
        ("segment_not_in_message", "6"),
        ("segment_out_of_order", "7"),
        ("segment_too_often", "5"),
        ("loop_too_often", "4"),
    ],
)
def test_segment_errors_stand_in_ak3(code: str, reported: str) -> None:
    """An error of the whole segment is an AK3 with its code."""
    assert notes(Finding(code, "", segment=4, tag="N1")) == [["AK3", "N1", "4", "", reported]]


@pytest.mark.parametrize(
    ("code", "reported"),
    [("message_trailer_missing", "2"), ("message_reference", "3"), ("message_count", "4")],
)
def test_set_errors_stand_in_ak5(code: str, reported: str) -> None:
    """An error of header or trailer is a code of AK5; with segment errors beside it, 5 comes last."""
    segments = body(gs("7", po("0001", Finding(code, ""))))
    assert segments[2] == ["AK5", "R", reported]
    segments = body(gs("7", po("0001", Finding(code, ""), bad_code())))
    assert segments[-2] == ["AK5", "R", reported, "5"]


def test_a_set_that_is_only_rejected_with_others_has_no_code() -> None:
    """718 has none for that."""
    assert body(gs("7", po("0001", Finding("all_or_nothing", ""))))[2] == ["AK5", "R"]


def test_group_errors_reject_the_group() -> None:
    """A wrong GE01 gives R, the count as sent, none accepted, and names only sets with errors of their
    own."""
    group = gs("7", po("0001"), po("0002", bad_code()), findings=(Finding("group_count", ""),), declared="5")
    segments = body(group)
    assert segments[1] == ["AK2", "850", "0002"]
    assert segments[-1] == ["AK9", "R", "5", "2", "0", "5"]


def test_missing_ge_counts_the_sets() -> None:
    """Without GE, AK902 is the number of sets that were received."""
    group = gs("7", po("0001"), findings=(Finding("group_trailer_missing", ""),))
    group.trailer = None
    assert body(group)[-1] == ["AK9", "R", "1", "1", "0", "3"]


def test_set_that_can_not_be_named_rejects_the_group() -> None:
    """Without a readable ST there can be no AK2, and the group is rejected with code 5."""
    nameless = po("0002", Finding("message_header_invalid", ""))
    nameless.segments[0] = ["ST", "850"]
    segments = body(gs("7", po("0001"), nameless))
    assert segments == [["AK1", "PO", "7"], ["AK9", "R", "2", "2", "0", "5"]]


def test_components_and_repetitions_as_far_as_the_version_has_them() -> None:
    """C030 has a component from 003050 and a repetition from 004020; before, only the element is stated."""
    finding = bad_code(component=2, repetition=3, value="")
    assert notes(finding, form=replace(FORM, version="003040"))[1] == ["AK4", "1", "98", "7"]
    assert notes(finding)[1] == ["AK4", ["1", "2"], "98", "7"]
    assert notes(finding, form=FORM_5010)[1] == ["AK4", ["1", "2", "3"], "98", "7"]


@pytest.mark.parametrize(
    ("code", "reported"),
    [
        ("element_missing", "1"),
        ("element_dependency", "2"),
        ("too_many_elements", "3"),
        ("too_short", "4"),
        ("too_long", "5"),
        ("wrong_characters", "6"),
        ("bad_number", "6"),
        ("foreign_character", "6"),
        ("invalid_code", "7"),
        ("bad_date", "8"),
        ("bad_time", "9"),
        ("element_exclusion", "10"),
    ],
)
def test_element_errors_stand_in_ak4(code: str, reported: str) -> None:
    """Each with its code, under an AK3 that says so."""
    assert [note[:4] for note in notes(replace(bad_code(), code=code))] == [
        ["AK3", "N1", "4", ""],
        ["AK4", "1", "98", reported],
    ]


@pytest.mark.parametrize(
    ("code", "reported"),
    [("group_trailer_missing", "3"), ("group_reference", "4"), ("group_count", "5"), ("group_empty", "5")],
)
def test_group_errors_stand_in_ak9(code: str, reported: str) -> None:
    """An error of GS or GE rejects the group with its code."""
    assert body(gs("7", po("0001"), findings=(Finding(code, ""),)))[-1] == ["AK9", "R", "1", "1", "0", reported]


def test_versions_are_repeated_from_005010_on() -> None:
    """GS08 in AK1, ST03 in AK2; elements that older versions do not have."""
    for version, more in (("004010", []), ("005010", ["005010X1"])):
        group = gs("7", po("0001", guide="005010X1"), version="".join(more) or version)
        segments = body(group, replace(FORM_5010, version=version))
        assert segments[0] == ["AK1", "PO", "7", *more]
        assert segments[1] == ["AK2", "850", "0001", *more]


def test_codes_as_far_as_the_version_has_them() -> None:
    """720 = 8 begins with 003050, 723 = 12 and 13 with 004020, 718 = 18 with 004040."""
    assert notes(bad_code(), form=replace(FORM, version="003040"))[0] == ["AK3", "N1", "4"]
    for code, later in (("too_many_repetitions", "12"), ("too_many_components", "13")):
        finding = replace(bad_code(), code=code)
        assert notes(finding)[1][3] == "3"
        assert notes(finding, form=FORM_5010)[1][3] == later
    stranger = gs("7", po("0001", Finding("message_not_in_group", "")))
    assert body(stranger)[2] == ["AK5", "R", "6"]
    assert body(stranger, FORM_5010)[2] == ["AK5", "R", "18"]


@pytest.mark.parametrize(
    ("value", "copy"),
    [
        ("XX", ["XX"]),
        ("X" * 150, ["X" * 99]),
        ("A>B", []),
        ("A*B", []),
        ("CAFÉ", []),
        ("A\tB", []),
        ("   ", []),
    ],
)
def test_copy_of_the_bad_value(value: str, copy: list[str]) -> None:
    """It has at most 99 characters and is left out if it holds a delimiter or anything unprintable."""
    assert notes(bad_code(value=value))[1] == ["AK4", "1", "98", "7", *copy]


def test_no_copy_of_bad_characters() -> None:
    """A value that was refused for its characters is not sent back."""
    assert notes(Finding("wrong_characters", "", segment=4, tag="N1", element=2, value="a")) == [
        ["AK3", "N1", "4", "", "8"],
        ["AK4", "2", "", "6"],
    ]


def test_loop_identifier_of_ls_and_le() -> None:
    """AK303 is given for LS and LE alone."""
    message = po("0001", bad_code(segment=3, tag="LS"))
    message.segments[2] = ["LS", "PO1"]
    assert body(gs("7", message))[2] == ["AK3", "LS", "3", "PO1", "8"]


def test_report_keeps_to_the_limits_of_the_set() -> None:
    """At most 99 AK4 in an AK3; ids, positions and numbers that don't fit their elements are left out."""
    assert len(notes(*[bad_code(element=n % 90 + 1) for n in range(300)])) == 100
    assert notes(bad_code(element=100)) == [["AK3", "N1", "4", "", "8"]]
    assert notes(bad_code(tag="TOOLONG", data_element="C040")) == [
        ["AK3", "TOO", "4", "", "8"],
        ["AK4", "1", "", "7", "XX"],
    ]
    assert notes(bad_code(tag="?")) == [["AK3", "ZZ", "4", "", "8"], ["AK4", "1", "98", "7", "XX"]]
    assert notes(bad_code(segment=1_000_000)) == []


def test_ak5_has_at_most_five_codes() -> None:
    """Code 5, which announces the AK3 before it, is never crowded out."""
    own = ("message_trailer_missing", "message_reference", "message_count", "message_header_invalid")
    own += ("message_not_supported", "message_reference_duplicate")
    segments = body(gs("7", po("0001", *(Finding(code, "") for code in own), bad_code())))
    assert segments[-2] == ["AK5", "R", "2", "3", "4", "6", "5"]


def test_finding_without_a_place_is_put_at_the_end() -> None:
    """AK5 code 5 always has an AK3; a total that is wrong as a whole is reported at SE."""
    assert notes(Finding("control_total", "")) == [["AK3", "SE", "7", "", "8"]]


def test_warnings_are_not_reported() -> None:
    """A set with warnings is accepted."""
    assert body(gs("7", po("0001", bad_code(severity="warning"))))[2] == ["AK5", "A"]


def test_implementation_acknowledgement() -> None:
    """The 999 has IK segments, AK1 with GS08 and AK2 with ST03."""
    group = gs("7", po("0001", bad_code(), guide="005010X222A1"), version="005010X222A1")
    assert body(group, replace(FORM_5010, set_id="999")) == [
        ["AK1", "PO", "7", "005010X222A1"],
        ["AK2", "850", "0001", "005010X222A1"],
        ["IK3", "N1", "4", "", "8"],
        ["IK4", "1", "98", "7", "XX"],
        ["IK5", "R", "5"],
        ["AK9", "R", "1", "1", "0"],
    ]


def test_group_that_can_not_be_named() -> None:
    """AK1 needs a functional id of two characters and a number of up to nine digits."""
    assert answerable(gs("000000007"))
    for control in ("", "ABC", "1234567890"):
        assert not answerable(gs(control))
    assert not answerable(gs("7", functional_id="P"))
