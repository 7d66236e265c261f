"""The audit's second part: what each entry says, against exchanges, events and objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

from edigw.log.audit_report import Problem, Progress, Scratch
from edigw.log.entry import NO_PREVIOUS, Commitment, Entry, ObjectRef, parse_canonical
from edigw.log.errors import EntryError, LogError
from edigw.log.objects import pieces, whole
from edigw.store.database import Database
from edigw.store.errors import PayloadError, PayloadMissing
from edigw.store.payloads import Payloads
from edigw.store.schema import ev_entry, ev_pending, event, evidence_object, exchange, payload

BATCH = 500
_EVENT_FIELDS = ("at", "type", "actor", "reason", "xid", "n")


@dataclass(frozen=True, slots=True)
class Item:
    """An entry, in the log or pending, and where it lies. `kept` is its leaf hash (hex) according to the tree."""

    place: str
    eid: str
    data: bytes
    leaf: str
    kept: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the detail of an event says. `place` and `xid` name the event."""

    place: str
    xid: str
    detail: Mapping[str, Any]


class EntryAudit:
    """Takes entries in log order, batch by batch; `finish` looks for what no entry accounts for."""

    def __init__(
        self, database: Database, connection: Connection, payloads: Payloads, origin: str, scratch: Scratch
    ) -> None:
        self._database = database
        self._connection = connection
        self._payloads = payloads
        self._origin = origin
        self._scratch = scratch

    def take(self, items: Sequence[Item]) -> Iterator[Problem | Told]:
        """Checks entries; yields what is wrong, and every detail."""
        entries: list[tuple[Item, Entry]] = []
        for item in items:
            try:
                entry = Entry.parse(item.data)
            except EntryError as error:
                yield Problem(item.place, f"not a valid entry: {error}")
                continue
            entries.append((item, entry))
            if entry.eid != item.eid:
                yield Problem(item.place, f"its eid {item.eid} is not the entry's, {entry.eid}", entry.xid)
            if entry.log != self._origin:
                yield Problem(item.place, f"belongs to the log {entry.log}", entry.xid)
            yield from self._chain(item, entry)
        yield from self._events(entries)
        yield from self._objects(entries)

    def finish(self) -> Iterator[Problem | Progress]:
        """Exchanges against their chains; events, objects and payloads that no entry names."""
        yield from self._exchanges()
        for row in self._connection.execute(
            select(event.c.eid, event.c.xid).where(
                ~select(ev_entry.c.eid).where(ev_entry.c.eid == event.c.eid).exists(),
                ~select(ev_pending.c.eid).where(ev_pending.c.eid == event.c.eid).exists(),
            )
        ):
            yield Problem(f"event row {row.eid}", "no entry of the log says so", row.xid)
        for row in self._connection.execute(
            select(ev_pending.c.id, ev_pending.c.eid).join(ev_entry, ev_entry.c.eid == ev_pending.c.eid)
        ):
            yield Problem(f"ev_pending row {row.id}", f"the event {row.eid} is in the log already")
        yield from self._unnamed_objects()
        yield from self._other_payloads()

    def _chain(self, item: Item, entry: Entry) -> Iterator[Problem]:
        before = self._scratch.one("SELECT n, leaf, kept, parent FROM chain WHERE xid = ?", entry.xid)
        n, leaf, kept, parent = before or (-1, NO_PREVIOUS, NO_PREVIOUS, entry.parent)
        if entry.n != n + 1:
            yield Problem(item.place, f"is event {entry.n} of its exchange, event {n + 1} should follow", entry.xid)
        elif entry.prev not in (leaf, kept):
            yield Problem(item.place, f"its prev is not the hash of event {n} of its exchange", entry.xid)
        self._scratch.put(
            "INSERT OR REPLACE INTO chain (xid, n, leaf, kept, parent) VALUES (?, ?, ?, ?, ?)",
            *(entry.xid, entry.n, item.leaf, item.kept, parent),
        )

    def _exchanges(self) -> Iterator[Problem]:
        for row in by_key(self._connection, exchange, "xid"):
            where = f"exchange row {row.xid}"
            found = self._scratch.one("SELECT n, leaf, kept, parent FROM chain WHERE xid = ?", row.xid)
            if found is None:
                yield Problem(where, "no entry of the log belongs to it", row.xid)
                continue
            n, leaf, kept, parent = found
            if row.events != n + 1:
                yield Problem(where, f"states {row.events} events, the log has {n + 1}", row.xid)
            if row.last not in (leaf, kept):
                yield Problem(where, "its last is not the hash of its newest event", row.xid)
            if row.parent != parent:
                yield Problem(where, f"its parent is {row.parent!r}, the log says {parent!r}", row.xid)
            self._scratch.put("UPDATE chain SET seen = 1 WHERE xid = ?", row.xid)
        for (xid,) in self._scratch.all("SELECT xid FROM chain WHERE NOT seen"):
            yield Problem(f"exchange row {xid}", "missing, although the log has events of it", xid)

    def _events(self, entries: Sequence[tuple[Item, Entry]]) -> Iterator[Problem]:
        rows = _rows(self._connection, event, "eid", [entry.eid for _, entry in entries])
        for _, entry in entries:
            where = f"event row {entry.eid}"
            row = rows.get(entry.eid)
            if row is None:
                yield Problem(where, "missing, although the log has the event", entry.xid)
                continue
            for name in _EVENT_FIELDS:
                if getattr(row, name) != getattr(entry, name):
                    said = f"its {name} is {getattr(row, name)!r}, the log says {getattr(entry, name)!r}"
                    yield Problem(where, said, entry.xid)

    def _objects(self, entries: Sequence[tuple[Item, Entry]]) -> Iterator[Problem | Told]:
        commits = [item.commit for _, entry in entries for item in entry.objects]
        rows = _rows(self._connection, evidence_object, "commit", commits)
        events = _rows(self._connection, event, "eid", [entry.eid for _, entry in entries])
        for item, entry in entries:
            erasing = entry.type == "object.erased"
            for named in entry.objects:
                row = rows.get(named.commit)
                where = f"evidence_object row {named.commit}"
                self._scratch.put(
                    "INSERT INTO object VALUES (?, ?) ON CONFLICT DO UPDATE SET erased = erased OR excluded.erased",
                    *(named.commit, erasing),
                )
                if row is None:
                    yield Problem(where, "missing, although the log names it", entry.xid)
                elif erasing and (row.salt or row.content or row.sha256):
                    yield Problem(where, "still there, although the log says that it was erased", entry.xid)
                elif row.salt is None:
                    if named.role == "detail":
                        self._scratch.put("INSERT OR IGNORE INTO forgotten VALUES (?)", entry.xid)
                elif not (wrong := self._object(named, row)):
                    if named.role == "detail":
                        yield from self._detail(item, entry, row, events.get(entry.eid))
                else:
                    yield Problem(where, wrong, entry.xid)

    def _object(self, named: ObjectRef, row: Row[Any]) -> str:
        """What is wrong with an object that was not erased; nothing if it is what the entry says."""
        if row.role != named.role:
            return f"its role is {row.role}, the log says {named.role}"
        if row.size != named.size:
            return f"its size is {row.size}, the log says {named.size}"
        size = 0
        try:
            running = Commitment(bytes(row.salt))
            for piece in pieces(self._payloads, row):
                running.update(piece)
                size += len(piece)
        except PayloadMissing as error:
            return "" if self._erased_meanwhile(row.commit) else f"its file is missing: {error}"
        except (PayloadError, LogError) as error:
            return str(error)
        if row.sha256 is not None:
            self._scratch.put("INSERT OR IGNORE INTO sound VALUES (?)", row.sha256)
        if size != named.size:
            return f"its content has {size} bytes, the log says {named.size}"
        if running.hexdigest() != named.commit:
            return "salt or content were changed: they do not give the hash that the log states"
        return ""

    def _detail(self, item: Item, entry: Entry, row: Row[Any], told: Row[Any] | None) -> Iterator[Problem | Told]:
        try:
            detail = parse_canonical(whole(self._payloads, row))
        except (EntryError, PayloadError) as error:
            yield Problem(f"evidence_object row {row.commit}", f"not a detail: {error}", entry.xid)
            return
        about = detail.get("about", {})
        for name in ("transmission", "message"):
            if told is not None and getattr(told, name) != about.get(name):
                said = f"its {name} is {getattr(told, name)!r}, the log says {about.get(name)!r}"
                yield Problem(f"event row {entry.eid}", said, entry.xid)
        yield Told(item.place, entry.xid, detail)

    def _unnamed_objects(self) -> Iterator[Problem]:
        for row in by_key(self._connection, evidence_object, "commit"):
            known = self._scratch.one("SELECT erased FROM object WHERE commitment = ?", row.commit)
            if known is None:
                yield Problem(f"evidence_object row {row.commit}", "no entry of the log names it")
            elif row.salt is None and not known[0]:
                yield Problem(f"evidence_object row {row.commit}", "its salt is gone, but no event says it was erased")

    def _other_payloads(self) -> Iterator[Problem | Progress]:
        total = self._connection.scalar(select(func.count()).select_from(payload)) or 0
        for done, row in enumerate(by_key(self._connection, payload, "sha256"), 1):
            where = f"payload file {row.sha256}"
            if self._scratch.one("SELECT 1 FROM sound WHERE sha256 = ?", row.sha256) is None:
                try:
                    self._payloads.verify(row.sha256)
                except PayloadMissing:
                    if not self._removed_meanwhile(row.sha256):
                        yield Problem(where, "missing")
                except PayloadError as error:
                    yield Problem(where, str(error))
            if done % BATCH == 0 or done == total:
                yield Progress("payloads", done, total)

    def _erased_meanwhile(self, commit: str) -> bool:
        """The audit sees the database as it was when it began; the payload folder it sees as it is now."""
        with self._database.read() as now:
            salt = select(evidence_object.c.salt).where(evidence_object.c.commit == commit)
            return now.scalar(salt) is None

    def _removed_meanwhile(self, sha256: str) -> bool:
        with self._database.read() as now:
            return now.scalar(select(payload.c.size).where(payload.c.sha256 == sha256)) is None


def _rows(connection: Connection, table: Table, key: str, values: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for at in range(0, len(values), BATCH):
        some = connection.execute(select(table).where(table.c[key].in_(values[at : at + BATCH])))
        found.update((row._mapping[key], row) for row in some)
    return found


def by_key(connection: Connection, table: Table, key: str) -> Iterator[Row[Any]]:
    """All rows of a table by a text key, some at a time."""
    last = ""
    while True:
        rows = connection.execute(select(table).where(table.c[key] > last).order_by(table.c[key]).limit(BATCH)).all()
        if not rows:
            return
        yield from rows
        last = rows[-1]._mapping[key]
