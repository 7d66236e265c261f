"""The log itself: what is signed and attested, the last audit, another one, and the newest events."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from edigw.console.asking import STAFF, Ask, Page, Refused
from edigw.console.render import render
from edigw.gateway.desk import audits, queries
from edigw.log.anchors.records import attesters
from edigw.log.note import Checkpoint

if TYPE_CHECKING:
    from starlette.responses import Response

_EVENTS = 50


def _show(ask: Ask) -> Response:
    end = ask.query.get("end", "")
    if end and not re.fullmatch("[0-9]{1,15}", end):
        raise Refused(HTTPStatus.BAD_REQUEST, "There is no such entry")
    context = ask.context
    with context.database.read() as conn:
        size = queries.log_size(conn)
        last = min(int(end), size) if end else size
        first = max(last - _EVENTS, 0)
        events = queries.events_from(conn, context.payloads, first, last - first) if last > first else []
        note = queries.newest_checkpoint(conn)
        known = attesters(conn)
        run = audits.newest(conn)
    return render(
        ask,
        "log.html",
        here="/log",
        origin=context.log.origin,
        keys=[str(key) for key in context.log.keys],
        size=size,
        checkpoint=Checkpoint.of(note) if note else None,
        attesters=sorted(known.values(), key=lambda each: each.name),
        run=run,
        events=events[::-1],
        older=first,
        newer=min(last + _EVENTS, size) if last < size else 0,
    )


def _verify(ask: Ask) -> Response:
    try:
        audits.start(ask.context, ask.user.actor)
    except audits.AuditRuns as error:
        raise Refused(HTTPStatus.CONFLICT, "An audit is running already", "The page of the log shows it.") from error
    return RedirectResponse("/log", HTTPStatus.SEE_OTHER)


PAGES = (Page("/log", _show, STAFF), Page("/log/verify", _verify, STAFF, "POST"))
