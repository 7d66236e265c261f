"""UBL documents read and written: bindings found by root element or document, and compiled when first used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from edigw import documents
from edigw.mapping import loss
from edigw.mapping.errors import BindingError, UnknownBinding
from edigw.mapping.loss import Loss
from edigw.mapping.overlay import Overlay
from edigw.mapping.xml import loading
from edigw.mapping.xml.content import ROOT, clark
from edigw.mapping.xml.errors import XmlError
from edigw.mapping.xml.parsing import parse
from edigw.mapping.xml.plan import Scope
from edigw.mapping.xml.reader import NO_CURRENCY, Reader, text_of
from edigw.mapping.xml.resolver import Resolver
from edigw.mapping.xml.text import serialised
from edigw.mapping.xml.views import VIEWS, XmlView
from edigw.mapping.xml.writer import Writer

if TYPE_CHECKING:
    from lxml.etree import _Element


@dataclass(frozen=True, slots=True)
class XmlBinding:
    """A binding of a document to a kind of XML document."""

    name: str  # "ubl/Order"
    document: str  # "Order"
    message: str  # the root element: "Order", "TransportationStatus"
    sha256: str  # of the binding, its overlay, the shared sets and the facts about elements
    partner: str = ""  # whose overlay it is
    overlay: Overlay | None = None
    standard: str = loading.STANDARD
    version: str = loading.VERSION
    _when: dict[str, tuple[str, ...]] = field(repr=False, kw_only=True)  # what every document of the kind says
    _scope: Scope = field(repr=False, kw_only=True)
    _view: XmlView | None = field(repr=False, kw_only=True)

    def read(self, data: bytes) -> tuple[Any, list[Loss]]:
        """A file as a document, and what of it did not get there, each with its XPath. Raises XmlError."""
        return self.read_tree(parse(data))

    def read_tree(self, root: _Element) -> tuple[Any, list[Loss]]:
        """As `read`, from the root element. Raises XmlError if it is another kind of document."""
        if root.tag != f"{{{ROOT.format(self.message)}}}{self.message}":
            raise XmlError(f"not a UBL {self.message}", _line(root))
        reader = Reader(self._scope, root, _currency(root))
        document = reader.document()
        if reader.currency is not None and getattr(document, "currency", "") is None:
            document.currency = reader.currency
        for name, codes in self._when.items():
            if getattr(document, name) is None:
                setattr(document, name, codes[0])
        if self._view is not None:
            document = self._view.from_view(document, reader.losses)
        return document, [_told(each) for each in reader.losses]

    @property
    def plan(self) -> Scope:
        """What it was made from: for documentation."""
        return self._scope

    @property
    def _implied(self) -> set[str]:
        """Fields that only the kind of document tells."""
        return self._when.keys() - {rule.field for rule in self._scope.rules if rule.pick is None}

    def write(self, document: Any) -> tuple[bytes, list[Loss]]:
        """A document as a file in UTF-8, and what did not fit."""
        lost: list[loss.Entry] = []
        item = document if self._view is None else self._view.to_view(document, lost)
        for name, codes in self._when.items():
            value = getattr(document, name)
            if value != codes[0] and (name in self._implied or value is None):
                lost.append(("changed", (), name, value, f"read as {codes[0]}"))
        writer = Writer(self._scope, getattr(item, "currency", None), lost)
        made = writer.tree(item)
        return serialised(made).encode(), [_told(each) for each in loss.of_writing(lost)]


_OUTCOMES = {
    "unmapped": "is dropped: no rule reads it",
    "unreadable": "is dropped",
    "unexpected": "is not kept",
    "folded": "is read in another form",
    "orphan": "is dropped",
    "dropped": "is dropped",
    "changed": "will be read as something else",
    "defaulted": "is written, and the document does not say it",
}
_SHOWN = 60  # characters of a value


def _told(lost: Loss) -> Loss:
    """A loss with its text for people."""
    value = lost.value if len(lost.value) <= _SHOWN else f"{lost.value[:_SHOWN]}…"
    said = f'"{value}" {_OUTCOMES[lost.kind]}' if value or lost.kind != "defaulted" else ""
    return replace(lost, text=": ".join(part for part in (said, lost.reason) if part))


def _line(element: _Element) -> int:
    return element.sourceline if isinstance(element.sourceline, int) else 0


def _currency(root: _Element) -> str | None:
    """The currency of the document; where it does not say one, that of its first amount."""
    for child in root:
        if child.tag == clark("cbc:DocumentCurrencyCode"):
            return text_of(child).strip() or None
    first = next((str(one.get("currencyID")) for one in root.iter() if one.get("currencyID")), NO_CURRENCY).strip()
    return None if first == NO_CURRENCY else first


def ubl_bindings(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all UBL bindings, sorted: "ubl/ApplicationResponse" …"""
    return loading.names(folder)


