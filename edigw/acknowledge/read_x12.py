"""Reading TA1, 997 and 999."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from edigw.acknowledge.values import at, components, is_number
from edigw.acknowledge.verdict import AckCode, Counts, Outcome, Place, Verdict
from edigw.syntax.model import Interchange, Message, Segment

_OUTCOMES: dict[str, Outcome] = {  # 715, 717; M, W and X reject for security reasons
    "A": "accepted",
    "E": "accepted_with_errors",
    "P": "partly_accepted",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}
_TA1_OUTCOMES: dict[str, Outcome] = {"A": "received", "E": "received", "R": "rejected"}  # I17

# The names that the 997 uses for the segments of the 999; senders mix them up.
_COMMON_NAMES = {"IK3": "AK3", "IK4": "AK4", "IK5": "AK5"}


def ta1_verdict(segment: Segment, interchange: Interchange) -> Verdict | None:
    """The verdict of a TA1 of `interchange`; None if its action (TA104) is unknown."""
    outcome = _TA1_OUTCOMES.get(at(segment, 4))
    if outcome is None:
        return None
    code = at(segment, 5)
    return Verdict(
        level="interchange",
        standard="x12",
        outcome=outcome,
        sender=interchange.receiver,
        receiver=interchange.sender,
        interchange_control=at(segment, 1),
        codes=(AckCode.of("I18", code),) if code.strip("0") else (),
    )


def set_verdicts(message: Message, interchange: Interchange) -> list[Verdict]:
    """The verdicts of one 997 or 999: its group first (if AK9 says something), then the sets as they are
    named."""
    segments = message.segments
    header = next((s for s in segments if s[0] == "AK1"), None)
    trailer = next((s for s in segments if s[0] == "AK9"), None)
    group = Verdict(
        level="group",
        standard="x12",
        outcome="received",
        sender=interchange.receiver,
        receiver=interchange.sender,
        functional_id=at(header, 1),
        group_control=at(header, 2),
    )
    verdicts = list(_sets(segments, group))
    outcome = _OUTCOMES.get(at(trailer, 1))
    if trailer is not None and outcome:
        codes = tuple(AckCode.of("716", code) for code in _listed(trailer, 5))
        verdicts.insert(0, replace(group, outcome=outcome, codes=codes, counts=_counts(trailer)))
    return verdicts


def _sets(segments: list[Segment], group: Verdict) -> Iterator[Verdict]:
    header: Segment | None = None
    codes: list[AckCode] = []
    segment_note = Place()
    for segment in segments:
        tag = _COMMON_NAMES.get(segment[0], segment[0])
        if tag == "AK2":
            header, codes = segment, []
        elif tag == "AK3":
            segment_note = Place(tag=at(segment, 1), segment=_number(at(segment, 2)))
            codes += (AckCode.of("720", code, segment_note) for code in _listed(segment, 4))
        elif tag == "AK4" and (code := at(segment, 3)):
            codes.append(AckCode.of("723", code, _element_place(segment, segment_note)))
        elif tag == "AK5" and header is not None:
            outcome = _OUTCOMES.get(at(segment, 1))
            if outcome:
                codes += (AckCode.of("718", code) for code in _listed(segment, 2))
                yield replace(
                    group,
                    level="message",
                    outcome=outcome,
                    message_type=at(header, 1),
                    message_control=at(header, 2),
                    codes=_telling(codes),
                )
            header = None


def _telling(codes: list[AckCode]) -> tuple[AckCode, ...]:
    """`codes` without those that only announce others: 720 = 8 where the segment's elements are named, 718
    = 5 where segments are."""
    named = {code.place.segment for code in codes if code.code_list == "723"}
    segments = any(code.code_list in {"720", "723"} for code in codes)
    return tuple(
        code
        for code in codes
        if not (code.code_list == "720" and code.code == "8" and code.place.segment in named)
        and not (code.code_list == "718" and code.code == "5" and segments)
    )


def _element_place(segment: Segment, note: Place) -> Place:
    """AK401: element position alone, or with component and repetition."""
    return replace(
        note,
        element=_number(at(segment, 1)),
        component=_number(at(segment, 1, 2)),
        repetition=_number(at(segment, 1, 3)),
        data_element=at(segment, 2),
        value=_text(segment[4]) if len(segment) > 4 else "",
    )


def _listed(segment: Segment, start: int) -> list[str]:
    """The codes in the elements from `start` on."""
    return [code for i in range(start, len(segment)) if (code := at(segment, i))]


def _counts(trailer: Segment) -> Counts | None:
    numbers = [_number(at(trailer, i)) for i in (2, 3, 4)]
    included, received, accepted = numbers
    if included is None or received is None or accepted is None:
        return None
    return Counts(included, received, accepted)


def _text(value: Any) -> str:
    return " ".join(components(value))


def _number(text: str) -> int | None:
    return int(text) if is_number(text) and len(text) <= 10 else None
