"""Whether the documents that the laws are tried on reach every rule: a field counts if it is read back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from edigw import mapping
from edigw.mapping import hierarchy, runtime
from edigw.mapping.analysis.outline import outline
from tests.mapping import ordinary
from tests.mapping.test_laws import USUAL

SEEDS = range(40)
_NUMBERED = {"numbered.text": "written as a note", "lines.numbered.text": "written as a note"}
READ_ONLY = {  # what is read from partners, and written in another place
    "despatch/DESADV": {
        "units.": "what is said of packages counted together, beyond their weight, is written as a level"
    },
    "despatch/856": {
        "lines": "packages and items below the shipment, without an order",
        "packages": "packages and items below the shipment, without an order",
        "orders.lines.packages": "packages below their item",
        "orders.packages.orders": "orders below their packages",
        "orders.packages.lines.packages": "packages below their item",
    },
    "receipt/RECADV": {"units.": "as in a despatch advice"},
    "receipt/861": {"orders": "an order of all that was received is written with each line"},
    "transport/214": {
        "loops.orders": "written as a reference",
        "others": "written as references (L11)",
        "sscc": "written in the loop of the goods",
        "tracking": "written in the loop of the goods",
    },
    "invoice/810": {
        "numbered": "written as references (REF) and notes (NTE)",
        "carriage.reference": "written as a reference (REF)",
    },
    "order/850": {**_NUMBERED, "lines.components.numbered": "a component has no date with its references"},
    "order/860": {**_NUMBERED, "lines.components.numbered": "a component has no date with its references"},
    "order/855": _NUMBERED,
    "order/865": _NUMBERED,
}


def once(path: str) -> str:
    """A path with packages in packages as packages."""
    steps: list[str] = []
    for step in path.split("."):
        if [step] != steps[-1:]:
            steps.append(step)
    return ".".join(steps)


def said(item: Any, above: str = "") -> set[str]:
    """The paths of the fields that say something."""
    found: set[str] = set()
    for name in item.__struct_fields__:
        value = getattr(item, name)
        if value is not None and value != []:
            path = once(f"{above}{name}")
            found.add(path)
            for one in value if isinstance(value, list) else ():
                found |= said(one, f"{path}.") if isinstance(one, msgspec.Struct) else set()
    return found


def read_by_rules(binding: mapping.Binding, document: Any) -> Any:
    """What the rules read of the message that they wrote, in the shape that they know."""
    tree, _ = binding.write_tree(document)
    plan = binding.plan
    tree = runtime.spread(tree) if plan.repeats else tree
    if plan.hierarchy is not None:
        tree = hierarchy.nest(tree, plan.hierarchy, [])
    shape = plan.root.cls()
    binding._read(tree, shape, [], [])
    return shape


@pytest.mark.parametrize(("name", "version"), USUAL)
def test_every_rule_is_reached_but_those_that_only_read(name: str, version: str) -> None:
    binding = mapping.binding(name, version)
    bound = {once(one.field) for one in outline(binding.plan) if one.field}
    reached: set[str] = set()
    for seed in SEEDS:
        reached |= said(read_by_rules(binding, ordinary.made(binding.document, seed)))
    missing = bound - reached
    exempt = tuple(READ_ONLY.get(name, ()))
    assert {path for path in missing if not path.startswith(exempt)} == set()
    assert [start for start in exempt if not any(path.startswith(start) for path in missing)] == []
