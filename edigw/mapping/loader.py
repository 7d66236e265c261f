"""Binding files as data that remembers where it stood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edigw import yamlfile
from edigw.mapping.errors import BindingError
from edigw.yamlfile import Entry, YamlError

__all__ = ["Entry", "load", "load_file", "splice"]


def load(text: str, file: str) -> Entry:
    """Read a binding or overlay. Raises BindingError with the line for what is no YAML mapping."""
    try:
        entry = yamlfile.load(text)
    except YamlError as error:
        raise BindingError(error.reason, file, error.line) from None
    _name_file(entry, file)
    return entry


def _name_file(value: Any, file: str) -> None:
    """Rules of several files meet in one binding; each says in errors where it came from."""
    if isinstance(value, Entry):
        value.file = file
        for inner in value.values():
            _name_file(inner, file)
    elif isinstance(value, list):
        for inner in value:
            _name_file(inner, file)


def load_file(path: Path) -> Entry:
    """`load` for a file in UTF-8."""
    return load(path.read_text("utf-8"), str(path))


def splice(binding: Entry) -> None:
    """Put the rules of a set where a rule list says `include: set`, so that a binding has its rules in one place.
    Raises BindingError for a set that is not there or that includes itself."""
    sets = binding.get("sets", {})

    def spliced(rules: Any, inside: tuple[str, ...]) -> list[Any]:
        out: list[Any] = []
        for rule in rules:
            name = rule.get("include")
            if name is None:
                if isinstance(rule.get("rules"), list):
                    rule["rules"] = spliced(rule["rules"], inside)
                out.append(rule)
            elif name not in sets or name in inside:
                reason = f"{name!r} includes itself" if name in sets else f"there is no set {name!r}"
                raise BindingError(reason, rule.file, rule.line)
            else:
                out += spliced(sets[name]["rules"], (*inside, name))
        return out

    for name, entry in sets.items():
        entry["rules"] = spliced(entry["rules"], (name,))
    if "rules" in binding:
        binding["rules"] = spliced(binding["rules"], ())
