"""How the gateway does: traffic by the hour, how long delivery takes, and when each partner was last heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select

from edigw.store.clock import parse_stamp, stamp
from edigw.store.ids import first_id
from edigw.store.schema import transmission

HOURS = 24
_TIMED = 2000  # deliveries whose time is taken into account
_LATEST = 500  # transmissions of a partner among which the last ones are looked for
_FAILED = ("rejected", "failed", "held", "partly_accepted", "expired")


@dataclass(frozen=True, slots=True)
class Hour:
    """The traffic of one hour, which begins at `at`: transmissions, and how many of them want attention."""

    at: str
    count: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A partner's traffic of the last hours, and when the last file came from it and went to it, "" if not
    lately."""

    received: int
    sent: int
    wrong: int
    last_received: str
    last_sent: str


def hours(conn: Connection, now: datetime) -> list[Hour]:
    """The last hours, the present one at the end."""
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    hour = func.substr(transmission.c.created_at, 1, 13)
    wrong = func.sum(case((transmission.c.state.in_(_FAILED), 1), else_=0))
    counted = select(hour, func.count(), wrong).where(transmission.c.id >= first_id(begin)).group_by(hour)
    found = {row[0]: (row[1], int(row[2])) for row in conn.execute(counted)}
    starts = [stamp(begin + timedelta(hours=n)) for n in range(HOURS)]
    return [Hour(at, *found.get(at[:13], (0, 0))) for at in starts]


def seconds_to_deliver(conn: Connection, now: datetime) -> list[float]:
    """How long it took from the arrival of a file to the delivery of what it became, for the newest deliveries of the
    last hours, shortest first. What a partner fetches counts when it lies in the mailbox."""
    origin = transmission.alias("origin")
    newest = (
        select(origin.c.created_at, transmission.c.changed_at)
        .join(origin, origin.c.id == transmission.c.source)
        .where(
            transmission.c.id >= first_id(now - timedelta(hours=HOURS)),
            transmission.c.kind == "business",
            transmission.c.state.in_(("delivered", "deposited")),
        )
        .order_by(transmission.c.id.desc())
        .limit(_TIMED)
    )
    times = ((parse_stamp(row[1]) - parse_stamp(row[0])).total_seconds() for row in conn.execute(newest))
    return sorted(times)


def share(times: Sequence[float], of: float) -> float | None:
    """Within how many seconds this share of the deliveries (0.5, 0.95) was made; None without any."""
    return times[min(int(len(times) * of), len(times) - 1)] if times else None


def heard(conn: Connection, codes: Sequence[str], now: datetime) -> dict[str, Heard]:
    """The traffic with each of these partners."""
    since = first_id(now - timedelta(hours=HOURS))
    wrong = func.sum(case((transmission.c.state.in_(_FAILED), 1), else_=0))
    counted = select(transmission.c.partner, transmission.c.direction, func.count(), wrong)
    grouped = counted.where(transmission.c.id >= since).group_by(transmission.c.partner, transmission.c.direction)
    lately: dict[tuple[str, str], Any] = {(row[0], row[1]): row for row in conn.execute(grouped)}

    last = {code: _last(conn, code) for code in codes}

    def count(code: str, direction: str, column: int) -> int:
        row = lately.get((code, direction))
        return int(row[column]) if row is not None else 0

    return {
        code: Heard(
            received=count(code, "in", 2),
            sent=count(code, "out", 2),
            wrong=count(code, "in", 3) + count(code, "out", 3),
            last_received=last[code].get("in", ""),
            last_sent=last[code].get("out", ""),
        )
        for code in codes
    }


def _last(conn: Connection, code: str) -> dict[str, str]:
    """When the newest file came from a partner, and went to it, by direction; among its latest ones."""
    of = select(transmission.c.direction, transmission.c.created_at).where(transmission.c.partner == code)
    latest = of.order_by(transmission.c.created_at.desc()).limit(_LATEST).subquery()
    newest = select(latest.c.direction, func.max(latest.c.created_at)).group_by(latest.c.direction)
    return {row[0]: row[1] for row in conn.execute(newest)}
