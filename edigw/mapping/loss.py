"""The loss report: what a reader did not take from a message, and what a writer could not put into one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec

from edigw.documents import encode
from edigw.syntax.model import Loop

Kind: TypeAlias = Literal[
    "unmapped",  # reading: no rule wants the value
    "unreadable",  # reading: not a code, number or date that the rule knows
    "unexpected",  # reading: a constant, a count or a repeated fact differs
    "folded",  # reading: the code was read as a more general one
    "orphan",  # reading: the parent that a level names does not exist
    "dropped",  # writing: the value has no place in the message
    "changed",  # writing: written, but it reads back as something else
    "defaulted",  # writing: the message must say something that the document does not
]


@dataclass(frozen=True, slots=True)
class Loss:
    """One value that did not pass unchanged. `location` is a place in the message ("SG25/QTY/6060") or, on writing,
    in the document ("lines[2].price"); `segment` counts from 1 at UNH or ST, None on writing."""

    kind: Kind
    location: str
    value: str
    reason: str = ""
    segment: int | None = None


# While a message is read, an entry is (kind, location, value, reason, segment or loop); while one is written, it is
# (kind, path, field, value, reason) with the path nested: (((), "lines", 2), "ids", 0).
Entry: TypeAlias = tuple[Any, ...]


def of_reading(entries: Iterable[Entry], tree: Loop) -> list[Loss]:
    """The report of a reader; segments are numbered only here, because most messages lose nothing."""
    entries = list(entries)
    if not entries:
        return []
    numbers: dict[int, int] = {}
    _number(tree, numbers, 1)
    return [
        Loss(kind, location, value, reason, numbers.get(id(segment)))
        for kind, location, value, reason, segment in entries
    ]


def _number(loop: Loop, numbers: dict[int, int], start: int) -> int:
    """Number the segments of a loop from `start`; a loop has the number of its first segment."""
    for item in loop:
        numbers[id(item)] = start
        start = _number(item, numbers, start) if type(item) is Loop else start + 1
    return start


def of_writing(entries: Iterable[Entry]) -> list[Loss]:
    """The report of a writer."""
    return [Loss(kind, path_text(path, field), _text(value), reason) for kind, path, field, value, reason in entries]


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
