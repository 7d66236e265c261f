"""A binding as a mapping specification for people: rules, code lists, coverage, and what an overlay changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from edigw import directory
from edigw.admin.html.mapping_rules import Row, rule_rows
from edigw.admin.html.markup import Child, Markup, facts, page, paragraphs, table, tag
from edigw.admin.subject import Subject
from edigw.directory import Directory
from edigw.directory.cells import cased
from edigw.directory.model import UNLIMITED
from edigw.mapping import registry
from edigw.mapping.analysis.coverage import Covered, coverage
from edigw.mapping.analysis.differences import Difference, differences
from edigw.mapping.codes import code_list
from edigw.mapping.compiler import Binding
from edigw.mapping.overlay import Adapted
from edigw.mapping.versions import spans

_WORDS = {"added": "added", "removed": "removed", "changed": "changed"}


def mapping_page(subject: Subject) -> str:
    """The specification as an HTML document. Raises BindingError."""
    made = subject.compiled()
    adapted = subject.adapted()
    changed = differences(registry.adapted(subject.binding), adapted) if subject.overlay else []
    names = directory.x12(made.version) if made.standard == "x12" else directory.edifact(made.version)
    title = f"{made.document} as {made.message} {made.version}"
    covered = coverage(made)
    rows = rule_rows(adapted, made.version, changed)
    return page(
        title,
        tag("h1", title),
        tag("p", f"Mapping specification, {cased(names.message(made.message).name).lower()}", class_="sub"),
        _facts(subject, adapted, made, covered),
        paragraphs(subject.overlay.note) if subject.overlay else None,
        _changes(subject, changed),
        tag("h2", "Rules", id="rules"),
        tag("p", *_legend(), class_="note"),
        _rules(rows),
        tag("h2", "Coverage of the message", id="coverage"),
        _coverage(made, covered),
        list(_codes(adapted, made, names)),
        tag("footer", f"Made by edigw mapping doc from {made.name}, SHA-256 {made.sha256}."),
    )


def _facts(subject: Subject, adapted: Adapted, made: Binding, covered: Sequence[Covered]) -> Markup:
    kind = "UN/EDIFACT" if made.standard == "edifact" else "ASC X12"
    segments = [each for each in covered if not each.group]
    elements = [position for each in segments for position in each.positions]
    used = sum(each.used for each in segments), sum(position.used for position in elements)
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
            ("Covers", f"{used[0]} of {len(segments)} segments, {used[1]} of {len(elements)} elements"),
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
            tag("th", tag("code", each.id), scope="row"),
            tag("td", tag("span", _WORDS[each.kind], class_="use")),
            tag("td", [_change(each, *change) for change in each.changes]),
        )
        for each in changed
    ]
    yield table(("Rule", "", "How"), rows, "rules")


def _change(each: Difference, key: str, old: str, new: str) -> Markup:
    said: Child = [tag("del", old), " ", tag("ins", new)] if each.kind == "changed" else (new or old)
    return tag("p", tag("span", f"{key} ", class_="muted"), tag("code", said))


# ---------------------------------------------------------------- rules


def _rules(rows: Sequence[Row]) -> Markup:
    made = [
        tag(
            "tr",
            tag("th", tag("code", row.id), row.mark, class_=f"d{min(row.depth, 5)}", scope="row"),
            tag("td", row.document),
            tag("td", tag("code", row.place)),
            tag("td", row.codes),
            tag("td", row.remarks),
            class_=row.kind or None,
            id=f"rule-{row.path}" if row.kind != "unused" else None,
        )
        for row in rows
    ]
    return table(("Rule", "Document", "Message", "Codes", "Remarks"), made, "rules")


# ---------------------------------------------------------------- coverage


def _coverage(made: Binding, covered: Sequence[Covered]) -> Markup:
    return table(("Segment", "Name", "Standard", "Used", "Not used"), [_covered(made, each) for each in covered])


def _covered(made: Binding, each: Covered) -> Markup:
    standard = f"{'M' if each.mandatory else 'C'}, {'any number' if each.max >= UNLIMITED else f'max. {each.max}'}"
    if each.group:
        return tag(
            "tr",
            tag("th", each.path.rpartition("/")[2], class_=f"d{min(each.depth, 5)}", scope="row"),
            tag("td", f"Group that begins with {each.tag}"),
            tag("td", standard, class_="nowrap"),
            tag("td"),
            tag("td"),
            class_="group",
        )
    return tag(
        "tr",
        tag("th", each.tag, class_=f"d{min(each.depth, 5)}", scope="row"),
        tag("td", cased(each.name)),
        tag("td", standard, class_="nowrap"),
        tag("td", _positions(made, each, used=True)),
        tag("td", _positions(made, each, used=False)),
        class_=None if each.used else "faint",
    )


def _positions(made: Binding, each: Covered, *, used: bool) -> Child:
    wanted = [position for position in each.positions if position.used is used]
    if not used and len(wanted) == len(each.positions):
        return "the whole segment"
    named = dict.fromkeys((p.label(made.standard, each.tag), p.name.lower()) for p in wanted)
    return [
        tag("span", f"{label} {name}" + ("; " if n < len(named) else "")) for n, (label, name) in enumerate(named, 1)
    ]


# ---------------------------------------------------------------- code lists


def _codes(adapted: Adapted, made: Binding, names: Directory) -> Iterator[Child]:
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
