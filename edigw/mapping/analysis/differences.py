"""What differs between two forms of a binding: its rules before and after, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from edigw.mapping.groups import respelled
from edigw.mapping.overlay import Adapted, rules_of
from edigw.mapping.registry import spelling
from edigw.mapping.versions import chosen

_NESTED = frozenset({"rules"})
_SILENT = frozenset({"id", "note"})
_PLACES = ("at", "in", "slots")


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that was added, removed or changed; `changes` are its keys with their texts before and after ("" where
    there is none). `id` is dotted, or "codes.LIST" for a partner's own codes of a whole list."""

    kind: Literal["added", "removed", "changed"]
    id: str
    changes: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        if self.kind == "changed":
            return "; ".join(f"{key}: {old or 'nothing'} -> {new or 'nothing'}" for key, old, new in self.changes)
        told = [(key, new or old) for key, old, new in self.changes]
        return ", ".join(f"{key} {text}" for key, text in told)


def differences(before: Adapted, after: Adapted, versions: tuple[str, str] | None = None) -> list[Difference]:
    """The differences, rule by rule, in the order of the rules. With `versions`, places are those of one directory
    version on either side; what a version has no place for is then no rule of it."""
    old = _rules(before, versions[0] if versions else "")
    new = _rules(after, versions[1] if versions else "")
    found = []
    for id, rule in new.items():
        if id not in old:
            if _above(id) in old or _above(id) not in new:
                found.append(Difference("added", id, tuple((key, "", text) for key, text in rule.items())))
        elif changes := tuple(_changes(old[id], rule)):
            found.append(Difference("changed", id, changes))
    gone = [(id, rule) for id, rule in old.items() if id not in new and (_above(id) in new or _above(id) not in old)]
    found += [Difference("removed", id, tuple((k, text, "") for k, text in rule.items())) for id, rule in gone]
    return found


def _above(id: str) -> str:
    """The rule around a rule; with it, all that it holds comes and goes."""
    return id.rpartition(".")[0]


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, ""), new.get(key, "")
        if before != after:
            yield key, before, after


def _rules(adapted: Adapted, version: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    names = spelling(adapted, version) if version else {}
    for id, rule in rules_of(adapted.entry):
        told = {}
        for key, value in rule.items():
            if key in _SILENT or (key in _NESTED and not isinstance(value, str)):
                continue
            shown = text(value, version if key in (*_PLACES, "also", "copy") else "")
            told[key.replace("_", " ")] = respelled(shown, names) if key in _PLACES else shown
        if not any(told.get(key) == "" for key in _PLACES):
            found[id] = told
    for name, value in adapted.entry.get("options", {}).items():
        found[f"options.{name}"] = {"option": str(value)}
    for name, codes in adapted.codes.items():
        found[f"codes.{name}"] = dict(codes)
    return found


def text(value: Any, version: str = "") -> str:
    """A value of a rule as it is written in one line. With a `version` it is a place: where that differs, the one
    of that version, "" if that has none."""
    if isinstance(value, dict):
        if version:
            return text(chosen(value, version))
        return "{" + ", ".join(f"{key}: {text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return ", ".join(filter(None, (text(inner, version) for inner in value))) or "nothing"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or '""'
