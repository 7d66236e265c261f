"""The same segment group in two versions of a message, where its number differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from edigw.directory.model import LoopUse, Row

_NAME = re.compile(r"(?<![^/ ])(?:SG\d+|[A-Z]{3})(?=[/\[]|$)")


def group_names(base: tuple[Row, ...], other: tuple[Row, ...], renamed: Mapping[str, str]) -> dict[str, str]:
    """Group names of `base` to those of `other`, by the path of trigger segments, of which some may be `renamed` in
    `other`. Groups whose path occurs several times in a message (two ALC groups at one level) are paired in order; what
    has no counterpart is left out."""
    theirs: dict[tuple[str, ...], list[str]] = {}
    for path, name in _paths(other, ()):
        theirs.setdefault(path, []).append(name)
    names: dict[str, str] = {}
    for path, name in _paths(base, ()):
        now = tuple(renamed.get(tag, tag) for tag in path)
        if theirs.get(now):
            names[name] = theirs[now].pop(0)
    return names


def respelled(location: str, names: Mapping[str, str]) -> str:
    """A location with the names of groups and segments replaced that `names` has."""
    return _NAME.sub(lambda match: names.get(match[0], match[0]), location) if names else location


def groups_above(table: tuple[Row, ...], name: str) -> frozenset[str]:
    """The groups of a message in which a group stands, at any depth."""
    found: set[str] = set()
    for row in table:
        if isinstance(row, LoopUse):
            inner = groups_above(row.children, name)
            if inner or any(isinstance(child, LoopUse) and child.name == name for child in row.children):
                found |= {row.name, *inner}
    return frozenset(found)


def _paths(rows: tuple[Row, ...], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for row in rows:
        if isinstance(row, LoopUse):
            path = (*above, row.trigger.tag)
            yield path, row.name
            yield from _paths(row.children, path)
