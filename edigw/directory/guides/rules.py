"""The rules of a guide that hold in a situation, or between values, held against a message."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from edigw.directory.guides.compile import Compiled, SituationRule
from edigw.directory.guides.instance import Group, Line, Value, fits, groups_of, lines_of, parents, units, values_at
from edigw.directory.guides.locate import Condition, Target
from edigw.directory.guides.segments import described, missing_position
from edigw.directory.guides.values import absent, named
from edigw.directory.guides.verdict import Verdict
from edigw.directory.model import LoopUse
from edigw.directory.places import Place
from edigw.directory.words import cut
from edigw.syntax.findings import Trigger

_LONGEST_NUMBER = 40  # characters


def check_rules(made: Compiled, root: Group, verdict: Verdict) -> None:
    """Every rule, in every occurrence of the group or segment that it is for."""
    for rule in made.rules:
        for scope in _scopes(rule, root):
            if verdict.full:
                return
            _Case(made, rule, scope, verdict).check()


def _scopes(rule: SituationRule, root: Group) -> list[Group]:
    target = rule.scope
    if target is None:
        return [root]
    if isinstance(target.row, LoopUse):
        return groups_of(root, target)
    return [_alone(line) for line in lines_of(root, target)]


def _alone(line: Line) -> Group:
    """A segment as a group of one."""
    return Group(line.tag, line.path, line.position, {line.tag: [line]}, {}, [], line.position, line)


class _Case:
    """A rule in one occurrence of what it is for."""

    def __init__(self, made: Compiled, rule: SituationRule, scope: Group, verdict: Verdict) -> None:
        self.made = made
        self.rule = rule
        self.scope = scope
        self.verdict = verdict
        self.severity = rule.rule.severity
        self.text = f"; {rule.rule.text.rstrip('.')}" if rule.rule.text else ""
        self.conditional = bool(rule.when or rule.unless or rule.scope)

    def check(self) -> None:
        rule = self.rule
        if not all(map(self._stands, rule.when)) or any(map(self._stands, rule.unless)):
            return
        for target in rule.require:
            if not self._stands(target):
                self._missing(target)
        for target in rule.forbid:
            self._surplus(target)
        if rule.same:
            self._same(rule.same)
        if rule.sum is not None and rule.equals is not None:
            self._sum(rule.sum, rule.equals)

    def _trigger(self) -> Trigger | None:
        """What makes the rule apply here: the first of the segments that it names, else that for which it is."""
        for target in self.rule.when:
            for line in self._lines(target):
                places = [place for place in target.places if values_at(line, place)]
                if places or not target.places:
                    return _spot(line, [*places, *(condition.place for condition in target.conditions)])
        first, scope = self.scope.first, self.rule.scope
        if first is None or scope is None:
            return None
        return _spot(first, [condition.place for condition in scope.conditions])

    def _lines(self, target: Target) -> list[Line]:
        """The segments of a location inside of the scope."""
        first = self.scope.first
        if first is not None and self._is_own(target):
            return [first] if all(fits(first, condition) for condition in target.conditions) else []
        return lines_of(self.scope, target)

    def _is_own(self, target: Target) -> bool:
        """Whether a location is the segment that the rule is for, or with which its group begins."""
        scope = self.rule.scope
        return scope is not None and not target.parents and not target.below and target.path == scope.path

    def _stands(self, target: Target) -> bool:
        lines = self._lines(target)
        if not target.places:
            return bool(lines)
        return any(values_at(line, place) for line in lines for place in target.places)

    # ---- what should be there

    def _missing(self, target: Target) -> None:
        own = self.scope.first
        if own is not None and self._is_own(target):
            for condition in target.conditions:
                if not fits(own, condition):
                    self._unfit(own, condition)
                    return
            self._missing_element(own, target.places[0])
            return
        lines = self._lines(target)
        if lines:
            self._missing_element(lines[0], target.places[0])
            return
        homes = [group for group in parents(self.scope, target.parents) if not units(group, target)]
        home = homes[0] if homes else self.scope
        position = missing_position(self.made, target, home) if homes else home.end + 1
        text = f"{described(self.made, target)} is missing{self.text}"
        self.verdict.segment(
            "guide_segment_needed", text, position, target.path, self.severity, trigger=self._trigger()
        )

    def _unfit(self, line: Line, condition: Condition) -> None:
        """The segment stands, but with another value than the rule wants."""
        place = condition.place
        values = values_at(line, place)
        wanted = " or ".join(sorted(condition.codes - {""})) or "empty"
        if not values:
            text = f"{absent(line, place)} is missing; it must be {wanted}{self.text}"
            self.verdict.element("guide_element_needed", text, line, place, self.severity, self._trigger())
            return
        text = f"{named(line, place, values[0].element, values[0].component)}: {cut(values[0].text)} must be {wanted}"
        self._value("guide_code_unused", f"{text}{self.text}", line, place, values[0])

    def _missing_element(self, line: Line, place: Place) -> None:
        text = f"{absent(line, place)} is missing{self.text}"
        self.verdict.element("guide_element_needed", text, line, place, self.severity, self._trigger())

    def _value(self, code: str, text: str, line: Line, place: Place, value: Value) -> None:
        id = place.spec.id if place.spec else ""
        self.verdict.value(code, text, line, value, id, self.severity, about_value=False, trigger=self._trigger())

    # ---- what should not

    def _surplus(self, target: Target) -> None:
        for line in self._lines(target):
            if not target.places:
                text = f"{described(self.made, target)} must not stand here{self.text}"
                self.verdict.segment(
                    "guide_segment_excluded",
                    text,
                    line.position,
                    line.path,
                    self.severity,
                    trigger=self._trigger(),
                )
            for place in target.places:
                for value in values_at(line, place):
                    where = named(line, place, value.element, value.component)
                    text = f"{where}: {cut(value.text)} must not stand here{self.text}"
                    self._value("guide_element_excluded", text, line, place, value)

    # ---- values among each other

    def _found(self, target: Target) -> list[tuple[Line, Place, Value]]:
        return [
            (line, place, value)
            for line in self._lines(target)
            for place in target.places
            for value in values_at(line, place)
        ]

    def _same(self, targets: Sequence[Target]) -> None:
        """Whatever of these stands must be equal to the first that does."""
        found = [each for target in targets for each in self._found(target)]
        for line, place, value in found[1:]:
            first = found[0][2].text
            if value.text != first:
                where = named(line, place, value.element, value.component)
                other = named(found[0][0], found[0][1], found[0][2].element, found[0][2].component)
                text = f"{where}: {cut(value.text)} differs from {cut(first)} in {other}{self.text}"
                self._value("guide_relation", text, line, place, value)

    def _sum(self, parts: Target, total: Target) -> None:
        """The total is only judged if it stands, and if everything is a number."""
        stated = self._found(total)
        if not stated:
            return
        line, place, value = stated[0]
        numbers = [_number(each.text, at) for _, at, each in self._found(parts)]
        declared = _number(value.text, place)
        if declared is None or None in numbers:
            return
        counted = sum((number for number in numbers if number is not None), Decimal(0))
        if counted != declared:
            where = named(line, place, value.element, value.component)
            text = f"{where}: {cut(value.text)} is stated, {counted:f} is the sum of {parts.at}{self.text}"
            self._value("guide_relation", text, line, place, value)


def _spot(line: Line, places: Sequence[Place]) -> Trigger:
    """A segment, with the first of the places in it."""
    if not places:
        return Trigger(line.position, line.tag)
    place = places[0]
    number, _ = line.origin(place.element)
    component = None if place.component is None else place.component + 1
    return Trigger(line.position, line.tag, number, component, place.spec.id if place.spec else "")


def _number(text: str, place: Place) -> Decimal | None:
    """A number as its element writes it; X12 N2 has two decimals without a mark. None: it is none."""
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return None
    type = place.spec.type if place.spec else ""
    return number.scaleb(-int(type[1:])) if type[:1] == "N" and type[1:].isdigit() else number
