"""The elements of a segment as a guide uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from edigw.admin.html.markup import Child, Markup, tag
from edigw.directory.guides import Compiled, Entry
from edigw.directory.guides.locate import Condition, Target
from edigw.directory.model import ElementSpec
from edigw.directory.places import Place

_MOST_CODES = 60
_USES = {"required": "required", "optional": "optional", "forbidden": "not used", "": ""}


def element_rows(made: Compiled, target: Target, elements: Sequence[tuple[Entry, Target]]) -> Iterator[Markup]:
    """A row for each element that the guide names, that tells this form of the segment from others, or that the
    standard requires, in the order of the segment."""
    rows: dict[tuple[int, int], Markup] = {}
    assert target.segment is not None  # noqa: S101 - the locator gives one
    for number, use in enumerate(target.segment.elements, 1):
        if use.element is not None and use.mandatory:
            rows[number, 0] = _row(made, Place(number, None, use.element, True), None)
        for part, component in enumerate(use.components):
            if use.mandatory and component.mandatory:
                rows[number, part] = _row(made, Place(number, part, component.element, True), None)
    for condition in target.conditions:
        place = condition.place
        rows[place.element, place.component or 0] = _row(made, place, None, condition)
    for entry, each in elements:
        first = each.places[0]
        same = next((c for c in target.conditions if c.place.key == first.key), None)
        rows[first.element, first.component or 0] = _row(made, first, entry, same, len(each.places))
    return (rows[key] for key in sorted(rows))


def _row(
    made: Compiled, place: Place, entry: Entry | None, condition: Condition | None = None, places: int = 1
) -> Markup:
    spec = place.spec
    number = f"{place.element:02d}" if made.directory.standard == "x12" else str(place.element)
    component = f".{place.component + 1}" if place.component is not None else ""
    many = f" and {places - 1} more" if places > 1 else ""
    name = entry.name if entry and entry.name else spec.name.lower() if spec else "the whole composite"
    forbidden = entry is not None and entry.use == "forbidden"
    return tag(
        "tr",
        tag("th", f"{number}{component}{many}", scope="row"),
        tag("td", f"{spec.id} {name}" if spec else name),
        tag("td", standard_form(spec, place.mandatory), class_="nowrap"),
        tag("td", _here(entry, condition, place), class_="nowrap"),
        tag("td", _details(made, spec, entry, condition)),
        class_="unused" if forbidden else None,
    )


def standard_form(spec: ElementSpec | None, mandatory: bool) -> str:
    """Status and representation as the standards write them: "M an..35", "C AN 1/22"."""
    status = "M" if mandatory else "C"
    if spec is None:
        return status
    if spec.type in ("a", "n", "an"):
        size = str(spec.max) if spec.min == spec.max else f"..{spec.max}"
        return f"{status} {spec.type}{size}"
    return f"{status} {spec.type} {spec.min}/{spec.max}"


def _here(entry: Entry | None, condition: Condition | None, place: Place) -> Child:
    use = _USES[entry.use] if entry else ""
    if not use and (condition is not None or place.mandatory):
        use = "required"
    bounds = []
    if entry is not None and entry.use != "forbidden":
        bounds += [f"min. {entry.min}"] if entry.min is not None else []
        bounds += [f"max. {entry.max}"] if entry.max is not None else []
        bounds += [_length(entry)] if _length(entry) else []
    return [tag("span", use, class_="use") if use else None, ", " if use and bounds else None, ", ".join(bounds)]


def _length(entry: Entry) -> str:
    low, high = entry.min_length, entry.max_length
    if low is not None and low == high:
        return f"length {low}"
    if low is not None and high is not None:
        return f"length {low} to {high}"
    return f"length {low} or more" if low is not None else f"length ..{high}" if high is not None else ""


def _details(made: Compiled, spec: ElementSpec | None, entry: Entry | None, condition: Condition | None) -> list[Child]:
    names = (made.directory.codes(spec.id) if spec else None) or {}
    told: list[Child] = []
    if entry is not None and entry.codes is not None:
        told.append(_codes({**entry.codes, **entry.add_codes}, names))
    elif condition is not None:
        told.append(_codes(dict.fromkeys(sorted(condition.codes - {""}), ""), names))
    if entry is None:
        return told
    if entry.codes is None and entry.add_codes:
        told.append(tag("p", "The codes of the standard, and:"))
        told.append(_codes(entry.add_codes, names))
    if entry.remove_codes:
        told.append(tag("p", "Not used: ", tag("code", ", ".join(entry.remove_codes))))
    if entry.value is not None:
        told.append(tag("p", "Always ", tag("code", entry.value)))
    if entry.pattern:
        told.append(tag("p", "Form ", tag("code", entry.pattern)))
    if entry.decimals is not None:
        told.append(tag("p", f"{entry.decimals or 'no'} decimals at most" if entry.decimals else "no decimals"))
    if entry.check_digit:
        told.append(tag("p", f"A {entry.check_digit} with a right check digit"))
    if entry.note:
        told.append(tag("p", entry.note))
    return told


def _codes(codes: Mapping[str, str], names: Mapping[str, str]) -> Markup:
    shown = list(codes.items())[:_MOST_CODES]
    pairs: list[Child] = [(tag("dt", code), tag("dd", meaning or names.get(code, ""))) for code, meaning in shown]
    if len(codes) > len(shown):
        pairs.append((tag("dt", "…"), tag("dd", f"{len(codes) - len(shown)} more")))
    return tag("dl", pairs, class_="codes")
