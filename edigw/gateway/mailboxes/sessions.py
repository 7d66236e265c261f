"""The record of SFTP sessions, and of what was done in them: who, from where, with which key and client, which bytes.

It answers questions ("did they try at all on Friday?"), it is no evidence: what counts is in the transmission log, in
the transaction of the step itself. So it is written behind, many notes in one transaction; a crash takes what the last
moment brought.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from edigw.gateway.records import fitting
from edigw.store.clock import stamp, utc_now
from edigw.store.database import Database
from edigw.store.errors import StoreError
from edigw.store.schema import sftp_operation, sftp_session
from edigw.store.upsert import insert_new
from edigw.transport.ports import Session

_logger = logging.getLogger("edigw.sftp")
PAUSE = 0.5  # seconds between two transactions
MOST = 20_000  # notes that wait; if the database is away for longer, the oldest are let go


@dataclass(frozen=True, slots=True)
class Began:
    """A session was authenticated."""

    session: Session
    at: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A session is over."""

    session: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Did:
    """Something was done in a session, or refused."""

    session: str
    at: str
    operation: str
    path: str
    size: int | None
    sha256: str
    result: str
    transmission: str | None


Note: TypeAlias = Began | Ended | Did


class SessionRecord:
    """Takes notes from any thread, and writes them in one of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._notes: deque[Note] = deque(maxlen=MOST)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sessions", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self.write()

    def began(self, session: Session) -> None:
        """A session was authenticated."""
        self._notes.append(Began(session, stamp(utc_now())))

    def ended(self, session: Session, reason: str) -> None:
        """A session is over."""
        self._notes.append(Ended(session.id, stamp(utc_now()), reason))

    def did(
        self,
        session: Session,
        operation: str,
        path: str = "",
        *,
        size: int | None = None,
        sha256: str = "",
        result: str = "",
        transmission: str | None = None,
    ) -> None:
        """Something was done in a session; `result` says why it was refused or broke off, "" if it went well."""
        now = stamp(utc_now())
        self._notes.append(Did(session.id, now, operation, path, size, sha256, result, transmission))

    def write(self) -> None:
        """Write every note that waits."""
        notes = [self._notes.popleft() for _ in range(len(self._notes))]
        if not notes:
            return
        try:
            with self._database.write() as conn:
                _write(conn, notes)
        except StoreError as error:
            _logger.error("%d notes about SFTP sessions have to wait: %s", len(notes), error)
            self._notes.extendleft(reversed(notes[-(MOST - len(self._notes)) :]))

    def _run(self) -> None:
        while not self._stopping.wait(PAUSE):
            self.write()


def _write(conn: Connection, notes: Sequence[Note]) -> None:
    done = [note for note in notes if isinstance(note, Did)]
    for note in notes:
        if isinstance(note, Began):
            insert_new(conn, sftp_session, _session_row(note))
    if done:
        conn.execute(insert(sftp_operation), [_operation_row(note) for note in done])
    ends = [
        {"which": note.session, "ended": note.at, "why": fitting(note.reason, 255)}
        for note in notes
        if isinstance(note, Ended)
    ]
    if ends:
        which = sftp_session.c.id == bindparam("which")
        conn.execute(
            update(sftp_session).where(which).values(ended_at=bindparam("ended"), reason=bindparam("why")), ends
        )


def _session_row(note: Began) -> dict[str, Any]:
    session = note.session
    return {
        "id": session.id,
        "partner": session.partner,
        "user": session.user,
        "peer": fitting(session.peer, 64),
        "method": session.method,
        "key": session.key_fingerprint,
        "certificate": fitting(session.certificate, 255),
        "client": fitting(session.client_version, 255),
        "algorithms": fitting(session.algorithms, 255),
        "started_at": note.at,
    }


def _operation_row(note: Did) -> dict[str, Any]:
    return {
        "session": note.session,
        "at": note.at,
        "operation": note.operation,
        "path": fitting(note.path, 500),
        "size": note.size,
        "sha256": note.sha256,
        "result": fitting(note.result, 500),
        "transmission": note.transmission,
    }


def recent(conn: Connection, partner: str = "", since: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Sessions, newest first. `since`: a day or time, UTC."""
    found = select(sftp_session).order_by(sftp_session.c.started_at.desc()).limit(limit)
    if partner:
        found = found.where(sftp_session.c.partner == partner)
    if since:
        found = found.where(sftp_session.c.started_at >= since)
    return [dict(row._mapping) for row in conn.execute(found)]


def one(conn: Connection, id: str) -> dict[str, Any] | None:
    """A session with everything that was done in it; None if there is none with this id."""
    row = conn.execute(select(sftp_session).where(sftp_session.c.id == id)).first()
    if row is None:
        return None
    done = select(sftp_operation).where(sftp_operation.c.session == id).order_by(sftp_operation.c.id)
    told = [{k: v for k, v in each._mapping.items() if k not in ("id", "session")} for each in conn.execute(done)]
    return {**row._mapping, "operations": told}


def forget(conn: Connection, before: datetime) -> int:
    """Delete the sessions that began before this time, with what was done in them; how many."""
    old = select(sftp_session.c.id).where(sftp_session.c.started_at < stamp(before))
    conn.execute(delete(sftp_operation).where(sftp_operation.c.session.in_(old)))
    return conn.execute(delete(sftp_session).where(sftp_session.c.started_at < stamp(before))).rowcount
