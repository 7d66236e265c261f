"""A segment table compiled for one pass over a message: from every place in it, which segment may come next.

The table is numbered from top to bottom, loops and segments alike; such a number is a *node*. A message is
followed by its node, the stack of open loops and one counter for each node. The choices at a node are what
the standards' rule "process the table from top to bottom, left to right" allows (ISO 9735-1 annex; X12.6
3.8): the segment again, what follows in the same loop, the loop again, what follows the loop, and so
outwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from edigw.directory.directory import Directory
from edigw.directory.model import LoopUse, MessageSpec, Row, SegmentUse

END = None  # stands for the tag after the last segment
_ROOT = -1


class Node(NamedTuple):
    """A segment or loop of the table. `end` is the node after its last descendant."""

    row: Row
    loops: tuple[int, ...]  # the loops that enclose it, outermost first
    end: int
    path: str  # "SG2/NAD"; of a loop "SG2"

    @property
    def opens(self) -> bool:
        return isinstance(self.row, LoopUse)


class Step(NamedTuple):
    """The way from one node to the next segment."""

    to: int  # node of the segment
    closes: int  # loops that end before it
    opens: str  # name of the loop that begins with it, or ""
    missing: tuple[int, ...]  # mandatory nodes that were passed over
    counter: int  # the node that occurs once more: the loop, or else the segment
    limit: int


class Table:
    """A compiled segment table. Choices are worked out when a message first reaches a node."""

    __slots__ = ("_choices", "directory", "nodes", "reached", "spec", "tags")

    def __init__(self, directory: Directory, spec: MessageSpec) -> None:
        self.directory = directory
        self.spec = spec
        self.nodes: list[Node] = []
        self._number(spec.table, (), "")
        self.tags: dict[str, list[int]] = {}
        for number, node in enumerate(self.nodes):
            if isinstance(node.row, SegmentUse):
                self.tags.setdefault(node.row.tag, []).append(number)
        self._choices: dict[int, dict[str | None, list[Step]]] = {}
        self.reached: list[dict[str | None, Step] | None] = [None] * (len(self.nodes) + 1)  # what `first` gave so far

    def first(self, node: int) -> dict[str | None, Step]:
        """The first choice at a node for each tag that may follow; -1 is the place before the first
        segment."""
        found = self.reached[node]  # the last one is for -1
        if found is None:
            found = self.reached[node] = {tag: steps[0] for tag, steps in self.choices(node).items()}
        return found

    def choices(self, node: int) -> dict[str | None, list[Step]]:
        """All choices at a node, best first."""
        found = self._choices.get(node)
        if found is None:
            found = {}
            for tag, step in self._steps(node):
                found.setdefault(tag, []).append(step)
            self._choices[node] = found
        return found

    def tag(self, node: int) -> str:
        """The tag of a segment, or of a loop's first segment."""
        row = self.nodes[node].row
        return row.trigger.tag if isinstance(row, LoopUse) else row.tag

    def trigger_of(self, node: int) -> int:
        """The loop that begins with this segment, or -1."""
        loops = self.nodes[node].loops
        return loops[-1] if loops and loops[-1] == node - 1 else _ROOT

    def _number(self, rows: tuple[Row, ...], loops: tuple[int, ...], path: str) -> None:
        for row in rows:
            number = len(self.nodes)
            name = f"{path}{row.name if isinstance(row, LoopUse) else row.tag}"
            self.nodes.append(Node(row, loops, number + 1, name))
            if isinstance(row, LoopUse):
                self._number(row.children, (*loops, number), f"{name}/")
                self.nodes[number] = Node(row, loops, len(self.nodes), name)

    def _siblings_after(self, node: int, end: int) -> Iterator[int]:
        """The nodes after `node` on its level, up to `end`."""
        number = self.nodes[node].end if node != _ROOT else 0
        while number < end:
            yield number
            number = self.nodes[number].end

    def _steps(self, node: int) -> Iterator[tuple[str | None, Step]]:
        last_resort: list[tuple[str | None, Step]] = []
        if node != _ROOT:
            use = self.nodes[node].row
            again = (self.tag(node), Step(node, 0, "", (), node, use.max))
            if use.max > 1:
                yield again
            elif self.trigger_of(node) == _ROOT:
                last_resort.append(again)
        missing: tuple[int, ...] = ()
        enclosing = self.nodes[node].loops if node != _ROOT else ()
        at, closes = node, 0
        while True:
            loop = enclosing[-1] if enclosing else _ROOT
            for number in self._siblings_after(at, self.nodes[loop].end if enclosing else len(self.nodes)):
                yield self.tag(number), self._step(number, closes, missing)
                if self.nodes[number].row.mandatory:
                    missing = (*missing, number)
            if not enclosing:
                break
            closes += 1
            again = (self.tag(loop), self._step(loop, closes, missing))
            if self.nodes[loop].row.max > 1:
                yield again
            else:
                last_resort.append(again)
            enclosing, at = enclosing[:-1], loop
        yield from last_resort
        yield END, Step(_ROOT, closes, "", missing, _ROOT, 0)

    def _step(self, number: int, closes: int, missing: tuple[int, ...]) -> Step:
        node = self.nodes[number]
        if isinstance(node.row, LoopUse):
            return Step(number + 1, closes, node.row.name, missing, number, node.row.max)
        return Step(number, closes, "", missing, number, node.row.max)


@lru_cache(maxsize=128)
def table(directory: Directory, type: str) -> Table:
    """The compiled table of a message type. Raises UnknownMessage."""
    return Table(directory, directory.message(type))
