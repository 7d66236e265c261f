"""Reading single values out of segments."""

from __future__ import annotations

from edigw.syntax.model import Repeated, Segment


def value(segment: Segment, element: int, component: int = 1) -> str:
    """The text at a place of a segment, counted from 1 as the standards do; "" if there is none.

    Of a repeated element the first repetition counts."""
    if element >= len(segment):
        return ""
    found = segment[element]
    if type(found) is str:  # first, as nearly all are
        return found if component == 1 else ""
    if type(found) is Repeated:
        found = found[0]
        if type(found) is str:
            return found if component == 1 else ""
    return str(found[component - 1]) if component <= len(found) else ""


def number(text: str) -> int | None:
    """The count or control number that `text` writes, blanks around it ignored; None if it is no number."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def same_reference(one: str, other: str) -> bool:
    """Whether two references mean the same: equal text, or equal numbers written with other leading zeros."""
    return one.strip() == other.strip() or (number(one) is not None and number(one) == number(other))


def unrepeated(element: Repeated, repetition: str) -> str | list[str]:
    """The element as it reads if `repetition` is plain data in it: for data elements that the dictionary does not let
    repeat, in which a sender used the separator as an ordinary character."""
    components: list[list[str]] = [[]]  # each in pieces: strings that grow piece by piece are copied each time
    for n, part in enumerate(element):
        first, *others = [part] if isinstance(part, str) else part
        components[-1] += (repetition, first) if n else (first,)
        components += [[other] for other in others]
    whole = ["".join(pieces) for pieces in components]
    return whole if len(whole) > 1 else whole[0]
