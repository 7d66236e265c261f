"""What a scan of a file yields, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Interchange, Message, Package


@dataclass(frozen=True, slots=True)
class InterchangeStart:
    """The header of an interchange was read; trailer, end and further findings of `interchange` follow."""

    interchange: Interchange


@dataclass(frozen=True, slots=True)
class InterchangeEnd:
    """The interchange was read to its end, or to where it broke off, and its envelope was checked."""

    interchange: Interchange


@dataclass(frozen=True, slots=True)
class GroupStart:
    """The header of a functional group was read."""

    group: Group


@dataclass(frozen=True, slots=True)
class GroupEnd:
    """A functional group was read to its end and checked."""

    group: Group


@dataclass(frozen=True, slots=True)
class MessageRead:
    """A whole message; `group` is the group that holds it, if any. `texts` are its segments as they were sent, but that
    characters that were released, or are binary data, are replaced by others that are not ASCII."""

    message: Message
    group: Group | None
    texts: list[str]


@dataclass(frozen=True, slots=True)
class PackageRead:
    """A whole object (UNO to UNP)."""

    package: Package


Event: TypeAlias = InterchangeStart | GroupStart | MessageRead | PackageRead | GroupEnd | InterchangeEnd | Finding
"""A Finding among the events is about the file, outside of any interchange."""
