"""Binding files as data that remembers where it stood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edigw import yamlfile
from edigw.mapping.errors import BindingError
from edigw.yamlfile import Entry, YamlError

__all__ = ["Entry", "load", "load_file"]


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
