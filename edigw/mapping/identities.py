"""Identity numbers of goods (GIN): up to five numbers or ranges of numbers in a segment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from edigw.directory import checkdigits
from edigw.directory.directory import Directory
from edigw.documents import Lot, PackageId, Part, Serial
from edigw.mapping import codecs
from edigw.mapping.codesource import CodeSource
from edigw.mapping.lists import ListCodec
from edigw.mapping.loss import Entry
from edigw.mapping.runtime import Used, cell, rest
from edigw.syntax.model import Segment

_PLACES = range(2, 7)  # C208 five times
_LONGEST_RANGE = 1000
_RUNNING = re.compile(r"(.*?)(\d{1,18})", re.ASCII | re.DOTALL).fullmatch

SSCC = ("BJ", "AW", "ML")  # 7405: BJ from D.96A to D.02B, AW from D.95B on; before that any marking or label number
SERIAL = ("BN",)
LABEL = ("ML",)
BATCH = ("BX",)

Factory = Callable[[Directory, CodeSource], ListCodec]


def between(first: str, last: str) -> list[str] | None:
    """The numbers from `first` to `last`; None if they are no range, or one of more than a thousand. SSCCs count
    without their check digit, and each gets its own (GS1 General Specifications 7.9.1)."""
    if _is_sscc(first) and _is_sscc(last):
        bodies = between(first[:-1], last[:-1])
        return None if bodies is None else [_checked(body) for body in bodies]
    start, end = _RUNNING(first), _RUNNING(last)
    if start is None or end is None or start[1] != end[1] or len(first) != len(last):
        return None
    count = int(end[2]) - int(start[2]) + 1
    if not 1 <= count <= _LONGEST_RANGE:
        return None
    return [f"{start[1]}{int(start[2]) + step:0{len(start[2])}d}" for step in range(count)]


def _is_sscc(value: str) -> bool:
    return checkdigits.is_gs1(value, checkdigits.SSCC)


def _checked(body: str) -> str:
    return next(body + digit for digit in "0123456789" if _is_sscc(body + digit))


def numbers(cls: type[Part], qualifiers: tuple[str, ...]) -> Factory:
    """The list codec for items that have nothing but their number, `id`. The first qualifier that a directory has is
    written."""

    def made(directory: Directory, _codes: CodeSource) -> ListCodec:
        text = codecs.text(directory.element("7402"), None)
        known = directory.codes("7405") or qualifiers
        qualifier = next((one for one in qualifiers if one in known), qualifiers[0])
        used: Used = {1: None, **dict.fromkeys(_PLACES, frozenset({0, 1}))}

        def of(segment: Segment, path: str, lost: list[Entry]) -> Iterator[str]:
            for index in _PLACES:
                first, last = cell(segment, index, 0), cell(segment, index, 1)
                if not last or not first:
                    yield from filter(None, (first, last))
                    continue
                found = between(first, last)
                if found is None:
                    lost.append(("unreadable", f"{path}/GIN/{index:02d}-2", last, f"no range from {first}", segment))
                    found = [first]
                yield from found

        def read(segment: Segment, path: str, lost: list[Entry]) -> list[Any]:
            rest(segment, used, path, lost)
            return [cls(id=number) for number in of(segment, path, lost)]

        def write(items: list[Any], path: tuple[Any, str], lost: list[Entry], room: int) -> list[Segment]:
            owner, name = path
            good: list[str] = []
            for index, item in enumerate(items):
                place = (owner, name, index)
                number = text.write(item.id) if item.id is not None else None
                if number is None or len(good) == room * len(_PLACES):
                    lost.append(("dropped", place, "", item, text.refusal if number is None else "too many"))
                    continue
                good.append(number)
                other = {field: getattr(item, field) for field in cls.__struct_fields__ if field != "id"}
                lost += [
                    ("dropped", place, field, value, "no rule") for field, value in other.items() if value is not None
                ]
            every = iter(good)
            chunks = iter(lambda: list(islice(every, len(_PLACES))), [])
            return [["GIN", qualifier, *chunk] for chunk in chunks]

        return ListCodec("GIN", read, write)

    return made


IDENTITIES: dict[str, Factory] = {
    "sscc_numbers": numbers(PackageId, SSCC),
    "serial_numbers": numbers(Serial, SERIAL),
    "label_numbers": numbers(Serial, LABEL),
    "batch_numbers": numbers(Lot, BATCH),
}
