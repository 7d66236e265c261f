"""Where things are kept: one database, and a folder of payloads named by their hash."""

from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.database import Database
from edigw.store.errors import (
    PayloadDamaged,
    PayloadError,
    PayloadMissing,
    PayloadTooLarge,
    StoreBusy,
    StoreConflict,
    StoreError,
)
from edigw.store.ids import is_id, new_id
from edigw.store.payloads import Payloads

__all__ = [
    "Database",
    "PayloadDamaged",
    "PayloadError",
    "PayloadMissing",
    "PayloadTooLarge",
    "Payloads",
    "StoreBusy",
    "StoreConflict",
    "StoreError",
    "is_id",
    "new_id",
    "parse_stamp",
    "stamp",
    "utc_now",
]
