"""The bindings that ship with the gateway, found by name or by what they bind."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from edigw import documents
from edigw.directory.directory import Directory, edifact, x12
from edigw.directory.errors import NotInDirectory
from edigw.mapping.codes import code_list_path
from edigw.mapping.codesource import CodeSource
from edigw.mapping.compiler import Binding, compile_plan
from edigw.mapping.errors import BindingError, UnknownBinding, did_you_mean
from edigw.mapping.groups import group_names
from edigw.mapping.loader import Entry, load_file, splice
from edigw.mapping.overlay import Adapted, Overlay, apply_overlay, load_overlay
from edigw.mapping.plan import Plan
from edigw.mapping.resolver import Resolver, renamed
from edigw.mapping.unmapped import NOTHING_AGREED, UnmappedCodes
from edigw.mapping.versions import all_of, spans
from edigw.mapping.views import VIEWS, View
from edigw.resources import shipped

_SETS = "sets"
_REQUIRED = ("binding", "document", "standard", "message", "versions", "rules")


@cache
def bindings(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all bindings of a folder (default: those that ship with the gateway), sorted: "order/850" …"""
    home = folder or shipped("mappings")
    paths = (path.relative_to(home).with_suffix("") for path in home.glob("*/*.yaml"))
    return tuple(sorted(str(path) for path in paths if path.parent.name != _SETS))


def binding(
    name: str,
    version: str,
    overlay: Overlay | Path | None = None,
    unmapped: UnmappedCodes = NOTHING_AGREED,
    folder: Path | None = None,
) -> Binding:
    """The binding `name` ("order/ORDERS") for a version ("D.96A"), with a partner's overlay and what is agreed for
    codes that no list has. Compiled on first use. Raises BindingError, of which UnknownBinding is one."""
    return _binding(name, version, load_overlay(overlay) if isinstance(overlay, Path) else overlay, unmapped, folder)


@lru_cache(maxsize=1024)
def _binding(name: str, version: str, overlay: Overlay | None, unmapped: UnmappedCodes, folder: Path | None) -> Binding:
    path = _path(name, folder)
    versions = _load(name, folder)["versions"]
    if version not in versions:
        raise UnknownBinding(f"{name} is for {', '.join(spans(versions))}, not for {version}", str(path))
    if overlay is not None and not overlay.fits(overlay.extends, version):
        raise UnknownBinding(
            f"it is for {', '.join(spans(overlay.versions))}, not for {version}",
            str(overlay.file),
            overlay.entry.lines["versions"],
        )
    return compile_binding(adapted(name, overlay, folder), path, version, overlay, unmapped, folder)


def adapted(name: str, overlay: Overlay | None = None, folder: Path | None = None) -> Adapted:
    """The rules of a binding, with an overlay on them. Raises BindingError."""
    if overlay is None:
        return Adapted(_load(name, folder), {})
    if overlay.extends not in bindings(folder):
        reason = f"there is no binding {overlay.extends}{did_you_mean(overlay.extends, bindings(folder))}"
        raise BindingError(reason, str(overlay.file), overlay.entry.lines["extends"])
    if overlay.extends != name:
        raise BindingError(
            f"the overlay extends {overlay.extends}, not {name}",
            str(overlay.file),
            overlay.entry.lines["extends"],
        )
    return apply_overlay(_load(name, folder), overlay)


def check_every_version(name: str, overlay: Overlay | None = None, folder: Path | None = None) -> None:
    """Find every location of a binding, with an overlay on it, in all versions that both are for; versions in which the
    message is built alike are looked at once. Raises BindingError for the first that does not fit."""
    made, path = adapted(name, overlay, folder), _path(name, folder)
    entry = made.entry
    seen = set()
    for version in overlay.versions if overlay is not None and overlay.versions else entry["versions"]:
        spec = _directory(entry["standard"], version).message(str(entry["message"]))
        built = repr((spec.table, sorted(spec.segments.items())))
        if built not in seen:
            seen.add(built)
            _plan(made, path, version, overlay, NOTHING_AGREED, folder)


