"""Program text that writes one segment: values encoded into variables, then the segment as a list display."""

from __future__ import annotations

from collections.abc import Container

from edigw.directory import relations
from edigw.mapping.places import Place
from edigw.mapping.plan import ConstRule, CountRule, DeriveRule, Instance, Plan, Text, ValueRule
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

    def said(self) -> list[str]:
        """Expressions of which one is true if the document may have something to say here, before anything is encoded;
        none if the segment is always written. Most segments of most items stay empty."""
        if any(isinstance(rule, CountRule) for rule in self.instance.rules):
            return []
        values = [f"d.{rule.field} is not None" for rule in self._values if not rule.copy]
        texts = [f"text_{text.field}" for text, _ in self.instance.texts]
        return [*values, *texts, *(f"slots_{slots.name}" for slots, _ in self.slots)]

    def encode(self, start: str = "") -> None:
        """Program text that puts every value into a variable, "" where there is nothing to write. `start`: the variable
        with the number of the first piece of a text that this segment holds, if others hold the ones before."""
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
            for place in text.homes[index].places:
                self._put(place, out.variable("a"))
            if start and not self._values:
                self._sure.add(text.homes[index].places[0].key)
            before = text.before(index)
            pieces = f"text_{text.field}"
            self.content.append(f"len({pieces}) > {before}" if before else pieces)
        for other in self.instance.rules:
            if isinstance(other, CountRule):
                self._put(other.place, out.constant(other.total, "count"), sure=True)
            elif isinstance(other, DeriveRule):
                self._put(other.place, f"{out.constant(other.derivation.write, 'derive')}(d)", sure=True)
        self._needs()  # which may take a text away
        for text, index in self.instance.texts:
            self.take_text(text, index, start or str(text.before(index)))
        for other in self.instance.rules:
            if isinstance(other, ConstRule) and other.values[0]:
                self._constant(other)
        if any(isinstance(rule, CountRule) for rule in self.instance.rules):
            self.content.append("True")

    def take_text(self, text: Text, index: int, start: str) -> None:
        """Program text that puts the pieces of a text, from number `start` on, into the variables of their places."""
        pieces = f"text_{text.field}"
        for n, place in enumerate(text.homes[index].places):
            number = f"{start} + {n}" if n else start
            otherwise = "" if place.key in self._sure else f" if len({pieces}) > {number} else ''"
            self.out(f"{self._cells[place.key]} = {pieces}[{number}]{otherwise}")

    @staticmethod
    def encode_value(out: Source, rule: ValueRule, variables: list[str], item: str, path: str) -> None:
        """Program text for one field; `variables` take the texts, `path` is an expression for the path of the item. A
        copy reports nothing: the first place does."""
        codec, written = rule.codec, ", ".join(variables)
        out(f"{' = '.join(variables)} = ''")
        with out.block(f"if (v := {item}.{rule.field}) is not None:"):
            if codec.fits is not None:
                test, encoded = codec.fits, "v"
            else:
                test, encoded = f"(x := {out.constant(codec.write, 'encode')}(v)) is not None", "x"
            with out.block(f"if {test}:"):
                out(f"{written} = {encoded}")
                if codec.changed is not None and not rule.copy:
                    with out.block(f"if (w := {out.constant(codec.changed, 'changed')}(v)) is not None:"):
                        out(f"lost.append(('changed', {path}, {rule.field!r}, v, w))")
            if not rule.copy:
                with out.block("else:"):
                    out(f"lost.append(('dropped', {path}, {rule.field!r}, v, {out.literal(codec.refusal)}))")

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
                variables = [self._cells[place.key] for place in rule.places]
                if rule.needs:
                    self._require(rule.field, variables, rule.needs)
                self._require_head(rule.field, variables, rule.places[0])
        for text, index in self.instance.texts:
            self._require_head(text.field, [f"text_{text.field}"], text.homes[index].places[0])

    def _require(self, field: str, variables: list[str], needs: tuple[str, ...]) -> None:
        out = self.out
        with out.block(f"if {variables[0]} and not ({' or '.join(self._expressions(needs)) or 'True'}):"):
            reason = f"needs {' or '.join(needs)}"
            if not any(rule.copy and rule.field == field for rule in self._values):  # the first place reports
                out(f"lost.append(('dropped', p, {field!r}, d.{field}, {reason!r}))")
            out(f"{' = '.join(variables)} = ''")

    def _require_head(self, field: str, variables: list[str], place: Place) -> None:
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
                    self._require(field, variables, (head.field,))
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

    @property
    def top(self) -> int:
        """The last element that anything but slots is written into."""
        return max((element for element, _ in self._cells), default=0)

    def written(self, expression: str) -> None:
        """From here on the program text runs only if this is true."""
        self._sure.update(key for key, cell in self._cells.items() if cell == expression)

    def build(self, variable: str) -> None:
        """Program text that puts the segment into a variable, without empty elements at its end."""
        elements = [repr(self.instance.tag), *(self._element(index) for index in range(1, self.top + 1))]
        self.out(f"{variable} = [{', '.join(elements)}]")
        if self.top and not any(element == self.top for element, _ in self._sure):
            with self.out.block(f"while not {variable}[-1]:"):
                self.out(f"{variable}.pop()")

    def _element(self, index: int) -> str:
        if (index, None) in self._cells:
            return self._cells[index, None]
        parts = {part: text for (element, part), text in self._cells.items() if element == index and part is not None}
        texts = [parts.get(part, "''") for part in range(max(parts, default=0) + 1)]
        return composite(texts, {part for part in parts if (index, part) in self._sure})


def composite(texts: list[str], sure: Container[int]) -> str:
    """An expression for the components of which these are the expressions, without empty ones at the end; those that
    are `sure` are never empty."""
    last = len(texts) - 1
    whole = f"[{', '.join(texts)}]" if last else texts[0]
    if not last or last in sure:
        return whole
    shorter = composite(texts[:last], sure)
    return shorter if texts[last] == "''" else f"({whole} if {texts[last]} else {shorter})"
