"""Identifiers of rows: ULIDs, 26 characters that sort by the time at which they were made.

Layout (https://github.com/ulid/spec): 48 bits of milliseconds since 1970, then 80 random bits, in Crockford's
base 32. Two made in one millisecond sort at random.
"""

from __future__ import annotations

import re
import secrets
import time
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id() -> str:
    """A fresh identifier."""
    return _text((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80))


def first_id(moment: datetime) -> str:
    """What sorts before every identifier that is made from this moment (aware) on, and behind all that were before."""
    return _text(int(moment.timestamp() * 1000) << 80)


def is_id(text: str) -> bool:
    """Whether `text` has the form of an identifier."""
    return _ID.fullmatch(text) is not None


def _text(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))
