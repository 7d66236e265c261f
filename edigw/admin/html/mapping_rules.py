"""The rules of a binding as rows of a table, with what an overlay changed marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edigw.admin.html.markup import Child, location, tag
from edigw.mapping.analysis.differences import Difference, text
from edigw.mapping.groups import respelled
from edigw.mapping.overlay import Adapted
from edigw.mapping.registry import spelling

_SIGNS = {"added": "added", "changed": "changed", "removed": "removed"}


@dataclass(slots=True)
class Row:
    """One rule."""

    path: str
    id: str
    depth: int
    document: Child
    place: str
    codes: Child
    remarks: Child
    mark: Child = None
    kind: str = ""  # class of the row: group, unused


def rule_rows(adapted: Adapted, version: str, changed: Sequence[Difference]) -> list[Row]:
    """The rules of one version in their order; what an overlay removed stands at the end. A set that several rules
    share is shown where it is used first, and named after that."""
    by_id = {each.id: each for each in changed}
    sets = adapted.entry.get("sets", {})
    names = spelling(adapted, version)
    rows = list(_rows(adapted.entry["rules"], sets, version, "", 0, by_id, {}))
    for row in rows:
        row.place = respelled(row.place, names)
    rows += [
        Row(each.id, each.id, 0, None, "", None, str(each), [" ", tag("span", "removed", class_="use")], "unused")
        for each in changed
        if each.kind == "removed"
    ]
    return rows


def _rows(
    rules: Any,
    sets: Mapping[str, Any],
    version: str,
    above: str,
    depth: int,
    changed: Mapping[str, Difference],
    shown: dict[str, str],
) -> Iterator[Row]:
    for rule in rules:
        path = f"{above}{rule['id']}"
        place = _place(rule, version)
        if place is None:
            continue
        difference = changed.get(path)
        mark = [" ", tag("span", _SIGNS[difference.kind], class_="use")] if difference else None
        inner = rule.get("rules")
        shared = inner if isinstance(inner, str) else ""
        remarks = list(_remarks(rule))
        if shared in shown:
            link = tag("a", shown[shared], href=f"#rule-{shown[shared]}")
            remarks.append(tag("p", "Its rules are those at ", link, "."))
        yield Row(
            path,
            rule["id"],
            depth,
            _document(rule),
            place,
            _codes(rule),
            remarks or None,
            mark,
            "group" if inner is not None else "",
        )
        if shared:
            if shared in shown:
                continue
            shown[shared] = path
            inner = sets.get(shared, {}).get("rules", ())
        if inner:
            yield from _rows(inner, sets, version, f"{path}.", depth + 1, changed, shown)


def _place(rule: Mapping[str, Any], version: str) -> str | None:
    """Where the rule reads and writes; None if this version has no such place."""
    for key in ("at", "in", "slots"):
        if key in rule:
            where = text(rule[key], version)
            return where or None
    return ""


def _document(rule: Mapping[str, Any]) -> Child:
    for key, words in (("doc", ""), ("each", "each of "), ("count", "number of "), ("total", "total of ")):
        if key in rule:
            owner = [" of ", location(str(rule["of"]))] if "of" in rule else None
            return [words, location(str(rule[key])), owner]
    if "const" in rule:
        first, *others = (str(code) for code in rule["const"])
        said = ["constant ", tag("code", first)] if first else ["nothing written"]
        return [*said, ", also read: ", tag("code", ", ".join(others))] if others else said
    return ["made by ", tag("code", str(rule["derive"]))] if "derive" in rule else None


def _codes(rule: Mapping[str, Any]) -> Child:
    said: list[Child] = []
    listed = rule.get("codes")
    if isinstance(listed, str):
        said.append(tag("a", listed, href=f"#codes-{listed}"))
    elif isinstance(listed, dict):
        said.append(tag("code", ", ".join(f"{code}: {text(value)}" for code, value in listed.items())))
    if "own_codes" in rule:
        own = ", ".join(f"{canonical}: {code}" for canonical, code in rule["own_codes"].items())
        said.append(tag("p", "the partner's own: ", tag("code", own)))
    return said or None


def _remarks(rule: Mapping[str, Any]) -> Iterator[Child]:
    if rule.get("note"):
        yield tag("p", str(rule["note"]))
    if rule.get("key"):
        yield tag("p", "Tells what the item is: if it can't be read, the whole item is reported.")
    if "needs" in rule:
        yield tag("p", "Only beside ", tag("code", str(rule["needs"]).replace("|", " or ")), ".")
    for field, codes in rule.get("where", {}).items():
        yield tag(
            "p", "Only with ", tag("code", field), " ", tag("code", str(codes).replace("|", " or ") or "not said"), "."
        )
    if rule.get("only") == "read":
        yield tag("p", "Read, not written.")
    if rule.get("default") == "#":
        yield tag("p", "Default: its position, reported.")
    elif "default" in rule:
        yield tag("p", "Default ", tag("code", str(rule["default"])), ", reported.")
    if "as" in rule:
        yield tag("p", "Codec ", tag("code", str(rule["as"])), ".")
    if "format" in rule:
        yield tag("p", "Written in format ", tag("code", str(rule["format"])), " of 2379.")
    if "numbering" in rule:
        yield tag("p", "Numbered ", tag("code", text(rule["numbering"])), ".")
    for key, words in (("also", "Also read at "), ("copy", "Also at ")):
        if key in rule and rule[key] is not True:
            yield tag("p", words, location(text(rule[key])), ".")
