"""Program text being written: lines with indentation, and the objects that the text refers to by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Source:
    """Generated Python. `constant` gives an object a name in the namespace of the generated functions."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self._known: dict[tuple[type, Any], str] = {}
        self._lines: list[str] = []
        self._depth = 0
        self._count = 0

    def __call__(self, line: str) -> None:
        self._lines.append(" " * self._depth + line)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Indent what is written inside; a block that stays empty gets `pass`."""
        self(head)
        before = len(self._lines)
        self._depth += 1
        yield
        if len(self._lines) == before:
            self("pass")
        self._depth -= 1

    def constant(self, value: Any, hint: str = "k") -> str:
        """A name for an object; equal tuples and strings share one, others are told apart by identity."""
        key = (type(value), value if type(value) in (tuple, str) else id(value))
        name = self._known.get(key)
        if name is None:
            name = f"{hint}_{len(self._known)}"
            self._known[key] = name
            self.names[name] = value
        return name

    def literal(self, text: str) -> str:
        """An expression for a text; one that is more than its characters (a `Reason`) stays the object that it is."""
        return repr(text) if type(text) is str else self.constant(text, "reason")

    def variable(self, hint: str) -> str:
        """A fresh name for a local variable."""
        self._count += 1
        return f"{hint}{self._count}"

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"
