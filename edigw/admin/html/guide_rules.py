"""The rules of a guide, and the segments that it adds, for people."""

from __future__ import annotations

from collections.abc import Sequence

from edigw.admin.html.markup import Child, Markup, join, table, tag
from edigw.directory.guides import Compiled, PrivateElement, Rule


def rule_rows(made: Compiled) -> Markup | None:
    """A table of the rules."""
    if not made.guide.rules:
        return None
    rows = [
        tag("tr", tag("th", rule.id, scope="row"), tag("td", _sentence(rule.text)), tag("td", _formal(rule)))
        for rule in made.guide.rules
    ]
    return join(tag("h2", "Rules", id="rules"), table(("Rule", "In words", "Exactly"), rows))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def _formal(rule: Rule) -> list[Child]:
    parts: list[Child] = []
    if rule.scope:
        parts.append(_clause("In every ", (rule.scope,), ": "))
    if rule.when:
        parts.append(_clause("where ", rule.when, " stands, ", " and "))
    if rule.unless:
        parts.append(_clause("unless ", rule.unless, " stands, ", " or "))
    if rule.require:
        parts.append(_clause("", rule.require, " must stand. ", " and "))
    if rule.forbid:
        parts.append(_clause("", rule.forbid, " must not stand. ", " and "))
    if rule.same:
        parts.append(_clause("", rule.same, " are equal. ", " and "))
    if rule.sum:
        parts.append(_clause("the sum of ", (rule.sum,), " is "))
        parts.append(_clause("", (rule.equals,), ". "))
    if rule.severity != "error":
        parts.append(f"Otherwise only a {rule.severity}.")
    return parts


def _clause(before: str, locations: Sequence[str], after: str, between: str = ", ") -> Markup:
    codes: list[Child] = []
    for number, location in enumerate(locations):
        codes += [between if number else None, tag("code", location)]
    return join(before, codes, after)


def private_segments(made: Compiled) -> Markup | None:
    """The segments that the standard does not have."""
    if not made.guide.segments:
        return None
    sections: list[Child] = [tag("h2", "Segments beyond the standard", id="private")]
    for segment in made.guide.segments:
        where = f"in {segment.inside}" if segment.inside else "anywhere in the message"
        most = f", max. {segment.max}" if segment.max is not None else ""
        sections.append(tag("h3", f"{segment.tag} {segment.name}".strip()))
        sections.append(tag("p", f"Stands {where}{most}. {segment.note}", class_="note"))
        if segment.elements:
            rows = [_element(number, element) for number, element in enumerate(segment.elements, 1)]
            sections.append(table(("Element", "Name", "Form", "Here", "Codes, remarks"), rows))
    return join(sections)


def _element(number: int, element: PrivateElement) -> Markup:
    low, high = element.min_length, element.max_length
    size = str(low) if low == high else f"..{high}" if low == 1 else f"{low}..{high}"
    codes = [(tag("dt", code), tag("dd", name)) for code, name in (element.codes or {}).items()]
    return tag(
        "tr",
        tag("th", str(number), scope="row"),
        tag("td", element.name),
        tag("td", f"{element.type}{size}"),
        tag("td", tag("span", "required" if element.required else "optional", class_="use")),
        tag("td", tag("dl", codes, class_="codes") if codes else None, element.note),
    )
