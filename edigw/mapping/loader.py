"""Binding files as data that remembers where it stood."""

from __future__ import annotations

from pathlib import Path

from edigw import yamlfile
from edigw.mapping.errors import BindingError
from edigw.yamlfile import Entry, YamlError

__all__ = ["Entry", "load", "load_file"]


def load(text: str, file: str) -> Entry:
    """Read a binding or overlay. Raises BindingError with the line for what is no YAML mapping."""
    try:
        return yamlfile.load(text)
    except YamlError as error:
        raise BindingError(error.reason, file, error.line) from None


def load_file(path: Path) -> Entry:
    """`load` for a file in UTF-8."""
    return load(path.read_text("utf-8"), str(path))
