"""What a guide says about elements: each kind of constraint kept, and broken."""

from __future__ import annotations

import pytest

from tests.guides.guide_messages import NOTICE_HEAD, ORDER, PO, PO_HEAD, brief, found, orders, purchase_order, said


def elements(at: str, **said: str) -> str:
    """A guide with elements of one segment; `e1004="required"` speaks of element 1004."""
    lines = "".join(f'      "{ref[1:]}": {what}\n' for ref, what in said.items())
    return f"locations:\n  - at: {at}\n    elements:\n{lines}"


def changed(old: str, new: str) -> bytes:
    assert any(old in segment for segment in ORDER)
    return orders(*(segment.replace(old, new) for segment in ORDER))


BGM, LIN, QTY, PRI = 2, 7, 8, 9


@pytest.mark.parametrize(
    ("constraint", "good", "bad", "rule"),
    [
        ("required", "PO1", "", "guide_element_missing"),
        ("forbidden", "", "PO1", "guide_element_unused"),
        ("{codes: [PO1, PO2]}", "PO2", "PO3", "guide_code_unused"),
        ("{min_length: 3}", "PO1", "PO", "guide_too_short"),
        ("{max_length: 3}", "PO1", "PO12", "guide_too_long"),
        ("{length: 3}", "PO1", "PO12", "guide_too_long"),
        ('{pattern: "PO[0-9]{1,4}"}', "PO1234", "PO12345", "guide_pattern"),
        ("{value: PO1}", "PO1", "po1", "guide_value"),
        ("{check_digit: GLN}", "5412345000013", "5412345000014", "guide_check_digit"),
        ("{check_digit: GTIN}", "5412345111115", "541234511111", "guide_check_digit"),
        ("{check_digit: SSCC}", "00307999990047110013", "307999990047110014", "guide_check_digit"),
    ],
)
def test_a_constraint_is_kept_or_broken_at_its_place(constraint: str, good: str, bad: str, rule: str) -> None:
    """Each constraint accepts a good value, and reports a bad one once, at its element."""
    text = elements("BGM", e1004=constraint)
    assert brief(changed("PO1", good), text) == []
    assert brief(changed("PO1", bad), text) == [(rule, BGM, 2, None)]


def test_a_finding_names_guide_place_and_value() -> None:
    """A finding carries what a clerk and an acknowledgement need."""
    data = orders()
    (finding,) = found(data, elements("BGM", e1004="{max_length: 2}"))
    assert (finding.guide, finding.tag, finding.path, finding.data_element) == ("Test", "BGM", "BGM", "1004")
    assert (finding.value, finding.offset) == ("PO1", data.index(b"BGM"))
    assert finding.text == (
        "BGM element 2 (1004, document/message number): PO1 has 3 characters; at most 2 are allowed (Test)"
    )


def test_decimals_are_counted_behind_the_mark() -> None:
    """A number may have as many decimals as the guide says, none included."""
    assert brief(changed("AAA:1.5", "AAA:1.25"), elements("SG25/SG28/PRI", e5118="{decimals: 2}")) == []
    assert brief(changed("AAA:1.5", "AAA:1.255"), elements("SG25/SG28/PRI", e5118="{decimals: 2}")) == [
        ("guide_decimals", PRI, 1, 2)
    ]
    assert brief(changed("21:10", "21:10.5"), elements("SG25/QTY", e6060="{decimals: 0}")) == [
        ("guide_decimals", QTY, 1, 2)
    ]


def test_lengths_of_numbers_count_digits_only() -> None:
    """Sign and decimal mark don't count, as in the standard."""
    assert brief(changed("21:10", "21:-12.5"), elements("SG25/QTY", e6060="{max_length: 3}")) == []
    assert brief(changed("21:10", "21:12.50"), elements("SG25/QTY", e6060="{max_length: 3}")) == [
        ("guide_too_long", QTY, 1, 2)
    ]


def test_codes_can_be_taken_away() -> None:
    """A code that the guide removes is refused, the others of the standard stay."""
    text = elements("BGM", e1001='{remove_codes: ["220"]}')
    assert brief(orders(), text) == [("guide_code_unused", BGM, 1, 1)]
    assert brief(changed("BGM+220", "BGM+105"), text) == []


def test_what_the_standard_refuses_already_is_not_said_twice() -> None:
    """A code that does not exist is one finding, though the guide does not list it either."""
    text = elements("SG2/NAD", e3035="{codes: [BY, SU]}")
    assert brief(changed("NAD+BY", "NAD+Q9"), text) == [("invalid_code", 4, 1, None)]
    assert brief(changed("NAD+BY", "NAD+DP"), text) == [("guide_code_unused", 4, 1, None)]


def test_codes_can_be_added() -> None:
    """A code that only this partner knows is allowed, and leaves a note."""
    text = elements("SG2/NAD", e3035="{add_codes: {Z9B: branch}}") + '  - {at: "SG2/NAD[3035=Z9B]", max: 1}\n'
    data = changed("NAD+SU", "NAD+Z9B")
    assert [f.code for f in found(data, "locations: []\n")] == ["invalid_code"]
    (note,) = said(data, text)
    assert (note.severity, note.code, note.guide) == ("note", "invalid_code", "Test")
    assert note.text.endswith("Test allows it")
    assert brief(changed("NAD+SU", "NAD+Z9C"), text) == [("invalid_code", 5, 1, None)]


