"""Elements: presence, length, characters, numbers, codes, dates, counts of components and repetitions."""

from __future__ import annotations

import string

import directory_messages as messages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edigw.directory import ValidationOptions, edifact, service, validate, x12
from edigw.directory.check import segment_check
from edigw.directory.explain import explain
from edigw.directory.values import X12_NOTATION, edifact_notation
from edigw.syntax.model import Repeated

_D96A, _X4010 = edifact("D.96A"), x12("004010")
_V3 = edifact_notation(3, ".")


def _segment(text: str):
    standard = "+" in text.split("*")[0]
    element, component = "+:" if standard else "*>"
    return [part.split(component) if component in part else part for part in text.split(element)]


def _check(segment, directory=None, notation=None):
    standard = _X4010 if len(segment[0]) == 2 or segment[0] in _X12_ONLY else _D96A
    directory = directory or standard
    notation = notation or (X12_NOTATION if directory.standard == "x12" else _V3)
    return segment_check(directory, segment[0], notation, True)


_X12_ONLY = {"PO1", "REF", "BEG", "PER", "CUR", "TDS", "MAN", "CTT", "SAC", "TXI", "PO4", "AK3"}


def _problems(segment, **how):
    check = _check(segment, **how)
    found = list(explain(check, segment))
    assert not (check.fine(segment) and found), "what the fast way approves of has no fault"
    return [(p.code, p.element, p.component) for p in found]


