"""Overlays: a partner's deviations from a binding, as rules removed, changed and added."""

from __future__ import annotations

import copy
from typing import Any

from edigw.mapping.errors import BindingError
from edigw.mapping.loader import Entry


def apply_overlay(base: Entry, overlay: Entry, file: str) -> Entry:
    """A binding with an overlay on it. Rules are named by their dotted ids ("lines.price"); the id of a rule in a set
    changes every use of the set. Raises BindingError for an id that matches nothing."""
    binding = copy.deepcopy(base)
    for path in overlay.get("remove", ()):
        rules, index = _find(binding, path, file, overlay.line)
        del rules[index]
    for change in overlay.get("change", ()):
        rules, index = _find(binding, change["id"], file, change.line)
        rules[index].update({key: value for key, value in change.items() if key != "id"})
    for addition in overlay.get("add", ()):
        rules, index = _find(binding, addition["after"], file, addition.line)
        rules.insert(index + 1, addition["rule"])
    return binding


def _find(binding: Entry, path: str, file: str, line: int) -> tuple[list[Any], int]:
    rules = binding["rules"]
    head, _, rest = path.partition(".")
    while True:
        index = next((n for n, rule in enumerate(rules) if rule["id"] == head), None)
        if index is None:
            raise BindingError(f"{binding['binding']} has no rule {path}", file, line)
        if not rest:
            return rules, index
        inner = rules[index].get("rules", ())
        rules = binding["sets"][inner]["rules"] if isinstance(inner, str) else inner
        head, _, rest = rest.partition(".")
