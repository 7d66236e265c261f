"""What a look-up in the directories raises when there is nothing to be found.

LookupError
└── NotInDirectory
    ├── UnknownVersion
    ├── UnknownMessage
    ├── UnknownSegment
    └── UnknownElement
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache


class NotInDirectory(LookupError):
    """Something that was asked for does not exist. `asked` is what, `where` the place that was searched,
    `known` all that exists there, and `suggestions` the entries that resemble what was asked."""

    kind = "entry"

    def __init__(self, asked: str, where: str, known: Iterable[str], suggestions: Iterable[str] | None = None) -> None:
        self.asked = asked
        self.where = where
        self.known = tuple(known)
        if suggestions is None:  # numbers that look alike have nothing in common
            suggestions = () if asked.isdecimal() or not asked else _close(asked[:35], self.known)
        self.suggestions = tuple(suggestions)
        hint = f"; near it: {', '.join(self.suggestions)}" if self.suggestions else ""
        super().__init__(f"there is no {self.kind} {asked[:35]!r} in {where}{hint}")

    def __str__(self) -> str:
        return str(self.args[0])


@lru_cache(maxsize=1024)
def _close(asked: str, known: tuple[str, ...]) -> list[str]:
    """Long to work out, and a file can ask for the same many times."""
    return difflib.get_close_matches(asked, known, n=5)


class UnknownVersion(NotInDirectory):
    """No such version of the standard is packaged."""

    kind = "version"


class UnknownMessage(NotInDirectory):
    """The version has no such message type (X12: transaction set)."""

    kind = "message"


class UnknownSegment(NotInDirectory):
    """The version has no such segment."""

    kind = "segment"


class UnknownElement(NotInDirectory):
    """The version has no such data element or composite."""

    kind = "data element"
