"""Whole messages: valid ones, totals, hierarchy, unsupported types, and files."""

from __future__ import annotations

import os
from pathlib import Path

import directory_messages as messages
import pytest

from edigw.directory import ValidationOptions, check, validate
from edigw.syntax.model import Delimiters, Group, Repeated

_SAMPLES = Path(
    os.environ.get("EDIGW_SAMPLES_PUBLIC", Path(__file__).resolve().parents[3] / "shared" / "samples-public")
)


def _told(text: str, **how):
    message, interchange = messages.message(text, **how)
    validate(message, interchange)
    return messages.told(message.findings)


@pytest.mark.parametrize("name", sorted(messages.ALL))
def test_a_whole_message_is_valid(name):
    """No finding at all, and a tree with every segment in order."""
    message, interchange = messages.message(messages.ALL[name])
    validate(message, interchange)
    assert message.findings == []
    assert message.valid
    assert message.tree is not None and list(messages.flat(message.tree)) == message.segments


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("ORDERS", "CNT+2:2", "CNT+2:3", ("control_total", 23, "CNT", 1, 2)),
        ("DESADV", "CNT+2:2", "CNT+2:9", ("control_total", 17, "CNT", 1, 2)),
        ("850", "CTT*2", "CTT*3", ("control_total", 13, "CTT", 1, None)),
        ("856", "CTT*4", "CTT*9", ("control_total", 16, "CTT", 1, None)),
        ("ORDERS", "UNS+S", "UNS+D", ("invalid_code", 21, "UNS", 1, None)),
        ("856", "HL*3*2*P", "HL*3*7*P", ("hierarchy_broken", 11, "HL", 2, None)),
        ("856", "HL*3*2*P", "HL*3*3*P", ("hierarchy_broken", 11, "HL", 2, None)),
        ("DESADV", "CPS+2+1", "CPS+2+3", ("hierarchy_broken", 9, "CPS", 2, None)),
        ("DESADV", "CPS+2+1", "CPS+1", ("hierarchy_broken", 9, "CPS", 1, None)),
        ("CONTRL", "UN:EAN008+4", "UN:EAN008+9", ("invalid_code", 3, "UCM", 3, None)),
        ("997", "AK5*R*5", "AK5*Q*5", ("invalid_code", 6, "AK5", 1, None)),
    ],
)
def test_a_fault_of_the_whole_message_is_found(name, old, new, expected):
    """Totals, sections, hierarchy and codes, each at its segment and element."""
    text = messages.ALL[name]
    assert old in text
    assert _told(text.replace(old, new, 1)) == [expected]


def test_sub_lines_need_not_be_counted():
    """CNT+2 may count all LIN segments or only those that are no sub-lines."""
    sub = messages.ORDERS.replace("LIN+2++4012345000023:EN", "LIN+2++4012345000023:EN+1:1")
    assert _told(sub) == []
    assert _told(sub.replace("CNT+2:2", "CNT+2:1")) == []
    assert [code for code, *_ in _told(sub.replace("CNT+2:2", "CNT+2:3"))] == ["control_total"]


def test_a_despatch_advice_that_counts_items_is_warned():
    """CTT01 of an 856 counts HL segments; many senders count the items among them."""
    message, interchange = messages.message(messages.ALL["856"].replace("CTT*4", "CTT*1"))
    validate(message, interchange)
    assert [(f.code, f.severity) for f in message.findings] == [("control_total", "warning")]


@pytest.mark.parametrize(("functional_id", "found"), [("PO", []), ("IN", [("message_not_in_group", "warning")])])
def test_a_transaction_set_stands_in_its_group(functional_id, found):
    """An 850 belongs into a group PO (X12 data element 479); another one is worth a warning."""
    message, interchange = messages.message(messages.PO850)
    group = Group(["GS", functional_id], None, functional_id, "1", "004010", "A", "B", 0, [message])
    validate(message, interchange, group=group)
    assert [(f.code, f.severity) for f in message.findings] == found


def test_other_control_totals_are_left_alone():
    """6069 = 1 is a sum of quantities, which may mean any of several quantities."""
    assert _told(messages.ORDERS.replace("CNT+2:2", "CNT+1:99")) == []


