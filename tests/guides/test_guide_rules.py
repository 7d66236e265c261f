"""Rules that hold in a situation, and rules between values."""

from __future__ import annotations

from tests.guides.guide_messages import ORDER, PO, PO_HEAD, brief, found, orders, purchase_order


def rule(*lines: str) -> str:
    return "locations: []\nrules:\n  - id: test\n" + "".join(f"    {line}\n" for line in lines)


def po(**changes: str) -> bytes:
    """The purchase order with segments replaced by tag; an empty text removes one."""
    segments = [changes.get(segment.split("*")[0], segment) for segment in PO]
    return purchase_order(*(segment for segment in segments if segment))


BUYER_BY_GLN = rule("for: N1[01=BY]", 'require: "N1[03=UL]/04"', "text: buyers are named by their GLN")


def test_n1_with_by_must_carry_a_gln() -> None:
    """The rule is broken at the qualifier, at the number if only that is missing, and kept by a GLN."""
    good = purchase_order(*(s.replace("92*B1", "UL*5412345000013") for s in PO))
    empty = purchase_order(*(s.replace("*92*B1", "") for s in PO))
    assert brief(good, BUYER_BY_GLN, PO_HEAD) == []
    assert brief(purchase_order(), BUYER_BY_GLN, PO_HEAD) == [("guide_code_unused", 4, 3, None)]
    assert brief(empty, BUYER_BY_GLN, PO_HEAD) == [("guide_element_needed", 4, 3, None)]
    (finding,) = found(purchase_order(), BUYER_BY_GLN, PO_HEAD)
    assert "92 must be UL; buyers are named by their GLN" in finding.text


def test_a_rule_holds_only_in_its_situation() -> None:
    """Without what `when` asks for, or with what `unless` names, nothing is required."""
    text = rule("when: REF[01=DP]", "unless: DTM[01=010]", "require: FOB/01")
    assert brief(purchase_order(), text, PO_HEAD) == [("guide_segment_needed", 4, None, None)]
    assert brief(po(REF="REF*IA*1"), text, PO_HEAD) == []
    assert brief(po(REF="REF*DP*041~FOB*CC"), text, PO_HEAD)[0][0] == "message_count"
    dated = purchase_order(*PO[:2], "DTM*010*20260102", *PO[2:])
    assert brief(dated, text, PO_HEAD) == []


def test_a_segment_or_element_can_be_forbidden_in_a_situation() -> None:
    """Each of them is reported where it stands."""
    assert brief(orders(), rule("when: BGM[1001=220]", "forbid: SG7/CUX")) == [
        ("guide_segment_excluded", 6, None, None)
    ]
    assert brief(orders(), rule("for: SG25/QTY[6063=21]", 'forbid: "6060"')) == [("guide_element_excluded", 8, 1, 2)]


def test_a_rule_is_judged_in_every_group_that_it_is_for() -> None:
    """A line without net price is found among lines that have one."""
    text = rule("for: SG25", "require: SG28[5125=AAA]/PRI")
    data = orders(*ORDER[:8], "LIN+2", "QTY+21:1", "LIN+3", "PRI+AAB:2", "UNS+S")
    assert brief(data, text) == [("guide_segment_needed", 12, None, None), ("guide_segment_needed", 14, None, None)]


def test_values_can_be_required_to_be_equal() -> None:
    """Whatever differs from the first is reported, what is absent is not."""
    text = rule("same: [BEG/03, 'REF[01=PO]/02']")
    same = purchase_order(PO[0], "REF*PO*PO1", *PO[1:])
    other = purchase_order(PO[0], "REF*PO*PO2", *PO[1:])
    assert brief(same, text, PO_HEAD) == []
    assert brief(purchase_order(), text, PO_HEAD) == []
    assert brief(other, text, PO_HEAD) == [("guide_relation", 3, 2, None)]


def test_a_stated_sum_must_be_the_sum() -> None:
    """It is judged where it is stated and everything is a number."""
    text = rule("sum: PO1/02", "equals: CTT/02")
    lines = (*PO[:5], "PO1*2*2.5*EA*1**UP*012345678905")
    assert brief(purchase_order(*lines, "CTT*2*12.5"), text, PO_HEAD) == []
    assert brief(purchase_order(*lines, "CTT*2"), text, PO_HEAD) == []
    (finding,) = found(purchase_order(*lines, "CTT*2*13"), text, PO_HEAD)
    assert finding.code == "guide_relation"
    assert "13 is stated, 12.5 is the sum of PO1/02" in finding.text


def test_a_rule_can_merely_warn() -> None:
    """Severity is said rule by rule."""
    (finding,) = found(orders(), rule("require: FTX", "severity: warning"))
    assert finding.severity == "warning"
