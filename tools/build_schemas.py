"""Writes the JSON Schemas of the canonical documents to docs/schema: `python tools/build_schemas.py`."""

from __future__ import annotations

import json
from pathlib import Path

from edigw.documents import DOCUMENTS
from edigw.documents.schema import schema

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schema"


def files() -> dict[Path, str]:
    """What belongs into each file."""
    return {FOLDER / f"{name}.json": json.dumps(schema(name), indent=2) + "\n" for name in DOCUMENTS}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, "utf-8")
