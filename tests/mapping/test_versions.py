"""Versions: how they are named, and that a binding means the same in each that it is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from edigw import mapping
from edigw.directory import edifact, packaged, x12
from edigw.documents import DOCUMENTS, decode
from edigw.mapping import Binding, BindingError, registry
from edigw.mapping.choose import allowed_codes
from edigw.mapping.places import Place
from edigw.mapping.plan import ConstRule, Instance, Plan, ValueRule
from edigw.mapping.unmapped import NOTHING_AGREED
from edigw.mapping.versions import all_of, chosen, expanded, spans
from edigw.resources import shipped
from tests.mapping import laws
from tests.mapping.wire import on_the_wire, received

SAME = {  # elements of X12 that were replaced by another of the same meaning
    ("330", "380"),  # quantity ordered, quantity
    ("352", "3"),  # description, free form message
    ("373", "245"),  # date, invoice date
    ("373", "279"),  # date, order change request date
    ("373", "323"),  # date, purchase order date
    ("373", "588"),  # date, acknowledgment date
    ("118", "359"),  # rate, allowance or charge rate
    ("380", "339"),  # quantity, allowance or charge quantity
    ("610", "361"),  # amount, total invoice amount
    ("610", "362"),  # amount, terms discount amount
    ("610", "390"),  # amount, amount subject to terms discount
    ("610", "391"),  # amount, discounted amount due
    ("662", "661"),  # relationship code, configuration code: I is included in both
}


MESSAGES: defaultdict[str, set[str]] = defaultdict(set)
FAR: list[tuple[str, str]] = []
for _name in mapping.bindings():
    _entry = registry.adapted(_name).entry
    _versions = _entry["versions"]
    MESSAGES[_entry["document"]].add(str(_entry["message"]))
    FAR += [(_name, _version) for _version in dict.fromkeys((_versions[1 % len(_versions)], _versions[-1]))]


@pytest.mark.parametrize(
    ("said", "versions"),
    [
        ("D.96A", ["D.96A"]),
        ("D.96A..D.97A", ["D.96A", "D.96B", "D.97A"]),
        ("..D.94A", ["D.93A", "D.94A"]),
        ("D.23A..", ["D.23A", "D.24A"]),
        ("004010..004030", ["004010", "004020", "004030"]),
    ],
)
def test_versions_are_named_one_by_one_or_by_ranges(said: str, versions: list[str]) -> None:
    assert list(expanded(said)) == versions
    assert spans(versions) == ["D.93A..D.94A" if said[0] == "." else "D.23A..D.24A" if said[-1] == "." else said]


@pytest.mark.parametrize("said", ["..", "D.96C..", "D.97A..D.96A", "D.96A..004010"])
def test_what_is_no_range_is_refused(said: str) -> None:
    with pytest.raises(BindingError, match="no range of versions"):
        expanded(said)


def test_the_first_range_that_fits_counts() -> None:
    where: dict[str, object] = {"..D.96A": 1, "D.96B": None, "else": 2}
    assert [chosen(where, version) for version in ("D.93A", "D.96B", "D.01B")] == [1, None, 2]
    assert all_of(["D.96A", "D.95B..D.96B"]) == ["D.96A", "D.95B", "D.96B"]
    assert spans(["D.96A", "mine", "D.95B", "D.01B"]) == ["D.95B..D.96A", "D.01B", "mine"]


@pytest.mark.parametrize("name", mapping.bindings())
@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.soak)])
def test_a_binding_fits_every_version_that_it_is_for_and_means_the_same(name: str, step: int) -> None:
    """Its elements are those of its first version, and the directory has the codes that it writes as constants."""
    entry = registry.adapted(name).entry
    standard, usual = entry["standard"], positions(plan(name, entry["versions"][0]))
    built: set[str] = set()
    for version in entry["versions"][::-1][::step]:
        directory = edifact(version) if standard == "edifact" else x12(version)
        spec = directory.message(str(entry["message"]))
        shape = repr((spec.table, sorted(spec.segments.items())))
        if shape in built:
            continue
        built.add(shape)
        made = plan(name, version)
        for where, place, code in written_constants(made):
            allowed = allowed_codes(directory, place)
            assert allowed is None or code in allowed or not code, (version, where, code)
        if standard == "x12":  # EDIFACT's elements are called by number
            here = positions(made)
            moved = {(usual[place], here[place]) for place in usual.keys() & here.keys() if usual[place] != here[place]}
            assert moved <= SAME, version


def plan(name: str, version: str) -> Plan:
    path = registry._path(name, None)
    return registry._plan(registry.adapted(name), path, version, None, NOTHING_AGREED, None)


def positions(made: Plan) -> dict[tuple[str, int, int | None], str]:
    """The data elements that a binding uses, by segment and position."""
    return {
        (tag, place.element, place.component): place.spec.id
        for tag, places in used(made)
        for place in places
        if place.spec is not None
    }


def instances(made: Plan) -> Iterator[Instance]:
    return (one for scope in made.scopes for one in (scope.trigger, *scope.instances) if one is not None)


def used(made: Plan) -> Iterator[tuple[str, list[Place]]]:
    for one in instances(made):
        yield one.tag, [condition.place for condition in one.conditions]
        for rule in one.rules:
            yield one.tag, rule.places if isinstance(rule, ValueRule) else [rule.place]


def written_constants(made: Plan) -> Iterator[tuple[str, Place, str]]:
    for one in instances(made):
        for condition in one.conditions if one.writes else ():
            yield one.path, condition.place, condition.codes[0]
        for rule in one.rules:
            if isinstance(rule, ConstRule):
                yield f"{one.path} {rule.id}", rule.place, rule.values[0]


def test_every_version_of_a_standard_is_served_from_its_first_directory_to_its_last() -> None:
    """Of those that have the message: what partners still send is older and younger than what guides say."""
    for name, message, standard, since in (
        ("order/ORDERS", "ORDERS", "edifact", "D.93A"),
        ("invoice/INVOIC", "INVOIC", "edifact", "D.93A"),
        ("despatch/DESADV", "DESADV", "edifact", "D.93A"),
        ("order/850", "850", "x12", "003040"),
        ("despatch/856", "856", "x12", "003040"),
    ):
        directory = edifact if standard == "edifact" else x12
        have = [version for version in packaged.versions(standard) if message in directory(version).messages()]
        assert have[0] == since
        assert set(have) == set(registry.adapted(name).entry["versions"])


@pytest.mark.parametrize(("name", "version"), FAR)
def test_golden_documents_are_valid_and_the_same_in_a_version_far_away(name: str, version: str) -> None:
    binding = mapping.binding(name, version)
    documents = list(golden(binding.document))
    assert documents
    for document in documents:
        check(binding, document)


@pytest.mark.soak
@pytest.mark.parametrize("name", mapping.bindings())
def test_golden_documents_are_valid_and_the_same_in_every_version(name: str) -> None:
    entry = registry.adapted(name).entry
    for version in entry["versions"]:
        binding = mapping.binding(name, version)
        for document in golden(entry["document"]):
            check(binding, document)


def check(binding: Binding, document: Any) -> None:
    field, said = registry.condition(binding.standard, binding.message, binding.version, binding.document)
    if field and (getattr(document, field) is not None) is not said:
        return
    message = received(on_the_wire(binding, binding.write(document)[0]))
    assert message.valid, (binding.version, [finding.text for finding in message.findings])
    laws.check_round_trip(binding, document, arranged=binding.standard == "edifact")


def golden(kind: str) -> Iterator[Any]:
    """The documents of a kind among the samples."""
    samples = shipped("samples")
    for path in sorted([*samples.glob("golden/*.document.json"), *samples.glob("scenarios/*/document.json")]):
        stem = path.name.partition(".")[0]
        beside = path.parent.glob(f"{stem}.*" if path.parent.name == "golden" else "*")
        messages = {other.suffix[1:] or other.name for other in beside}
        if messages & MESSAGES[kind]:
            yield decode(path.read_bytes(), DOCUMENTS[kind])
