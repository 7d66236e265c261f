"""Levels (HL, CPS) in a guide: by what they are, and by the level that they name as their parent."""

from __future__ import annotations

import pytest

from edigw.directory import check
from edigw.directory.guides import apply
from tests.guides.guide_messages import NOTICE_HEAD, ORDERS_HEAD, brief, found, guide, purchase_order, wrong

SHIPMENT, ORDER, CARTON, ITEM = "S", "O", "P", "I"
DESADV_HEAD = ORDERS_HEAD.replace("ORDERS", "DESADV")


def notice(*levels: tuple[str, str, str, str]) -> bytes:
    """A ship notice of levels: number, parent, kind, and a segment of its content or ""."""
    segments = ["BSN*00*ASN1*20260102*1000*0001"]
    for number, parent, kind, content in levels:
        segments += [f"HL*{number}*{parent}*{kind}", *([content] if content else [])]
    return purchase_order(*segments, set_id="856")


SHIPPED = ("1", "", SHIPMENT, "TD1*CTN25*2")
FIRST, SECOND = ("2", "1", ORDER, "PRF*PO1"), ("4", "1", ORDER, "PRF*PO2")
BOX, LOOSE_BOX = ("3", "2", CARTON, "MAN*GM*307999990047110013"), ("5", "1", CARTON, "MAN*GM*307999990047110020")


def at(*locations: str) -> str:
    return "locations:\n" + "".join(f"  - {{{each}}}\n" for each in locations)


def test_each_parent_must_have_a_level_below_it() -> None:
    """The second order has no carton; the absence shows behind what that order has itself."""
    text = at('at: "HL[03=O]/HL[03=P]", use: required, name: Carton')
    assert brief(notice(SHIPPED, FIRST, BOX), text, NOTICE_HEAD) == []
    data = notice(SHIPPED, FIRST, BOX, SECOND)
    assert brief(data, text, NOTICE_HEAD) == [("guide_loop_missing", 11, None, None)]
    (finding,) = found(data, text, NOTICE_HEAD)
    assert "HL (hierarchical level) with 03=P one level below 03=O is missing" in finding.text


def test_a_level_below_another_one_does_not_count() -> None:
    """A carton below the shipment is no carton of the order, though it stands behind it; and it can be forbidden."""
    text = at('at: "HL[03=O]/HL[03=P]", use: required')
    data = notice(SHIPPED, FIRST, LOOSE_BOX)
    assert brief(data, text, NOTICE_HEAD) == [("guide_loop_missing", 7, None, None)]
    text = at('at: "HL[03=S]/HL[03=P]", use: forbidden')
    assert brief(data, text, NOTICE_HEAD) == [("guide_segment_unused", 7, None, None)]
    assert brief(notice(SHIPPED, FIRST, BOX), text, NOTICE_HEAD) == []


def test_levels_below_are_counted_for_each_parent() -> None:
    """One carton an order."""
    boxes = ("3", "2", CARTON, ""), ("5", "4", CARTON, ""), ("6", "4", CARTON, "")
    text = at('at: "HL[03=O]/HL[03=P]", max: 1')
    data = notice(SHIPPED, FIRST, boxes[0], SECOND, boxes[1])
    assert brief(data, text, NOTICE_HEAD) == []
    data = notice(SHIPPED, FIRST, boxes[0], SECOND, boxes[1], boxes[2])
    assert [rule for rule, *_ in brief(data, text, NOTICE_HEAD)] == ["guide_loop_too_often"]


def test_segments_and_elements_of_a_level_below_have_their_own_rules() -> None:
    """Cartons of orders carry an SSCC, cartons of the shipment don't."""
    text = at(
        'at: "HL[03=O]/HL[03=P]/MAN", use: required',
        'at: "HL[03=O]/HL[03=P]/MAN/01", codes: [GM]',
        'at: "HL[03=S]/HL[03=P]/MAN/01", codes: [CP]',
    )
    assert brief(notice(SHIPPED, FIRST, BOX), text, NOTICE_HEAD) == []
    assert brief(notice(SHIPPED, FIRST, LOOSE_BOX), text, NOTICE_HEAD) == [("guide_code_unused", 8, 1, None)]
    empty = ("3", "2", CARTON, "")
    assert brief(notice(SHIPPED, FIRST, empty), text, NOTICE_HEAD) == [("guide_segment_missing", 8, None, None)]


