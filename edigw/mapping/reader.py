"""Plan to program text: one function a scope that reads a group or segment into an item of the document.

Per group there is one pass over its children. A child goes to the first instance, by rank, whose conditions it meets;
values that no rule looks at are reported. The functions have the form `read_N(item, d, lost, checks)`: the loop or
segment, the struct to fill, the report, and the counts to compare when everything is read.
"""

from __future__ import annotations

from edigw.directory.model import LoopUse
from edigw.mapping.loss import Reason
from edigw.mapping.places import Place
from edigw.mapping.plan import (
    Condition,
    ConstRule,
    CountRule,
    DeriveRule,
    Instance,
    Plan,
    Rule,
    Scope,
    SlotHome,
    Slots,
    TotalRule,
    ValueRule,
)
from edigw.mapping.runtime import Used
from edigw.mapping.source import Source

_SERVICE = ("UNH", "UNT", "ST", "SE")


def value_at(place: Place) -> str:
    """An expression for the text at a place. A simple element is in the variable e<position>; of a composite the
    components are in the list c<position>, and m<position> is their number."""
    element, part = place.key
    if part is None:
        return f"e{element}"
    return f"(c{element}[{part}] if m{element} > {part} else '')" if part else f"c{element}[0]"


def _raw_value_at(place: Place) -> str:
    """As `value_at`, while the element is in the variable e<position> as it was sent."""
    element, part = place.key
    if part is None:
        return f"e{element}"
    if part:
        return f"(e{element}[{part}] if type(e{element}) is list and len(e{element}) > {part} else '')"
    return f"(e{element} if type(e{element}) is str else e{element}[0])"


def _more(components: str, number: str, parts: frozenset[int]) -> list[str]:
    """Tests of which one is true if a composite holds something beside the `parts` that rules look at."""
    top = max(parts)
    gaps = [f"{number} > {gap} and {components}[{gap}]" for gap in range(top) if gap not in parts]
    return [f"{number} > {top + 1}", *gaps]


def _unknown(key: ValueRule) -> str:
    """Why an item can't be read whose key can't."""
    text = f"{key.id} is not known"
    return Reason(text, key.codec.unknown.code_list) if key.codec.unknown else text