@pytest.mark.parametrize(
    "text",
    [
        "BGM+220+PO4711+9",
        "BGM",
        "BGM+++9+AB",
        "BGM+220+PO4711+9++",
        "DTM+137:20240229:102",
        "DTM+137:202401152359:203",
        "DTM+137:202405:616",
        "DTM+11:2024011520240120:718",
        "DTM+11:20240115-20240120:718",
        "DTM+263:14:804",
        "DTM+137",
        "NAD+BY+5412345000013::9++BUYER LTD+MAIN STREET 1+TOWN++12345+GB",
        "NAD+BY",
        "QTY+21:12",
        "QTY+21:-1.5:KGM",
        "QTY+21:999999999999999",
        "QTY+21:-99999999999999.9",
        "LIN+1++5410738000152:EN",
        "PIA+1+A-1:SA+B-2:IN+C-3:SA+D:SA+E:SA",
        "FTX+AAI+++A:B:C:D:E",
        "FTX+AAI+++A:::D:",
        "IMD+F++XX:ABC:91",
        "GIN+BJ+340123450000000017",
        "UNS+D",
        "UNT+24+1",
        "UNH+1+ORDERS:D:96A:UN:EAN008",
        "REF*CT*C-88",
        "REF*CT**ONLY TEXT",
        "N1*BY*BUYER LTD*UL*5412345000013",
        "PO1*1*12*EA*1.25**UP*036000291452*VN*A-1",
        "PO1*1*.5*EA*-1.25",
        "CUR*BY*USD*1234.5E-3",
        "TDS*-1200",
        "BEG*00*SA*PO4711**20240115",
        "PER*OC*JANE*TE*555",
        "MAN*GM*00340123450000000017",
        "MAN*GM*340123450000000017",
        "N3* LEADING BLANK",
        "AK3*N1*6**8",
    ],
)
def test_good_segments_have_no_fault(text):
    """What the standards allow is not reported."""
    segment = _segment(text)
    assert _problems(segment) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # presence
        ("NAD", ("element_missing", 1, None)),
        ("NAD++X", ("element_missing", 1, None)),
        ("NAD+:", ("element_missing", 1, None)),
        ("DTM+:20240115:102", ("element_missing", 1, 1)),
        ("DTM", ("element_missing", 1, None)),
        ("PIA+1", ("element_missing", 2, None)),
        ("QTY+21", ("element_missing", 1, 2)),
        ("FTX+AAI+++:B", ("element_missing", 4, 1)),
        ("REF**X", ("element_missing", 1, None)),
        # length
        ("BGM+220+" + "X" * 36, ("too_long", 2, None)),
        ("NAD+BY+" + "9" * 36 + "::91", ("too_long", 2, 1)),
        ("QTY+21:1234567890123456", ("too_long", 1, 2)),
        ("N3*" + "X" * 56, ("too_long", 1, None)),
        ("REF*CT*" + "X" * 31, ("too_long", 2, None)),
        ("N4*A", ("too_short", 1, None)),
        # characters and numbers
        ("QTY+21:12A", ("bad_number", 1, 2)),
        ("QTY+21:1 2", ("bad_number", 1, 2)),
        ("QTY+21:1,5", ("wrong_decimal_mark", 1, 2)),
        ("QTY+21:1.000.5", ("bad_number", 1, 2)),
        ("QTY+21:.5", ("no_leading_digit", 1, 2)),
        ("QTY+21:5.", ("bad_number", 1, 2)),
        ("QTY+21: 5", ("bad_number", 1, 2)),
        ("QTY+21:5-", ("bad_number", 1, 2)),
        ("QTY+21:1E3", ("bad_number", 1, 2)),
        ("QTY+21:-", ("bad_number", 1, 2)),
        ("QTY+21:١٢", ("bad_number", 1, 2)),
        ("TDS*12.00", ("bad_number", 1, None)),
        ("TDS*+12", ("bad_number", 1, None)),
        ("PO1*1*12.*EA", ("bad_number", 2, None)),
        ("PO1*1*1,000*EA", ("bad_number", 2, None)),
        ("N3*   ", ("wrong_characters", 1, None)),
        # codes
        ("NAD+Q9", ("invalid_code", 1, None)),
        ("DTM+XXX:20240115:102", ("invalid_code", 1, 1)),
        ("LIN+1++5410738000152:ZZ", ("invalid_code", 3, 2)),
        ("BGM+XX9", ("invalid_code", 1, 1)),
        ("N1*??*X", ("invalid_code", 1, None)),
        ("UNS+X", ("invalid_code", 1, None)),
        # dates and times
        ("DTM+137:20240230:102", ("bad_date", 1, 2)),
        ("DTM+137:20230229:102", ("bad_date", 1, 2)),
        ("DTM+137:240115:102", ("bad_date", 1, 2)),
        ("DTM+137:202401152460:203", ("bad_date", 1, 2)),
        ("DTM+137:2500:401", ("bad_time", 1, 2)),
        ("DTM+11:2024011520241301:718", ("bad_date", 1, 2)),
        ("DTM+137:202454:616", ("bad_date", 1, 2)),
        ("BEG*00*SA*PO4711**20241301", ("bad_date", 5, None)),
        # counts
        ("BGM+220+1+9+AB+X", ("too_many_elements", 5, None)),
        ("BGM+220+1:2+9", ("too_many_components", 2, 2)),
        ("DTM+137:20240115:102:X", ("too_many_components", 1, 4)),
        ("N1*BY>X*A", ("too_many_components", 1, 2)),
        ("N3*A*B*C", ("too_many_elements", 3, None)),
        # relations
        ("REF*CT", ("element_dependency", 2, None)),
        ("N1*BY*BUYER*UL", ("element_dependency", 4, None)),
        ("N1*BY*BUYER**XY", ("element_dependency", 3, None)),
        ("PER*OC*JANE*TE", ("element_dependency", 4, None)),
        ("REF*CT*1**CT>2>CT", ("element_dependency", 4, 4)),
        # check digits
        ("LIN+1++5410738000153:EN", ("check_digit", 3, 1)),
        ("NAD+BY+5412345000014::9", ("check_digit", 2, 1)),
        ("LOC+7+5412345000014::9", ("check_digit", 2, 1)),
        ("GIN+BJ+340123450000000018", ("check_digit", 2, 1)),
        ("N1*BY*X*UL*5412345000014", ("check_digit", 4, None)),
        ("PO1*1*12*EA*1**UP*036000291453", ("check_digit", 7, None)),
        ("MAN*GM*00340123450000000018", ("check_digit", 2, None)),
    ],
)
def test_each_fault_is_found_at_its_place(text, expected):
    """A bad segment has exactly the one fault, at its element and component."""
    assert _problems(_segment(text)) == [expected]


def test_a_segment_may_have_many_faults():
    """All of them are found, in order."""
    assert _problems(_segment("NAD+Q9+" + "9" * 36 + ":XXX:YYY++" + "A" * 36 + "+++++GBRX+X")) == [
        ("invalid_code", 1, None),
        ("too_long", 2, 1),
        ("invalid_code", 2, 3),
        ("too_long", 4, 1),
        ("too_long", 9, None),
        ("too_many_elements", 10, None),
    ]


def test_a_code_of_another_agency_is_not_looked_up():
    """With DE 1131 or 3055 a code is of a list of its own; with 3055 = 6 (UN) it is not."""
    assert _problems(_segment("LIN+1++5410738000152:SRV")) == [("invalid_code", 3, 2)]
    assert _problems(_segment("LIN+1++5410738000152:SRV::9")) == []
    assert _problems(_segment("LIN+1++5410738000152:SRV::6")) == [("invalid_code", 3, 2)]


