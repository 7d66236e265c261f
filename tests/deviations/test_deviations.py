"""Every deviation that is survived, and what becomes of it: tree, notes, verdict and acknowledgement."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from edigw.syntax import RULES

from .outcome import CASES, HERE, expected_file, outcomes

RULE_LIST = Path(os.environ.get("EDIGW_REFERENCE", HERE.parents[2] / "shared" / "reference")) / "exchange-rules.md"


@pytest.mark.parametrize("name", CASES)
def test_each_deviation_has_its_outcome(name: str) -> None:
    """By default and under each agreement, the whole outcome is what was reviewed."""
    assert outcomes(name) + "\n" == expected_file(name).read_text()


def test_every_file_is_a_case() -> None:
    """No file lies about unused, none is missing."""
    files = {path.name for path in (HERE / "cases").iterdir() if path.name != ".gitattributes"}
    assert files == set(CASES) == {path.name.removesuffix(".txt") for path in (HERE / "expected").iterdir()}


def test_every_tolerance_is_rejected_by_an_agreement() -> None:
    """Each tolerance occurs in a case, with its note, and is turned into a rejection there."""
    agreed = [agreement for case in CASES.values() for agreement in case.get("agreements", ())]
    turned = {key for agreement in agreed for key in agreement.get("tolerances", ())}
    tolerances = {code for code, rule in RULES.items() if rule.kind == "tolerance"}
    assert turned == tolerances - {"fallback_charset"}  # which is a setting first
    text = "".join(expected_file(name).read_text() for name in CASES)
    assert set(re.findall(r"  note (\w+) ", text)) >= tolerances


@pytest.mark.skipif(not RULE_LIST.is_file(), reason="the facts are not beside the repository")
def test_every_row_of_the_list_has_a_case() -> None:
    """The list of deviations to survive, row by row."""
    section = RULE_LIST.read_text().split("## 13. Deviations to survive")[1].split("## 14.")[0]
    rows = {row.strip(" .\n") for row in section.strip().split("\n\n", 1)[1].split(" · ")}
    named = {case["row"] for case in CASES.values()}
    assert {_bare(row) for row in rows} == {_bare(row) for row in named if not row.startswith("(")}


def _bare(row: str) -> str:
    """A row without what the list says about its default."""
    return re.sub(r" \((default )?(reject|only|split)[^)]*\)", "", row)
