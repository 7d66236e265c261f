"""Headers and what TA1 and AK9 say of them: every code of I18 and 716 that can be found has its file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from edigw.acknowledge import (
    AcknowledgementImpossible,
    accepted_messages,
    read_acknowledgement,
    ta1,
    write_ta1,
    write_x12_acks,
)
from edigw.acknowledge.codes import TEXTS
from edigw.directory import ValidationOptions, check
from edigw.syntax import Finding, Interchange, ReadOptions
from edigw.syntax.findings import Severity

NOW = datetime(2026, 8, 30, 14, 5)
WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA = ("00", "", "00", "", "ZZ", "BUYER", "01", "123456789", "260830", "1200", "U", "00401", "000000905", "1", "T", ">")
GS = ("PO", "BUYERAPP", "SELLERAPP", "20260830", "1200", "1", "X", "004010")
Agreed = Mapping[str, Severity | None]


def isa(end: str = "~", /, **elements: str) -> str:
    """ISA with some elements (e09) of other values."""
    items = [
        elements.get(f"e{n:02}", usual).ljust(width)
        for n, (usual, width) in enumerate(zip(ISA, WIDTHS, strict=True), 1)
    ]
    return f"ISA*{'*'.join(items)}{end}"


def gs(control: str = "1", /, *, sets: str = "", count: str = "1", **elements: str) -> str:
    """A group of one order; GS with some elements of other values."""
    items = [elements.get(f"e{n:02}", control if n == 6 else usual) for n, usual in enumerate(GS, 1)]
    return f"GS*{'*'.join(items)}~{sets or order()}GE*{count}*{items[5]}~"


def order(control: str = "0001", set_id: str = "850") -> str:
    return (
        f"ST*{set_id}*{control}~BEG*00*SA*4500012345**20260830~PO1*1*48*EA*9.25**UP*012345678905~CTT*1~SE*5*{control}~"
    )


IEA = "IEA*1*000000905~"


def read(text: str, agreed: Agreed | None = None) -> Interchange:
    severities = agreed or {}
    options = ValidationOptions(severities=severities), ReadOptions(severities=severities)
    return check(text.encode("latin-1"), *options).interchanges[0]


def answer(interchange: Interchange, **options: object) -> list[str]:
    """The answer from behind ISA to before IEA; it has no error itself."""
    data = write_x12_acks(interchange, control=7, group_control=8, now=NOW, **options)  # type: ignore[arg-type]
    assert data is not None
    (reply,) = check(data).interchanges
    found = [f for part in (reply, *reply.groups, *reply.messages) for f in part.findings]
    assert [f for f in found if f.severity == "error" or f.tag == "TA1"] == []
    return data.decode("ascii").split(reply.delimiters.terminator)[1:-2]


@pytest.mark.parametrize("usage", ["P", "T", "I"])
def test_the_usage_of_an_interchange_is_that_of_its_answer(usage: str) -> None:
    """ISA15 as received: information is answered as information."""
    data = write_x12_acks(read(f"{isa(e15=usage)}{gs()}{IEA}"), control=7, group_control=8, now=NOW)
    assert data is not None and data[102:103] == usage.encode()


def group_report(text: str, agreed: Agreed | None = None) -> list[str]:
    """AK1 to AK9 of the first group, and no more than that."""
    segments = answer(read(f"{isa(e14='0')}{text}", agreed))
    return segments[2:-2]


STRICT: Agreed = {"header_code": "error"}
REJECTED: dict[str, tuple[str, Agreed]] = {
    "001": (isa() + gs() + "IEA*1*000000906~", {}),
    "002": (isa(e12="00501", e11="U") + gs() + IEA, {"isa11_letter": "error"}),
    "004": (
        isa("\n").replace("~", "\n") + gs().replace("~", "\n") + "IEA*1*000000905\n",
        {"line_break_terminator": "error"},
    ),
    "005": (isa(e05="Q9") + gs() + IEA, STRICT),
    "006": (isa(e06="") + gs() + IEA, {}),
    "007": (isa(e07="Q9") + gs() + IEA, STRICT),
    "008": (isa(e08="") + gs() + IEA, {}),
    "010": (isa(e01="99") + gs() + IEA, STRICT),
    "012": (isa(e03="99") + gs() + IEA, STRICT),
    "014": (isa(e09="261302") + gs() + IEA, {}),
    "015": (isa(e10="2560") + gs() + IEA, {}),
    "016": (isa(e11="X") + gs() + IEA, STRICT),
    "017": (isa(e12="0040X") + gs() + IEA, {}),
    "019": (isa(e14="9") + gs() + IEA, STRICT),
    "020": (isa(e15="Q") + gs() + IEA, {}),
    "021": (isa() + gs() + "IEA*2*000000905~", {}),
    "022": (isa() + gs() + "REF*DP*038~" + IEA, {}),
    "023": (isa() + gs(), {}),
    "024": (isa() + gs(e01="QQ") + IEA, {}),
    "026": (isa().replace("*", "-") + gs().replace("*", "-") + IEA.replace("*", "-"), {}),
    "027": (isa(e16=".") + gs() + IEA, {}),
    "032": (isa(e11="-", e12="00501") + gs() + IEA, {}),
}
GATEWAY = {  # what only the configuration can tell
    "006": "unknown_sender",
    "009": "unknown_receiver",
    "020": "test_not_accepted",
    "025": "duplicate_interchange",
}
NEVER = {
    "003": "every version of the envelope is read",
    "011": "no agreement tells what authorisation information should be",
    "013": "nor what security information",
    "018": "a TA1 must repeat the number, so it can't say that it is invalid",
    "028": "there is no deferred delivery",
    "029": "there is no deferred delivery",
    "030": "there is no deferred delivery",
    "031": "there are no grades of service",
}


@pytest.mark.parametrize("code", REJECTED)
def test_each_fault_of_an_envelope_has_its_ta1_code(code: str) -> None:
    """The interchange is rejected with just that code, in a TA1 that is alone."""
    interchange = read(*REJECTED[code])
    assert ta1(interchange)[4:] == ["R", code]
    assert accepted_messages(interchange) == []


@pytest.mark.parametrize(("code", "rule"), GATEWAY.items())
def test_each_refusal_by_the_gateway_has_its_ta1_code(code: str, rule: str) -> None:
    """Sender, receiver, test and duplicate."""
    interchange = read(isa() + gs() + IEA)
    interchange.findings.append(Finding(rule, ""))
    assert ta1(interchange)[4:] == ["R", code]
    assert answer(interchange) == [f"TA1*000000905*260830*1200*R*{code}"]


def test_no_code_of_ta1_is_forgotten() -> None:
    """What is never said has its reason."""
    assert {"000", *REJECTED, *GATEWAY, *NEVER} == TEXTS["I18"].keys()
    assert not NEVER.keys() & (REJECTED.keys() | GATEWAY.keys())


@pytest.mark.parametrize("code", sorted(REJECTED.keys() - {"006", "008"}))
def test_what_is_rejected_is_answered_by_a_ta1_that_is_right(code: str) -> None:
    """Alone, in an interchange without fault, even where the subject's own ISA can't be repeated; without the sender's
    or the receiver's id nobody can be answered."""
    (segment,) = answer(read(*REJECTED[code]))
    assert segment.split(segment[3])[4:] == ["R", code]


