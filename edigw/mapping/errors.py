"""What can be wrong with a binding. A message is never the cause: what it holds and a binding can't use is `Loss`."""

from __future__ import annotations


class BindingError(Exception):
    """A binding that does not fit the directories, the document or its own notation. Raised before any message is
    read or written, with the file, the line (0 where none is known) and the reason."""

    def __init__(self, reason: str, file: str = "", line: int = 0) -> None:
        place = f"{file}:{line}: " if line else f"{file}: " if file else ""
        super().__init__(f"{place}{reason}")
        self.reason = reason
        self.file = file
        self.line = line


class UnknownBinding(BindingError):
    """No binding of that name or for that version."""
