"""The tables, the same on SQLite and PostgreSQL; `migrations/` builds them step by step.

Times are UTC text, `2026-01-02T03:04:05.678Z`, as in the log's entries: they sort, and both databases keep
them exactly. Everything that a partner sent lies in payload files (see `payloads`), named here by its SHA-256
in hex.
"""

from edigw.store.schema.base import metadata
from edigw.store.schema.console import audit_run, console_session, console_user
from edigw.store.schema.log import (
    ev_attester,
    ev_checkpoint,
    ev_cosignature,
    ev_entry,
    ev_pending,
    ev_refuted,
    ev_state,
    ev_tile,
    ev_timestamp,
    event,
    evidence_object,
    exchange,
    payload,
)
from edigw.store.schema.sftp import ban, sftp_operation, sftp_seat, sftp_session
from edigw.store.schema.traffic import finding, interchange, interchange_key, message, reference, transmission
from edigw.store.schema.work import (
    IN_SIGHT,
    OUTGOING,
    READY,
    collected_file,
    collection_turn,
    control_number,
    delivery,
    job,
    mailbox_item,
    stopped_delivery,
)

__all__ = [
    "IN_SIGHT",
    "OUTGOING",
    "READY",
    "audit_run",
    "ban",
    "collected_file",
    "collection_turn",
    "console_session",
    "console_user",
    "control_number",
    "delivery",
    "ev_attester",
    "ev_checkpoint",
    "ev_cosignature",
    "ev_entry",
    "ev_pending",
    "ev_refuted",
    "ev_state",
    "ev_tile",
    "ev_timestamp",
    "event",
    "evidence_object",
    "exchange",
    "finding",
    "interchange",
    "interchange_key",
    "job",
    "mailbox_item",
    "message",
    "metadata",
    "payload",
    "reference",
    "sftp_operation",
    "sftp_seat",
    "sftp_session",
    "stopped_delivery",
    "transmission",
]
