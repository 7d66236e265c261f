"""YAML files that people write, as data that remembers where it stood."""

from __future__ import annotations

from typing import Any

import yaml


class YamlError(Exception):
    """The text can't be used. `line` counts from 1; 0 where none is known."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line


class Entry(dict[str, Any]):
    """A mapping of a YAML file, with the file and line where it starts and the line of each of its keys. `file` is ""
    where `load` was not told."""

    file: str = ""
    line: int = 0
    lines: dict[str, int]


def _entry(loader: yaml.SafeLoader | yaml.BaseLoader, node: yaml.MappingNode) -> Entry:
    entry = Entry()
    entry.line = node.start_mark.line + 1
    entry.lines = {}
    for key_node, value_node in node.value:
        key: Any = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if isinstance(key, dict | list):
            raise YamlError("a key is a single word", line)
        if key in entry:
            raise YamlError(f"{key!r} stands twice", line)
        entry[key] = loader.construct_object(value_node, deep=True)
        entry.lines[key] = line
    return entry


class _Typed(yaml.SafeLoader):
    """Numbers and truth values are read as such."""


class _Plain(yaml.BaseLoader):
    """Every value is the text that stands there: 02 stays "02", and NO is Norway."""


_Typed.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _entry)
_Plain.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _entry)


def load(text: str, *, plain: bool = False) -> Entry:
    """The mapping that `text` holds; no key of it, or inside of it, stands twice. `plain`: every scalar is a str, just
    as it was written. Raises YamlError."""
    try:
        loaded = yaml.load(text, Loader=_Plain if plain else _Typed)  # noqa: S506 - neither makes objects
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise YamlError(error.problem or "not YAML", line) from None
    except yaml.YAMLError as error:
        raise YamlError(" ".join(str(error).split())) from None
    except RecursionError:
        raise YamlError("nested too deeply") from None
    if not isinstance(loaded, Entry):
        raise YamlError("expected keys with values", 1)
    return loaded
