"""Small functions on elements, numbers and findings that writers and readers of acknowledgements share."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from edigw.syntax.findings import Finding
from edigw.syntax.model import Repeated, Segment
from edigw.syntax.values import value


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that reject."""
    return [f for f in findings if f.severity == "error"]


def told_of(findings: Iterable[Finding], noted: Container[str]) -> list[Finding]:
    """The findings that the partner is told of: those that reject, and warnings by the rules in `noted`. Other warnings
    and notes are never reported (policy)."""
    return [f for f in findings if f.severity == "error" or (f.severity == "warning" and f.code in noted)]


def components(element: Any) -> list[str]:
    """The components of an element (of its first repetition), trailing empty ones cut; [] for an absent
    one."""
    if isinstance(element, Repeated):
        element = element[0]
    values = [str(component) for component in element] if isinstance(element, list) else [str(element)]
    while values and not values[-1].strip():
        values.pop()
    return values


def joined(values: list[str]) -> str | list[str]:
    """An element as the model writes it: `values` without empty ones at the end, a single one as a `str`."""
    while values and not values[-1]:
        values = values[:-1]
    return values if len(values) > 1 else "".join(values)


def at(segment: Segment | None, element: int, component: int = 1) -> str:
    """A value of a segment, counted from 1 as the standards do, blanks trimmed; "" if there is none."""
    return value(segment, element, component).strip() if segment else ""


def is_number(text: str) -> bool:
    """Whether `text` is ASCII digits only."""
    return text.isascii() and text.isdigit()


def number_key(control: str) -> str:
    """A control number for comparison: leading zeros and blanks around it do not count, letters stay."""
    text = control.strip()
    return text.lstrip("0") or "0" if is_number(text) else text
