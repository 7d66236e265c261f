"""The packaged directories: one zstd-compressed JSON file for each version, written by
`tools/build_directories.py`.

`data/index.json` lists the versions of each family, oldest first. `data/<family>/<version>.json.zst` has

    messages    {type: [name, X12 functional id, [row, ...]]}
                a row is [tag, mandatory, max] or, of a loop, [name, mandatory, max, [row, ...]]
    segments    {tag: [name, [[element or composite, mandatory, repeat], ...], conditions, uncertain]}
    composites  {id: [name, [[element, mandatory, 1], ...], conditions]}, conditions as `relations` reads them
    elements    {id: [name, type, min, max]}

with 1 and 0 for mandatory and optional, and max 0 for "no limit". `data/<family>/codes.json.zst` has the
code lists of all versions, `{element: {code: [[first, last, name], ...]}}`, first and last being places in
the list of versions; a distributor may leave it out, then nothing is checked against code lists. Entries
stay undecoded (`msgspec.Raw`) until somebody asks for them, so that opening a version takes about a
millisecond.

A user's own directories (docs/directories.md) stand beside these: `EDIGW_DIRECTORIES` names folders (separated as in
PATH) with files `edifact/NAME.json` and `x12/NAME.json` of the same shape, uncompressed. NAME is what messages say:
version and association code ("D.96A-ACME01" for ORDERS:D:96A:UN:ACME01), or all of GS08 ("004010ACME"). Two members
more are understood:

    extends     the packaged version whose entries hold where the file has none of its own
    codes       {element: {code: name}}, beside those of the extended version
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import zstandard

Family: TypeAlias = Literal["edifact", "service", "x12"]

OWN = "EDIGW_DIRECTORIES"
_OWN_FAMILIES: tuple[Family, ...] = ("edifact", "x12")
_DATA = Path(__file__).resolve().parent / "data"
_MAX_BYTES = 16 << 20  # far above the largest packaged file; a damaged length field can't ask for more


class PackedUse(msgspec.Struct, array_like=True, frozen=True):
    id: str
    mandatory: int
    repeat: int


class PackedMessage(msgspec.Struct, array_like=True, frozen=True):
    name: str
    group: str
    table: list[list[Any]]


class PackedSegment(msgspec.Struct, array_like=True, frozen=True):
    name: str
    elements: list[PackedUse]
    conditions: tuple[str, ...]
    uncertain: tuple[str, ...]


class PackedComposite(msgspec.Struct, array_like=True, frozen=True):
    name: str
    components: list[PackedUse]
    conditions: tuple[str, ...]


class PackedElement(msgspec.Struct, array_like=True, frozen=True):
    name: str
    type: str
    min: int
    max: int


class PackedVersion(msgspec.Struct, frozen=True):
    """One version, its entries undecoded."""

    messages: dict[str, msgspec.Raw]
    segments: dict[str, msgspec.Raw]
    composites: dict[str, msgspec.Raw]
    elements: dict[str, msgspec.Raw]


class OwnVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user's own version, as its file has it."""

    extends: str = ""
    messages: dict[str, msgspec.Raw] = {}
    segments: dict[str, msgspec.Raw] = {}
    composites: dict[str, msgspec.Raw] = {}
    elements: dict[str, msgspec.Raw] = {}
    codes: dict[str, dict[str, str]] = {}


class OwnDirectoryError(Exception):
    """A file of a user's own directories can't be used."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path
        self.text = text


@cache
def versions(family: Family) -> tuple[str, ...]:
    """The versions, oldest first, a user's own ones last."""
    own = sorted(name for of, name in _own_files() if of == family)
    return (*released(family), *own)


@cache
def released(family: Family) -> tuple[str, ...]:
    """The versions that ship with the gateway, oldest first."""
    index = msgspec.json.decode((_DATA / "index.json").read_bytes(), type=dict[str, tuple[str, ...]])
    return index[family]


@cache
def load(family: Family, version: str) -> PackedVersion:
    """A version that `versions` names. Raises OwnDirectoryError."""
    own = own_version(family, version)
    if own is None:
        return msgspec.json.decode(_unpack(_DATA / family / f"{version}.json.zst"), type=PackedVersion)
    base = load(family, own.extends) if own.extends else PackedVersion({}, {}, {}, {})
    return PackedVersion(
        messages={**base.messages, **own.messages},
        segments={**base.segments, **own.segments},
        composites={**base.composites, **own.composites},
        elements={**base.elements, **own.elements},
    )


@cache
def _own_files() -> dict[tuple[Family, str], Path]:
    """The files of the user's own directories, by family and name; the first of two with one name counts."""
    found: dict[tuple[Family, str], Path] = {}
    for folder in filter(None, os.environ.get(OWN, "").split(os.pathsep)):
        for family in _OWN_FAMILIES:
            for path in sorted(Path(folder, family).glob("*.json")):
                found.setdefault((family, path.stem), path)
    return found


def own_names() -> tuple[tuple[Family, str], ...]:
    """The user's own directories: families and versions."""
    return tuple(_own_files())


def own_path(family: Family, version: str) -> Path:
    """The file of one of `own_names`."""
    return _own_files()[family, version]


@cache
def own_version(family: Family, version: str) -> OwnVersion | None:
    """What the file of a user's own directory says; None if the version is a packaged one. Raises
    OwnDirectoryError."""
    path = _own_files().get((family, version))
    if path is None:
        return None
    try:
        own = msgspec.json.decode(path.read_bytes(), type=OwnVersion)
    except (OSError, msgspec.DecodeError) as error:
        raise OwnDirectoryError(path, str(error)) from error
    if own.extends and own.extends not in released(family):
        raise OwnDirectoryError(path, f"extends {own.extends!r}, which is no packaged version")
    return own


def codes(family: Family, version: str, element: str) -> dict[str, str] | None:
    """The code list of an element in one version, code to name; None if the element has none here."""
    own = own_version(family, version)
    if own is not None:
        extended = codes(family, own.extends, element) if own.extends else None
        return {**(extended or {}), **own.codes.get(element, {})} or None
    raw = _code_lists(family).get(element)
    if raw is None:
        return None
    place = versions(family).index(version)
    runs = msgspec.json.decode(raw, type=dict[str, list[tuple[int, int, str]]])
    found = {code: name for code, spans in runs.items() for first, last, name in spans if first <= place <= last}
    return found or None


@cache
def codes_ever(family: Family, element: str) -> frozenset[str]:
    """Every code that an element has in any version."""
    raw = _code_lists(family).get(element)
    return frozenset(msgspec.json.decode(raw, type=dict[str, msgspec.Raw])) if raw is not None else frozenset()


@cache
def _code_lists(family: Family) -> dict[str, msgspec.Raw]:
    path = _DATA / family / "codes.json.zst"
    if not path.is_file():
        return {}
    return msgspec.json.decode(_unpack(path), type=dict[str, msgspec.Raw])


def _unpack(path: Path) -> bytes:
    return zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=_MAX_BYTES)
