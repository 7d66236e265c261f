"""Nesting of messages by their segment tables, and what is said of those that don't fit."""

from __future__ import annotations

import random

import directory_messages as messages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edigw.directory import edifact, service, validate, x12
from edigw.directory.options import ValidationOptions
from edigw.directory.report import Report
from edigw.directory.structure import structure
from edigw.directory.table import table
from edigw.syntax.model import Loop

_STRUCTURAL = {
    "segment_unknown",
    "segment_not_in_message",
    "segment_out_of_order",
    "segment_missing",
    "loop_missing",
    "segment_too_often",
    "loop_too_often",
}


def _table(type_: str):
    if type_ == "CONTRL":
        return table(service(3), type_)
    return table(x12("004010") if type_.isdecimal() else edifact("D.96A"), type_)


def _walk(type_: str, segments):
    report = Report([10 * n for n in range(len(segments))], ValidationOptions())
    built = structure(_table(type_), segments, report)
    return built, report.findings()


def _found(lines: str, type_: str = "ORDERS"):
    """(code, segment, path) of a message given as lines, or with some lines changed."""
    _, findings = _walk(type_, messages.segments(lines))
    return [(f.code, f.segment, f.path) for f in findings]


def _shape(item):
    return (item.name, [_shape(inner) for inner in item]) if isinstance(item, Loop) else item[0]


def test_a_message_is_nested_by_its_table():
    """Groups hold their trigger first, inner groups after it, and the root goes from UNH to UNT."""
    built, findings = _walk("ORDERS", messages.segments(messages.ORDERS))
    assert findings == []
    assert _shape(built.tree) == (
        "ORDERS",
        [
            "UNH",
            "BGM",
            "DTM",
            "DTM",
            "FTX",
            ("SG1", ["RFF", "DTM"]),
            ("SG2", ["NAD", ("SG5", ["CTA", "COM"])]),
            ("SG2", ["NAD"]),
            ("SG7", ["CUX"]),
            ("SG25", ["LIN", "PIA", "IMD", "QTY", ("SG28", ["PRI"])]),
            ("SG25", ["LIN", "QTY", ("SG28", ["PRI"])]),
            "UNS",
            "MOA",
            "CNT",
            "UNT",
        ],
    )


def test_hierarchical_levels_are_siblings():
    """HL loops stay as flat as the segment table has them."""
    built, findings = _walk("856", messages.segments(messages.ASN856))
    assert findings == []
    assert [item.name for item in built.tree if isinstance(item, Loop)] == ["HL"] * 4


def test_an_x12_loop_inside_a_loop_is_told_by_its_path():
    """A wrong segment in the N1 loop of a line has the path PO1/N1/…."""
    lines = messages.PO850.replace("CTT*2", "N1*ST*STORE*92*1\nN3*A\nN3*B\nN3*C\nCTT*2")
    assert _found(lines, "850") == [("segment_too_often", 16, "PO1/N1/N3")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("BGM+220+PO4711+9\n", "", [("segment_missing", 2, "BGM")]),
        ("UNS+S\n", "", [("segment_missing", 21, "UNS")]),
        ("FTX+", "XYZ+", [("segment_unknown", 5, "XYZ")]),
        ("FTX+", "BUS+", [("segment_not_in_message", 5, "BUS")]),
        ("FTX+", "BGM+1\nFTX+", [("segment_out_of_order", 5, "BGM")]),
        ("BGM+220+PO4711+9\n", "BGM+220\nBGM+220\n", [("segment_too_often", 3, "BGM")]),
        ("MOA+86:50\n", "MOA+86:50\n" * 13, [("segment_too_often", 34, "MOA")]),
        ("UNS+S", "PRI+AAA:1\n" * 25 + "UNS+S", [("loop_too_often", 45, "SG25/SG28/PRI")]),
        ("LIN+1++5410738000152:EN\n", "", [("segment_missing", 13, "SG25/LIN")]),
        ("MOA+86:50\n", "MOA+86:50\nCUX+2:EUR:9\n", [("segment_out_of_order", 23, "SG7/CUX")]),
        ("CNT+2:2\n", "CNT+2:2\nCOM+1:TE\n", [("segment_out_of_order", 24, "SG2/SG5/COM")]),
    ],
    ids=lambda value: value[:12].strip() if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_found_at_its_place(old, new, expected):
    """Each kind of structural error is one finding with its code, position and path."""
    lines = messages.ORDERS.replace(old, new, 1)
    assert lines != messages.ORDERS
    assert _found(lines) == expected


def test_a_mandatory_group_that_is_missing_is_found():
    """850 without PO1: the absence shows at CTT."""
    lines = [line for line in messages.PO850.splitlines() if not line.startswith(("PO1", "PID"))]
    assert _found("\n".join(lines), "850") == [("loop_missing", 10, "PO1/PO1")]


