"""Every binding by its name, in whichever syntax: "order/850" of `registry`, "ubl/Order" of `xml`."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from edigw.mapping import registry, xml
from edigw.mapping.compiler import Binding
from edigw.mapping.overlay import Adapted, Overlay, load_overlay
from edigw.mapping.unmapped import NOTHING_AGREED, UnmappedCodes
from edigw.mapping.xml import XmlBinding, loading

AnyBinding: TypeAlias = Binding | XmlBinding


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all bindings of a folder (default: those that ship with the gateway), sorted."""
    return tuple(sorted((*registry.bindings(folder), *xml.ubl_bindings(folder))))


def adapted(name: str, overlay: Overlay | None = None, folder: Path | None = None) -> Adapted:
    """The rules of a binding, with an overlay on them. Raises BindingError."""
    if _is_ubl(name):
        return loading.adapted(name, overlay, folder)
    return registry.adapted(name, overlay, folder)


def binding(
    name: str,
    version: str,
    overlay: Overlay | Path | None = None,
    unmapped: UnmappedCodes = NOTHING_AGREED,
    folder: Path | None = None,
) -> AnyBinding:
    """A binding for a version, compiled. Raises BindingError, of which UnknownBinding is one."""
    if _is_ubl(name):
        loaded = load_overlay(overlay) if isinstance(overlay, Path) else overlay
        return xml.ubl_binding(name, loaded, folder)
    return registry.binding(name, version, overlay, unmapped, folder)


def check_every_version(name: str, overlay: Overlay | None = None, folder: Path | None = None) -> None:
    """Find every location of a binding, with an overlay on it, in all versions that both are for. Raises BindingError
    for the first that does not fit."""
    if _is_ubl(name):
        xml.ubl_binding(name, overlay, folder)
    else:
        registry.check_every_version(name, overlay, folder)


def _is_ubl(name: str) -> bool:
    return name.startswith(loading.PREFIX)
