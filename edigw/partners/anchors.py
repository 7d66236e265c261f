"""Whom a configuration trusts to attest checkpoints, and what the types can't say about them."""

from __future__ import annotations

from collections.abc import Iterator

from edigw.log.anchors import timestamp
from edigw.log.anchors.statement import Attesters
from edigw.log.errors import LogError
from edigw.log.note import COSIGNATURE, VerifierKey
from edigw.partners.tables.settings import LogSettings


def attesters(settings: LogSettings) -> Attesters:
    """Authorities with their certificates, and the keys of witnesses, retired ones too. Raises AnchorError."""
    return Attesters(
        {each.name: timestamp.load_roots(each.roots) for each in settings.authorities},
        tuple(VerifierKey.parse(each.key) for each in settings.witnesses),
    )


def anchor_problems(settings: LogSettings) -> Iterator[tuple[str, str]]:
    """Pairs of a key of `edigw.toml` and what is wrong there. Reads the files with certificates."""
    names: set[str] = set()
    for number, authority in enumerate(settings.authorities, 1):
        if authority.name in names:
            yield f"log.authorities[{number}].name", f'"{authority.name}" stands here twice'
        names.add(authority.name)
        try:
            timestamp.load_roots(authority.roots)
        except LogError as error:
            yield f"log.authorities[{number}].roots", str(error)
    for number, witness in enumerate(settings.witnesses, 1):
        try:
            key = VerifierKey.parse(witness.key)
        except LogError as error:
            yield f"log.witnesses[{number}].key", str(error)
            continue
        if key.kind != COSIGNATURE:
            yield f"log.witnesses[{number}].key", f"that is the key of the log {key.name}, not of a witness"
        if key.name in names:
            yield f"log.witnesses[{number}].key", f'"{key.name}" stands here twice'
        names.add(key.name)
    if settings.anchors.timeout_seconds * 2 > settings.anchors.every_minutes * 60:
        yield "log.anchors.timeout_seconds", "is longer than half of every_minutes"
