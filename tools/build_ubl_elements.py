"""Writes `mappings/ubl/2.1/elements.csv` from the schemas of UBL 2.1 (a folder with `common/` and `maindoc/`):

    python tools/build_ubl_elements.py SCHEMAS

What may stand in each element that documents of the bindings can hold, in the order of the schema: `!` once, `+` once
or more, `*` any number of times, nothing: once or not at all. Elements of one type share a row.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).resolve().parents[1] / "mappings" / "ubl" / "2.1"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_COMMON = "common/UBL-CommonAggregateComponents-2.1.xsd"
_NO_DOCUMENTS = ("sets",)


def roots() -> list[str]:
    """The root elements that bindings read or write."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem not in _NO_DOCUMENTS)


def table(schemas: Path) -> str:
    """What belongs into the file."""
    types: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for file in (_COMMON, *(f"maindoc/UBL-{root}-2.1.xsd" for root in roots())):
        _collect(schemas / file, "cac:" if file == _COMMON else "", types, kinds)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("elements", "children"))
    names: dict[str, list[str]] = {}
    for name in _reachable(types, kinds):
        names.setdefault(kinds[name], []).append(name)
    writer.writerows(sorted((" ".join(sorted(known)), " ".join(types[kind])) for kind, known in names.items()))
    return out.getvalue()


def _collect(file: Path, prefix: str, types: dict[str, list[str]], kinds: dict[str, str]) -> None:
    schema = ElementTree.parse(file).getroot()  # noqa: S314 - a schema of OASIS
    for complex_type in schema.findall(f"{_XSD}complexType"):
        children = [_child(one) for one in complex_type.findall(f"{_XSD}sequence/{_XSD}element")]
        types[complex_type.attrib["name"]] = [child for child in children if not child.startswith("ext:")]
    for element in schema.findall(f"{_XSD}element"):
        kinds[prefix + element.attrib["name"]] = element.attrib["type"]


def _child(element: ElementTree.Element) -> str:
    needed = element.get("minOccurs", "1") != "0"
    many = element.get("maxOccurs", "1") != "1"
    return element.attrib["ref"] + {(True, True): "+", (True, False): "!", (False, True): "*"}.get((needed, many), "")


def _reachable(types: dict[str, list[str]], kinds: dict[str, str]) -> list[str]:
    """The documents, and the elements in them that hold others."""
    found: dict[str, None] = dict.fromkeys(roots())
    todo = list(found)
    while todo:
        for child in types[kinds[todo.pop()]]:
            name = child.rstrip("*!+")
            if name in kinds and name not in found:
                found[name] = None
                todo.append(name)
    return list(found)


if __name__ == "__main__":
    (FOLDER / "elements.csv").write_text(table(Path(sys.argv[1])), "utf-8")
