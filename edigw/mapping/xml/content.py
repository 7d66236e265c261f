"""What may stand in an element of UBL, in which order and how often: `mappings/ubl/2.1/elements.csv`
(`tools/build_ubl_elements.py`)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edigw.resources import shipped

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
NAMESPACES = {"cac": CAC, "cbc": CBC}

FOLDER = "ubl/2.1"
ELEMENTS = "elements.csv"


@dataclass(frozen=True, slots=True)
class Child:
    """An element in another one. `at` is its position in the order."""

    at: int
    many: bool
    needed: bool


def elements_path() -> Path:
    """The file of the facts, which are those of the standard whatever bindings are used."""
    return shipped("mappings") / FOLDER / ELEMENTS


@cache
def contents() -> dict[str, dict[str, Child]]:
    """The children of each element that has some, by name: `contents()["cac:Party"]["cac:Contact"]`."""
    found: dict[str, dict[str, Child]] = {}
    with elements_path().open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            listed = {
                child.rstrip("*!+"): Child(at, child[-1] in "*+", child[-1] in "!+")
                for at, child in enumerate(row["children"].split())
            }
            found.update(dict.fromkeys(row["elements"].split(), listed))
    return found


@cache
def needed(element: str) -> tuple[str, ...]:
    """The children without which the schema refuses an element."""
    return tuple(name for name, child in contents().get(element, {}).items() if child.needed)


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
