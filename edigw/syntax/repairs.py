"""What was read although it deviates from the standard: one note a kind and interchange, at its first place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edigw.syntax.findings import RULES, Finding
from edigw.syntax.options import ReadOptions

_OF_A_MESSAGE = frozenset({"message", "segment", "element"})


@dataclass(slots=True)
class _Kind:
    text: str
    offset: int
    count: int


class Repairs:
    """Collects the deviations of one interchange. A file that breaks its lines does so everywhere: one note tells it
    and how often, ten thousand hide others.

    What the agreement rejects within messages goes to `reject` one by one, so that only those messages are rejected.
    """

    def __init__(self, options: ReadOptions, reject: Callable[[Finding], None]) -> None:
        self._options = options
        self._reject = reject
        self._kinds: dict[str, _Kind] = {}

    def note(self, code: str, text: str, offset: int, count: int = 1) -> None:
        """`text` tells of the deviation by rule `code` at byte `offset`, the first of `count` here."""
        if self.rejects_each(code):
            self._reject(Finding(code, text, offset=offset))
        elif code not in self._kinds:
            self._kinds[code] = _Kind(text, offset, count)
        elif self._kinds[code].offset > offset:
            self._kinds[code] = _Kind(text, offset, self._kinds[code].count + count)
        else:
            self._kinds[code].count += count

    def note_all(self, code: str, found: Sequence[tuple[int, str]]) -> None:
        """Note what was found of one kind, in the order of its places: the byte, and the text."""
        each = found if self.rejects_each(code) else found[:1]
        for offset, text in each:
            self.note(code, text, offset, 1 if each is found else len(found))

    def rejects_each(self, code: str) -> bool:
        """Whether every place of this kind matters, because it rejects the message that it stands in."""
        return RULES[code].level in _OF_A_MESSAGE and not self._options.tolerates(code)

    def findings(self) -> list[Finding]:
        """What was noted, each kind once."""
        found: list[Finding] = []
        for code, kind in self._kinds.items():
            severity = self._options.severity(code)
            if severity is not None:
                times = f" (the first of {kind.count})" if kind.count > 1 else ""
                found.append(Finding(code, kind.text + times, severity, offset=kind.offset))
        return found
