"""Pack the directory facts (a folder with `edifact/` and `x12/`, formats in their FORMAT.md) into
`edigw/directory/data`.

    python tools/build_directories.py FACTS [TARGET]

One zstd-compressed JSON file for each version, of one shape for all standards, with `codes.json.zst` of
each standard apart. `edigw/directory/packaged.py` describes that shape and reads it. The same facts give
the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import zstandard

Json = dict[str, Any]
Runs = dict[str, dict[str, list[list[Any]]]]

_REPRESENTATION = re.compile(r"(an|a|n)(\.\.)?(\d+)")
# Where the facts are known to be wrong: X12 data element and code, with its first and last version (None: open).
_SPAN_CORRECTIONS: dict[tuple[str, str], tuple[str | None, str | None]] = {
    # The facts have I5 from 005040 on. The 999 exists since 005010, and its guide of that version (005010X231A1, IK502)
    # has I5, without which no 999 could say that an implementation guide was broken.
    ("618", "I5"): (None, None),
}
# Dependency notes, which the facts leave out. Of the service directory of syntax 4 (ISO 9735-10):
_SERVICE_NOTES = {
    "UNG": ["D2(010,060,070)"],
    "UCI": ["D5(060,050)", "D5(070,060,050)", "D5(080,060,050,090)", "D5(090,080,060,050)"],
    "UCF": ["D5(060,050)", "D5(070,060,050)", "D5(080,060,050,090)", "D5(090,080,060,050)"],
    "UCM": [
        *("D1(010,070)", "D2(010,020)", "D2(070,080)"),
        *("D5(050,040)", "D5(060,050,040)", "D5(090,050,040,100)", "D5(100,090,050,040)"),
    ],
    "S011": ["D4(020,030)"],
}
# Of UN directories: TDT has one since C001 stands at its fourth place. The texts of D.13A and D.17B were seen to have
# it; before and after, it is taken for uncertain.
_TDT_NOTE, _TDT_COMPOSITE, _TDT_SEEN = "D5(040,030)", "C001", ("D13A", "D17B")
_TARGET = Path(__file__).resolve().parents[1] / "edigw" / "directory" / "data"


def main() -> None:
    """Pack everything, and print what was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("facts", type=Path, help="folder with edifact/ and x12/")
    parser.add_argument("target", type=Path, nargs="?", default=_TARGET)
    arguments = parser.parse_args()
    written = build(arguments.facts, arguments.target)
    total = sum(path.stat().st_size for path in written)
    print(f"{len(written)} files, {total:,} bytes, largest {max(path.stat().st_size for path in written):,}")


def build(facts: Path, target: Path) -> list[Path]:
    """Replace the content of `target` by what `facts` says; the files written, in order."""
    written: list[Path] = []
    index: dict[str, list[str]] = {}
    for standard, pack in (("edifact", _edifact), ("service", _service), ("x12", _x12)):
        folder = target / standard
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        packed, codes = pack(facts)
        written += [_write(folder, version, content) for version, content in packed.items()]
        written.append(_write(folder, "codes", codes))
        index[standard] = list(packed)
    path = target / "index.json"
    path.write_text(json.dumps(index, indent=1) + "\n", "utf-8")
    return [*written, path]


def _edifact(facts: Path) -> tuple[Json, Runs]:
    source = _read(facts / "edifact" / "codes.json")
    position = {name: i for i, name in enumerate(source["order"])}
    seen = range(position[_TDT_SEEN[0]], position[_TDT_SEEN[1]] + 1)
    versions: Json = {}
    for name, place in position.items():
        directory = _un_directory(_read(facts / "edifact" / f"{name}.json"))
        tdt = directory["segments"].get("TDT")
        if tdt and tdt[1][3][0] == _TDT_COMPOSITE:
            tdt[2 if place in seen else 3].append(_TDT_NOTE)
        versions[_dotted(name)] = directory
    codes = {
        element: {
            code: [[position[first], position[last], label] for first, last, label in runs]
            for code, runs in entries.items()
        }
        for element, entries in source["codes"].items()
    }
    return versions, codes


