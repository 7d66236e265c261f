"""A binding as a mapping specification for people: rules, code lists, coverage, and what an overlay changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from edigw import directory
from edigw.admin.html.mapping_coverage import coverage_of
from edigw.admin.html.mapping_rules import Row, rule_rows
from edigw.admin.html.markup import Child, Markup, facts, location, page, paragraphs, table, tag
from edigw.admin.subject import Subject
from edigw.directory.cells import cased
from edigw.mapping import library
from edigw.mapping.analysis.differences import Difference, differences
from edigw.mapping.codes import code_list
from edigw.mapping.library import AnyBinding
from edigw.mapping.overlay import Adapted
from edigw.mapping.versions import spans
from edigw.mapping.xml import XmlBinding

_CAPITAL = re.compile(r"([A-Z])")
_WORDS = {"added": "added", "removed": "removed", "changed": "changed"}


def mapping_page(subject: Subject) -> str:
    """The specification as an HTML document. Raises BindingError."""
    made = subject.compiled()
    adapted = subject.adapted()
    changed = differences(library.adapted(subject.binding), adapted) if subject.overlay else []
    words, covered = coverage_of(made)
    title = f"{made.document} as {_message(made)}"
    rows = rule_rows(adapted, made.version, changed)
    return page(
        title,
        tag("h1", title),
        tag("p", f"Mapping specification, {_named(made)}", class_="sub"),
        _facts(subject, adapted, made, words),
        paragraphs(subject.overlay.note) if subject.overlay else None,
        _changes(subject, changed),
        tag("h2", "Rules", id="rules"),
        tag("p", *_legend(), class_="note"),
        _rules(rows),
        tag("h2", "Coverage of the message", id="coverage"),
        covered,
        list(_codes(adapted, made)),
        tag("footer", f"Made by edigw mapping doc from {made.name}, SHA-256 {made.sha256}."),
    )


def _message(made: AnyBinding) -> str:
    return f"UBL {made.version} {made.message}" if isinstance(made, XmlBinding) else f"{made.message} {made.version}"


def _named(made: AnyBinding) -> str:
    """What the message is called by its standard: "purchase order message", "order change"."""
    if isinstance(made, XmlBinding):
        return _CAPITAL.sub(r" \1", made.message).strip().lower()
    names = directory.x12(made.version) if made.standard == "x12" else directory.edifact(made.version)
    return cased(names.message(made.message).name).lower()


def _facts(subject: Subject, adapted: Adapted, made: AnyBinding, covers: str) -> Markup:
    kind = {"edifact": "UN/EDIFACT", "x12": "ASC X12", "ubl": "UBL"}[made.standard]
    overlay = subject.overlay
    return facts(
        (
            ("Binding", made.name),
            ("Partner", overlay.partner if overlay else ""),
            ("Overlay", overlay.file.name if overlay else ""),
            ("SHA-256 of it", tag("code", overlay.sha256) if overlay else ""),
            ("Document", made.document),
            ("Message", f"{made.message} of {kind} {made.version}"),
            ("Versions", ", ".join(spans(adapted.entry["versions"]))),
            ("View", str(adapted.entry.get("view", ""))),
            ("Covers", covers),
        )
    )


def _legend() -> Iterator[Child]:
    yield "Each rule reads and writes. Conditions in brackets are a filter in reading; in writing their first code is "
    yield "written. A field of the document is named inside of its list, and a rule as overlays name it."


# ---------------------------------------------------------------- what an overlay changes


def _changes(subject: Subject, changed: Sequence[Difference]) -> Iterator[Child]:
    if subject.overlay is None:
        return
    yield tag("h2", "What differs from the standard binding", id="changes")
    if not changed:
        yield tag("p", "Nothing.", class_="note")
        return
    rows = [
        tag(
            "tr",
            tag("th", location(each.id), scope="row"),
            tag("td", tag("span", _WORDS[each.kind], class_="use")),
            tag("td", [_change(each, *change) for change in each.changes]),
        )
        for each in changed
    ]
    yield table(("Rule", "", "How"), rows, "changes")


def _change(each: Difference, key: str, old: str, new: str) -> Markup:
    said: Child = [tag("del", old), " ", tag("ins", new)] if each.kind == "changed" else (new or old)
    return tag("p", tag("span", f"{key} ", class_="muted"), tag("code", said, class_="path"))


# ---------------------------------------------------------------- rules


def _rules(rows: Sequence[Row]) -> Markup:
    made = [
        tag(
            "tr",
            tag("th", tag("code", row.id), row.mark, class_=f"d{min(row.depth, 5)}", scope="row"),
            tag("td", row.document),
            tag("td", location(row.place)),
            tag("td", row.codes),
            tag("td", row.remarks),
            class_=row.kind or None,
            id=f"rule-{row.path}" if row.kind != "unused" else None,
        )
        for row in rows
    ]
    return table(("Rule", "Document", "Message", "Codes", "Remarks"), made, "rules")


# ---------------------------------------------------------------- code lists


def _codes(adapted: Adapted, made: AnyBinding) -> Iterator[Child]:
    used = sorted(_lists(adapted.entry["rules"], adapted.entry.get("sets", {}), set()))
    if not used and not adapted.codes:
        return
    yield tag("h2", "Code lists", id="codes")
    for name in used:
        listed = code_list(name, made.standard, made.version)
        own = adapted.codes.get(name, {})
        yield tag("h3", name, id=f"codes-{name}")
        rows = []
        canonical = dict.fromkeys([*own, *listed.write, *listed.read.values()])
        for code in canonical:
            written = own.get(code, listed.write.get(code, ""))
            others = [other for other, meant in listed.read.items() if meant == code and other != written]
            rows.append(
                tag(
                    "tr",
                    tag("th", tag("code", code), scope="row"),
                    tag("td", tag("code", written), " ", tag("span", "own", class_="use") if code in own else None),
                    tag("td", tag("code", ", ".join(others)) if others else None),
                )
            )
        yield table(("Document", "Message", "Also read"), rows)
        if listed.identity:
            yield tag("p", "A code that is not listed stands for itself.", class_="note")
    for name, codes in adapted.codes.items():
        if name not in used:
            yield tag("h3", f"The partner's own codes of element {name}", id=f"codes-{name}")
            yield table(
                ("Document", "Message"),
                [
                    tag("tr", tag("th", tag("code", c), scope="row"), tag("td", tag("code", o)))
                    for c, o in codes.items()
                ],
            )


def _lists(rules: Any, sets: Any, seen: set[str]) -> set[str]:
    """The code lists that rules use, those of the sets that they name included."""
    found = set()
    for rule in rules:
        if isinstance(rule.get("codes"), str):
            found.add(rule["codes"])
        inner = rule.get("rules", ())
        if isinstance(inner, str):
            if inner not in seen:
                seen.add(inner)
                found |= _lists(sets.get(inner, {}).get("rules", ()), sets, seen)
        else:
            found |= _lists(inner, sets, seen)
    return found
