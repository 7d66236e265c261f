"""The schemas and examples of UBL 2.1, where they are at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parents[3]
_PLACES = [above / "shared" / "reference" / "ubl-2.1" for above in ROOT.parents]
FOLDER = next((folder for folder in _PLACES if folder.is_dir()), _PLACES[0])

needs_reference = pytest.mark.skipif(not FOLDER.is_dir(), reason="the UBL schemas are not here")


@cache
def schema(root: str) -> etree.XMLSchema:
    """The schema of a kind of document."""
    return etree.XMLSchema(etree.parse(FOLDER / "xsdrt" / "maindoc" / f"UBL-{root}-2.1.xsd"))


def examples() -> list[Path]:
    """The example instances; [] where they are missing."""
    return sorted((FOLDER / "xml").glob("*.xml"))
