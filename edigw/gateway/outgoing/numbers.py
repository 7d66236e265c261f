"""Control numbers of our own: one series for each sender, receiver, standard and level.

A number is taken in the transaction that writes the interchange, so none is ever used twice; gaps are harmless. The
event that tells of the interchange states how far its series has come.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, text

LONGEST = 160  # characters of a series' name

# A series that has come to its end, or lies outside of what is agreed by now, begins anew.
_TAKE = text(
    "INSERT INTO control_number (series, last) VALUES (:series, :first) ON CONFLICT (series) DO UPDATE SET last = "
    "CASE WHEN control_number.last BETWEEN :first AND :highest - 1 THEN control_number.last + 1 ELSE :first END "
    "RETURNING last"
)


class Numbers:
    """Control numbers for one write transaction."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._taken: dict[str, int] = {}

    def take(self, standard: str, level: str, sender: str, receiver: str, within: range) -> int:
        """The next number of a series: of those `within` the one after the last that was taken, or the first."""
        series = f"{standard}/{level}/{sender}/{receiver}".replace("\0", "\ufffd")
        if len(series) > LONGEST:
            series = f"{standard}/{level}/{hashlib.sha256(series.encode()).hexdigest()}"
        number: int = self._conn.execute(
            _TAKE, {"series": series, "first": within[0], "highest": within[-1]}
        ).scalar_one()
        self._taken[series] = number
        return number

    def told(self) -> dict[str, Any]:
        """The member `numbers` of an event's detail: the series from which numbers were taken since it was last asked
        for, and how far they have come."""
        taken, self._taken = self._taken, {}
        return {"numbers": [{"series": series, "last": last} for series, last in taken.items()]} if taken else {}
