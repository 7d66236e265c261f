"""Plan to program text: one function a scope that writes an item of the document as a group or segment.

Everything is written in the order of the segment table. An instance appears when a value of the document lands in
it; a group's trigger when anything in the group does. The functions have the form `write_N(d, lost, p)` and give the
loop or segment, or None if nothing of the item can be written; `p` is the path of the item, for the report.
"""

from __future__ import annotations

from contextlib import nullcontext

from edigw.directory.model import UNLIMITED, LoopUse
from edigw.mapping.plan import (
    ConstRule,
    CountRule,
    Instance,
    Plan,
    Scope,
    Slots,
    Text,
    ValueRule,
)
from edigw.mapping.resolver import fields
from edigw.mapping.source import Source
from edigw.mapping.writer_segment import SegmentText, composite

_TOO_MANY = "too many"
_SHADOW = "would be read by another rule"


def _empty(segment: SegmentText) -> str:
    return f"a mandatory element of {segment.instance.tag} would be empty"


def _mandatory_groups(scope: Scope) -> list[LoopUse]:
    """The groups without which that of the scope can't be written."""
    inner = scope.rows[1:] if isinstance(scope.row, LoopUse) else ()
    return [row for row in inner if isinstance(row, LoopUse) and row.mandatory and row is not scope.row]


