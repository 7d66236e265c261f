"""Checks over a whole message: control totals, and the sections that UNS parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from edigw.directory.report import Report
from edigw.directory.table import Table
from edigw.syntax.model import Segment

LINES_OF_X12: Mapping[str, str] = MappingProxyType(
    {
        "810": "IT1",
        "830": "LIN",
        "846": "LIN",
        "850": "PO1",
        "855": "PO1",
        "856": "HL",
        "860": "POC",
        "861": "RCD",
        "862": "LIN",
        "865": "POC",
    }
)
"""The segment that CTT01 (DE 354) counts, by transaction set: the note on CTT in each set."""

_NUMBER_OF_LINES = "2"  # DE 6069: number of line items in message


def check_totals(table: Table, segments: Sequence[Segment], report: Report) -> None:
    """Report control totals that differ from what the message holds, and UNS with the wrong section."""
    if table.spec.standard == "x12":
        _check_ctt(table.spec.type, segments, report)
        return
    tags = {segment[0] for segment in segments}
    if "CNT" in tags and "LIN" in table.tags:
        _check_cnt(segments, report)
    if "UNS" in tags:
        _check_sections(table, segments, report)


def _check_ctt(type: str, segments: Sequence[Segment], report: Report) -> None:
    counted = LINES_OF_X12.get(type)
    if counted is None:
        return
    for position, segment in enumerate(segments, 1):
        if segment[0] == "CTT" and len(segment) > 1:
            lines = [other for other in segments if other[0] == counted]
            _compare(segment[1], {len(lines)}, counted, report, position, ("CTT", 1, None, "354"), _items(lines))
            return


def _items(lines: Sequence[Segment]) -> int | None:
    """Of hierarchical levels (HL), the items (DE 735 = I): many senders count only these, as the lines of a despatch
    advice, and are warned."""
    if any(line[0] != "HL" for line in lines):
        return None
    return sum(1 for line in lines if len(line) > 3 and line[3] == "I") or None


def _check_cnt(segments: Sequence[Segment], report: Report) -> None:
    """Sub-lines (LIN with a sub-line indicator in C829) may be counted or not."""
    totals = [n for n, segment in enumerate(segments, 1) if segment[0] == "CNT" and len(segment) > 1]
    lines = [segment for segment in segments if segment[0] == "LIN"]
    main = [line for line in lines if len(line) < 5 or not line[4] or line[4] == "0"]
    for position in totals:
        control = segments[position - 1][1]
        if isinstance(control, list) and len(control) > 1 and control[0] == _NUMBER_OF_LINES:
            numbers = {len(lines), len(main)}
            _compare(control[1], numbers, "LIN", report, position, ("CNT", 1, 2, "6066"))


def _compare(
    value: Any,
    numbers: set[int],
    counted: str,
    report: Report,
    position: int,
    place: tuple[str, int, int | None, str],
    usual: int | None = None,
) -> None:
    """Compare a total with what was counted, and with what is usually counted instead, which only warns; a value that
    is no number was reported already."""
    tag, element, component, data_element = place
    if not isinstance(value, str) or not value.isascii() or not value.isdecimal() or int(value[:18]) in numbers:
        return
    inside = f" component {component}" if component else ""
    text = f"{tag} element {element}{inside} says {value[:18]}; the message has {max(numbers)} {counted} segments"
    report.add(
        "control_total",
        text,
        position,
        tag,
        tag,
        element=element,
        component=component,
        data_element=data_element,
        value=value,
        certain=int(value[:18]) != usual,
    )


def _check_sections(table: Table, segments: Sequence[Segment], report: Report) -> None:
    """DE 0081: D ends the heading, S the detail section. A table with one UNS parts detail and summary."""
    expected = ["D", "S"] if len(table.tags.get("UNS", ())) == 2 else ["S"]
    found = [(position, segment) for position, segment in enumerate(segments, 1) if segment[0] == "UNS"]
    if len(found) > len(expected):
        return
    for (position, segment), section in zip(found, expected[-len(found) :], strict=True):
        value = segment[1] if len(segment) > 1 else ""
        if value in ("D", "S") and value != section:
            text = f"UNS element 1 (0081, section identification): {value} stands where {section} is required"
            report.add("invalid_code", text, position, "UNS", "UNS", element=1, data_element="0081", value=value)