def test_all_errors_of_a_message_are_found():
    """An error does not hide those that follow it."""
    lines = messages.ORDERS.replace("BGM+220+PO4711+9\n", "").replace("UNS+S\n", "").replace("FTX+", "XYZ+")
    lines = lines.replace("QTY+21:12\n", "QTY+21:12\nFII+1\n")
    assert _found(lines) == [
        ("segment_missing", 2, "BGM"),
        ("segment_unknown", 4, "XYZ"),
        ("segment_out_of_order", 16, "SG2/FII"),
        ("segment_missing", 21, "UNS"),
    ]


def test_a_segment_that_comes_late_is_not_missing_too():
    """DTM is mandatory in ORDERS before the groups; after a group it is out of order, and nothing else."""
    lines = messages.ORDERS.replace("DTM+137:20240115:102\nDTM+2:202402011430:203\n", "")
    lines = lines.replace("NAD+SU", "NAD+SU+1\nDTM+137:20240115:102\nNAD+SU")
    assert _found(lines) == [("segment_out_of_order", 10, "DTM")]


def test_the_rest_of_a_belated_group_finds_its_place():
    """A line after UNS is one error, not one for each of its segments, and nothing is reported missing
    after it."""
    lines = messages.ORDERS.replace("MOA+86:50\n", "LIN+3\nQTY+21:1\nPRI+AAA:1\n")
    assert _found(lines) == [("segment_out_of_order", 22, "SG25/LIN")]


def test_each_gap_without_a_trigger_is_told_once():
    """The segments of a line without LIN are one finding."""
    lines = messages.ORDERS.replace("LIN+1++5410738000152:EN\n", "")
    assert [code for code, _, _ in _found(lines)] == ["segment_missing"]


def test_an_absence_at_the_end_is_told_behind_the_last_segment():
    """A message that stops after BGM lacks DTM and UNS; UNT is the envelope's business."""
    _, findings = _walk("ORDERS", messages.segments(messages.ORDERS)[:2])
    assert [(f.code, f.segment, f.tag) for f in findings] == [
        ("segment_missing", 3, "DTM"),
        ("segment_missing", 3, "UNS"),
    ]
    assert all(f.offset == 10 for f in findings)


def test_a_finding_carries_the_offset_of_its_segment():
    """Offsets are those of the message."""
    _, findings = _walk("ORDERS", messages.segments(messages.ORDERS.replace("FTX+", "XYZ+")))
    assert findings[0].offset == 40


def test_a_same_tag_further_down_takes_what_the_first_can_not():
    """CONTRL: UCM directly under UCI belongs to SG1, under UCF to SG4."""
    lines = "UNH+1+CONTRL:D:3:UN\nUCI+1+A+B+7\nUCF+1+A+B+7\nUCM+1+X+7\nUNT+5+1"
    built, findings = _walk("CONTRL", messages.segments(lines))
    assert findings == []
    assert _shape(built.tree) == ("CONTRL", ["UNH", "UCI", ("SG3", ["UCF", ("SG4", ["UCM"])]), "UNT"])


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(messages.ALL)))
@settings(max_examples=150, deadline=None)
def test_any_order_of_segments_is_structured_without_losing_one(source: random.Random, name: str):
    """The tree read from left to right is always the message, whatever the order of its segments."""
    segments = messages.segments(messages.ALL[name])
    segments = source.choices([*segments, ["ZZZ"], ["", "x"], ["NAD"], ["HL"]], k=source.randint(0, 40))
    built, findings = _walk(name, segments)
    assert list(messages.flat(built.tree)) == segments
    assert len(built.nodes) == len(segments)
    assert {f.code for f in findings} <= _STRUCTURAL


@given(
    st.randoms(use_true_random=False), st.sampled_from(["ORDERS", "DESADV", "INVOIC", "IFTMIN", "850", "856", "820"])
)
@settings(max_examples=100, deadline=None)
def test_every_message_that_its_table_can_produce_has_no_finding(source: random.Random, name: str):
    """Segments drawn from the table, in its order, are accepted; only tables that are ambiguous are left
    aside."""
    found = _table(name)

    def draw(rows, depth=0):
        for row in rows:
            if not row.mandatory and source.random() < (0.7 + 0.1 * depth):
                continue
            for _ in range(1 if row.max == 1 else source.randint(1, min(row.max, 2))):
                if hasattr(row, "children"):
                    yield from draw(row.children, depth + 1)
                else:
                    yield [row.tag]

    segments = list(draw(found.spec.table))
    built, findings = _walk(name, segments)
    assert list(messages.flat(built.tree)) == segments
    misread = {"segment_missing", "loop_missing", "segment_unknown", "segment_not_in_message"}
    assert not any(f.code in misread for f in findings if f.tag not in {"MOA", "RFF"}), findings


def test_a_flood_of_errors_is_bounded():
    """Of very many findings the first ones are listed, and the rest are counted."""
    segments = messages.segments(messages.ORDERS)
    flooded = [*segments[:2], *([["XYZ"]] * 500), *segments[2:]]
    message, interchange = messages.message(flooded)
    validate(message, interchange, ValidationOptions(max_findings=100))
    assert len(message.findings) == 100
    assert "further findings" in message.findings[-1].text
