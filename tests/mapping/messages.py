"""Messages for tests, written as people write them: a segment a line."""

from __future__ import annotations

from edigw.mapping import Binding
from edigw.syntax import Loop, Segment
from tests.mapping.wire import on_the_wire, received

ORDER = """
    BGM+220+PO1+9
    DTM+137:20261005:102
    NAD+BY+4299999000016::9
    LIN+1++0799999001012:EN
    QTY+21:12:PCE
    UNS+S
"""
PURCHASE_ORDER = """
    BEG*00*SA*PO1**20261005
    N1*BY*Nordwind Markt*UL*4299999000016
    PO1*1*12*EA*4.35**EN*0799999001012
    CTT*1
"""


def segments(text: str) -> list[Segment]:
    """Segments of EDIFACT ("+" and ":") or X12 ("*" and ">") lines without release characters."""
    return [_segment(line.strip()) for line in text.strip().splitlines()]


def _segment(line: str) -> Segment:
    element, component = ("*", ">") if "*" in line or "+" not in line else ("+", ":")
    return [e.split(component) if component in e else e for e in line.split(element)]


def tree(binding: Binding, text: str) -> Loop:
    """The structured message."""
    message = received(on_the_wire(binding, segments(text)))
    assert message.tree is not None
    return message.tree


def after(text: str, tag: str, *more: str) -> str:
    """A message with lines put in after the first segment of a kind."""
    lines = text.strip().splitlines()
    index = next(n for n, line in enumerate(lines) if line.strip().startswith(tag))
    return "\n".join([*lines[: index + 1], *more, *lines[index + 1 :]])
