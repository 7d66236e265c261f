"""What is configured about a partner, as plain data for people; secrets are masked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec

from edigw.partners.secrets import shown
from edigw.partners.signing import dated_keys
from edigw.partners.tables.partner import Partner, PartnerFile
from edigw.store.clock import utc_now
from edigw.transport.keys import fingerprints

SOON = timedelta(days=30)


def summary(partner: Partner) -> dict[str, Any]:
    """Who it is, what it gets and how, and which of its keys end soon."""
    return {
        "code": partner.code,
        "name": partner.name,
        "user": partner.login.user if partner.login else None,
        "edifact": [str(one.party) for one in partner.identifiers.edifact],
        "x12": [str(one.party) for one in partner.identifiers.x12],
        "receives": [{"document": r.document, "form": f"{r.message} {r.version}"} for r in partner.receives],
        "delivery": _delivery(partner),
        "expiring": list(expiring(partner)),
    }


def settings(partner: Partner) -> dict[str, Any]:
    """Everything, defaults included."""
    written = {name: getattr(partner, name) for name in PartnerFile.__struct_fields__}
    return {"code": partner.code, **shown(msgspec.to_builtins(written, enc_hook=str), PartnerFile)}


def flat(value: Any, key: str = "") -> list[tuple[str, str]]:
    """Nested tables as dotted keys with their values, as partner files write them."""
    if isinstance(value, dict):
        return [pair for name, inner in value.items() for pair in flat(inner, f"{key}.{name}" if key else name)]
    if isinstance(value, list | tuple):
        return [pair for number, inner in enumerate(value, 1) for pair in flat(inner, f"{key}[{number}]")]
    return [] if value is None else [(key, str(value))]


def expiring(partner: Partner) -> Iterator[dict[str, Any]]:
    """The keys of a partner that count no more, or will soon do so no more."""
    today = utc_now().date()
    for place, key in dated_keys(partner):
        if key.valid_until is None or key.valid_until - today > SOON:
            continue
        left = (key.valid_until - today).days
        when = f"expires on {key.valid_until}, in {left} days" if left >= 0 else f"expired on {key.valid_until}"
        told = fingerprints(key.key).sha256
        text = f"the key {told} ({place}) {when}"
        yield {"place": place, "key": told, "valid_until": key.valid_until.isoformat(), "days": left, "text": text}


def _delivery(partner: Partner) -> str:
    delivery = partner.delivery
    if delivery.method == "sftp" and delivery.sftp is not None:
        return f"SFTP to {delivery.sftp.host}:{delivery.sftp.port}"
    return f"folder {delivery.folder.path}" if delivery.method == "folder" and delivery.folder else "mailbox"
