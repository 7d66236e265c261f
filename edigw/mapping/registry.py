"""The bindings that ship with the gateway, found by name or by what they bind."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from edigw import documents
from edigw.directory.directory import Directory, edifact, x12
from edigw.directory.errors import NotInDirectory
from edigw.mapping.codes import code_list_path
from edigw.mapping.compiler import Binding, compile_plan
from edigw.mapping.errors import BindingError, UnknownBinding
from edigw.mapping.loader import Entry, load_file
from edigw.mapping.overlay import apply_overlay
from edigw.mapping.resolver import Resolver
from edigw.mapping.views import VIEWS
from edigw.resources import shipped

_SETS = "sets"
_REQUIRED = ("binding", "document", "standard", "message", "versions", "rules")


@cache
def bindings() -> tuple[str, ...]:
    """The names of all bindings, sorted: "order/850", "order/ORDERS" …"""
    folder = shipped("mappings")
    paths = (path.relative_to(folder).with_suffix("") for path in folder.glob("*/*.yaml"))
    return tuple(sorted(str(path) for path in paths if path.parent.name != _SETS))


@cache
def binding(name: str, version: str, overlay: Path | None = None) -> Binding:
    """The binding `name` ("order/ORDERS") for a version ("D.96A"), with a partner's overlay if one is given. Compiled
    on first use. Raises BindingError, of which UnknownBinding is one."""
    path = _path(name)
    entry = _load(name)
    partner = ""
    if overlay is not None:
        change = load_file(overlay)
        if change.get("extends") != name:
            raise BindingError(f"the overlay extends {change.get('extends')}, not {name}", str(overlay), change.line)
        partner = str(change.get("partner", ""))
        entry = apply_overlay(entry, change, str(overlay))
    versions = [str(known) for known in entry["versions"]]
    if version not in versions:
        raise UnknownBinding(f"{name} is for {', '.join(versions)}, not for {version}", str(path))
    return compile_binding(entry, path, version, partner, overlay)


def compile_binding(entry: Entry, path: Path, version: str, partner: str = "", overlay: Path | None = None) -> Binding:
    """A loaded binding for one of its versions, not cached."""
    for key in _REQUIRED:
        if key not in entry:
            raise BindingError(f"{key} is missing", str(path), entry.line)
    if entry["document"] not in documents.DOCUMENTS:
        raise BindingError(f"there is no document {entry['document']!r}", str(path), entry.line)
    if entry.get("view") is not None and entry["view"] not in VIEWS:
        raise BindingError(f"there is no view {entry['view']!r}", str(path), entry.line)
    message = str(entry["message"])
    try:
        base = _directory(entry["standard"], str(entry["versions"][0]))
        directory = _directory(entry["standard"], version)
        specs = base.message(message), directory.message(message)
    except NotInDirectory as error:
        raise BindingError(str(error), str(path), entry.line) from None
    plan = Resolver(entry, str(path), directory, *specs).plan()
    source, read, write = compile_plan(plan, f"{entry['binding']} {version}")
    view = entry.get("view")
    return Binding(
        name=entry["binding"],
        document=entry["document"],
        standard=entry["standard"],
        message=message,
        version=version,
        sha256=_digest(path, overlay, entry),
        source=source,
        partner=partner,
        _plan=plan,
        _view=VIEWS[view] if view else None,
        _read=read,
        _write=write,
    )


def find(standard: str, message: str, version: str) -> Binding | None:
    """The binding that reads and writes a message type of a version; None if there is none."""
    for name in bindings():
        entry = _load(name)
        if (entry["standard"], str(entry["message"])) == (standard, message) and version in entry["versions"]:
            return binding(name, version)
    return None


def by_document(document: str, standard: str, message: str, version: str) -> Binding | None:
    """As `find`, where a message type serves several documents: the binding for this one."""
    for name in bindings():
        entry = _load(name)
        bound = (entry["document"], entry["standard"], str(entry["message"]))
        if bound == (document, standard, message) and version in entry["versions"]:
            return binding(name, version)
    return None


def _path(name: str) -> Path:
    if name not in bindings():
        raise UnknownBinding(f"there is no binding {name!r}; there are {', '.join(bindings())}")
    return shipped("mappings") / f"{name}.yaml"


@cache
def _load(name: str) -> Entry:
    """A binding with the sets that it `uses`; a set of its own goes before a shared one of the same name."""
    entry = load_file(_path(name))
    if "uses" in entry:
        path = _sets_path(entry)
        if path is None or not path.is_file():
            raise BindingError(f"there are no sets {entry['uses']!r}", entry.file, entry.lines["uses"])
        entry["sets"] = load_file(path)["sets"] | entry.get("sets", {})
    return entry


def _sets_path(entry: Entry) -> Path | None:
    name = entry.get("uses")
    return shipped("mappings") / _SETS / f"{name}.yaml" if isinstance(name, str) and name.isalnum() else None


def _directory(standard: str, version: str) -> Directory:
    return edifact(version) if standard == "edifact" else x12(version)


def _digest(path: Path, overlay: Path | None, entry: Entry) -> str:
    """SHA-256 over the binding, its overlay, shared sets and code lists, each preceded by its name and length."""
    digest = hashlib.sha256()
    own = [file for file in (path, overlay, _sets_path(entry)) if file]
    files = [*own, *map(code_list_path, sorted(_code_lists(entry)))]
    for file in files:
        data = file.read_bytes()
        digest.update(f"{file.name}\n{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _code_lists(entry: Any) -> set[str]:
    if isinstance(entry, dict):
        own = {entry["codes"]} if isinstance(entry.get("codes"), str) else set()
        return own.union(*(_code_lists(value) for value in entry.values()))
    if isinstance(entry, list):
        return set[str]().union(*(_code_lists(value) for value in entry))
    return set()
