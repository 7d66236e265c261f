"""What was read although it deviates from the standard: one note a kind and interchange, at its first place."""

from __future__ import annotations

from collections.abc import Callable

from edigw.syntax.findings import Finding


class Repairs:
    """Collects notes. A file that breaks its lines does so everywhere: one note tells it, ten thousand hide others."""

    def __init__(self, report: Callable[[Finding], None]) -> None:
        self._report = report
        self._seen: set[str] = set()

    def first(self, kind: str) -> bool:
        """Whether a repair of this kind has not been noted yet."""
        return kind not in self._seen

    def note(self, kind: str, text: str, offset: int) -> None:
        """Note a repair, unless one of its kind was noted before."""
        if kind not in self._seen:
            self._seen.add(kind)
            self._report(Finding("repaired", text, "note", offset=offset))