def test_rules_may_speak_of_the_levels_below() -> None:
    """`HL` alone is the level itself, `HL/HL` one below it."""
    text = 'locations: []\nrules:\n  - {id: a, for: "HL[03=O]", when: PRF/02, require: "HL/HL[03=P]"}\n'
    with_release = ("2", "1", ORDER, "PRF*PO1*R1")
    assert brief(notice(SHIPPED, with_release, BOX), text, NOTICE_HEAD) == []
    assert [r for r, *_ in brief(notice(SHIPPED, with_release), text, NOTICE_HEAD)] == ["guide_segment_needed"]
    assert brief(notice(SHIPPED, FIRST), text, NOTICE_HEAD) == []


def test_unlisted_segments_of_other_levels_are_found() -> None:
    """What is named below an order is not thereby allowed below the shipment."""
    text = "unlisted_segments: forbidden\n" + at(
        "at: BSN", 'at: "HL[03=S]/TD1"', 'at: "HL[03=O]/PRF"', 'at: "HL[03=O]/HL[03=P]/MAN"'
    )
    assert brief(notice(SHIPPED, FIRST, BOX), text, NOTICE_HEAD) == []
    assert brief(notice(SHIPPED, FIRST, LOOSE_BOX), text, NOTICE_HEAD) == [
        ("guide_segment_unused", 7, None, None),
        ("guide_segment_unused", 8, None, None),
    ]


def test_parents_that_do_not_stand_before_are_no_parents() -> None:
    """Pointers to nowhere, to a later level or to the level itself are found by the standard, and not followed."""
    text = at('at: "HL[03=O]/HL[03=P]", use: forbidden')
    for parent in ("9", "3", "4"):
        data = notice(SHIPPED, FIRST, ("3", parent, CARTON, ""), SECOND)
        assert [rule for rule, *_ in brief(data, text, NOTICE_HEAD)] == ["hierarchy_broken"]


def test_consignment_levels_are_named_by_their_group() -> None:
    """`SG10/SG10` in a DESADV: one packing level below another."""
    segments = ("BGM+351+1+9", "DTM+137:20260102:102", "CPS+1", "PAC+1++CT", "CPS+2+1", "PAC+1++CT", "CPS+3+1")
    body = "".join(f"{s}'" for s in segments)
    data = (
        "UNB+UNOC:3+5412345000013:14+8712345000011:14+260102:1000+REF1'UNH+1+DESADV:D:96A:UN'"
        f"{body}UNT+{len(segments) + 2}+1'UNZ+1+REF1'"
    ).encode()
    assert brief(data, at("at: SG10/SG10, max: 2"), DESADV_HEAD) == []
    assert brief(data, at("at: SG10/SG10, max: 1"), DESADV_HEAD) == [("guide_loop_too_often", 8, None, None)]
    needs = at("at: SG10/SG10/SG11, use: required")
    assert brief(data, needs, DESADV_HEAD) == [("guide_loop_missing", 9, None, None)]
    made = guide(at("at: SG10/SG10/SG11, use: required"), DESADV_HEAD)
    assert apply(check(data), [made]) == 1


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("HL/N1/N1[01=ST]/N1", "N1 does not stand in the group HL/N1"),
        ("HL[03=O]/HL[03=QQ]", "has no code"),
    ],
)
def test_what_is_no_level_has_none_below(location: str, reason: str) -> None:
    """Other groups do not hold themselves, and codes are checked as everywhere."""
    (error,) = wrong(at(f'at: "{location}", use: required'), NOTICE_HEAD)
    assert reason in str(error)


def test_conditions_of_a_rule_s_own_level_stand_at_the_rule() -> None:
    """`for: HL[03=O]` says which; in `HL/HL` only the second may have conditions."""
    text = 'locations: []\nrules:\n  - {id: a, for: "HL[03=O]", require: "HL[03=O]/HL[03=P]"}\n'
    (error,) = wrong(text, NOTICE_HEAD)
    assert "conditions stand at the level below" in str(error)
