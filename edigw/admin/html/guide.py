"""An implementation guide as a document for people: what is used, with which codes and lengths, and an example."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edigw import directory
from edigw.admin.html.guide_elements import element_rows
from edigw.admin.html.guide_rules import private_segments, rule_rows
from edigw.admin.html.listing import listing
from edigw.admin.html.markup import Child, Markup, facts, page, paragraphs, table, tag
from edigw.directory.cells import cased
from edigw.directory.guides import Compiled, Entry, Guide, compiled
from edigw.directory.guides.locate import Target
from edigw.directory.model import UNLIMITED, LoopUse
from edigw.directory.table import Node

_USES = {"required": "required", "optional": "optional", "forbidden": "not used", "": ""}


def guide_page(guide: Guide, version: str) -> str:
    """The guide for one of its versions as an HTML document. Raises GuideError if it does not fit the standard."""
    made = compiled(guide, version)
    spec = made.directory.message(guide.message)
    forms = _forms(made)
    title = guide.title or guide.name
    return page(
        title,
        tag("h1", title),
        tag("p", f"{guide.message} {version}, {cased(spec.name).lower()}", class_="sub"),
        _facts(guide),
        paragraphs(guide.note),
        tag("h2", "The message at a glance", id="glance"),
        _glance(made, {form.unit.line for form in forms if form.unit}),
        _unlisted(made),
        tag("h2", "Segment by segment", id="segments"),
        [list(_section(made, form)) for form in forms],
        private_segments(made),
        rule_rows(made),
        list(_example(made)),
        tag("footer", f"Made by edigw guide doc from {guide.name}, SHA-256 {guide.sha256}."),
    )


def _facts(guide: Guide) -> Markup:
    kind = "UN/EDIFACT" if guide.standard == "edifact" else "ASC X12"
    return facts(
        (
            ("Partner", guide.partner),
            ("Guide", guide.name),
            ("Edition", guide.edition),
            ("Standard", f"{kind}, versions {', '.join(guide.versions)}"),
            ("Association", ", ".join(guide.associations)),
        )
    )


# ---------------------------------------------------------------- the segment table


def _glance(made: Compiled, sections: set[int]) -> Markup:
    """The segment table, as far as the guide uses it. `sections` are the lines of entries with a section below."""
    by_path: dict[str, list[tuple[Entry, Target]]] = defaultdict(list)
    named: set[str] = set()
    for entry, target in made.targets:
        named.add(target.path)
        groups = target.path.split("/")[:-1]
        named.update("/".join(groups[:depth]) for depth in range(1, len(groups) + 1))
        if not target.places:
            by_path[target.path].append((entry, target))
    rows: list[Markup] = []
    hidden = ""
    for number, node in enumerate(made.table.nodes):
        if hidden and node.path.startswith(hidden):
            continue
        hidden = ""
        entries = by_path.get(_unit(node), [])
        if not (node.row.mandatory or node.path in named or _unit(node) in named):
            hidden = f"{node.path}/" if node.opens else ""
            continue
        plain = [entry for entry, target in entries if not target.conditions]
        if plain and plain[0].use == "forbidden" and node.opens:
            hidden = f"{node.path}/"
        if node.opens:
            rows.append(_group_row(node, plain))
            continue
        rows += _segment_rows(made, node, entries, made.table.trigger_of(number) >= 0, sections)
    return table(("Segment", "Name", "Standard", "Here", "Remark"), rows)


def _unit(node: Node) -> str:
    """The path under which a guide's targets name a node: that of the segment, or of the group's first one."""
    return f"{node.path}/{node.row.trigger.tag}" if isinstance(node.row, LoopUse) else node.path


def _depth(node: Node) -> str:
    return f"d{min(len(node.loops), 5)}"


def _group_row(node: Node, entries: Sequence[Entry]) -> Markup:
    assert isinstance(node.row, LoopUse)  # noqa: S101 - asked for groups only
    entry = entries[0] if entries else None
    return tag(
        "tr",
        tag("th", node.row.name, class_=_depth(node), scope="row"),
        tag("td", entry.name if entry and entry.name else f"Group that begins with {node.row.trigger.tag}"),
        tag("td", _standard(node.row.mandatory, node.row.max), class_="nowrap"),
        tag("td", _here(entry), class_="nowrap"),
        tag("td", entry.note if entry else ""),
        class_="group unused" if entry and entry.use == "forbidden" else "group",
    )


def _segment_rows(
    made: Compiled, node: Node, entries: Sequence[tuple[Entry, Target]], begins_group: bool, sections: set[int]
) -> Iterator[Markup]:
    """One row, or one for each form in which the guide uses the segment."""
    row = node.row
    assert not isinstance(row, LoopUse)  # noqa: S101 - asked for segments only
    name = cased(made.directory.segment(row.tag).name)
    forms: dict[str, tuple[Entry | None, Target | None]] = {}
    for each in entries:
        forms.setdefault(each[1].situation, each)
    for entry, target in forms.values() or [(None, None)]:
        told = target.situation if target else ""
        # What is said about a group without conditions stands in the group's own row.
        said = None if begins_group and not told else entry
        label = tag("a", row.tag, href=f"#s{entry.line}") if entry and entry.line in sections else row.tag
        form = [" ", tag("code", told)] if told else None
        yield tag(
            "tr",
            tag("th", label, form, class_=_depth(node), scope="row"),
            tag("td", said.name if said and said.name else name),
            tag("td", _standard(row.mandatory, row.max), class_="nowrap"),
            tag("td", _here(said), class_="nowrap"),
            tag("td", said.note if said else ""),
            class_="unused" if entry and entry.use == "forbidden" else None,
        )


def _standard(mandatory: bool, most: int) -> str:
    times = "any number" if most >= UNLIMITED else f"max. {most}"
    return f"{'M' if mandatory else 'C'}, {times}"


def _here(entry: Entry | None) -> Markup | None:
    if entry is None:
        return None
    use = _USES[entry.use]
    bounds = []
    if entry.min is not None:
        bounds.append(f"min. {entry.min}")
    if entry.max is not None and entry.use != "forbidden":
        bounds.append(f"max. {entry.max}")
    return tag(
        "span", tag("span", use, class_="use") if use else None, ", " if use and bounds else None, ", ".join(bounds)
    )


def _unlisted(made: Compiled) -> Markup:
    if made.guide.unlisted_segments == "forbidden":
        return tag("p", "All other segments, and other forms of those named, are not used.", class_="note")
    named = {target.tag for _, target in made.targets}
    required = {node.row.tag for node in made.table.nodes if not isinstance(node.row, LoopUse) and node.row.mandatory}
    others = sorted(made.table.tags.keys() - named - required)
    return tag("p", f"Not named here, and used as in the standard: {', '.join(others)}.", class_="note")


# ---------------------------------------------------------------- segment by segment


class _Form(NamedTuple):
    """A form of a segment of which the guide says more than how often it stands."""

    target: Target
    unit: Entry | None
    elements: list[tuple[Entry, Target]]


def _forms(made: Compiled) -> list[_Form]:
    found: dict[tuple[str, str], list[tuple[Entry, Target]]] = {}
    for entry, target in made.targets:
        found.setdefault((target.path, target.situation), []).append((entry, target))
    forms = []
    for pairs in found.values():
        unit = next((entry for entry, target in pairs if not target.places), None)
        elements = [(entry, target) for entry, target in pairs if target.places]
        if elements or (unit and (unit.note or unit.name) and unit.use != "forbidden"):
            forms.append(_Form(pairs[0][1], unit, elements))
    return forms


def _section(made: Compiled, form: _Form) -> Iterator[Child]:
    target, unit = form.target, form.unit
    name = cased(made.directory.segment(target.tag).name)
    *around, last = target.path.split("/")
    shown = "/".join((*around, last)) if not around or around[-1] != last else "/".join(around)
    heading = f"{shown} {name}: {unit.name}" if unit and unit.name else f"{shown} {name}"
    yield tag("h3", heading, id=f"s{unit.line}" if unit else None)
    where = tag("span", "where ", tag("code", target.situation)) if target.situation else None
    yield tag("p", _here(unit) if unit else None, " " if where else None, where, class_="note")
    yield from paragraphs(unit.note) if unit else ()
    if form.elements:
        heads = ("Element", "Name", "Standard", "Here", "Codes, form, remarks")
        yield table(heads, element_rows(made, target, form.elements))


# ---------------------------------------------------------------- the example


def _example(made: Compiled) -> Iterator[Child]:
    if made.guide.example is None:
        return
    data = made.guide.example.read_bytes()
    parsed = directory.check(data)
    for interchange in parsed.interchanges:
        for message in interchange.messages:
            if message.type == made.guide.message:
                yield tag("h2", "Example", id="example")
                yield listing(message, interchange, data, made.directory, {}, [made.guide])
                return
