"""Why an OpenPGP message or key can't be used."""

from __future__ import annotations


class OpenPgpError(Exception):
    """A message does not count: the text says why in plain words, `reason` is its code in the log."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class OpenPgpKeyError(Exception):
    """A key can't be used; the text says which and why, and shows nothing of it."""
