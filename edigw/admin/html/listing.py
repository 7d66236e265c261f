"""A message as a list of its segments, each with its name, and with what was found in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from edigw.admin.html.markup import Markup, join, status, table, tag
from edigw.admin.output import plural
from edigw.directory import Directory
from edigw.directory.cells import Cell, cells, gloss
from edigw.directory.guides import Guide, compiled
from edigw.directory.guides.instance import Line, holds
from edigw.syntax.advice import ADVICE
from edigw.syntax.findings import Finding
from edigw.syntax.model import Interchange, Message, Segment
from edigw.syntax.sent import Piece, pieces

_WHOLE = 400  # segments; of a longer message only what stands around its findings is shown
_AROUND = 2
_UNKNOWN_CODES = frozenset({"invalid_code", "eancom_code"})


def listing(
    message: Message,
    interchange: Interchange,
    data: bytes,
    names: Directory | None,
    numbered: dict[int, str],
    guides: Sequence[Guide] = (),
) -> Markup:
    """The segments of a message as they stand in `data`, the file. `numbered` gives the findings that are shown, by
    identity, their anchors."""
    by_segment: dict[int, list[Finding]] = defaultdict(list)
    for finding in message.findings:
        if id(finding) in numbered:
            by_segment[finding.segment or 0].append(finding)
    shown = _shown(len(message.segments), by_segment)
    items: list[Markup] = []
    before = 0
    for position in shown:
        if position > before + 1:
            items.append(_gap(position - before - 1))
        before = position
        found = by_segment[position]
        absent = [f for f in found if f.absence]
        items += [_absence(f, numbered, message, guides) for f in absent]
        if position <= len(message.segments):
            rest = [f for f in found if not f.absence]
            cut = pieces(data, interchange, message, position)
            items.append(_item(message.segments[position - 1], position, cut, rest, names, numbered, message, guides))
    if before < len(message.segments):
        items.append(_gap(len(message.segments) - before))
    return tag("ol", items, class_="raw")


def _shown(count: int, by_segment: dict[int, list[Finding]]) -> list[int]:
    """The positions to show; one more than the message has, where something is missing at its end."""
    ends = [position for position in by_segment if position > count]
    if count <= _WHOLE:
        return [*range(1, count + 1), *ends]
    wanted = {1, 2, 3, count}
    for position in by_segment:
        wanted.update(range(position - _AROUND, position + _AROUND + 1))
    return sorted(p for p in wanted if 1 <= p <= count) + ends


def _gap(count: int) -> Markup:
    return tag("li", f"{plural(count, 'segment')} without findings", class_="gap")


def _item(
    segment: Segment,
    position: int,
    cut: Sequence[Piece],
    found: Sequence[Finding],
    names: Directory | None,
    numbered: dict[int, str],
    message: Message,
    guides: Sequence[Guide],
) -> Markup:
    marked: set[tuple[int | None, int | None]] = {(f.element, f.component) for f in found if f.element}
    unknown = {(f.element, f.component) for f in found if f.code in _UNKNOWN_CODES}
    kind = "" if not found else " has" if any(f.severity == "error" for f in found) else " has warn"
    return tag(
        "li",
        tag("span", str(position), class_="n"),
        tag("span", _raw(cut, marked), class_="s"),
        tag("span", gloss(segment, names, unknown) or _private_name(segment, guides), class_="g"),
        tag("div", _values(segment, names, marked), [_told(f, numbered, message, guides) for f in found], class_="find")
        if found
        else None,
        class_=kind.strip() or None,
    )


def _private_name(segment: Segment, guides: Sequence[Guide]) -> str:
    """The name that a guide gives a segment of the partner's own."""
    return next((own.name for guide in guides for own in guide.segments if own.tag == segment[0]), "")


def _absence(finding: Finding, numbered: dict[int, str], message: Message, guides: Sequence[Guide]) -> Markup:
    """What is missing, between the segments where it should stand."""
    return tag(
        "li",
        tag("span", class_="n"),
        tag("div", _told(finding, numbered, message, guides), class_="find"),
        class_="has" if finding.severity == "error" else "has warn",
    )


def _raw(cut: Sequence[Piece], marked: set[tuple[int | None, int | None]]) -> Iterator[Markup]:
    for piece in cut:
        if piece.element is None:
            yield tag("span", piece.text, class_="sep")
        elif piece.element == 0:
            yield tag("b", piece.text)
        elif (piece.element, piece.component) in marked or (piece.element, None) in marked:
            yield tag("mark", piece.text)
        else:
            yield join(piece.text)


def _is_marked(cell: Cell, marked: set[tuple[int | None, int | None]]) -> bool:
    return (cell.element, cell.component) in marked or (cell.element, None) in marked


def _values(segment: Segment, names: Directory | None, marked: set[tuple[int | None, int | None]]) -> Markup | None:
    found = cells(segment, names)
    if not found or not marked:
        return None
    rows = [
        tag(
            "tr",
            tag("td", cell.place, class_="nowrap"),
            tag("td", f"{cell.id} {cell.name}".strip()),
            tag("td", tag("mark", cell.value) if _is_marked(cell, marked) else cell.value, class_="mono"),
            tag("td", cell.meaning),
        )
        for cell in found
    ]
    return table(("Element", "Name", "Value", "Meaning"), rows)


def _told(finding: Finding, numbered: dict[int, str], message: Message, guides: Sequence[Guide]) -> Markup:
    advice = ADVICE.get(finding.code)
    said = guide_note(finding, message, guides)
    return tag(
        "div",
        tag("p", status(finding.severity, finding.severity), " ", finding.text),
        tag("p", "To do: ", advice, class_="do") if advice and finding.severity != "note" else None,
        tag("p", "The guide says: ", said, class_="muted") if said else None,
        id=numbered[id(finding)],
    )


def guide_note(finding: Finding, message: Message, guides: Sequence[Guide]) -> str:
    """What the guide remarks on the place of a finding; "" if it says nothing, or if it is not clear which place is
    meant."""
    guide = next((g for g in guides if g.name == finding.guide and message.version in g.versions), None)
    if guide is None or finding.segment is None or finding.segment > len(message.segments):
        return ""
    line = Line(finding.segment, finding.path, message.segments[finding.segment - 1])
    found = [
        entry.note
        for entry, target in compiled(guide, message.version).targets
        if target.path == finding.path
        and (finding.element in {place.element for place in target.places} if finding.element else not target.places)
        and (target.told in finding.text if finding.absence else holds(line, target.conditions))
    ]
    return found[0] if len(found) == 1 else ""
