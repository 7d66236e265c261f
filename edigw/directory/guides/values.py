"""What a guide says about elements, held against the values of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edigw.directory import checkdigits
from edigw.directory.guides.compile import Compiled, ElementRule
from edigw.directory.guides.instance import Group, Line, Value, lines_of, values_at
from edigw.directory.guides.patterns import matches
from edigw.directory.guides.verdict import Verdict
from edigw.directory.places import Place
from edigw.directory.values import Fault, Notation, faults
from edigw.directory.words import counted, cut, plain

_LENGTHS = {"GTIN": checkdigits.GTIN, "GLN": checkdigits.GLN, "SSCC": checkdigits.SSCC}
_FRACTION = re.compile(r"[.,]([0-9]*)")
_SSCC_IDENTIFIER = "00"  # GS1 application identifier; X12 DE 88 = GM has it in front of the number


def check_elements(made: Compiled, root: Group, notation: Notation, verdict: Verdict) -> None:
    """Every element that the guide speaks of."""
    for unit in made.units:
        for line in lines_of(root, unit.target) if unit.rules else ():
            if verdict.full:
                return
            for rule in unit.rules:
                _check(rule, line, notation, verdict)


def named(line: Line, place: Place, element: int, component: int | None) -> str:
    """A place in words: "NAD element 2 component 1 (3039, party id. identification)"."""
    inside = f" component {component}" if component else ""
    spec = f" ({place.spec.id}, {plain(place.spec.name)})" if place.spec else ""
    return f"{cut(line.tag)} element {element}{inside}{spec}"


def absent(line: Line, place: Place) -> str:
    """A place where nothing stands, in words."""
    return named(line, place, line.origin(place.element)[0], None if place.component is None else place.component + 1)


def _check(rule: ElementRule, line: Line, notation: Notation, verdict: Verdict) -> None:
    entry, places = rule.entry, rule.target.places
    found = [(place, value) for place in places for value in values_at(line, place)]
    if len(found) < rule.low:
        text = "is missing" if not found else f"is given {len(found)} times; at least {rule.low} are required"
        code = "guide_element_missing" if not found else "guide_element_too_few"
        verdict.element(code, f"{absent(line, places[0])} {text}", line, places[0], entry.severity)
    if not found and entry.use == "optional" and entry.widens:
        number, _ = line.origin(places[0].element)
        component = None if places[0].component is None else places[0].component + 1
        for part in {component, None}:
            verdict.permit(line, Value("", number, part, None), ("element_missing",))
    for number, (place, value) in enumerate(found, 1):
        if rule.high is not None and number > rule.high:
            allowed = "is not used" if rule.high == 0 else f"is used {rule.high} times at most"
            fault = Fault("guide_element_unused", f"must not stand here; the element {allowed}")
            _report(fault, rule, line, place, value, verdict, about_value=False)
            continue
        _permit(rule, line, value, notation, verdict)
        for fault in _faults(rule, value, notation):
            _report(fault, rule, line, place, value, verdict)


def _report(
    fault: Fault,
    rule: ElementRule,
    line: Line,
    place: Place,
    value: Value,
    verdict: Verdict,
    *,
    about_value: bool = True,
) -> None:
    text = f"{named(line, place, value.element, value.component)}: {cut(value.text)} {fault.text}"
    id = place.spec.id if place.spec else ""
    verdict.value(fault.code, text, line, value, id, rule.entry.severity, about_value=about_value)


def _permit(rule: ElementRule, line: Line, value: Value, notation: Notation, verdict: Verdict) -> None:
    """What the standard may say about the value, and the guide does not mind."""
    entry = rule.entry
    if value.text in entry.add_codes:
        verdict.permit(line, value, ("invalid_code", "eancom_code"))
    if entry.widens and rule.bounded is not None and not list(_sizes(rule, value, notation)):
        verdict.permit(line, value, ("too_long", "too_short"))
    if entry.check_digit:
        verdict.replaces(line, value)


def _faults(rule: ElementRule, value: Value, notation: Notation) -> Iterator[Fault]:
    entry, text = rule.entry, value.text
    if entry.value is not None and text != entry.value:
        yield Fault("guide_value", f"must be {entry.value}")
    if rule.codes is not None and text not in rule.codes:
        yield Fault("guide_code_unused", f"is not used; {_choice(rule.codes)}")
    yield from _sizes(rule, value, notation)
    if rule.pattern is not None and not matches(rule.pattern, text):
        yield Fault("guide_pattern", f"does not have the agreed form {rule.pattern.pattern}")
    if entry.decimals is not None:
        fraction = _FRACTION.search(text)
        if fraction and len(fraction[1]) > entry.decimals:
            decimals = counted(len(fraction[1]), "decimal")
            yield Fault("guide_decimals", f"has {decimals}; at most {entry.decimals} are allowed")
    if entry.check_digit and not _is_gs1(text, entry.check_digit):
        yield Fault("guide_check_digit", f"is no {entry.check_digit}: its length or its check digit is wrong")


def _sizes(rule: ElementRule, value: Value, notation: Notation) -> Iterator[Fault]:
    """Lengths are counted as the standard counts them: of a number only the digits."""
    for fault in faults(rule.bounded, value.text, notation) if rule.bounded is not None else ():
        if fault.code in ("too_long", "too_short"):
            yield Fault(f"guide_{fault.code}", fault.text)


def _choice(codes: frozenset[str]) -> str:
    if not codes:
        return "no code is"
    shown = sorted(codes)[:12]
    more = f" and {len(codes) - len(shown)} more" if len(codes) > len(shown) else ""
    return f"{'the only code is' if len(codes) == 1 else 'the codes are'} {', '.join(shown)}{more}"


def _is_gs1(text: str, kind: str) -> bool:
    if kind == "SSCC" and len(text) == 20 and text.startswith(_SSCC_IDENTIFIER):
        text = text[2:]
    return checkdigits.is_gs1(text, _LENGTHS[kind])
