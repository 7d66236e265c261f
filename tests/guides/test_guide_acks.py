"""Findings of guides in acknowledgements: plain codes in 997 and CONTRL, those of the guide in a 999."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edigw import acknowledge, directory
from edigw.syntax.model import Segment
from tests.guides.guide_messages import ORDER, PO_HEAD, checked, guide, orders, purchase_order

NOW = datetime(2026, 1, 2, 10, tzinfo=UTC)
HEAD = PO_HEAD.replace("004010", "005010")
SET = ("BEG*00*SA*PO1**20260102", "REF*DP*041", "N1*BY*Buyer*92*B1", "PO1*1*10*EA*1.5**UP*012345678905", "CTT*1")


def answered(text: str, set_id: acknowledge.SetId, *segments: str) -> list[Segment]:
    """The segments of the acknowledgement of a purchase order in 005010, AK2 to AK5 or their like."""
    parsed = checked(purchase_order(*(segments or SET), version="005010"), guide(text, HEAD))
    data = acknowledge.write_x12_acks(parsed.interchanges[0], control=1, group_control=1, now=NOW, set_id=set_id)
    assert data is not None
    (message,) = directory.check(data).interchanges[0].messages
    assert message.findings == []
    return message.segments[3:-2]


def reports(text: str, set_id: acknowledge.SetId, *segments: str) -> list[Segment]:
    """The same without the context of situations."""
    return [s for s in answered(text, set_id, *segments) if s[0] != "CTX"]


def location(at: str, what: str) -> str:
    return f'locations:\n  - {{at: "{at}", {what}}}\n'


def rule(what: str) -> str:
    return f"locations: []\nrules:\n  - {{id: a, {what}}}\n"


@pytest.mark.parametrize(
    ("text", "of_997", "of_999"),
    [
        (location("REF", "use: forbidden"), "2", "I4"),
        (location("N1[01=ST]", "use: required"), "3", "I7"),
        (location("DTM", "use: required"), "3", "I8"),
        (location("N1", "max: 0"), "2", "I4"),
        (rule("require: DTM"), "3", "I6"),
        (rule("forbid: REF"), "2", "I9"),
    ],
)
def test_segments_are_reported_by_the_codes_of_720_and_620(text: str, of_997: str, of_999: str) -> None:
    """The 999 says I5 of the whole set, as the guide is broken and not the standard."""
    plain = reports(text, "997")
    assert ([s[0] for s in plain], plain[0][4], plain[1][1:]) == (["AK3", "AK5"], of_997, ["R", "5"])
    guided = reports(text, "999")
    assert ([s[0] for s in guided], guided[0][4], guided[1][1:]) == (["IK3", "IK5"], of_999, ["R", "I5"])


@pytest.mark.parametrize(
    ("text", "of_997", "of_999"),
    [
        (location("PO1/06", "codes: [UK]"), "7", "I6"),
        (location("PO1/08", "use: required"), "1", "I9"),
        (location("PO1/04", "use: forbidden"), "10", "I10"),
        (location("PO1/07", "pattern: x"), "7", "I12"),
        (location("PO1/07", "max_length: 8"), "5", "I12"),
        (location("PO1/07", "min_length: 14"), "4", "I12"),
        (location("PO1/06..09", "min: 3"), "1", "I11"),
        (rule("for: PO1, require: PO1/08"), "2", "I9"),
        (rule("for: PO1, forbid: PO1/06"), "10", "I13"),
    ],
)
def test_elements_are_reported_by_the_codes_of_723_and_621(text: str, of_997: str, of_999: str) -> None:
    """The segment is named by code 8 in both."""
    plain, guided = reports(text, "997"), reports(text, "999")
    assert ([s[0] for s in plain], plain[0][4], plain[1][3]) == (["AK3", "AK4", "AK5"], "8", of_997)
    assert ([s[0] for s in guided], guided[0][4], guided[1][3]) == (["IK3", "IK4", "IK5"], "8", of_999)
    assert guided[2][1:] == ["R", "I5"]


@pytest.mark.parametrize(
    ("what", "context"),
    [
        ("when: 'N1[01=BY]', require: DTM", ["SITUATIONAL TRIGGER", "N1", "4", "", "1", "98"]),
        ("when: REF, forbid: 'N1[01=BY]'", ["SITUATIONAL TRIGGER", "REF", "3"]),
        ("when: 'PO1/07', forbid: REF", ["SITUATIONAL TRIGGER", "PO1", "5", "", "7", "234"]),
        ("for: 'PO1[06=UP]', require: PO1/08", ["SITUATIONAL TRIGGER", "PO1", "5", "", "6", "235"]),
        ("for: PO1, forbid: PO1/06", ["SITUATIONAL TRIGGER", "PO1", "5"]),
    ],
)
def test_a_999_names_what_makes_a_rule_apply(what: str, context: list[str]) -> None:
    """CTX stands behind the note on the segment or element, with the place of the trigger; a 997 has none."""
    segments = answered(rule(what), "999")
    tags = [s[0] for s in segments]
    assert tags in (["IK3", "CTX", "IK5"], ["IK3", "IK4", "CTX", "IK5"])
    assert segments[tags.index("CTX")][1:] == context
    assert "CTX" not in [s[0] for s in answered(rule(what), "997")]


def test_rules_without_a_situation_have_no_context() -> None:
    """Nothing makes them apply; and the context can be left out."""
    assert "CTX" not in [s[0] for s in answered(rule("require: DTM"), "999")]
    parsed = checked(purchase_order(*SET, version="005010"), guide(rule("when: REF, require: DTM"), HEAD))
    data = acknowledge.write_x12_acks(
        parsed.interchanges[0], control=1, group_control=1, now=NOW, set_id="999", include_context=False
    )
    assert data is not None and b"CTX" not in data


def test_a_set_that_breaks_both_is_told_both() -> None:
    """5 for the standard, I5 for the guide."""
    segments = [s.replace("BEG*00", "BEG*QQ") for s in SET]
    assert answered(location("REF", "use: forbidden"), "999", *segments)[-1] == ["IK5", "R", "5", "I5"]
    assert answered(location("REF", "use: forbidden"), "997", *segments)[-1] == ["AK5", "R", "5"]


def test_another_version_than_the_agreed_one_is_a_convention_that_is_not_supported() -> None:
    """I6 in the 999, 1 in the 997."""
    made = guide("locations: []\n", PO_HEAD)
    parsed = checked(purchase_order(*SET, version="005010"), made)
    (finding,) = parsed.interchanges[0].messages[0].findings
    assert finding.code == "guide_not_kept"
    assert "850 005010 was not agreed; agreed is 850 004010 (Test)" in finding.text
    for set_id, code in (("999", "I6"), ("997", "1")):
        data = acknowledge.write_x12_acks(parsed.interchanges[0], control=1, group_control=1, now=NOW, set_id=set_id)
        assert data is not None
        assert directory.check(data).interchanges[0].messages[0].segments[3][1:] == ["R", code]


def test_another_guide_for_the_agreed_version_is_an_invalid_reference() -> None:
    """A wrong ST03 rejects the set, not the group: 19 in the 997, I6 in the 999."""
    made = guide('associations: ["005010X1"]\nlocations: []\n', HEAD)
    data = purchase_order(*SET, version="005010").replace(b"ST*850*0001~", b"ST*850*0001*005010X2~")
    parsed = checked(data, made)
    for set_id, code in (("997", "19"), ("999", "I6")):
        told = acknowledge.write_x12_acks(parsed.interchanges[0], control=1, group_control=1, now=NOW, set_id=set_id)
        assert told is not None
        (message,) = directory.check(told).interchanges[0].messages
        assert [s[1:] for s in message.segments[2:-1]] == [
            ["850", "0001", "005010X2"],
            ["R", code],
            ["R", "1", "1", "0"],
        ]


@pytest.mark.parametrize(
    ("text", "code", "position", "element"),
    [
        (location("SG7/CUX", "use: forbidden"), "15", 6, None),
        (location("SG2/NAD[3035=DP]", "use: required"), "13", 5, None),
        (location("BGM/1001", "codes: ['221']"), "14", 2, 2),
        (location("BGM/1004", "max_length: 2"), "39", 2, 3),
        (location("BGM/1004", "use: forbidden"), "15", 2, 3),
        (location("BGM/4343", "use: required"), "13", 2, 5),
        (location("BGM/1004", "pattern: x"), "12", 2, 3),
    ],
)
def test_a_contrl_has_the_nearest_code(text: str, code: str, position: int, element: int | None) -> None:
    """0096 of what is missing names the segment before the gap, 0098 counts the tag."""
    parsed = checked(orders(), guide(text))
    data = acknowledge.write_contrl(parsed.interchanges[0], control="1", message_control="1", now=NOW)
    assert data is not None
    (message,) = directory.check(data).interchanges[0].messages
    assert message.valid, message.findings
    ucs = next(s for s in message.segments if s[0] == "UCS")
    ucd = next((s for s in message.segments if s[0] == "UCD"), None)
    assert ucs[1] == str(position)
    if element is None:
        assert (ucd, ucs[2]) == (None, code)
    else:
        assert ucd is not None
        assert (ucd[1], ucd[2] if isinstance(ucd[2], str) else ucd[2][0]) == (code, str(element))


def test_an_association_that_was_not_agreed_rejects_the_message() -> None:
    """The header is named, with the code for what there is no agreement about."""
    made = guide("associations: [EAN009]\nlocations: []\n")
    parsed = checked(orders(), made)
    data = acknowledge.write_contrl(parsed.interchanges[0], control="1", message_control="1", now=NOW)
    assert data is not None
    (message,) = directory.check(data).interchanges[0].messages
    ucm = next(s for s in message.segments if s[0] == "UCM")
    assert ucm[3:6] == ["4", "17", "UNH"]


def test_a_message_that_was_only_widened_is_accepted() -> None:
    """Notes reach no acknowledgement."""
    made = guide("locations: []\nsegments:\n  - {tag: ZZA}\n")
    parsed = checked(orders(*ORDER[:6], "ZZA+1", *ORDER[6:]), made)
    assert parsed.interchanges[0].messages[0].valid
    data = acknowledge.write_contrl(parsed.interchanges[0], control="1", message_control="1", now=NOW)
    assert data is not None and b"UCM" not in data
