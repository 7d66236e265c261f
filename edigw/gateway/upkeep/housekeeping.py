"""What a gateway does now and then: close exchanges, erase what is old, let go of checkpoints that nothing needs."""

from __future__ import annotations

import logging
from datetime import timedelta

from edigw.gateway.context import Context
from edigw.gateway.mailboxes import sessions
from edigw.gateway.mailboxes.expiry import expire_items
from edigw.gateway.outgoing.stops import resume_changed
from edigw.gateway.upkeep.closing import close_exchanges
from edigw.gateway.upkeep.overdue import find_overdue
from edigw.gateway.upkeep.retention import erase_due
from edigw.log.errors import LogError
from edigw.log.thin import thin
from edigw.store.clock import utc_now
from edigw.store.errors import StoreError

_logger = logging.getLogger("edigw.housekeeping")


def keep_house(context: Context) -> None:
    """Does all of it once. What fails is reported, and tried again the next time."""
    now = utc_now()
    try:
        resume_changed(context)
        expired = expire_items(context, now)
        overdue = find_overdue(context, now)
        closed = close_exchanges(context, now)
        erased = erase_due(context.log, context.payloads, context.config.retention, now)
        thinned = thin(context.database, now)
        with context.database.write() as conn:
            sessions.forget(conn, now - timedelta(days=context.config.sftp.sessions_days))
    except (StoreError, LogError) as error:
        _logger.error("housekeeping broke off: %s", error)
        return
    if overdue:
        _logger.warning("%d acknowledgements are overdue", overdue)
    if expired or overdue or closed or erased or thinned:
        context.wake.set("log")
        text = "took %d files out of mailboxes, closed %d exchanges, erased %d contents, let go of %d old checkpoints"
        _logger.info(text, expired, closed, erased, thinned)
