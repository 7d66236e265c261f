"""One version of a standard: its messages, segments, composites, elements and code lists, each made when
first used.

EDIFACT messages need the service segments (UNH, UNS, UNT) beside the directory's own: those belong to the
syntax version of the interchange, not to the directory, so a Directory of EDIFACT is opened for one syntax
version.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import msgspec

from edigw.directory import packaged
from edigw.directory.errors import UnknownElement, UnknownMessage, UnknownSegment, UnknownVersion
from edigw.directory.model import (
    UNLIMITED,
    ComponentUse,
    CompositeSpec,
    ElementSpec,
    ElementUse,
    LoopUse,
    MessageSpec,
    Row,
    SegmentSpec,
    SegmentUse,
)
from edigw.directory.own import prove
from edigw.syntax.model import Standard

_USUAL_SYNTAX = 3
_EDIFACT_VERSION = re.compile(r"[DS][.:]?(\d\d[A-Z])")


class Directory:
    """One version of a standard. Made by `edifact`, `x12` and `service`, which give the same object each
    time."""

    __slots__ = ("_family", "_packed", "_service", "standard", "version")

    def __init__(self, family: packaged.Family, version: str, service: Directory | None = None) -> None:
        self.standard: Standard = "x12" if family == "x12" else "edifact"
        self.version = version
        self._family = family
        self._packed = packaged.load(family, version)
        self._service = service

    @property
    def syntax(self) -> int:
        """The EDIFACT syntax version of the service segments; 0 for X12."""
        if self._service is not None:
            return self._service.syntax
        return int(self.version) if self._family == "service" else 0

    def __repr__(self) -> str:
        return f"<Directory {self}>"

    def __str__(self) -> str:
        if self._family == "service":
            return f"service directory of syntax {self.version}"
        return f"{'X12' if self._family == 'x12' else 'UN/EDIFACT'} {self.version}"

    def messages(self) -> tuple[str, ...]:
        """The message types, sorted."""
        return tuple(sorted(self._packed.messages))

    def segments(self) -> tuple[str, ...]:
        """The segment tags, sorted; those of the service directory included."""
        service = self._service.segments() if self._service else ()
        return tuple(sorted({*self._packed.segments, *service}))

    def message(self, type: str) -> MessageSpec:
        """A message with every segment that it uses. Raises UnknownMessage."""
        return _message(self, type)

    def segment(self, tag: str) -> SegmentSpec:
        """A segment. Raises UnknownSegment."""
        return _segment(self, tag)

    def has_segment(self, tag: str) -> bool:
        """Whether the directory, or the service directory beside it, has the segment."""
        return tag in self._packed.segments or (self._service is not None and self._service.has_segment(tag))

    def element(self, id: str) -> ElementSpec:
        """A simple data element. Raises UnknownElement."""
        return _element(self, id)

    def composite(self, id: str) -> CompositeSpec:
        """A composite data element. Raises UnknownElement."""
        return _composite(self, id)

    def codes(self, element_id: str) -> dict[str, str] | None:
        """The code list of an element, code to name; None if it is not coded, takes its codes from a list
        outside the directory (countries, currencies), or the code lists are not installed. The same object
        each time: don't change it."""
        return _codes(self, element_id)

    def codes_ever(self, element_id: str) -> frozenset[str]:
        """The codes that an element has in any packaged version of the standard."""
        return packaged.codes_ever(self._family, element_id)


def edifact(version: str, syntax: int = _USUAL_SYNTAX) -> Directory:
    """A UN/EDIFACT directory, named "D.96A" ("D96A", "D:96A" and the status "S" of old messages are
    understood) or as a user's own one ("D.96A-ACME01"), with the service segments of a syntax version. Raises
    UnknownVersion."""
    match = _EDIFACT_VERSION.fullmatch(version.upper())
    name = f"D.{match[1]}" if match else version
    _require("edifact", name, "UN/EDIFACT", name[:4])
    return _open("edifact", name, service(syntax))


def x12(version: str) -> Directory:
    """An ASC X12 version, named as in GS08: six digits; an industry's suffix ("004010VICS") is left aside unless a
    user's own directory has that name. Raises UnknownVersion."""
    name = version if version in packaged.versions("x12") else version[:6]
    _require("x12", name, "ASC X12", name[:3])
    return _open("x12", name)


def service(syntax: int) -> Directory:
    """The service segments and messages (CONTRL; AUTACK and KEYMAN in version 4) of EDIFACT syntax 1 to 4.
    Raises UnknownVersion."""
    _require("service", str(syntax), "EDIFACT syntax", "")
    return _open("service", str(syntax))


def own_edifact(version: str, association: str, syntax: int) -> Directory | None:
    """The user's own directory for this version and association code (0057), if there is one."""
    name = f"{version}-{association}"
    return _open("edifact", name, service(syntax)) if name in packaged.versions("edifact") else None


@cache
def _open(family: packaged.Family, version: str, service: Directory | None = None) -> Directory:
    directory = Directory(family, version, service)
    if (family, version) in packaged.own_names():
        prove(directory, family)
    return directory


