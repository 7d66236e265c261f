"""Received files and, beside each, the acknowledgement as the standards want it, written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from edigw.acknowledge import (
    AcknowledgementImpossible,
    Outcome,
    SentMessage,
    accepted_messages,
    read_acknowledgement,
    settle,
    ta1,
    write_contrl,
    write_x12_acks,
    x12_ack_groups,
)
from edigw.directory import check
from edigw.syntax import Finding, Interchange, ParsedFile

NOW = datetime(2026, 8, 30, 14, 5)


def received(text: str) -> Interchange:
    """The one interchange of a file that is written with a line for each segment."""
    return check("".join(line.strip() for line in text.splitlines()).encode("latin-1")).interchanges[0]


def lines(data: bytes | None, terminator: str) -> list[str]:
    assert data is not None
    text = data.decode("ascii")
    assert text.endswith(terminator)
    return text.removesuffix(terminator).split(terminator)


def findings(parsed: ParsedFile) -> Iterator[Finding]:
    yield from parsed.findings
    for interchange in parsed.interchanges:
        yield from interchange.findings
        for part in (*interchange.groups, *interchange.messages):
            yield from part.findings


def contrl(text: str, **options: object) -> list[str]:
    """The CONTRL for a file, from UCI to the last segment before UNT; it is itself without any finding."""
    data = write_contrl(received(text), control="C1", message_control="1", now=NOW, **options)  # type: ignore[arg-type]
    assert data is not None
    assert list(findings(check(data))) == []
    return lines(data, "'")[3:-2]


def x12_acks(interchange: Interchange, **options: object) -> list[str]:
    """The answer to a file, from behind ISA to before IEA; it is itself without any finding."""
    data = write_x12_acks(interchange, control=7, group_control=8, now=NOW, **options)  # type: ignore[arg-type]
    assert data is not None
    assert list(findings(check(data))) == []
    return lines(data, "~")[1:-1]


def settled(data: bytes | None, sent: list[SentMessage]) -> list[Outcome | None]:
    """What the sender makes of the answer."""
    assert data is not None
    return [s.outcome for s in settle(sent, read_acknowledgement(check(data).interchanges[0]))]


# -- EDIFACT ---------------------------------------------------------------------------------------------------

UNB = "UNB+UNOC:3+5412345000013:14+8712345678906:14:ROUTE+260830:1200+REF1++++1++1'"


def orders(control: str, *, dtm: str = "DTM+137:20260830:102'", nad: str = "BY", count: int = 8) -> str:
    return f"""
        UNH+{control}+ORDERS:D:96A:UN:EAN008'
        BGM+220+128576+9'
        {dtm}
        NAD+{nad}+5412345000013::9'
        LIN+1++4000862141404:EN'
        QTY+21:48'
        UNS+S'
        UNT+{count}+{control}'
    """


def test_contrl_for_good_orders() -> None:
    """The whole interchange: parties swapped with their routing, test flag kept, no acknowledgement asked
    for."""
    data = write_contrl(
        received(f"{UNB}{orders('1')}{orders('2')}UNZ+2+REF1'"),
        control="C1",
        message_control="77",
        now=NOW,
    )
    assert lines(data, "'") == [
        "UNA:+.? ",
        "UNB+UNOC:3+8712345678906:14:ROUTE+5412345000013:14+260830:1405+C1++++++1",
        "UNH+77+CONTRL:D:3:UN",
        "UCI+REF1+5412345000013:14+8712345678906:14:ROUTE+7",
        "UNT+3+77",
        "UNZ+1+C1",
    ]
    assert settled(data, [SentMessage("ORDERS", "1"), SentMessage("ORDERS", "2")]) == ["accepted"] * 2


UCI = "UCI+REF1+5412345000013:14+8712345678906:14:ROUTE"


def test_contrl_for_one_bad_element() -> None:
    """Message 2 of 2 has an unknown party qualifier: NAD is segment 4, the qualifier position 2."""
    assert contrl(f"{UNB}{orders('1')}{orders('2', nad='Q9')}UNZ+2+REF1'") == [
        f"{UCI}+7",
        "UCM+2+ORDERS:D:96A:UN:EAN008+4",
        "UCS+4",
        "UCD+12+2",
    ]


@pytest.mark.parametrize(
    ("syntax", "number", "code"),
    [("UNOC:3", "4,5", "19"), ("UNOC:3", ".5", "38"), ("UNOC:3", "4 5", "37"), ("UNOC:4", "4 5", "37")],
)
def test_contrl_for_a_number_that_is_none(syntax: str, number: str, code: str) -> None:
    """Syntax 3 has codes for the decimal mark and for the digit before it; syntax 4 allows both."""
    header = f"UNA:+.?{'*' if syntax == 'UNOC:4' else ' '}'{UNB.replace('UNOC:3', syntax)}"
    order = orders("1").replace("QTY+21:48", f"QTY+21:{number}")
    assert contrl(f"{header}{order}UNZ+1+REF1'")[-2:] == ["UCS+6", f"UCD+{code}+2:2"]


def test_contrl_for_a_missing_segment() -> None:
    """DTM is missing behind BGM, the second segment."""
    assert contrl(f"{UNB}{orders('1', dtm='', count=7)}UNZ+1+REF1'") == [
        f"{UCI}+7",
        "UCM+1+ORDERS:D:96A:UN:EAN008+4",
        "UCS+2+13",
    ]


def test_contrl_for_wrong_counts() -> None:
    """A wrong UNT count rejects the message, a wrong UNZ count the interchange."""
    assert contrl(f"{UNB}{orders('1', count=9)}{orders('2')}UNZ+2+REF1'") == [
        f"{UCI}+7",
        "UCM+1+ORDERS:D:96A:UN:EAN008+4+29+UNT+2",
    ]
    assert contrl(f"{UNB}{orders('1', count=9)}{orders('2')}UNZ+3+REF1'") == [f"{UCI}+4+29+UNZ+2"]


def test_contrl_for_missing_trailers() -> None:
    """Without UNT the message is rejected; without UNZ all of it, and the receipt can still be given."""
    cut = orders("1").replace("UNT+8+1'", "")
    assert contrl(f"{UNB}{cut}UNZ+1+REF1'") == [f"{UCI}+7", "UCM+1+ORDERS:D:96A:UN:EAN008+4+13+UNT"]
    assert contrl(f"{UNB}{orders('1')}") == [f"{UCI}+4+13+UNZ"]
    assert contrl(f"{UNB}{orders('1')}", receipt_only=True) == [f"{UCI}+8"]


def test_contrl_for_groups() -> None:
    """One of two groups has a bad message."""

    def ung(control: str, content: str) -> str:
        header = f"UNG+ORDERS+BUYER:92+SELLER:92+260830:1200+{control}+UN+D:96A'"
        return f"{header}{content}UNE+1+{control}'"

    text = f"{UNB}{ung('G1', orders('1'))}{ung('G2', orders('1', nad='Q9'))}UNZ+2+REF1'"
    assert contrl(text) == [
        f"{UCI}+7",
        "UCF+G2+BUYER:92+SELLER:92+7",
        "UCM+1+ORDERS:D:96A:UN:EAN008+4",
        "UCS+4",
        "UCD+12+2",
    ]
    data = write_contrl(received(text), control="C1", message_control="1", now=NOW)
    sent = [SentMessage("ORDERS", "1", "G1"), SentMessage("ORDERS", "1", "G2")]
    assert settled(data, sent) == ["accepted", "rejected"]


def test_contrl_of_syntax_4_and_of_eancom_97() -> None:
    """Syntax 4 has CONTRL 4.1 and a date with century; EANCOM 97 has CONTRL 2.2."""
    four = f"{UNB}{orders('1')}UNZ+1+REF1'".replace("UNOC:3", "UNOC:4").replace("260830:1200", "20260830:1200")
    data = lines(write_contrl(received(four), control="C1", message_control="1", now=NOW), "'")
    assert data[:3] == [
        "UNA:+.?*",
        "UNB+UNOC:4+8712345678906:14:ROUTE+5412345000013:14+20260830:1405+C1++++++1",
        "UNH+1+CONTRL:4:1:UN",
    ]
    interchange = received(f"{UNB}{orders('1')}UNZ+1+REF1'")
    data97 = write_contrl(interchange, control="C1", message_control="1", now=NOW, guide="eancom97")
    assert data97 is not None
    assert b"UNH+1+CONTRL:2:2:UN:EAN002'" in data97
    assert list(findings(check(data97))) == []


def test_contrl_in_the_service_characters_of_the_subject() -> None:
    """A sender that uses other service characters gets them back, and values with the default ones stay
    whole."""
    text = f"{UNB}{orders('1')}UNZ+1+REF+1'".replace("+REF1+", "+REF+1+")
    other = text.translate(str.maketrans("+:'", "^;~")).replace("REF^1", "REF+1")
    data = write_contrl(received(f"UNA;^.? ~{other}"), control="C1", message_control="1", now=NOW)
    assert lines(data, "~")[3] == "UCI^REF+1^5412345000013;14^8712345678906;14;ROUTE^7"


def test_contrl_repeats_qualifiers_that_partners_agreed_on() -> None:
    """They are in no list, which is but warned about in UNB, and in the UCI that repeats them."""
    data = write_contrl(
        received(f"{UNB}{orders('1')}UNZ+1+REF1'".replace(":14+", ":ZZ+", 1)),
        control="C1",
        message_control="1",
        now=NOW,
    )
    assert data is not None and b"UCI+REF1+5412345000013:ZZ+" in data
    found = list(findings(check(data)))
    assert {(f.code, f.severity, f.tag) for f in found} == {
        ("header_code", "warning", "UNB"),
        ("header_code", "warning", "UCI"),
    }


def test_contrl_for_an_unknown_syntax_version() -> None:
    """It is refused in syntax 3, which has no repetition separator, whatever the UNA of the subject says."""
    text = f"{UNB}{orders('1')}UNZ+1+REF1'".replace("UNOC:3", "UNOC:9").replace("+", "^")
    data = lines(write_contrl(received(f"UNA:^.?*'{text}"), control="C1", message_control="1", now=NOW), "'")
    assert data[0] == "UNA:^.? "
    assert data[1].startswith("UNB^UNOC:3^")
    assert data[3] == f"{UCI}+4+2+UNB+2:2".replace("+", "^")


def test_contrl_widens_a_character_set_that_can_not_hold_its_values() -> None:
    """Lower case under UNOA is read with a note; the answer that repeats it says UNOB."""
    text = f"{UNB}{orders('1')}UNZ+1+Ref1'".replace("UNOC", "UNOA").replace("REF1", "Ref1")
    data = write_contrl(received(text), control="C1", message_control="1", now=NOW)
    assert lines(data, "'")[1].startswith("UNB+UNOB:3+")


def test_no_contrl_for_a_contrl() -> None:
    """The answer to an answer is none."""
    answer = write_contrl(received(f"{UNB}{orders('1')}UNZ+1+REF1'"), control="C1", message_control="1", now=NOW)
    assert answer is not None
    assert write_contrl(check(answer).interchanges[0], control="C2", message_control="1", now=NOW) is None


def test_no_contrl_without_an_interchange_reference() -> None:
    """UCI must repeat it."""
    text = f"{UNB}{orders('1')}UNZ+1+'".replace("+REF1+", "++")
    with pytest.raises(AcknowledgementImpossible, match="0020"):
        write_contrl(received(text), control="C1", message_control="1", now=NOW)


# -- X12 -------------------------------------------------------------------------------------------------------


def isa(ack_requested: str = "0", version: str = "00401", usage: str = "T") -> str:
    separator = "U" if version < "00402" else "^"
    return (
        "ISA*00*          *00*          *ZZ*BUYER          *01*123456789      "
        f"*260830*1200*{separator}*{version}*000000905*{ack_requested}*{usage}*>~"
    )


def po(control: str, *, beg: bool = True, n1: str = "BY", count: int = 7) -> str:
    begin = "BEG*00*SA*4500012345**20260830~" if beg else ""
    return f"""
        ST*850*{control}~
        {begin}
        REF*DP*038~
        N1*{n1}*THE BUYER*92*1234~
        PO1*1*48*EA*9.25**UP*012345678905~
        CTT*1~
        SE*{count}*{control}~
    """


def gs(control: str, *sets: str, sender: str = "BUYERAPP", version: str = "004010", ge: str = "") -> str:
    header = f"GS*PO*{sender}*SELLERAPP*20260830*1200*{control}*X*{version}~"
    return f"{header}{''.join(sets)}GE*{ge or len(sets)}*{control}~"


def test_997_for_good_orders() -> None:
    """The whole interchange: ids swapped, version and test flag as received, no TA1 asked for and none
    given."""
    interchange = received(f"{isa()}{gs('905', po('0001'), po('0002'))}IEA*1*000000905~")
    data = write_x12_acks(interchange, control=7, group_control=8, now=NOW)
    assert lines(data, "~") == [
        "ISA*00*          *00*          *01*123456789      *ZZ*BUYER          *260830*1405*U*00401*000000007*0*T*>",
        "GS*FA*SELLERAPP*BUYERAPP*20260830*1405*8*X*004010",
        "ST*997*0001",
        "AK1*PO*905",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK5*A",
        "AK9*A*2*2*2",
        "SE*8*0001",
        "GE*1*8",
        "IEA*1*000000007",
    ]
    sent = [SentMessage("850", "0001", "905", "PO"), SentMessage("850", "0002", "905", "PO")]
    assert settled(data, sent) == ["accepted"] * 2
    short = write_x12_acks(interchange, control=7, group_control=8, now=NOW, include_accepted=False)
    assert settled(short, sent) == ["accepted"] * 2


def test_997_for_three_sets_one_bad() -> None:
    """The second of three has an unknown code in N101, data element 98."""
    sets = po("0001"), po("0002", n1="IX"), po("0003")
    interchange = received(f"{isa()}{gs('905', *sets)}IEA*1*000000905~")
    assert x12_acks(interchange)[4:-2] == [
        "AK5*A",
        "AK2*850*0002",
        "AK3*N1*4**8",
        "AK4*1*98*7*IX",
        "AK5*R*5",
        "AK2*850*0003",
        "AK5*A",
        "AK9*P*3*3*2",
    ]
    data = write_x12_acks(interchange, control=7, group_control=8, now=NOW)
    sent = [SentMessage("850", control, "905", "PO") for control in ("0001", "0002", "0003")]
    assert settled(data, sent) == ["accepted", "rejected", "accepted"]


def test_997_for_a_missing_segment_and_a_wrong_count() -> None:
    """BEG should have been the second segment; SE declares one segment too many."""
    sets = po("0001", beg=False, count=6), po("0002", count=8)
    interchange = received(f"{isa()}{gs('905', *sets)}IEA*1*000000905~")
    assert x12_acks(interchange, include_accepted=False)[3:-2] == [
        "AK2*850*0001",
        "AK3*BEG*2**3",
        "AK5*R*5",
        "AK2*850*0002",
        "AK5*R*4",
        "AK9*R*2*2*0",
    ]


def test_997_for_a_group_with_a_wrong_count() -> None:
    """GE declares 3 sets, one was there."""
    interchange = received(f"{isa()}{gs('905', po('0001'), ge='3')}IEA*1*000000905~")
    assert x12_acks(interchange)[2:-2] == ["AK1*PO*905", "AK9*R*3*1*0*5"]


def test_groups_of_several_applications() -> None:
    """Each pair of applications is answered in an FA group of its own, with a 997 for each group of that
    pair."""
    groups = gs("1", po("0001")), gs("2", po("0001"), sender="OTHERAPP"), gs("3", po("0001"))
    interchange = received(f"{isa()}{''.join(groups)}IEA*3*000000905~")
    assert [s for s in x12_acks(interchange) if s[:3] in {"GS*", "ST*", "AK1", "GE*"}] == [
        "GS*FA*SELLERAPP*BUYERAPP*20260830*1405*8*X*004010",
        "ST*997*0001",
        "AK1*PO*1",
        "ST*997*0002",
        "AK1*PO*3",
        "GE*2*8",
        "GS*FA*SELLERAPP*OTHERAPP*20260830*1405*9*X*004010",
        "ST*997*0001",
        "AK1*PO*2",
        "GE*1*9",
    ]
    assert x12_ack_groups(interchange) == 2


def test_ta1_when_asked_for() -> None:
    """ISA14 = 1 asks for a TA1, before the 997; an agreement may want it always or never."""
    interchange = received(f"{isa('1')}{gs('905', po('0001'))}IEA*1*000000905~")
    assert x12_acks(interchange)[:2] == [
        "TA1*000000905*260830*1200*A*000",
        "GS*FA*SELLERAPP*BUYERAPP*20260830*1405*8*X*004010",
    ]
    assert x12_acks(interchange, include_ta1=False)[0].startswith("GS*")
    plain = received(f"{isa('0')}{gs('905', po('0001'))}IEA*1*000000905~")
    assert x12_acks(plain, include_ta1=True)[0].startswith("TA1*")


def test_ta1_alone_for_a_rejected_envelope() -> None:
    """The control numbers of ISA and IEA differ: TA1 R with 001, no 997, and IEA counts no group."""
    interchange = received(f"{isa()}{gs('905', po('0001'))}IEA*1*000000906~")
    data = write_x12_acks(interchange, control=7, group_control=8, now=NOW)
    assert lines(data, "~")[1:] == ["TA1*000000905*260830*1200*R*001", "IEA*0*000000007"]
    assert list(findings(check(data or b""))) == []
    assert settled(data, [SentMessage("850", "0001", "905", "PO")]) == ["rejected"]
    assert write_x12_acks(interchange, control=7, group_control=8, now=NOW, include_ta1=False) is None
    assert x12_ack_groups(interchange) == 0


def test_ta1_reports_the_first_error() -> None:
    """Of several errors the one that stands first in the interchange is named."""
    interchange = received(f"{isa()}{gs('905', po('0001'))}IEA*2*000000906~")
    interchange.findings.append(Finding("duplicate_interchange", "", offset=0))
    assert ta1(interchange)[4:] == ["R", "025"]


def test_ta1_for_a_group_that_no_997_can_name() -> None:
    """A GS without a number: 024, rejected if nothing else can be answered, else accepted with errors."""
    nameless = gs("", po("0001"))
    alone = received(f"{isa()}{nameless}IEA*1*000000905~")
    assert x12_acks(alone) == ["TA1*000000905*260830*1200*R*024"]
    both = received(f"{isa()}{nameless}{gs('2', po('0001'))}IEA*2*000000905~")
    assert x12_acks(both)[0] == "TA1*000000905*260830*1200*E*024"
    assert "AK1*PO*2" in x12_acks(both)
    with pytest.raises(AcknowledgementImpossible):
        write_x12_acks(both, control=7, group_control=8, now=NOW, include_ta1=False)


def test_what_no_997_can_name_is_not_accepted() -> None:
    """A group without a usable number, and one with a set whose ST can't be read, are rejected with all their sets."""
    unnumbered, nameless = gs("ABC", po("0001")), gs("2", po("0002"), po("0003").replace("ST*850*", "ST*85*"))
    interchange = received(f"{isa()}{unnumbered}{nameless}{gs('3', po('0004'))}IEA*3*000000905~")
    assert [m.control for m in accepted_messages(interchange)] == ["0004"]
    assert [s for s in x12_acks(interchange) if s[:3] in {"TA1", "AK9"}] == [
        "TA1*000000905*260830*1200*E*024",
        "AK9*R*2*2*0*5",
        "AK9*A*1*1*1",
    ]


