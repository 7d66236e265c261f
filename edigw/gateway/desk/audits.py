"""Audits of the log that people start from the console: in the background, with progress, and on record."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from edigw.gateway.context import Context
from edigw.log.audit import Progress, audit
from edigw.log.errors import LogError
from edigw.log.eventlog import new_xid
from edigw.partners.anchors import attesters
from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.errors import StoreError
from edigw.store.ids import new_id
from edigw.store.schema import audit_run
from edigw.wording import plural

_logger = logging.getLogger("edigw.console")
SHOWN = 100  # problems that are kept
_TELL = 1.0  # seconds between two words about the progress
_SILENT = timedelta(minutes=2)  # an audit that says nothing for so long died with its process


class AuditRuns(Exception):
    """One is at it already."""


@dataclass(frozen=True, slots=True)
class Run:
    """One audit. `checked` tells how many of what were checked so far, out of how many; `ended_at` is "" unless it has
    ended, `problems` how many were found, `told` the first of them. `said_at` is when it last told how far it is."""

    id: str
    actor: str
    started_at: str
    said_at: str
    ended_at: str
    checked: Mapping[str, Sequence[int]]
    problems: int
    told: Sequence[str]

    @property
    def running(self) -> bool:
        """Whether it goes on; one that has been silent for long died with its process."""
        return not self.ended_at and utc_now() - parse_stamp(self.said_at) < _SILENT

    @property
    def verified(self) -> bool:
        return bool(self.ended_at) and not self.problems


def newest(conn: Connection) -> Run | None:
    """The audit that was started last."""
    row = conn.execute(select(audit_run).order_by(audit_run.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    checked, told = json.loads(row.checked), json.loads(row.told)
    return Run(row.id, row.actor, row.started_at, row.said_at, row.ended_at or "", checked, row.problems, told)


def start(context: Context, actor: str) -> str:
    """Begin an audit of everything in a thread of its own; its id. Raises AuditRuns, StoreError, LogError."""
    id, now = new_id(), stamp(utc_now())
    with context.database.write() as conn:
        before = newest(conn)
        if before is not None and before.running:
            raise AuditRuns("an audit is running already")
        conn.execute(insert(audit_run).values(id=id, actor=actor, started_at=now, said_at=now, checked="{}", told="[]"))
        context.log.append(conn, type="admin.action", xid=new_xid(), actor=actor, detail={"action": "verify the log"})
    context.wake.set("log")
    threading.Thread(target=_run, args=(context, id), name="audit", daemon=True).start()
    return id


def _run(context: Context, id: str) -> None:
    config = context.config.log
    checked: dict[str, Sequence[int]] = {}
    told: list[str] = []
    problems, said = 0, time.monotonic()
    try:
        for one in audit(
            context.database,
            context.payloads,
            context.log.keys,
            config.highwater_file,
            trusted=attesters(config),
            folder=config.anchors.folder,
        ):
            if isinstance(one, Progress):
                checked[one.part] = (one.done, one.total)
            else:
                problems += 1
                told += [str(one)][: SHOWN - len(told)]
            if time.monotonic() - said > _TELL:
                _keep(context, id, checked, problems, told)
                said = time.monotonic()
    except (StoreError, LogError) as error:
        problems += 1
        told.append(f"the audit broke off: {error}")
    except Exception as error:
        problems += 1
        told.append(f"the audit broke off: this is a bug: {type(error).__name__}")
        _logger.exception("an audit broke off")
    try:
        _keep(context, id, checked, problems, told, ended=True)
    except (StoreError, LogError) as error:
        _logger.error("the result of an audit can't be kept: %s", error)


def _keep(
    context: Context,
    id: str,
    checked: Mapping[str, Sequence[int]],
    problems: int,
    told: Sequence[str],
    *,
    ended: bool = False,
) -> None:
    now = stamp(utc_now())
    values = {"checked": json.dumps(checked), "problems": problems, "told": json.dumps(told), "said_at": now}
    if ended:
        values["ended_at"] = now
    with context.database.write() as conn:
        conn.execute(update(audit_run).where(audit_run.c.id == id).values(**values))
        if ended:
            done = {part: amounts[0] for part, amounts in checked.items()}
            facts = {"action": f"audit ended, {plural(problems, 'problem')}", "checked": done, "problems": problems}
            context.log.append(conn, type="admin.action", xid=new_xid(), actor="gateway", detail=facts)
    context.wake.set("log")
