"""Checks of envelopes in both standards: trailers, counts, references, duplicates, strays."""

from __future__ import annotations

import pytest
from syntax_samples import EDIFACT, GROUP, ISA, ORDER, UNB, X12, all_findings, codes, errors, notes, read, read_file

from edigw.syntax import parse

UNG = "UNG+ORDERS+S+R+250115:1031+G1+UN+D:96A'"
SECOND = ORDER.replace("UNH+1", "UNH+2").replace("UNT+5+1", "UNT+5+2")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (EDIFACT.replace("UNT+5", "UNT+6"), "message_count", "UNT declares 6 segments, 5 were counted"),
        (EDIFACT.replace("UNT+5", "UNT+"), "message_count", "UNT declares no number of segments, 5 were counted"),
        (EDIFACT.replace("UNT+5+1", "UNT+5+2"), "message_reference", "UNH says '1', UNT says '2'"),
        (EDIFACT.replace("UNZ+1", "UNZ+3"), "interchange_count", "UNZ declares 3 messages, 1 were counted"),
        (EDIFACT.replace("UNZ+1+REF1", "UNZ+1+REF2"), "interchange_reference", "UNB says 'REF1', UNZ says 'REF2'"),
        (EDIFACT.replace("UNT+5+1'", ""), "message_trailer_missing", "without UNT"),
        (EDIFACT.replace("UNZ+1+REF1'", ""), "interchange_trailer_missing", "without UNZ"),
        (f"{UNB}{UNG}{ORDER}UNE+2+G1'UNZ+1+REF1'", "group_count", "UNE declares 2 messages, 1 were counted"),
        (f"{UNB}{UNG}{ORDER}UNE+1+G2'UNZ+1+REF1'", "group_reference", "UNG says 'G1', UNE says 'G2'"),
        (f"{UNB}{UNG}{ORDER}UNZ+1+REF1'", "group_trailer_missing", "without UNE"),
        (f"{UNB}{UNG}{ORDER}UNE+1+G1'UNZ+2+REF1'", "interchange_count", "UNZ declares 2 groups, 1 were counted"),
        (f"{UNB}UNZ+0+REF1'", "interchange_empty", "no message"),
        (f"{UNB}{UNG}UNE+0+G1'UNG+ORDERS+S+R+250115:1031+G2'{ORDER}UNE+1+G2'UNZ+2+REF1'", "group_empty", "'G1'"),
        (f"{UNB}{UNG}{ORDER}UNE+1+G1'{SECOND}UNZ+1+REF1'", "groups_mixed", "message '2'"),
        (f"{UNB}{ORDER}XXX+1'YYY+2'UNZ+1+REF1'", "stray_segment", "'XXX'"),
        (f"{UNB}XXX+1'{ORDER}UNZ+1+REF1'", "stray_segment", "'XXX'"),
        (f"{UNB}{ORDER}UNT+1+1'UNZ+1+REF1'", "stray_segment", "'UNT'"),
        (f"{UNB}{ORDER}UNE+1+1'UNZ+1+REF1'", "stray_segment", "'UNE'"),
        (X12.replace("SE*4", "SE*9"), "message_count", "SE declares 9 segments, 4 were counted"),
        (X12.replace("SE*4*0001", "SE*4*0002"), "message_reference", "ST says '0001', SE says '0002'"),
        (X12.replace("SE*4*0001~", ""), "message_trailer_missing", "without SE"),
        (X12.replace("GE*1", "GE*0"), "group_count", "GE declares 0 messages, 1 were counted"),
        (X12.replace("GE*1*3", "GE*1*4"), "group_reference", "GS says '3', GE says '4'"),
        (X12.replace("GE*1*3~", ""), "group_trailer_missing", "without GE"),
        (X12.replace("IEA*1", "IEA*x"), "interchange_count", "IEA declares x groups, 1 were counted"),
        (X12.replace("IEA*1*000000007", "IEA*1*8"), "interchange_reference", "ISA says '000000007', IEA says '8'"),
        (X12.replace("IEA*1*000000007~", ""), "interchange_trailer_missing", "without IEA"),
        (X12.replace("GE*1", "NTE*x~GE*1"), "stray_segment", "'NTE'"),
    ],
)
def test_one_fault_gives_one_finding(text: str, code: str, said: str) -> None:
    """Each fault of an envelope is found, alone, and says what was declared and what was counted."""
    found = [finding for finding in all_findings(read(text)) if finding.severity == "error"]
    assert [finding.code for finding in found] == [code]
    assert said in found[0].text
    assert found[0].offset is not None


@pytest.mark.parametrize(
    "text",
    [
        EDIFACT.replace("UNT+5+1'", "UNT+5+001'"),
        EDIFACT.replace("REF1", "0012").replace("UNZ+1+0012", "UNZ+1+12"),
        X12.replace("IEA*1*000000007", "IEA*1*7"),
        X12.replace("GE*1*3", "GE*1*0003"),
        X12.replace("SE*4*0001", "SE*4*1"),
    ],
)
def test_leading_zeros_are_only_noted(text: str) -> None:
    """References that are the same number are equal."""
    found = read(text)
    assert not errors(found) and len(notes(found)) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (EDIFACT.replace("UNT+5", "UNT+6"), (5, "UNT", 1, "6")),
        (EDIFACT.replace("UNT+5+1", "UNT+5+2"), (5, "UNT", 2, "2")),
        (X12.replace("SE*4*0001", "SE*4*0002"), (4, "SE", 2, "0002")),
    ],
)
def test_a_finding_of_a_message_names_its_segment(text: str, place: tuple[int, str, int, str]) -> None:
    """Segment, tag, element and value are given as acknowledgements need them."""
    [finding] = read(text).messages[0].findings
    assert (finding.segment, finding.tag, finding.element, finding.value) == place
    assert text[finding.offset :].startswith(finding.tag)