@pytest.mark.parametrize("element", ["e06", "e08"])
def test_without_ids_there_is_no_answer(element: str) -> None:
    """The answer would be addressed to nobody, or come from nobody."""
    with pytest.raises(AcknowledgementImpossible):
        answer(read(isa(**{element: ""}) + gs() + IEA))


@pytest.mark.parametrize(("element", "value"), [("e09", "26AUG2"), ("e10", "12 0"), ("e13", "00000090A")])
def test_values_that_can_not_be_read_can_not_be_repeated(element: str, value: str) -> None:
    """TA1 repeats date, time and number: digits, though not always a day or an hour."""
    with pytest.raises(AcknowledgementImpossible, match=f"ISA{element[1:]}"):
        ta1(read(isa(**{element: value}) + gs() + IEA))


@pytest.mark.parametrize("element", ["e01", "e03", "e05", "e07", "e11", "e14"])
def test_codes_that_the_lists_lack_only_warn(element: str) -> None:
    """Partners agree on qualifiers of their own; an agreement may refuse them, or have them noted."""
    interchange = read(isa(**{element: "Q" if element in {"e11", "e14"} else "Q9"}) + gs() + IEA)
    assert [(f.code, f.severity, f.element) for f in interchange.findings] == [
        ("header_code", "warning", int(element[1:]))
    ]
    assert ta1(interchange)[4:] == ["A", "000"]
    said = ta1(interchange, {"header_code"})
    assert said[4] == "E" and said[5] == interchange.findings[0].standard_code("x12")


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"e02": "B"}, "7"),
        ({"e03": "S" * 16}, "8"),
        ({"e04": "20261302"}, "30"),
        ({"e05": "2560"}, "31"),
        ({"e08": ""}, "2"),
    ],
)
def test_each_fault_of_a_group_header_has_its_code(elements: dict[str, str], code: str) -> None:
    """The group is rejected, its sets with it. Before 005020 the list has no such codes, and 1 must do."""
    version = {"e08": "005030"} | elements
    report = group_report(gs(**version) + IEA)
    assert report[-1] == f"AK9*R*1*1*0*{code}"
    if code != "2":
        assert group_report(gs(**elements) + IEA) == ["AK1*PO*1", "AK9*R*1*1*0*1"]
    assert accepted_messages(read(isa() + gs(**version) + IEA)) == []


