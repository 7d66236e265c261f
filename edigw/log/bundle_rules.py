"""Which rules the events of a bundle name: configurations with their files, and bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edigw.log.bundle_report import Line


@dataclass(frozen=True, slots=True)
class Rule:
    """Something whose hash an event names, or a list that it names does; whether the bundle has it."""

    words: str
    sha256: str
    there: bool


def named_rules(lines: Sequence[Line], contents: Mapping[str, bytes]) -> list[Rule]:
    """All that the details name, in their order, each once; `contents` are there, by their hash. Of the files of a
    configuration only those that are there: others say nothing about these exchanges."""
    found: dict[str, Rule] = {}
    for line in lines:
        for words, digest, needed in _named(line, contents):
            if digest not in found and (needed or digest in contents):
                found[digest] = Rule(words, digest, digest in contents)
    return list(found.values())


def _named(line: Line, contents: Mapping[str, bytes]) -> Iterator[tuple[str, str, bool]]:
    """In words, hash, and whether the event itself names it."""
    digest = line.detail.get("configuration")
    if isinstance(digest, str):
        yield "the configuration: a list of its files and their hashes", digest, True
        for each in contents.get(digest, b"").decode().splitlines():
            hash, _, name = each.partition("  ")
            yield name, hash, False
    for binding in line.detail.get("bindings", ()):
        yield f"the binding {binding['name']} {binding['version']}", binding["sha256"], True
