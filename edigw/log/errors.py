"""What can go wrong in the log.

LogError              the log can't do what was asked
├── EntryError        an entry, or something that was to become one, breaks the rules of `entry`
├── NoteError         a signed note can't be read, or no known key signed it
├── ProofError        a proof does not lead to the root
├── AnchorError       what a timestamping authority or a witness answered does not hold
├── SignatureError    a partner's signature does not count; `reason` is the code of why
├── LogKeyError       the log's key can't be created, read or unlocked
├── LogDamaged        the tables contradict each other
└── LogRolledBack     the database is older than, or other than, what was signed before
"""

from __future__ import annotations


class LogError(Exception):
    """The log can't do what was asked; the message says what and why."""


class EntryError(LogError):
    """An entry, or something that was to become one, breaks the rules of `edigw.log.entry`."""


class NoteError(LogError):
    """A signed note can't be read, or no known key signed it."""


class ProofError(LogError):
    """A proof does not lead to the root, or has another length than the tree gives it."""


class AnchorError(LogError):
    """What a timestamping authority or a witness answered does not hold."""


class SignatureError(LogError):
    """A partner's signature does not count: the text says why, `reason` is its code in the log."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class LogKeyError(LogError):
    """The log's key can't be created, read or unlocked."""


class LogDamaged(LogError):
    """The log's tables contradict each other; `edigw log verify` says where."""


class LogRolledBack(LogError):
    """The database is older than, or other than, what this log has signed before; nothing may be appended."""
