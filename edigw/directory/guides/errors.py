"""What can be wrong with a guide. A message is never the cause."""

from __future__ import annotations


class GuideError(Exception):
    """A guide that does not fit its own form or the directory: file, line (0 where none is known) and reason."""

    def __init__(self, reason: str, file: str = "", line: int = 0) -> None:
        place = f"{file}:{line}: " if line else f"{file}: " if file else ""
        super().__init__(f"{place}{reason}")
        self.reason = reason
        self.file = file
        self.line = line
