"""Secrets in configuration files: what is never shown, and never kept as evidence.

A field is secret by its type, `Secret` or `SecretUrl`; everything else may be seen by whoever may see the agreement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, inspect

from edigw.partners.places import places

Secret: TypeAlias = Annotated[str, Meta(extra={"secret": "whole"})]
SecretUrl: TypeAlias = Annotated[str, Meta(extra={"secret": "password"})]  # of which only the password is secret

MASK = "***"
_PASSWORD = re.compile(r"(://[^/@:\s]*:)[^@\s]*@")
_NUMBER = re.compile(r"\[\d+\]")


def masked(text: bytes, kind: type[Struct]) -> bytes:
    """A TOML file of the given kind with "***" in place of its secrets; the same bytes where it has none."""
    secret = _secret_keys(kind)
    if not secret:
        return text
    source = text.decode("utf-8", "surrogateescape")
    found = sorted(places(source).items(), key=lambda each: -each[1].start)
    for key, place in found:
        how = secret.get(_NUMBER.sub("", key))
        if how is not None:
            value = source[place.start : place.end]
            source = source[: place.start] + _hidden(value, how) + source[place.end :]
    return source.encode("utf-8", "surrogateescape")


def shown(data: Mapping[str, Any], kind: type[Struct]) -> dict[str, Any]:
    """Settings as plain data, with "***" in place of what is secret."""
    secret = _secret_keys(kind)

    def hide(value: Any, key: str) -> Any:
        if isinstance(value, Mapping):
            return {name: hide(inner, f"{key}.{name}" if key else name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [hide(inner, key) for inner in value]
        how = secret.get(key)
        return value if how is None or not value else (MASK if how == "whole" else _PASSWORD.sub(rf"\1{MASK}@", value))

    hidden: dict[str, Any] = hide(data, "")
    return hidden


def _hidden(value: str, how: str) -> str:
    """What a TOML value is replaced by. An empty one says that there is no secret."""
    if value in ('""', "''"):
        return value
    if how == "whole":
        return f'"{MASK}"'
    return _PASSWORD.sub(rf"\1{MASK}@", value)


@lru_cache
def _secret_keys(kind: type[Struct]) -> Mapping[str, str]:
    """The dotted names of secret fields, and how much of each is secret."""
    return dict(_walk(inspect.type_info(kind), ""))


def _walk(node: inspect.Type, key: str) -> Iterator[tuple[str, str]]:
    match node:
        case inspect.Metadata(type=inner, extra=extra):
            if extra and "secret" in extra:
                yield key, str(extra["secret"])
            yield from _walk(inner, key)
        case inspect.UnionType(types=types):
            for each in types:
                yield from _walk(each, key)
        case inspect.VarTupleType(item_type=item):
            yield from _walk(item, key)
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from _walk(field.type, f"{key}.{field.encode_name}" if key else field.encode_name)