def _service(facts: Path) -> tuple[Json, Runs]:
    """Service segments and messages of syntax 1 to 4. Versions 1 to 3 have two code lists; values of both
    are valid."""
    sources = {version: _read(facts / "edifact" / f"syntax{version}.json") for version in "1234"}
    codes: Runs = {}
    for number, source in enumerate(sources.values()):
        for lists in (source["codes"], source.get("codes_d99a", {})):
            for element, entries in lists.items():
                for code, label in entries.items():
                    _extend(codes.setdefault(element, {}).setdefault(code, []), number, label)
    versions = {version: _un_directory(source) for version, source in sources.items()}
    for name, notes in _SERVICE_NOTES.items():
        packed = versions["4"]["segments" if name in versions["4"]["segments"] else "composites"][name]
        packed[2].extend(notes)
    return versions, codes


def _extend(runs: list[list[Any]], number: int, label: str) -> None:
    """Add version `number` to the runs of one code, unless it is already covered."""
    if runs and runs[-1][1] == number:
        return
    if runs and runs[-1][1] == number - 1 and runs[-1][2] == label:
        runs[-1][1] = number
    else:
        runs.append([number, number, label])


def _x12(facts: Path) -> tuple[Json, Runs]:
    source = _read(facts / "x12" / "codes.json")
    position = {name: i for i, name in enumerate(source["versions"])}
    versions = {name: _x12_version(_read(facts / "x12" / f"{name}.json")) for name in position}
    codes: Runs = {}
    for element, entries in source["codes"].items():
        spans = source["spans"].get(element, {})
        for code, label in entries.items():
            first, last = _SPAN_CORRECTIONS.get((element, code)) or spans.get(code, (None, None))
            run = [position[first] if first else 0, position[last] if last else len(position) - 1, label]
            codes.setdefault(element, {})[code] = [run]
    return versions, codes


def _un_directory(source: Json) -> Json:
    return {
        "messages": {
            name: [message["name"], "", [_un_row(row) for row in message["table"]]]
            for name, message in source["messages"].items()
        },
        "segments": {
            tag: [segment["name"], [[i, int(s == "M"), n] for i, s, n in segment["elements"]], [], []]
            for tag, segment in source["segments"].items()
        },
        "composites": {
            name: [composite["name"], [[i, int(s == "M"), 1] for i, s in composite["components"]], []]
            for name, composite in source["composites"].items()
        },
        "elements": {
            name: [element["name"], *_representation(element["repr"])] for name, element in source["elements"].items()
        },
    }


def _un_row(row: list[Any]) -> list[Any]:
    packed = [row[0], int(row[1] == "M"), row[2]]
    return packed if len(row) == 3 else [*packed, [_un_row(child) for child in row[3]]]


def _representation(text: str) -> list[Any]:
    match = _REPRESENTATION.fullmatch(text)
    if match is None:
        raise SystemExit(f"not a representation: {text!r}")
    kind, up_to, length = match.groups()
    return [kind, 1 if up_to else int(length), int(length)]


def _x12_version(source: Json) -> Json:
    return {
        "messages": {
            name: [entry["name"], entry["group"], [_x12_row(row) for row in entry["table"]]]
            for name, entry in source["sets"].items()
        },
        "segments": {
            tag: [
                segment["name"],
                _x12_uses(segment["elements"]),
                segment.get("conditions", []),
                segment.get("uncertain", []),
            ]
            for tag, segment in source["segments"].items()
        },
        "composites": {
            name: [composite["name"], _x12_uses(composite["elements"]), composite.get("conditions", [])]
            for name, composite in source["composites"].items()
        },
        "elements": {
            name: [element["name"], element["type"], element["min"], element["max"]]
            for name, element in source["elements"].items()
        },
    }


def _x12_uses(uses: Iterable[list[str]]) -> list[list[Any]]:
    return [[name, int(status == "M"), 1] for name, status in uses]


def _x12_row(row: Any) -> list[Any]:
    """0 stands for "no limit"."""
    if isinstance(row, dict):
        children = [_x12_row(child) for child in row["children"]]
        return [row["loop"], int(row["status"] == "M"), row["max"] or 0, children]
    return [row[0], int(row[1] == "M"), row[2] or 0]


def _dotted(name: str) -> str:
    """`D96A`, as the facts name it, is `D.96A` everywhere else."""
    return f"{name[0]}.{name[1:]}"


def _read(path: Path) -> Json:
    value: Json = json.loads(path.read_text("utf-8"))
    return value


def _write(folder: Path, name: str, value: Json) -> Path:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path = folder / f"{name}.json.zst"
    path.write_bytes(zstandard.ZstdCompressor(level=19).compress(text.encode()))
    return path


if __name__ == "__main__":
    main()
