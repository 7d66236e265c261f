"""UBL bindings as data: `mappings/ubl/2.1/*.yaml` with the sets that they share, and partners' overlays on them."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from edigw.mapping.errors import BindingError, UnknownBinding, did_you_mean
from edigw.mapping.loader import Entry, load_file
from edigw.mapping.overlay import Adapted, Overlay, apply_overlay
from edigw.mapping.shape import UBL, check_rule
from edigw.mapping.xml.content import FOLDER, elements_path
from edigw.resources import shipped

STANDARD = "ubl"
VERSION = "2.1"
PREFIX = "ubl/"

_REQUIRED = ("binding", "document", "root", "rules")
_SHARED = "sets.yaml"
_INCLUDE = {"id", "include", "in", "of", "only"}
_PATHS = ("at", "in", "also", "copy")


@cache
def names(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all UBL bindings of a folder (default: that of those that ship), sorted: "ubl/Order" …"""
    return tuple(sorted(f"{PREFIX}{path.stem}" for path in _home(folder).glob("*.yaml") if path.name != _SHARED))


def path_of(name: str, folder: Path | None = None) -> Path:
    """The file of a binding."""
    return _home(folder) / f"{name.removeprefix(PREFIX)}.yaml"


@cache
def load(name: str, folder: Path | None = None) -> Entry:
    """A binding with all rules in its own place. Raises BindingError, of which UnknownBinding is one."""
    known = names(folder)
    if name not in known:
        raise UnknownBinding(f"there is no binding {name!r}{did_you_mean(name, known)}; there are {', '.join(known)}")
    path = path_of(name, folder)
    entry = load_file(path)
    missing = [key for key in _REQUIRED if key not in entry]
    if missing:
        raise BindingError(f"{', '.join(missing)} missing", str(path), entry.line)
    if entry["root"] != path.stem:
        raise BindingError(f"the file of {entry['root']} has that name", str(path), entry.lines["root"])
    shared = load_file(_home(folder) / _SHARED)["sets"]
    entry["sets"] = sets = Entry({**shared, **entry.get("sets", {})})
    for each in sets.values():
        each["rules"] = list(_spliced(each["rules"], sets, ()))
    entry["rules"] = list(_spliced(entry["rules"], sets, ()))
    entry.update(standard=STANDARD, message=entry["root"], versions=[VERSION])
    return entry


def adapted(name: str, overlay: Overlay | None = None, folder: Path | None = None) -> Adapted:
    """The rules of a binding, with an overlay on them. Raises BindingError."""
    if overlay is None:
        return Adapted(load(name, folder), {})
    lines = overlay.entry.lines
    if overlay.extends not in names(folder):
        hint = did_you_mean(overlay.extends, names(folder))
        raise BindingError(f"there is no binding {overlay.extends}{hint}", str(overlay.file), lines["extends"])
    if overlay.extends != name:
        reason = f"the overlay extends {overlay.extends}, not {name}"
        raise BindingError(reason, str(overlay.file), lines["extends"])
    for key in ("dates", "options"):
        if key in overlay.entry:
            raise BindingError(f"{key}: there are none in UBL", str(overlay.file), lines[key])
    return apply_overlay(load(name, folder), overlay)


@cache
def understood(folder: Path | None = None) -> dict[str, frozenset[str]]:
    """Values of attributes that only name the code list or the issuer that UBL means anyway, by attribute."""
    facts = load_file(_home(folder) / _SHARED)["understood"]
    return {name: frozenset(values) for name, values in facts.items()}


def digest(name: str, overlay: Overlay | None = None, folder: Path | None = None) -> str:
    """SHA-256 over the binding, its overlay, the shared sets and the facts about elements, each preceded by its name
    and length."""
    files = [path_of(name, folder), _home(folder) / _SHARED, elements_path()]
    found = [(file.name, file.read_bytes()) for file in files]
    if overlay is not None:
        found.insert(1, (overlay.file.name, overlay.content))
    made = hashlib.sha256()
    for called, data in found:
        made.update(f"{called}\n{len(data)}\n".encode())
        made.update(data)
    return made.hexdigest()


def _home(folder: Path | None) -> Path:
    return (folder or shipped("mappings")) / FOLDER


# ---------------------------------------------------------------- include


def _spliced(rules: Any, sets: Entry, inside: tuple[str, ...]) -> Iterator[Entry]:
    """Rules with those of a set where one says `include: set`, each with an id of its own. Raises BindingError."""
    seen: set[str] = set()
    for rule in rules:
        for one in _included(rule, sets, inside) if "include" in rule else [rule]:
            _check(one)
            if one["id"] in seen:
                raise BindingError(f"there is a rule {one['id']} already", rule.file, rule.line)
            seen.add(one["id"])
            if isinstance(one.get("rules"), list):
                one["rules"] = list(_spliced(one["rules"], sets, inside))
            yield one


def _check(rule: Entry) -> None:
    try:
        check_rule(rule, UBL)
    except BindingError as error:
        raise BindingError(f"rule {rule.get('id')!r}: {error.reason}", rule.file, rule.line) from None


def _included(rule: Entry, sets: Entry, inside: tuple[str, ...]) -> Iterator[Entry]:
    """The rules of a set as if they stood here: at a path below (`in`), for one item of a list (`of`), with an id in
    front of theirs (`id`), or only for reading (`only`)."""
    name = rule["include"]
    unknown = rule.keys() - _INCLUDE
    if unknown:
        raise BindingError(f"unknown key {', '.join(sorted(unknown))} beside include", rule.file, rule.line)
    if name not in sets or name in inside:
        reason = f"{name!r} includes itself" if name in sets else f"there is no set {name!r}"
        raise BindingError(reason, rule.file, rule.line)
    for inner in _spliced(sets[name]["rules"], sets, (*inside, name)):
        made = copy.deepcopy(inner)
        if "id" in rule:
            made["id"] = f"{rule['id']}-{inner['id']}"
        if "only" in rule:
            made["only"] = rule["only"]
        if "of" in rule and "doc" in inner:
            made["doc"] = f"{rule['of']}/{inner['doc']}"
        elif "of" in rule:
            made["of"] = rule["of"]
        for key in _PATHS:
            if "in" in rule and key in inner:
                made[key] = _below(rule["in"], inner[key])
        yield made


def _below(inside: str, where: Any) -> Any:
    """A path, or several, below another one."""
    if isinstance(where, list):
        return [_below(inside, one) for one in where]
    return inside if where == "." else f"{inside}/{where}"
