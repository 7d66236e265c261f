"""TOML text to the structs of `edigw.partners.tables`; whatever does not fit becomes one `ConfigError`.

msgspec finds the first place at which a value does not fit its type and names it as a JSON path. From that
path, the value there and the type there this module says what a person should have written.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from edigw.partners.errors import ConfigError, did_you_mean
from edigw.partners.places import line_of, places

T = TypeVar("T")

_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|(end of document))\)$")
_AT = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_NAMED = re.compile(r"(unknown|required) field `(.+?)`")
_SECRET = re.compile(r"key|pass|secret|database")


def decode(text: bytes, kind: type[T], file: str) -> T:
    """The TOML document `text` as a struct of type `kind`; paths in it stay as they are written.

    Raises ConfigError: with line and column where the text is no TOML, with line and key where it does not fit."""
    data = read_toml(text, file)
    try:
        return msgspec.convert(data, kind, dec_hook=_custom)
    except msgspec.ValidationError as error:
        raise located(_explained(str(error), data, kind, file), text) from None


def located(error: ConfigError, text: bytes) -> ConfigError:
    """The error with the line of its key in the file's text."""
    found = places(text.decode("utf-8-sig", "replace"))
    return ConfigError(error.file, error.key, error.text, line_of(found, error.key))


def read_toml(text: bytes, file: str) -> dict[str, Any]:
    """The TOML document `text` as plain data. Raises ConfigError with the line at which it is none."""
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ConfigError(file, "", "not UTF-8 text", line) from None
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _TOML_PLACE.search(message)
        what = _TOML_PLACE.sub("", message)
        what = "a key or table that stands here twice" if what == "Cannot overwrite a value" else what
        what = what[:1].lower() + what[1:]
        if place is None:
            raise ConfigError(file, "", what) from None
        if place[3]:
            raise ConfigError(file, "", f"{what}, at the end of the file") from None
        raise ConfigError(file, "", f"{what}, in column {place[2]}", int(place[1])) from None
    except RecursionError:
        raise ConfigError(file, "", "nested too deeply") from None


def _custom(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str) and value and "\0" not in value:
        return Path(value)
    raise ValueError("not a path")


def _explained(message: str, data: dict[str, Any], kind: type, file: str) -> ConfigError:
    at = _AT.search(message)
    node: inspect.Type = inspect.type_info(kind)
    top = node
    value: Any = data
    key = ""
    for name, index in _STEP.findall(at[1] if at else ""):
        node = _inner(node, name)
        if name:
            key += f".{name}" if key else name
            value = value.get(name) if isinstance(value, dict) else None
        elif index == "...":  # some key of a free table: the one whose value does not fit
            found = _misfit(node, value)
            key += f".{found}"
            value = value.get(found)
        else:
            key += f"[{int(index) + 1}]"
            value = value[int(index)]
    if named := _NAMED.search(message):
        missing = named[1] == "required"
        full = f"{key}.{named[2]}" if key else named[2]
        return ConfigError(file, full, "missing" if missing else _unknown(named[2], node, top))
    return ConfigError(file, key, f"expected {_described(node)}{_got(value, key)}{_nearest(value, node)}")


def _inner(node: inspect.Type, name: str) -> inspect.Type:
    """The type one step further down: of the field `name`, else of the items."""
    bare = _bare(node)
    if isinstance(bare, inspect.StructType):
        return next(field.type for field in bare.fields if field.encode_name == name)
    if isinstance(bare, inspect.DictType):
        return bare.value_type
    if isinstance(bare, inspect.VarTupleType):
        return bare.item_type
    return bare


def _bare(node: inspect.Type) -> inspect.Type:
    """The type itself: without its description, and without the None beside it."""
    if isinstance(node, inspect.Metadata):
        return _bare(node.type)
    if isinstance(node, inspect.UnionType):
        return _bare(next(kind for kind in node.types if not isinstance(kind, inspect.NoneType)))
    return node


def _misfit(node: inspect.Type, table: dict[str, Any]) -> str:
    bare = _bare(node)
    limit = bare.max_length if isinstance(bare, inspect.StrType) else None
    for name, value in table.items():
        if not isinstance(value, str) or (limit is not None and len(value) > limit):
            return name
    return next(iter(table))


def _unknown(name: str, node: inspect.Type, top: inspect.Type) -> str:
    bare = _bare(node)
    names = [field.encode_name for field in bare.fields] if isinstance(bare, inspect.StructType) else []
    if hint := did_you_mean(name, names):
        return f"unknown key{hint}"
    if isinstance(top, inspect.StructType) and any(field.encode_name == name for field in top.fields):
        return "unknown key; it belongs above the first [table] of the file"
    return f"unknown key, expected one of {', '.join(names)}"


def _described(node: inspect.Type) -> str:
    """A type in words: "a number from 1 to 65535"."""
    if isinstance(node, inspect.Metadata) and node.extra_json_schema:
        return str(node.extra_json_schema["description"])
    match _bare(node):
        case inspect.IntType(ge=low, le=high):
            if low is not None and high is not None:
                return f"a number from {low} to {high}"
            return "a whole number" if low is None else f"a whole number of {low} or more"
        case inspect.FloatType(gt=low):
            return "a number" if low is None else f"a number greater than {low:g}"
        case inspect.BoolType():
            return "true or false"
        case inspect.DateType():
            return "a day such as 2026-12-31, without quotes"
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(json.dumps(value) for value in values)
        case inspect.StrType(min_length=low, max_length=high):
            return _text(low or 0, high)
        case inspect.VarTupleType(min_length=low):
            return "a list with at least one entry" if low else "a list"
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.CustomType():
            return "a path"
        case other:
            return type(other).__name__.removesuffix("Type").lower()


def _text(low: int, high: int | None) -> str:
    if high is None:
        return "a text"
    if low == high:
        return "one character" if high == 1 else f"a text of {high} characters"
    return f"a text of {low} to {high} characters"


def _got(value: object, key: str) -> str:
    if _SECRET.search(key.rpartition(".")[2]):
        return ""
    if isinstance(value, dict):
        return ", got a table"
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return f", got {shown}" if len(shown) <= 60 else f", got {shown[:57]}..."


def _nearest(value: object, node: inspect.Type) -> str:
    bare = _bare(node)
    if not isinstance(bare, inspect.LiteralType) or not isinstance(value, str):
        return ""
    return did_you_mean(value, map(str, bare.values))
