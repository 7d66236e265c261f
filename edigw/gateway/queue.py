"""The durable work queue: jobs in the gateway's own database, claimed with a lease and an owner.

A job is put into the queue in the transaction that makes its work necessary, and ended in the transaction that holds
its result; so a crash at any point leaves either the job or the result, never both and never neither.
"""

from __future__ import annotations

import hashlib
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.schema import job

Kind: TypeAlias = Literal["process", "deliver", "receipt"]


class LeaseLost(Exception):
    """Another worker took the job over: the transaction that wanted to end it must be rolled back."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job."""

    id: int
    kind: Kind
    transmission: str
    attempts: int  # how often it was tried before
    owner: str
    queued_at: datetime  # since when it is tried


def put(conn: Connection, kind: Kind, transmission: str) -> None:
    """Put a job into the queue, due at once."""
    now = stamp(utc_now())
    conn.execute(insert(job).values(kind=kind, transmission=transmission, state="ready", due_at=now, queued_at=now))


def claim(conn: Connection, kinds: tuple[Kind, ...], owner: str, now: datetime, lease: timedelta) -> Job | None:
    """Take the longest due job of the given kinds, or one whose lease ran out; None if there is none.

    After `lease`, others may take it: a worker that is still at it then finds that out when it wants to end it."""
    row = conn.execute(
        select(job.c.id, job.c.kind, job.c.transmission, job.c.attempts, job.c.queued_at)
        .where(
            job.c.state == "ready",
            job.c.kind.in_(kinds),
            job.c.due_at <= stamp(now),
            or_(job.c.owner.is_(None), job.c.lease_until < stamp(now)),
        )
        .order_by(job.c.due_at, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    conn.execute(update(job).where(job.c.id == row.id).values(owner=owner, lease_until=stamp(now + lease)))
    return Job(row.id, row.kind, row.transmission, row.attempts, owner, parse_stamp(row.queued_at))


def keep(conn: Connection, claimed: Job, lease: timedelta) -> None:
    """Say that the job is still being done, and begin its lease anew; until the transaction ends, nobody can take it.

    Raises LeaseLost if somebody has."""
    result = conn.execute(
        update(job).where(*_held(claimed)).values(lease_until=stamp(utc_now() + lease))  # locks the row
    )
    if result.rowcount != 1:
        raise LeaseLost(_lost(claimed))


def done(conn: Connection, claimed: Job) -> None:
    """End a job with success."""
    _end(conn, claimed, state="done", error="")


def failed(conn: Connection, claimed: Job, error: str) -> None:
    """End a job for good: an admin has to act."""
    _end(conn, claimed, state="failed", error=error)


def postpone(conn: Connection, claimed: Job, due: datetime, error: str = "", *, count: bool = True) -> None:
    """Give a job back, due later; `count` it as a failed attempt or as mere waiting."""
    _end(conn, claimed, state="ready", error=error, due_at=stamp(due), attempts=claimed.attempts + count)


def again(conn: Connection, kind: Kind, transmission: str) -> bool:
    """Make an ended job ready once more (an admin's decision); False if there is no such job."""
    now = stamp(utc_now())
    result = conn.execute(
        update(job)
        .where(job.c.kind == kind, job.c.transmission == transmission, job.c.state != "ready")
        .values(state="ready", due_at=now, queued_at=now, attempts=0, owner=None, lease_until=None, error="")
    )
    return result.rowcount == 1


def hasten(conn: Connection, kind: Kind, transmission: str, *, waiting: bool = True) -> None:
    """Make a job due that nobody is at. `waiting`: for whoever just now is; else such a job is left alone."""
    idle = select(job.c.id).where(*_idle(kind, transmission)).with_for_update(skip_locked=not waiting)
    for id in conn.execute(idle).scalars().all():
        conn.execute(update(job).where(job.c.id == id).values(due_at=stamp(utc_now())))


def withdraw(conn: Connection, kind: Kind, transmission: str) -> bool:
    """End a job that nobody is at, since another one has decided the matter; False if there is no such job."""
    return conn.execute(update(job).where(*_idle(kind, transmission)).values(state="done")).rowcount == 1


def _idle(kind: Kind, transmission: str) -> tuple[ColumnElement[bool], ...]:
    return (job.c.kind == kind, job.c.transmission == transmission, job.c.state == "ready", job.c.owner.is_(None))


def _end(conn: Connection, claimed: Job, **values: object) -> None:
    result = conn.execute(update(job).where(*_held(claimed)).values(owner=None, lease_until=None, **values))
    if result.rowcount != 1:
        raise LeaseLost(_lost(claimed))


def _held(claimed: Job) -> tuple[ColumnElement[bool], ...]:
    return (job.c.id == claimed.id, job.c.owner == claimed.owner, job.c.state == "ready")


def _lost(claimed: Job) -> str:
    return f"job {claimed.id} ({claimed.kind} {claimed.transmission}) is held by another worker"


def release_dead(conn: Connection) -> int:
    """Take back the leases of processes of this machine that no longer run; how many there were."""
    owners = conn.execute(select(job.c.owner).where(job.c.owner.is_not(None)).distinct()).scalars().all()
    dead = [owner for owner in owners if owner is not None and _is_dead(owner)]
    if not dead:
        return 0
    return conn.execute(
        update(job).where(and_(job.c.owner.in_(dead), job.c.state == "ready")).values(owner=None, lease_until=None)
    ).rowcount


# ---------------------------------------------------------------- owners: machine/pid/start/thread


@lru_cache(maxsize=1)
def _machine() -> str:
    """Names the machine, and on it the set of processes that can see each other: containers may share a host's name."""
    known = [socket.gethostname()]
    for path in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        with suppress(OSError):
            known.append(Path(path).read_text())
    with suppress(OSError):
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _me(pid: int) -> str:
    return f"{_machine()}/{pid}/{_started(pid)}"


def owner_name(thread: str) -> str:
    """The name under which a thread of this process holds leases. It tells a later process whether we still live."""
    return f"{_me(os.getpid())}/{thread}"


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot (proc(5), field 22); "" where there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _is_dead(owner: str) -> bool:
    machine, pid, started, _ = owner.split("/", 3)
    if machine != _machine():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return started != _started(int(pid))
