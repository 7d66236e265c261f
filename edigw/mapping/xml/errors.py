"""What can be wrong with an XML file. What it holds and a binding can't use is `Loss`, not an error."""

from __future__ import annotations


class XmlError(Exception):
    """A file that is not well-formed, not allowed, or not of a kind that a binding reads. `line` counts from 1; 0 where
    none is known."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line
