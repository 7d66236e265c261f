"""Program text that writes one segment: values encoded into variables, then the segment as a list display."""

from __future__ import annotations

from edigw.directory import relations
from edigw.mapping.places import Place
from edigw.mapping.plan import ConstRule, CountRule, DeriveRule, Instance, Plan, ValueRule
from edigw.mapping.source import Source

Key = tuple[int, int | None]


class SegmentText:
    """One segment instance while its writer is generated. Use in this order: `encode`, then `content`, `defaults`,
    `missing`, `expression`."""

    def __init__(self, plan: Plan, out: Source, instance: Instance) -> None:
        self.plan = plan
        self.out = out
        self.instance = instance
        self.content: list[str] = []  # expressions of which one is true if the document has something to say here
        self._cells: dict[Key, str] = {}
        self._sure: set[Key] = set()  # cells that are never empty
        self._variables: dict[str, str] = {}  # field to variable
        self.slots = [(slots, index) for slots, index in instance.slots if not slots.also]
        self._values = [r for r in instance.rules if isinstance(r, ValueRule) and not r.also]

    # values

    def encode(self) -> None:
        """Program text that puts every value into a variable, "" where there is nothing to write."""
        out = self.out
        self.content = []
        for condition in self.instance.conditions:
            if condition.codes[0]:
                self._put(condition.place, repr(condition.codes[0]), sure=True)
        for rule in self._values:
            variables = [out.variable("a") for _ in rule.places]
            self.encode_value(out, rule, variables, "d", "p")
            for place, variable in zip(rule.places, variables, strict=True):
                self._put(place, variable)
            self._variables[rule.field] = variables[0]
            if not rule.copy:
                self.content.append(variables[0])
        for text, index in self.instance.texts:
            home = text.homes[index]
            start = sum(len(other.places) for other in text.homes[:index])
            pieces = f"text_{text.field}"
            for n, place in enumerate(home.places):
                self._put(place, f"({pieces}[{start + n}] if len({pieces}) > {start + n} else '')")
            self.content.append(f"len({pieces}) > {start}" if start else pieces)
        for other in self.instance.rules:
            if isinstance(other, CountRule):
                self._put(other.place, out.constant(other.total, "count"), sure=True)
            elif isinstance(other, DeriveRule):
                self._put(other.place, f"{out.constant(other.derivation.write, 'derive')}(d)", sure=True)
        self._needs()
        for other in self.instance.rules:
            if isinstance(other, ConstRule) and other.values[0]:
                self._constant(other)
        if any(isinstance(rule, CountRule) for rule in self.instance.rules):
            self.content.append("True")

    @staticmethod
    def encode_value(out: Source, rule: ValueRule, variables: list[str], item: str, path: str) -> None:
        """Program text for one field; `variables` take the texts. A copy reports nothing: the first place does."""
        out(f"{' = '.join(variables)} = ''")
        out(f"v = {item}.{rule.field}")
        with out.block("if v is not None:"):
            if rule.codec.fits is not None:
                out(f"x = v if {rule.codec.fits} else None")
            else:
                out(f"x = {out.constant(rule.codec.write, 'encode')}(v)")
            with out.block("if x is None:"):
                if not rule.copy:
                    out(f"lost.append(('dropped', {path}, {rule.field!r}, v, {out.literal(rule.codec.refusal)}))")
            with out.block("else:"):
                out(f"{', '.join(variables)} = x")
                if rule.codec.changed is not None and not rule.copy:
                    out(f"w = {out.constant(rule.codec.changed, 'changed')}(v)")
                    with out.block("if w is not None:"):
                        out(f"lost.append(('changed', {path}, {rule.field!r}, v, w))")

    def _put(self, place: Place, expression: str, sure: bool = False) -> None:
        self._cells[place.key] = expression
        if sure:
            self._sure.add(place.key)

    def _needs(self) -> None:
        """Values that mean nothing without another are not written without it. That is what `needs` says, and what
        follows from a component that is mandatory in its composite. Where what is needed has needs of its own, the
        checks are made again, until nothing can change."""
        chained = {name for rule in self._values for name in rule.needs}
        depth = 1 + sum(bool(rule.needs) and rule.field in chained for rule in self._values)
        for _ in range(min(depth, 3)):
            for rule in self._values:
                if rule.needs:
                    self._require(rule.field, self._variables[rule.field], rule.needs)
                self._require_head(rule.field, self._variables[rule.field], rule.places[0])
        for text, index in self.instance.texts:
            self._require_head(text.field, f"text_{text.field}", text.homes[index].places[0])

    def _require(self, field: str, variable: str, needs: tuple[str, ...]) -> None:
        out = self.out
        with out.block(f"if {variable} and not ({' or '.join(self._expressions(needs)) or 'True'}):"):
            reason = f"needs {' or '.join(needs)}"
            if not any(rule.copy and rule.field == field for rule in self._values):  # the first place reports
                out(f"lost.append(('dropped', p, {field!r}, d.{field}, {reason!r}))")
            out(f"{variable} = ''")

    def _require_head(self, field: str, variable: str, place: Place) -> None:
        """A value beside a component that is mandatory in the composite, and may be empty."""
        if place.component is None:
            return
        components = self.plan.segments[self.instance.tag].elements[place.element - 1].components
        for part, component in enumerate(components):
            key = (place.element, part)
            if not component.mandatory or part == place.component or key in self._sure:
                continue
            for head in self._values:
                if head.places[0].key == key and head.default is None:
                    self._require(field, variable, (head.field,))
                    return

    def _expressions(self, names: tuple[str, ...]) -> list[str]:
        """What is true if a field of the segment is written."""
        texts = {text.field: f"text_{text.field}" for text, _ in self.instance.texts}
        return [known for name in names if (known := self._variables.get(name) or texts.get(name))]

    def _constant(self, rule: ConstRule) -> None:
        text = repr(rule.values[0])
        needed = self._expressions(rule.needs)
        if needed:
            self._put(rule.place, f"({text} if {' or '.join(needed)} else '')")
        else:
            self._put(rule.place, text, sure=True)

    def defaults(self) -> None:
        """Program text that fills what the document does not say but the message must."""
        out = self.out
        for rule in self._values:
            if rule.default is None:
                continue
            first, variable = self._variables[rule.field], self._cells[rule.places[-1].key]
            beside = [first] if first != variable else []  # the last of several places: BSN04 beside BSN03
            tests = [f"not {variable}", *beside, *(f"({' or '.join(e)})" for e in [self._expressions(rule.needs)] if e)]
            with out.block(f"if {' and '.join(tests)}:"):
                out(f"{variable} = {rule.default!r}")
                out(f"lost.append(('defaulted', p, {rule.field!r}, {rule.default!r}, 'the message must say it'))")

    def missing(self) -> str:
        """An expression that is true if a mandatory element would stay empty, or all of those of which there must be
        one; "" if that can't be."""
        slotted: set[int] = set()
        needed: list[str] = []
        for slots, n in self.slots:
            bases = slots.homes[n].bases
            slotted.update(base + i for base in bases for i in range(len(slots.rules) if slots.step else 1))
            if self.plan.segments[self.instance.tag].elements[bases[0] - 1].mandatory:
                needed.append(f"got_{slots.name}_{n}")
        for index, use in enumerate(self.plan.segments[self.instance.tag].elements, 1):
            if not use.mandatory or index in slotted:
                continue
            keys = [key for key in self._cells if key[0] == index]
            required = [key for key in keys if key[1] is None or use.components[key[1]].mandatory]
            needed += [self._cells[key] for key in required if key not in self._sure]
            if keys and not required and not self._sure.intersection(keys):  # any component will do
                needed.append(f"({' or '.join(self._cells[key] for key in keys)})")
        needed += self._alternatives()
        return " or ".join(f"not {expression}" for expression in needed)

    def _alternatives(self) -> list[str]:
        """For each condition of the kind "at least one of these elements", whether one is written."""
        found = []
        for notation in self.plan.segments[self.instance.tag].spec.conditions:
            condition = relations.condition(notation)
            keys = [key for key in self._cells if key[0] in condition.positions]
            if condition.kind != "R" or self._sure.intersection(keys):
                continue
            slots = [
                f"got_{slots.name}_{n}"
                for slots, n in self.slots
                if set(condition.positions).intersection(slots.homes[n].bases)
            ]
            if slots or keys:
                found.append(f"({' or '.join([*(self._cells[key] for key in keys), *slots])})")
        return found

    def refuse(self, reason: str) -> None:
        """Program text that reports every value of the segment as dropped."""
        out = self.out
        for rule in self._values:
            with out.block(f"if {self._variables[rule.field]}:"):
                out(f"lost.append(('dropped', p, {rule.field!r}, d.{rule.field}, {reason!r}))")

    # the segment

    def build(self, variable: str, part: str = "") -> None:
        """Program text that puts the segment into a variable, without empty elements at its end. `part`: the variable
        that holds the pieces of a text that runs on."""
        cells = dict(self._cells)
        if part:
            for text, index in self.instance.texts:
                home = text.homes[index]
                for n, place in enumerate(home.places):
                    cells[place.key] = f"({part}[{n}] if len({part}) > {n} else '')"
        top = max((element for element, _ in cells), default=0)
        elements = [repr(self.instance.tag)]
        sure = True
        for index in range(1, top + 1):
            element, sure = self._element(cells, index)
            elements.append(element)
        self.out(f"{variable} = [{', '.join(elements)}]")
        if not sure:
            with self.out.block(f"while not {variable}[-1]:"):
                self.out(f"{variable}.pop()")

    def _element(self, cells: dict[Key, str], index: int) -> tuple[str, bool]:
        if (index, None) in cells:
            return cells[index, None], (index, None) in self._sure
        parts = {component: text for (element, component), text in cells.items() if element == index}
        if not parts:
            return "''", False
        last = max(component for component in parts if component is not None)
        if last == 0:
            return parts[0], (index, 0) in self._sure
        listed = ", ".join(parts.get(n, "''") for n in range(last + 1))
        if (index, last) in self._sure:
            return f"[{listed}]", True
        present = " or ".join(parts[n] for n in sorted(n for n in parts if n not in (None, last)))
        others = f"composite([{listed}])" + (f" if {present} else ''" if present else "")
        return f"([{listed}] if {parts[last]} else {others})", False
