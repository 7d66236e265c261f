"""The published JSON Schemas: current, and true of what the documents are in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edigw.documents import DOCUMENTS, decode
from edigw.documents.schema import schema
from edigw.resources import shipped

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"
GOLDEN = sorted((shipped("samples") / "golden").glob("*.document.json"))


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def kind(text: str) -> str:
    """The document that a text is: the only one that has all its fields."""
    fits = [name for name, cls in DOCUMENTS.items() if set(json.loads(text)) <= set(cls.__struct_fields__)]
    return next(name for name in fits if _reads(text, name))


def _reads(text: str, name: str) -> bool:
    return not list(validator(name).iter_errors(json.loads(text)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_published_schema_is_current_and_a_schema(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    assert json.loads(text) == schema(name), "python tools/build_schemas.py writes it anew"
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_there_is_a_schema_of_each_document_and_no_other() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(DOCUMENTS)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_golden_document_is_what_its_schema_says(path: Path) -> None:
    text = path.read_text("utf-8")
    name = kind(text)
    validator(name).validate({"document": name, **json.loads(text)})
    decode(text, DOCUMENTS[name])


@pytest.mark.parametrize(
    "order",
    [
        {"document": "Invoice"},
        {"issued": "5 October"},
        {"issued": "2026-10-05 14:30"},
        {"total": 1.5},
        {"total": "1,50"},
        {"lines": [{"qantity": "1"}]},
        {"id": 5},
    ],
)
def test_what_is_no_order_does_not_pass(order: dict[str, Any]) -> None:
    assert list(validator("Order").iter_errors(order))


def test_decimals_keep_their_digits_and_moments_what_was_given() -> None:
    order = {"total": "1.50", "issued": "2026-10-05T14:30+02:00", "requested_delivery": "2026-10-06"}
    validator("Order").validate(order)
    found = decode(json.dumps(order), DOCUMENTS["Order"])
    assert [str(getattr(found, name)) for name in order] == list(order.values())
