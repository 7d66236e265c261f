"""A compiled binding as a flat list: which field of the document goes with which place of the message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from edigw.mapping.places import Place
from edigw.mapping.plan import ConstRule, CountRule, DeriveRule, Instance, Plan, Scope, ValueRule

Role: TypeAlias = Literal["value", "constant", "count", "derived", "total", "condition", "list"]


@dataclass(frozen=True, slots=True)
class Bound:
    """One place that a rule uses. `field` is the path in the document ("lines.price"), "" where the rule has none;
    `location` the place as losses name it ("SG25/SG28/PRI/5118"); `segment` the path of its segment
    ("SG25/SG28/PRI"). `element` and `component` count from 1; both are None for a list, and `element` is 0 where a
    codec of lists takes the whole segment."""

    role: Role
    rule: str  # the rule's own id, "" of a condition
    field: str
    location: str
    segment: str
    element: int | None = None
    component: int | None = None

    @property
    def tag(self) -> str:
        return self.segment.rpartition("/")[2]


def outline(plan: Plan) -> tuple[Bound, ...]:
    """Every place that the rules of a plan use, in the order of the rules. What a level contains of its own kind
    (packages in packages) is listed once."""
    return tuple(dict.fromkeys(_scope(plan, plan.root, "", frozenset())))


def _scope(plan: Plan, scope: Scope, above: str, within: frozenset[int]) -> Iterator[Bound]:
    if id(scope) in within:
        return
    within |= {id(scope)}
    for instance in ([scope.trigger] if scope.trigger else []) + scope.instances:
        yield from _instance(plan, instance, above)
        if instance.scope is None:
            continue
        if instance.each is None:
            yield from _scope(plan, instance.scope, above, within)
        else:
            name = f"{above}{instance.each}"
            yield Bound("list", instance.each, name, instance.path, _segment(instance))
            yield from _scope(plan, instance.scope, f"{name}.", within)


def _segment(instance: Instance) -> str:
    return f"{instance.path}/{instance.tag}" if instance.is_group else instance.path


def _instance(plan: Plan, instance: Instance, above: str) -> Iterator[Bound]:
    segment = _segment(instance)
    places = plan.segments.get(instance.tag)

    def bound(role: Role, rule: str, field: str, place: Place) -> Bound:
        label = places.label(place) if places else instance.tag
        upper = segment.rpartition("/")[0]
        component = None if place.component is None else place.component + 1
        return Bound(role, rule, field, f"{upper}/{label}" if upper else label, segment, place.element, component)

    for condition in instance.conditions:
        if not instance.is_group or instance.scope is None:
            yield bound("condition", "", "", condition.place)
    for rule in instance.rules:
        if isinstance(rule, ValueRule):
            for place in rule.places:
                yield bound("value", rule.id, f"{above}{rule.field}", place)
        elif isinstance(rule, ConstRule):
            yield bound("constant", rule.id, "", rule.place)
        elif isinstance(rule, CountRule):
            yield bound("count", rule.id, "", rule.place)
        elif isinstance(rule, DeriveRule):
            yield bound("derived", rule.id, "", rule.place)
        else:
            yield bound("total", rule.id, "", rule.place)
    for text, index in instance.texts:
        for place in text.homes[index].places:
            yield bound("value", text.field, f"{above}{text.field}", place)
    for slots, index in instance.slots:
        yield Bound("list", slots.name, f"{above}{slots.name}", segment, segment)
        for base in slots.homes[index].bases:
            for offset, slot_rule in slots.rules:
                field = f"{above}{slots.name}.{slot_rule.field}" if isinstance(slot_rule, ValueRule) else ""
                role: Role = "value" if field else "constant"
                plain = places is not None and not places.elements[base - 1].components
                part = None if plain else offset
                inner = Place(base + offset, None, None, False) if slots.step else Place(base, part, None, False)
                yield bound(role, slot_rule.id, field, inner)
    if instance.codec is not None:
        yield Bound("list", str(instance.each), f"{above}{instance.each}", instance.path, segment, 0)
