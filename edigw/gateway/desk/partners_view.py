"""What a partner's own people may see: its files, what was found in them, and what became of them with it. Never the
other side's files, nor what admins write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EVENTS = ("submission.", "validation.", "mailbox.", "retrieval.", "notification.", "relay.", "delivery.", "ack.")
_FINDINGS = ("finding", "ack")


def of_transmission(told: Mapping[str, Any], partner: str) -> dict[str, Any]:
    """What `queries.show` tells of a transmission of this partner, less what is not for it."""
    own = {told["id"], *(each["id"] for each in told["became"] if each["partner"] == partner)}
    return {
        **told,
        "findings": [each for each in told["findings"] if each["kind"] in _FINDINGS],
        "became": [each for each in told["became"] if each["partner"] == partner],
        "waiting": [],
        "events": _events(told, own),
    }


def of_thread(told: Mapping[str, Any], partner: str) -> dict[str, Any]:
    """What `queries.thread` tells of an order of this partner, less what is not for it."""
    own = {each["id"] for each in told["transmissions"] if each["partner"] == partner}
    return {
        **told,
        "messages": [each for each in told["messages"] if each["transmission"] in own],
        "transmissions": [each for each in told["transmissions"] if each["id"] in own],
        "events": _events(told, own),
    }


def _events(told: Mapping[str, Any], own: set[str]) -> list[dict[str, Any]]:
    return [each for each in told["events"] if each["transmission"] in own and each["type"].startswith(_EVENTS)]
