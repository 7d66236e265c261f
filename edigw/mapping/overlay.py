"""Overlays: a partner's deviations from a binding, in a small file.

`remove`, `change` and `add` name rules by their dotted ids ("lines.price"); the other keys are short for changes that
partners often need:

    constants:   {incoterms-agency: "9"}                      the code that a constant writes
    qualifiers:  {"QTY[6063=21]": "QTY[6063=12|21]"}          conditions, wherever they stand in the binding
    codes:       {units: {PCE: ST}}                           canonical code: the partner's; by list, element or rule
    dates:       {requested: "203"}                           a format of 2379
    numbering:   {lines.number: {start: 10, step: 10}}        where the partner begins to count lines
    options:     {credit_notes: negative}                     what a view leaves to partners
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edigw import yamlfile
from edigw.mapping.errors import BindingError, did_you_mean
from edigw.mapping.loader import Entry, load
from edigw.mapping.shape import EDI, UBL, check_rules
from edigw.mapping.versions import all_of

_LARGEST = 1_000_000  # bytes of an overlay file
_KEYS = {
    **{"extends": str, "partner": str, "note": str, "versions": list, "examples": str},
    **{"remove": list, "change": list, "add": list},
    **{"constants": Entry, "qualifiers": Entry, "codes": Entry, "dates": Entry, "numbering": Entry, "options": Entry},
}
# What holds codes is taken as it is written: 01 stays "01", and NO is no truth value.
_PLAIN = ("extends", "partner", "versions", "remove", "constants", "qualifiers", "codes", "dates", "options")
_WORDS = {str: "a text", list: "a list", Entry: "names with values"}


@dataclass(frozen=True, slots=True)
class Overlay:
    """A loaded overlay. Two are equal if their contents are and they came from the same file."""

    file: Path
    sha256: str
    extends: str  # "order/ORDERS"
    partner: str
    note: str
    versions: tuple[str, ...]  # those of the binding that it is for; empty: all of them
    entry: Entry = field(compare=False, repr=False)
    content: bytes = field(compare=False, repr=False)

    @property
    def examples(self) -> Path:
        """The folder of its examples: what `examples` names, else the one beside it that is called like it."""
        return self.file.parent / (self.entry.get("examples") or self.file.stem)

    def fits(self, binding: str, version: str) -> bool:
        """Whether it is for a version of a binding."""
        return self.extends == binding and (not self.versions or version in self.versions)


def load_overlay(path: Path) -> Overlay:
    """Read an overlay file. Raises BindingError with file, line and reason, OSError if it can't be read."""
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    return parse_overlay(content, path)


