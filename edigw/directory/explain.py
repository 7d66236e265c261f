"""What is wrong with the elements of one segment: each fault at its element, component and repetition, in
words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edigw.directory.check import SegmentCheck
from edigw.directory.model import ElementSpec, ElementUse
from edigw.directory.relations import broken_at, condition, fault
from edigw.directory.values import Fault, faults
from edigw.directory.words import allowed, counted, cut, plain
from edigw.syntax.model import Repeated, Segment

_LONGEST_QUALIFIER = 35  # judgements are remembered; what is longer is no qualifier
_SURPLUS = 20  # repetitions beyond those allowed that are looked at: how many there are is said anyway
_UN_AGENCY = "6"  # DE 3055: UN/ECE, whose codes are those of the directory


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault at its place. What is not `certain` only warns."""

    code: str
    text: str
    element: int
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    value: str = ""
    certain: bool = True


def explain(check: SegmentCheck, segment: Segment) -> Iterator[Problem]:
    """Everything that is wrong with a segment, in the order of its elements; nothing if it is as it should
    be."""
    tag = check.spec.tag
    reached = max(len(segment) - 1, check.required)
    for number, use in enumerate(check.uses[:reached], 1):
        element = segment[number] if number < len(segment) else ""
        if not _given(element):
            if use.mandatory:
                text = f"{_place(tag, number, None, use.id, use.name)} is missing; it is mandatory"
                yield Problem("element_missing", text, number, data_element=use.id)
        elif isinstance(element, Repeated):
            yield from _repetitions(check, segment, number, use, element)
        else:
            yield from _element(check, segment, number, use, element, None)
    beyond = range(len(check.uses) + 1, len(segment))
    surplus = [n for n in beyond if _given(segment[n])] if beyond else []
    if surplus:
        text = f"{tag} has {counted(surplus[-1], 'element')}; {allowed(len(check.uses))}"
        yield Problem("too_many_elements", text, surplus[0], value=_shown(segment[surplus[0]]))
    if check.conditions:
        yield from _relations(check, segment)


def _repetitions(
    check: SegmentCheck, segment: Segment, number: int, use: ElementUse, element: Repeated
) -> Iterator[Problem]:
    if len(element) > use.repeat:
        place = _place(check.spec.tag, number, None, use.id, use.name)
        text = f"{place} is given {len(element)} times; {allowed(use.repeat)}"
        # X12 lets some elements repeat from 00402 on; the directory does not say which.
        certain = check.notation.standard == "edifact"
        yield Problem(
            "too_many_repetitions", text, number, repetition=use.repeat + 1, data_element=use.id, certain=certain
        )
    for repetition, item in enumerate(element[: use.repeat + _SURPLUS], 1):
        if _given(item):
            yield from _element(check, segment, number, use, item, repetition)


def _element(
    check: SegmentCheck, segment: Segment, number: int, use: ElementUse, element: Any, repetition: int | None
) -> Iterator[Problem]:
    """One element, or one repetition of it, that is not empty."""
    tag = check.spec.tag
    parts: list[str] = [element] if isinstance(element, str) else element
    limit = len(use.components) or 1
    if any(parts[limit:]):
        place = _place(tag, number, None, use.id, use.name)
        text = (
            f"{place} has {len(parts)} components; {allowed(limit)}"
            if use.components
            else f"{place} has {len(parts)} components; it is a single value"
        )
        first = next(n for n in range(limit, len(parts)) if parts[n])
        yield Problem("too_many_components", text, number, first + 1, repetition, use.id, cut(parts[first]))
    if use.element is not None:
        if parts[0]:
            yield from _value(check, segment, number, 0, use.element, parts, repetition)
        elif use.mandatory:
            text = f"{_place(tag, number, None, use.id, use.name)} is missing; it is mandatory"
            yield Problem("element_missing", text, number, None, repetition, use.id)
        return
    for k, component in enumerate(use.components, 1):
        if k <= len(parts) and parts[k - 1]:
            yield from _value(check, segment, number, k, component.element, parts, repetition)
        elif component.mandatory:
            place = _place(tag, number, k, component.element.id, component.element.name)
            text = f"{place} is missing; it is mandatory in {use.id}"
            yield Problem("element_missing", text, number, k, repetition, component.element.id)
    for notation in use.conditions:
        rule = condition(notation)
        k_at_fault = broken_at(rule, [True, *map(bool, parts)])
        if k_at_fault is not None:
            spec = use.components[k_at_fault - 1].element
            found = fault(rule, k_at_fault, "component")
            text = f"{_place(tag, number, k_at_fault, spec.id, spec.name)} {found.text}"
            yield Problem(found.code, text, number, k_at_fault, repetition, spec.id)


