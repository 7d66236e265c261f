"""What waits for a person, by the reason for which it does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, or_, select

from edigw.gateway.desk import operate
from edigw.log.eventlog import EventLog
from edigw.store.schema import finding, transmission

_WAITING = (transmission.c.direction == "in", transmission.c.state.in_(("held", "partly_accepted")))
_HELD = finding.c.kind == "held"

# What an admin mends in the configuration; then everything that is held for it can be processed again.
SETUP = (
    "unknown_sender",
    "unknown_receiver",
    "unknown_type",
    "type_not_agreed",
    "no_agreement",
    "no_identifier",
    "no_binding",
    "no_test_box",
    "partner_inactive",
)


def reasons(conn: Connection) -> Counter[str]:
    """For which reasons received files wait, and how many for each."""
    of = finding.c.transmission == transmission.c.id
    bodies = select(finding.c.transmission, finding.c.body).join(transmission, of).where(*_WAITING, _HELD)
    waiting = {(row.transmission, str(msgspec.json.decode(row.body)["code"])) for row in conn.execute(bodies)}
    whole = select(transmission.c.id, transmission.c.reason).where(*_WAITING, transmission.c.state == "held")
    waiting |= {(row.id, row.reason) for row in conn.execute(whole)}
    return Counter(reason for _, reason in waiting)


def waiting_for(conn: Connection, reason: str, partner: str = "") -> list[str]:
    """The received transmissions that wait for a reason, of one partner or of all, oldest first."""
    begins = f'{{"code":{msgspec.json.encode(reason).decode()},'
    because = select(finding.c.transmission).where(_HELD, finding.c.body.startswith(begins, autoescape=True))
    of: list[ColumnElement[bool]] = [transmission.c.partner == partner] if partner else []
    found = select(transmission.c.id).where(
        *_WAITING,
        *of,
        or_(transmission.c.id.in_(because), (transmission.c.state == "held") & (transmission.c.reason == reason)),
    )
    return list(conn.execute(found.order_by(transmission.c.id)).scalars())


def reprocess(log: EventLog, reason: str, partner: str, actor: str, why: str) -> list[str]:
    """Process everything again that waits for a reason, with the configuration as it is now. Returns the ids of the
    transmissions. Raises StoreError, LogError."""
    with log.database.read() as conn:
        ids = waiting_for(conn, reason, partner)
    done = []
    for id in ids:
        try:
            done.append(operate.reprocess(log, id, actor, why))
        except operate.Refusal:  # somebody else has just done so
            continue
    return done


@dataclass(frozen=True, slots=True)
class Waiting:
    """A transmission that waits for a person: its row, and each reason for which it does, in words."""

    row: Row[Any]
    reasons: tuple[tuple[str, str], ...]  # code and text


def waiting(conn: Connection, limit: int) -> list[Waiting]:
    """What waits for a person, both what came and what would go out, oldest first."""
    whole = transmission.c.state == "held"
    parts = select(finding.c.transmission).where(_HELD, finding.c.transmission == transmission.c.id).exists()
    some = (transmission.c.state == "partly_accepted") & parts
    rows = conn.execute(select(transmission).where(or_(whole, some)).order_by(transmission.c.id).limit(limit)).all()
    told: dict[str, dict[tuple[str, str], None]] = {}
    bodies = select(finding.c.transmission, finding.c.body).where(
        _HELD, finding.c.transmission.in_([r.id for r in rows])
    )
    for each in conn.execute(bodies.order_by(finding.c.id)):
        body = msgspec.json.decode(each.body)
        told.setdefault(each.transmission, {})[str(body["code"]), str(body.get("text", ""))] = None
    return [Waiting(row, tuple(told.get(row.id, {(row.reason, ""): None}))) for row in rows]
