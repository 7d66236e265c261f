"""Agreements: the settings that count between two partners, made of their own files and of what is agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from edigw.partners.tables.agreement import AgreementFile
from edigw.partners.tables.identity import Identifiers
from edigw.partners.tables.partner import Partner

S = TypeVar("S", bound=msgspec.Struct)

# What is merged in a way of its own, or names the partners.
_OTHERWISE = ("sender", "receiver", "sender_id", "receiver_id", "receives", "guides", "overlays")


class Pair(NamedTuple):
    """Who sends and who gets something, each with the settings that count between the two."""

    sender: Partner
    receiver: Partner


def agreed(sender: Partner, receiver: Partner, agreement: AgreementFile, written: Mapping[str, Any]) -> Pair:
    """Both partners with the agreement in place of their own settings. `written` is the file as plain data: only what
    stands in it counts. Guides and overlays, which are loaded, are not looked at."""
    said = {name: value for name, value in written.items() if name not in _OTHERWISE}
    return Pair(
        _overlaid(_known_as(sender, agreement.sender_id), agreement, said),
        _overlaid(_with_forms(_known_as(receiver, agreement.receiver_id), agreement), agreement, said),
    )


def _overlaid(base: S, other: msgspec.Struct, written: Mapping[str, Any]) -> S:
    """`base` with the values of `other` for the keys that were written, key by key in tables."""
    changed: dict[str, Any] = {}
    for name, value in written.items():
        before, after = getattr(base, name), getattr(other, name)
        if isinstance(after, msgspec.Struct):
            changed[name] = _overlaid(before, after, value)
        elif isinstance(after, dict):
            changed[name] = {**before, **after}
        else:
            changed[name] = after
    return msgspec.structs.replace(base, **changed)


def _with_forms(receiver: Partner, agreement: AgreementFile) -> Partner:
    documents = {form.document for form in agreement.receives}
    kept = (form for form in receiver.receives if form.document not in documents)
    return msgspec.structs.replace(receiver, receives=(*agreement.receives, *kept))


def _known_as(partner: Partner, id: str | None) -> Partner:
    """The partner with the identifiers of this id first, where they are written from."""
    if id is None:
        return partner
    named = partner.identifiers
    first = Identifiers(
        edifact=tuple(sorted(named.edifact, key=lambda one: one.id != id)),
        x12=tuple(sorted(named.x12, key=lambda one: one.id != id)),
    )
    return msgspec.structs.replace(partner, identifiers=first)