def test_the_decimal_mark_is_that_of_una():
    """Up to syntax 3 UNA tells it; without UNA, and from syntax 4 on, point and comma will do."""
    comma = _segment("QTY+21:1,5")
    assert _problems(comma, notation=edifact_notation(3, ",")) == []
    assert _problems(comma, notation=edifact_notation(3, "")) == []
    assert _problems(comma, notation=edifact_notation(3, ".")) == [("wrong_decimal_mark", 1, 2)]
    assert _problems(comma, notation=edifact_notation(4, ".")) == []


def test_syntax_4_needs_a_digit_only_behind_the_mark():
    """ ".5" is a number of syntax 4, "5." of none."""
    assert _problems(_segment("QTY+21:.5"), notation=edifact_notation(4, "")) == []
    assert _problems(_segment("QTY+21:5."), notation=edifact_notation(4, "")) == [("bad_number", 1, 2)]


def test_version_and_release_are_no_numbers_in_syntax_2():
    """0052 and 0054 are numeric in the syntax 1 and 2 service directories, and "D:96A" is sent all the
    same."""
    assert _problems(_segment("UNH+1+ORDERS:D:96A:UN"), directory=edifact("D.96A", 2)) == []


def test_repetitions_are_checked_one_by_one():
    """In syntax 4 each repetition has its own faults, and there are no more of them than the directory
    allows."""
    directory, notation = edifact("D.01B", 4), edifact_notation(4, "")
    good = ["COM", Repeated([["123", "TE"], ["456", "FX"]])]
    assert _problems(good, directory=directory, notation=notation) == []
    bad = ["COM", Repeated([["123", "TE"], ["456", "??"], ["", "TE"]])]
    check = segment_check(directory, "COM", notation, True)
    assert [(p.code, p.repetition, p.component) for p in explain(check, bad)] == [
        ("invalid_code", 2, 2),
        ("element_missing", 3, 1),
    ]
    many = ["COM", Repeated([["1", "TE"]] * 4)]
    assert [(p.code, p.repetition) for p in explain(check, many)] == [("too_many_repetitions", 4)]


def test_repetition_in_x12_only_warns():
    """The directory does not say which X12 elements repeat."""
    segment = ["N1", Repeated(["BY", "ST"]), "NAME"]
    (problem,) = explain(_check(segment), segment)
    assert (problem.code, problem.certain) == ("too_many_repetitions", False)


def test_uncertain_conditions_only_warn():
    """AT7 of 004020: sources disagree about its conditions."""
    check = segment_check(x12("004020"), "AT7", X12_NOTATION, True)
    assert check.spec.uncertain
    found = [p for p in explain(check, ["AT7", "AF"]) if p.code == "element_dependency"]
    assert found and not any(p.certain for p in found if p.element == 2)


def test_times_of_x12_have_hours_minutes_and_decimals_of_a_second():
    """TM is HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    for good in ("0000", "2359", "235959", "2359591", "23595912"):
        assert _problems(["BSN", "00", "S1", "20240116", good], directory=_X4010) == []
    for bad in ("2400", "2360", "235960"):
        assert _problems(["BSN", "00", "S1", "20240116", bad], directory=_X4010) == [("bad_time", 4, None)]


def test_six_digit_dates_are_those_of_old_versions():
    """DE 373 has six digits up to 003060 and eight from 004010."""
    old, new = ["DTM", "002", "991231"], ["DTM", "002", "19991231"]
    assert _problems(old, directory=x12("003040")) == []
    assert _problems(new, directory=x12("004010")) == []
    assert _problems(old, directory=x12("004010")) == [("too_short", 2, None)]


def test_the_text_is_for_a_clerk():
    """It names segment, element, data element, name, value and what is wrong."""
    segment = _segment("NAD+Q9")
    (problem,) = explain(_check(segment), segment)
    assert problem.text == "NAD element 1 (3035, party qualifier): Q9 is not in the code list of D.96A"


def test_a_long_value_is_cut():
    """A finding carries at most 99 characters of a value."""
    segment = ["FTX", "AAI", "", "", "X" * 5000]
    (problem,) = explain(_check(segment), segment)
    assert len(problem.value) == 99 and len(problem.text) < 300


@pytest.mark.parametrize(
    ("severities", "expected"),
    [({}, "error"), ({"invalid_code": "warning"}, "warning"), ({"invalid_code": None}, None)],
)
def test_the_caller_sets_severities(severities, expected):
    """A rule can be made milder or be left out."""
    message, interchange = messages.message(messages.ORDERS.replace("NAD+SU", "NAD+??"))
    validate(message, interchange, ValidationOptions(severities=severities))
    assert [f.severity for f in message.findings] == ([expected] if expected else [])


def test_options_refuse_rules_that_do_not_exist():
    """A typing error in a rule's code is told at once."""
    with pytest.raises(ValueError, match="no rule"):
        ValidationOptions(severities={"invalid_codes": "note"})


