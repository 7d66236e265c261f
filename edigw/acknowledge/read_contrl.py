"""Reading a CONTRL (D.3, 2.2 and 4.1, and the action codes of older ones)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from edigw.acknowledge.values import at, is_number
from edigw.acknowledge.verdict import AckCode, Outcome, Place, Verdict
from edigw.syntax.model import Message, PartyId, Segment

_ACTIONS: dict[str, Outcome] = {  # 0083
    "7": "accepted",
    "4": "rejected",
    "8": "received",
    "1": "accepted",
    "2": "accepted_with_errors",
    "3": "partly_accepted",
    "5": "received",
    "6": "rejected",
}
_ACTION = {"UCI": 4, "UCF": 4, "UCM": 3}  # the position of 0083


@dataclass(slots=True)
class _Open:
    """A verdict that is still being read: the codes below it and whether something in it was rejected."""

    verdict: Verdict
    codes: list[AckCode] = field(default_factory=list)
    position: int | None = None  # of the current UCS

    def closed(self) -> Verdict:
        return replace(self.verdict, codes=tuple(self.codes))


def contrl_verdicts(message: Message) -> list[Verdict]:
    """The verdicts of one CONTRL: the interchange first, then groups and messages as they are named. An
    interchange or group of action 7 is "partly_accepted" if something below it is rejected."""
    verdicts = list(_stated(message))
    below_interchange = any(v.outcome == "rejected" and v.level != "interchange" for v in verdicts)
    below_group = {v.group_control for v in verdicts if v.outcome == "rejected" and v.level == "message"}

    def settled(verdict: Verdict) -> Verdict:
        rejects = below_interchange if verdict.level == "interchange" else verdict.group_control in below_group
        partly = rejects and verdict.level != "message" and verdict.outcome == "accepted"
        return replace(verdict, outcome="partly_accepted") if partly else verdict

    return [settled(v) for v in verdicts]


def _stated(message: Message) -> Iterator[Verdict]:
    interchange: Verdict | None = None
    group = ""
    current: _Open | None = None
    for segment in message.segments:
        tag = segment[0]
        if tag in _ACTION:
            if current:
                yield current.closed()
            current = None
            outcome = _ACTIONS.get(at(segment, _ACTION[tag]))
            if tag == "UCI":
                interchange, group = (_uci(segment, outcome) if outcome else None), ""
                verdict = interchange
            else:
                group = at(segment, 1) if tag == "UCF" else group
                verdict = _below(interchange, segment, group, outcome) if interchange and outcome else None
            if verdict:
                current = _Open(verdict, _codes(segment, _ACTION[tag] + 1))
        elif current and tag == "UCS":
            current.position = _number(at(segment, 1))
            if code := at(segment, 2):
                current.codes.append(AckCode.of("0085", code, Place(segment=current.position)))
        elif current and tag == "UCD" and (code := at(segment, 1)):
            current.codes.append(AckCode.of("0085", code, _place(segment, 2, segment_position=current.position)))
    if current:
        yield current.closed()


def _uci(segment: Segment, outcome: Outcome) -> Verdict:
    return Verdict(
        level="interchange",
        standard="edifact",
        outcome=outcome,
        sender=PartyId(at(segment, 2), at(segment, 2, 2)),
        receiver=PartyId(at(segment, 3), at(segment, 3, 2)),
        interchange_control=at(segment, 1),
    )


def _below(interchange: Verdict, segment: Segment, group: str, outcome: Outcome) -> Verdict:
    verdict = replace(interchange, outcome=outcome, group_control=group)
    if segment[0] == "UCF":
        return replace(verdict, level="group")
    return replace(verdict, level="message", message_type=at(segment, 2), message_control=at(segment, 1))


def _codes(segment: Segment, index: int) -> list[AckCode]:
    """The error that UCI, UCF or UCM itself states: 0085 at `index`, then 0013 (0135) and S011."""
    code = at(segment, index)
    return [AckCode.of("0085", code, _place(segment, index + 2, tag=at(segment, index + 1)))] if code else []


def _place(segment: Segment, index: int, *, tag: str = "", segment_position: int | None = None) -> Place:
    """S011 at `index`: 0098 counts the tag as 1."""
    counted = _number(at(segment, index))
    return Place(
        tag=tag,
        segment=segment_position,
        element=counted - 1 if counted and counted > 1 else None,
        component=_number(at(segment, index, 2)),
        repetition=_number(at(segment, index, 3)),
    )


def _number(text: str) -> int | None:
    return int(text) if is_number(text) and len(text) <= 10 else None
