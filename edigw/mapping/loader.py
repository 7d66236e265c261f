"""Binding files as data that remembers where it stood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from edigw.mapping.errors import BindingError


class Entry(dict[str, Any]):
    """A mapping of a YAML file, with the line where it starts."""

    line: int = 0


class _Loader(yaml.SafeLoader):
    """SafeLoader whose mappings are `Entry` and where a key may stand only once."""


def _entry(loader: _Loader, node: yaml.MappingNode) -> Entry:
    entry = Entry()
    entry.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in entry:
            raise BindingError(f"{key!r} stands twice", line=key_node.start_mark.line + 1)
        entry[key] = loader.construct_object(value_node, deep=True)
    return entry


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _entry)


def load(text: str, file: str) -> Entry:
    """Read a binding or overlay. Raises BindingError with the line for what is no YAML mapping."""
    try:
        loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BindingError(error.problem or "not YAML", file, line) from None
    except BindingError as error:
        raise BindingError(error.reason, file, error.line) from None
    if not isinstance(loaded, Entry):
        raise BindingError("a binding is a mapping of keys", file, 1)
    return loaded


def load_file(path: Path) -> Entry:
    """`load` for a file in UTF-8."""
    return load(path.read_text("utf-8"), str(path))
