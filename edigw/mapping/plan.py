"""A binding resolved against a directory: what the generators turn into code.

A *scope* is an item of the document together with the group, loop or segment it lives in; it becomes one reader
and one writer function. An *instance* is one kind of segment or group at one place under one set of conditions; all
rules that name the same instance share it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from edigw.directory.model import LoopUse, Row, SegmentUse
from edigw.mapping.codecs import Codec
from edigw.mapping.lists import ListCodec
from edigw.mapping.places import Place, SegmentPlaces
from edigw.mapping.runtime import GroupCount
from edigw.mapping.totals import TotalCheck
from edigw.mapping.views import Derivation


@dataclass(frozen=True, slots=True)
class Condition:
    """A place holds one of the codes ("" stands for absence)."""

    place: Place
    codes: tuple[str, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        return (*self.place.key, self.codes)


@dataclass(eq=False, slots=True)
class ValueRule:
    """A field of the item at a place, or at several that one codec takes together."""

    id: str
    field: str
    places: list[Place]
    codec: Codec
    default: str | None = None  # written where the document says nothing
    needs: tuple[str, ...] = ()  # written only if one of these fields is, too
    key: bool = False  # says what the item is: unreadable key, unread item
    also: bool = False  # a second place of the field: read, not written
    alternative: bool = False  # the field is read at several places
    copy: bool = False  # a second place of the field: written where the segment is written anyhow


@dataclass(eq=False, slots=True)
class ConstRule:
    """A constant: the first value is written, any of them is fine on reading. "" as the first: nothing is written."""

    id: str
    place: Place
    values: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class CountRule:
    """The number of groups in the message."""

    id: str
    place: Place
    total: GroupCount


@dataclass(eq=False, slots=True)
class DeriveRule:
    """Computed from the item by a function of `views`; on reading the value is consumed."""

    id: str
    place: Place
    derivation: Derivation


@dataclass(eq=False, slots=True)
class TotalRule:
    """A total that the sender computed: compared on reading, not written."""

    id: str
    place: Place
    total: TotalCheck


Rule = ValueRule | ConstRule | CountRule | DeriveRule | TotalRule


@dataclass(eq=False, slots=True)
class TextHome:
    """Places of a text in one instance; `runs_on`: and in further segments of the same kind."""

    instance: Instance
    places: list[Place]
    runs_on: bool


@dataclass(eq=False, slots=True)
class Text:
    """A text broken into pieces at blanks, which go into the places of its homes one after the other."""

    field: str
    width: int
    homes: list[TextHome]

    def before(self, home: int) -> int:
        """How many pieces stand in the homes before this one."""
        return sum(len(other.places) for other in self.homes[:home])

    @property
    def capacity(self) -> int:
        return sum(len(home.places) * (home.instance.row.max if home.runs_on else 1) for home in self.homes)


@dataclass(eq=False, slots=True)
class SlotHome:
    """Positions for items of a list in one instance."""

    instance: Instance
    bases: list[int]  # element positions where a slot begins
    conditions: dict[int, tuple[str, ...]]  # by offset: only these items belong here


@dataclass(eq=False, slots=True)
class Slots:
    """A list whose items are spread over positions. Offsets count elements (step) or components."""

    name: str  # of the list
    cls: type
    step: bool
    also: bool = False  # a second place of the list: read, not written
    rules: list[tuple[int, ValueRule | ConstRule]] = field(default_factory=list)  # (offset, rule)
    homes: list[SlotHome] = field(default_factory=list)

    @property
    def values(self) -> list[tuple[int, ValueRule]]:
        return [(offset, rule) for offset, rule in self.rules if isinstance(rule, ValueRule)]


@dataclass(eq=False, slots=True)
class Instance:
    row: Row
    conditions: list[Condition]
    path: str
    order: int
    rules: list[Rule] = field(default_factory=list)
    each: str | None = None  # the list whose items these are
    scope: Scope | None = None  # of groups, and of every `each`
    slots: list[tuple[Slots, int]] = field(default_factory=list)
    texts: list[tuple[Text, int]] = field(default_factory=list)
    codec: ListCodec | None = None  # of a list that is read and written as a whole
    also: bool = False  # a second place of a list: read, not written

    @property
    def tag(self) -> str:
        return self.row.trigger.tag if isinstance(self.row, LoopUse) else self.row.tag

    @property
    def is_group(self) -> bool:
        return isinstance(self.row, LoopUse)

    @property
    def name(self) -> str:
        return self.row.name if isinstance(self.row, LoopUse) else self.row.tag

    @property
    def rank(self) -> tuple[int, int]:
        """Who may take a segment first: the one with more conditions, then the one that stands first."""
        return -len(self.conditions), self.order

    @property
    def many(self) -> bool:
        """Whether several segments of the message can be this one instance."""
        return (
            self.each is not None
            or any(text.homes[home].runs_on for text, home in self.texts)
            or (bool(self.slots) and not self.rules and not self.texts and self.row.max > 1)
        )

    @property
    def writes(self) -> bool:
        """Whether the writer has anything to put here."""
        if self.also:
            return False
        return (
            self.scope is not None
            or self.codec is not None
            or bool(self.texts)
            or any(not slots.also for slots, _ in self.slots)
            or any(not isinstance(r, TotalRule) and not (isinstance(r, ValueRule) and r.also) for r in self.rules)
        )


@dataclass(eq=False, slots=True)
class Scope:
    function: str
    cls: type
    row: LoopUse | SegmentUse | None  # None: the message
    rows: tuple[Row, ...]  # what stands inside, the trigger segment first
    path: str
    implicit: bool = False  # a group on the way: the item is that of the scope around it
    trigger: Instance | None = None
    instances: list[Instance] = field(default_factory=list)
    slots: list[Slots] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)

    @property
    def key(self) -> ValueRule | None:
        """The rule that says what the item is."""
        rules = self.trigger.rules if self.trigger else []
        return next((rule for rule in rules if isinstance(rule, ValueRule) and rule.key), None)


@dataclass(frozen=True, slots=True)
class HierarchyPlan:
    """Loops that name their parent by number: positions in the trigger segment, 0 where there is none."""

    group: str
    id: int
    parent: int
    child: int


@dataclass(eq=False)
class Plan:
    """Everything about a binding in one version."""

    root: Scope
    scopes: list[Scope]
    hierarchy: HierarchyPlan | None
    segments: dict[str, SegmentPlaces]
    repeats: bool  # elements of the message can repeat (syntax 4, X12 from 00402)

    @cached_property
    def counted(self) -> frozenset[str]:
        """Tags of the segments that hold a count of groups."""
        instances = [one for scope in self.scopes for one in (scope.trigger, *scope.instances) if one is not None]
        return frozenset(one.tag for one in instances if any(isinstance(rule, CountRule) for rule in one.rules))
