"""What a guide says about segments and groups: how often they stand, and which of them are not used at all."""

from __future__ import annotations

import pytest

from tests.guides.guide_messages import ORDER, PO, PO_HEAD, brief, found, orders, purchase_order, said


def location(at: str, *lines: str) -> str:
    return f'locations:\n  - at: "{at}"\n' + "".join(f"    {line}\n" for line in lines)


def without(tag: str) -> bytes:
    return orders(*(segment for segment in ORDER if not segment.startswith(tag)))


def after(tag: str, *more: str) -> bytes:
    index = max(n for n, segment in enumerate(ORDER) if segment.startswith(tag)) + 1
    return orders(*ORDER[:index], *more, *ORDER[index:])


@pytest.mark.parametrize(
    ("at", "lines", "good", "bad", "expected"),
    [
        ("SG7/CUX", ["use: required"], orders(), without("CUX"), ("guide_loop_missing", 6)),
        ("SG25/PIA", ["use: required"], after("LIN", "PIA+1+1:SA"), orders(), ("guide_segment_missing", 8)),
        ("SG7/CUX", ["use: forbidden"], without("CUX"), orders(), ("guide_segment_unused", 6)),
        ("SG7", ["max: 0"], without("CUX"), orders(), ("guide_segment_unused", 6)),
        ("FTX", ["max: 1"], after("DTM", "FTX+AAI"), after("DTM", *["FTX+AAI"] * 2), ("guide_segment_too_often", 5)),
        ("SG25", ["max: 1"], orders(), orders(*ORDER[:8], "LIN+2", "UNS+S"), ("guide_loop_too_often", 10)),
        ("DTM", ["min: 2"], after("DTM", "DTM+2:20260103:102"), orders(), ("guide_segment_missing", 4)),
        ("SG2[3035=DP]/NAD", ["use: required"], after("NAD", "NAD+DP"), orders(), ("guide_loop_missing", 6)),
        ("SG2/NAD[3035=SU]", ["max: 1"], orders(), after("NAD", "NAD+SU"), ("guide_loop_too_often", 6)),
        ("SG25/QTY[6063=21]", ["use: required"], orders(), without("QTY"), ("guide_segment_missing", 8)),
        ("SG2[3035=BY]/SG5", ["use: required"], after("NAD+BY", "CTA+OC"), orders(), ("guide_loop_missing", 5)),
    ],
)  # fmt: skip
def test_occurrences_are_kept_or_broken(
    at: str, lines: list[str], good: bytes, bad: bytes, expected: tuple[str, int]
) -> None:
    """Each bound accepts what keeps it, and reports what does not at the segment where it shows."""
    assert brief(good, location(at, *lines)) == []
    assert [(rule, segment) for rule, segment, *_ in brief(bad, location(at, *lines))] == [expected]


def test_what_the_standard_misses_already_is_not_said_twice() -> None:
    """A mandatory segment that is missing is one finding, though the guide requires it, too."""
    assert [f.code for f in found(without("BGM"), location("BGM", "use: required"))] == ["segment_missing"]


def test_a_missing_segment_in_x12_shows_where_the_set_goes_on() -> None:
    """The position is that of the segment before which it should stand."""
    data = purchase_order(*(segment for segment in PO if "ST*" not in segment))
    assert brief(data, location("N1[01=ST]", "use: required"), PO_HEAD) == [("guide_loop_missing", 5, None, None)]


def test_the_name_of_a_location_helps_the_clerk() -> None:
    """The guide's own name for a form of a segment begins the sentence."""
    (finding,) = found(orders(), location("SG2/NAD[3035=DP]", "use: required", "name: Warehouse"))
    assert finding.text.startswith("Warehouse: the group SG2, which begins with NAD (name and address) with 3035=DP")


def test_segments_that_are_not_listed_can_be_forbidden() -> None:
    """Of a segment that is listed with conditions only those forms are used; what the standard requires stays."""
    text = (
        "unlisted_segments: forbidden\nlocations:\n"
        '  - at: "SG2/NAD[3035=BY]"\n  - at: SG25/QTY\n  - at: SG25/SG28/PRI/5118\n    use: required\n'
    )
    assert brief(orders(), text) == [
        ("guide_segment_unused", 5, None, None),  # NAD+SU
        ("guide_segment_unused", 6, None, None),  # CUX
        ("guide_segment_unused", 11, None, None),  # CNT
    ]


def test_elements_that_are_not_listed_can_be_forbidden() -> None:
    """In segments with listed elements the others must be empty, but for mandatory ones and conditions."""
    text = (
        'unlisted_elements: forbidden\nlocations:\n  - at: "SG2/NAD[3035=BY]"\n    elements:\n      "3039": required\n'
    )
    assert brief(orders(), text) == [("guide_element_unused", 4, 2, 3)]  # 3055
    assert brief(orders(*(s.replace("13::9", "13") for s in ORDER)), text) == []


def test_a_mandatory_segment_can_be_left_out_by_agreement() -> None:
    """What the standard requires may be missing where the guide widens it; a note remains."""
    (note,) = said(without("UNS"), location("UNS", "use: optional", "widens: true"))
    assert (note.code, note.severity, note.guide) == ("segment_missing", "note", "Test")


def test_more_segments_than_the_standard_allows_are_accepted_by_agreement() -> None:
    """The guide's own limit counts in place of the standard's."""
    text = location("SG8", "max: 12", "widens: true")
    assert brief(after("CUX", *["PAT+1"] * 12), text) == []
    assert [rule for rule, *_ in brief(after("CUX", *["PAT+1"] * 13), text)] == ["guide_loop_too_often"]


PRIVATE = """\
locations: []
segments:
  - tag: ZZA
    name: Promotion
    in: SG25
    max: 1
    elements:
      - {name: campaign, max_length: 5, use: required}
      - {name: week, type: n, length: 6}
      - {name: kind, codes: {A: advertised, B: in the shop}}
"""


def test_a_private_segment_is_accepted_where_it_belongs() -> None:
    """The standard's finding becomes a note; the group may be one inside of it."""
    for data in (after("QTY", "ZZA+SPRNG+202612+A"), after("PRI", "ZZA+X")):
        assert brief(data, PRIVATE) == []
        assert [f.severity for f in said(data, PRIVATE)] == ["note"]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("ZZA", ("guide_element_missing", 1)),
        ("ZZA+TOOLONG", ("too_long", 1)),
        ("ZZA+X+2026X2", ("bad_number", 2)),
        ("ZZA+X+12", ("too_short", 2)),
        ("ZZA+X++C", ("guide_code_unused", 3)),
        ("ZZA+X+++Y", ("too_many_elements", 4)),
    ],
)
def test_the_elements_of_a_private_segment_are_checked(segment: str, expected: tuple[str, int]) -> None:
    """They keep the form that the guide gives them."""
    assert [(rule, element) for rule, _, element, _ in brief(after("QTY", segment), PRIVATE)] == [expected]


def test_a_private_segment_at_a_wrong_place_or_too_often_is_reported() -> None:
    """It belongs into its group, and stands there as often as the guide says."""
    assert [rule for rule, *_ in brief(after("DTM", "ZZA+X"), PRIVATE)] == ["segment_out_of_order"]
    assert [rule for rule, *_ in brief(after("QTY", "ZZA+X", "ZZA+Y"), PRIVATE)] == ["guide_segment_too_often"]
