"""Program text that reads one segment, element by element: for those that are absent nothing is done."""

from __future__ import annotations

from collections.abc import Sequence

from edigw.directory.model import LoopUse
from edigw.mapping.loss import Reason
from edigw.mapping.places import Place
from edigw.mapping.plan import (
    ConstRule,
    CountRule,
    DeriveRule,
    Instance,
    Plan,
    Rule,
    Scope,
    SlotHome,
    Slots,
    Text,
    TotalRule,
    ValueRule,
)
from edigw.mapping.runtime import Used
from edigw.mapping.source import Source


def unknown(key: ValueRule) -> str:
    """Why an item can't be read whose key can't."""
    text = f"{key.id} is not known"
    return Reason(text, key.codec.unknown.code_list) if key.codec.unknown else text


def _places(rule: Rule) -> Sequence[Place]:
    return rule.places if isinstance(rule, ValueRule) else [rule.place]


def _apart(places: Sequence[Place]) -> bool:
    return len({place.element for place in places}) > 1


def _components(element: str, location: str) -> str:
    """An expression for the list of components of an element in a variable."""
    other = f"[{element}] if type({element}) is str else first({element}, {location!r}, lost, s)"
    return f"{element} if type({element}) is list else {other}"


def _part(place: Place, suffix: str = "") -> str:
    """An expression for a component, of which there are m in the list c."""
    part = place.component
    return f"(c{suffix}[{part}] if m{suffix} > {part} else '')" if part else f"c{suffix}[0]"


