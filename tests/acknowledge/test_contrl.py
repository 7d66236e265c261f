"""CONTRL bodies, segment by segment, against what was found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ack_builders import RECEIVER, SENDER, edifact, order, ung

from edigw.acknowledge.contrl import contrl_body
from edigw.acknowledge.errors import AcknowledgementImpossible
from edigw.syntax.findings import Finding
from edigw.syntax.model import Message, Segment

S002, S003 = [SENDER, "14"], [RECEIVER, "14"]
ORDERS = ["ORDERS", "D", "96A", "UN", "EAN008"]


def uci(*rest: Any) -> Segment:
    return ["UCI", "REF1", S002, S003, *rest]


def bad_code(**more: Any) -> Finding:
    return Finding("invalid_code", "no such code", **{"segment": 4, "tag": "NAD", "element": 1, **more})


def test_accepted_interchange_needs_no_more_than_uci() -> None:
    """Where all is well, UCI 7 repeats sender and receiver unswapped and nothing follows."""
    assert contrl_body(edifact(order("1"), order("2"))) == [uci("7")]


def test_all_messages_are_listed_on_request() -> None:
    """With list_all, accepted messages have a UCM 7."""
    assert contrl_body(edifact(order("1"), order("2")), list_all=True) == [
        uci("7"),
        ["UCM", "1", ORDERS, "7"],
        ["UCM", "2", ORDERS, "7"],
    ]


def test_receipt_is_uci_alone_whatever_was_found() -> None:
    """A receipt judges nothing."""
    received = edifact(order("1", bad_code()), findings=(Finding("interchange_count", "2, not 1"),))
    assert contrl_body(received, receipt_only=True) == [uci("8")]


def test_element_error_counts_the_tag_as_one() -> None:
    """The first element of NAD is position 2 in UCD; the accepted neighbour isn't mentioned."""
    assert contrl_body(edifact(order("1"), order("2", bad_code()))) == [
        uci("7"),
        ["UCM", "2", ORDERS, "4"],
        ["UCS", "4"],
        ["UCD", "12", "2"],
    ]


@pytest.mark.parametrize(
    ("code", "reported"),
    [
        ("element_missing", "13"),
        ("invalid_code", "12"),
        ("bad_date", "12"),
        ("wrong_characters", "37"),
        ("bad_number", "37"),
        ("too_long", "39"),
        ("too_short", "40"),
        ("too_many_elements", "16"),
        ("too_many_components", "16"),
        ("too_many_repetitions", "35"),
        ("foreign_character", "21"),
    ],
)
def test_element_errors_stand_in_ucd(code: str, reported: str) -> None:
    """Each with its code, in a UCS without one."""
    report = contrl_body(edifact(order("1", Finding(code, "", segment=4, tag="NAD", element=1))))
    assert report is not None
    assert report[2:] == [["UCS", "4"], ["UCD", reported, "2"]]


def test_an_element_of_unb_is_named_in_uci() -> None:
    """As far as it is wrong in itself; 0098 counts the tag there as well."""
    fault = Finding("element_missing", "", tag="UNB", element=4, component=2)
    assert contrl_body(edifact(order(), findings=(fault,))) == [uci("4", "13", "UNB", ["5", "2"])]


def test_elements_of_one_segment_share_a_ucs() -> None:
    """Several bad elements make one UCS with several UCD, components counted from 1; segments come in
    order."""
    findings = (
        Finding("too_long", "long", segment=6, tag="QTY", element=1, component=2),
        bad_code(element=2, component=3),
        bad_code(),
    )
    body = contrl_body(edifact(order("1", *findings)))
    assert body is not None
    assert body[2:] == [
        ["UCS", "4"],
        ["UCD", "12", ["3", "3"]],
        ["UCD", "12", "2"],
        ["UCS", "6"],
        ["UCD", "39", ["2", "2"]],
    ]


def test_missing_segment_is_placed_at_the_last_one_before_the_gap() -> None:
    """The gap showed at segment 3, so segment 2 was the last good one, with code 13."""
    body = contrl_body(edifact(order("1", Finding("segment_missing", "no DTM", segment=3, tag="DTM"))))
    assert body == [uci("7"), ["UCM", "1", ORDERS, "4"], ["UCS", "2", "13"]]


