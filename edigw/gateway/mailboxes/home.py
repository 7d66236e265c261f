"""A partner's virtual home: its mailbox, as the SFTP server shows it (`edigw.transport.ports.Home`)."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from sqlalchemy import Connection, Row, bindparam, select, update

from edigw.gateway.context import Context, Current, identity
from edigw.gateway.incoming import intake
from edigw.gateway.mailboxes import mailbox, receipts
from edigw.gateway.mailboxes.sessions import SessionRecord
from edigw.gateway.records import States
from edigw.log.errors import LogError
from edigw.log.eventlog import Content
from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.errors import PayloadError, StoreError
from edigw.store.schema import IN_SIGHT, event, mailbox_item, message, transmission
from edigw.transport.ports import Entry, Folder, Refused, Session, Staged

_logger = logging.getLogger("edigw.sftp")
SHOWN = 10_000  # entries of one listing
_ITEMS = select(mailbox_item).where(
    mailbox_item.c.partner == bindparam("of"), mailbox_item.c.folder == bindparam("below"), IN_SIGHT
)
_LISTED = _ITEMS.order_by(mailbox_item.c.id.desc()).limit(SHOWN)
_NAMED = _ITEMS.where(mailbox_item.c.name == bindparam("called"))
_WAITING = (
    select(transmission.c.id)
    .where(transmission.c.state == "received", transmission.c.partner == bindparam("of"))
    .limit(1)
    .offset(bindparam("beyond"))
)


@dataclass(frozen=True, slots=True)
class Item:
    """The row behind an entry of a listing."""

    id: int
    transmission: str | None
    sha256: str


class DatabaseHome:
    """One partner's mailbox: `edigw.transport.ports.Home` over the database."""

    def __init__(self, current: Current, partner: str, sessions: SessionRecord | None = None) -> None:
        self._current = current
        self._partner = partner
        self._sessions = sessions or SessionRecord(current.context.database)

    @property
    def _context(self) -> Context:
        return self._current.context

    def list(self, folder: Folder) -> Sequence[Entry]:
        with self._context.database.read() as conn:
            rows = conn.execute(_LISTED, {"of": self._partner, "below": folder}).all()
        return sorted(map(_entry, rows), key=lambda entry: entry.name)

    def find(self, folder: Folder, name: str) -> Entry | None:
        with self._context.database.read() as conn:
            row = conn.execute(_NAMED, {"of": self._partner, "below": folder, "called": name}).first()
        return None if row is None else _entry(row)

    def open(self, entry: Entry) -> BinaryIO:
        item = _item(entry)
        try:
            return self._context.payloads.open(item.sha256)
        except PayloadError as error:
            if item.transmission is not None:
                self._damaged(item.transmission, entry, error)
            raise

    def _damaged(self, transmission_id: str, entry: Entry, error: PayloadError) -> None:
        """Log, once an hour, that a file can't be handed out since its bytes are damaged or gone here."""
        told = (event.c.type == "mailbox.failed", event.c.at > stamp(utc_now() - intake.AGAIN))
        again = select(event.c.n).where(event.c.transmission == transmission_id, *told).limit(1)
        with self._context.database.write() as conn:
            if conn.execute(again).first() is not None:
                return
            xid = conn.execute(select(transmission.c.xid).where(transmission.c.id == transmission_id)).scalar_one()
            self._context.log.append(
                conn,
                type="mailbox.failed",
                xid=xid,
                actor="gateway",
                recipient=identity(self._context.partner(self._partner)),
                reason="payload_damaged",
                detail={"file": entry.name, "folder": entry.folder, "error": str(error)},
                transmission=transmission_id,
            )
        self._context.wake.set("log")

    def submit(self, folder: Folder, name: str, staged: Staged, session: Session) -> None:
        size = staged.size
        if size == 0:  # a marker, "upload.done": it says nothing, and nothing comes of it
            self._sessions.did(session, "marker", f"/{folder}/{name}", size=0)
            return
        if refusal := self._refusal(size):
            try:
                intake.reject(self._context, self._partner, folder, name, staged, session, *refusal)
            except (StoreError, LogError) as error:
                _logger.error("a refusal can't be put into the log: %s", error)
            raise Refused(refusal[1])
        id = intake.receive(self._context, self._partner, folder, name, staged, session)
        self._sessions.did(session, "upload", f"/{folder}/{name}", size=size, sha256=staged.sha256, transmission=id)

    def picked_up(self, entry: Entry, session: Session, sent: int, complete: bool) -> None:
        """Log that the partner has fetched an item, whole. The bytes of each download are the item's."""
        item = _item(entry)
        self._sessions.did(
            session,
            "download",
            f"/{entry.folder}/{entry.name}",
            size=sent,
            sha256=item.sha256 if complete else "",
            result="" if complete else f"{sent} of {entry.size} bytes were sent",
            transmission=item.transmission,
        )
        if not complete or item.transmission is None:
            return
        with self._context.database.read() as conn:
            row = conn.execute(select(transmission).where(transmission.c.id == item.transmission)).one()
        ours = mailbox.outgoing(entry.folder)
        fetched = [receipts.handed_over(self._context, row)] if ours else []
        with self._context.database.write() as conn:
            first = conn.execute(
                update(mailbox_item)
                .where(mailbox_item.c.id == item.id, mailbox_item.c.state == "visible")
                .values(state="downloaded", changed_at=stamp(utc_now()))
            ).rowcount
            if ours:
                self._log(conn, "retrieval.completed", row.id, entry, session, "picked_up", fetched, sent=sent)
                if first and row.kind == "business":  # not for each repetition: some clients fetch again and again
                    receipts.order(conn, row.id)
            elif first:
                self._log(conn, "mailbox.read", row.id, entry, session, sent=sent)
        if ours and self._context.partner(self._partner).mailbox.delete_on_download:
            self.remove(entry, session)
        self._context.wake.set("log")

    def remove(self, entry: Entry, session: Session) -> None:
        item = _item(entry)
        if mailbox.within("inbox", entry.folder):
            raise Refused("the file was accepted and can't be withdrawn")
        with self._context.database.write() as conn:
            conn.execute(
                update(mailbox_item)
                .where(mailbox_item.c.id == item.id)
                .values(state="removed", changed_at=stamp(utc_now()))
            )
            if item.transmission is not None:
                self._log(conn, "mailbox.removed", item.transmission, entry, session)
        self._sessions.did(session, "remove", f"/{entry.folder}/{entry.name}", transmission=item.transmission)
        self._context.wake.set("log")

    def record(self, session: Session, operation: str, **facts: str | int | bool) -> None:
        said = " ".join(f"{key}={value!r}" for key, value in facts.items())
        _logger.info("%s %s from %s: %s %s", session.partner, session.user, session.peer, operation, said)
        if operation == "login":
            self._sessions.began(session)
        elif operation == "logout":
            self._sessions.ended(session, str(facts["reason"]))
        elif session.id:
            why = f"{facts['request']}: {facts['reason']}" if operation == "refused" else facts.get("reason", "")
            size = facts.get("size")
            self._sessions.did(
                session,
                operation,
                str(facts.get("path", "")),
                size=None if size is None else int(size),
                result=str(why),
            )

    def _refusal(self, size: int) -> tuple[str, str] | None:
        """Why a file of so many bytes is not taken in, as a code and in words; None if it is.

        The partner may come back later where it has too much that waits, or the disk is full."""
        config = self._context.config
        limits = config.sftp.limits
        if size > config.max_file_size:
            return "too_large", f"the file is larger than {config.max_file_mb} MB"
        if shutil.disk_usage(self._context.config.payload_folder).free < limits.free_disk_mb * 1_000_000:
            _logger.error("uploads are refused: the disk of the payloads is nearly full")
            return "no_room", "the gateway has no room for files at the moment; please try again later"
        with self._context.database.read() as conn:
            if conn.execute(_WAITING, {"of": self._partner, "beyond": limits.waiting_files - 1}).first() is not None:
                text = f"{limits.waiting_files} files of yours wait to be processed; please try again later"
                return "too_many_waiting", text
        return None

    def _log(
        self,
        conn: Connection,
        type: str,
        transmission_id: str,
        entry: Entry,
        session: Session,
        state: str | None = None,
        objects: Sequence[Content] = (),
        **facts: object,
    ) -> None:
        xid = conn.execute(select(transmission.c.xid).where(transmission.c.id == transmission_id)).scalar_one()
        messages = select(message.c.id).where(message.c.transmission == transmission_id).limit(2)
        carried = conn.execute(messages).scalars().all()
        states = States(conn)
        if state is not None:
            states.transmission(transmission_id, state)
        self._context.log.append(
            conn,
            type=type,
            xid=xid,
            actor=f"partner:{self._partner}",
            recipient=identity(self._context.partner(self._partner)),
            objects=objects,
            detail={
                "file": entry.name,
                "folder": entry.folder,
                "size": entry.size,
                "sha256": _item(entry).sha256,
                "session": intake.session_facts(session),
                **states.told(transmission_id),
                **facts,
            },
            transmission=transmission_id,
            message=carried[0] if len(carried) == 1 else None,
        )


class DatabaseHomes:
    """All mailboxes: `edigw.transport.ports.Homes`."""

    def __init__(self, current: Current, sessions: SessionRecord) -> None:
        self._current = current
        self._sessions = sessions

    def home(self, partner: str) -> DatabaseHome:
        return DatabaseHome(self._current, partner, self._sessions)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        folder=row.folder,
        name=row.name,
        size=row.size,
        mtime=parse_stamp(row.created_at),
        item=Item(row.id, row.transmission, row.sha256),
    )


def _item(entry: Entry) -> Item:
    return cast(Item, entry.item)  # what `_entry` put there
