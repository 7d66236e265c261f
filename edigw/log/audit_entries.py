"""The audit's second part: what each entry says, against exchanges, events and objects."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, bindparam, func, select

from edigw.log.audit_chain import Chains
from edigw.log.audit_report import TOLD, Batch, Problem, Progress, Scratch
from edigw.log.entry import Commitment, ObjectRef, parse_canonical
from edigw.log.errors import EntryError, LogError
from edigw.log.objects import pieces, whole
from edigw.log.scan import Scanned, read, scan
from edigw.store.database import Database
from edigw.store.errors import PayloadError, PayloadMissing
from edigw.store.payload_files import CHUNK
from edigw.store.payloads import Payloads
from edigw.store.schema import ev_entry, ev_pending, event, evidence_object, mailbox_item, payload

BATCH = 500
_OBJECTS = select(evidence_object).where(evidence_object.c.commit.in_(bindparam("keys", expanding=True)))
_EVENTS = select(event.c.eid, event.c.transmission, event.c.message).where(
    event.c.eid.in_(bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the detail of an event says. `place` and `xid` name the event."""

    place: str
    xid: str
    detail: Mapping[str, Any]


class EntryAudit:
    """Takes entries in log order, batch by batch; `finish` looks for what no entry accounts for."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        payloads: Payloads,
        origin: str,
        scratch: Scratch,
        *,
        contents: bool = True,
    ) -> None:
        """`contents`: whether objects, details and payloads are read too."""
        self._database = database
        self._connection = connection
        self._payloads = payloads
        self._origin = origin
        self._scratch = scratch
        self._contents = contents
        self._chains = Chains(scratch)
        self._told = 0  # events that have their row

    def take(self, batch: Batch) -> Iterator[Problem | Told]:
        """Checks entries; yields what is wrong, and with `contents` every detail."""
        entries: list[tuple[str, Scanned]] = []
        follow, contents = self._chains.follow, self._contents
        for row, told, leaf, kept in zip(batch.rows, batch.told, batch.leaves, batch.kept, strict=True):
            place, eid, data = row
            _, at, kind, actor, reason, xid, n = told
            try:
                fields = scan(data) or read(data)
            except EntryError as error:
                yield Problem(f"{batch.table} row {place}", f"not a valid entry: {error}")
                continue
            e_actor, e_at, e_eid, e_log, number, _, parent, prev, e_reason, _, _, e_kind, e_xid = fields
            e_n, key = int(number), bytes.fromhex(e_xid)
            if e_eid != eid.hex():
                what = f"its eid {eid.hex()} is not the entry's, {e_eid}"
                yield Problem(f"{batch.table} row {place}", what, e_xid)
            if e_log != self._origin:
                yield Problem(f"{batch.table} row {place}", f"belongs to the log {e_log}", e_xid)
            if wrong := follow(key, e_n, prev, parent, leaf, kept or leaf, e_kind == "exchange.closed"):
                yield Problem(f"{batch.table} row {place}", wrong, e_xid)
            if e_at == at and e_kind == kind and e_n == n and key == xid and e_actor == actor and e_reason == reason:
                self._told += 1
            else:
                yield from self._other_event(Scanned(*fields), told[1:])
            if contents:
                entries.append((f"{batch.table} row {place}", Scanned(*fields)))
        if contents:
            yield from self._objects(entries)

    def finish(self) -> Iterator[Problem | Progress]:
        """Exchanges against their chains; events, and with `contents` objects and payloads, that no entry names."""
        yield from self._chains.finish(self._connection)
        if self._connection.scalar(select(func.count()).select_from(event)) != self._told:
            yield from self._unfounded_events()
        for row in self._connection.execute(
            select(ev_pending.c.id, ev_pending.c.eid).join(ev_entry, ev_entry.c.eid == ev_pending.c.eid)
        ):
            yield Problem(f"ev_pending row {row.id}", f"the event {row.eid} is in the log already")
        if self._contents:
            yield from self._unnamed_objects()
            yield from self._other_payloads()

    def _other_event(self, entry: Scanned, held: Sequence[Any]) -> Iterator[Problem]:
        where = f"event row {entry.eid}"
        if held[0] is None:
            yield Problem(where, "missing, although the log has the event", entry.xid)
            return
        self._told += 1
        for column, value in zip(TOLD, held, strict=True):
            shown = value.hex() if isinstance(value, bytes) else value
            said = int(entry.number) if column.name == "n" else getattr(entry, column.name)
            if shown != said:
                yield Problem(where, f"its {column.name} is {shown!r}, the log says {said!r}", entry.xid)

    def _unfounded_events(self) -> Iterator[Problem]:
        for row in self._connection.execute(
            select(event.c.eid, event.c.xid).where(
                ~select(ev_entry.c.eid).where(ev_entry.c.eid == event.c.eid).exists(),
                ~select(ev_pending.c.eid).where(ev_pending.c.eid == event.c.eid).exists(),
            )
        ):
            yield Problem(f"event row {row.eid}", "no entry of the log says so", row.xid)

    def _objects(self, entries: Sequence[tuple[str, Scanned]]) -> Iterator[Problem | Told]:
        listed = [(place, entry, entry.objects()) for place, entry in entries]
        rows = _rows(self._connection, _OBJECTS, [named.commit for *_, objects in listed for named in objects])
        events = _rows(self._connection, _EVENTS, [entry.eid for _, entry in entries])
        self._scratch.put_many(
            "INSERT INTO object VALUES (?, ?) ON CONFLICT DO UPDATE SET erased = erased OR excluded.erased",
            ((named.commit, entry.type == "object.erased") for _, entry, objects in listed for named in objects),
        )
        for place, entry, objects in listed:
            for named in objects:
                row = rows.get(named.commit)
                where = f"evidence_object row {named.commit}"
                if row is None:
                    yield Problem(where, "missing, although the log names it", entry.xid)
                elif entry.type == "object.erased" and (row.salt or row.content or row.sha256):
                    yield Problem(where, "still there, although the log says that it was erased", entry.xid)
                elif row.salt is None:
                    if named.role == "detail":
                        self._scratch.put("INSERT OR IGNORE INTO forgotten VALUES (?)", entry.xid)
                elif wrong := self._object(named, row):
                    yield Problem(where, wrong, entry.xid)
                elif named.role == "detail":
                    yield from self._detail(place, entry, row, events.get(entry.eid))

    def _object(self, named: ObjectRef, row: Row[Any]) -> str:
        """What is wrong with an object that was not erased; nothing if it is what the entry says."""
        if row.role != named.role:
            return f"its role is {row.role}, the log says {named.role}"
        if row.size != named.size:
            return f"its size is {row.size}, the log says {named.size}"
        if row.content is not None and row.sha256 is not None:
            return "it has its content, and names a file all the same"
        size = 0
        try:
            running = Commitment(bytes(row.salt))
            for piece in pieces(self._payloads, row, self._connection):
                running.update(piece)
                size += len(piece)
        except PayloadMissing as error:
            return "" if self._erased_meanwhile(row.commit) else f"its file is missing: {error}"
        except (PayloadError, LogError, ValueError) as error:
            return str(error)
        if row.sha256 is not None:
            self._scratch.put("INSERT OR IGNORE INTO sound (sha256, size) VALUES (?, ?)", row.sha256, size)
        if size != named.size:
            return f"its content has {size} bytes, the log says {named.size}"
        if running.hexdigest() != named.commit:
            return "salt or content were changed: they do not give the hash that the log states"
        return ""

    def _detail(self, place: str, entry: Scanned, row: Row[Any], told: Row[Any] | None) -> Iterator[Problem | Told]:
        try:
            detail = parse_canonical(whole(self._payloads, row, connection=self._connection))
        except (EntryError, PayloadError) as error:
            yield Problem(f"evidence_object row {row.commit}", f"not a detail: {error}", entry.xid)
            return
        about = detail.get("about", {})
        for name in ("transmission", "message"):
            if told is not None and getattr(told, name) != about.get(name):
                said = f"its {name} is {getattr(told, name)!r}, the log says {about.get(name)!r}"
                yield Problem(f"event row {entry.eid}", said, entry.xid)
        yield Told(place, entry.xid, detail)

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
            found = self._scratch.one("SELECT size FROM sound WHERE sha256 = ?", row.sha256)
            self._scratch.put("UPDATE sound SET recorded = 1 WHERE sha256 = ?", row.sha256)
            size = found[0] if found else (yield from self._payload_size(row.sha256))
            if size is not None and size != row.size:
                yield Problem(f"payload row {row.sha256}", f"its size is {row.size}, the content has {size}")
            if done % BATCH == 0 or done == total:
                yield Progress("payloads", done, total)
        for (sha256,) in self._scratch.all("SELECT sha256 FROM sound WHERE NOT recorded"):
            yield Problem(f"payload row {sha256}", "missing, although the log names the content")
        receipts = select(mailbox_item.c.sha256).where(mailbox_item.c.folder == "receipts").distinct()
        for sha256 in self._connection.execute(receipts).scalars():
            if self._scratch.one("SELECT 1 FROM sound WHERE sha256 = ?", sha256) is None:
                yield from self._payload_size(sha256)

    def _payload_size(self, sha256: str) -> Generator[Problem, None, int | None]:
        """Reads a payload; its size, or None if it is not whole."""
        size = 0
        try:
            with self._payloads.open(sha256, self._connection) as stream:
                while piece := stream.read(CHUNK):
                    size += len(piece)
        except PayloadMissing:
            if not self._removed_meanwhile(sha256):
                yield Problem(f"payload file {sha256}", "missing")
            return None
        except (PayloadError, ValueError) as error:
            yield Problem(f"payload file {sha256}", str(error))
            return None
        return size

    def _erased_meanwhile(self, commit: str) -> bool:
        """The audit sees the database as it was when it began; the payload folder it sees as it is now."""
        with self._database.read() as now:
            salt = select(evidence_object.c.salt).where(evidence_object.c.commit == commit)
            return now.scalar(salt) is None

    def _removed_meanwhile(self, sha256: str) -> bool:
        """Whether nothing needs the payload any more, as the database is now."""
        with self._database.read() as now:
            if now.scalar(select(payload.c.size).where(payload.c.sha256 == sha256)) is not None:
                return False
            given = mailbox_item.c.sha256 == sha256, mailbox_item.c.folder == "receipts"
            return now.scalar(select(mailbox_item.c.id).where(*given).limit(1)) is None


def _rows(connection: Connection, statement: Select[Any], keys: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of a statement with a parameter `keys`, by their first column."""
    found: dict[str, Row[Any]] = {}
    for at in range(0, len(keys), BATCH):
        some = connection.execute(statement, {"keys": keys[at : at + BATCH]})
        found.update((row[0], row) for row in some)
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