def test_999_from_5010_on() -> None:
    """The guide is named in GS08 and ST03; an older group gets a 997 all the same."""
    new, old = gs("1", po("0001", n1="IX"), version="005010"), gs("2", po("0001"))
    interchange = received(f"{isa(version='00501')}{new}{old}IEA*2*000000905~")
    assert x12_acks(interchange, set_id="999") == [
        "GS*FA*SELLERAPP*BUYERAPP*20260830*1405*8*X*005010X231A1",
        "ST*999*0001*005010X231A1",
        "AK1*PO*1*005010",
        "AK2*850*0001",
        "IK3*N1*4**8",
        "IK4*1*98*7*IX",
        "IK5*R*5",
        "AK9*R*1*1*0",
        "SE*8*0001",
        "GE*1*8",
        "GS*FA*SELLERAPP*BUYERAPP*20260830*1405*9*X*004010",
        "ST*997*0001",
        "AK1*PO*2",
        "AK2*850*0001",
        "AK5*A",
        "AK9*A*1*1*1",
        "SE*6*0001",
        "GE*1*9",
    ]


def test_acknowledgements_are_not_answered() -> None:
    """Neither a 997 nor a lone TA1 is answered, not even if its envelope is wrong or asks for it."""
    interchange = received(f"{isa('1')}{gs('905', po('0001'))}IEA*1*000000905~")
    answer = write_x12_acks(interchange, control=7, group_control=8, now=NOW)
    assert answer is not None
    again = {"control": 9, "group_control": 9, "now": NOW}
    assert write_x12_acks(check(answer).interchanges[0], **again, include_ta1=True) is None  # type: ignore[arg-type]
    lone = received(f"{isa('1')}TA1*000000001*260830*1200*A*000~IEA*5*000000905~")
    assert write_x12_acks(lone, **again) is None  # type: ignore[arg-type]


def test_no_ta1_without_the_values_that_it_repeats() -> None:
    """An unreadable interchange date makes the TA1 impossible."""
    interchange = received(f"{isa('1')}{gs('905', po('0001'))}IEA*1*000000905~".replace("*260830*", "*26AUG0*"))
    with pytest.raises(AcknowledgementImpossible, match="ISA09"):
        write_x12_acks(interchange, control=7, group_control=8, now=NOW)


def test_group_control_numbers_begin_again_behind_the_last() -> None:
    """Numbers have nine digits; none is 0."""
    groups = gs("1", po("0001")), gs("2", po("0001"), sender="OTHERAPP")
    interchange = received(f"{isa()}{''.join(groups)}IEA*2*000000905~")
    data = write_x12_acks(interchange, control=7, group_control=999_999_999, now=NOW)
    assert [s.split("*")[6] for s in lines(data, "~") if s.startswith("GS*")] == ["999999999", "1"]
    with pytest.raises(ValueError, match="control numbers"):
        write_x12_acks(interchange, control=0, group_control=1, now=NOW)