def test_findings_carry_path_offset_value_and_data_element():
    """Everything that a report or an acknowledgement needs."""
    message, interchange = messages.message(messages.ORDERS.replace("NAD+SU", "NAD+??"))
    validate(message, interchange)
    (finding,) = message.findings
    assert (finding.path, finding.offset, finding.value, finding.data_element) == ("SG2/NAD", 100, "??", "3035")
    assert finding.standard_code("edifact") == "12"


def test_findings_are_in_the_order_of_the_message():
    """Faults of structure and of elements are told side by side."""
    text = messages.ORDERS.replace("BGM+220", "BGM+???").replace("FTX+", "XYZ+").replace("CNT+2:2", "CNT+2:7")
    assert [f[1] for f in _told(text)] == [2, 5, 23]


def test_misplaced_segments_are_checked_too():
    """A segment at a wrong place may have faults of its own."""
    text = messages.ORDERS.replace("FTX+AAI+++PLEASE DELIVER EARLY", "CPS+" + "9" * 20)
    assert [code for code, *_ in _told(text)] == ["segment_not_in_message", "too_long"]


@pytest.mark.parametrize(
    ("text", "version", "words"),
    [
        (messages.ORDERS, "D.97C", ["ORDERS D.97C", "D.97A", "D.93A to D.24A"]),
        (messages.ORDERS.replace("ORDERS:", "ORDERX:"), "D.96A", ["ORDERX", "ORDERS"]),
        (messages.PO850, "003010", ["850 003010", "003040"]),
        (messages.PO850.replace("ST*850", "ST*835"), None, ["835", "X12 004010"]),
        (messages.ORDERS, "", ["ORDERS"]),
    ],
)
def test_an_unsupported_message_is_one_finding(text, version, words):
    """It says what was asked and what exists; there is no tree."""
    message, interchange = messages.message(text, version)
    validate(message, interchange)
    (finding,) = message.findings
    assert finding.code == "message_not_supported"
    assert message.tree is None
    assert all(word in finding.text for word in words), finding.text


def test_controls_of_every_syntax_version_are_known():
    """CONTRL is 2:2 in EANCOM 97, D:3 in syntax 3 and 4:1 in syntax 4, whatever interchange it comes in."""
    for version, syntax in (("2.2", "UNOA:2"), ("D.3", "UNOC:3"), ("4.1", "UNOC:4"), ("D.3", "UNOC:4")):
        message, _ = messages.message(messages.CONTRL, version)
        validate(message, messages.interchange("edifact", [message], syntax=syntax))
        assert message.tree is not None, (version, syntax)
        assert "message_not_supported" not in [f.code for f in message.findings]


def test_a_draft_called_standard_is_read_and_noted():
    """S.96A is D.96A, with a note."""
    message, interchange = messages.message(messages.ORDERS, "S.96A")
    validate(message, interchange)
    assert [(f.code, f.severity) for f in message.findings] == [("s_version", "note")]
    assert message.valid


@pytest.mark.parametrize("code", ["33E", "X11", "YC1", "NTP", "31"])
def test_codes_that_eancom_may_have_only_warn(code):
    """GS1's own codes have four forms, and it borrows from other directories; outside of EANCOM all are faults."""
    text = messages.DESADV.replace("PCI+24", f"PCI+{code}")
    for association, found in (("EAN005", ("eancom_code", "warning")), ("", ("invalid_code", "error"))):
        message, interchange = messages.message(text)
        message.association = association
        validate(message, interchange)
        assert [(f.code, f.severity) for f in message.findings] == [found]
        assert message.valid == bool(association)


def test_names_of_three_letters_are_no_codes_where_they_say_what_a_segment_is_about():
    """SUP is a slip for SU, not a code of GS1's; BCO is one."""
    for code, found in (("SUP", ["invalid_code"]), ("BCO", ["eancom_code"])):
        message, interchange = messages.message(messages.ORDERS.replace("NAD+SU", f"NAD+{code}"))
        message.association = "EAN008"
        validate(message, interchange)
        assert [f.code for f in message.findings] == found


