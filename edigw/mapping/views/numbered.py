"""Numbers that X12 partners give in N9, where others have REF: a reference, and a note if texts stand below it."""

from __future__ import annotations

from typing import Any

from edigw.documents import Note, Reference


class Numbered(Reference):
    """An N9 loop that is no plain note."""

    text: str | None = None


NUMBERED: dict[str, Any] = {"numbered": list[Numbered]}
"""The field of a view for them."""


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