@pytest.mark.parametrize(
    ("code", "reported"),
    [("segment_unknown", "15"), ("segment_too_often", "35"), ("loop_too_often", "36")],
)
def test_segment_errors_stand_in_ucs(code: str, reported: str) -> None:
    """An error of the whole segment is a UCS with its code."""
    body = contrl_body(edifact(order("1", Finding(code, "", segment=5, tag="LIN"))))
    assert body is not None
    assert body[2:] == [["UCS", "5", reported]]


def test_segment_and_element_errors_never_share_a_ucs() -> None:
    """One segment of the report states one error: a code in UCS and UCDs under it are kept apart."""
    body = contrl_body(edifact(order("1", bad_code(), Finding("segment_too_often", "", segment=4, tag="NAD"))))
    assert body is not None
    assert body[2:] == [["UCS", "4", "35"], ["UCS", "4"], ["UCD", "12", "2"]]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("message_trailer_missing", ["13", "UNT"]),
        ("message_reference", ["28", "UNT", "3"]),
        ("message_count", ["29", "UNT", "2"]),
        ("message_not_supported", ["17", "UNH", "3"]),
        ("message_reference_duplicate", ["26", "UNH", "2"]),
    ],
)
def test_header_and_trailer_errors_stand_in_ucm(code: str, error: list[str]) -> None:
    """Errors of UNH and UNT are stated in UCM with service segment and element."""
    assert contrl_body(edifact(order("1", Finding(code, "")))) == [
        uci("7"),
        ["UCM", "1", ORDERS, "4", *error],
    ]


def test_element_error_in_unh_stands_in_ucm() -> None:
    """UCS is for the segments between UNH and UNT; an element of UNH is named by UCM."""
    finding = bad_code(segment=1, tag="UNH", element=2, component=5)
    assert contrl_body(edifact(order("1", finding))) == [
        uci("7"),
        ["UCM", "1", ORDERS, "4", "12", "UNH", ["3", "5"]],
    ]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("interchange_trailer_missing", ["13", "UNZ"]),
        ("interchange_reference", ["28", "UNZ", "3"]),
        ("interchange_count", ["29", "UNZ", "2"]),
        ("duplicate_interchange", ["26"]),
        ("unknown_sender", ["23"]),
        ("unknown_receiver", ["7"]),
        ("unsupported_syntax", ["2", "UNB", "2"]),
    ],
)
def test_envelope_error_rejects_with_uci_alone(code: str, error: list[str]) -> None:
    """UCI 4 for an error of the envelope needs no lower level, whatever the messages are like."""
    received = edifact(order("1", bad_code()), findings=(Finding(code, ""),))
    assert contrl_body(received) == [uci("4", *error)]


def test_groups_are_reported_through_ucf() -> None:
    """A group with a rejected message has UCF 7 and its UCM, a rejected group UCF 4 alone, a good one
    nothing."""
    received = edifact(
        groups=(
            ung("G1", order("1")),
            ung("G2", order("2"), order("3", bad_code())),
            ung("G3", order("4", bad_code()), findings=(Finding("group_count", ""),)),
        )
    )
    assert contrl_body(received) == [
        uci("7"),
        ["UCF", "G2", ["BUYERAPP", "92"], ["SELLERAPP", "92"], "7"],
        ["UCM", "3", ORDERS, "4"],
        ["UCS", "4"],
        ["UCD", "12", "2"],
        ["UCF", "G3", ["BUYERAPP", "92"], ["SELLERAPP", "92"], "4", "29", "UNE", "2"],
    ]


def test_warnings_and_notes_are_not_reported() -> None:
    """Only errors reject and only errors are named."""
    noted = order("1", bad_code(severity="warning"), Finding("line_breaks", "blank line", severity="note"))
    assert contrl_body(edifact(noted, findings=(Finding("line_breaks", "", severity="note"),))) == [uci("7")]


def test_codes_are_those_of_the_syntax_version() -> None:
    """A violated dependency is 48 in syntax 4, which has repetitions in S011 where no component is named, and 13
    before; 31 exists in 3 only."""
    finding = Finding("element_dependency", "", segment=4, tag="NAD", element=2, repetition=2)
    three = contrl_body(edifact(order("1", finding)))
    four = contrl_body(edifact(order("1", finding), syntax="UNOC:4"))
    assert three is not None
    assert four is not None
    assert three[-1] == ["UCD", "13", "3"]
    assert four[-1] == ["UCD", "48", ["3", "", "2"]]
    inside = contrl_body(edifact(order("1", replace(finding, component=1)), syntax="UNOC:4"))
    assert inside is not None and inside[-1] == ["UCD", "48", ["3", "1"]]
    mixed = Finding("message_not_in_group", "")
    three = contrl_body(edifact(groups=(ung("G1", order("1", mixed)),)))
    four = contrl_body(edifact(groups=(ung("G1", order("1", mixed)),), syntax="UNOC:4"))
    assert three is not None
    assert four is not None
    assert three[-1] == ["UCM", "1", ORDERS, "4", "31", "UNH", "3"]
    assert four[-1] == ["UCM", "1", ORDERS, "4", "18", "UNH", "3"]


