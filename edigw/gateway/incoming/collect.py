"""Collection: files that the gateway fetches from a partner's server or from a folder, each exactly once.

What lies there is written down (`collected_file`) with its size and time. A file that has not changed for a while is
fetched and taken in; in the transaction that does so its row gets the transmission. Then it is removed there, or moved
aside. A crash before that leaves a row with a transmission: the next turn compares the file's bytes with what was taken
in, and removes it without taking it in again.
"""

from __future__ import annotations

import fnmatch
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from edigw.gateway import places
from edigw.gateway.context import Context, Current
from edigw.gateway.incoming import intake
from edigw.partners.tables.collection import Collection
from edigw.partners.tables.delivery import FolderTarget
from edigw.partners.tables.partner import Partner
from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.errors import StoreError
from edigw.store.schema import collected_file, collection_turn, transmission
from edigw.store.upsert import insert_new, replace_rows
from edigw.transport.errors import Permanent, Stopped, TransportError
from edigw.transport.ports import TEMP_SUFFIXES, Session, Staged
from edigw.transport.remote import Remote, RemoteEntry, RemoteFile, SourceProblem, connect

_logger = logging.getLogger("edigw.collection")
LOOK = 1.0  # seconds between two looks at whose turn it is
LONGEST_PAUSE = timedelta(hours=1)  # between two attempts at a server that can't be reached


class AlreadyTaken(Exception):
    """Another process has taken the file in at this moment."""


class Collector(threading.Thread):
    """Goes to every partner's place when it is time. Of several processes one goes."""

    def __init__(self, current: Current) -> None:
        super().__init__(name="collector", daemon=True)
        self._current = current
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End after the file at hand."""
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.wait(LOOK):
            context = self._current.context
            for partner in context.config.partners.values():
                if partner.collection is not None and not self._stopping.is_set():
                    visit(context, partner, partner.collection)


def visit(context: Context, partner: Partner, collection: Collection) -> None:
    """Go to a partner's place if it is time, and keep what came of it. Never raises, whatever went wrong."""
    try:
        if not _my_turn(context, partner.code, timedelta(seconds=collection.every_seconds)):
            return
        _result(context, partner.code, _collected(context, partner), collection)
    except StoreError as error:
        _logger.error("nothing collected from %s: %s", partner.code, error)
    except Exception:  # whatever it was, the others' files can still be fetched
        _logger.exception("nothing collected from %s", partner.code)


def _collected(context: Context, partner: Partner) -> str:
    """Take in what lies ready; what was wrong at the partner's place, "" if nothing was."""
    try:
        collect(context, partner)
    except (TransportError, SourceProblem) as error:
        _logger.warning("nothing collected from %s: %s", partner.code, error)
        return str(error)
    return ""


def collect(context: Context, partner: Partner) -> int:
    """Take in what lies ready at a partner's place; how many files that were.

    Raises TransportError, SourceProblem, StoreError."""
    collection = partner.collection
    if collection is None:
        raise ValueError(f"nothing is collected from {partner.code}")
    with connect(places.place(_source(collection))) as remote:
        return _Visit(context, partner, collection, remote).work()


