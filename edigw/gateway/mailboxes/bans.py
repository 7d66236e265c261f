"""What is held against addresses that fail to log in, in the database: all front ends act on the same scores."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from edigw.log.eventlog import EventLog, new_xid
from edigw.store.database import Database
from edigw.store.errors import StoreError
from edigw.store.schema import ban
from edigw.store.upsert import replace_rows
from edigw.transport.server.bans import BanRules, Score, network_of

_logger = logging.getLogger("edigw.sftp")


class SharedBans:
    """A `BanList` (`edigw.transport.server.bans`) over the database.

    Without the database nobody is shut out, and nothing can be uploaded either."""

    def __init__(self, database: Database, rules: BanRules) -> None:
        self._database = database
        self._rules = rules

    def banned(self, address: str) -> bool:
        try:
            with self._database.read() as conn:
                row = conn.execute(_of(network_of(address))).first()
        except StoreError as error:
            _logger.error("can't tell whether %s is shut out: %s", address, error)
            return False
        return row is not None and time.time() < row.until

    def charge(self, address: str, points: int) -> bool:
        if self._rules.spares(address, points):
            return False
        now, network = time.time(), network_of(address)
        try:
            with self._database.write() as conn:
                row = conn.execute(_of(network).with_for_update()).first()
                before = Score(tuple(map(tuple, json.loads(row.marks))), row.until, row.length) if row else Score()
                score, banned = self._rules.charged(before, points, now)
                conn.execute(delete(ban).where(ban.c.matters_until < now))
                replace_rows(conn, ban, [_values(network, score, self._rules.matters_until(score))])
        except StoreError as error:
            _logger.error("%d points against %s were lost: %s", points, address, error)
            return False
        return banned


def listed(conn: Connection) -> list[dict[str, Any]]:
    """Every address that is shut out now, with the time until when (seconds since the epoch), longest first."""
    rows = conn.execute(select(ban).where(ban.c.until > time.time()).order_by(ban.c.until.desc()))
    return [{"network": row.network, "until": row.until} for row in rows]


def unban(log: EventLog, address: str, actor: str, why: str) -> bool:
    """Forget what is held against an IP address; whether anything was. Raises ValueError if it is none, StoreError."""
    network = network_of(address)
    with log.database.write() as conn:
        lifted = conn.execute(delete(ban).where(ban.c.network == network)).rowcount > 0
        if lifted:
            facts = {"action": "unban", "network": network, "why": why}
            log.append(conn, type="admin.action", xid=new_xid(), actor=actor, detail=facts)
    return lifted


def _of(network: str) -> Select[Any]:
    return select(ban).where(ban.c.network == network)


def _values(network: str, score: Score, matters_until: float) -> dict[str, Any]:
    return {
        "network": network,
        "marks": json.dumps(score.marks),
        "until": score.until,
        "length": score.length,
        "matters_until": matters_until,
    }
