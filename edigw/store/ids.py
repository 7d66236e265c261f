"""Identifiers of rows: ULIDs, 26 characters that sort by the time at which they were made.

Layout (https://github.com/ulid/spec): 48 bits of milliseconds since 1970, then 80 random bits, in Crockford's
base 32. Two made in one millisecond sort at random.
"""

from __future__ import annotations

import re
import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id() -> str:
    """A fresh identifier."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def is_id(text: str) -> bool:
    """Whether `text` has the form of an identifier."""
    return _ID.fullmatch(text) is not None
