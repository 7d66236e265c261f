"""The loss report: what a reader did not take from a message, and what a writer could not put into one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any, Literal, TypeAlias

import msgspec

from edigw.documents import encode
from edigw.syntax.model import Loop, Segment, flatten

Kind: TypeAlias = Literal[
    "unmapped",  # reading: no rule wants the value
    "unreadable",  # reading: not a code, number or date that the rule knows
    "unexpected",  # reading: a constant, a count or a repeated fact differs
    "folded",  # reading: the code was read as a more general one
    "orphan",  # reading: the parent that a level names does not exist
    "dropped",  # writing: the value has no place in the message
    "changed",  # writing: written, but it reads back as something else
    "truncated",  # writing: cut to what there is room for
    "defaulted",  # the message or the document must say something that the other does not
    "passed",  # a code that no list knows, passed on as it is, because that is agreed
]
Outcome: TypeAlias = Literal["carried", "converted", "defaulted", "truncated", "dropped"]

_OUTCOMES: dict[Kind, Outcome] = {
    "unmapped": "dropped",
    "unreadable": "dropped",
    "unexpected": "converted",  # what is written is the constant, the count, or the other of two facts
    "folded": "converted",
    "orphan": "dropped",
    "dropped": "dropped",
    "changed": "converted",
    "truncated": "truncated",
    "defaulted": "defaulted",
    "passed": "carried",
}


class Loss(msgspec.Struct, frozen=True, gc=False):
    """One value that did not pass unchanged. `location` is a place in the message ("SG25/QTY/6060") or, on writing,
    in the document ("lines[2].price"); `segment` counts from 1 at UNH or ST, None on writing. `code_list` is the list
    that lacks the code, if that is the reason. `text` says it to people, `action` what the agreement makes of it:
    allow, flag or hold; both are "" until somebody knows the other side."""

    kind: Kind
    location: str
    value: str
    reason: str = ""
    segment: int | None = None
    code_list: str = ""
    text: str = ""
    action: str = ""

    @property
    def outcome(self) -> Outcome:
        """What became of the value."""
        return _OUTCOMES[self.kind]


class Reason(str):
    """A reason that says more than its text: the code list that lacks a code, and the kind of the loss where it is not
    the usual one of its place."""

    __slots__ = ("code_list", "kind")

    code_list: str
    kind: Kind | None

    def __new__(cls, text: str, code_list: str = "", kind: Kind | None = None) -> Reason:
        reason = super().__new__(cls, text)
        reason.code_list = code_list
        reason.kind = kind
        return reason


def tally(segments: Iterable[Segment], losses: Iterable[Loss]) -> dict[Outcome | Literal["values"], int]:
    """How many values the segments of a message hold, and what became of them. A whole item that was dropped counts as
    many as it has; what was defaulted stood in no segment."""
    counts: dict[Outcome | Literal["values"], int] = dict.fromkeys(
        ("values", "carried", "converted", "defaulted", "truncated", "dropped"), 0
    )
    counts["values"] = sum(_values(segment) - 1 for segment in segments)  # a tag is no value
    for loss in losses:
        if loss.outcome != "carried":
            counts[loss.outcome] += _weight(loss.value)
    lost = counts["converted"] + counts["truncated"] + counts["dropped"]
    counts["carried"] = max(counts["values"] - lost, 0)
    return counts


def _values(parts: list[Any]) -> int:
    """How many texts that are not empty a segment or an element holds."""
    count = 0
    for part in parts:
        if part:
            count += 1 if type(part) is str else _values(part)
    return count


def _weight(value: str) -> int:
    """How many values one loss stands for: items are told as JSON."""
    if value[:1] not in ("{", "["):
        return 1
    try:
        return max(_leaves(msgspec.json.decode(value)), 1)
    except (msgspec.DecodeError, RecursionError):  # a text that only begins like one
        return 1


def _leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values()))
    return sum(map(_leaves, value)) if isinstance(value, list) else 1


# While a message is read, an entry is (kind, location, value, reason, segment or loop); while one is written, it is
# (kind, path, field, value, reason) with the path nested: (((), "lines", 2), "ids", 0).
Entry: TypeAlias = tuple[Any, ...]


def of_reading(entries: Iterable[Entry], tree: Loop) -> list[Loss]:
    """The report of a reader; segments are numbered only here, because most messages lose nothing."""
    entries = list(entries)
    if not entries:
        return []
    numbers = dict(zip(map(id, flatten(tree)), count(1)))
    return [
        _loss(kind, location, value, reason, numbers.get(id(_head(item))))
        for kind, location, value, reason, item in entries
    ]


def _head(item: Loop | Segment) -> Segment:
    """The segment that a loop begins with; a segment itself."""
    return _head(item[0]) if type(item) is Loop else item


def of_writing(entries: Iterable[Entry]) -> list[Loss]:
    """The report of a writer."""
    return [_loss(kind, path_text(path, field), _text(value), reason) for kind, path, field, value, reason in entries]


def _loss(kind: Kind, location: str, value: str, reason: str, segment: int | None = None) -> Loss:
    if type(reason) is Reason:
        return Loss(reason.kind or kind, location, value, str(reason), segment, reason.code_list)
    return Loss(kind, location, value, reason, segment)


def path_text(path: Any, field: str) -> str:
    """(((), "lines", 2), "price") as "lines[2].price"."""
    steps = [field] if field else []
    while path:
        path, name, index = path
        steps.append(f"{name}[{index}]")
    return ".".join(reversed(steps))


def _text(value: Any) -> str:
    if isinstance(value, msgspec.Struct):
        return encode(value).decode()
    if isinstance(value, list):
        return "[" + ",".join(_text(item) for item in value) + "]"
    return "" if value is None else str(value)