def test_codes_need_not_be_checked():
    """With codes=False nothing is looked up in code lists."""
    message, interchange = messages.message(messages.ORDERS.replace("NAD+SU", "NAD+??"))
    validate(message, interchange, ValidationOptions(codes=False))
    assert message.findings == []


_VALUES = st.one_of(
    st.text(alphabet=string.digits + ".,-+ ABE", max_size=20),
    st.sampled_from(["", "9", "6", "EN", "BY", "UL", "102", "20240115", "5412345000013", "1.5", "X" * 40, " X"]),
    st.text(max_size=6),
)
_ELEMENTS = st.one_of(
    _VALUES,
    st.lists(_VALUES, min_size=2, max_size=6),
    st.lists(st.one_of(_VALUES, st.lists(_VALUES, min_size=2, max_size=4)), min_size=2, max_size=3).map(Repeated),
)
_SAMPLES = [
    *((_D96A, _V3, tag) for tag in ("DTM", "NAD", "QTY", "LIN", "PIA", "GIN", "FTX", "CUX", "UNH", "CPS", "MEA")),
    *((_X4010, X12_NOTATION, tag) for tag in ("REF", "N1", "PO1", "MAN", "DTM", "TDS", "CTT", "ITD", "SAC", "ST")),
    *((edifact("D.01B", 4), edifact_notation(4, ""), tag) for tag in ("COM", "ATT", "IDE", "ADR")),
    (service(3), _V3, "UCI"),
]


@given(st.sampled_from(_SAMPLES), st.lists(_ELEMENTS, max_size=9), st.booleans())
@settings(max_examples=500, deadline=None)
def test_the_fast_way_never_approves_of_a_fault(sample, elements, with_codes):
    """Whatever the fast way calls fine has no fault, and `explain` never raises; with code lists and without."""
    directory, notation, tag = sample
    check = segment_check(directory, tag, notation, with_codes)
    problems = list(explain(check, [tag, *elements]))
    assert not (check.fine([tag, *elements]) and problems)


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("REF*CT*A1**EN", [("element_missing", 4, 2)]),
        ("REF*CT*A1**CT>A2", []),
        ("REF*CT*A1**CT>A2>CT", [("element_dependency", 4, 4)]),
        ("REF*CT*A1**CT>A2>CT>A3", []),
    ],
)
def test_composites_with_conditions_are_judged_whole_by_either_way(segment, expected):
    """C040 has two mandatory components, and pairs behind them; the fast way leaves in doubt what breaks either."""
    tag, *elements = segment.split("*")
    parts = [tag, *(element.split(">") if ">" in element else element for element in elements)]
    check = segment_check(_X4010, tag, X12_NOTATION, False)
    assert [(p.code, p.element, p.component) for p in explain(check, parts)] == expected
    assert not (check.fine(parts) and expected)


@pytest.mark.parametrize(
    ("directory", "segment", "expected"),
    [
        (edifact("D.13A"), "TDT+20+V1++:::SHIP", [("element_dependency", 3, True)]),
        (edifact("D.13A"), "TDT+20+V1+1+:::SHIP", []),
        (edifact("D.05A"), "TDT+20+V1++:::SHIP", [("element_dependency", 3, False)]),
        (edifact("D.96A"), "TDT+20+V1++:SHIP", []),
        (service(4), "UNG++++20250115:1031+G1", []),
        (service(4), "UNG+ORDERS+++20250115:1031+G1", [("element_dependency", 6, True)]),
        (service(3), "UCM+1+ORDERS:D:96A:UN+4++UNH", []),
        (service(4), "UCM+1+ORDERS:D:96A:UN+4++UNH", [("element_dependency", 4, True)]),
        (service(4), "UCM+++4+12", [("element_dependency", 1, True)]),
        (service(4), "UCD+12+3:1:2", [("element_exclusion", 2, True)]),
        (service(4), "UCD+12+3::2", []),
    ],
)
def test_dependency_notes_of_the_directories(directory, segment, expected):
    """They hold in the directories that have them; where that is not certain they only warn."""
    parts = _segment(segment)
    check = segment_check(directory, parts[0], edifact_notation(directory.syntax, ""), True)
    assert [(p.code, p.element, p.certain) for p in explain(check, parts)] == expected
    assert not (check.fine(parts) and expected)