class _Visit:
    """One look at a place."""

    def __init__(self, context: Context, partner: Partner, collection: Collection, remote: Remote) -> None:
        self._context = context
        self._partner = partner
        self._collection = collection
        self._remote = remote
        self._source = _source(collection)
        self._place = places.written(self._source)

    def work(self) -> int:
        suffixes = self._partner.login.temporary_suffixes if self._partner.login else TEMP_SUFFIXES
        there = [
            entry
            for entry in self._remote.list()
            if fnmatch.fnmatchcase(entry.name, self._collection.names)
            and not entry.name.startswith(".")
            and not entry.name.lower().endswith(suffixes)
        ]
        known = self._known(there)
        taken, refused = 0, []
        for entry in there:
            try:
                taken += self._look(entry, known.get(entry.name))
            except Stopped:
                raise
            except Permanent as error:  # of this file; the others have nothing to do with it
                refused.append(error)
        if refused:
            raise refused[0]
        return taken

    def _known(self, there: list[RemoteEntry]) -> dict[str, Row[tuple[object, ...]]]:
        """The rows of what lies there; those of files that are gone are forgotten."""
        here = (collected_file.c.partner == self._partner.code, collected_file.c.place == self._place)
        with self._context.database.read() as conn:
            rows = conn.execute(select(collected_file).where(*here)).all()
        names = {entry.name for entry in there}
        gone = [row.name for row in rows if row.name not in names]
        if gone:
            with self._context.database.write() as conn:
                conn.execute(delete(collected_file).where(*here, collected_file.c.name.in_(gone)))
        return {row.name: row for row in rows if row.name in names}

    def _look(self, entry: RemoteEntry, row: Row[tuple[object, ...]] | None) -> bool:
        """Deal with one file; whether it was taken in."""
        now = utc_now()
        same = row is not None and (row.size, row.mtime) == (entry.size, entry.mtime)
        if row is not None and same and row.transmission is not None:
            if self._is_taken(entry, str(row.transmission)):
                self._dispose(entry)
                return False
            same = False
        if row is None or not same:
            self._note(entry, now)
            if self._collection.settle_seconds > 0:
                return False
        elif now - parse_stamp(str(row.seen_at)) < timedelta(seconds=self._collection.settle_seconds):
            return False
        return self._take(entry)

    def _take(self, entry: RemoteEntry) -> bool:
        with self._fetched(entry) as (path, fetched):
            if fetched.size != entry.size:
                self._note(entry, utc_now())  # it is being written after all
                return False
            if fetched.size == 0:
                _logger.warning("%s of %s is empty, and is left alone", entry.name, self._partner.code)
                return False
            try:
                intake.receive(
                    self._context,
                    self._partner.code,
                    "inbox",
                    entry.name,
                    Staged(fetched.sha256, fetched.size, path),
                    self._session(),
                    via="folder" if isinstance(self._source, FolderTarget) else "sftp-fetch",
                    also=lambda conn, id: self._claim(conn, entry, id),
                )
            except AlreadyTaken:
                return False
        self._dispose(entry)
        return True

    def _claim(self, conn: Connection, entry: RemoteEntry, id: str) -> None:
        """In the transaction that takes the file in: nobody else has. Raises AlreadyTaken."""
        claimed = conn.execute(
            update(collected_file)
            .where(*self._row(entry.name), collected_file.c.transmission.is_(None))
            .where(collected_file.c.size == entry.size, collected_file.c.mtime == entry.mtime)
            .values(transmission=id)
        )
        if claimed.rowcount != 1:
            raise AlreadyTaken(entry.name)

    def _is_taken(self, entry: RemoteEntry, id: str) -> bool:
        """Whether the bytes that lie there are those that were taken in."""
        with self._context.database.read() as conn:
            sha256 = conn.execute(select(transmission.c.sha256).where(transmission.c.id == id)).scalar_one()
        with self._fetched(entry) as (_, fetched):
            return bool(fetched.sha256 == sha256)

    def _dispose(self, entry: RemoteEntry) -> None:
        """Remove what was taken in, or move it aside, unless something else lies there by now."""
        now = next((each for each in self._remote.list() if each.name == entry.name), None)
        if now is not None and (now.size, now.mtime) == (entry.size, entry.mtime):
            if self._collection.after == "move":
                self._remote.move(entry.name, self._collection.done_folder)
            else:
                self._remote.discard(entry.name)
        with self._context.database.write() as conn:
            conn.execute(delete(collected_file).where(*self._row(entry.name)))

    def _note(self, entry: RemoteEntry, now: datetime) -> None:
        row = {"partner": self._partner.code, "place": self._place, "name": entry.name}
        seen = {"size": entry.size, "mtime": entry.mtime, "seen_at": stamp(now), "transmission": None}
        with self._context.database.write() as conn:
            replace_rows(conn, collected_file, [{**row, **seen}])

    def _row(self, name: str) -> tuple[ColumnElement[bool], ...]:
        c = collected_file.c
        return (c.partner == self._partner.code, c.place == self._place, c.name == name)

    @contextmanager
    def _fetched(self, entry: RemoteEntry) -> Iterator[tuple[Path, RemoteFile]]:
        """The file's bytes in a file of ours, on disk."""
        folder = self._context.config.data / "collected"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as staged:
            fetched = self._remote.fetch(entry.name, cast(BinaryIO, staged), self._context.config.max_file_size)
            staged.flush()
            os.fsync(staged.fileno())
            yield Path(staged.name), fetched

    def _session(self) -> Session:
        told = places.told(self._source, self._remote.software)["remote"]
        peer = f"{told['host']}:{told['port']}" if "host" in told else told["folder"]
        return Session(
            id="",
            user=told.get("user", ""),
            partner=self._partner.code,
            peer=peer,
            key_fingerprint=told.get("host_key", ""),
            client_version=told.get("software", ""),
            algorithms="",
        )


def _source(collection: Collection) -> places.Configured:
    if collection.sftp is not None:
        return collection.sftp
    return FolderTarget(path=cast(Path, collection.folder))  # one of the two is there: the configuration is checked


# ---------------------------------------------------------------- whose turn it is


def _my_turn(context: Context, partner: str, every: timedelta) -> bool:
    """Whether it is time, and no other process goes."""
    now = utc_now()
    with context.database.read() as conn:
        due = conn.execute(select(collection_turn.c.due_at).where(collection_turn.c.partner == partner)).scalar()
    if due is not None and due > stamp(now):
        return False
    with context.database.write() as conn:
        if due is None:
            return insert_new(conn, collection_turn, {"partner": partner, "due_at": stamp(now + every), "error": ""})
        mine = (collection_turn.c.partner == partner, collection_turn.c.due_at == due)
        return conn.execute(update(collection_turn).where(*mine).values(due_at=stamp(now + every))).rowcount == 1


def _result(context: Context, partner: str, error: str, collection: Collection) -> None:
    """Keep what came of a visit, for admins; where it failed, go there less and less often."""
    with context.database.write() as conn:
        row = conn.execute(select(collection_turn).where(collection_turn.c.partner == partner)).one()
        failed = row.failed + 1 if error else 0
        pause = min(timedelta(seconds=collection.every_seconds) * 2 ** min(failed, 16), LONGEST_PAUSE)
        values = {"error": error, "failed": failed}
        if error:
            values["due_at"] = stamp(utc_now() + max(pause, timedelta(seconds=collection.every_seconds)))
        conn.execute(update(collection_turn).where(collection_turn.c.partner == partner).values(**values))


def troubles(conn: Connection) -> dict[str, str]:
    """The partners from whom nothing could be collected the last time, with the reason."""
    rows = conn.execute(select(collection_turn).where(collection_turn.c.error != ""))
    return {row.partner: row.error for row in rows}
