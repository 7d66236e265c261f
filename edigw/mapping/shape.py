"""The form of a rule: which keys it may have, what they hold, and which belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from edigw.mapping.errors import BindingError, did_you_mean
from edigw.mapping.loader import Entry

_TEXT, _PLACE, _LIST, _TABLE, _FLAG, _SCALAR = "a text", "a place", "a list", "keys with values", "yes or no", "a value"
_LISTS = "a list of places"
Keys: TypeAlias = Mapping[str, tuple[str, ...]]

EDI: Keys = {
    **dict.fromkeys(("id", "doc", "each", "count", "derive", "total", "as", "needs", "note", "only"), (_TEXT,)),
    **{"at": (_PLACE, _LIST), "in": (_PLACE,), "slots": (_LIST,), "copy": (_LIST,), "also": (_LIST, _FLAG)},
    **{"rules": (_TEXT, _LIST), "codes": (_TEXT, _TABLE), "const": (_LIST,), "default": (_SCALAR,), "key": (_FLAG,)},
    **{"own_codes": (_TABLE,), "format": (_SCALAR,), "numbering": (_TABLE,)},
}
"""The keys of rules for EDIFACT and X12."""

UBL: Keys = {
    **dict.fromkeys(("id", "doc", "each", "as", "needs", "note", "of", "only"), (_TEXT,)),
    **{"at": (_TEXT, _LIST), "in": (_TEXT,), "copy": (_LISTS,), "also": (_LISTS,), "rules": (_TEXT, _LIST)},
    **{"codes": (_TABLE,), "const": (_LIST,), "default": (_SCALAR,), "key": (_FLAG,), "where": (_TABLE,)},
    **{"own_codes": (_TABLE,), "numbering": (_TABLE,)},
}
"""Those for UBL."""

_ACTS = ("doc", "each", "const", "count", "derive", "total")


def check_rules(rule: Any, keys: Keys = EDI) -> None:
    """`check_rule` for a rule and all that stand inside of it."""
    check_rule(rule, keys)
    inner = rule.get("rules")
    for one in inner if isinstance(inner, list) else ():
        check_rules(one, keys)


def check_rule(rule: Any, keys: Keys = EDI) -> None:
    """Raises BindingError for a rule that is not written as one."""
    if not isinstance(rule, Entry):
        raise BindingError("a rule is keys with values")
    for key, value in rule.items():
        if key not in keys:
            raise BindingError(f"unknown key {key}{did_you_mean(str(key), keys)}")
        if not any(_is(value, kind) for kind in keys[key]):
            raise BindingError(f"{key}: expected {' or '.join(keys[key])}")
    if "id" not in rule:
        raise BindingError("a rule has an id")
    acts = [key for key in _ACTS if key in rule]
    known = [key for key in _ACTS if key in keys]
    if len(acts) != 1:
        raise BindingError(f"a rule has one of {', '.join(known)}, not {' and '.join(acts) or 'none of them'}")
    if rule.get("only", "read") != "read":
        raise BindingError(f"only: read is all that it can say, not {rule['only']}")
    for wanted in _wanted(rule):
        if wanted not in rule:
            raise BindingError(f"{wanted} is missing")


def _wanted(rule: Entry) -> tuple[str, ...]:
    if "each" not in rule:
        return ("at",)
    if "slots" in rule:
        return ("rules",)
    return ("in",) if "as" in rule else ("in", "rules")


def _is(value: Any, kind: str) -> bool:
    if kind == _TEXT:
        return isinstance(value, str) and bool(value)
    if kind == _SCALAR:
        return isinstance(value, str | int) and not isinstance(value, bool)
    if kind == _FLAG:
        return isinstance(value, bool)
    if kind == _PLACE:
        known = isinstance(value, Mapping) and all(one is None or _is_place(one) for one in value.values())
        return _is_place(value) or known
    if kind == _LISTS:
        return isinstance(value, list) and all(_is(one, _TEXT) or _is(one, _LIST) for one in value)
    if kind == _LIST:
        return isinstance(value, list) and all(isinstance(one, str | int | Mapping) for one in value)
    return isinstance(value, Mapping)


def _is_place(value: Any) -> bool:
    """Places in slots are numbers, "1"; a person may leave the quotes away."""
    return isinstance(value, str | int) and not isinstance(value, bool)
