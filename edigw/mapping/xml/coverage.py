"""How much of a UBL document a binding reads and writes: the elements inside of each element that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edigw.mapping.xml.content import contents
from edigw.mapping.xml.plan import Body, Node


@dataclass(frozen=True, slots=True)
class Element:
    """An element with others in it. `same_as`: the path of an earlier one of which just the same is used."""

    path: str  # "cac:BuyerCustomerParty/cac:Party"; "" of the document
    name: str  # "cac:Party"
    depth: int
    needed: bool
    many: bool
    used: tuple[str, ...]  # its children, in the order of the schema
    unused: tuple[str, ...]
    same_as: str = ""


def coverage(document: Body) -> list[Element]:
    """Every element that holds others, in the order of the schema, each before those in it. What holds its own kind
    (packages in packages) is listed once."""
    return list(_walk(document.element, [document], "", 0, True, False, {}))


def _walk(
    name: str, bodies: list[Body], path: str, depth: int, needed: bool, many: bool, seen: dict[str, str]
) -> Iterator[Element]:
    """`bodies`: those of all nodes of one name at one place; rules tell them apart by what stands in them."""
    known = contents()[name]
    nodes: dict[str, list[Node]] = {}
    for body in bodies:
        for node in body.nodes:
            nodes.setdefault(node.name, []).append(node)
    used, unused = (tuple(n for n in known if (n in nodes) is wanted) for wanted in (True, False))
    mark = f"{name} {_signature(bodies, frozenset())}"
    same_as = seen.get(mark, "")
    yield Element(path, name, depth, needed, many, used, unused, same_as)
    if same_as:
        return
    seen[mark] = path
    for child in used:
        if child in contents():
            inner = f"{path}/{child}" if path else child
            facts = known[child]
            below = [node.body for node in nodes[child]]
            yield from _walk(child, below, inner, depth + 1, facts.needed, facts.many, seen)


def _signature(bodies: list[Body], above: frozenset[int]) -> str:
    """What is used in an element and below, as a text."""
    below: dict[str, list[Body]] = {}
    for body in bodies:
        if id(body) not in above:
            for node in body.nodes:
                below.setdefault(node.name, []).append(node.body)
    within = above.union(map(id, bodies))
    return "(" + " ".join(f"{name}{_signature(inner, within)}" for name, inner in sorted(below.items())) + ")"
