"""The first page: traffic, failures, and with whom the ball lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sqlalchemy import func, select
from starlette.responses import RedirectResponse

from edigw.console.asking import EVERYBODY, Ask, Page
from edigw.console.render import render
from edigw.gateway.desk import listing, overview
from edigw.gateway.desk.queries import Filters
from edigw.gateway.outgoing import stops
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import job

if TYPE_CHECKING:
    from starlette.responses import Response

_SHOWN = 5
_BALL = {
    "overdue": ("An acknowledgement is overdue", "the partner"),
    "failed": ("A delivery failed for good", "you: put the partner's server right, then resend"),
    "held": ("Something waits for a decision", "you: see the hold queue"),
    "rejected": ("A file was rejected", "its sender, who was told what is wrong"),
}


def _show(ask: Ask) -> Response:
    if ask.only:
        return RedirectResponse("/transmissions", 303)
    now = utc_now()
    since = stamp(now - timedelta(hours=overview.HOURS))[:16]
    # What was rejected is for its sender to send anew; it is news for a day.
    wanted = {**listing.ATTENTION, "rejected": replace(listing.ATTENTION["rejected"], since=since)}
    with ask.context.database.read() as conn:
        hours = overview.hours(conn, now)
        times = overview.seconds_to_deliver(conn, now)
        counts = {word: listing.count(conn, filters) for word, filters in wanted.items()}
        balls = [
            (word, *_BALL[word], listing.page(conn, replace(wanted[word], limit=_SHOWN)).lines)
            for word in _BALL
            if counts[word]
        ]
        ready = select(job.c.kind, func.count()).where(job.c.state == "ready").group_by(job.c.kind)
        queue = {row[0]: row[1] for row in conn.execute(ready)}
        stopped = stops.listed(conn)
        latest = listing.page(conn, Filters(limit=_SHOWN)).lines
        heard = overview.heard(conn, list(ask.context.config.partners), now)
    return render(
        ask,
        "overview.html",
        here="/",
        hours=hours,
        most=max((hour.count for hour in hours), default=0) or 1,
        total=sum(hour.count for hour in hours),
        half=overview.share(times, 0.5),
        nearly=overview.share(times, 0.95),
        counts=counts,
        links={word: f"/transmissions?{urlencode(listing.query_of(filters))}" for word, filters in wanted.items()},
        counted=listing.COUNTED,
        balls=balls,
        queue=queue,
        stopped=stopped,
        latest=latest,
        heard=heard,
    )


PAGES = (Page("/", _show, EVERYBODY),)
