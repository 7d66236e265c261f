"""The transmission log: append-only events, each one leaf of a Merkle tree whose state the log signs.

`append` runs inside the transaction that does what the event tells, so that either both are on disk or
neither is. `integrate`, called by one worker whenever something was appended, gives entries their place and
signs the new state.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from edigw.log import sequence
from edigw.log.entry import NO_PREVIOUS, Entry, ObjectRef, canonical
from edigw.log.errors import EntryError, LogDamaged, LogError, LogRolledBack
from edigw.log.highwater import check_mark, read_mark, write_mark
from edigw.log.keys import LogKey
from edigw.log.merkle import EMPTY, leaf_hash
from edigw.log.note import Checkpoint, VerifierKey
from edigw.log.objects import Content, keep, seal
from edigw.log.tiles import STATE, read_state, read_tree
from edigw.store.clock import stamp, utc_now
from edigw.store.database import Database, is_writing
from edigw.store.payloads import Payloads
from edigw.store.schema import (
    ev_checkpoint,
    ev_entry,
    ev_pending,
    ev_refuted,
    ev_state,
    event,
    exchange,
)
from edigw.store.schema import (
    message as message_table,
)
from edigw.store.schema import (
    transmission as transmission_table,
)
from edigw.store.upsert import insert_new, insert_or_find, replace_rows

# Built once: building a statement takes longer than running it.
_WAIT = insert(ev_pending)
_TELL = insert(event)
_LINK = (
    update(exchange)
    .where(exchange.c.xid == bindparam("of"))
    .values(events=bindparam("next"), last=bindparam("leaf"), open=bindparam("going_on"))
)
_XID = re.compile(r"[0-9a-f]{32}")

__all__ = ["Appended", "Content", "EventLog", "new_xid"]


@dataclass(frozen=True, slots=True)
class Appended:
    """The id of the new event, and its leaf hash (hex), which a child exchange may name as its parent."""

    eid: str
    leaf: str


def new_xid() -> str:
    """A fresh exchange id: 32 hex digits."""
    return secrets.token_hex(16)


class EventLog:
    """One log in one database. Safe for many threads; several processes may share the database."""

    def __init__(
        self,
        database: Database,
        payloads: Payloads,
        origin: str,
        *,
        key: LogKey | None = None,
        previous: Sequence[LogKey] = (),
        keys: Sequence[VerifierKey] = (),
        highwater: Path | None = None,
    ) -> None:
        """Use `open`, which also checks that the database is the right one.

        `key` is needed by the process that integrates; `previous`, which it follows, sign beside it. `keys` (the
        public halves of those are added) check signatures.
        """
        signers = [*([key] if key else []), *previous]
        for each in signers:
            if each.name != origin:
                raise LogError(f"the key signs as {each.name}, the log is {origin}")
        self.database = database
        self.payloads = payloads
        self.origin = origin
        self.keys = tuple(dict.fromkeys([*(each.verifier for each in signers), *keys]))
        """The public keys, the one in use first."""
        self._signers = signers
        self._highwater = highwater
        self._refusal: LogRolledBack | None = None

    @classmethod
    def open(
        cls,
        database: Database,
        payloads: Payloads,
        origin: str,
        *,
        key: LogKey | None = None,
        previous: Sequence[LogKey] = (),
        keys: Sequence[VerifierKey] = (),
        highwater: Path | None = None,
        held: Mapping[str, str] | None = None,
        adopt: bool = False,
    ) -> EventLog:
        """The log of a migrated database, once that agrees with the high-water mark in the file `highwater`, and with
        `held`: checkpoints that are kept elsewhere, by a name for each.

        `adopt` says that the file may be missing although the log has been signed: the newest signed state in
        the database is then believed and becomes the mark. That is an admin's decision (a new machine, a lost
        disk).

        Raises LogRolledBack if the database is behind the mark or what is held, differs from it, or the mark is
        missing; LogError.
        """
        log = cls(database, payloads, origin, key=key, previous=previous, keys=keys, highwater=highwater)
        log._begin()
        newest = log.checkpoint()
        mark = log._mark()
        with database.read() as connection:
            tree = read_tree(connection)
            if newest is not None and Checkpoint.of(newest).origin != origin:
                raise LogError(f"the database holds the log {Checkpoint.of(newest).origin}, not {origin}")
            if mark is not None:
                check_mark(mark, str(highwater), tree, origin, log.keys)
            elif highwater and newest is not None:
                if not adopt:
                    raise LogRolledBack(
                        f"{highwater} is missing, although this log has signed "
                        f"{Checkpoint.of(newest).size} entries: put the file back, "
                        f"or decide to believe the database as it is"
                    )
                check_mark(newest, "the newest checkpoint in the database", tree, origin, log.keys)
                write_mark(highwater, newest)
            for where, note in (held or {}).items():
                check_mark(note, where, tree, origin, log.keys)
            log._check_refuted(connection)
        return log

    def seal(self, content: Content) -> Content:
        """Hashes a large payload before the transaction of its entry begins, so that no writer has to wait.

        What it returns goes into one `append`. Raises EntryError, PayloadDamaged.
        """
        return seal(self.payloads, content)

    def lock(self, conn: Connection, xid: str) -> int:
        """Lock an exchange until the caller's write transaction ends; how many events it has."""
        return self._next(conn, xid, "")[0]

    def append(
        self,
        conn: Connection,
        *,
        type: str,
        xid: str,
        actor: str,
        objects: Sequence[Content] = (),
        detail: Mapping[str, Any] | None = None,
        sender: str = "",
        recipient: str = "",
        reason: str = "",
        parent: str = "",
        transmission: str | None = None,
        message: str | None = None,
        at: datetime | None = None,
    ) -> Appended:
        """Appends one event to the exchange `xid`, in the caller's write transaction.

        `detail` becomes the last object; members that are None are left out. If `transmission` or `message`
        is given, the detail gets a member `about` that names them. Rows named in its `states` are locked
        until the transaction ends, so that states are stated in the order in which they come about. `parent`
        is the leaf hash (hex) of the event that this exchange was split from; it counts with the first event.
        `at` is now if not given.

        Raises EntryError for what an entry can't say, LogRolledBack if this process has found the database
        rolled back.
        """
        if not is_writing(conn):
            raise LogError("events are appended inside of Database.write()")
        if self._refusal is not None:
            raise self._refusal
        if type == "object.erased":
            raise EntryError("object.erased is appended by append_erasure")
        facts = _facts(detail, transmission, message)
        _lock_stated_rows(conn, facts)
        n, prev, parent = self._next(conn, xid, parent)
        contents = [*objects, Content("detail", data=canonical(facts))]
        entry = Entry(
            log=self.origin,
            type=type,
            eid=secrets.token_hex(16),
            xid=xid,
            n=n,
            prev=prev,
            at=stamp(at or utc_now()),
            actor=actor,
            objects=keep(conn, self.payloads, contents),
            sender=sender,
            recipient=recipient,
            reason=reason,
            parent=parent,
        )
        return self._write(conn, entry, transmission, message)

    def append_erasure(
        self, conn: Connection, *, xid: str, actor: str, reason: str, erased: Sequence[ObjectRef]
    ) -> Appended:
        """Appends `object.erased`, whose `objects` are those that were erased.

        See `edigw.log.objects.erase`.
        """
        n, prev, _ = self._next(conn, xid, "")
        entry = Entry(
            log=self.origin,
            type="object.erased",
            eid=secrets.token_hex(16),
            xid=xid,
            n=n,
            prev=prev,
            at=stamp(utc_now()),
            actor=actor,
            objects=erased,
            reason=reason,
        )
        return self._write(conn, entry, None, None)

    def integrate(self, limit: int = 5000) -> int:
        """Gives up to `limit` pending entries their places in the tree, signs its state, returns how many.

        0 if nothing waits or another process is at it. Cheap when idle. Raises LogRolledBack, LogDamaged,
        LogError.
        """
        if not self._signers:
            raise LogError("this process holds no log key, so it can't integrate")
        with self.database.read() as connection:
            pending, unsigned = sequence.work_waits(connection)
        moved = sequence.move(self.database, limit) if pending else 0
        if moved or unsigned:
            try:
                sequence.sign(self.database, self._signers, self.keys, self._highwater)
            except LogRolledBack as error:
                self._refusal = error
                raise
        return moved

    def check_mark(self) -> None:
        """Compare the database with the high-water mark: has it been exchanged for an older one under our feet? And has
        another process found what refutes it?

        Raises LogRolledBack, and lets nothing be appended any more; StoreError."""
        signed = self.checkpoint()
        mark = self._mark()
        with self.database.read() as connection:
            try:
                self._check_refuted(connection)
            except LogRolledBack as error:
                self._refusal = error
                raise
            if self._highwater is None:
                return
            size = read_state(connection)[0]
        told = 0 if mark is None else Checkpoint.of(mark).size
        if size < told or (mark is None and signed):
            held = f"the database holds {size} entries, but {self._highwater} shows {told}"
            self._refusal = LogRolledBack(held if mark else f"{self._highwater} has gone")
            raise self._refusal

    def compare(self, note: str, where: str) -> None:
        """Compare the database with a checkpoint of this log that lies elsewhere; `where` names it in messages.

        Raises LogRolledBack if the log has not grown from it, and lets nothing be appended any more, by no process:
        somebody holds another history that its key has signed. NoteError if the note is none of this log; StoreError.
        """
        try:
            with self.database.read() as connection:
                check_mark(note, where, read_tree(connection), self.origin, self.keys)
        except LogRolledBack as error:
            self._refusal = error
            with self.database.write() as connection:
                replace_rows(connection, ev_refuted, [{"source": where, "note": note}])
            raise

    def checkpoint(self) -> str | None:
        """The newest signed checkpoint, as a note; None before the first."""
        with self.database.read() as connection:
            return connection.scalar(select(ev_checkpoint.c.note).order_by(ev_checkpoint.c.size.desc()).limit(1))

    def index_of(self, eid: str) -> int | None:
        """The place of an event in the log, from 0; None while it is pending.

        Raises LogError if there is none.
        """
        with self.database.read() as connection:
            index = connection.scalar(select(ev_entry.c.seq).where(ev_entry.c.eid == eid))
            if index is None and connection.scalar(select(ev_pending.c.id).where(ev_pending.c.eid == eid)) is None:
                raise LogError(f"the log has no event {eid}")
            return index

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that entry `index` is in the tree of the first `size` entries. Raises ProofError."""
        with self.database.read() as connection:
            return read_tree(connection).inclusion(index, size)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that the tree of `size` entries begins with the tree of `old`. Raises ProofError."""
        with self.database.read() as connection:
            return read_tree(connection).consistency(old, size)

    def _check_refuted(self, connection: Connection) -> None:
        """Raises LogRolledBack if the log has still not grown from what somebody has shown of it."""
        for row in connection.execute(select(ev_refuted)).all():
            check_mark(row.note, row.source, read_tree(connection), self.origin, self.keys)

    def _mark(self) -> str | None:
        """The high-water mark. Read it after the newest checkpoint, which is written later: where there is one, there
        is a mark. And before the state, which is committed earlier: that can only be newer."""
        return read_mark(self._highwater) if self._highwater else None

    def _begin(self) -> None:
        """Makes the state of an empty log, in a database that never had one."""
        begun = select(ev_state.c.id)
        with self.database.read() as connection:
            if connection.scalar(begun) is not None:
                return
        mark = self._mark()
        with self.database.write() as connection:
            tables = (ev_entry, ev_checkpoint)
            held = [table.name for table in tables if connection.scalar(select(table).limit(1)) is not None]
            if connection.scalar(begun) is not None:  # another process was first, and made this before any entry
                return
            if held:
                raise LogDamaged(f"ev_state has no row, but {held[0]} has: the row was deleted")
            insert_new(connection, ev_state, {"id": STATE, "size": 0, "root": EMPTY})
        if mark is not None and Checkpoint.of(mark).size:
            raise LogRolledBack(
                f"the database is empty, but the high-water mark shows that {Checkpoint.of(mark).size} "
                f"entries were signed"
            )

    def _next(self, conn: Connection, xid: str, parent: str) -> tuple[int, str, str]:
        """Locks the exchange; its next event's number and previous leaf, and the parent to state."""
        if not _XID.fullmatch(xid):
            raise EntryError(f"xid is {xid!r}, which does not match {_XID.pattern}")
        row = insert_or_find(
            conn, exchange, {"xid": xid, "events": 0, "last": NO_PREVIOUS, "parent": parent, "open": True}
        )
        return row.events, row.last, row.parent if row.events == 0 else ""

    def _write(self, conn: Connection, entry: Entry, transmission: str | None, message: str | None) -> Appended:
        data = entry.to_bytes()
        leaf = leaf_hash(data).hex()
        conn.execute(_WAIT, {"eid": entry.eid, "entry": data})
        conn.execute(
            _TELL,
            {
                "eid": entry.eid,
                "at": entry.at,
                "type": entry.type,
                "actor": entry.actor,
                "reason": entry.reason,
                "xid": entry.xid,
                "n": entry.n,
                "transmission": transmission,
                "message": message,
            },
        )
        going_on = entry.type != "exchange.closed"
        conn.execute(_LINK, {"of": entry.xid, "next": entry.n + 1, "leaf": leaf, "going_on": going_on})
        return Appended(entry.eid, leaf)


def _facts(detail: Mapping[str, Any] | None, transmission: str | None, message: str | None) -> dict[str, Any]:
    facts = _without_none(detail or {})
    about = _without_none({"transmission": transmission, "message": message})
    if "about" in facts:
        raise EntryError("the member `about` of a detail is the log's own")
    return {**facts, "about": about} if about else facts


def _without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_none(member) if isinstance(member, Mapping) else member
        for name, member in value.items()
        if member is not None
    }


def _lock_stated_rows(conn: Connection, facts: Mapping[str, Any]) -> None:
    """PostgreSQL: whoever states a state waits for whoever is about to state another of the same row."""
    if conn.dialect.name != "postgresql":
        return
    named = facts.get("states", {})
    for table, kinds in ((transmission_table, {"transmission"}), (message_table, {"message", "ack"})):
        ids = {key.partition("/")[2] for key in named if key.partition("/")[0] in kinds}
        for some in _slices(sorted(ids), 1000):
            conn.execute(select(table.c.id).where(table.c.id.in_(some)).order_by(table.c.id).with_for_update())


def _slices(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[at : at + size] for at in range(0, len(items), size))
