"""Regular expressions of guides: a small language, and only such expressions in it as can't run away.

Allowed are characters, `.`, classes `[A-Z0-9]`, `\\d \\w \\s` and their opposites, groups, `|` and the quantifiers
`? * + {m} {m,} {m,n}`. A backtracking matcher may have to try every way in which an expression can divide a text
between its parts, so the ways are counted beforehand: one for a character, the product for a sequence, the sum for
alternatives, the sum of powers for a repetition. An expression with more than `MOST_WAYS` is refused, which keeps
every match short, whatever the partner sends.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

LONGEST_PATTERN = 200
LONGEST_VALUE = 512  # a longer value has no pattern
MOST_WAYS = 300_000

_ESCAPES = frozenset("dDwWsS")
_COUNT = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}")


class PatternError(ValueError):
    """The expression is not one, or could take too long."""


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> re.Pattern[str]:
    """A pattern for whole values (`fullmatch`). Raises PatternError."""
    if len(text) > LONGEST_PATTERN:
        raise PatternError(f"a pattern has at most {LONGEST_PATTERN} characters")
    ways = _Reader(text).ways()
    if ways > MOST_WAYS:
        raise PatternError("this pattern could take too long: bound its repetitions, {0,20} in place of *")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # what a later Python may read otherwise
            return re.compile(text, re.ASCII)
    except (re.error, OverflowError, FutureWarning) as error:
        raise PatternError(f"not a pattern: {error}") from None


def matches(pattern: re.Pattern[str], value: str) -> bool:
    """Whether the whole value has the pattern."""
    return len(value) <= LONGEST_VALUE and pattern.fullmatch(value) is not None


class _Reader:
    """Reads an expression once, from left to right, and counts its ways."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def ways(self) -> int:
        found = self._alternatives(0)
        if self.at < len(self.text):
            raise PatternError("a ) without its (")
        return found

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _alternatives(self, depth: int) -> int:
        found = self._sequence(depth)
        while self._peek() == "|":
            self.at += 1
            found = min(found + self._sequence(depth), MOST_WAYS + 1)
        return found

    def _sequence(self, depth: int) -> int:
        found = 1
        while self._peek() not in ("", "|", ")"):
            found = min(found * self._repeated(self._atom(depth)), MOST_WAYS + 1)
        return found

    def _atom(self, depth: int) -> int:
        character = self._peek()
        self.at += 1
        if character == "(":
            return self._group(depth)
        if character == "[":
            self._class()
        elif character == "\\":
            self._escape()
        elif character in "*+?{":
            raise PatternError(f"{character} has nothing to repeat")
        elif character in "^$":
            raise PatternError(f"{character} is not needed: a pattern is for the whole value")
        return 1

    def _group(self, depth: int) -> int:
        if depth >= 10:
            raise PatternError("groups are nested too deeply")
        if self._peek() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise PatternError("of the groups that begin with (? only (?: is allowed")
            self.at += 2
        found = self._alternatives(depth + 1)
        if self._peek() != ")":
            raise PatternError("a ( without its )")
        self.at += 1
        return found

    def _class(self) -> None:
        if self._peek() == "^":
            self.at += 1
        if self._peek() == "]":
            self.at += 1
        while self._peek() != "]":
            if not self._peek():
                raise PatternError("a [ without its ]")
            self.at += 1
            if self.text[self.at - 1] == "\\":
                self._escape()
        self.at += 1

    def _escape(self) -> None:
        character = self._peek()
        if not character or (character.isalnum() and character not in _ESCAPES):
            raise PatternError(f"\\{character} is not allowed")
        self.at += 1

    def _repeated(self, ways: int) -> int:
        """The ways of an atom with the quantifier that follows it."""
        quantifier = self._peek()
        if quantifier == "{":
            match = _COUNT.match(self.text, self.at)
            if match is None:
                raise PatternError("a repetition is written {2}, {2,} or {2,5}")
            self.at = match.end()
            low = int(match[1])
            high = low if match[2] is None else int(match[3] or LONGEST_VALUE)
        elif quantifier and quantifier in "?*+":
            self.at += 1
            low, high = (1 if quantifier == "+" else 0), (1 if quantifier == "?" else LONGEST_VALUE)
        else:
            return ways
        if self._peek() in ("?", "*", "+", "{"):
            raise PatternError("a repetition can't be repeated")
        if not low <= high <= LONGEST_VALUE:
            raise PatternError(f"a repetition goes from less to more, {LONGEST_VALUE} at most")
        total = 0
        for count in range(low, high + 1):
            total += ways**count if ways == 1 or count < 32 else MOST_WAYS + 1
            if total > MOST_WAYS:
                break
        return min(total, MOST_WAYS + 1)
