"""Guide files: YAML to `Guide`. Everything that is wrong with a file is found, each fault with its line."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edigw.directory.guides.errors import GuideError
from edigw.directory.guides.model import Entry, Guide, PrivateElement, PrivateSegment, Rule
from edigw.yamlfile import Entry as Keys
from edigw.yamlfile import YamlError, load

_LARGEST = 1_000_000  # bytes
_MOST = 2_000  # locations, rules; nobody reads more
_LONGEST = 10_000  # characters of a text
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}")

_TOP = (
    "guide", "title", "partner", "edition", "standard", "message", "versions", "associations", "note",
    "unlisted_segments", "unlisted_elements", "example", "locations", "segments", "rules",
)  # fmt: skip
_OCCURRENCE = ("use", "min", "max", "widens", "severity", "name", "note")
_VALUE = (
    "codes", "add_codes", "remove_codes", "length", "min_length", "max_length", "pattern", "value", "decimals",
    "check_digit",
)  # fmt: skip
_LOCATION = ("at", *_OCCURRENCE, *_VALUE, "elements")
_ELEMENT = (*_OCCURRENCE, *_VALUE)
_RULE = (
    "id", "for", "when", "unless", "require", "forbid", "same", "sum", "equals", "text", "severity",
)  # fmt: skip
_SEGMENT = ("tag", "name", "in", "max", "elements", "note")
_PRIVATE = ("name", "type", "length", "min_length", "max_length", "use", "codes", "note")
_SEVERITIES = ("error", "warning", "note")


def read_guide(path: Path) -> tuple[Guide | None, list[GuideError]]:
    """The guide in a file, or None and everything that is wrong with its form. Whether it fits the standard is
    another question: `compiled` answers it."""
    file = str(path)
    try:
        with path.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        return None, [GuideError((error.strerror or type(error).__name__).lower(), file)]
    return parse_guide(data, path)


def parse_guide(data: bytes, path: Path) -> tuple[Guide | None, list[GuideError]]:
    """As `read_guide`, for the bytes of the file."""
    file = str(path)
    if len(data) > _LARGEST:
        return None, [GuideError("far too large for a guide", file)]
    try:
        keys = load(data.decode("utf-8-sig"), plain=True)
    except UnicodeDecodeError as error:
        return None, [GuideError("not UTF-8 text", file, data.count(b"\n", 0, error.start) + 1)]
    except YamlError as error:
        return None, [GuideError(error.reason, file, error.line)]
    reading = _Reading(file, path.parent)
    guide = reading.guide(keys, hashlib.sha256(data).hexdigest())
    return (None if reading.problems else guide), reading.problems


class _Reading:
    """One passage over one file. Values that are wrong are reported and read as if they were not there."""

    def __init__(self, file: str, folder: Path) -> None:
        self.file = file
        self.folder = folder
        self.problems: list[GuideError] = []

    def wrong(self, reason: str, line: int) -> None:
        self.problems.append(GuideError(reason, self.file, line))

    # ---- the parts of a guide

    def guide(self, keys: Keys, digest: str) -> Guide:
        self.known(keys, _TOP)
        for name in ("guide", "standard", "message", "versions", "locations"):
            if name not in keys:
                self.wrong(f"{name} is missing", keys.line)
        example = self.text(keys, "example")
        return Guide(
            name=self.text(keys, "guide"),
            standard=self.choice(keys, "standard", ("edifact", "x12"), "edifact"),
            message=self.text(keys, "message"),
            versions=self.texts(keys, "versions"),
            file=self.file,
            associations=self.texts(keys, "associations"),
            title=self.text(keys, "title"),
            partner=self.text(keys, "partner"),
            edition=self.text(keys, "edition"),
            note=self.text(keys, "note"),
            unlisted_segments=self.choice(keys, "unlisted_segments", ("allowed", "forbidden"), "allowed"),
            unlisted_elements=self.choice(keys, "unlisted_elements", ("allowed", "forbidden"), "allowed"),
            example=self.folder / example if example else None,
            entries=tuple(entry for each in self.mappings(keys, "locations") for entry in self.location(each)),
            rules=tuple(self.rule(each) for each in self.mappings(keys, "rules")),
            segments=tuple(self.segment(each) for each in self.mappings(keys, "segments")),
            sha256=digest,
        )

    def location(self, keys: Keys) -> list[Entry]:
        """An entry, and one for each of its elements."""
        self.known(keys, _LOCATION)
        at = self.text(keys, "at")
        if not at:
            self.wrong("at is missing", keys.line)
        entries = [self.entry(keys, at, keys.line)]
        elements = keys.get("elements", "")
        if not isinstance(elements, Keys):
            if elements != "":
                self.wrong("elements: expected references with what is said about each", keys.lines["elements"])
            return entries
        for ref, said in elements.items():
            line = elements.lines[ref]
            inner = Keys() if said == "" else said
            if isinstance(inner, str):  # "1004: required"
                inner = Keys(use=inner)
                inner.lines = {"use": line}
            elif not isinstance(inner, Keys):
                self.wrong(f"{ref}: expected a use or keys with values", line)
                continue
            elif not inner:
                inner.lines = {}
            self.known(inner, _ELEMENT)
            entries.append(self.entry(inner, f"{at}/{ref}", line))
        return entries

    def entry(self, keys: Keys, at: str, line: int) -> Entry:
        low, high = self.lengths(keys)
        return Entry(
            at=at,
            line=line,
            use=self.choice(keys, "use", ("", "required", "optional", "forbidden"), ""),
            min=self.number(keys, "min"),
            max=self.number(keys, "max"),
            codes=self.codes(keys, "codes") if "codes" in keys else None,
            add_codes=self.codes(keys, "add_codes"),
            remove_codes=tuple(self.codes(keys, "remove_codes")),
            min_length=low,
            max_length=high,
            pattern=self.text(keys, "pattern"),
            value=self.text(keys, "value") or None,
            decimals=self.number(keys, "decimals"),
            check_digit=self.choice(keys, "check_digit", ("GTIN", "GLN", "SSCC"), None),
            widens=self.flag(keys, "widens"),
            severity=self.choice(keys, "severity", _SEVERITIES, "error"),
            name=self.text(keys, "name"),
            note=self.text(keys, "note"),
        )

    def rule(self, keys: Keys) -> Rule:
        self.known(keys, _RULE)
        id = self.text(keys, "id")
        if not id:
            self.wrong("a rule has an id", keys.line)
        rule = Rule(
            id=id,
            line=keys.line,
            scope=self.text(keys, "for"),
            when=self.texts(keys, "when"),
            unless=self.texts(keys, "unless"),
            require=self.texts(keys, "require"),
            forbid=self.texts(keys, "forbid"),
            same=self.texts(keys, "same"),
            sum=self.text(keys, "sum"),
            equals=self.text(keys, "equals"),
            text=self.text(keys, "text"),
            severity=self.choice(keys, "severity", _SEVERITIES, "error"),
        )
        if not (rule.require or rule.forbid or rule.same or rule.sum):
            self.wrong("a rule says one of require, forbid, same and sum", keys.line)
        if bool(rule.sum) != bool(rule.equals):
            self.wrong("sum and equals belong together", keys.line)
        if len(rule.same) == 1:
            self.wrong("same: expected two locations or more", keys.lines["same"])
        return rule

    def segment(self, keys: Keys) -> PrivateSegment:
        self.known(keys, _SEGMENT)
        tag = self.text(keys, "tag")
        if not _TAG.fullmatch(tag):
            self.wrong("tag: expected two or three letters and digits", keys.lines.get("tag", keys.line))
        elements = tuple(self.private(each) for each in self.mappings(keys, "elements"))
        return PrivateSegment(
            tag=tag,
            line=keys.line,
            name=self.text(keys, "name"),
            inside=self.text(keys, "in"),
            max=self.number(keys, "max"),
            elements=elements,
            note=self.text(keys, "note"),
        )

    def private(self, keys: Keys) -> PrivateElement:
        self.known(keys, _PRIVATE)
        low, high = self.lengths(keys)
        if high is not None and high < 1:
            self.wrong("max_length: expected 1 or more", keys.line)
        return PrivateElement(
            name=self.text(keys, "name"),
            line=keys.line,
            type=self.choice(keys, "type", ("a", "n", "an"), "an"),
            min_length=low or 1,
            max_length=high or 35,
            required=self.choice(keys, "use", ("required", "optional"), "optional") == "required",
            codes=self.codes(keys, "codes") if "codes" in keys else None,
            note=self.text(keys, "note"),
        )

    # ---- values

    def known(self, keys: Keys, names: tuple[str, ...]) -> None:
        for key in keys:
            if key not in names:
                close = difflib.get_close_matches(key, names, 1, 0.6)
                hint = f'did you mean "{close[0]}"?' if close else f"expected one of {', '.join(names)}"
                self.wrong(f"unknown key {key!r}, {hint}", keys.lines[key])

    def text(self, keys: Keys, name: str) -> str:
        value = keys.get(name, "")
        if isinstance(value, str) and len(value) <= _LONGEST and (value or name not in keys):
            return value.strip()
        self.wrong(f"{name}: expected a text", keys.lines[name])
        return ""

    def texts(self, keys: Keys, name: str) -> tuple[str, ...]:
        """A text, or a list of texts."""
        value = keys.get(name, [])
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list) and all(isinstance(item, str) and item for item in items):
            return tuple(items[:_MOST])
        self.wrong(f"{name}: expected a text or a list of texts", keys.lines[name])
        return ()

    def number(self, keys: Keys, name: str) -> int | None:
        value = keys.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
            return int(value)
        self.wrong(f"{name}: expected a whole number", keys.lines[name])
        return None

    def flag(self, keys: Keys, name: str) -> bool:
        value = keys.get(name, "false")
        if value not in ("true", "false"):
            self.wrong(f"{name}: expected true or false", keys.lines[name])
        return bool(value == "true")

    def choice(self, keys: Keys, name: str, allowed: tuple[Any, ...], default: Any) -> Any:
        value = keys.get(name, default)
        if value in allowed or value is default:
            return value
        shown = [choice for choice in allowed if choice]
        close = difflib.get_close_matches(str(value), shown, 1, 0.6)
        hint = f'; did you mean "{close[0]}"?' if close else ""
        self.wrong(f"{name}: expected one of {', '.join(shown)}{hint}", keys.lines[name])
        return default

    def codes(self, keys: Keys, name: str) -> Mapping[str, str]:
        """A list of codes, or codes with what they mean here."""
        value = keys.get(name, [])
        if isinstance(value, list) and all(isinstance(code, str) and code for code in value):
            return dict.fromkeys(value, "")
        if isinstance(value, Keys) and all(isinstance(meaning, str) for meaning in value.values()):
            return dict(value)
        self.wrong(f"{name}: expected a list of codes, or codes with their meanings", keys.lines[name])
        return {}

    def lengths(self, keys: Keys) -> tuple[int | None, int | None]:
        exactly = self.number(keys, "length")
        low, high = self.number(keys, "min_length"), self.number(keys, "max_length")
        if exactly is not None and (low is not None or high is not None):
            self.wrong("length says it all; min_length and max_length don't go with it", keys.lines["length"])
        if low is not None and high is not None and low > high:
            self.wrong("min_length is greater than max_length", keys.lines["min_length"])
        return (exactly, exactly) if exactly is not None else (low, high)

    def mappings(self, keys: Keys, name: str) -> list[Keys]:
        value = keys.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, Keys) for item in value) or len(value) > _MOST:
            self.wrong(f"{name}: expected a list of entries, each with keys of its own", keys.lines[name])
            return []
        return value
