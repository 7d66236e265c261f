"""Where the keys of a TOML file stand: for messages that name the line, and for values that are to be masked.

The libraries that read TOML keep no positions. This reads only as much of the syntax (toml.io, v1.0.0) as it takes to
find keys and the ends of values, in a text that `tomllib` has accepted.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^\s,\]}#]+(?: \d\d:[^\s,\]}#]+)?")  # a date and a time may have one blank between them
_ESCAPE = re.compile(r'\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[btnfre"\\])')
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
_LAST_STEP = re.compile(r"\[\d+\]$|(^|\.)[^.]*$")


@dataclass(frozen=True, slots=True)
class Place:
    """The line of a key, a table's header or an entry of a list, from 1; where its value begins and ends, in
    characters (0 for tables under a header)."""

    line: int
    start: int = 0
    end: int = 0


def places(text: str) -> dict[str, Place]:
    """The place of every key, by its dotted name; entries of lists count from 1: "receives[2].version".

    From where the text is no TOML, nothing is found any more."""
    reading = _Reading(text)
    with suppress(_Unexpected, RecursionError):
        reading.document()
    return reading.found


def line_of(found: dict[str, Place], key: str) -> int | None:
    """The line of a key, or where it is missing, that of the table or list in which it should be."""
    while key:
        if key in found:
            return found[key].line
        key = _LAST_STEP.sub("", key)
    return None


class _Unexpected(Exception):
    """No TOML, or nothing that this module understands."""


class _Reading:
    def __init__(self, text: str) -> None:
        self.found: dict[str, Place] = {}
        self._text = text
        self._at = 0
        self._lists: dict[str, int] = {}  # arrays of tables, and how many entries they have so far

    def document(self) -> None:
        table = ""
        while self._skip():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> str:
        """The table whose keys follow."""
        line = self._line()
        entry = self._text.startswith("[[", self._at)
        self._at += 2 if entry else 1
        *above, last = self._keys()
        self._take("]]" if entry else "]")
        path = ""
        for step in above:
            path = self._newest(_joined(path, step))
        path = _joined(path, last)
        if entry:
            self._lists[path] = self._lists.get(path, 0) + 1
            self.found.setdefault(path, Place(line))
        path = self._newest(path)
        self.found.setdefault(path, Place(line))
        return path

    def _newest(self, path: str) -> str:
        return f"{path}[{self._lists[path]}]" if path in self._lists else path

    def _pair(self, table: str) -> None:
        line = self._line()
        path = table
        for step in self._keys():
            path = _joined(path, step)
            self.found.setdefault(path, Place(line))
        self._take("=")
        self._value(path, line)

    def _keys(self) -> list[str]:
        found = []
        while True:
            self._skip()
            if bare := _BARE_KEY.match(self._text, self._at):
                found.append(bare[0])
                self._at = bare.end()
            else:
                found.append(_unquoted(self._string()))
            self._skip()
            if not self._text.startswith(".", self._at):
                return found
            self._at += 1

    def _value(self, path: str, line: int) -> None:
        self._skip()
        start = self._at
        if self._text.startswith("[", start):
            self._list(path)
        elif self._text.startswith("{", start):
            self._inline(path)
        elif self._text.startswith(('"', "'"), start):
            self._string()
        elif bare := _BARE_VALUE.match(self._text, start):
            self._at = bare.end()
        else:
            raise _Unexpected
        self.found[path] = Place(line, start, self._at)

    def _list(self, path: str) -> None:
        self._take("[")
        number = 0
        while self._skip() and self._text[self._at] != "]":
            number += 1
            self._value(f"{path}[{number}]", self._line())
            self._skip()
            if self._text.startswith(",", self._at):
                self._at += 1
        self._take("]")

    def _inline(self, path: str) -> None:
        self._take("{")
        while self._skip() and self._text[self._at] != "}":
            self._pair(path)
            self._skip()
            if self._text.startswith(",", self._at):
                self._at += 1
        self._take("}")

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise _Unexpected
        self._at = found.end()
        return found[0]

    def _take(self, mark: str) -> None:
        self._skip()
        if not self._text.startswith(mark, self._at):
            raise _Unexpected
        self._at += len(mark)

    def _skip(self) -> bool:
        """Pass over blanks, line ends and comments; whether anything follows."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._at < len(self._text)

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1


def _joined(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _unquoted(string: str) -> str:
    if string.startswith("'"):
        return string[1:-1]
    return _ESCAPE.sub(lambda found: _character(found[1]), string[1:-1])


def _character(escape: str) -> str:
    return chr(int(escape[1:], 16)) if escape[0] in "uU" else _ESCAPES.get(escape, escape)
