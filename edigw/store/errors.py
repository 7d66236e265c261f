"""What can go wrong in the store.

StoreError                the database or a file can't do what was asked
├── StoreConflict         a row contradicts one that is already there
├── StoreBusy             other writers held the database for too long
├── TransactionLost       the database has undone a transaction that was not at its end
└── PayloadError          something about one payload
    ├── PayloadMissing    it is not there
    ├── PayloadDamaged    its bytes are not those that its name promises
    └── PayloadTooLarge   it is larger than the caller wants to read
"""

from __future__ import annotations


class StoreError(Exception):
    """The database or a file can't do what was asked; the message says which and why."""


class StoreConflict(StoreError):
    """A row contradicts one that is already there (unique, foreign key or not-null constraint)."""


class StoreBusy(StoreError):
    """Other writers held the database for longer than a writer waits. Trying again is safe."""


class TransactionLost(StoreError):
    """The database has undone a whole transaction that was not at its end, as SQLite does when the disk is full."""


class PayloadError(StoreError):
    """Something about one payload; `sha256` names it."""

    def __init__(self, sha256: str, text: str) -> None:
        super().__init__(f"payload {sha256}: {text}")
        self.sha256 = sha256


class PayloadMissing(PayloadError):
    """The payload is not in the store."""

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256, "not in the store")


class PayloadDamaged(PayloadError):
    """The bytes are not those that the name promises."""


class PayloadTooLarge(PayloadError):
    """The payload is larger than the caller wants to read at once."""

    def __init__(self, sha256: str, limit: int) -> None:
        super().__init__(sha256, f"larger than {limit} bytes")
        self.limit = limit
