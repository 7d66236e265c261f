"""What may stand in an element of UBL, in which order and how often: `mappings/ubl/2.1/elements.yaml`, which knows the
elements that bindings use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edigw.mapping.errors import BindingError
from edigw.mapping.loader import Entry, load_file
from edigw.resources import shipped

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
NAMESPACES = {"cac": CAC, "cbc": CBC}

FOLDER = "ubl/2.1"
CONTENT = "elements.yaml"


@dataclass(frozen=True, slots=True)
class Child:
    """An element in another one. `at` is its position in the order."""

    at: int
    many: bool
    needed: bool


def folder() -> Path:
    """Where the bindings are."""
    return shipped("mappings") / FOLDER


@cache
def _facts() -> Entry:
    return load_file(folder() / CONTENT)


@cache
def contents() -> dict[str, dict[str, Child]]:
    """The children of each element, by name: `contents()["cac:Party"]["cac:Contact"]`."""
    found: dict[str, dict[str, Child]] = {}
    for names, children in _facts()["elements"].items():
        listed = {}
        for at, child in enumerate(children.split()):
            name = child.rstrip("*!+")
            listed[name] = Child(at, child[-1] in "*+", child[-1] in "!+")
        for name in names.split():
            if name in found:
                raise BindingError(f"{name} stands twice", str(folder() / CONTENT))
            found[name] = listed
    return found


@cache
def understood() -> dict[str, frozenset[str]]:
    """Values of attributes that only name the code list or the issuer that UBL means anyway, by attribute."""
    return {name: frozenset(values) for name, values in _facts()["understood"].items()}


@cache
def clark(name: str) -> str:
    """`cbc:ID` as lxml writes it: `{namespace}ID`."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def needed_attribute(name: str) -> str | None:
    """The attribute without which the schema refuses a value (UBL 2.1, unqualified data types)."""
    if name.endswith("Amount"):
        return "currencyID"
    return "unitCode" if name.endswith("Measure") else None
