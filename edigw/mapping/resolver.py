"""A binding and a directory, made into a plan: every location found, every field and code list known."""

from __future__ import annotations

import re
import types
import typing
from dataclasses import dataclass
from typing import Any

from edigw import documents
from edigw.directory.directory import Directory
from edigw.directory.model import LoopUse, MessageSpec, Row, SegmentUse
from edigw.mapping import codecs, versions
from edigw.mapping.choose import allowed_codes, choose
from edigw.mapping.codesource import CodeSource
from edigw.mapping.errors import BindingError, did_you_mean
from edigw.mapping.groups import group_names, groups_above
from edigw.mapping.identities import IDENTITIES
from edigw.mapping.lists import LISTS
from edigw.mapping.loader import Entry
from edigw.mapping.notation import Location, Step, parse_location, parse_path
from edigw.mapping.places import Place, SegmentPlaces
from edigw.mapping.plan import (
    Condition,
    ConstRule,
    CountRule,
    DeriveRule,
    HierarchyPlan,
    Instance,
    Plan,
    Rule,
    Scope,
    SlotHome,
    Slots,
    Text,
    TextHome,
    TotalRule,
    ValueRule,
)
from edigw.mapping.runtime import GroupCount
from edigw.mapping.shape import check_rule
from edigw.mapping.totals import TotalCheck
from edigw.mapping.views import DERIVATIONS, TOTALS, VIEWS

