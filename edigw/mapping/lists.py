"""Codecs of whole lists: where one segment holds several items that share some of its elements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from edigw.directory.directory import Directory
from edigw.documents import Split
from edigw.mapping import codecs
from edigw.mapping.codesource import CodeSource
from edigw.mapping.loss import Entry, Reason
from edigw.mapping.runtime import Used, cell, rest, trimmed
from edigw.syntax.model import Segment


@dataclass(frozen=True, slots=True)
class ListCodec:
    """`read(segment, path, lost)` gives the items of one segment. `write(items, path, lost, room)` gives at most `room`
    segments for a list, whose path is (path of the owner, name of the list). Both report what they can't take."""

    tag: str
    read: Callable[[Segment, str, list[Entry]], list[Any]]
    write: Callable[[list[Any], tuple[Any, str], list[Entry], int], list[Segment]]


_STORES = range(3, 22, 2)  # SDQ03/SDQ04 to SDQ21/SDQ22


def store_splits(directory: Directory, codes: CodeSource) -> ListCodec:
    """SDQ: ten stores with their quantities in a segment, of one unit and one kind of identification."""
    units = codes.codec("units", directory.element("355"))
    schemes = codes.codec("party_schemes", directory.element("66"))
    store = codecs.text(directory.element("67"), None)
    quantity = codecs.decimal(directory.element("380"))
    used: Used = dict.fromkeys(range(1, 23))

    def decoded(codec: codecs.Codec, text: str, where: str, segment: Segment, lost: list[Entry]) -> Any:
        if not text:
            return None
        reason = codec.folded(text) if codec.folded else None
        if reason is not None:
            lost.append(("folded", where, text, reason, segment))
        value = codec.read(text) if codec.read else text
        if value is None:
            lost.append(("unreadable", where, text, codec.unknown or codec.refusal, segment))
        return value

    def read(segment: Segment, path: str, lost: list[Entry]) -> list[Split]:
        unit = decoded(units, cell(segment, 1, None), f"{path}/SDQ01", segment, lost)
        scheme = decoded(schemes, cell(segment, 2, None), f"{path}/SDQ02", segment, lost)
        splits = []
        for index in _STORES:
            location, amount = cell(segment, index, None), cell(segment, index + 1, None)
            if not location and not amount:
                continue
            value = decoded(quantity, amount, f"{path}/SDQ{index + 1:02d}", segment, lost)
            splits.append(Split(location=location or None, location_scheme=scheme, quantity=value, unit=unit))
        rest(segment, used, path, lost)
        return splits

    def encoded(split: Split, path: Any, lost: list[Entry]) -> tuple[str, str, str, str] | None:
        """Unit, scheme, store and quantity; None if the split can't be written."""
        location = store.write(split.location) if split.location is not None else None
        amount = quantity.write(split.quantity) if split.quantity is not None else None
        unit = units.write(split.unit) if split.unit is not None else "EA"
        scheme = schemes.write(split.location_scheme) if split.location_scheme is not None else ""
        if location is None or amount is None or unit is None or scheme is None:
            said = ((units, split.unit, unit), (schemes, split.location_scheme, scheme))
            lacking = next((codec for codec, value, text in said if value is not None and text is None), None)
            code_list = lacking.unknown.code_list if lacking is not None and lacking.unknown else ""
            why = Reason("not every part of it can be written", code_list=code_list)
            lost.append(("dropped", path, "", split, why))
            return None
        if split.unit is None:
            lost.append(("defaulted", path, "unit", "EA", "the message must say it"))
        for codec, field in ((units, "unit"), (schemes, "location_scheme")):
            value = getattr(split, field)
            reason = codec.changed(value) if codec.changed and value is not None else None
            if reason is not None:
                lost.append(("changed", path, field, value, reason))
        if split.delivery is not None:
            lost.append(("dropped", path, "delivery", split.delivery, "no rule"))
        return unit, scheme, location, amount

    def write(items: list[Split], path: tuple[Any, str], lost: list[Entry], room: int) -> list[Segment]:
        owner, name = path
        rows = [(index, row) for index, item in enumerate(items) if (row := encoded(item, (owner, name, index), lost))]
        segments: list[Segment] = []
        for (unit, scheme), group in groupby(rows, key=lambda row: row[1][:2]):
            members = list(group)
            for start in range(0, len(members), len(_STORES)):
                chunk = members[start : start + len(_STORES)]
                if len(segments) == room:
                    lost += [("dropped", (owner, name, i), "", items[i], "too many") for i, _ in chunk]
                    continue
                stores = [text for _, row in chunk for text in row[2:]]
                segments.append(trimmed(["SDQ", unit, scheme, *stores]))
        return segments

    return ListCodec("SDQ", read, write)


LISTS: dict[str, Callable[[Directory, CodeSource], ListCodec]] = {"store_splits": store_splits}
