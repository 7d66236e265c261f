"""`edigw mapping replay`: what is done, apart from printing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edigw.admin.comparison import difference
from edigw.admin.opening import admin
from edigw.admin.output import CommandError, reason
from edigw.gateway.desk.replay import Replayed, changed, replay, tell
from edigw.gateway.service import open_context
from edigw.mapping import library
from edigw.mapping.overlay import Overlay, load_overlay
from edigw.partners.load import load


def run_replay(
    config: Path, partner: str, last: int, overlays: Sequence[Path], mappings: Path | None
) -> list[dict[str, Any]]:
    """Each message with what would differ, ready for JSON. Raises CommandError, BindingError, ConfigError, StoreError,
    LogError."""
    if not overlays and mappings is None:
        raise CommandError("give --overlay FILE or --mappings DIR: what to try")
    if mappings is not None and not library.names(mappings.absolute()):
        raise CommandError(f"{mappings}: holds no bindings, DOCUMENT/MESSAGE.yaml")
    context = open_context(load(config))
    if partner not in context.config.partners:
        raise CommandError(f"there is no partner {partner} in {config}")
    tried = [_overlay(path, mappings) for path in overlays]
    then = changed(context.config, partner, tried, mappings.absolute() if mappings else None)
    found = replay(context, partner, last, then)
    named = [*(f"{each.file.name} ({each.sha256[:12]})" for each in tried), *([str(mappings)] if mappings else [])]
    tell(context, admin(), partner, found, named)
    return [_told(each) for each in found]


def _overlay(path: Path, mappings: Path | None) -> Overlay:
    """An overlay whose rules fit the binding that it extends."""
    try:
        overlay = load_overlay(path)
    except OSError as error:
        raise CommandError(f"{path}: {reason(error)}") from error
    library.adapted(overlay.extends, overlay, mappings.absolute() if mappings else None)
    return overlay


def _told(each: Replayed) -> dict[str, Any]:
    return {
        "id": each.message,
        "transmission": each.transmission,
        "type": each.type,
        "version": each.version,
        "number": each.number,
        "target": each.receiver,
        "differences": list(_differences(each)),
    }


def _differences(each: Replayed) -> Iterator[str]:
    now, then = each.now, each.then
    yield from difference("the document", now.document, then.document)
    yield from difference("what is written", now.body, then.body)
    yield from difference("what is lost", now.losses, then.losses)
    yield from difference("why it is held", now.held, then.held)