_LIST_CODECS = {**LISTS, **IDENTITIES}
_EANCOM = re.compile(r"\d{1,2}E", re.ASCII).fullmatch
_GROUP = re.compile(r"SG\d+")
_STEPPED = re.compile(r"(\d+)\.\.(\d+) by (\d+)")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a document class: its type without None; of a list, that of the items."""

    many: bool
    type: Any


def fields(cls: type) -> dict[str, Field]:
    """The fields of a document class."""
    return {name: _field(hint) for name, hint in typing.get_type_hints(cls).items()}


def _field(hint: Any) -> Field:
    if typing.get_origin(hint) is list:
        return Field(True, typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return Field(False, next(arg for arg in typing.get_args(hint) if arg is not type(None)))
    return Field(False, hint)


def renamed(binding: Entry, version: str) -> dict[str, str]:
    """Segments that have another tag in a version: `renamed: {PAT: {D.02B..: PYT}}`."""
    given: dict[str, Any] = binding.get("renamed", {})
    chosen = {tag: versions.chosen(now, version) for tag, now in given.items()}
    return {tag: str(now) for tag, now in chosen.items() if now is not None}


class Resolver:
    """One use: `Resolver(...).plan()`."""

    def __init__(
        self,
        binding: Entry,
        file: str,
        directory: Directory,
        base: MessageSpec,
        message: MessageSpec,
        codes: CodeSource,
    ) -> None:
        self.binding = binding
        self.file = file
        self.directory = directory
        self.message = message
        self.codes = codes
        self.renamed = renamed(binding, directory.version)
        edifact = directory.standard == "edifact"
        self.names = group_names(base.table, message.table, self.renamed) if edifact else None
        self.segments: dict[str, SegmentPlaces] = {}
        self.scopes: list[Scope] = []
        self.shared: dict[Any, Scope] = {}
        self.hierarchy = self._hierarchy()

    def plan(self) -> Plan:
        """Raises BindingError with the line of the rule that is wrong."""
        view = self.binding.get("view")
        cls = VIEWS[view].cls if view else getattr(documents, self.binding["document"])
        root = self._scope(cls, None, self.message.table, "", None)
        self._fill(root, self.binding["rules"])
        for scope in self.scopes:
            self._check_mandatory(scope)
        repeats = any(use.repeat > 1 for spec in self.message.segments.values() for use in spec.elements)
        return Plan(root, self.scopes, self.hierarchy, self.segments, repeats)

    # scopes and instances

    def _scope(
        self, cls: type, row: LoopUse | SegmentUse | None, rows: tuple[Row, ...], path: str, trigger: Instance | None
    ) -> Scope:
        scope = Scope(f"{len(self.scopes)}", cls, row, rows, path, trigger=trigger)
        self.scopes.append(scope)
        return scope

    def _fill(self, scope: Scope, rules: Any) -> None:
        for rule in rules:
            try:
                check_rule(rule)
                self._add(scope, rule)
            except BindingError as error:
                if error.line:
                    raise
                where = rule if isinstance(rule, Entry) else Entry()
                reason = f"rule {where.get('id')!r}: {error.reason}"
                raise BindingError(reason, where.file or self.file, where.line) from None

    def _add(self, scope: Scope, rule: Entry) -> None:
        if self._absent(rule):
            return
        if "slots" in rule:
            self._add_slots(scope, rule)
        elif "each" in rule:
            self._add_each(scope, rule)
        elif rule.get("as") == "wrap":
            self._add_text(scope, rule)
        else:
            self._add_value(scope, rule)

    def _version(self, where: Any) -> str:
        """One location, or the one for this version."""
        if not isinstance(where, dict):
            return str(where)
        found = versions.chosen(where, self.directory.version)
        if found is None:
            raise BindingError(f"no location for {self.directory.version}")
        return str(found)

    def _absent(self, rule: Entry) -> bool:
        """Whether the rule says that this version has no such place: `at: {..D.94B: null, else: …}`."""
        return self._null(rule.get("at", rule.get("in")))

    def _null(self, where: Any) -> bool:
        return isinstance(where, dict) and versions.chosen({"else": "", **where}, self.directory.version) is None

    def _rows(self, loop: LoopUse) -> tuple[Row, ...]:
        """What stands in a loop; in a hierarchy, its own kind at the end."""
        recursive = self.hierarchy is not None and loop.name == self.hierarchy.group
        return (*loop.children, loop) if recursive else loop.children

    def _places(self, tag: str) -> SegmentPlaces:
        if tag not in self.segments:
            if tag not in self.message.segments:
                raise BindingError(f"{tag} is not in {self.message.type} {self.message.version}")
            self.segments[tag] = SegmentPlaces(self.directory, self.message.segments[tag])
        return self.segments[tag]

    def _conditions(self, tag: str, step: Step) -> list[Condition]:
        conditions = []
        for test in step.tests:
            place = self._places(tag).one(test.ref)
            conditions.append(Condition(place, self._writable_first(place, test.codes)))
        return conditions

    def _writable_first(self, place: Place, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Codes with those ahead that this version of the standard has, because the first is written. A code of
        EANCOM's own that stands first ("33E") is meant to be written: the directories of the UN have none of those."""
        allowed = allowed_codes(self.directory, place)
        if allowed is None or not codes[0] or codes[0] in allowed or _EANCOM(codes[0]):
            return codes
        return tuple(sorted(codes, key=lambda code: code not in allowed))

    def _instance(self, scope: Scope, row: Row, conditions: list[Condition], fresh: bool = False) -> Instance:
        trigger = scope.trigger
        if trigger is not None and row is trigger.row:
            return trigger
        keys = [condition.key for condition in conditions]
        for found in scope.instances:
            same = found.row is row and [condition.key for condition in found.conditions] == keys
            if same and found.each is None and not fresh:
                return found
        name = row.name if isinstance(row, LoopUse) else row.tag
        instance = Instance(row, conditions, f"{scope.path}/{name}".lstrip("/"), len(scope.instances))
        scope.instances.append(instance)
        return instance

    def _group_name(self, name: str) -> str:
        """A segment group of the binding's first version as this version numbers it."""
        if self.names is None or not _GROUP.fullmatch(name):
            return name
        if name not in self.names:
            raise BindingError(f"{self.message.type} {self.message.version} has no counterpart of {name}")
        return self.names[name]

    def _counted(self, name: str) -> str:
        """The name of a group, which may be given by its trigger segment, too."""
        groups = [row for row in self.message.table if isinstance(row, LoopUse)]
        return next((row.name for row in groups if row.trigger.tag == name), name)

    def _row(self, scope: Scope, name: str, want_group: bool) -> Row:
        name = self._group_name(self.renamed.get(name, name))
        found = [row for row in scope.rows if (row.name if isinstance(row, LoopUse) else row.tag) == name]
        if not found:  # a group by its trigger segment
            found = [row for row in scope.rows if isinstance(row, LoopUse) and row.trigger.tag == name]
        if not found:
            known = [row.name if isinstance(row, LoopUse) else row.tag for row in scope.rows]
            place = scope.path or f"{self.message.type} {self.message.version}"
            raise BindingError(f"{name} is not in {place}{did_you_mean(name, known)}")
        return next((row for row in found if isinstance(row, LoopUse) is want_group), found[0])

    def _descend(self, scope: Scope, loop: LoopUse, step: Step) -> Scope:
        """Into a group on the way to a location: a scope of the same item."""
        instance = self._instance(scope, loop, self._conditions(loop.trigger.tag, step))
        if instance.scope is None:
            trigger = Instance(loop.trigger, instance.conditions, f"{instance.path}/{loop.trigger.tag}", 0)
            instance.scope = self._scope(scope.cls, loop, self._rows(loop), instance.path, trigger)
            instance.scope.implicit = True
        return instance.scope

    def _locate(self, scope: Scope, location: Location) -> tuple[Scope, Instance]:
        """The instance of a segment, and the scope in which it is written."""
        steps = location.steps
        while True:
            step, rest = steps[0], steps[1:]
            row = self._row(scope, step.name, want_group=bool(rest))
            if isinstance(row, SegmentUse):
                if rest:
                    raise BindingError(f"{step.name} is no group")
                return scope, self._instance(scope, row, self._conditions(row.tag, step))
            if not rest:  # N1[01=ST]/04: the loop's trigger segment
                rest = (Step(row.trigger.tag),)
            elif rest[0].name == row.trigger.tag and rest[0].tests:
                step = Step(step.name, step.tests + rest[0].tests)  # SG7/CUX[6347#1=2]: a condition on the group
                rest = (Step(rest[0].name), *rest[1:])
            scope, steps = self._descend(scope, row, step), rest

    # rules

    def _add_each(self, scope: Scope, rule: Entry) -> None:
        field = fields(scope.cls).get(rule["each"])
        if field is None or not field.many:
            raise BindingError(f"{scope.cls.__name__} has no list {rule['each']!r}")
        scope.bound.add(rule["each"])
        *way, last = parse_path(self._version(rule["in"]))
        home = scope
        for step in way:
            row = self._row(home, step.name, want_group=True)
            if not isinstance(row, LoopUse):
                raise BindingError(f"{step.name} is no group")
            home = self._descend(home, row, step)
        row = self._row(home, last.name, want_group=True)
        tag = row.trigger.tag if isinstance(row, LoopUse) else row.tag
        conditions = self._conditions(tag, last)
        instance = self._instance(home, row, conditions, fresh=True)
        instance.each = rule["each"]
        instance.also = bool(rule.get("also", False))
        if "as" in rule:
            if rule["as"] not in _LIST_CODECS:
                raise BindingError(f"there is no codec of a list {rule['as']!r}")
            instance.codec = _LIST_CODECS[rule["as"]](self.directory, self.codes)
            return
        inner = rule["rules"]
        key = (inner, id(row), tuple(condition.key for condition in conditions)) if isinstance(inner, str) else None
        if key in self.shared:
            instance.scope = self.shared[key]
            return
        if isinstance(row, LoopUse):
            trigger = Instance(row.trigger, conditions, f"{instance.path}/{tag}", 0)
            instance.scope = self._scope(field.type, row, self._rows(row), instance.path, trigger)
        else:
            trigger = Instance(row, conditions, instance.path, 0)
            instance.scope = self._scope(field.type, row, (row,), instance.path, trigger)
        if key is not None:
            self.shared[key] = instance.scope
            if inner not in self.binding.get("sets", {}):
                raise BindingError(f"there is no set {inner!r}")
            inner = self.binding["sets"][inner]["rules"]
        self._fill(instance.scope, inner)

    def _add_value(self, scope: Scope, rule: Entry) -> None:
        self._value(scope, rule, self._version(rule["at"]), also=rule.get("only") == "read")
        for other in rule.get("also", ()):
            self._value(scope, rule, self._version(other), also=True)
        for other in rule.get("copy", ()):
            self._value(scope, rule, self._version(other), copy=True)

    def _value(self, scope: Scope, rule: Entry, where: str, also: bool = False, copy: bool = False) -> None:
        location = parse_location(where)
        _, instance = self._locate(scope, location)
        made = self._rule(rule, scope.cls, self._places(instance.tag), location.ref.name)
        if isinstance(made, ValueRule):
            made.also, made.copy = also, copy
            made.alternative = "also" in rule or "copy" in rule or "only" in rule
            scope.bound.add(made.field)
        instance.rules.append(made)

    def _rule(self, rule: Entry, cls: type, segment: SegmentPlaces, ref: str, inside: int | None = None) -> Rule:
        needs = str(rule["needs"]).split("|") if "needs" in rule else []
        if "const" in rule:
            place = segment.one(ref, inside)
            values = self._writable_first(place, tuple(str(value) for value in rule["const"]))
            return ConstRule(rule["id"], place, values, tuple(needs))
        if "count" in rule:
            group = self._counted(self._group_name(rule["count"]))
            nested = {self.hierarchy.group} if self.hierarchy else set()
            count = GroupCount(group, groups_above(self.message.table, group) | nested)
            return CountRule(rule["id"], segment.one(ref, inside), count)
        if "derive" in rule:
            if rule["derive"] not in DERIVATIONS:
                raise BindingError(f"there is no derivation {rule['derive']!r}")
            return DeriveRule(rule["id"], segment.one(ref, inside), DERIVATIONS[rule["derive"]])
        if "total" in rule:
            if rule["total"] not in TOTALS:
                raise BindingError(f"there is no total {rule['total']!r}")
            place = segment.one(ref, inside)
            return TotalRule(rule["id"], place, TotalCheck(TOTALS[rule["total"]], codecs.total_reader(place.spec)))
        field = fields(cls).get(rule.get("doc", ""))
        if field is None or field.many:
            hint = did_you_mean(str(rule.get("doc")), fields(cls))
            raise BindingError(f"{cls.__name__} has no field {rule.get('doc')!r}{hint}")
        places = segment.find(ref, inside)
        if ref == "2380":
            places = [*places, *segment.find("2379", inside)]
        codec = choose(rule, field.type, places, self.directory, self.codes)
        default = str(rule["default"]) if "default" in rule else None
        allowed = allowed_codes(self.directory, places[-1])
        if allowed is not None and default not in allowed:
            default = None
        return ValueRule(rule["id"], rule["doc"], places, codec, default, tuple(needs), bool(rule.get("key", False)))

    def _add_text(self, scope: Scope, rule: Entry) -> None:
        field = fields(scope.cls).get(rule.get("doc", ""))
        if field is None or field.many or field.type is not str:
            raise BindingError(f"{scope.cls.__name__} has no text {rule.get('doc')!r}")
        scope.bound.add(rule["doc"])
        text = Text(rule["doc"], 0, [])
        where = rule["at"]
        for one in where if isinstance(where, list) else [where]:
            location = parse_location(self._version(one))
            instance = self._text_instance(scope, location)
            places = self._places(instance.tag).find(location.ref.name)
            width = min(place.spec.max for place in places if place.spec is not None)
            text.width = min(text.width or width, width)
            instance.texts.append((text, len(text.homes)))
            text.homes.append(TextHome(instance, places, location.runs_on))
        scope.texts.append(text)

    def _text_instance(self, scope: Scope, location: Location) -> Instance:
        """Where a text goes: a segment of the scope, or the trigger of groups that hold nothing else for the scope."""
        row = self._row(scope, location.steps[0].name, want_group=False)
        if len(location.steps) == 1 and isinstance(row, LoopUse):
            return self._instance(scope, row, self._conditions(row.trigger.tag, location.steps[0]), fresh=True)
        home, instance = self._locate(scope, location)
        if home is not scope:
            raise BindingError("a text stands in its own group")
        return instance

    def _add_slots(self, scope: Scope, rule: Entry) -> None:
        field = fields(scope.cls).get(rule["each"])
        if field is None or not field.many:
            raise BindingError(f"{scope.cls.__name__} has no list {rule['each']!r}")
        scope.bound.add(rule["each"])
        slots: Slots | None = None
        for where in rule["slots"]:
            if self._null(where):
                continue
            location = parse_location(self._version(where))
            home, instance = self._locate(scope, location)
            if home is not scope:
                raise BindingError("slots stand in the segments of their own group")
            segment = self._places(instance.tag)
            stepped = _STEPPED.fullmatch(location.ref.name)
            if stepped:
                bases = list(range(int(stepped[1]), int(stepped[2]) + 1, int(stepped[3])))
            else:
                bases = [place.element for place in segment.find(location.ref.name)]
            if slots is None:
                slots = Slots(rule["each"], field.type, stepped is not None, bool(rule.get("also", False)))
                self._slot_rules(slots, rule["rules"], segment, bases[0])
            conditions = {(segment.one(test.ref, bases[0]).component or 0): test.codes for test in location.ref.tests}
            instance.slots.append((slots, len(slots.homes)))
            slots.homes.append(SlotHome(instance, bases, conditions))
        if slots is None:
            raise BindingError("slots name at least one place")
        scope.slots.append(slots)

    def _slot_rules(self, slots: Slots, rules: Any, segment: SegmentPlaces, base: int) -> None:
        for rule in rules:
            check_rule(rule)
            at = str(rule["at"])
            if slots.step:
                if not (at.isascii() and at.isdigit()):
                    raise BindingError(f"a place of slots is a number, not {at}")
                made = self._rule(rule, slots.cls, segment, f"{base + int(at) - 1:02d}")
            else:
                made = self._rule(rule, slots.cls, segment, at, inside=base)
            if not isinstance(made, ValueRule | ConstRule):
                raise BindingError("slots hold values and constants")
            place = made.places[0] if isinstance(made, ValueRule) else made.place
            slots.rules.append((place.element - base if slots.step else place.component or 0, made))

    # the whole

    def _hierarchy(self) -> HierarchyPlan | None:
        entry = self.binding.get("hierarchy")
        if entry is None:
            return None
        at: dict[str, int] = {}
        for name in ("id", "parent", "child"):
            if name in entry:
                location = parse_location(entry[name])
                at[name] = self._places(location.steps[0].name).one(location.ref.name).element
        return HierarchyPlan(self._group_name(entry["in"]), at["id"], at["parent"], at.get("child", 0))

    def _check_mandatory(self, scope: Scope) -> None:
        """Nothing that the writer makes may lack a mandatory element that no rule fills."""
        for instance in [*scope.instances, *([scope.trigger] if scope.trigger else [])]:
            if not instance.writes or (instance.is_group and instance is not scope.trigger):
                continue
            if instance.each is not None:
                continue
            filled = {condition.place.element for condition in instance.conditions if condition.codes[0]}
            for rule in instance.rules:
                places = rule.places if isinstance(rule, ValueRule) else [rule.place]
                filled.update(place.element for place in places)
            filled.update(place.element for text, n in instance.texts for place in text.homes[n].places)
            for slots, n in instance.slots:
                width = len(slots.rules) if slots.step else 1
                filled.update(base + i for base in slots.homes[n].bases for i in range(width))
            if self.hierarchy and isinstance(scope.row, LoopUse) and scope.row.name == self.hierarchy.group:
                filled.update((self.hierarchy.id, self.hierarchy.parent, self.hierarchy.child))
            for index, use in enumerate(self._places(instance.tag).elements, 1):
                if use.mandatory and index not in filled:
                    raise BindingError(
                        f"{instance.path}: no rule fills the mandatory element {use.id}",
                        self.binding.file or self.file,
                        self.binding.line,
                    )
