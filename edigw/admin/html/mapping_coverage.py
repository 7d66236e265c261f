"""How much of a message a binding covers, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from edigw.admin.html.markup import Child, Markup, location, table, tag
from edigw.directory.cells import cased
from edigw.directory.model import UNLIMITED
from edigw.mapping.analysis.coverage import Covered, coverage
from edigw.mapping.compiler import Binding
from edigw.mapping.library import AnyBinding
from edigw.mapping.xml import XmlBinding
from edigw.mapping.xml.coverage import Element
from edigw.mapping.xml.coverage import coverage as elements_of


def coverage_of(made: AnyBinding) -> tuple[str, Markup]:
    """In a few words, and in full."""
    if isinstance(made, XmlBinding):
        elements = elements_of(made.plan.body)
        used = sum(len(each.used) for each in elements if not each.same_as)
        known = used + sum(len(each.unused) for each in elements if not each.same_as)
        return f"{used} of {known} elements", _elements(made, elements)
    covered = coverage(made)
    segments = [each for each in covered if not each.group]
    positions = [position for each in segments for position in each.positions]
    counts = sum(each.used for each in segments), sum(position.used for position in positions)
    words = f"{counts[0]} of {len(segments)} segments, {counts[1]} of {len(positions)} elements"
    return words, _segments(made, covered)


# ---------------------------------------------------------------- EDIFACT and X12


def _segments(made: Binding, covered: Sequence[Covered]) -> Markup:
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


# ---------------------------------------------------------------- UBL


def _elements(made: XmlBinding, elements: Sequence[Element]) -> Markup:
    return table(("Element", "Standard", "Used", "Not used"), [_element(made, each) for each in elements], "rules")


def _element(made: XmlBinding, each: Element) -> Markup:
    standard = f"{'once' if each.needed else 'optional'}{', any number' if each.many else ''}"
    name = tag("th", location(each.name), class_=f"d{min(each.depth, 5)}", scope="row")
    if each.same_as:
        said = tag("td", "As in ", tag("code", each.same_as), ".", colspan="2")
        return tag("tr", name, tag("td", standard, class_="nowrap"), said, class_="faint")
    return tag(
        "tr",
        name,
        tag("td", standard if each.path else "", class_="nowrap"),
        tag("td", _names(each.used)),
        tag("td", _names(each.unused)),
    )


def _names(names: Sequence[str]) -> Child:
    """Names without their prefix: what holds others is told by a row of its own."""
    plain = [name.partition(":")[2] for name in names]
    return [tag("span", name + ("; " if n < len(plain) else "")) for n, name in enumerate(plain, 1)]