@pytest.mark.parametrize("code", ["Q9", "XX", "99", "abc", "1Q1", "Q"])
def test_codes_of_other_forms_are_faults_in_eancom_too(code):
    """EANCOM has no code like these."""
    message, interchange = messages.message(messages.DESADV.replace("PCI+24", f"PCI+{code}"))
    message.association = "EAN005"
    validate(message, interchange)
    assert [f.code for f in message.findings] == ["invalid_code"]


def test_an_agreement_can_refuse_codes_that_eancom_may_have():
    """Then CONTRL says that the value is invalid, as of any other code that the directory lacks."""
    message, interchange = messages.message(messages.DESADV.replace("PCI+24", "PCI+33E"))
    message.association = "EAN005"
    validate(message, interchange, ValidationOptions(severities={"eancom_code": "error"}))
    (finding,) = message.findings
    assert (finding.severity, finding.standard_code("edifact"), message.valid) == ("error", "12", False)


def test_a_check_digit_does_not_make_a_message_invalid():
    """It is a warning."""
    message, interchange = messages.message(messages.ORDERS.replace("5412345000013", "5412345000019"))
    validate(message, interchange)
    assert [(f.code, f.severity) for f in message.findings] == [("check_digit", "warning")]
    assert message.valid


def test_a_repetition_character_in_free_text_is_put_back():
    """In syntax 4 "2*4 MM" was split; text does not repeat in FTX, so it is one value again, with a note."""
    message, interchange = messages.message(messages.ORDERS, "D.01B")
    interchange.syntax = "UNOC:4"
    interchange.delimiters = Delimiters("+", ":", "'", "*", "?")
    message.segments[4] = ["FTX", "AAI", "", "", Repeated(["2", "4 MM"])]
    validate(message, interchange)
    assert message.segments[4][4] == "2*4 MM"
    assert [(f.code, f.severity, f.segment, f.element) for f in message.findings if f.segment == 5] == [
        ("repetition_as_data", "note", 5, 4)
    ]


def test_a_code_that_was_repeated_is_not_put_back():
    """NAD does not let the party qualifier repeat: that is a fault, not text."""
    message, interchange = messages.message(messages.ORDERS)
    interchange.delimiters = Delimiters("+", ":", "'", "*", "?")
    message.segments[10] = ["NAD", Repeated(["SU", "BY"])]
    validate(message, interchange)
    assert messages.told(message.findings) == [("too_many_repetitions", 11, "NAD", 1, None)]


def test_a_file_is_parsed_and_validated():
    """check() takes bytes; findings have the byte offsets of the file."""
    body = "'".join(messages.ORDERS.strip().splitlines()) + "'"
    head = "UNB+UNOC:3+5412345000013:14+4012345500004:14+240115:1200+REF1'"
    data = (head + body.replace("NAD+SU", "NAD+Q9") + "UNZ+1+REF1'").encode("ascii")
    (interchange,) = check(data).interchanges
    (message,) = interchange.messages
    assert [(f.code, f.offset) for f in message.findings] == [("invalid_code", data.index(b"NAD+Q9"))]


def test_an_x12_file_is_parsed_and_validated():
    """The version comes from GS08, an industry suffix aside."""
    isa = "ISA*00*          *00*          *01*SENDER         *01*RECEIVER       *240115*1200*U*00401*000000001*0*P*>~"
    body = "~".join(messages.PO850.strip().splitlines()) + "~"
    data = f"{isa}GS*PO*A*B*20240115*1200*1*X*004010VICS~{body}GE*1*1~IEA*1*000000001~".encode("ascii")
    (interchange,) = check(data).interchanges
    (message,) = interchange.messages
    assert message.findings == []
    assert message.tree is not None and message.tree.name == "850"


@pytest.mark.skipif(not _SAMPLES.is_dir(), reason="needs the public sample files")
def test_no_public_sample_makes_it_raise():
    """Whatever is in a file, it is told by findings; every tree holds its message in order."""
    seen = 0
    for path in sorted(_SAMPLES.rglob("*")):
        if not path.is_file() or path.stat().st_size > 300_000 or "issue-threads" in path.parts:
            continue
        for interchange in check(path.read_bytes()).interchanges:
            for message in interchange.messages:
                seen += 1
                if message.tree is not None:
                    assert list(messages.flat(message.tree)) == message.segments, path
    assert seen > 300
