"""What can be wrong with a binding. A message is never the cause: what it holds and a binding can't use is `Loss`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BindingError(Exception):
    """A binding that does not fit the directories, the document or its own notation. Raised before any message is
    read or written, with the file, the line (0 where none is known) and the reason."""

    def __init__(self, reason: str, file: str = "", line: int = 0) -> None:
        place = f"{file}:{line}: " if line else f"{file}: " if file else ""
        super().__init__(f"{place}{reason}")
        self.reason = reason
        self.file = file
        self.line = line


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """What to add to a message about an unknown name: '; did you mean "unit"?', or "" if nothing is like it."""
    close = difflib.get_close_matches(str(given), list(known), 1, 0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


class UnknownBinding(BindingError):
    """No binding of that name or for that version."""
