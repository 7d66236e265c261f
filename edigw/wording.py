"""Texts for people, wherever they are shown."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """`text` with everything that could move the cursor or hide itself written as an escape, `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if unicodedata.category(c)[0] != "C" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def plural(count: int, noun: str) -> str:
    """ "1 error", "2 errors", "no error"."""
    return f"{count or 'no'} {noun}{'s' if count > 1 else ''}"
