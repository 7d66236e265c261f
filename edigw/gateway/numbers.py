"""Control numbers of our own: one series for each sender, receiver, standard and level.

A number is taken in the transaction that writes the interchange, so none is ever used twice; gaps are harmless.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, text

LONGEST = 160  # characters of a series' name
LAST = 999_999_999  # ISA13 has nine digits; after that a series starts again at 1

_TAKE = text(
    "INSERT INTO control_number (series, last) VALUES (:series, 1) ON CONFLICT (series) "
    "DO UPDATE SET last = control_number.last % :highest + 1 RETURNING last"
)


def next_number(conn: Connection, standard: str, level: str, sender: str, receiver: str) -> int:
    """The next number of a series, from 1; inside the caller's write transaction."""
    series = f"{standard}/{level}/{sender}/{receiver}".replace("\0", "\ufffd")
    if len(series) > LONGEST:
        series = f"{standard}/{level}/{hashlib.sha256(series.encode()).hexdigest()}"
    number: int = conn.execute(_TAKE, {"series": series, "highest": LAST}).scalar_one()
    return number
