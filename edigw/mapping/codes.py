"""Code lists between the documents (UN/CEFACT codes) and a standard, from `mappings/codes/*.csv`.

A file has the columns canonical, edifact, x12, direction, releases, meaning. In EDIFACT a code is its own
translation unless the `edifact` column says otherwise; in X12 only what is listed can be translated, because the
same letters often mean something else. `direction` is seen from the document: `read` and `write` rows are
many-to-one and are used in that direction only. `releases` names the versions that have the code, if not all
(`D.93A..D.97A 005010..`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from edigw.mapping.errors import BindingError
from edigw.mapping.versions import all_of
from edigw.resources import shipped

_COLUMNS = ["canonical", "edifact", "x12", "direction", "releases", "meaning"]


@dataclass(frozen=True, slots=True)
class CodeList:
    """Both directions of one list in one version of a standard. `identity`: what is not listed stands for itself."""

    read: Mapping[str, str]
    write: Mapping[str, str]
    identity: bool = False

    def folded(self) -> dict[str, str]:
        """Codes of the standard that don't come back as they were, with the reason."""
        return {
            code: f"read as {canonical}"
            for code, canonical in self.read.items()
            if self.write.get(canonical, canonical if self.identity else None) != code
        }

    def changed(self) -> dict[str, str]:
        """Canonical codes that are read back as another, with the reason."""
        return {
            canonical: f"written as {code}"
            for canonical, code in self.write.items()
            if self.read.get(code, code if self.identity else None) != canonical
        }

    def overridden(self, codes: Mapping[str, str]) -> CodeList:
        """The list with a partner's own codes, {canonical code: partner's code}. They win in both directions; what the
        list had for the same canonical code is still read."""
        read = {**self.read, **{code: canonical for canonical, code in codes.items()}}
        return replace(self, read=read, write={**self.write, **codes})


def code_list_path(name: str, folder: Path | None = None) -> Path:
    """The file of a list, in a folder of bindings (default: the one that ships with the gateway)."""
    return (folder or shipped("mappings")) / "codes" / f"{name}.csv"


@cache
def code_list(name: str, standard: str, version: str, folder: Path | None = None) -> CodeList:
    """The list `name` as one version of a standard has it. Raises BindingError if there is none or a row is wrong."""
    path = code_list_path(name, folder)
    if not path.is_file():
        raise BindingError(f"there is no code list {name!r}")
    read: dict[str, str] = {}
    write: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != _COLUMNS:
            raise BindingError(f"the columns are {', '.join(_COLUMNS)}", str(path), 1)
        for row in rows:
            code = row[standard]
            if not code or (row["releases"] and version not in all_of(row["releases"].split())):
                continue
            if row["direction"] not in ("both", "read", "write"):
                raise BindingError(f"unknown direction {row['direction']!r}", str(path), rows.line_num)
            if row["direction"] != "write" and read.setdefault(code, row["canonical"]) != row["canonical"]:
                raise BindingError(f"{code} is read as two codes", str(path), rows.line_num)
            if row["direction"] != "read" and write.setdefault(row["canonical"], code) != code:
                raise BindingError(f"{row['canonical']} is written as two codes", str(path), rows.line_num)
    made = CodeList(read, write, identity=standard == "edifact")
    unreadable = {code for code in write.values() if code not in read and not made.identity}
    if unreadable:
        raise BindingError(f"written, but not read: {', '.join(sorted(unreadable))}", str(path))
    return made
