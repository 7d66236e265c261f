"""An XML binding, resolved: what the reader and the writer walk through.

A *scope* is an item of the document and what stands for it in the XML. A *body* is an element's inside: its attributes,
its text and its *nodes*, which are the elements in it that rules name. All rules that name the same element under the
same tests share one node. A *place* is where a text stands.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from edigw.mapping.xml.codecs import Codec
from edigw.mapping.xml.items import ItemCodec
from edigw.mapping.xml.notation import Pick, Test


@dataclass(eq=False, slots=True)
class Place:
    """The text of an element, or one of its attributes. `constant`: written where the element is; () if none."""

    name: str  # of the element or attribute
    body: Body
    constant: tuple[str, ...] = ()
    tested: bool = False  # the constant is what a test asks for

    @property
    def first(self) -> str:
        """The constant to write; "" if there is none."""
        return self.constant[0] if self.constant else ""


@dataclass(eq=False, slots=True)
class Body:
    element: str  # whose inside it is: "cac:Party"
    above: Body | None = None  # None: of a document or an item
    attributes: dict[str, Place] = field(default_factory=dict)
    text: Place | None = None
    nodes: list[Node] = field(default_factory=list)  # in the binding's order
    takers: dict[str, list[Node]] = field(default_factory=dict)  # by tag, those that may take it first ahead
    _nodes: tuple[Node, ...] | None = None
    _places: tuple[Place, ...] | None = None

    @property
    def all_nodes(self) -> tuple[Node, ...]:
        """All nodes in it, but not those in the items of its lists. Known once the plan is complete."""
        if self._nodes is None:
            found: list[Node] = []
            for node in self.nodes:
                found += [node] if node.each is not None else [node, *node.body.all_nodes]
            self._nodes = tuple(found)
        return self._nodes

    @property
    def all_places(self) -> tuple[Place, ...]:
        """All places in it, but not those in the items of its lists. Known once the plan is complete."""
        if self._places is None:
            found: list[Place] = []
            for body in [self, *(node.body for node in self.all_nodes if node.each is None)]:
                found += [*body.attributes.values(), *([body.text] if body.text is not None else [])]
            self._places = tuple(found)
        return self._places


@dataclass(eq=False)
class Node:
    """An element inside another. `many`: it may repeat, and each one is an item; `needed`: the schema wants it."""

    name: str
    tag: str
    order: int  # its position in the binding
    many: bool
    needed: bool
    tests: tuple[Test, ...]
    body: Body
    around: Body
    each: Each | None = None

    @cached_property
    def told(self) -> bool:
        """Whether it is written for its constants with the element around it. Known once the plan is complete."""
        text = self.body.text
        constants = [place for place in self.body.all_places if place.first and not place.name.startswith("@")]
        return bool(
            (text is not None and text.first) or any(place.tested for place in constants) or (self.needed and constants)
        )

    @property
    def rank(self) -> tuple[int, int]:
        """Who may take an element first: the one with more tests, then the one that stands first."""
        return -len(self.tests), self.order


@dataclass(eq=False, slots=True)
class Each:
    """The items of a list that stand in a kind of element. `where`: only those of which a field is one of the codes;
    the first one is what is read (None: not said), unless a codec says it. `pick`: the list of one item of another."""

    list: str
    scope: Scope
    where: dict[str, tuple[Any, ...]]
    pick: Pick | None
    owner: type
    codec: ItemCodec | None = None
    also: bool = False  # a second place of the list: read, not written


@dataclass(eq=False, slots=True)
class ValueRule:
    """A field of the item, or of one item of a list, at a place or at several that one codec takes together."""

    id: str
    field: str
    pick: Pick | None
    item: type  # the class that has the field
    places: list[Place]
    codec: Codec
    default: str | None = None
    needs: tuple[str, ...] = ()
    key: bool = False
    also: bool = False  # a second place of the field: read, not written
    currency: bool = False  # of an amount: not said where it is the document's


@dataclass(eq=False)
class Scope:
    cls: type
    body: Body
    rules: list[ValueRule] = field(default_factory=list)
    constants: list[Place] = field(default_factory=list)
    eaches: dict[tuple[tuple[str, str, str] | None, str], list[Node]] = field(default_factory=dict)
    """The nodes of each list, by the item that has it (None: the scope's own) and name; those with a `where` first."""
    bound: set[str] = field(default_factory=set)

    @cached_property
    def picks(self) -> tuple[tuple[str, str, str], ...]:
        """The items that values are written of. This and `joined` are known once the plan is complete."""
        return tuple(dict.fromkeys(rule.pick.key for rule in self.rules if rule.pick is not None and not rule.also))

    @cached_property
    def alone(self) -> frozenset[tuple[str, str, str]]:
        """The picks of one value that is all they say. Known once the plan is complete."""
        written = Counter(rule.pick.key for rule in self.rules if rule.pick is not None and not rule.also)
        return frozenset(key for key, count in written.items() if count == 1) - {key for key, _ in self.eaches if key}

    @cached_property
    def joined(self) -> tuple[tuple[int, ValueRule], ...]:
        """The rules that read several places together, each with its position."""
        return tuple((n, rule) for n, rule in enumerate(self.rules) if len(rule.places) > 1 and not rule.also)