def spelling(adapted: Adapted, version: str) -> dict[str, str]:
    """The names that the groups and segments of a binding's locations have in a version, where those are others."""
    entry = adapted.entry
    if entry["standard"] != "edifact":
        return {}
    message = str(entry["message"])
    tables = [edifact(one).message(message).table for one in (entry["versions"][0], version)]
    tags = renamed(entry, version)
    names = {**group_names(tables[0], tables[1], tags), **tags}
    return {name: now for name, now in names.items() if name != now}


def compile_binding(
    adapted: Adapted | Entry,
    path: Path,
    version: str,
    overlay: Overlay | None = None,
    unmapped: UnmappedCodes = NOTHING_AGREED,
    folder: Path | None = None,
) -> Binding:
    """A loaded binding for one of its versions, not cached."""
    adapted = adapted if isinstance(adapted, Adapted) else Adapted(adapted, {})
    entry = adapted.entry
    plan = _plan(adapted, path, version, overlay, unmapped, folder)
    source, read, write = compile_plan(plan, f"{entry['binding']} {version}")
    view = entry.get("view")
    return Binding(
        name=entry["binding"],
        document=entry["document"],
        standard=entry["standard"],
        message=str(entry["message"]),
        version=version,
        sha256=hashlib.sha256(_written(path, overlay, _said(unmapped), entry, folder)).hexdigest(),
        source=source,
        partner=overlay.partner if overlay else "",
        overlay=overlay,
        unmapped=_said(unmapped),
        own_codes=adapted.own_codes,
        _plan=plan,
        _view=_shaped(view, entry, path, overlay),
        _read=read,
        _write=write,
    )


def _plan(
    adapted: Adapted,
    path: Path,
    version: str,
    overlay: Overlay | None,
    unmapped: UnmappedCodes,
    folder: Path | None,
) -> Plan:
    entry = adapted.entry
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
    codes = CodeSource(entry["standard"], version, adapted.codes, unmapped, folder)
    plan = Resolver(entry, str(path), directory, *specs, codes).plan()
    for name in adapted.codes:
        if overlay is not None and name not in codes.used:
            reason = f"codes: no rule has codes of {name} in {message} {version}"
            raise BindingError(reason, str(overlay.file), overlay.entry["codes"].lines[name])
    _shaped(entry.get("view"), entry, path, overlay)
    return plan


def _shaped(view: str | None, entry: Entry, path: Path, overlay: Overlay | None) -> View | None:
    options = entry.get("options", {})
    if view is None:
        if options:
            raise BindingError("a binding without a view has no options", str(path), entry.line)
        return None
    try:
        chosen = VIEWS[view].chosen(options)
    except BindingError as error:
        mine = overlay is not None and "options" in overlay.entry
        file, line = (overlay.file, overlay.entry.lines["options"]) if overlay and mine else (path, entry.line)
        raise BindingError(f"options: {error.reason}", str(file), line) from None
    try:
        return chosen.shaped(entry["rules"])
    except BindingError as error:
        raise BindingError(error.reason, str(path), entry.line) from None


def identify(standard: str, message: str, version: str, document: str = "", folder: Path | None = None) -> str | None:
    """The name of the binding for a message type of a version, where it serves several documents for this one; None if
    there is none."""
    for name in bindings(folder):
        entry = _load(name, folder)
        bound = (entry["standard"], str(entry["message"])) == (standard, message)
        if bound and version in entry["versions"] and document in ("", entry["document"]):
            return name
    return None


def condition(standard: str, message: str, version: str, document: str, folder: Path | None = None) -> tuple[str, bool]:
    """Which documents of its kind a message type is for: those that say a field (`when: change`: "change", True) or
    that don't (`unless: change`: "change", False); "" for all of them."""
    name = identify(standard, message, version, document, folder)
    entry = {} if name is None else _load(name, folder)
    return str(entry.get("when", entry.get("unless", ""))), "unless" not in entry


