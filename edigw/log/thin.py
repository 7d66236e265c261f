"""Letting go of checkpoints that are no longer needed: of old ones, one in five minutes is enough to prove anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from edigw.log.anchors.records import sizes
from edigw.log.note import split_note
from edigw.store.clock import parse_stamp, stamp
from edigw.store.database import Database
from edigw.store.schema import ev_checkpoint, ev_entry, event

AGE = timedelta(days=7)
APART = timedelta(minutes=5)
_BATCH = 500
_DELETE = delete(ev_checkpoint).where(ev_checkpoint.c.size == bindparam("of"))


def thin(database: Database, now: datetime) -> int:
    """Deletes checkpoints older than seven days that lie less than five minutes after one that is kept; how many.

    Times are those of the newest entry under a checkpoint. The first that was signed with other keys than the one
    before is always kept: it binds them together. So is each that an authority or a witness has attested. Raises
    StoreError.
    """
    with database.read() as connection:
        rows = connection.execute(
            select(ev_checkpoint.c.size, ev_checkpoint.c.note, event.c.at)
            .join(ev_entry, ev_entry.c.seq == ev_checkpoint.c.size - 1)
            .join(event, event.c.eid == ev_entry.c.eid)
            .where(event.c.at < stamp(now - AGE))
            .order_by(ev_checkpoint.c.size)
        ).all()
        attested = sizes(connection)
    dispensable = [size for size in _dispensable(rows) if size not in attested]
    for at in range(0, len(dispensable), _BATCH):
        with database.write() as connection:
            connection.execute(_DELETE, [{"of": size} for size in dispensable[at : at + _BATCH]])
    return len(dispensable)


def _dispensable(rows: Sequence[Any]) -> Iterator[int]:
    kept, signers = None, None
    for row in rows:
        own = {key_id for _, key_id, _ in split_note(row.note)[1]}
        moment = parse_stamp(row.at)
        if kept is not None and own == signers and moment - kept < APART:
            yield row.size
        else:
            kept, signers = moment, own