def open_own() -> None:
    """Open all of the user's own directories. Raises OwnDirectoryError for the first mistake in one."""
    for family, version in packaged.own_names():
        _open(family, version, service(_USUAL_SYNTAX) if family == "edifact" else None)


def _require(family: packaged.Family, version: str, standard: str, prefix: str) -> None:
    known = packaged.versions(family)
    if version not in known:
        near = [name for name in known if prefix and name.startswith(prefix)]
        raise UnknownVersion(version, standard, known, near)


@cache
def _message(directory: Directory, type: str) -> MessageSpec:
    raw = directory._packed.messages.get(type)
    if raw is None:
        raise UnknownMessage(type, str(directory), directory.messages())
    packed = msgspec.json.decode(raw, type=packaged.PackedMessage)
    table = tuple(_row(row) for row in packed.table)
    tags = {tag: None for row in table for tag in _tags(row)}
    return MessageSpec(
        standard=directory.standard,
        version=directory.version,
        type=type,
        name=packed.name,
        table=table,
        segments={tag: directory.segment(tag) for tag in tags},
        group=packed.group,
    )


def _row(row: list[Any]) -> Row:
    if len(row) not in (3, 4) or not isinstance(row[0], str) or not isinstance(row[2], int):
        raise ValueError(f"{row!r} is no row of a segment table")
    name, mandatory, limit = row[:3]
    if len(row) == 3:
        return SegmentUse(name, bool(mandatory), limit or UNLIMITED)
    children = tuple(_row(child) for child in row[3])
    if not children or isinstance(children[0], LoopUse):
        raise ValueError(f"the group {name!r} does not begin with a segment")
    return LoopUse(name, bool(mandatory), limit or UNLIMITED, children)


def _tags(row: Row) -> list[str]:
    if isinstance(row, SegmentUse):
        return [row.tag]
    return [tag for child in row.children for tag in _tags(child)]


@cache
def _segment(directory: Directory, tag: str) -> SegmentSpec:
    raw = directory._packed.segments.get(tag)
    if raw is not None:
        packed = msgspec.json.decode(raw, type=packaged.PackedSegment)
        elements = tuple(_use(directory, use) for use in packed.elements)
        return SegmentSpec(tag, packed.name, elements, packed.conditions, packed.uncertain)
    if directory._service is not None and directory._service.has_segment(tag):
        return directory._service.segment(tag)
    if directory._family == "edifact" and service(4).has_segment(tag):
        return service(4).segment(tag)  # UGH, UGT, UIH, UIT: only syntax 4 defines them, older directories use them
    raise UnknownSegment(tag, str(directory), directory.segments())


def _use(directory: Directory, use: packaged.PackedUse) -> ElementUse:
    mandatory = bool(use.mandatory)
    if use.id in directory._packed.composites:
        composite = directory.composite(use.id)
        return ElementUse(
            use.id, composite.name, mandatory, use.repeat, None, composite.components, composite.conditions
        )
    element = directory.element(use.id)
    return ElementUse(use.id, element.name, mandatory, use.repeat, element)


@cache
def _composite(directory: Directory, id: str) -> CompositeSpec:
    raw = directory._packed.composites.get(id)
    if raw is None:
        if directory._service is not None and id in directory._service._packed.composites:
            return directory._service.composite(id)
        raise UnknownElement(id, str(directory), directory._packed.composites)
    packed = msgspec.json.decode(raw, type=packaged.PackedComposite)
    uses = tuple(ComponentUse(directory.element(use.id), bool(use.mandatory)) for use in packed.components)
    return CompositeSpec(id, packed.name, uses, packed.conditions)


@cache
def _element(directory: Directory, id: str) -> ElementSpec:
    raw = directory._packed.elements.get(id)
    if raw is None:
        if directory._service is not None and id in directory._service._packed.elements:
            return directory._service.element(id)
        raise UnknownElement(id, str(directory), directory._packed.elements)
    packed = msgspec.json.decode(raw, type=packaged.PackedElement)
    return ElementSpec(id, packed.name, packed.type, packed.min, packed.max)


@lru_cache(maxsize=4096)
def _codes(directory: Directory, id: str) -> dict[str, str] | None:
    found = packaged.codes(directory._family, directory.version, id)
    if found is None and directory._service is not None:
        return directory._service.codes(id)
    return found


def positions(segment: SegmentSpec, syntax: int) -> tuple[ElementUse, ...]:
    """The element positions of a segment as an interchange of that syntax version has them. In syntax 1 to
    3 each repetition of an element takes a position of its own, of which only the first can be mandatory;
    syntax 4 (ISO 9735-1:2002, 8.6) puts repetitions into one position, parted by the repetition separator."""
    if syntax >= 4 or all(use.repeat == 1 for use in segment.elements):
        return segment.elements
    expanded: list[ElementUse] = []
    for use in segment.elements:
        expanded.append(replace(use, repeat=1))
        expanded += [replace(use, repeat=1, mandatory=False)] * (use.repeat - 1)
    return tuple(expanded)
