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
    places = _places(segments, "CNT", "LIN", "UNS")
    if "LIN" in table.tags:
        _check_cnt(segments, places, report)
    _check_sections(table, segments, places["UNS"], report)


def _places(segments: Sequence[Segment], *tags: str) -> dict[str, list[int]]:
    """Where in a message the segments with these tags stand."""
    places: dict[str, list[int]] = {tag: [] for tag in tags}
    for index, segment in enumerate(segments):
        if segment[0] in places:
            places[segment[0]].append(index)
    return places


def _check_ctt(type: str, segments: Sequence[Segment], report: Report) -> None:
    counted = LINES_OF_X12.get(type)
    if counted is None:
        return
    places = _places(segments, "CTT", counted)
    for index in places["CTT"]:
        if len(segments[index]) > 1:
            lines = [segments[line] for line in places[counted]]
            where = ("CTT", 1, None, "354")
            _compare(segments[index][1], {len(lines)}, counted, report, index + 1, where, _items(lines))
            return


def _items(lines: Sequence[Segment]) -> int | None:
    """Of hierarchical levels (HL), the items (DE 735 = I): many senders count only these, as the lines of a despatch
    advice, and are warned."""
    if any(line[0] != "HL" for line in lines):
        return None
    return sum(1 for line in lines if len(line) > 3 and line[3] == "I") or None


def _check_cnt(segments: Sequence[Segment], places: dict[str, list[int]], report: Report) -> None:
    """Sub-lines (LIN with a sub-line indicator in C829) may be counted or not."""
    numbers: set[int] = set()
    for index in places["CNT"]:
        control = segments[index][1] if len(segments[index]) > 1 else ""
        if isinstance(control, list) and len(control) > 1 and control[0] == _NUMBER_OF_LINES:
            if not numbers:
                lines = [segments[line] for line in places["LIN"]]
                main = [line for line in lines if len(line) < 5 or not line[4] or line[4] == "0"]
                numbers = {len(lines), len(main)}
            _compare(control[1], numbers, "LIN", report, index + 1, ("CNT", 1, 2, "6066"))


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


def _check_sections(table: Table, segments: Sequence[Segment], places: list[int], report: Report) -> None:
    """DE 0081: D ends the heading, S the detail section. A table with one UNS parts detail and summary."""
    expected = ["D", "S"] if len(table.tags.get("UNS", ())) == 2 else ["S"]
    found = [(index + 1, segments[index]) for index in places]
    if not found or len(found) > len(expected):
        return
    for (position, segment), section in zip(found, expected[-len(found) :], strict=True):
        value = segment[1] if len(segment) > 1 else ""
        if value in ("D", "S") and value != section:
            text = f"UNS element 1 (0081, section identification): {value} stands where {section} is required"
            report.add("invalid_code", text, position, "UNS", "UNS", element=1, data_element="0081", value=value)