def test_codes_of_eancom_are_for_the_guide_to_refuse_or_add() -> None:
    """What the standard warns of is an error where the guide names the codes, and a note where it adds this one."""
    data = changed("NAD+SU", "NAD+BCO")
    assert [f.code for f in found(data, "locations: []\n")] == ["eancom_code"]
    refused = found(data, elements("SG2/NAD", e3035="{codes: [BY, SU]}"))
    assert [(f.code, f.severity) for f in refused] == [("eancom_code", "warning"), ("guide_code_unused", "error")]
    added = said(data, elements("SG2/NAD", e3035="{add_codes: {BCO: corporate office}}"))
    assert [(f.code, f.severity) for f in added] == [("eancom_code", "note")]


def test_lengths_can_be_widened() -> None:
    """A longer value than the standard allows is accepted up to the guide's own limit."""
    text = elements("BGM", e1004="{max_length: 50, widens: true}")
    assert brief(changed("PO1", "P" * 50), text) == []
    assert [rule for rule, *_ in brief(changed("PO1", "P" * 51), text)] == ["too_long"]


def test_a_mandatory_element_can_be_left_out_by_agreement() -> None:
    """An element that the standard requires may be missing if the guide says so."""
    text = elements("SG25/SG28/PRI", e5125="{use: optional, widens: true}")
    assert brief(changed("PRI+AAA", "PRI+"), "locations: []\n") == [("element_missing", PRI, 1, 1)]
    assert brief(changed("PRI+AAA", "PRI+"), text) == []


def test_a_check_digit_that_only_warned_is_an_error_where_the_guide_wants_it_right() -> None:
    """The guide's finding takes the place of the warning."""
    data = changed("LIN+1++5412345111115", "LIN+1++5412345111114")
    assert [(f.code, f.severity) for f in found(data, "locations: []\n")] == [("check_digit", "warning")]
    text = elements("SG25/LIN", e7140="{check_digit: GTIN}")
    assert [(f.code, f.severity) for f in found(data, text)] == [("guide_check_digit", "error")]


def test_severity_is_the_guides_to_decide() -> None:
    """A warning does not reject."""
    (finding,) = found(orders(), elements("BGM", e1004="{max_length: 2, severity: warning}"))
    assert finding.severity == "warning"


def test_repeated_elements_are_counted() -> None:
    """Of a text with five parts the guide may allow two, or require two."""
    text = elements("FTX", **{"e4440*": "{max: 2}"})
    good = orders(ORDER[0], ORDER[1], "FTX+AAI+++one:two", *ORDER[2:])
    bad = orders(ORDER[0], ORDER[1], "FTX+AAI+++one:two:three", *ORDER[2:])
    assert brief(good, text) == []
    assert brief(bad, text) == [("guide_element_unused", 4, 4, 3)]
    few = elements("FTX", **{"e4440*": "{min: 3}"})
    assert brief(good, few) == [("guide_element_too_few", 4, 4, 1)]


def test_repetitions_of_syntax_4_are_counted_like_positions() -> None:
    """In syntax 4 the same guide finds the same, at element and repetition."""
    text = elements("SG25/PIA", **{"e7140*": '{pattern: "[0-9]+"}'})
    spread = orders(*ORDER[:6], "PIA+1+11:SA+X2:IN", *ORDER[6:])
    packed = orders(*ORDER[:6], "PIA+1+11:SA+X2:IN", *ORDER[6:], syntax="UNOC:4")
    assert brief(spread, text) == [("guide_pattern", 8, 3, 1)]
    assert [rule for rule, *_ in brief(packed, text)] == ["guide_pattern"]


def test_x12_elements_are_named_by_position() -> None:
    """Ranges name several, and a component is named behind a hyphen."""
    text = elements("PO1", e06="{codes: [UP]}", **{"e08..25": "forbidden"})
    assert brief(purchase_order(), text, PO_HEAD) == []
    data = purchase_order(*(s.replace("UP*012345678905", "EN*5412345111115*VN*1") for s in PO))
    assert brief(data, text, PO_HEAD) == [
        ("guide_code_unused", 6, 6, None),
        ("guide_element_unused", 6, 8, None),
        ("guide_element_unused", 6, 9, None),
    ]


def test_conditions_choose_the_segment() -> None:
    """Only the segment with the qualifier is meant; a condition on a group reaches the segments in it."""
    text = elements("N1[01=ST]", e03="{codes: [UL]}", e04="required")
    assert brief(purchase_order(), text, PO_HEAD) == []
    assert brief(purchase_order(*(s.replace("*UL*", "*92*") for s in PO)), text, PO_HEAD) == [
        ("guide_code_unused", 5, 3, None)
    ]


def test_an_absent_qualifier_can_be_a_condition() -> None:
    """No code behind the equals sign: the element is absent."""
    text = elements('"SG25/IMD[7077=]"', **{"e7008#1": "forbidden"})
    free = orders(*ORDER[:6], "IMD+F++:::jam", *ORDER[6:])
    bare = orders(*ORDER[:6], "IMD+++:::jam", *ORDER[6:])
    assert brief(free, text) == []
    assert brief(bare, text) == [("guide_element_unused", 8, 3, 4)]


def test_levels_of_a_ship_notice_are_told_apart() -> None:
    """A guide speaks of cartons, and leaves the other levels alone."""
    text = elements("HL[03=P]/MAN", e02="{check_digit: SSCC}")
    notice = (
        "BSN*00*S1*20260102*1000", "HL*1**S", "MAN*GM*1", "HL*2*1*P", "MAN*GM*2", "HL*3*1*P",
        "MAN*GM*00307999990047110013", "CTT*3",
    )  # fmt: skip
    codes = brief(purchase_order(*notice, set_id="856"), text, NOTICE_HEAD)
    assert [each for each in codes if each[0].startswith("guide")] == [("guide_check_digit", 6, 2, None)]
