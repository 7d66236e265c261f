"""People who use the console: who may do what, their passwords and sessions. Each change, and each login, is an event.

Passwords are kept as argon2id hashes; of a session's token only the hash is kept, so that who reads the database can't
take a session over.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from edigw.log.eventlog import EventLog
from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.schema import console_session, console_user
from edigw.store.upsert import insert_new
from edigw.transport.passwords import hash_password, matches

ROLES = ("admin", "operator", "auditor", "partner")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,31}")
_TOUCH = timedelta(seconds=30)  # how exactly it is kept when a session was last used


class UserProblem(Exception):
    """What was asked can't be done with this user; the text says why."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in. `partner` is the code of the partner whose traffic a user of the role partner sees."""

    name: str
    role: str
    partner: str = ""
    enabled: bool = True
    created_at: str = ""

    @property
    def actor(self) -> str:
        """How events name this user; those of a partner say `user` in their detail, too."""
        return f"partner:{self.partner}" if self.role == "partner" else f"admin:{self.name}"


@dataclass(frozen=True, slots=True)
class Session:
    """A login that counts. `token` is what the browser shows."""

    token: str
    user: User


def add(log: EventLog, name: str, role: str, partner: str, password: str, actor: str) -> None:
    """Let somebody log in. Raises UserProblem, StoreError, LogError."""
    if not _NAME.fullmatch(name):
        raise UserProblem("a user's name has up to 32 letters, digits, or . _ @ -, and begins with a letter or digit")
    if role not in ROLES:
        raise UserProblem(f"there is no role {role!r}, expected {', '.join(ROLES)}")
    if (role == "partner") != bool(partner):
        raise UserProblem("a user of the role partner needs the partner whose traffic it sees, others have none")
    now = stamp(utc_now())
    row = {
        "name": name,
        "role": role,
        "partner": partner,
        "password_hash": _hashed(password),
        "enabled": True,
        "created_at": now,
        "changed_at": now,
    }
    with log.database.write() as conn:
        if not insert_new(conn, console_user, row):
            raise UserProblem(f"there is a user {name} already")
        _tell(
            log, conn, name, actor, {"action": f"add user {name} as {role}", "role": role, "partner": partner or None}
        )


def change_password(log: EventLog, name: str, password: str, actor: str) -> None:
    """Give a user another password; their sessions end. Raises UserProblem, StoreError, LogError."""
    _change(log, name, actor, f"change the password of {name}", "", {"password_hash": _hashed(password)})


def enable(log: EventLog, name: str, enabled: bool, actor: str, why: str) -> None:
    """Let a user log in, or not any more; their sessions end. Raises UserProblem, StoreError, LogError."""
    action = f"{'enable' if enabled else 'disable'} user {name}"
    _change(log, name, actor, action, why, {"enabled": enabled})


def listed(conn: Connection) -> list[User]:
    """Everybody who may log in or once might, by name."""
    return [_user(row) for row in conn.execute(select(console_user).order_by(console_user.c.name))]


def find(conn: Connection, name: str) -> User | None:
    """The user of this name."""
    row = conn.execute(select(console_user).where(console_user.c.name == name)).first()
    return None if row is None else _user(row)


def password_fits(conn: Connection, name: str, password: str) -> User | None:
    """The user whose name and password these are, if it may log in. Takes as long for a name that nobody has."""
    row = conn.execute(select(console_user).where(console_user.c.name == name[:33])).first()
    usable = row is not None and row.enabled
    fits = matches(row.password_hash if row is not None and usable else "", password)
    return _user(row) if row is not None and fits else None


def log_in(log: EventLog, user: User, peer: str, hours: int) -> Session:
    """Begin a session, which ends after so many hours in any case. Raises StoreError, LogError."""
    token, now = secrets.token_urlsafe(32), utc_now()
    with log.database.write() as conn:
        conn.execute(delete(console_session).where(console_session.c.ends_at < stamp(now)))
        conn.execute(
            insert(console_session).values(
                token_hash=_digest(token),
                user=user.name,
                peer=peer,
                started_at=stamp(now),
                seen_at=stamp(now),
                ends_at=stamp(now + timedelta(hours=hours)),
            )
        )
        _tell(log, conn, user.name, user.actor, {"action": "log in", "user": user.name, "peer": peer})
    return Session(token, user)


def session_of(log: EventLog, token: str, idle: timedelta) -> Session | None:
    """The session with this token, if it still counts: its user may log in, and has used it within `idle`."""
    now = utc_now()
    found = (
        select(console_user, console_session.c.seen_at, console_session.c.ends_at)
        .join(console_user, console_user.c.name == console_session.c.user)
        .where(console_session.c.token_hash == _digest(token))
    )
    with log.database.read() as conn:
        row = conn.execute(found).first()
    if row is None or not row.enabled or row.ends_at < stamp(now) or row.seen_at < stamp(now - idle):
        return None
    if now - parse_stamp(row.seen_at) > _TOUCH:
        with log.database.write() as conn:
            seen = update(console_session).where(console_session.c.token_hash == _digest(token))
            conn.execute(seen.values(seen_at=stamp(now)))
    return Session(token, _user(row))


def log_out(log: EventLog, session: Session) -> None:
    """End a session. Raises StoreError, LogError."""
    user = session.user
    with log.database.write() as conn:
        conn.execute(delete(console_session).where(console_session.c.token_hash == _digest(session.token)))
        _tell(log, conn, user.name, user.actor, {"action": "log out", "user": user.name})


def _change(log: EventLog, name: str, actor: str, action: str, why: str, values: Mapping[str, Any]) -> None:
    with log.database.write() as conn:
        changed = update(console_user).where(console_user.c.name == name)
        if conn.execute(changed.values(changed_at=stamp(utc_now()), **values)).rowcount != 1:
            raise UserProblem(f"there is no user {name}")
        conn.execute(delete(console_session).where(console_session.c.user == name))
        _tell(log, conn, name, actor, {"action": action, "why": why or None})


def _tell(log: EventLog, conn: Connection, name: str, actor: str, detail: Mapping[str, Any]) -> None:
    """All events about one user make up one exchange, so that none can be left out unseen."""
    xid = sha256(f"edigw user\n{log.origin}\n{name}".encode()).hexdigest()[:32]
    log.append(conn, type="admin.action", xid=xid, actor=actor, detail=detail)


def _user(row: Row[Any]) -> User:
    return User(row.name, row.role, row.partner, row.enabled, row.created_at)


def _hashed(password: str) -> str:
    try:
        return hash_password(password)
    except ValueError as error:
        raise UserProblem(str(error)) from error


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
