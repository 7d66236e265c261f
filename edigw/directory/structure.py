"""Segments to tree: a message is nested by its segment table in one pass, and everything that does not fit is
found.

Every segment gets into the tree, in the order of the message; one that fits nowhere is put into the loop that
is open, so that the tree, read from left to right, is always the message.

What `Finding.segment` means: the position, counted from 1 at UNH/ST, of the segment that the finding is
about. For something missing it is the position of the segment at which the absence showed (after the end
of the message: its number of segments + 1), as X12 reports it in AK303; CONTRL's UCS 0096 wants the last
segment before the gap, which is one less. `tag` and `path` are those of what is missing. A missing UNT or
SE is not reported here: that is a finding of the envelope.
"""

from __future__ import annotations

from dataclasses import dataclass

from edigw.directory.model import LoopUse
from edigw.directory.report import Report
from edigw.directory.table import END, Step, Table
from edigw.directory.words import allowed, cut, ordinal, plain
from edigw.syntax.findings import Finding
from edigw.syntax.model import Loop, Segment

_TRAILERS = frozenset({"UNT", "UIT", "SE"})
_NOWHERE = -1
_LOOK_AHEAD = 10  # segments


@dataclass(frozen=True, slots=True)
class Structure:
    """A structured message: its tree, and for every segment its node in the table (-1: it fits nowhere)."""

    tree: Loop
    nodes: list[int]


def structure(table: Table, segments: list[Segment], report: Report) -> Structure:
    """Nest the segments of a message, header and trailer included. Never raises: what does not fit is
    reported."""
    return _Walk(table, segments, report).run()