def test_una_is_no_service_segment_of_syntax_4() -> None:
    """0135 of syntax 4 has no UNA, so only the code is stated there."""
    bad_una = (Finding("bad_una", "", tag="UNA"),)
    assert contrl_body(edifact(order(), findings=bad_una)) == [uci("4", "20", "UNA")]
    assert contrl_body(edifact(order(), findings=bad_una, syntax="UNOC:4")) == [uci("4", "20")]


def test_report_keeps_to_the_limits_of_the_message() -> None:
    """At most 99 UCD in a UCS and 999 UCS in a UCM; a place that can't be stated is reported for its
    segment."""
    many = [bad_code(element=n) for n in range(1, 150)]
    body = contrl_body(edifact(order("1", *many)))
    assert body is not None
    assert sum(s[0] == "UCD" for s in body) == 99
    many = [Finding("segment_unknown", "", segment=n, tag="XYZ") for n in range(2, 1500)]
    body = contrl_body(edifact(order("1", *many)))
    assert body is not None
    assert sum(s[0] == "UCS" for s in body) == 999
    body = contrl_body(edifact(order("1", bad_code(element=5000), bad_code(segment=5_000_000))))
    assert body is not None
    assert body[2:] == [["UCS", "4", "12"]]
    body = contrl_body(edifact(order("1", bad_code(segment=5_000_000))))
    assert body == [uci("7"), ["UCM", "1", ORDERS, "4", "18"]]


def test_contrl_is_never_answered() -> None:
    """Nothing answers an interchange of CONTRL only; beside other messages a CONTRL is passed over."""
    contrl = order("9", bad_code())
    contrl.type = "CONTRL"
    assert contrl_body(edifact(contrl)) is None
    assert contrl_body(edifact(contrl, order("1"))) == [uci("7")]
    groups = ung("G1", contrl), ung("G2", order("1"))
    assert contrl_body(edifact(groups=groups)) == [uci("7")]
    assert contrl_body(edifact(groups=groups), list_all=True) == [
        uci("7"),
        ["UCF", "G2", ["BUYERAPP", "92"], ["SELLERAPP", "92"], "7"],
        ["UCM", "1", ORDERS, "7"],
    ]


def _without(index: int, message: Message) -> Message:
    message.segments[0][index] = ""
    return message


@pytest.mark.parametrize("index", [1, 2])
def test_no_contrl_without_the_values_that_it_repeats(index: int) -> None:
    """A rejected message whose reference or type is missing makes the CONTRL impossible, and the error says
    which."""
    with pytest.raises(AcknowledgementImpossible, match="in UNH is missing"):
        contrl_body(edifact(_without(index, order("1", bad_code()))))


def test_no_contrl_for_a_value_of_blanks() -> None:
    """It can't be repeated: nobody could tell it from none."""
    subject = edifact(order())
    subject.header[2] = [" ", "14"]
    with pytest.raises(AcknowledgementImpossible, match="S002 in UNB is missing"):
        contrl_body(subject)


def test_no_contrl_for_a_value_too_long_to_repeat() -> None:
    """An interchange reference beyond 14 characters can't be repeated in UCI."""
    with pytest.raises(AcknowledgementImpossible, match="0020 in UNB"):
        contrl_body(edifact(order(), control="A" * 15))


def test_application_parties_of_a_group_are_optional_in_syntax_4() -> None:
    """UCF needs S006 and S007 in syntax 3 only."""
    group = ung("G1", order("1", bad_code()))
    group.header[2] = group.header[3] = ""
    with pytest.raises(AcknowledgementImpossible):
        contrl_body(edifact(groups=(group,)))
    body = contrl_body(edifact(groups=(group,), syntax="UNOC:4"))
    assert body is not None
    assert body[1] == ["UCF", "G1", "", "", "7"]
