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
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, Update, bindparam, func, insert, null, or_, select, text, update

from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.schema import READY, job, transmission

Kind: TypeAlias = Literal["process", "deliver", "receipt"]
JobRow: TypeAlias = Row[*tuple[Any, ...]]  # with the columns of a `Job`

ANY_SIZE = 1 << 62
_PUT = insert(job)
_FREE = or_(job.c.owner.is_(None), job.c.lease_until < bindparam("now"))
_source, _their_source = transmission.alias("source"), transmission.alias("their_source")
_DUE = (
    select(job.c.id, job.c.kind, job.c.transmission, job.c.attempts, job.c.queued_at, transmission.c.partner)
    .join(transmission, transmission.c.id == job.c.transmission)
    .outerjoin(_source, _source.c.id == transmission.c.source)
    .where(
        READY,
        job.c.kind == bindparam("what"),
        job.c.due_at <= bindparam("now"),
        _FREE,
        transmission.c.size.between(bindparam("smallest"), bindparam("largest")),
        func.coalesce(_source.c.size, 0).between(bindparam("from_smallest"), bindparam("from_largest")),
    )
    .order_by(job.c.due_at, job.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=job)
)
_attended, _their = job.alias("attended"), transmission.alias("their")
_ATTENDED = (
    select(_their.c.partner)
    .join(_attended, _attended.c.transmission == _their.c.id)
    .outerjoin(_their_source, _their_source.c.id == _their.c.source)
    .where(
        text("attended.state = 'ready'"),
        _attended.c.kind == bindparam("what"),
        _attended.c.owner.is_not(None),
        _attended.c.lease_until >= bindparam("now"),
        _their.c.size.between(bindparam("smallest"), bindparam("largest")),
        func.coalesce(_their_source.c.size, 0).between(bindparam("from_smallest"), bindparam("from_largest")),
    )
)
_CROWDED = (
    _ATTENDED.where(_attended.c.owner.like(bindparam("ours")))
    .group_by(_their.c.partner)
    .having(func.count(_attended.c.owner.distinct()) >= bindparam("share"))
)
_DUE_UNCROWDED = _DUE.where(transmission.c.partner.not_in(_CROWDED))
_DUE_UNATTENDED = _DUE.where(transmission.c.partner.not_in(_ATTENDED))
_DUE_OF_PARTNER = _DUE.where(transmission.c.partner == bindparam("partner"))
_TAKE = (
    update(job)
    .where(job.c.id == bindparam("which"), job.c.state == "ready", _FREE)
    .values(owner=bindparam("by"), lease_until=bindparam("until"))
)
_HELD = (job.c.id == bindparam("which"), job.c.owner == bindparam("by"), job.c.state == "ready")
_KEEP = update(job).where(*_HELD).values(lease_until=bindparam("until"))  # locks the row
_END = (
    update(job).where(*_HELD).values(owner=null(), lease_until=null(), state=bindparam("new"), error=bindparam("why"))
)
_POSTPONE = _END.values(due_at=bindparam("due"), attempts=bindparam("tried"))
_AGAIN = (
    update(job)
    .where(job.c.kind == bindparam("what"), job.c.transmission == bindparam("of"), job.c.state != "ready")
    .values(
        state="ready",
        due_at=bindparam("now"),
        queued_at=bindparam("now"),
        attempts=0,
        owner=null(),
        lease_until=null(),
        error="",
    )
)
_OWNERS = select(job.c.owner).where(job.c.owner.is_not(None)).distinct()
_RELEASE = (
    update(job)
    .where(job.c.owner.in_(bindparam("dead", expanding=True)), job.c.state == "ready")
    .values(owner=null(), lease_until=null())
)


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


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that was not done, for trouble of ours or because its lease was lost."""

    job: Job
    error: Exception


@dataclass(frozen=True, slots=True)
class Lane:
    """The jobs that one worker is for, so that small files overtake large ones: those whose file has so many bytes."""

    kind: Kind
    most: int = 1  # jobs that are taken at a time
    smallest: int = 0
    largest: int = ANY_SIZE
    from_smallest: int = 0  # and that stem from a file of so many bytes: 0 if from none
    from_largest: int = ANY_SIZE
    by_partner: bool = False  # those of one partner at a time, and of none that another worker is at
    # So many workers of this process at most are at files of one partner; 0: any number. Who sends more than can be
    # processed keeps no other one waiting.
    share: int = 0


def put(conn: Connection, kind: Kind, transmission: str) -> None:
    """Put a job into the queue, due at once."""
    now = stamp(utc_now())
    conn.execute(_PUT, {"kind": kind, "transmission": transmission, "state": "ready", "due_at": now, "queued_at": now})


def claim(conn: Connection, lane: Lane, owner: str, now: datetime, lease: timedelta) -> list[Job]:
    """Take the jobs of a lane that have been due for longest, or whose lease ran out.

    After `lease`, others may take them: a worker that is still at one then finds that out when it wants to end it."""
    asked = {
        "what": lane.kind,
        "now": stamp(now),
        "smallest": lane.smallest,
        "largest": lane.largest,
        "from_smallest": lane.from_smallest,
        "from_largest": lane.from_largest,
        "most": lane.most,
    }
    if lane.by_partner:
        first = conn.execute(_DUE_UNATTENDED, {**asked, "most": 1}).first()
        rows = conn.execute(_DUE_OF_PARTNER, {**asked, "partner": first.partner}).all() if first else []
    elif lane.share:
        rows = conn.execute(_DUE_UNCROWDED, {**asked, "ours": owner_name("%"), "share": lane.share}).all()
    else:
        rows = conn.execute(_DUE, asked).all()
    return [claimed for row in rows if (claimed := take(conn, row, owner, now, lease)) is not None]


def take(conn: Connection, row: JobRow, owner: str, now: datetime, lease: timedelta) -> Job | None:
    """Take one job, by its row; None if somebody else is at it, or it has ended."""
    taken = {"which": row.id, "by": owner, "until": stamp(now + lease), "now": stamp(now)}
    if conn.execute(_TAKE, taken).rowcount != 1:
        return None
    return Job(row.id, row.kind, row.transmission, row.attempts, owner, parse_stamp(row.queued_at))


def keep(conn: Connection, claimed: Job, lease: timedelta) -> None:
    """Say that the job is still being done, and begin its lease anew; until the transaction ends, nobody can take it.

    Raises LeaseLost if somebody has."""
    _change(conn, claimed, _KEEP, until=stamp(utc_now() + lease))


def done(conn: Connection, claimed: Job) -> None:
    """End a job with success."""
    _change(conn, claimed, _END, new="done", why="")


def failed(conn: Connection, claimed: Job, error: str) -> None:
    """End a job for good: an admin has to act."""
    _change(conn, claimed, _END, new="failed", why=error)


def held(conn: Connection, claimed: Job, why: str) -> None:
    """Put a job aside until an admin, or a changed configuration, lets it go on (`again`)."""
    _change(conn, claimed, _END, new="held", why=why)


def postpone(conn: Connection, claimed: Job, due: datetime, error: str = "", *, count: bool = True) -> None:
    """Give a job back, due later; `count` it as a failed attempt or as mere waiting."""
    tried = claimed.attempts + count
    _change(conn, claimed, _POSTPONE, new="ready", why=error, due=stamp(due), tried=tried)


def again(conn: Connection, kind: Kind, transmission: str) -> bool:
    """Make an ended job ready once more (an admin's decision); False if there is no such job."""
    return conn.execute(_AGAIN, {"what": kind, "of": transmission, "now": stamp(utc_now())}).rowcount == 1


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


def _change(conn: Connection, claimed: Job, statement: Update, **values: object) -> None:
    """Raises LeaseLost unless the job is still its owner's."""
    if conn.execute(statement, {"which": claimed.id, "by": claimed.owner, **values}).rowcount != 1:
        raise LeaseLost(f"job {claimed.id} ({claimed.kind} {claimed.transmission}) is held by another worker")


def release_dead(conn: Connection) -> int:
    """Take back the leases of processes of this machine that no longer run; how many there were."""
    dead = [owner for owner in conn.execute(_OWNERS).scalars().all() if owner is not None and is_dead(owner)]
    return conn.execute(_RELEASE, {"dead": dead}).rowcount if dead else 0


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


def is_dead(owner: str) -> bool:
    """Whether an owner was a process of this machine that runs no more."""
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
