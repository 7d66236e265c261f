"""The audit's reading of the table `event`, side by side with the entries that its rows repeat.

Rows mostly lie in the order of the log, so they are read on from where the last entry's was; a look into the index for
each would take three times as long. Those that lie elsewhere are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from edigw.log.audit_report import TOLD, raw
from edigw.store.schema import event

PART = 1024
AHEAD = 8 * PART  # rows at most that are read on for one batch of entries
KEPT = 4 * AHEAD  # rows at most that wait for their entry
_ROWS = select(raw(event.c.eid), *TOLD)
_NAMED = _ROWS.where(event.c.eid.in_(bindparam("eids", expanding=True)))
_NONE = (None,) * (1 + len(TOLD))


class Events:
    """The rows of `event`, in one reading."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parts = connection.execute(_ROWS.execution_options(yield_per=PART)).partitions()
        self._waiting: dict[bytes, Any] = {}

    def beside(self, eids: Sequence[bytes]) -> list[Any]:
        """For each entry its row: eid, then TOLD; None in all places where there is none."""
        waiting = self._waiting
        missing = [eid for eid in eids if eid not in waiting]
        for _ in range(AHEAD // PART):
            part = next(self._parts, None) if missing else None
            if part is None:
                break
            waiting.update((row[0], row) for row in part)
            missing = [eid for eid in missing if eid not in waiting]
        for at in range(0, len(missing), PART // 2):
            named = [eid.hex() for eid in missing[at : at + PART // 2]]
            waiting.update((row[0], row) for row in self._connection.execute(_NAMED, {"eids": named}))
        found = [waiting.pop(eid, _NONE) for eid in eids]
        if len(waiting) > KEPT:
            waiting.clear()
        return found
