"""The evidence bundle of an order or of one transmission. That it was exported is an event of the log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edigw.gateway.desk import queries, rulebook
from edigw.gateway.upkeep import configuration
from edigw.log import bundle
from edigw.log.eventlog import EventLog, new_xid


class NothingKnown(Exception):
    """There is no such order or transmission."""


def export(
    log: EventLog,
    path: Path,
    actor: str,
    *,
    order: str = "",
    partner: str = "",
    transmission: str = "",
    withhold: Mapping[str, str] | None = None,
) -> list[str]:
    """Write the bundle of the thread of an order (with `partner`, of the one that it is a side of), or of a
    transmission, to `path`; the exchanges that are in it. `withhold` as in `edigw.log.bundle.export`; with
    `configuration` in it, the rules that applied are left out as well.

    Raises NothingKnown, StoreError, LogError (also if this process holds no key of the log), PayloadError."""
    with log.database.read() as conn:
        if order:
            xids = queries.exchanges_of_thread(conn, log.payloads, order, partner)
        else:
            row = queries.find_transmission(conn, transmission)
            xids = [] if row is None else queries.exchanges_of_transmission(conn, row)
    if not xids:
        raise NothingKnown(f"nothing is known of {order or transmission}")
    with log.database.write() as conn:
        log.append(
            conn,
            type="evidence.exported",
            xid=new_xid(),
            actor=actor,
            detail={
                "thread": order,
                "transmission": transmission,
                "exchanges": xids,
                "withheld": dict(withhold or {}),
            },
        )
    while log.integrate():
        pass
    subject = f"order {order}" if order else f"transmission {transmission}"
    rules: dict[str, bytes] = {}
    if configuration.ROLE not in (withhold or {}):
        with log.database.read() as conn:
            rules = rulebook.rules(conn, log.payloads, log.origin, xids)
    bundle.export(log, xids, path, withhold=withhold, subject=subject, rules=rules)
    return xids
