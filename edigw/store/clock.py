"""Time as the gateway writes it: UTC, milliseconds, `2026-01-02T03:04:05.678Z`, which sorts as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def utc_now() -> datetime:
    """The time by this machine's clock, aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """`moment` as text, cut (not rounded) to milliseconds. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone can't be stamped")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def parse_stamp(text: str) -> datetime:
    """The moment that `stamp` wrote, aware, in UTC. Raises ValueError for any other notation."""
    if not _STAMP.fullmatch(text):
        raise ValueError(f"not a time like 2026-01-02T03:04:05.678Z: {text!r}")
    return datetime.fromisoformat(text)
