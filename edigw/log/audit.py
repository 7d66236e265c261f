"""The audit: everything in the database and the payload store against the log, and the log against what was signed.

It reads one snapshot, so it runs while the gateway writes. It needs the public keys only. What it names, in words:

- `audit_tree`: entries changed, missing or moved; tiles and state that do not follow from them; wrong signatures; a
  database older than what was signed
- `audit_entries`: exchanges out of order, events, objects, salts and payload files that are not what the entries say
- `audit_anchors`: timestamps and cosignatures that do not hold, and what contradicts them
- `audit_traffic`: transmissions, messages, references and control numbers that are not what their events say;
  `audit_kept`: what else is kept about a transmission; `audit_work`: jobs that are missing, or should not be there
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from edigw.log.anchors.folder import copies
from edigw.log.anchors.statement import Attesters
from edigw.log.audit_anchors import AnchorAudit
from edigw.log.audit_entries import BATCH, EntryAudit, Told
from edigw.log.audit_events import Events
from edigw.log.audit_report import Batch, Problem, Progress, Scratch, raw
from edigw.log.audit_traffic import TrafficAudit
from edigw.log.audit_tree import TreeAudit
from edigw.log.audit_types import foreign_values
from edigw.log.errors import LogError
from edigw.log.merkle import leaf_hash
from edigw.log.note import VerifierKey
from edigw.store.database import Database
from edigw.store.payloads import Payloads
from edigw.store.schema import ev_pending, ev_refuted

_PENDING: Select[Any] = (
    select(ev_pending.c.id, raw(ev_pending.c.eid), ev_pending.c.entry)
    .where(ev_pending.c.id > bindparam("last"))
    .order_by(ev_pending.c.id)
    .limit(BATCH)
)

__all__ = ["Problem", "Progress", "audit"]


def audit(
    database: Database,
    payloads: Payloads,
    keys: Sequence[VerifierKey],
    highwater: Path | None = None,
    *,
    held: Mapping[str, str] | None = None,
    trusted: Attesters | None = None,
    folder: Path | None = None,
    contents: bool = True,
) -> Iterator[Progress | Problem]:
    """Yields every problem, in the order found, and progress between them. No problem at the end: all is as signed.

    `keys` are the log's public keys, the first one named as the log is; `highwater` is the file of the high-water
    mark; `held` are checkpoints (notes) that somebody else holds, by a name for them: a log that was rebuilt and signed
    anew does not agree with those. `trusted` are those whose timestamps and cosignatures count; `folder` has copies of
    anchored checkpoints. Without `contents`, objects and payloads are not read, and what details say of the traffic is
    not compared: the log itself is audited, a million entries in some ten seconds. Memory stays flat.
    Raises LogError without a key, StoreError if the database can't be read.
    """
    if not keys:
        raise LogError("an audit needs the log's public key")
    origin = keys[0].name
    with Scratch() as scratch, database.read() as connection:
        entries = EntryAudit(database, connection, payloads, origin, scratch, contents=contents)
        traffic = TrafficAudit(connection, scratch)
        known = trusted or Attesters()
        anchors = AnchorAudit(connection, payloads, keys, known, scratch)
        shown = {row.source: row.note for row in connection.execute(select(ev_refuted))} | dict(held or {})
        events = Events(connection)
        tree = TreeAudit(connection, events, origin, keys, highwater, shown, copies(folder) if folder else ())
        try:
            yield from _walk(_pending(connection, events), tree, entries, anchors, traffic)
            for copy in copies(folder) if folder else ():
                yield from (Problem(where, what) for where, what in copy.problems(known))
            if contents:
                yield from traffic.finish()
        except (TypeError, ValueError, AttributeError):
            foreign = list(foreign_values(connection))
            if not foreign:
                raise
            yield from foreign


def _walk(
    pending: Iterator[Batch], tree: TreeAudit, entries: EntryAudit, anchors: AnchorAudit, traffic: TrafficAudit
) -> Iterator[Progress | Problem]:
    for found in tree.walk():
        if isinstance(found, Batch):
            yield from _told(entries, traffic, found)
            yield from anchors.take(found)
        else:
            yield found
    for batch in pending:
        yield from _told(entries, traffic, batch)
        yield from anchors.take(batch)
    yield from entries.finish()
    yield from anchors.finish()


def _told(entries: EntryAudit, traffic: TrafficAudit, batch: Batch) -> Iterator[Problem]:
    for found in entries.take(batch):
        if isinstance(found, Told):
            yield from traffic.take(found)
        else:
            yield found


def _pending(connection: Connection, events: Events) -> Iterator[Batch]:
    last = 0
    while rows := connection.execute(_PENDING, {"last": last}).all():
        leaves = [leaf_hash(row.entry) for row in rows]
        yield Batch("ev_pending", rows, events.beside([row[1] for row in rows]), leaves, leaves)
        last = rows[-1].id