class ReaderGenerator:
    """Writes the readers of all scopes of a plan into a Source."""

    def __init__(self, plan: Plan, out: Source) -> None:
        self.plan = plan
        self.out = out

    def generate(self) -> None:
        for scope in self.plan.scopes:
            self._function(scope)

    def _function(self, scope: Scope) -> None:
        out = self.out
        with out.block(f"def read_{scope.function}(item, d, lost, checks):"):
            if scope.trigger is not None:
                out("s = item[0]" if self._is_loop(scope) else "s = item")
                out("n = len(s)")
                self._segment(scope, scope.trigger, frozenset())
                if not self._is_loop(scope):
                    return
            ordered = sorted(scope.instances, key=lambda instance: instance.rank)
            for index, instance in enumerate(ordered):
                if not instance.many:
                    out(f"seen{index} = False")
            segments = [(n, i) for n, i in enumerate(ordered) if not i.is_group]
            groups = [(n, i) for n, i in enumerate(ordered) if i.is_group]
            with out.block("for s in item[1:]:" if scope.trigger is not None else "for s in item:"):
                with out.block("if type(s) is Loop:"):
                    out("t = s.name")
                    self._dispatch(scope, groups)
                with out.block("else:"):
                    out("t = s[0]")
                    self._dispatch(scope, segments)

    @staticmethod
    def _is_loop(scope: Scope) -> bool:
        return scope.row is None or isinstance(scope.row, LoopUse)

    def _dispatch(self, scope: Scope, instances: list[tuple[int, Instance]]) -> None:
        out = self.out
        names = list(dict.fromkeys(instance.name for _, instance in instances))
        word = "if"
        for name in names:
            with out.block(f"{word} t == {name!r}:"):
                self._choose(scope, [(n, i) for n, i in instances if i.name == name])
            word = "elif"
        skip = f"elif t not in {_SERVICE!r}:" if scope.row is None else "else:"
        if word == "if":
            skip = skip.replace("elif", "if") if scope.row is None else "if True:"
        with out.block(skip):
            out(f"whole(s, {scope.path!r}, lost)")

    def _choose(self, scope: Scope, instances: list[tuple[int, Instance]]) -> None:
        """The branch for one segment tag or group name: who takes it?"""
        out = self.out
        tested = {c.place.element for _, instance in instances for c in instance.conditions}
        group = instances[0][1].is_group
        if tested and group:
            out("h = s[0]")
        head = "h" if group else "s"
        if tested or not group:
            out(f"n = len({head})")
        for element in sorted(tested):
            out(f"e{element} = {head}[{element}] if n > {element} else ''")
        word = "if"
        for index, instance in instances:
            tests = [self._test(condition) for condition in instance.conditions]
            if not instance.many:
                tests.append(f"not seen{index}")
            condition = " and ".join(tests)
            if not condition and word == "if":
                self._take(index, instance, loaded=frozenset() if group else frozenset(tested))
                return
            with out.block(f"{word} {condition}:" if condition else "else:"):
                self._take(index, instance, loaded=frozenset() if group else frozenset(tested))
            if not condition:
                return
            word = "elif"
        with out.block("else:"):
            out(f"whole(s, {scope.path!r}, lost)")

    @staticmethod
    def _test(condition: Condition) -> str:
        value = _raw_value_at(condition.place)
        if condition.codes == ("",):
            return f"not {value}"
        if len(condition.codes) == 1:
            return f"{value} == {condition.codes[0]!r}"
        return f"{value} in {condition.codes!r}"

    def _take(self, index: int, instance: Instance, loaded: frozenset[int]) -> None:
        """Read the segment or group `s`. `loaded`: the elements that are in variables, if it is a segment."""
        out = self.out
        if not instance.many:
            out(f"seen{index} = True")
        scope = instance.scope
        if instance.codec is not None:
            if instance.is_group:
                with out.block("for other in s[1:]:"):
                    out(f"whole(other, {instance.path!r}, lost)")
                out("s = s[0]")
            path = instance.path.rpartition("/")[0]
            out(f"d.{instance.each} += {out.constant(instance.codec.read, 'items')}(s, {path!r}, lost)")
            return
        if scope is None:
            if instance.is_group:  # a text in the trigger segments of groups
                with out.block("for other in s[1:]:"):
                    out(f"whole(other, {instance.path!r}, lost)")
                out("s = s[0]")
                out("n = len(s)")
            self._segment(None, instance, loaded)
            return
        if instance.each is None:
            out(f"read_{scope.function}(s, d, lost, checks)")
            return
        out(f"y = {out.constant(scope.cls, 'c')}()")
        key = scope.key
        if key is not None:
            out("mark = len(lost)")
        out(f"read_{scope.function}(s, y, lost, checks)")
        if key is None:
            out(f"d.{instance.each}.append(y)")
            return
        head = "s[0]" if instance.is_group else "s"
        place = key.places[0]
        with out.block(f"if y.{key.field} is None and cell({head}, {place.element}, {place.component}):"):
            out("del lost[mark:]")
            path = instance.path.rpartition("/")[0]
            out(f"whole(s, {path!r}, lost, 'unreadable', {out.literal(_unknown(key))})")
        with out.block("else:"):
            out(f"d.{instance.each}.append(y)")

    # one segment

    def _segment(self, scope: Scope | None, instance: Instance, loaded: frozenset[int]) -> None:
        """Read the segment `s` of length `n` into `d`. The elements `loaded` are in variables."""
        out = self.out
        used = self._used(scope, instance)
        for element in sorted(set(used) - self._slotted(instance)):
            if element not in loaded:
                out(f"e{element} = s[{element}] if n > {element} else ''")
            self._settle(element, used[element], instance)
        for rule in instance.rules:
            self._rule(rule, instance)
        for text, index in instance.texts:
            pieces = [value_at(place) for place in text.homes[index].places]
            out(f"v = ' '.join([x for x in ({', '.join(pieces)},) if x])" if len(pieces) > 1 else f"v = {pieces[0]}")
            with out.block("if v:"):
                out(f"d.{text.field} = v if d.{text.field} is None else f'{{d.{text.field}}} {{v}}'")
        if any(not slots.step for slots, _ in instance.slots):
            out("more = False")
        for slots, index in instance.slots:
            self._slots(slots, slots.homes[index], instance)
        self._rest(instance, used)

    def _settle(self, element: int, parts: frozenset[int] | None, instance: Instance) -> None:
        """What is in the variable of an element: the text of a simple one, else also the list of its components."""
        out = self.out
        location = f"{instance.path}/{element:02d}"
        if not self._is_composite(element, instance):
            with out.block(f"if type(e{element}) is not str:"):
                out(f"e{element} = plain(e{element}, {location!r}, lost, s)")
        else:
            out(f"c{element} = {self._components(f'e{element}', location)}")
            out(f"m{element} = len(c{element})")

    @staticmethod
    def _components(element: str, location: str) -> str:
        """An expression for the components of an element in a variable."""
        other = f"[{element}] if type({element}) is str else first({element}, {location!r}, lost, s)"
        return f"{element} if type({element}) is list else {other}"

    def _is_composite(self, element: int, instance: Instance) -> bool:
        elements = self.plan.segments[instance.tag].elements
        return element <= len(elements) and bool(elements[element - 1].components)

    @staticmethod
    def _slotted(instance: Instance) -> set[int]:
        """The elements that nothing but slots looks at; those fetch them themselves, as far as the segment goes."""
        places = [condition.place for condition in instance.conditions]
        for rule in instance.rules:
            places += rule.places if isinstance(rule, ValueRule) else [rule.place]
        for text, index in instance.texts:
            places += text.homes[index].places
        elements: set[int] = set()
        for slots, index in instance.slots:
            width = max(offset for offset, _ in slots.rules) + 1 if slots.step else 1
            elements.update(base + n for base in slots.homes[index].bases for n in range(width))
        return elements - {place.element for place in places}

    def _used(self, scope: Scope | None, instance: Instance) -> Used:
        used: dict[int, set[int] | None] = {}

        def use(place: Place) -> None:
            if place.component is None:
                used[place.element] = None
            else:
                parts = used.setdefault(place.element, set())
                if parts is not None:
                    parts.add(place.component)

        for condition in instance.conditions:
            use(condition.place)
        for rule in instance.rules:
            for place in rule.places if isinstance(rule, ValueRule) else [rule.place]:
                use(place)
        for text, index in instance.texts:
            for place in text.homes[index].places:
                use(place)
        for slots, index in instance.slots:
            for base in slots.homes[index].bases:
                for offset, _ in slots.rules:
                    if slots.step:
                        used[base + offset] = None
                    else:
                        parts = used.setdefault(base, set())
                        if parts is not None:
                            parts.add(offset)
        hierarchy = self.plan.hierarchy
        if hierarchy and scope is not None and isinstance(scope.row, LoopUse) and scope.row.name == hierarchy.group:
            used.update({e: None for e in (hierarchy.id, hierarchy.parent, hierarchy.child) if e})
        return {e: None if parts is None else frozenset(parts) for e, parts in used.items()}

    def _label(self, instance: Instance, place: Place) -> str:
        above = instance.path.rpartition("/")[0]
        label = self.plan.segments[instance.tag].label(place)
        return f"{above}/{label}" if above else label

    def _rule(self, rule: Rule, instance: Instance, target: str = "d") -> None:
        if isinstance(rule, ValueRule):
            values = [value_at(place) for place in rule.places]
            self._value(rule, values, target, self._label(instance, rule.places[0]))
        else:
            self._other(rule, value_at(rule.place), self._label(instance, rule.place))

    def _value(self, rule: ValueRule, values: list[str], target: str, location: str) -> None:
        out, codec = self.out, rule.codec
        names = ["v", *(f"w{index}" for index, _ in enumerate(values[1:]))]
        if len(values) > 1:
            for name, value in zip(names, values, strict=True):
                out(f"{name} = {value}")
        with out.block(f"if v := {values[0]}:" if len(values) == 1 else f"if {' or '.join(names)}:"):
            arguments = ", ".join(names)
            if codec.folded is not None:
                with out.block(f"if (x := {out.constant(codec.folded, 'folded')}({arguments})) is not None:"):
                    out(f"lost.append(('folded', {location!r}, v, x, s))")
            if codec.read is None:
                self._assign(rule, "v", target, location)
                return
            with out.block(f"if (x := {out.constant(codec.read, 'decode')}({arguments})) is not None:"):
                self._assign(rule, "x", target, location)
            with out.block("else:"):
                shown = " + ' ' + ".join(names)
                reason = out.literal(codec.unknown or f"not readable as {rule.field}")
                out(f"lost.append(('unreadable', {location!r}, {shown}, {reason}, s))")

    def _assign(self, rule: ValueRule, value: str, target: str, location: str) -> None:
        out = self.out
        field = f"{target}.{rule.field}"
        if not rule.alternative:
            out(f"{field} = {value}")
            return
        with out.block(f"if {field} is None:"):
            out(f"{field} = {value}")
        with out.block(f"elif {field} != {value}:"):
            out(f"lost.append(('unexpected', {location!r}, v, 'differs from the other place', s))")

    def _other(self, rule: ConstRule | CountRule | DeriveRule | TotalRule, value: str, location: str) -> None:
        out = self.out
        if isinstance(rule, CountRule | TotalRule):
            check = out.constant(rule.total, "total")
            with out.block(f"if v := {value}:"):
                out(f"checks.append(({check}, {location!r}, v, s))")
            return
        accepted: tuple[str, ...] | frozenset[str]
        accepted = rule.values if isinstance(rule, ConstRule) else rule.derivation.accepts
        if not accepted:
            return
        with out.block(f"if (v := {value}) and v not in {out.constant(tuple(sorted(accepted)))}:"):
            reason = "not " + " or ".join(sorted(filter(None, accepted)))
            out(f"lost.append(('unexpected', {location!r}, v, {reason!r}, s))")

    def _slots(self, slots: Slots, home: SlotHome, instance: Instance) -> None:
        """One item for each position that holds something."""
        out = self.out
        cls = out.constant(slots.cls, "c")
        with out.block(f"for b in {out.constant(tuple(home.bases))}:"):
            with out.block("if b >= n:"):
                out("break")
            if not slots.step:
                with out.block("if not (e := s[b]):"):
                    out("continue")
                out(f"c = {self._components('e', instance.path)}")
                out("m = len(c)")
            out(f"y = {cls}()")
            for offset, rule in slots.rules:
                place = rule.places[0] if isinstance(rule, ValueRule) else rule.place
                location = self._label(instance, place)
                value = self._slot_value(slots, offset)
                if slots.step:
                    out(f"e = {value}")
                    with out.block("if type(e) is not str:"):
                        out(f"e = plain(e, {location!r}, lost, s)")
                    value = "e"
                if isinstance(rule, ValueRule):
                    self._value(rule, [value], "y", location)
                else:
                    self._other(rule, value, location)
            if not slots.step:
                with out.block(f"if {' or '.join(_more('c', 'm', frozenset(o for o, _ in slots.rules)))}:"):
                    out("more = True")
            key = next(((offset, rule) for offset, rule in slots.values if rule.key), None)
            if key is not None:
                offset, rule = key
                others = [rule for _, rule in slots.values if not rule.key]
                reason = out.literal(_unknown(rule))
                with out.block(f"if y.{rule.field} is None and {self._slot_value(slots, offset)}:"):
                    for other in others:
                        with out.block(f"if y.{other.field} is not None:"):
                            location = self._label(instance, other.places[0])
                            out(f"lost.append(('unreadable', {location!r}, str(y.{other.field}), {reason}, s))")
                    out("continue")
            with out.block(f"if {' or '.join(f'y.{rule.field} is not None' for _, rule in slots.values)}:"):
                out(f"d.{slots.name}.append(y)")

    @staticmethod
    def _slot_value(slots: Slots, offset: int) -> str:
        if not slots.step:
            return f"(c[{offset}] if m > {offset} else '')" if offset else "c[0]"
        return f"(s[b + {offset}] if n > b + {offset} else '')" if offset else "s[b]"

    def _rest(self, instance: Instance, used: Used) -> None:
        """A cheap test whether the segment holds more than the rules looked at; only then it is walked."""
        out = self.out
        last = max(used, default=0)
        slotted = self._slotted(instance)
        tests = ["more"] if any(not slots.step for slots, _ in instance.slots) else []
        tests.append(f"n > {last + 1}")
        for element in range(1, last + 1):
            parts = used.get(element, frozenset())
            if parts is None or element in slotted:
                continue
            if not parts:
                tests.append(f"n > {element} and s[{element}]")
            elif self._is_composite(element, instance):
                tests += _more(f"c{element}", f"m{element}", parts)
        with out.block(f"if {' or '.join(tests)}:"):
            out(f"rest(s, {out.constant(used, 'used')}, {instance.path!r}, lost)")
