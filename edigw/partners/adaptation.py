"""The overlays of an agreement: which one adapts which binding, in which direction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from edigw.mapping import Binding, library, registry
from edigw.mapping.overlay import Overlay
from edigw.mapping.unmapped import Unmapped, UnmappedCodes
from edigw.partners.tables.partner import Partner

Direction: TypeAlias = Literal["sends", "receives"]


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A loaded overlay, for what the partner sends, receives, or both."""

    direction: str
    overlay: Overlay

    def serves(self, direction: Direction, binding: str, version: str) -> bool:
        return self.direction in ("both", direction) and self.overlay.fits(binding, version)


def check(overlay: Overlay, *, every_version: bool, compiled: bool) -> None:
    """Raises BindingError for the first thing that is wrong with an overlay, with its file and line. `compiled`: also
    find every location, for the first version that it is for or for all of them (about a second)."""
    adapted = library.adapted(overlay.extends, overlay)
    if compiled and every_version:
        library.check_every_version(overlay.extends, overlay)
    elif compiled:
        library.binding(overlay.extends, next(iter((*overlay.versions, *adapted.entry["versions"]))), overlay)


def overlay_for(partner: Partner, direction: Direction, binding: str, version: str) -> Overlay | None:
    """The overlay of a partner for a binding ("order/ORDERS") in a version; None if there is none."""
    fitting = (each.overlay for each in partner.adaptations if each.serves(direction, binding, version))
    return next(fitting, None)


def unmapped_codes(partner: Partner) -> UnmappedCodes:
    """What is agreed with a partner for codes that no list has."""
    codes = partner.codes
    actions = {name: Unmapped(action) for name, action in codes.lists.items()}  # type: ignore[arg-type]
    actions.update((name, Unmapped("default", code)) for name, code in codes.defaults.items())
    return UnmappedCodes(Unmapped(codes.unmapped), tuple(sorted(actions.items(), key=lambda each: each[0])))


def agreed_binding(
    partner: Partner,
    direction: Direction,
    standard: str,
    message: str,
    version: str,
    document: str = "",
    *,
    folder: Path | None = None,
) -> Binding | None:
    """The binding that reads what the partner sends, or writes what it receives, as it is agreed; None if there is
    none. `folder`: other bindings than those that ship. Raises BindingError if the partner's overlay does not fit this
    version."""
    name = registry.identify(standard, message, version, document, folder)
    if name is None:
        return None
    overlay = overlay_for(partner, direction, name, version)
    return registry.binding(name, version, overlay, unmapped_codes(partner), folder)
