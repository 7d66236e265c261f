"""A repetition separator that a sender used as an ordinary character, found with the help of the directory.

The syntax layer splits at every repetition separator (`*` in EDIFACT syntax 4, ISA11 in X12), as it does
not know which elements may repeat. In free text that character often is just that: "2*4 mm".
"""

from __future__ import annotations

from edigw.directory.check import SegmentCheck
from edigw.directory.explain import explain
from edigw.directory.model import ElementUse
from edigw.syntax.model import Repeated, Segment
from edigw.syntax.values import unrepeated


def unrepeat(check: SegmentCheck, segment: Segment, separator: str) -> list[int]:
    """Put back together, in place, the text elements that were split though they don't repeat, where the
    result has no fault. The numbers of those elements."""
    mended: list[int] = []
    for number, use in enumerate(check.uses[: len(segment) - 1], 1):
        element = segment[number]
        if not isinstance(element, Repeated) or use.repeat > 1 or not _is_text(check, use):
            continue
        whole = unrepeated(element, separator)
        trial = [*segment[:number], whole, *segment[number + 1 :]]
        if not any(problem.element == number for problem in explain(check, trial)):
            segment[number] = whole
            mended.append(number)
    return mended


def _is_text(check: SegmentCheck, use: ElementUse) -> bool:
    """Whether an element can hold free text: no code, no number, no date."""
    specs = [use.element] if use.element else [component.element for component in use.components]
    return any(spec.type in ("an", "AN") and spec.id not in check.codes for spec in specs)