def test_a_message_without_trailer_ends_before_the_next() -> None:
    """The next header closes it; its span holds its own segments only."""
    open_order = ORDER.replace("UNT+5+1'", "")
    text = f"{UNB}{open_order}{SECOND}UNZ+2+REF1'"
    first, second = read(text).messages
    assert codes(first) == ["message_trailer_missing"] and second.valid
    assert text[first.start : first.end] + SECOND == text[first.start : second.end]


def test_references_may_repeat_in_another_group() -> None:
    """A message reference is unique within its group."""
    again = GROUP.replace("*1031*3*", "*1031*4*").replace("GE*1*3", "GE*1*4")
    assert not errors(read(f"{ISA}{GROUP}{again}IEA*2*000000007~"))


@pytest.mark.parametrize(
    "text",
    [
        f"{UNB}{ORDER}{SECOND}{ORDER}UNZ+3+REF1'",
        X12.replace("SE*4*0001~", "SE*4*0001~ST*850*0002~SE*2*0002~ST*850*0001~SE*2*0001~").replace("GE*1", "GE*3"),
    ],
)
def test_a_reference_that_occurs_twice_rejects_both(text: str) -> None:
    """An acknowledgement could not say which of them was accepted; what has another reference is not touched."""
    messages = read(text).messages
    assert [codes(message) for message in messages] == [
        ["message_reference_duplicate"],
        [],
        ["message_reference_duplicate"],
    ]
    assert [f.offset for m in messages for f in m.findings] == [messages[0].start, messages[2].start]


def test_a_group_reference_occurs_once() -> None:
    """Both groups of the same reference and parties are reported."""
    again = UNG + SECOND + "UNE+1+G1'"
    found = read(f"{UNB}{UNG}{ORDER}UNE+1+G1'{again}UNZ+2+REF1'")
    assert [codes(group) for group in found.groups] == [["group_reference_duplicate"]] * 2


def test_a_new_header_ends_an_interchange_without_trailer() -> None:
    """UNB, UNA or ISA at a segment boundary starts the next interchange, whatever its delimiters."""
    cut = EDIFACT.replace("UNZ+1+REF1'", "")
    for following in (
        EDIFACT,
        "UNA:+.? '" + EDIFACT,
        X12,
        "UNA|^.\\ ~" + EDIFACT.translate(str.maketrans(":+?'", "|^\\~")),
    ):
        parsed = read_file(cut + "\r\n" + following)
        assert [codes(i) for i in parsed.interchanges] == [["interchange_trailer_missing"], []]
        assert parsed.interchanges[1].messages[0].valid and not parsed.findings
        assert parsed.interchanges[1].start == len(cut) + 2


def test_headers_within_data_are_data() -> None:
    """ISA, UNA, UNB and UNZ inside of elements are no headers."""
    found = read(EDIFACT.replace("PO1", "UNA1234:ISA*00*:?'UNB?+UNOA?'UNZ?+1"))
    assert not errors(found) and len(found.messages) == 1


def test_interchanges_of_both_standards_in_one_file() -> None:
    """Each interchange has its own delimiters; blanks, NUL and 0x1A between them are nothing."""
    parsed = read_file(f"\0\r\n{X12}\r\n\r\n{EDIFACT}\x1a {X12.replace('~', chr(10)).replace('*', '|')}\x1a")
    assert [i.standard for i in parsed.interchanges] == ["x12", "edifact", "x12"]
    assert not parsed.findings and not any(errors(i) for i in parsed.interchanges)


def test_data_between_interchanges_is_reported_once() -> None:
    """Stray data is an error of the file; the interchange behind it is still read."""
    text = f"{EDIFACT}ABC+1'DEF+2'{EDIFACT}"
    parsed = read_file(text)
    assert codes(parsed) == ["stray_data"] and parsed.findings[0].offset == len(EDIFACT)
    assert len(parsed.interchanges) == 2
    assert codes(read_file(EDIFACT + "garbage without an end")) == ["stray_data"]


def test_behind_hundreds_of_broken_or_empty_things_nothing_is_read() -> None:
    """Each of them costs a row, an acknowledgement and somebody's time."""
    head = b"UNB+UNOC:3+A+B+261013:1432+1'"
    groups = head + b"UNG+ORDERS+A+B+261013:1432+1+UN+D:96A'UNE+0+1'" * 2000 + b"UNZ+2000+1'"
    (interchange,) = (parsed := parse(groups)).interchanges
    assert len(interchange.groups) <= 502
    assert [f.code for f in parsed.findings] == ["file_limit"]
    assert "more than 500 interchanges and groups" in parsed.findings[0].text
    broken = parse((head + b"UNZ+7+2'") * 2000)
    assert len(broken.interchanges) == 501 and [f.code for f in broken.findings] == ["file_limit"]
    good = parse((head + b"UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'UNT+3+1'UNZ+1+1'") * 800)
    assert len(good.interchanges) == 800 and good.findings == []
