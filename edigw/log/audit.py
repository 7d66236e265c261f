"""The audit: everything in the database and the payload store against the log, and the log against what was signed.

It reads one snapshot, so it runs while the gateway writes. It needs the public keys only. What it names, in words:

- `audit_tree`: entries changed, missing or moved; tiles and state that do not follow from them; wrong signatures; a
  database older than what was signed
- `audit_entries`: exchanges out of order, events, objects, salts and payload files that are not what the entries say
- `audit_traffic`: transmissions and messages that are not what their events say
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from edigw.log.audit_entries import BATCH, EntryAudit, Item, Told
from edigw.log.audit_report import Problem, Progress, Scratch
from edigw.log.audit_traffic import TrafficAudit
from edigw.log.audit_tree import TreeAudit
from edigw.log.errors import LogError
from edigw.log.merkle import leaf_hash
from edigw.log.note import VerifierKey
from edigw.store.database import Database
from edigw.store.payloads import Payloads
from edigw.store.schema import ev_pending

__all__ = ["Problem", "Progress", "audit"]


def audit(
    database: Database, payloads: Payloads, keys: Sequence[VerifierKey], highwater: Path | None = None
) -> Iterator[Progress | Problem]:
    """Yields every problem, in the order found, and progress between them. No problem at the end: all is as signed.

    `keys` are the log's public keys, the first one named as the log is; `highwater` is the file of the high-water
    mark. Memory stays flat. Raises LogError without a key, StoreError if the database can't be read.
    """
    if not keys:
        raise LogError("an audit needs the log's public key")
    origin = keys[0].name
    with Scratch() as scratch, database.read() as connection:
        entries = EntryAudit(database, connection, payloads, origin, scratch)
        traffic = TrafficAudit(connection, scratch)
        for found in TreeAudit(connection, origin, keys, highwater).walk():
            if isinstance(found, list):
                items = [
                    Item(f"ev_entry row {row.seq}", row.eid, row.data, row.leaf.hex(), (row.kept or row.leaf).hex())
                    for row in found
                ]
                yield from _told(entries, traffic, items)
            else:
                yield found
        for items in _pending(connection):
            yield from _told(entries, traffic, items)
        yield from entries.finish()
        yield from traffic.finish()


def _told(entries: EntryAudit, traffic: TrafficAudit, items: Sequence[Item]) -> Iterator[Problem]:
    for found in entries.take(items):
        if isinstance(found, Told):
            yield from traffic.take(found)
        else:
            yield found


def _pending(connection: Connection) -> Iterator[list[Item]]:
    last = 0
    while True:
        rows = connection.execute(
            select(ev_pending).where(ev_pending.c.id > last).order_by(ev_pending.c.id).limit(BATCH)
        ).all()
        if not rows:
            return
        leaves = [leaf_hash(row.entry).hex() for row in rows]
        yield [
            Item(f"ev_pending row {row.id}", row.eid, bytes(row.entry), leaf, leaf)
            for row, leaf in zip(rows, leaves, strict=True)
        ]
        last = rows[-1].id
