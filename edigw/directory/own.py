"""Whether a user's own directory is one: everything in its file is made once, so that a mistake is told when the
directory is opened, with the place in the file, and not by a message that happens to need it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from edigw.directory import packaged
from edigw.directory.errors import NotInDirectory
from edigw.directory.relations import condition

if TYPE_CHECKING:
    from edigw.directory.directory import Directory

_TYPES = {"edifact": re.compile("a|n|an"), "x12": re.compile("AN|ID|R|DT|TM|B|N[0-9]")}


def prove(directory: Directory, family: packaged.Family) -> None:
    """Raises OwnDirectoryError for the first entry that can't be used."""
    version = directory.version
    own = packaged.own_version(family, version)
    assert own is not None  # noqa: S101 - only a user's own directories are proved
    parts: tuple[tuple[str, Iterable[str], Callable[[Directory, str], None]], ...] = (
        ("elements", own.elements, _element),
        ("composites", own.composites, _composite),
        ("segments", own.segments, _segment),
        ("messages", own.messages, _message),
    )
    for kind, names, make in parts:
        for name in names:
            try:
                make(directory, name)
            except (NotInDirectory, ValueError, TypeError, msgspec.MsgspecError) as error:
                raise packaged.OwnDirectoryError(
                    packaged.own_path(family, version), f"{kind}.{name}: {error}"
                ) from error


def _element(directory: Directory, id: str) -> None:
    spec = directory.element(id)
    if not _TYPES[directory.standard].fullmatch(spec.type):
        raise ValueError(f"{spec.type!r} is no type of a data element")
    if not 0 <= spec.min <= spec.max or not spec.max:
        raise ValueError(f"a value can't have {spec.min} to {spec.max} characters")


def _composite(directory: Directory, id: str) -> None:
    spec = directory.composite(id)
    _conditions(spec.conditions, len(spec.components), "components")


def _segment(directory: Directory, tag: str) -> None:
    spec = directory.segment(tag)
    _conditions((*spec.conditions, *spec.uncertain), len(spec.elements), "elements")


def _conditions(notations: Iterable[str], places: int, what: str) -> None:
    for notation in notations:
        if max(condition(notation).positions) > places:
            raise ValueError(f"{notation} is about more {what} than there are")


def _message(directory: Directory, type: str) -> None:
    directory.message(type)
