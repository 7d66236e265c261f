"""The anchors of a log in its database: which checkpoint is to be attested next, and what came of it.

A round asks everybody who is due about the newest checkpoint. It is claimed in a short transaction, so that of several
processes one does it; the asking itself holds nothing up. Whatever was attested becomes one `log.anchored` event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from edigw.log.anchors.statement import Statement, Token
from edigw.log.anchors.witness import Cosignature
from edigw.log.eventlog import Appended, Content, EventLog, new_xid
from edigw.log.note import split_note
from edigw.log.objects import whole
from edigw.store.clock import parse_stamp, stamp
from edigw.store.database import Database
from edigw.store.schema import (
    ev_attester,
    ev_checkpoint,
    ev_cosignature,
    ev_entry,
    ev_timestamp,
    event,
    evidence_object,
)
from edigw.store.upsert import insert_new, replace_rows

ROUND_LOCK = 0x45444941  # advisory lock on PostgreSQL: "EDIA"
TROUBLE_LIMIT = 500  # characters


@dataclass(frozen=True, slots=True)
class Round:
    """A checkpoint to be attested: its note, and for everybody who is due the size that they attested last, or 0."""

    size: int
    note: str
    due: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Attester:
    """How an authority or a witness has answered lately."""

    name: str
    asked_at: str = ""
    size: int = 0  # of the last checkpoint that it attested
    attested_at: str = ""
    trouble: str = ""  # why its last answer was none


def claim(database: Database, names: Sequence[str], every: timedelta, now: datetime) -> Round | None:
    """The round that is due `now`, now claimed by the caller; None if there is none yet.

    Somebody is due if the log has grown since what they attested last, by more than `log.anchored` events. A round
    begins when `every` has passed since anybody was asked. Raises StoreError.
    """
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(ROUND_LOCK)))
        newest = connection.execute(select(ev_checkpoint).order_by(ev_checkpoint.c.size.desc()).limit(1)).first()
        known = attesters(connection)
        asked = [parse_stamp(known[name].asked_at) for name in names if name in known]
        if newest is None or (asked and max(asked) + every > now):
            return None
        size = min(newest.size, _grown(connection))
        due = [each for each in (known.get(name, Attester(name)) for name in names) if each.size < size]
        for each in due:
            _keep(connection, replace(each, asked_at=stamp(now)))
        return Round(newest.size, newest.note, {each.name: each.size for each in due}) if due else None


def attesters(connection: Connection) -> dict[str, Attester]:
    """Everybody who was ever asked, by name."""
    return {row.name: Attester(*row) for row in connection.execute(select(ev_attester).order_by(ev_attester.c.name))}


def record(
    log: EventLog,
    note: str,
    tokens: Sequence[Token],
    cosignatures: Sequence[Cosignature],
    troubles: Mapping[str, str],
    now: datetime,
) -> Appended | None:
    """Keeps what a round over the checkpoint `note` brought, and appends `log.anchored`; None if it brought nothing.

    `troubles` says by name why somebody attested nothing; "" if all is well again. Raises LogError, StoreError.
    """
    statement = Statement(note, tuple(tokens), tuple(each.line for each in cosignatures))
    size = statement.checkpoint.size
    sealed = [log.seal(Content("tsa.token", data=token.answer)) for token in tokens]
    with log.database.write() as connection:
        known = attesters(connection)
        attested = {token.authority: token.at for token in tokens}
        attested |= {each.witness: stamp(each.at) for each in cosignatures}
        for name, at in attested.items():
            _keep(connection, Attester(name, stamp(now), size, at))
        for name, why in troubles.items():
            before = known.get(name, Attester(name))
            _keep(connection, replace(before, asked_at=stamp(now), trouble=why[:TROUBLE_LIMIT]))
        if not attested:
            return None
        appended = log.append(
            connection,
            type="log.anchored",
            xid=new_xid(),
            actor="gateway",
            objects=sealed,
            detail=statement.detail(),
        )
        for token, content in zip(tokens, sealed, strict=True):
            row = {"size": size, "authority": token.authority, "at": token.at, "note": note}
            insert_new(connection, ev_timestamp, {**row, "commit": content.commit})
        for each in cosignatures:
            row = {"size": size, "witness": each.witness, "at": stamp(each.at), "line": each.line}
            insert_new(connection, ev_cosignature, row)
        return appended


@dataclass(frozen=True, slots=True)
class Anchored:
    """A checkpoint and what attests it. Without attestations it is just what the log has signed."""

    note: str
    tokens: tuple[Token, ...] = ()
    cosignatures: tuple[Cosignature, ...] = ()


def anchored(log: EventLog, connection: Connection, size: int) -> Anchored:
    """The checkpoint of this size with everything that attests it. Raises LogError if a token was erased."""
    note = connection.execute(select(ev_checkpoint.c.note).where(ev_checkpoint.c.size == size)).scalar_one()
    rows = connection.execute(
        select(ev_timestamp, evidence_object)
        .join(evidence_object, evidence_object.c.commit == ev_timestamp.c.commit)
        .where(ev_timestamp.c.size == size)
        .order_by(ev_timestamp.c.at, ev_timestamp.c.authority)
    ).all()
    note = rows[0].note if rows else note
    tokens = [Token(row.authority, row.at, whole(log.payloads, row)) for row in rows if row.note == note]
    lines = connection.execute(
        select(ev_cosignature).where(ev_cosignature.c.size == size).order_by(ev_cosignature.c.witness)
    )
    cosignatures = [Cosignature(row.witness, row.line, parse_stamp(row.at)) for row in lines]
    return Anchored(note, tuple(tokens), tuple(cosignatures))


def covering(log: EventLog, connection: Connection, index: int) -> Anchored | None:
    """The first checkpoint over entry `index` that both authorities and witnesses have attested, else one of the two;
    else the newest. The key in use has signed it. None if no checkpoint is over that entry."""
    changed = select(func.max(ev_entry.c.seq)).join(event, event.c.eid == ev_entry.c.eid)
    since = max(index, connection.scalar(changed.where(event.c.type == "log.key")) or 0)
    stamped = select(ev_timestamp.c.size).where(ev_timestamp.c.size > since)
    seen = select(ev_cosignature.c.size).where(ev_cosignature.c.size > since)
    for some in (stamped.where(ev_timestamp.c.size.in_(seen)), stamped, seen):
        for size in connection.scalars(some.distinct().order_by("size")):
            found = anchored(log, connection, size)
            if log.keys[0].key_id in {key_id for _, key_id, _ in split_note(found.note)[1]}:
                return found
    newest = connection.scalar(select(func.max(ev_checkpoint.c.size)))
    return anchored(log, connection, newest) if newest and newest > index else None


def before(log: EventLog, connection: Connection, index: int) -> Anchored | None:
    """The newest checkpoint that has not yet entry `index` and was timestamped, else cosigned, else just signed."""
    for table in (ev_timestamp, ev_cosignature, ev_checkpoint):
        if size := connection.scalar(select(func.max(table.c.size)).where(table.c.size <= index)):
            return anchored(log, connection, size)
    return None


def sizes(connection: Connection) -> set[int]:
    """The sizes of all checkpoints that somebody has attested: these are kept for ever."""
    return {size for table in (ev_timestamp, ev_cosignature) for size in connection.scalars(select(table.c.size))}


def _grown(connection: Connection) -> int:
    """The size of the log up to the last entry that is more than an anchor."""
    last = (
        select(ev_entry.c.seq)
        .join(event, event.c.eid == ev_entry.c.eid)
        .where(event.c.type != "log.anchored")
        .order_by(ev_entry.c.seq.desc())
        .limit(1)
    )
    newest = connection.scalar(last)
    return 0 if newest is None else newest + 1


def _keep(connection: Connection, told: Attester) -> None:
    replace_rows(connection, ev_attester, [asdict(told)])
