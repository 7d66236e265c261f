"""A segment as it was sent, byte for byte, cut where its elements begin and end."""

from __future__ import annotations

from typing import NamedTuple

from edigw.syntax.model import Delimiters, Interchange, Message

_LONGEST = 4_000  # characters of a segment that are shown
_BETWEEN = "\r\n\t \x00\x1a"  # what may stand behind a terminator


class Piece(NamedTuple):
    """A separator, or a value with its place; `element` is 0 in the tag, None in a separator."""

    text: str
    element: int | None
    component: int = 1


def pieces(data: bytes, interchange: Interchange, message: Message, position: int) -> list[Piece]:
    """The segment at `position`, from 1, of a message. Release characters, blanks and line breaks stay as they are. A
    segment that can't be cut as it was read, because it holds counted binary data, is one piece; what is too long is
    left out."""
    start = message.offsets[position - 1]
    end = message.offsets[position] if position < len(message.offsets) else message.end
    whole = data[start:end].decode(interchange.charset, "replace").rstrip(_BETWEEN)
    text = f"{whole[:_LONGEST]}… ({len(whole) - _LONGEST} more characters)" if len(whole) > _LONGEST else whole
    cut = _cut(whole, interchange.delimiters)
    complete = max((piece.element or 0 for piece in cut), default=0) == len(message.segments[position - 1]) - 1
    return cut if text is whole and complete else [Piece(text, 0)]


def _cut(text: str, delimiters: Delimiters) -> list[Piece]:
    found: list[Piece] = []
    element, component, begin, at = 0, 1, 0, 0
    while at < len(text):
        character = text[at]
        if delimiters.release and character == delimiters.release:
            at += 2
            continue
        if character in delimiters.all():
            found += [Piece(text[begin:at], element, component), Piece(character, None)]
            if character == delimiters.element:
                element, component = element + 1, 1
            elif character == delimiters.component:
                component += 1
            elif character == delimiters.repetition:
                component = 1
            begin = at + 1
        at += 1
    found.append(Piece(text[begin:], element, component))
    return [piece for piece in found if piece.text]