def suited(document: Any, forms: Sequence[tuple[str, str, str]], folder: Path | None = None) -> tuple[str, str, str]:
    """Of the forms (standard, message type, version) that a document may take, the first that is for such a document:
    an 855 responds to an order, an 865 to a change of it. The first of all where none is."""
    for form in forms:
        field, said = condition(*form, type(document).__name__, folder)
        if not field or (getattr(document, field) is not None) is said:
            return form
    return forms[0]


def find(standard: str, message: str, version: str) -> Binding | None:
    """The binding that reads and writes a message type of a version; None if there is none."""
    name = identify(standard, message, version)
    return None if name is None else binding(name, version)


def by_document(document: str, standard: str, message: str, version: str) -> Binding | None:
    """As `find`, where a message type serves several documents: the binding for this one."""
    name = identify(standard, message, version, document)
    return None if name is None else binding(name, version)


def _path(name: str, folder: Path | None) -> Path:
    known = bindings(folder)
    if name not in known:
        raise UnknownBinding(f"there is no binding {name!r}{did_you_mean(name, known)}; there are {', '.join(known)}")
    return (folder or shipped("mappings")) / f"{name}.yaml"


@cache
def _load(name: str, folder: Path | None = None) -> Entry:
    """A binding with the sets that it `uses`; of sets of the same name the last one counts, and its own above all. Its
    ranges of versions are written out."""
    entry = load_file(_path(name, folder))
    try:
        entry["versions"] = all_of(entry["versions"])
    except BindingError as error:
        raise BindingError(error.reason, entry.file, entry.lines["versions"]) from None
    sets: dict[str, Any] = {}
    for path in _sets_paths(entry, folder):
        if not path.is_file():
            raise BindingError(f"there are no sets {path.stem!r}", entry.file, entry.lines["uses"])
        shared = load_file(path)
        sets |= shared["sets"]
        entry["renamed"] = {**entry.get("renamed", {}), **shared.get("renamed", {})}
    if sets:
        entry["sets"] = sets | entry.get("sets", {})
    splice(entry)
    return entry


def _sets_paths(entry: Entry, folder: Path | None) -> list[Path]:
    uses = entry.get("uses", [])
    names = [str(name) for name in (uses if isinstance(uses, list) else [uses])]
    wrong = next((name for name in names if not name.isidentifier()), None)
    if wrong is not None:
        raise BindingError(f"there are no sets {wrong!r}", entry.file, entry.lines["uses"])
    return [(folder or shipped("mappings")) / _SETS / f"{name}.yaml" for name in names]


def written(name: str, overlay: Overlay | None = None, unmapped: str = "", folder: Path | None = None) -> bytes:
    """All that a binding is made of, in one: `Binding.sha256` is the hash of this. `unmapped` as `Binding.unmapped`.

    Raises BindingError."""
    return _written(_path(name, folder), overlay, unmapped, adapted(name, overlay, folder).entry, folder)


def _written(path: Path, overlay: Overlay | None, unmapped: str, entry: Entry, folder: Path | None) -> bytes:
    """The binding, its overlay, shared sets and code lists, each preceded by its name and length; then what is agreed
    for codes that no list has, if anything is."""
    lists = (code_list_path(name, folder) for name in sorted(_code_lists(entry)))
    parts = [(path.name, path.read_bytes())]
    if overlay is not None:
        parts.append((overlay.file.name, overlay.content))
    parts += ((file.name, file.read_bytes()) for file in (*_sets_paths(entry, folder), *lists))
    if unmapped:
        parts.append(("unmapped", unmapped.encode()))
    return b"".join(f"{name}\n{len(data)}\n".encode() + data for name, data in parts)


def _said(unmapped: UnmappedCodes) -> str:
    return "" if unmapped == NOTHING_AGREED else repr(unmapped)


def _directory(standard: str, version: str) -> Directory:
    return edifact(version) if standard == "edifact" else x12(version)


def _code_lists(entry: Any) -> set[str]:
    if isinstance(entry, dict):
        own = {entry["codes"]} if isinstance(entry.get("codes"), str) else set()
        return own.union(*(_code_lists(value) for value in entry.values()))
    if isinstance(entry, list):
        return set[str]().union(*(_code_lists(value) for value in entry))
    return set()