def test_the_agency_of_a_group_is_a_code_that_only_warns() -> None:
    """GS07 is X or T; an agreement may refuse others."""
    text = gs(e07="Q", e08="005030") + IEA
    assert group_report(text)[-1] == "AK9*A*1*1*1"
    assert group_report(text, STRICT)[-1] == "AK9*R*1*1*0*9"


def test_a_date_of_a_group_may_have_the_length_of_another_version() -> None:
    """Six digits in 004010, eight in 003040: a note, unless an agreement rejects it."""
    for version, date in (("004010", "260830"), ("003040", "20260830")):
        interchange = read(isa() + gs(e04=date, e08=version) + IEA)
        assert [(f.code, f.severity) for f in interchange.groups[0].findings] == [("header_date", "note")]
    assert group_report(gs(e04="260830") + IEA, {"header_date": "error"})[-1] == "AK9*R*1*1*0*1"


def test_a_group_number_that_occurs_twice_has_a_code_of_its_own_from_005010() -> None:
    """716 = 19; before, 6. Both groups that have it are rejected."""
    for version, code in (("004010", "6"), ("005010", "19")):
        reports = answer(read(isa(e14="0") + gs(e08=version) * 2 + "IEA*2*000000905~"))
        assert [s for s in reports if s.startswith("AK9")] == [f"AK9*R*1*1*0*{code}"] * 2


# -- versions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "written"),
    [
        ("004010VICS", "004010VICS"),
        ("004010", "004010"),
        ("004012", "004010"),
        ("007010", "006030"),
        ("008020", "006030"),
        ("002040", "003040"),
        ("ABCDEF", "004010"),
    ],
)
def test_a_version_without_a_997_is_answered_in_the_one_before_it(version: str, written: str) -> None:
    """The newest that has one and is not newer, else the oldest; what can't be read is taken for that of ISA12."""
    interchange = read(isa(e14="0") + gs(e08=version) + IEA)
    assert answer(interchange)[0].split("*")[8] == written


@pytest.mark.parametrize("version", ["007010", "008020", "002040", "004012"])
def test_a_version_that_is_not_supported_is_said_of_the_group(version: str) -> None:
    """716 = 2, beside 718 = 1 for each set."""
    report = group_report(gs(e08=version) + IEA)
    assert report[-3:] == ["AK2*850*0001", "AK5*R*1", "AK9*R*1*1*0*2"]


# -- sets ------------------------------------------------------------------------------------------------------


