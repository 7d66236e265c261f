"""The canonical documents as JSON Schema (draft 2020-12), for those who write or read their JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from edigw.documents.codec import DOCUMENTS
from edigw.documents.moment import Moment

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOMENT = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?)?$",
    "description": "ISO 8601: a date, with a time of day where one was given and a UTC offset where one was given.",
    "examples": ["2026-10-05", "2026-10-05T14:30", "2026-10-05T14:30:15+02:00"],
}
_DECIMAL = {
    "type": "string",
    "pattern": r"^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$",
    "description": "A decimal number as a string, with the digits that were given: 1.50 is not 1.5.",
}


def schema(document: str) -> dict[str, Any]:
    """The JSON Schema of a document by its name, "Order". `document` is the key that `edigw convert` adds. Raises
    KeyError for a name that `DOCUMENTS` does not have."""
    _, parts = msgspec.json.schema_components([DOCUMENTS[document]], schema_hook=_hook, ref_template="#/$defs/{name}")
    own = parts.pop(document)
    described = _settle({"$defs": parts, **own})
    described["properties"] = {"document": {"const": document}, **described["properties"]}
    return {"$schema": _DIALECT, **described}


def _hook(type_: type) -> dict[str, Any]:
    if type_ is Moment:
        return _MOMENT
    raise NotImplementedError(type_.__name__)


def _settle(value: Any) -> Any:
    """Decimals described, descriptions in one line, and nothing allowed that a part does not have."""
    if isinstance(value, list):
        return [_settle(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("format") == "decimal":
        return _DECIMAL
    settled = {key: _settle(one) for key, one in value.items()}
    if isinstance(description := value.get("description"), str):
        settled["description"] = " ".join(description.split())
    if settled.get("type") == "object":
        settled["additionalProperties"] = False
    return settled
