"""Numbers in N9, which has a date beside them, where REF has none. Partners give others there, too, and a note where
texts stand below it."""

from __future__ import annotations

from functools import cache
from typing import Any

from edigw.documents import Note, Reference
from edigw.mapping.codes import code_list


class Numbered(Reference):
    """An N9 loop that is no plain note."""

    text: str | None = None


_NOTES = ("L1", "ZZ")  # DE 128: letters or notes

NUMBERED: dict[str, Any] = {"numbered": list[Numbered]}
"""The field of a view for them."""


@cache
def _kinds() -> frozenset[str]:
    """1153 codes that N901 has, other than those that begin a note."""
    codes = code_list("references", "x12", "004010").write
    return frozenset(canonical for canonical, code in codes.items() if code not in _NOTES)


def put_dated(view: Any) -> None:
    """The numbers that have a date, if none without one stands behind them: that would change its place."""
    references = view.references
    first = next((index for index, reference in enumerate(references) if reference.issued is not None), None)
    if first is None:
        return
    moved = references[first:]
    if all(one.issued and one.id and one.line is None and one.type in _kinds() for one in moved):
        view.references = references[:first]
        view.numbered = [
            Numbered(type=one.type, id=one.id, issued=one.issued, description=one.description) for one in moved
        ]


def take_numbered(view: Any) -> None:
    """References and notes of a view, with those of its N9 loops. A number whose kind is not known introduces its text;
    without a text the reader has reported it."""
    if not view.numbered:
        return
    references, notes = list(view.references), list(view.notes)
    for one in view.numbered:
        known = one.type is not None
        if known:
            references.append(Reference(type=one.type, id=one.id, issued=one.issued, description=one.description))
        if one.text is not None:
            words = one.text if known else " ".join(filter(None, (one.id, one.description, one.text)))
            notes.append(Note(text=words))
    view.references, view.notes = references, notes
