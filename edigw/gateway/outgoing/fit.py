"""Making text fit what the receiver can take: characters that its agreement lacks, and delimiters inside of data.

Nothing changes in silence: each value that had to be altered is a loss, with its place and what became of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from edigw.mapping import Kind, Loss
from edigw.syntax.model import Repeated, Segment

# Letters that have no decomposition into a base letter and marks (Unicode, annex 15); the rest is done by NFKD.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "SS",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Æ": "AE",
        "æ": "ae",
        "Ø": "O",
        "ø": "o",
        "Œ": "OE",
        "œ": "oe",
        "Đ": "D",
        "đ": "d",
        "Ł": "L",
        "ł": "l",
        "Þ": "Th",
        "þ": "th",
        "ı": "i",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "€": "EUR",
        "\u00a0": " ",
    }
)
UNKNOWN = "?"


def folded(text: str, writable: Callable[[str], bool]) -> str:
    """`text` with every character that `writable` refuses replaced: accents taken off, ligatures resolved, else "?"."""
    return "".join(character if writable(character) else _fold(character, writable) for character in text)


def _fold(character: str, writable: Callable[[str], bool]) -> str:
    spelt = unicodedata.normalize("NFKD", character.translate(_LETTERS))
    kept = "".join(c for c in spelt if writable(c))
    return kept or UNKNOWN


def fit(
    body: Sequence[Segment], writable: Callable[[str], bool], forbidden: str, limit: Callable[[str, int], int | None]
) -> tuple[list[Segment], list[Loss]]:
    """The segments with every value made writable, and what that changed.

    `writable` says whether the receiver's character set has all characters of a text; `forbidden` are characters that
    can't stand in data at all (the delimiters of X12), they become blanks. A value that folding made too long for its
    element (`limit` gives the length for a tag and an element position) is cut, and the loss says so."""
    losses: list[Loss] = []

    def value(text: str, tag: str, number: int, element: int) -> str:
        new = folded(text, writable)
        if any(c in forbidden for c in new):
            new = "".join(" " if c in forbidden else c for c in new)
        if new == text:
            return text
        most = limit(tag, element)
        reason = f"written as {new}"
        kind: Kind = "changed"
        if most is not None and len(new) > most >= len(text):
            new = new[:most]
            kind = "truncated"
            reason = f"written as {new}, cut to {most} characters"
        losses.append(Loss(kind, f"{tag}{element:02}", text, reason, number))
        return new

    def walk(item: Any, tag: str, number: int, element: int) -> Any:
        if isinstance(item, str):
            return item if writable(item) and not _holds(item, forbidden) else value(item, tag, number, element)
        if isinstance(item, Repeated):
            return Repeated(walk(one, tag, number, element) for one in item)
        return [walk(one, tag, number, element) for one in item]

    fitted = [
        [segment[0], *(walk(item, segment[0], number, element) for element, item in enumerate(segment[1:], 1))]
        for number, segment in enumerate(body, 2)
    ]
    return fitted, losses


def _holds(text: str, forbidden: str) -> bool:
    return any(character in text for character in forbidden)
