"""Codecs of whole items: where one element says several fields of an item in a way of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edigw.documents import ItemId, Note
from edigw.mapping.xml.codecs import sayable


@dataclass(frozen=True, slots=True)
class ItemCodec:
    """`read` takes the text and the attributes of an element and gives the item (None: unreadable) and the attributes
    that it understood. `write` gives text and attributes (None: can't be written). `fields` are what it writes."""

    fields: frozenset[str]
    read: Callable[[str, dict[str, str]], tuple[Any, frozenset[str]]]
    write: Callable[[Any], tuple[str, dict[str, str]] | None]


_NOTE = re.compile(r"#([A-Z0-9]{1,3})#(.+)", re.ASCII | re.DOTALL).fullmatch


def _read_note(text: str, _: dict[str, str]) -> tuple[Note, frozenset[str]]:
    """`#AAI#text`: the subject (4451) before the text, as EN 16931 has it in UBL (CEN/TS 16931-3-2, BG-1)."""
    match = _NOTE(text)
    note = Note(subject=match[1], text=match[2]) if match else Note(text=text)
    return note, frozenset()


def _write_note(note: Note) -> tuple[str, dict[str, str]] | None:
    if not note.text or not note.text.strip() or not sayable(note.text):
        return None
    text = note.text if note.subject is None else f"#{note.subject}#{note.text}"
    return (text, {}) if _read_note(text, {})[0] == Note(subject=note.subject, text=note.text) else None


_GTIN = {8: "EN", 12: "UP", 13: "EN", 14: "SRV"}
_GTIN_NAMES = frozenset({"GTIN", "EAN", "UPC", "0160", ""})


def _read_gtin(text: str, attributes: dict[str, str]) -> tuple[ItemId | None, frozenset[str]]:
    """A GTIN by its length; another standard number by the 7143 code that its scheme is."""
    number, scheme = text.strip(), attributes.get("schemeID", "").strip()
    used = frozenset({"schemeID"}) if scheme in ("GTIN", "") else frozenset()
    if scheme in _GTIN_NAMES:
        kind = _GTIN.get(len(number)) if number.isdigit() and number.isascii() else None
        return (ItemId(scheme=kind or "EN", id=number) if number else None), used
    return ItemId(scheme=scheme, id=number), frozenset({"schemeID"})


def _write_gtin(item: ItemId) -> tuple[str, dict[str, str]] | None:
    if not item.id or not item.scheme or not sayable(item.id) or not sayable(item.scheme):
        return None
    for scheme in ("GTIN", item.scheme):
        if _read_gtin(item.id, {"schemeID": scheme})[0] == item:
            return item.id, {"schemeID": scheme}
    return None


ITEMS: dict[str, ItemCodec] = {
    "note": ItemCodec(frozenset({"subject", "text"}), _read_note, _write_note),
    "standard_item": ItemCodec(frozenset({"scheme", "id"}), _read_gtin, _write_gtin),
}
"""`as:` beside `each:` in a binding."""