def parse_overlay(content: bytes, path: Path) -> Overlay:
    """An overlay from its bytes (UTF-8); `path` is where they were read from. Raises BindingError."""
    if len(content) > _LARGEST:
        raise BindingError("far too large for an overlay", str(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BindingError("not UTF-8 text", str(path), content.count(b"\n", 0, error.start) + 1) from None
    entry = load(text, str(path))
    plain = yamlfile.load(text, plain=True)
    entry.update((key, plain[key]) for key in _PLAIN if key in plain)
    for key, value in entry.items():
        if key not in _KEYS:
            raise BindingError(f"unknown key {key}{did_you_mean(key, _KEYS)}", str(path), entry.lines[key])
        if not isinstance(value, _KEYS[key]):
            raise BindingError(f"{key}: expected {_WORDS[_KEYS[key]]}", str(path), entry.lines[key])
    if "extends" not in entry:
        raise BindingError("extends is missing: the name of the binding, such as order/ORDERS", str(path), entry.line)
    try:
        versions = tuple(all_of(entry.get("versions", ())))
    except BindingError as error:
        raise BindingError(error.reason, str(path), entry.lines["versions"]) from None
    return Overlay(
        file=path,
        sha256=hashlib.sha256(content).hexdigest(),
        extends=entry["extends"],
        partner=entry.get("partner", ""),
        note=entry.get("note", ""),
        versions=versions,
        entry=entry,
        content=content,
    )


@dataclass(frozen=True, slots=True)
class Adapted:
    """A binding with an overlay on it: its rules, and the partner's own codes by list or data element."""

    entry: Entry
    codes: Mapping[str, Mapping[str, str]]

    @property
    def own_codes(self) -> frozenset[str]:
        """Every code of the partner's own, wherever it is used."""
        found = {code for codes in self.codes.values() for code in codes.values()}
        for _, rule in rules_of(self.entry):
            found.update(rule.get("own_codes", {}).values())
        return frozenset(found)


def apply_overlay(base: Entry, overlay: Overlay) -> Adapted:
    """A binding with an overlay on it. The id of a rule in a set changes every use of the set. Raises BindingError for
    an id or a condition that matches nothing, and for values that are none."""
    return _Application(copy.deepcopy(base), overlay).run()


def rules_of(binding: Entry) -> Iterator[tuple[str, Entry]]:
    """Every rule of a binding with its dotted id; those of sets by each of their uses, a recursive set once."""

    def walk(rules: Any, above: str, open_sets: frozenset[str]) -> Iterator[tuple[str, Entry]]:
        for rule in rules:
            path = f"{above}{rule.get('id', '?')}"
            yield path, rule
            inner = rule.get("rules", ())
            if isinstance(inner, str):
                if inner not in open_sets:
                    yield from walk(
                        binding.get("sets", {}).get(inner, {}).get("rules", ()), f"{path}.", open_sets | {inner}
                    )
            else:
                yield from walk(inner, f"{path}.", open_sets)

    yield from walk(binding["rules"], "", frozenset())


class _Application:
    def __init__(self, binding: Entry, overlay: Overlay) -> None:
        self.binding = binding
        self.overlay = overlay
        self.codes: dict[str, dict[str, str]] = {}

    def run(self) -> Adapted:
        entry = self.overlay.entry
        known = self.binding["versions"]
        for version in self.overlay.versions:
            if version not in known:
                hint = did_you_mean(version, known)
                raise self._error(f"{self._name} is not for {version}{hint}", entry.lines["versions"])
        for path in entry.get("remove", ()):
            rules, index = self._find(path, entry.lines["remove"])
            del rules[index]
        for change in entry.get("change", ()):
            self._change(change)
        for addition in entry.get("add", ()):
            self._add(addition)
        self._each("constants", self._constant)
        self._each("qualifiers", self._qualifier)
        self._each("codes", self._codes)
        self._each("dates", lambda path, value, line: self._set(path, line, format=str(value)))
        self._each("numbering", lambda path, value, line: self._set(path, line, numbering=value))
        if "options" in entry:
            self.binding["options"] = {**self.binding.get("options", {}), **entry["options"]}
        return Adapted(self.binding, self.codes)

    @property
    def _name(self) -> str:
        return str(self.binding["binding"])

    def _error(self, reason: str, line: int) -> BindingError:
        return BindingError(reason, str(self.overlay.file), line)

    def _each(self, key: str, act: Callable[[str, Any, int], None]) -> None:
        table = self.overlay.entry.get(key, {})
        for name, value in table.items():
            act(str(name), value, table.lines[name])

    # rules

    def _find(self, path: Any, line: int) -> tuple[list[Any], int]:
        rules = self.binding["rules"]
        head, _, rest = str(path).partition(".")
        while True:
            index = next((n for n, rule in enumerate(rules) if rule["id"] == head), None)
            if index is None:
                hint = did_you_mean(str(path), [known for known, _ in rules_of(self.binding)])
                raise self._error(f"{self._name} has no rule {path}{hint}", line)
            if not rest:
                return rules, index
            inner = rules[index].get("rules", ())
            rules = self.binding["sets"][inner]["rules"] if isinstance(inner, str) else inner
            head, _, rest = rest.partition(".")

    def _rule(self, path: str, line: int) -> Entry:
        """A rule that is about to be changed: what is wrong with it from now on is the overlay's."""
        rules, index = self._find(path, line)
        rule: Entry = rules[index]
        rule.file, rule.line = str(self.overlay.file), line
        return rule

    def _set(self, path: str, line: int, **values: Any) -> None:
        rule = self._rule(path, line)
        if "doc" not in rule:
            raise self._error(f"{path} is no rule of a value", line)
        rule.update(values)

    def _change(self, change: Any) -> None:
        entry = self._entry("change", change, ("id",))
        rule = self._rule(entry["id"], entry.line)
        for key, value in entry.items():
            if key == "id":
                continue
            if value is None and key not in rule:
                raise self._error(f"change: {entry['id']} has no {key} to take away", entry.lines[key])
            if value is None:  # `as: null` takes a key away
                rule.pop(key, None)
            else:
                rule[key] = value
        self._check(rule)

    def _add(self, addition: Any) -> None:
        entry = self._entry("add", addition, ("rule",))
        for key in entry:
            if key not in ("after", "before", "rule"):
                hint = did_you_mean(key, ("after", "before", "rule"))
                raise self._error(f"add: unknown key {key}{hint}", entry.lines[key])
        if ("after" in entry) == ("before" in entry):
            raise self._error("add: say either after or before which rule", entry.line)
        rules, index = self._find(entry.get("after", entry.get("before")), entry.line)
        rule = entry["rule"]
        if not isinstance(rule, Entry) or "id" not in rule:
            raise self._error("add: the rule is keys with values, and has an id", entry.line)
        if any(known["id"] == rule["id"] for known in rules):
            raise self._error(f"add: there is a rule {rule['id']} already; change it, or give another id", rule.line)
        self._check(rule)
        rules.insert(index + ("after" in entry), copy.deepcopy(rule))

    def _check(self, rule: Entry) -> None:
        try:
            check_rules(rule, UBL if self.binding["standard"] == "ubl" else EDI)
        except BindingError as error:
            raise self._error(f"rule {rule['id']!r}: {error.reason}", rule.line) from None

    def _entry(self, key: str, given: Any, wanted: tuple[str, ...]) -> Entry:
        line = self.overlay.entry.lines[key]
        if not isinstance(given, Entry):
            raise self._error(f"{key}: expected a list of keys with values", line)
        for name in wanted:
            if name not in given:
                raise self._error(f"{key}: {name} is missing", given.line)
        return given

    # what is short for changes

    def _constant(self, path: str, value: Any, line: int) -> None:
        rule = self._rule(path, line)
        if "const" not in rule or not isinstance(value, str):
            raise self._error(f"{path} is no constant" if "const" not in rule else f"{path}: expected a code", line)
        rule["const"] = list(dict.fromkeys([str(value), *map(str, rule["const"])]))

    def _qualifier(self, step: str, other: Any, line: int) -> None:
        """Replace a step with its conditions in every location where it stands."""
        if not isinstance(other, str):
            raise self._error(f"qualifiers: {step}: expected a step with conditions, such as DTM[2005=63|2]", line)
        if "[" not in step:
            raise self._error(f"qualifiers: {step} has no conditions; change the rules instead", line)
        steps: set[str] = set()
        changed = False
        for _, rule in rules_of(self.binding):
            for key in ("at", "in", "also", "copy", "slots"):
                if key not in rule:
                    continue
                new = _replaced(rule[key], step, other, steps)
                if new != rule[key]:
                    changed = True
                    rule[key] = new
                    rule.file, rule.line = str(self.overlay.file), line
        if not changed:
            raise self._error(f"no location of {self._name} has {step}{did_you_mean(step, steps)}", line)

    def _codes(self, name: str, codes: Any, line: int) -> None:
        if not isinstance(codes, Entry) or not codes:
            raise self._error(f"codes: {name}: expected {{canonical code: the partner's code}}", line)
        if not all(isinstance(code, str) and code for code in codes.values()):
            raise self._error(f"codes: {name}: a code of the partner's own is a text", line)
        own = {str(canonical): code for canonical, code in codes.items()}
        for code in own.values():
            if list(own.values()).count(code) > 1:
                raise self._error(f"codes: {name}: {code} stands for two codes", line)
        rules = dict(rules_of(self.binding))
        if name in rules:
            rule = self._rule(name, line)
            if "doc" not in rule:
                raise self._error(f"codes: {name} is no rule of a value", line)
            rule["own_codes"] = own
            return
        lists = {str(rule["codes"]) for rule in rules.values() if isinstance(rule.get("codes"), str)}
        if name not in lists and not _is_element(name):
            raise self._error(
                f"codes: {self._name} has no list or rule {name}{did_you_mean(name, lists | rules.keys())}", line
            )
        self.codes[name] = own


def _is_element(name: str) -> bool:
    """Whether it names elements wherever they stand: "6411"; in UBL "cbc:PackagingTypeCode", "@unitCode"."""
    return name.isdigit() or name.startswith(("cbc:", "@"))


def _replaced(where: Any, step: str, other: str, steps: set[str]) -> Any:
    """A location, or several, with a step replaced by another; `steps` collects those that have conditions."""
    if isinstance(where, dict):
        made = Entry((key, _replaced(value, step, other, steps)) for key, value in where.items())
        made.__dict__.update(where.__dict__)
        return made
    if isinstance(where, list):
        return [_replaced(value, step, other, steps) for value in where]
    if not isinstance(where, str):
        return where
    parts = _steps(where)
    steps.update(part for part in parts if "[" in part)
    return "/".join(other if part == step else part for part in parts)


def _steps(location: str) -> list[str]:
    """The steps of a location; a slash inside of brackets divides none."""
    parts, depth = [""], 0
    for character in location:
        depth += (character == "[") - (character == "]")
        if character == "/" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts
