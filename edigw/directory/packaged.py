"""The packaged directories: one zstd-compressed JSON file for each version, written by
`tools/build_directories.py`.

`data/index.json` lists the versions of each family, oldest first. `data/<family>/<version>.json.zst` has

    messages    {type: [name, X12 functional id, [row, ...]]}
                a row is [tag, mandatory, max] or, of a loop, [name, mandatory, max, [row, ...]]
    segments    {tag: [name, [[element or composite, mandatory, repeat], ...], conditions, uncertain]}
    composites  {id: [name, [[element, mandatory, 1], ...], conditions]}
    elements    {id: [name, type, min, max]}

with 1 and 0 for mandatory and optional, and max 0 for "no limit". `data/<family>/codes.json.zst` has the
code lists of all versions, `{element: {code: [[first, last, name], ...]}}`, first and last being places in
the list of versions; a distributor may leave it out, then nothing is checked against code lists. Entries
stay undecoded (`msgspec.Raw`) until somebody asks for them, so that opening a version takes about a
millisecond.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import zstandard

Family: TypeAlias = Literal["edifact", "service", "x12"]

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


@cache
def versions(family: Family) -> tuple[str, ...]:
    """The packaged versions, oldest first."""
    index = msgspec.json.decode((_DATA / "index.json").read_bytes(), type=dict[str, tuple[str, ...]])
    return index[family]


@cache
def load(family: Family, version: str) -> PackedVersion:
    """A version that `versions` names."""
    return msgspec.json.decode(_unpack(_DATA / family / f"{version}.json.zst"), type=PackedVersion)


def codes(family: Family, version: str, element: str) -> dict[str, str] | None:
    """The code list of an element in one version, code to name; None if the element has none here."""
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
