"""What X12 and EDIFACT both say: the bindings and code lists carry it, or `crosswalk/not_carried.csv` tells why not.

`crosswalk/fields.txt`: under a pair of bindings, a field with its places in both messages; "-" where one has none, and
`#id` for a rule without a field. `crosswalk/codes.txt`: under a code list, `X=E` for an X12 and an EDIFACT code that
stand for each other, `X>E` and `X<E` for those that pass in one direction only.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from edigw import mapping
from edigw.mapping.analysis.outline import outline
from edigw.mapping.codes import code_list

FACTS = Path(__file__).parent / "crosswalk"
_FACT = re.compile(r"(\w*)([=<>])(\w*)").fullmatch
_IN_CANONICAL = {"line_status": "/", "shipment_statuses": "@"}  # what follows it says more than the EDIFACT code


def sections(name: str) -> dict[str, list[str]]:
    """The lines below each head in brackets."""
    found: dict[str, list[str]] = {}
    for line in (FACTS / name).read_text("utf-8").splitlines():
        if line.startswith("["):
            below = found.setdefault(line.strip("[]"), [])
        else:
            below.append(line)
    return found


FIELDS, CODES = sections("fields.txt"), sections("codes.txt")


@cache
def places(binding: str) -> frozenset[tuple[str, str]]:
    version = "D.96A" if binding.partition("/")[2].isalpha() else "004010"
    bound = outline(mapping.binding(binding, version).plan)
    return frozenset((one.field or f"#{one.rule}", one.location) for one in bound)


@pytest.mark.parametrize("pair", FIELDS)
def test_every_field_is_bound_where_both_standards_have_it(pair: str) -> None:
    edifact, x12 = pair.split()
    missing = []
    for fact in FIELDS[pair]:
        left, right = fact.split(" = ")
        field, _, place = left.partition(" ")
        if left != "-" and (field, place) not in places(edifact):
            missing.append(f"{edifact}: {left}")
        named = right if " " in right else f"{field} {right}"
        if right != "-" and tuple(named.split(" ")) not in places(x12):
            missing.append(f"{x12}: {named}")
    assert missing == []


def passes(name: str, x12: str, edifact: str, back: bool) -> bool:
    """Whether an X12 code becomes an EDIFACT code, or it that (`back`), in some version of both that has them."""

    def said(canonical: str) -> str:
        return canonical.partition(_IN_CANONICAL[name])[0] if name in _IN_CANONICAL else canonical

    for ours, theirs in product(
        (code_list(name, "x12", version) for version in ("004010", "005010")),
        [code_list(name, "edifact", version) for version in ("D.96A", "D.01B")],
    ):
        if back:
            wanted = theirs.read.get(edifact, edifact)
            if any(code == x12 and said(canonical) == wanted for canonical, code in ours.write.items()):
                return True
        elif x12 in ours.read and edifact in ("", theirs.write.get(said(ours.read[x12]), said(ours.read[x12]))):
            return True
    return False


@pytest.mark.parametrize("name", CODES)
def test_every_code_passes_into_the_one_that_means_the_same(name: str) -> None:
    wrong = []
    for fact in " ".join(CODES[name]).split():
        found = _FACT(fact)
        assert found is not None, fact
        x12, sign, edifact = found.groups()
        if sign in "=>" and not passes(name, x12, edifact, back=False):
            wrong.append(fact)
        if sign in "=<" and not passes(name, x12, edifact, back=True):
            wrong.append(fact)
    assert wrong == []


def not_carried() -> Iterator[dict[str, str]]:
    with (FACTS / "not_carried.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_what_is_not_carried_has_a_reason_and_is_not_carried() -> None:
    rows = list(not_carried())
    assert all(row["reason"] for row in rows)
    stale = []
    for row in rows:
        found = _FACT(row["fact"]) if row["where"] in CODES else None
        if found is None:
            continue
        x12, sign, edifact = found.groups()
        if passes(row["where"], x12, edifact, back=sign == "<"):
            stale.append(row)
    assert stale == []