class SegmentReading:
    """One segment instance while its reader is generated. In the program text the segment is `s`, its length `n`, and
    the item that it fills `d`. `loaded` are elements that are in variables e<position> already, as they were sent.

    An element whose rules need no other is read in a block of its own: `v` is its text, or the list `c` holds the
    components of a composite and `m` is their number. Of the others e<position>, c<position> and m<position> are kept
    until the rules that need several of them are read, in the order of the file."""

    def __init__(
        self, plan: Plan, out: Source, scope: Scope | None, instance: Instance, loaded: frozenset[int]
    ) -> None:
        self.plan = plan
        self.out = out
        self.instance = instance
        self._loaded = loaded
        self._used = self._find_used(scope)
        self._late = [r for r in instance.rules if _apart(_places(r)) or (isinstance(r, ValueRule) and r.alternative)]
        self._texts = [(text, text.homes[index].places) for text, index in instance.texts]
        kept = [place for rule in self._late for place in _places(rule)]
        kept += [place for _, places in self._texts if _apart(places) for place in places]
        self._kept = {place.element for place in kept}

    def generate(self) -> None:
        """Program text that reads the segment, and reports what no rule looks at."""
        out = self.out
        composite = any(parts is not None for parts in self._used.values())
        if composite:
            out("more = False")
        for element in sorted(set(self._used) - self._slotted()):
            self._element(element)
        for rule in self._late:
            self._rule(rule, [self._kept_value(place) for place in _places(rule)])
        for text, places in self._texts:
            if _apart(places):
                self._text(text, [self._kept_value(place) for place in places])
        for slots, index in self.instance.slots:
            self._slots(slots, slots.homes[index])
        last = max(self._used, default=0)
        beyond = [f"n > {last + 1}"]
        beyond += [f"n > {element} and s[{element}]" for element in range(1, last) if element not in self._used]
        with out.block(f"if {' or '.join([*(['more'] if composite else []), *beyond])}:"):
            out(f"rest(s, {out.constant(self._used, 'used')}, {self.instance.path!r}, lost)")

    # elements

    def _element(self, element: int) -> None:
        out = self.out
        rules = [r for r in self.instance.rules if r not in self._late and _places(r)[0].element == element]
        texts = [(t, places) for t, places in self._texts if not _apart(places) and places[0].element == element]
        location = f"{self.instance.path}/{element:02d}"
        variable, loaded = f"e{element}", element in self._loaded
        if element in self._kept:
            if not loaded:
                out(f"{variable} = s[{element}] if n > {element} else ''")
            self._keep(element, location)
            for rule in rules:
                self._rule(rule, [self._kept_value(place) for place in _places(rule)])
            for text, places in texts:
                self._text(text, [self._kept_value(place) for place in places])
        elif self._is_composite(element):
            with out.block(f"if e := {variable}:" if loaded else f"if n > {element} and (e := s[{element}]):"):
                out(f"c = {_components('e', location)}")
                out("m = len(c)")
                for rule in rules:
                    self._rule(rule, [_part(place) for place in _places(rule)])
                for text, places in texts:
                    self._text(text, [_part(place) for place in places])
                self._look_for_more(self._used[element], "c", "m")
        elif rules or texts:
            present = f"(v := {variable})" if loaded else f"n > {element} and (v := s[{element}])"
            with out.block(f"if {present} and (type(v) is str or (v := plain(v, {location!r}, lost, s))):"):
                for rule in rules:
                    self._rule(rule, [])
                for text, _ in texts:
                    self._text(text, [])
        elif not loaded:  # what a condition was met by is a text
            with out.block(f"if n > {element} and type(s[{element}]) is not str:"):
                out(f"plain(s[{element}], {location!r}, lost, s)")

    def _keep(self, element: int, location: str) -> None:
        out, variable = self.out, f"e{element}"
        if self._is_composite(element):
            out(f"c{element} = {_components(variable, location)}")
            out(f"m{element} = len(c{element})")
            self._look_for_more(self._used[element], f"c{element}", f"m{element}")
        else:
            with out.block(f"if type({variable}) is not str:"):
                out(f"{variable} = plain({variable}, {location!r}, lost, s)")

    def _kept_value(self, place: Place) -> str:
        return f"e{place.element}" if place.component is None else _part(place, str(place.element))

    def _look_for_more(self, parts: frozenset[int] | None, components: str, number: str) -> None:
        """Whether a composite holds something beside the `parts` that rules look at."""
        if parts is None:
            return
        top = max(parts)
        gaps = [f"{number} > {gap} and {components}[{gap}]" for gap in range(1, top) if gap not in parts]
        if 0 not in parts:
            gaps.insert(0, f"{components}[0]")
        with self.out.block(f"if {' or '.join([f'{number} > {top + 1}', *gaps])}:"):
            self.out("more = True")

    def _is_composite(self, element: int) -> bool:
        elements = self.plan.segments[self.instance.tag].elements
        return element <= len(elements) and bool(elements[element - 1].components)

    def _slotted(self) -> set[int]:
        """The elements that nothing but slots looks at; those fetch them themselves, as far as the segment goes."""
        places = [condition.place for condition in self.instance.conditions]
        for rule in self.instance.rules:
            places += _places(rule)
        for _, of_text in self._texts:
            places += of_text
        elements: set[int] = set()
        for slots, index in self.instance.slots:
            width = max(offset for offset, _ in slots.rules) + 1 if slots.step else 1
            elements.update(base + n for base in slots.homes[index].bases for n in range(width))
        return elements - {place.element for place in places}

    def _find_used(self, scope: Scope | None) -> Used:
        used: dict[int, set[int] | None] = {}

        def use(element: int, component: int | None) -> None:
            parts = used.setdefault(element, set())
            if component is None:
                used[element] = None
            elif parts is not None:
                parts.add(component)

        for condition in self.instance.conditions:
            use(*condition.place.key)
        for rule in self.instance.rules:
            for place in _places(rule):
                use(*place.key)
        for text, index in self.instance.texts:
            for place in text.homes[index].places:
                use(*place.key)
        for slots, index in self.instance.slots:
            for base in slots.homes[index].bases:
                for offset, _ in slots.rules:
                    use(*((base + offset, None) if slots.step else (base, offset)))
        hierarchy = self.plan.hierarchy
        if hierarchy and scope is not None and isinstance(scope.row, LoopUse) and scope.row.name == hierarchy.group:
            used.update({e: None for e in (hierarchy.id, hierarchy.parent, hierarchy.child) if e})
        return {e: None if parts is None else frozenset(parts) for e, parts in used.items()}

    # rules

    def _label(self, place: Place) -> str:
        above = self.instance.path.rpartition("/")[0]
        label = self.plan.segments[self.instance.tag].label(place)
        return f"{above}/{label}" if above else label

    def _rule(self, rule: Rule, values: list[str], target: str = "d") -> None:
        """`values` are expressions for the texts at the places of a rule; none if the text is in `v`, and not empty."""
        if isinstance(rule, ValueRule):
            self._value(rule, values, target)
        else:
            self._other(rule, values)

    def _value(self, rule: ValueRule, values: list[str], target: str) -> None:
        out = self.out
        if not values:
            self._decode(rule, ["v"], target)
            return
        names = ["v", *(f"w{index}" for index, _ in enumerate(values[1:]))]
        if len(values) > 1:
            for name, value in zip(names, values, strict=True):
                out(f"{name} = {value}")
        with out.block(f"if v := {values[0]}:" if len(values) == 1 else f"if {' or '.join(names)}:"):
            self._decode(rule, names, target)

    def _decode(self, rule: ValueRule, names: list[str], target: str) -> None:
        """Program text for what is not empty."""
        out, codec = self.out, rule.codec
        arguments, location = ", ".join(names), self._label(rule.places[0])
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

    def _other(self, rule: ConstRule | CountRule | DeriveRule | TotalRule, values: list[str]) -> None:
        out, location = self.out, self._label(rule.place)
        present = f"(v := {values[0]})" if values else "v"
        if isinstance(rule, CountRule | TotalRule):
            with out.block(f"if {present}:"):
                out(f"checks.append(({out.constant(rule.total, 'total')}, {location!r}, v, s))")
            return
        accepted: tuple[str, ...] | frozenset[str]
        accepted = rule.values if isinstance(rule, ConstRule) else rule.derivation.accepts
        if not accepted:
            return
        with out.block(f"if {present} and v not in {out.constant(tuple(sorted(accepted)))}:"):
            reason = "not " + " or ".join(sorted(filter(None, accepted)))
            out(f"lost.append(('unexpected', {location!r}, v, {reason!r}, s))")

    def _text(self, text: Text, values: list[str]) -> None:
        """As for rules; the pieces of a text are joined by blanks."""
        out = self.out
        if not values:
            self._add_to(text)
            return
        out(f"v = {values[0]}")
        for value in values[1:]:
            with out.block(f"if w := {value}:"):
                out("v = f'{v} {w}' if v else w")
        with out.block("if v:"):
            self._add_to(text)

    def _add_to(self, text: Text) -> None:
        self.out(f"d.{text.field} = v if d.{text.field} is None else f'{{d.{text.field}}} {{v}}'")

    # slots

    def _slots(self, slots: Slots, home: SlotHome) -> None:
        """One item for each position that holds something."""
        out = self.out
        with out.block(f"for b in {out.constant(tuple(home.bases))}:"):
            with out.block("if b >= n:"):
                out("break")
            if not slots.step:
                with out.block("if not (e := s[b]):"):
                    out("continue")
                out(f"c = {_components('e', self.instance.path)}")
                out("m = len(c)")
            out(f"y = {out.constant(slots.cls, 'c')}()")
            for offset, rule in slots.rules:
                value = self._slot_value(slots, offset)
                if slots.step:
                    out(f"e = {value}")
                    with out.block("if type(e) is not str:"):
                        out(f"e = plain(e, {self._label(_places(rule)[0])!r}, lost, s)")
                    value = "e"
                self._rule(rule, [value], "y")
            if not slots.step:
                self._look_for_more(frozenset(offset for offset, _ in slots.rules), "c", "m")
            key = next(((offset, rule) for offset, rule in slots.values if rule.key), None)
            if key is not None:
                self._require(key[1], self._slot_value(slots, key[0]), slots)
            with out.block(f"if {' or '.join(f'y.{rule.field} is not None' for _, rule in slots.values)}:"):
                out(f"d.{slots.name}.append(y)")

    def _require(self, key: ValueRule, value: str, slots: Slots) -> None:
        """Program text that leaves an item out whose key can't be read."""
        out, reason = self.out, self.out.literal(unknown(key))
        with out.block(f"if y.{key.field} is None and {value}:"):
            for other in [rule for _, rule in slots.values if not rule.key]:
                with out.block(f"if y.{other.field} is not None:"):
                    location = self._label(other.places[0])
                    out(f"lost.append(('unreadable', {location!r}, str(y.{other.field}), {reason}, s))")
            out("continue")

    @staticmethod
    def _slot_value(slots: Slots, offset: int) -> str:
        if not slots.step:
            return f"(c[{offset}] if m > {offset} else '')" if offset else "c[0]"
        return f"(s[b + {offset}] if n > b + {offset} else '')" if offset else "s[b]"