@lru_cache(maxsize=256)
def ubl_binding(name: str, overlay: Overlay | None = None, folder: Path | None = None) -> XmlBinding:
    """A binding by its name, with a partner's overlay. Raises BindingError, of which UnknownBinding is one."""
    made = loading.adapted(name, overlay, folder)
    entry, path = made.entry, str(loading.path_of(name, folder))
    view = VIEWS.get(entry["view"]) if "view" in entry else None
    if "view" in entry and view is None:
        raise BindingError(f"there is no view {entry['view']!r}", path, entry.lines["view"])
    resolver = Resolver(path, entry["sets"], made.codes)
    cls = view.cls if view else getattr(documents, entry["document"])
    scope = resolver.plan(cls, entry["root"], entry["rules"])
    for unused in made.codes.keys() - resolver.used:
        assert overlay is not None  # noqa: S101 - the codes are its
        reason = f"codes: no rule of a value has {unused}"
        raise BindingError(reason, str(overlay.file), overlay.entry["codes"].lines[unused])
    implied = {name: (code,) for name, code in entry.get("implies", {}).items()}
    when = {name: tuple(codes) for name, codes in entry.get("when", {}).items()} | implied
    scope.bound.update(when)
    return XmlBinding(
        name=entry["binding"],
        document=entry["document"],
        message=entry["message"],
        sha256=loading.digest(name, overlay, folder),
        partner=overlay.partner if overlay else "",
        overlay=overlay,
        _when=when,
        _scope=scope,
        _view=view,
    )


def ubl_for(document: Any) -> XmlBinding:
    """The binding that writes a document: of several, the one whose `when` it meets. Raises UnknownBinding."""
    kind = type(document).__name__
    usual = None
    for name in ubl_bindings():
        entry = loading.load(name)
        if entry["document"] != kind or entry.get("reads_only"):
            continue
        when: dict[str, Sequence[str]] = entry.get("when", {})
        if when and all(getattr(document, field) in codes for field, codes in when.items()):
            return ubl_binding(name)
        usual = usual if when else name
    if usual is None:
        raise UnknownBinding(f"no binding writes {kind} as UBL")
    return ubl_binding(usual)


def read_ubl(data: bytes) -> tuple[Any, list[Loss]]:
    """A UBL file as a document, whichever it is, and what of it did not get there. Raises XmlError."""
    root = parse(data)
    space, _, local = str(root.tag).rpartition("}")
    name = f"ubl/{local}"
    if space != f"{{{ROOT.format(local)}" or name not in ubl_bindings():
        kinds = ", ".join(known.removeprefix("ubl/") for known in ubl_bindings())
        raise XmlError(f"the root element {str(root.tag)!r} is none of UBL 2: {kinds}", _line(root))
    return ubl_binding(name).read_tree(root)


def write_ubl(document: Any) -> tuple[bytes, list[Loss]]:
    """A document as a UBL file, and what did not fit."""
    return ubl_for(document).write(document)
