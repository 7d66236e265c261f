"""Erasure: the content of files that are older than their retention, or that an admin wants gone.

What is erased is the content, its salts and its name in the log's objects. The entries stay, and every proof about them
holds: `object.erased` says what is no longer there. One content that passed several times is erased when all of its
transmissions are due, and none of them is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from edigw.gateway.records import States
from edigw.gateway.upkeep.closing import ENDED
from edigw.log.errors import LogError
from edigw.log.eventlog import EventLog
from edigw.log.objects import erase
from edigw.partners.tables.retention import LegalHold, Retention, RetentionRule
from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.payloads import Payloads
from edigw.store.schema import evidence_object, mailbox_item, message, payload, reference, transmission

YEAR = timedelta(days=365.2425)
BATCH = 100
_OLD = (
    select(payload.c.sha256)
    .join(transmission, or_(transmission.c.sha256 == payload.c.sha256, transmission.c.clear_sha256 == payload.c.sha256))
    .where(payload.c.sha256 > bindparam("last"))
    .group_by(payload.c.sha256)
    .having(func.max(transmission.c.created_at) < bindparam("before"))
    .order_by(payload.c.sha256)
    .limit(BATCH)
)


class Held(Exception):
    """What an admin wants erased is under legal hold, or still under way; the text says which."""


@dataclass(frozen=True, slots=True)
class Due:
    """A content to be erased, and the transmissions that carried it."""

    sha256: str
    transmissions: tuple[str, ...]
    names: tuple[str, ...]


def due(conn: Connection, retention: Retention, now: datetime) -> Iterator[Due]:
    """What has been kept for long enough."""
    shortest = min([retention.years, *(rule.years for rule in retention.rules)])
    last = ""
    while True:
        found = conn.execute(_OLD, {"last": last, "before": stamp(now - shortest * YEAR)}).scalars().all()
        for sha256 in found:
            rows = _carrying(conn, sha256)
            if all(_is_due(conn, row, retention, now) for row in rows):
                yield _due(sha256, rows)
        if not found:
            return
        last = found[-1]


def wanted(conn: Connection, retention: Retention, row: Row[Any]) -> list[Due]:
    """What an admin wants erased before its time: the content of a transmission, encrypted and in the clear.

    Raises Held."""
    return [_wanted(conn, retention, sha256) for sha256 in (row.sha256, row.clear_sha256) if sha256]


def _wanted(conn: Connection, retention: Retention, sha256: str) -> Due:
    rows = _carrying(conn, sha256)
    for each in rows:
        if hold := _hold(retention.holds, *_facts(conn, each)):
            raise Held(f"{each.id} is under legal hold: {hold.reason}")
        if not _has_ended(each):
            raise Held(f"{each.id} is {each.state}: it is still under way")
    return _due(sha256, rows)


def erase_content(log: EventLog, payloads: Payloads, one: Due, *, actor: str, reason: str) -> int:
    """Erases a content and logs it; how many objects of the log that were. Raises StoreError, LogError."""
    with log.database.write() as conn:
        rows = _carrying(conn, one.sha256)
        if {row.id for row in rows} != set(one.transmissions):
            raise LogError(f"{one.sha256} has passed once more")
        named = select(evidence_object.c.commit).where(evidence_object.c.sha256 == one.sha256)
        commits = list(conn.execute(named.order_by(evidence_object.c.commit)).scalars())
        if not commits:
            return 0
        for row in rows:
            _out_of_mailboxes(log, conn, row, actor, reason)
        erased, orphans = erase(conn, commits)
        log.append_erasure(conn, xid=rows[0].xid, actor=actor, reason=reason, erased=erased)
    for sha256 in orphans:
        payloads.files.remove_unused(sha256)
    log.database.forget_deleted()
    return len(erased)


def erase_due(log: EventLog, payloads: Payloads, retention: Retention, now: datetime | None = None) -> int:
    """Erases everything that is due; how many contents that were. Raises StoreError, LogError."""
    with log.database.read() as conn:
        found = list(due(conn, retention, now or utc_now()))
    return sum(erase_content(log, payloads, one, actor="gateway", reason="retention") > 0 for one in found)


def _carrying(conn: Connection, sha256: str) -> Sequence[Row[Any]]:
    carries = or_(transmission.c.sha256 == sha256, transmission.c.clear_sha256 == sha256)
    return conn.execute(select(transmission).where(carries).order_by(transmission.c.id)).all()


def _due(sha256: str, rows: Sequence[Row[Any]]) -> Due:
    return Due(sha256, tuple(row.id for row in rows), tuple(row.name for row in rows))


def _has_ended(row: Row[Any]) -> bool:
    return row.state in ENDED or row.state == "deposited"


def _is_due(conn: Connection, row: Row[Any], retention: Retention, now: datetime) -> bool:
    partners, documents, references = _facts(conn, row)
    years = max(_years(retention, partners, document) for document in documents or {""})
    held = _hold(retention.holds, partners, documents, references)
    return _has_ended(row) and held is None and parse_stamp(row.created_at) < now - years * YEAR


def _facts(conn: Connection, row: Row[Any]) -> tuple[set[str], set[str], set[str]]:
    """Partners, documents and references of a transmission."""
    messages = conn.execute(select(message).where(message.c.transmission == row.id)).all()
    ids = select(message.c.id).where(message.c.transmission == row.id)
    values = conn.execute(select(reference.c.value).where(reference.c.message.in_(ids))).scalars()
    partners = {row.partner, *(m.sender for m in messages), *(m.receiver for m in messages)}
    numbers = {m.number for m in messages if m.number}
    return partners, {m.document for m in messages if m.document}, numbers | set(values)


def _years(retention: Retention, partners: set[str], document: str) -> float:
    fitting = (rule for rule in retention.rules if _fits(rule, partners, {document}))
    found = next(fitting, None)
    return retention.years if found is None else found.years


def _hold(
    holds: Sequence[LegalHold], partners: set[str], documents: set[str], references: set[str]
) -> LegalHold | None:
    fitting = (
        hold
        for hold in holds
        if _fits(hold, partners, documents) and (not hold.reference or hold.reference in references)
    )
    return next(fitting, None)


def _fits(rule: RetentionRule | LegalHold, partners: set[str], documents: set[str]) -> bool:
    return (not rule.partner or rule.partner in partners) and (not rule.document or rule.document in documents)


def _out_of_mailboxes(log: EventLog, conn: Connection, row: Row[Any], actor: str, reason: str) -> None:
    """Takes the file out of sight of partners, whose mailboxes would otherwise show what can't be fetched any more."""
    there = (
        mailbox_item.c.transmission == row.id,
        mailbox_item.c.folder != "receipts",
        mailbox_item.c.state != "removed",
    )
    changed = conn.execute(update(mailbox_item).where(*there).values(state="removed", changed_at=stamp(utc_now())))
    if changed.rowcount:
        log.append(
            conn,
            type="mailbox.removed",
            xid=row.xid,
            actor=actor,
            reason=reason,
            detail={"file": row.name, **States(conn).told(row.id)},
            transmission=row.id,
        )