class WriterGenerator:
    """Writes the writers of all scopes of a plan into a Source."""

    def __init__(self, plan: Plan, out: Source) -> None:
        self.plan = plan
        self.out = out

    def generate(self) -> None:
        for scope in self.plan.scopes:
            self._function(scope)

    def _function(self, scope: Scope) -> None:
        out = self.out
        with out.block(f"def write_{scope.function}(d, lost, p):"):
            if not scope.implicit:
                out("mark = len(lost)")
                self._unbound(scope)
            for slots in scope.slots:
                if not slots.also:
                    self._encode_slots(slots)
            for text in scope.texts:
                self._wrap(text)
            trigger = SegmentText(self.plan, out, scope.trigger) if scope.trigger else None
            if trigger is not None:
                trigger.encode()
                self._take_slots(trigger)
            if self._holds(scope):
                name = scope.row.name if isinstance(scope.row, LoopUse) else ""
                out(f"out = Loop({name!r})" if trigger is None else f"out = Loop({name!r}, (None,))")
                self._children(scope)
            self._leftovers(scope)
            if trigger is None:
                out("return out")
            else:
                self._finish(scope, trigger)

    @staticmethod
    def _holds(scope: Scope) -> bool:
        """Whether something may stand behind the trigger, or has to."""
        return scope.row is None or any(one.writes for one in scope.instances) or bool(_mandatory_groups(scope))

    def _unbound(self, scope: Scope) -> None:
        """Fields that no rule of the binding knows are reported where they say something."""
        out = self.out
        for name, field in fields(scope.cls).items():
            if name in scope.bound:
                continue
            test = f"d.{name}" if field.many else f"d.{name} is not None"
            with out.block(f"if {test}:"):
                out(f"lost.append(('dropped', p, {name!r}, d.{name}, 'no rule'))")

    # the trigger, or the one segment, of the scope

    def _finish(self, scope: Scope, trigger: SegmentText) -> None:
        out = self.out
        tests = [*trigger.content, *(["len(out) > 1"] if self._holds(scope) else [])]
        with out.block(f"if not ({' or '.join(tests) or 'False'}):"):
            if not scope.implicit:
                out("lost.append(('dropped', p, '', d, 'empty'))")
            out("return None")
        trigger.defaults()
        missing = trigger.missing()
        if missing:
            with out.block(f"if {missing}:"):
                self._refuse(scope, _empty(trigger))
        for row in _mandatory_groups(scope):
            with out.block(f"if not any(type(o) is Loop and o.name == {row.name!r} for o in out):"):
                self._refuse(scope, f"the group of {row.trigger.tag} is missing")  # CNI without STS
        trigger.build("trigger")
        self._put_slots(trigger, "trigger")
        if not isinstance(scope.row, LoopUse):
            self._run_on(scope, trigger)
        elif self._holds(scope):
            out("out[0] = trigger")
            out("return out")
        else:
            out(f"return Loop({scope.row.name!r}, (trigger,))")

    def _refuse(self, scope: Scope, reason: str) -> None:
        """Program text that writes nothing of the scope, and reports it."""
        out = self.out
        if scope.implicit:
            for name, many in sorted(self._fields_in(scope).items()):
                with out.block(f"if d.{name}:" if many else f"if d.{name} is not None:"):
                    out(f"lost.append(('dropped', p, {name!r}, d.{name}, {reason!r}))")
        else:
            out(f"why = because(lost, mark, {reason!r})")
            out("lost.append(('dropped', p, '', d, why))")
        out("return None")

    def _run_on(self, scope: Scope, trigger: SegmentText) -> None:
        """A plain segment; if its text runs on, a list of segments."""
        out = self.out
        for text, index in trigger.instance.texts:
            home = text.homes[index]
            if not home.runs_on:
                continue
            width = len(home.places)
            pieces = f"text_{text.field}"
            with out.block(f"if len({pieces}) > {width}:"):
                out("out = [trigger]")
                with out.block(f"for start in range({width}, len({pieces}), {width}):"):
                    trigger.take_text(text, index, "start")
                    trigger.build("more")
                    out("out.append(more)")
                out(f"lost.append(('changed', p, {text.field!r}, d.{text.field}, f'split over {{len(out)}} segments'))")
                out("return out")
        out("return [trigger]")

    def _fields_in(self, scope: Scope) -> dict[str, bool]:
        """The fields of the item, and whether they are lists, that are written in an implicit scope."""
        found: dict[str, bool] = {}
        instances = [*scope.instances, *([scope.trigger] if scope.trigger else [])]
        for instance in instances:
            for rule in instance.rules:
                if isinstance(rule, ValueRule) and not rule.also:
                    found[rule.field] = False
            for text, _ in instance.texts:
                found[text.field] = False
            for slots, _ in instance.slots:
                found[slots.name] = True
            if instance.each is not None:
                found[instance.each] = True
            elif instance.scope is not None:
                found.update(self._fields_in(instance.scope))
        return found

    def _said(self, scope: Scope) -> list[str]:
        """Expressions of which one is true if the item has something for an implicit scope; none if that is always
        written."""
        if self._counts(scope):
            return []
        return [f"d.{name}" if many else f"d.{name} is not None" for name, many in self._fields_in(scope).items()]

    def _counts(self, scope: Scope) -> bool:
        instances = [*scope.instances, *([scope.trigger] if scope.trigger else [])]
        counts = any(isinstance(rule, CountRule) for instance in instances for rule in instance.rules)
        return counts or any(self._counts(i.scope) for i in instances if i.scope is not None and i.each is None)

    # what stands inside a group

    def _children(self, scope: Scope) -> None:
        rows = dict.fromkeys(id(row) for row in scope.rows)
        for row_id in rows:
            here = sorted((i for i in scope.instances if id(i.row) == row_id and i.writes), key=lambda i: i.rank)
            everyone = sorted((i for i in scope.instances if id(i.row) == row_id), key=lambda i: i.rank)
            if not here:
                continue
            limited = here[0].row.max < UNLIMITED
            alone = len(here) == 1 and here[0].each is not None and here[0].codec is None
            if limited and not alone and any(i.codec is None and (i.each or i.slots) for i in here):
                self._room(here[0])
            for instance in here:
                rivals = [r for r in everyone if r.rank < instance.rank and self._overlap(r, instance)]
                if alone:
                    self._list(scope, instance, rivals, limited, alone)
                else:
                    self._instance(scope, instance, rivals, limited)

    def _room(self, instance: Instance) -> None:
        self.out(f"room = len(out) + {instance.row.max}")

    @staticmethod
    def _overlap(rival: Instance, instance: Instance) -> bool:
        """Whether what an instance writes could meet the conditions of one that reads first."""
        trigger = instance.scope.trigger if instance.scope else None
        rules = [rule for one in (instance, trigger) if one is not None for rule in one.rules]
        open_ = {p.key for r in rules for p in (r.places if isinstance(r, ValueRule) else [r.place])}
        mine = {c.place.key: c.codes[0] for c in instance.conditions if c.codes[0] or c.place.key not in open_}
        return bool(rival.conditions) and not any(
            c.place.key in mine and mine[c.place.key] not in c.codes for c in rival.conditions
        )

    def _instance(self, scope: Scope, instance: Instance, rivals: list[Instance], limited: bool) -> None:
        out = self.out
        if instance.codec is not None:
            items = f"d.{instance.each}"
            room = f"{instance.row.max}" if limited else f"len({items})"
            write = out.constant(instance.codec.write, "items")
            made = f"{write}({items}, (p, {instance.each!r}), lost, {room})"
            with out.block(f"if {items}:"):
                out(f"out += [Loop({instance.name!r}, [s]) for s in {made}]" if instance.is_group else f"out += {made}")
        elif instance.each is not None:
            self._list(scope, instance, rivals, limited, alone=False)
        elif instance.scope is not None:
            said = self._said(instance.scope)
            otherwise = f" if {' or '.join(said)} else None" if said else ""
            out(f"g = write_{instance.scope.function}(d, lost, p){otherwise}")
            with out.block("if g is not None:"):
                out("out.append(g)")
            self._note(scope, instance, "g is not None")
        elif instance.many and instance.slots:
            self._repeated(instance, limited)
        elif any(text.homes[index].runs_on for text, index in instance.texts):
            self._repeated_text(instance)
        else:
            self._single(scope, instance)

    def _list(self, scope: Scope, instance: Instance, rivals: list[Instance], limited: bool, alone: bool) -> None:
        """One segment or group for each item. Most lists are empty, so that nothing is done before the list is seen."""
        out = self.out
        with out.block(f"if d.{instance.each}:"):
            if limited and alone:
                self._room(instance)
            with out.block(f"for i, y in enumerate(d.{instance.each}):"):
                out(f"q = (p, {instance.each!r}, i)")
                if limited:
                    with out.block("if len(out) >= room:"):
                        out(f"lost.append(('dropped', q, '', y, {_TOO_MANY!r}))")
                        out("continue")
                self._each(scope, instance, rivals, limited)

    def _note(self, scope: Scope, instance: Instance, test: str) -> None:
        """Remember that a single instance was written: later segments of its kind are then read by others."""
        if any(other.each is not None and other.row is instance.row for other in scope.instances):
            self.out(f"done_{instance.order} = {test}")

    def _each(self, scope: Scope, instance: Instance, rivals: list[Instance], limited: bool) -> None:
        out = self.out
        assert instance.scope is not None  # noqa: S101 - every list has a scope
        out(f"g = write_{instance.scope.function}(y, lost, q)")
        with out.block("if g is None:"):
            out("continue")
        head = "g[0]"
        for rival in rivals:
            tests = [self._claims(head, rival)]
            if not rival.many and rival.writes:
                tests.append(f"not done_{rival.order}")
            with out.block(f"if {' and '.join(tests)}:"):
                out(f"lost.append(('dropped', q, '', y, {_SHADOW!r}))")
                out("continue")
        if instance.is_group:
            out("out.append(g)")
            return
        if limited:
            with out.block("if len(out) + len(g) > room:"):
                out(f"lost.append(('dropped', q, '', y, {_TOO_MANY!r}))")
                out("continue")
        out("out += g")

    @staticmethod
    def _claims(segment: str, rival: Instance) -> str:
        tests = []
        for condition in rival.conditions:
            place = condition.place
            tests.append(f"cell({segment}, {place.element}, {place.component}) in {condition.codes!r}")
        return " and ".join(tests)

    def _single(self, scope: Scope, instance: Instance) -> None:
        out = self.out
        segment = SegmentText(self.plan, out, instance)
        # One of several uses of a mandatory segment (DTM[2005=61]) says nothing when it has no value.
        always = scope.trigger is None and instance.row.mandatory and not instance.conditions
        done = any(other.each is not None and other.row is instance.row for other in scope.instances)
        if done:
            out(f"done_{instance.order} = False")
        said = [] if always else segment.said()
        with out.block(f"if {' or '.join(said)}:") if said else nullcontext():
            self._encoded(segment, always, done)

    def _encoded(self, segment: SegmentText, always: bool, done: bool) -> None:
        out = self.out
        segment.encode()
        self._take_slots(segment)
        content = "True" if always else " or ".join(segment.content) or "False"
        with out.block(f"if {content}:"):
            segment.written(content)
            segment.defaults()
            missing = segment.missing()
            if missing and not always:
                with out.block(f"if {missing}:"):
                    segment.refuse(_empty(segment))
                with out.block("else:"):
                    self._append(segment, done)
            else:
                self._append(segment, done)

    def _append(self, segment: SegmentText, done: bool) -> None:
        out = self.out
        segment.build("s")
        self._put_slots(segment, "s")
        out("out.append(s)")
        if done:
            out(f"done_{segment.instance.order} = True")

    def _repeated(self, instance: Instance, limited: bool) -> None:
        """A segment that holds nothing but slots, as often as it takes and may stand."""
        out = self.out
        slots, index = instance.slots[0]
        with out.block(f"while slots_{slots.name}{' and len(out) < room' if limited else ''}:"):
            segment = SegmentText(self.plan, out, instance)
            segment.encode()
            self._take_slots(segment)
            with out.block(f"if not got_{slots.name}_{index}:"):
                out("break")
            segment.build("s")
            self._put_slots(segment, "s")
            out("out.append(s)")

    def _repeated_text(self, instance: Instance) -> None:
        out = self.out
        text, index = instance.texts[0]
        width = len(text.homes[index].places)
        segment = SegmentText(self.plan, out, instance)
        with out.block(f"for start in range({text.before(index)}, len(text_{text.field}), {width}):"):
            segment.encode("start")
            segment.build("s")
            out(f"out.append(Loop({instance.name!r}, [s]))" if instance.is_group else "out.append(s)")

    # texts and slots

    def _wrap(self, text: Text) -> None:
        out = self.out
        field = f"d.{text.field}"
        capacity = min(text.capacity, 10_000)
        pieces = f"text_{text.field}"
        out(f"{pieces} = []")
        with out.block(f"if {field} is not None:"):
            out(f"x = wrap({field}, {text.width}, {capacity})")
            with out.block("if x is None:"):
                reason = f"does not fit into {capacity} x {text.width} characters"
                out(f"lost.append(('dropped', p, {text.field!r}, {field}, {reason!r}))")
            with out.block("else:"):
                out(f"{pieces} = x")
                with out.block(f"if x[0] is not {field} and ' '.join(x) != {field}:"):
                    out(f"lost.append(('changed', p, {text.field!r}, {field}, 'blanks'))")

    def _encode_slots(self, slots: Slots) -> None:
        """All items of the list as tuples (index, item, text...); an item that lacks a part is reported, except for a
        part that `needs` another."""
        out = self.out
        name, path = f"slots_{slots.name}", f"(p, {slots.name!r}, j)"
        out(f"{name} = []")
        with out.block(f"for j, z in enumerate(d.{slots.name}):"):
            self._unbound_slot(slots, path)
            out("mark_slot = len(lost)")
            names = []
            for _, rule in slots.values:
                variable = out.variable("a")
                SegmentText.encode_value(out, rule, [variable], "z", path)
                names.append(variable)
            parts = [name for name, (_, rule) in zip(names, slots.values, strict=True) if not rule.needs]
            with out.block(f"if {' and '.join(parts)}:"):
                out(f"{name}.append((j, z, {', '.join(names)},))")
            with out.block("else:"):
                out("why = because(lost, mark_slot, 'not every part of it can be written')")
                out(f"lost.append(('dropped', {path}, '', z, why))")

    def _unbound_slot(self, slots: Slots, path: str) -> None:
        out = self.out
        bound = {rule.field for _, rule in slots.values}
        for name, field in fields(slots.cls).items():
            if name not in bound:
                with out.block(f"if z.{name}:" if field.many else f"if z.{name} is not None:"):
                    out(f"lost.append(('dropped', {path}, {name!r}, z.{name}, 'no rule'))")

    def _take_slots(self, segment: SegmentText) -> None:
        """Move items out of the list, as many as the segment has places for."""
        out = self.out
        for slots, index in segment.slots:
            home = slots.homes[index]
            name, got = f"slots_{slots.name}", f"got_{slots.name}_{index}"
            places = len(home.bases)
            if home.conditions:
                tests = " and ".join(self._belongs(slots, o, codes) for o, codes in home.conditions.items())
                out(f"{got} = []")
                out("others = []")
                with out.block(f"for t in {name}:"):
                    out(f"({got} if len({got}) < {places} and {tests} else others).append(t)")
                out(f"{name} = others")
            else:
                out(f"{got} = {name}[:{places}]")
                out(f"{name} = {name}[{places}:]")
            segment.content.append(got)

    @staticmethod
    def _belongs(slots: Slots, offset: int, codes: tuple[str, ...]) -> str:
        column = next(n for n, (o, _) in enumerate(slots.values) if o == offset)
        return f"t[{column + 2}] in {codes!r}"

    def _put_slots(self, segment: SegmentText, variable: str) -> None:
        """Put the items that `_take_slots` took into a segment that is made."""
        out = self.out
        for slots, index in segment.slots:
            bases, got = slots.homes[index].bases, f"got_{slots.name}_{index}"
            values = self._slot_values(slots)
            width = len(values)
            if segment.top < bases[0] and bases == [bases[0] + n * width for n in range(len(bases))]:
                with out.block(f"if {got}:"):
                    out(f"{variable} += [''] * ({bases[0]} - len({variable}))")
                    with out.block(f"for t in {got}:"):
                        out(f"{variable} += ({', '.join(values)},)")
                continue
            with out.block(f"for b, t in zip({out.constant(tuple(bases))}, {got}):"):
                with out.block(f"if len({variable}) < b + {width}:"):
                    out(f"{variable} += [''] * (b + {width} - len({variable}))")
                for n, value in enumerate(values):
                    if value != "''":
                        out(f"{variable}[b + {n}] = {value}")

    @staticmethod
    def _slot_values(slots: Slots) -> list[str]:
        """Expressions for the elements that an item in `t` becomes."""
        texts = {offset: f"t[{n + 2}]" for n, (offset, _) in enumerate(slots.values)}
        sure = {offset for offset, rule in slots.values if not rule.needs}
        for offset, rule in slots.rules:
            if isinstance(rule, ConstRule) and rule.values[0]:
                texts[offset] = repr(rule.values[0])
        values = [texts.get(n, "''") for n in range(max(texts) + 1)]
        return values if slots.step else [composite(values, sure)]

    def _leftovers(self, scope: Scope) -> None:
        out = self.out
        for slots in scope.slots:
            if slots.also:
                continue
            with out.block(f"for t in slots_{slots.name}:"):
                out(f"lost.append(('dropped', (p, {slots.name!r}, t[0]), '', t[1], 'no room'))")
