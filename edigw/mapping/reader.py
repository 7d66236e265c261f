"""Plan to program text: one function a scope that reads a group or segment into an item of the document.

Per group there is one pass over its children. A child goes to the first instance, by rank, whose conditions it meets;
values that no rule looks at are reported. The functions have the form `read_N(item, d, lost, checks)`: the loop or
segment, the struct to fill, the report, and the counts to compare when everything is read.
"""

from __future__ import annotations

from edigw.directory.model import LoopUse
from edigw.mapping.places import Place
from edigw.mapping.plan import (
    Condition,
    Instance,
    Plan,
    Scope,
)
from edigw.mapping.reader_segment import SegmentReading, unknown
from edigw.mapping.source import Source

_SERVICE = ("UNH", "UNT", "ST", "SE")


def _value_at(place: Place) -> str:
    """An expression for the text at a place of which the element is in the variable e<position> as it was sent."""
    element, part = place.key
    if part is None:
        return f"e{element}"
    if part:
        return f"(e{element}[{part}] if type(e{element}) is list and len(e{element}) > {part} else '')"
    return f"(e{element} if type(e{element}) is str else e{element}[0])"


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
                SegmentReading(self.plan, out, scope, scope.trigger, frozenset()).generate()
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
        value = _value_at(condition.place)
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
            SegmentReading(self.plan, out, None, instance, loaded).generate()
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
            out(f"whole(s, {path!r}, lost, 'unreadable', {out.literal(unknown(key))})")
        with out.block("else:"):
            out(f"d.{instance.each}.append(y)")