def test_a_short_number_of_a_set_is_repeated_with_zeros_in_front() -> None:
    """AK202 has four characters at least; it is the same number, and its own fault is 718 = 7."""
    interchange = read(isa(e14="0") + gs(sets=order("1")) + IEA)
    assert answer(interchange)[2:-2] == ["AK1*PO*1", "AK2*850*0001", "AK5*R*7", "AK9*R*1*1*0"]
    agreed = read(isa(e14="0") + gs(sets=order("1")) + IEA, {"too_short": "note"})
    assert answer(agreed)[3:6] == ["AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]
    assert [m.control for m in accepted_messages(agreed)] == ["1"]


@pytest.mark.parametrize(("first", "second"), [("1", "0001"), ("1", "01"), ("A1", "0002")])
def test_a_short_number_that_can_not_be_told_from_another_rejects_the_group(first: str, second: str) -> None:
    """As one that is no number: AK2 could mean either set."""
    text = isa(e14="0") + gs(sets=order(first) + order(second), count="2") + IEA
    interchange = read(text, {"too_short": "note"})
    assert answer(interchange)[-3] == "AK9*R*2*2*0*5"
    assert accepted_messages(interchange) == []


def test_a_set_that_no_list_knows_rejects_the_group() -> None:
    """AK201 is a code; a 997 with another one would be refused itself."""
    interchange = read(isa(e14="0") + gs(sets=order("0001", "ZZ9") + order("0002"), count="2") + IEA)
    assert answer(interchange)[2:-2] == ["AK1*PO*1", "AK9*R*2*2*0*5"]
    assert accepted_messages(interchange) == []


# -- accepted, but errors were noted ------------------------------------------------------------------------------


def noted_report(*sets: str, count: str | None = None, noted: str = "message_count") -> list[str]:
    agreed: Agreed = {"message_count": "warning", "group_count": "warning"}
    text = isa(e14="0") + gs(sets="".join(sets), count=count or str(len(sets))) + IEA
    return answer(read(text, agreed), noted={noted}, include_accepted=False)[2:-2]


def test_a_set_whose_errors_an_agreement_softens_is_accepted_with_errors() -> None:
    """E in AK5 and AK9, with the codes; the set counts as accepted, and it is listed though accepted ones are not."""
    bad = order("0002").replace("SE*5", "SE*6")
    assert noted_report(order(), bad) == ["AK1*PO*1", "AK2*850*0002", "AK5*E*4", "AK9*E*2*2*2"]
    worse = order("0003").replace("*EA*", "*Q*")
    assert noted_report(order(), bad, worse)[-1] == "AK9*P*3*3*2"
    assert noted_report(order(), bad, noted="control_total") == ["AK1*PO*1", "AK9*A*2*2*2"]


def test_a_group_whose_errors_an_agreement_softens_is_accepted_with_errors() -> None:
    """AK9 E with its code."""
    assert noted_report(order(), count="3", noted="group_count") == ["AK1*PO*1", "AK9*E*3*1*1*5"]


def test_what_is_accepted_with_errors_is_read_back_as_that() -> None:
    """For the group and the set."""
    text = isa(e14="0") + gs(sets=order().replace("SE*5", "SE*6")) + IEA
    interchange = read(text, {"message_count": "warning"})
    data = write_x12_acks(interchange, control=7, group_control=8, now=NOW, noted={"message_count"})
    assert data is not None
    verdicts = read_acknowledgement(check(data).interchanges[0])
    assert [(v.level, v.outcome) for v in verdicts] == [
        ("group", "accepted_with_errors"),
        ("message", "accepted_with_errors"),
    ]


# -- acknowledgements are never answered ----------------------------------------------------------------------------


def test_a_997_in_a_group_of_another_kind_is_not_answered() -> None:
    """It is an acknowledgement wherever it stands; an order beside it is answered."""
    misplaced = "ST*997*0001~AK1*PO*1~AK9*A*1*1*1~SE*4*0001~"
    alone = read(isa(e14="0") + gs(sets=misplaced) + IEA)
    assert write_x12_acks(alone, control=7, group_control=8, now=NOW, include_ta1=True) is None
    both = read(isa(e14="0") + gs(sets=misplaced) + gs("2") + "IEA*2*000000905~")
    assert [s for s in answer(both) if s.startswith("AK1")] == ["AK1*PO*2"]


def test_a_received_ta1_is_checked() -> None:
    """Codes that its lists lack are warned about; it repeats date and time as they were sent, right or not."""
    interchange = read(f"{isa()}TA1*000000001*261302*2560*Q*099~IEA*0*000000905~")
    assert [(f.severity, f.tag, f.element, f.value) for f in interchange.findings] == [
        ("warning", "TA1", 4, "Q"),
        ("warning", "TA1", 5, "099"),
    ]


@pytest.mark.parametrize("count", ["0", "1"])
def test_an_interchange_of_ta1_alone_is_read_and_not_answered(count: str) -> None:
    """IEA01 counts groups, of which there is none: 1 is wrong, which is found, and what the TA1 says is read."""
    interchange = read(f"{isa(e14='1')}TA1*000000001*260102*1000*A*000~IEA*{count}*000000905~")
    assert [f.code for f in interchange.findings] == ["interchange_count"] * (count == "1")
    (verdict,) = read_acknowledgement(interchange)
    assert (verdict.outcome, verdict.interchange_control) == ("received", "000000001")
    assert write_x12_acks(interchange, control=7, group_control=8, now=NOW, include_ta1=True) is None
    assert write_ta1(interchange, control=7, now=NOW) is None