class _Walk:
    """One pass over one message."""

    def __init__(self, table: Table, segments: list[Segment], report: Report) -> None:
        self.table = table
        self.segments = segments
        self.report = report
        self.tree = Loop(table.spec.type)
        self.stack = [self.tree]
        self.counts: list[dict[int, int]] = [{}]  # of the nodes in each open loop, outermost first
        self.at = _NOWHERE
        self.absent: dict[tuple[int, int], Finding] = {}  # by node and identity of its parent loop
        self.gap = (_NOWHERE, _NOWHERE)  # where we were when a trigger was missing, and of which loop
        self.headless: set[tuple[int, int]] = set()  # as above: loops whose trigger was reported missing

    def run(self) -> Structure:
        table, stack, counts = self.table, self.stack, self.counts
        reached, new = table.reached, Loop.__new__
        nodes: list[int] = []
        place = nodes.append
        loop = stack[-1]
        at = _NOWHERE
        choices = table.first(at)
        for segment in self.segments:
            step = choices.get(segment[0])
            if step is None:
                self.at = at
                step = self._misplaced(len(nodes) + 1, segment)
                if step is None:
                    loop.append(segment)
                    place(_NOWHERE)
                    continue
                to, closes, opens, missing, counter, limit = step
                level = counts[~closes]
                met = level.get(counter, 0)
            else:
                to, closes, opens, missing, counter, limit = step
                level = counts[~closes]
                met = level.get(counter, 0)
                if met >= limit:
                    self.at = at
                    step = self._full(len(nodes) + 1, segment, step)
                    to, closes, opens, missing, counter, limit = step
                    level = counts[~closes]
                    met = level.get(counter, 0)
            if missing:
                self._report_missing(len(nodes) + 1, step)
            if closes:
                del stack[-closes:], counts[-closes:]
                loop = stack[-1]
            level[counter] = met + 1
            if opens:
                inner = new(Loop)  # its __init__, called for a third of the segments, would take as long as the rest
                inner.name = opens
                inner.append(segment)
                loop.append(inner)
                stack.append(inner)
                loop = inner
                counts.append({to: 1})
            else:
                loop.append(segment)
            at = to
            place(to)
            choices = reached[to] or table.first(to)
        self._report_missing(len(self.segments) + 1, choices[END])
        return Structure(self.tree, nodes)

    def _count(self, node: int) -> int:
        """How often a node occurred in the open loop that it stands in."""
        return self.counts[len(self.table.nodes[node].loops)].get(node, 0)

    def _full(self, position: int, segment: Segment, step: Step) -> Step:
        """The first choice has reached its maximum: the next one that has not, or else a finding."""
        for other in self.table.choices(self.at)[segment[0]]:
            if self._count(other.counter) < other.limit:
                return other
        code = "loop_too_often" if step.opens else "segment_too_often"
        if not self.report.wants(code):
            return step
        number, what = ordinal(self._count(step.counter) + 1), self._named(segment[0])
        if step.opens:
            what = f"the group {step.opens}, which begins with {what},"
        self._report(code, f"{what} occurs for the {number} time; {allowed(step.limit)}", position, step.to)
        return step

    def _misplaced(self, position: int, segment: Segment) -> Step | None:
        """A segment that may not follow here: report it, and say where to go on (None: where we are)."""
        tag = segment[0]
        candidates = self.table.tags.get(tag)
        if candidates is None:
            self._report_foreign(position, tag)
            return None
        if self.gap[0] == self.at and self._within(tag, self.gap[1]):
            return None
        for node in sorted(candidates, key=lambda n: -len(self.table.nodes[n].loops)):
            loop = self.table.trigger_of(node)
            enclosing = self.table.nodes[node].loops
            parents = enclosing[:-1] if loop != _NOWHERE else enclosing
            if self._open(parents):
                return self._belated(position, node, loop, len(parents))
        loops = [next(n for n in self._chain(node) if not self._open(self._chain(n))) for node in candidates]
        choices = self.table.choices(self.at)
        beginnable = [n for n in loops if any(n == step.counter for step in choices.get(self.table.tag(n), ()))]
        if beginnable:
            self._report_headless(position, tag, max(beginnable, key=lambda n: self._follow(position, n)))
            return None
        where = self.table.nodes[self.table.nodes[candidates[0]].loops[-1]].path
        self._report(
            "segment_out_of_order",
            f"{self._named(tag)} stands at a wrong place: it belongs into the group {where}",
            position,
            candidates[0],
        )
        return None

    def _belated(self, position: int, node: int, loop: int, depth: int) -> Step | None:
        """A segment of an open loop that comes after its place. What begins a loop is nested there, so
        that the rest of that loop finds its place; anything else stays where it stands."""
        before = self.table.tag(self.at)
        self._report(
            "segment_out_of_order",
            f"{self._named(self.table.tag(node))} stands at a wrong place: it belongs before {before}",
            position,
            node,
        )
        counted = node if loop == _NOWHERE else loop
        missed = self.absent.pop((counted, id(self.stack[depth])), None)
        if missed is not None:
            self.report.withdraw(missed)  # it is not missing, it only came late
        if loop == _NOWHERE:
            self.counts[depth][node] = self._count(node) + 1
            return None
        found = self.table.nodes[loop]
        assert isinstance(found.row, LoopUse)  # noqa: S101 - trigger_of names loops
        closes = len(self.stack) - 1 - depth
        return Step(node, closes, found.row.name, (), loop, found.row.max)

    def _chain(self, node: int) -> tuple[int, ...]:
        """The loops around a segment, outermost first; of a loop, itself too."""
        found = self.table.nodes[node]
        return (*found.loops, node) if found.opens else found.loops

    def _within(self, tag: str, loop: int) -> bool:
        """Whether a loop, with those in it, has such a segment."""
        return any(loop < node < self.table.nodes[loop].end for node in self.table.tags.get(tag, ()))

    def _follow(self, position: int, loop: int) -> int:
        """How many of the next segments the loop has: the most likely one is that which has most of them."""
        ahead = self.segments[position - 1 : position - 1 + _LOOK_AHEAD]
        return next((n for n, segment in enumerate(ahead) if not self._within(segment[0], loop)), len(ahead))

    def _open(self, loops: tuple[int, ...]) -> bool:
        """Whether these loops, outermost first, are the outer ones of those that are open."""
        if self.at == _NOWHERE:
            return not loops
        return self.table.nodes[self.at].loops[: len(loops)] == loops

    def _report_foreign(self, position: int, tag: str) -> None:
        spec = self.table.spec
        known = self.table.directory.has_segment(tag)
        if not self.report.wants("segment_not_in_message" if known else "segment_unknown"):
            return
        if known:
            name = plain(self.table.directory.segment(tag).name)
            self._report(
                "segment_not_in_message",
                f"{tag} ({name}) does not occur in {spec.type} {spec.version}",
                position,
            )
        else:
            self._report(
                "segment_unknown",
                f"{cut(tag) or 'no tag'}: there is no such segment in {self.table.directory}",
                position,
            )

    def _report_headless(self, position: int, tag: str, loop: int) -> None:
        """A segment of a loop that may begin here but whose trigger is not there. Once for each gap."""
        self.gap = (self.at, loop)
        gap = (loop, self._parent(loop))
        if gap in self.headless:
            return
        self.headless.add(gap)
        name, trigger = self.table.nodes[loop].path, self.table.tag(loop)
        self._report(
            "segment_missing",
            f"{self._named(trigger)} is missing: {self._named(tag)} belongs into the group {name}, "
            f"which begins with {trigger}",
            position,
            loop + 1,
        )

    def _report_missing(self, position: int, step: Step) -> None:
        for node in step.missing:
            tag = self.table.tag(node)
            gap = (node, self._parent(node))
            if self._count(node) or tag in _TRAILERS or gap in self.headless:
                continue
            row = self.table.nodes[node].row
            before = "at the end" if step.to == _NOWHERE else f"before {self.table.tag(step.to)}"
            if isinstance(row, LoopUse):
                what = f"the group {row.name}, which begins with {self._named(tag)},"
                code, place = "loop_missing", node + 1
            else:
                what, code, place = self._named(tag), "segment_missing", node
            finding = self._report(code, f"{what} is missing {before}", position, place)
            if finding is not None:
                self.absent[gap] = finding

    def _parent(self, node: int) -> int:
        """The identity of the open loop in which a node stands."""
        return id(self.stack[len(self.table.nodes[node].loops)])

    def _report(self, code: str, text: str, position: int, node: int = _NOWHERE) -> Finding | None:
        """Report something at the segment of that position; `node` is the place in the table that it is
        about."""
        if node != _NOWHERE:
            return self.report.add(code, text, position, self.table.tag(node), self.table.nodes[node].path)
        tag = cut(self.segments[position - 1][0])
        path = "/".join([*(loop.name for loop in self.stack[1:]), tag])
        return self.report.add(code, text, position, tag, path)

    def _named(self, tag: str) -> str:
        return f"{tag} ({plain(self.table.spec.segments[tag].name)})"