def _value(
    check: SegmentCheck,
    segment: Segment,
    number: int,
    component: int,
    spec: ElementSpec,
    parts: Sequence[str],
    repetition: int | None,
) -> Iterator[Problem]:
    value = parts[max(component, 1) - 1]
    found = list(faults(spec, value, check.notation))
    codes = check.codes.get(spec.id)
    if codes is not None and value not in codes and not _of_another_agency(check, number, component, parts):
        found.append(Fault("invalid_code", f"is not in the code list of {check.version}"))
    if not found:
        found += _judgements(check, segment, number, component, parts)
        if not found:
            return
    place = _place(check.spec.tag, number, component or None, spec.id, spec.name)
    for code, text in found:
        shown = cut(value)
        yield Problem(code, f"{place}: {shown} {text}", number, component or None, repetition, spec.id, shown)


def _judgements(
    check: SegmentCheck, segment: Segment, number: int, component: int, parts: Sequence[str]
) -> Iterator[Fault]:
    """What is wrong with a value in the light of its qualifier."""
    for pair in check.pairs:
        if pair.value != (number, component):
            continue
        at, k = pair.qualifier
        where = parts if at == number else _parts(segment[at]) if at < len(segment) else ()
        qualifier = where[max(k, 1) - 1] if max(k, 1) <= len(where) else ""
        known = 0 < len(qualifier) <= _LONGEST_QUALIFIER
        found = pair.judge(parts[max(component, 1) - 1], qualifier) if known else None
        if found is not None:
            yield found


def _of_another_agency(check: SegmentCheck, number: int, component: int, parts: Sequence[str]) -> bool:
    """Whether DE 1131 or 3055, further on in the same composite, say that a code is of a list of its own:
    codes that stand before them are then not those of the directory."""
    if component == 0 or check.notation.standard == "x12":
        return False
    given = {
        use.element.id: part
        for use, part in zip(check.uses[number - 1].components[component:], parts[component:], strict=False)
        if part
    }
    return bool(given.get("1131")) or given.get("3055", _UN_AGENCY) != _UN_AGENCY


def _relations(check: SegmentCheck, segment: Segment) -> Iterator[Problem]:
    present = [True, *(_given(element) for element in segment[1:])]
    for rule, certain in check.conditions:
        number = broken_at(rule, present)
        if number is None or number > len(check.uses):
            continue
        use = check.uses[number - 1]
        found = fault(rule, number, "element")
        text = f"{_place(check.spec.tag, number, None, use.id, use.name)} {found.text}"
        value = _shown(segment[number]) if number < len(segment) else ""
        yield Problem(found.code, text, number, data_element=use.id, value=value, certain=certain)


def _given(element: Any) -> bool:
    """Whether an element has any value in it."""
    return bool(element) if type(element) is str else any(map(_given, element))


def _parts(element: Any) -> Sequence[str]:
    """The components of an element; of a repeated one those of the first repetition."""
    if isinstance(element, Repeated):
        return _parts(element[0])
    return [element] if isinstance(element, str) else element


def _shown(element: Any) -> str:
    return cut(":".join(_parts(element)))


def _place(tag: str, element: int, component: int | None, id: str, name: str) -> str:
    """ "NAD element 1 (3035, party qualifier)"."""
    inside = f" component {component}" if component else ""
    return f"{tag} element {element}{inside} ({id}, {plain(name)})"
