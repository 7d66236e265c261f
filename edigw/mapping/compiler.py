"""A binding made executable: plan, program text, functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from edigw.mapping import codecs, hierarchy, loss, runtime
from edigw.mapping.loss import Entry, Loss
from edigw.mapping.overlay import Overlay
from edigw.mapping.plan import Plan
from edigw.mapping.reader import ReaderGenerator
from edigw.mapping.runtime import GroupCount
from edigw.mapping.source import Source
from edigw.mapping.totals import TotalCheck
from edigw.mapping.views import View
from edigw.mapping.writer import WriterGenerator
from edigw.syntax.model import Loop, Segment, flatten

_RUNTIME: dict[str, Any] = {
    "Loop": Loop,
    "because": runtime.because,
    "cell": runtime.cell,
    "first": runtime.first,
    "plain": runtime.plain,
    "rest": runtime.rest,
    "whole": runtime.whole,
    "wrap": runtime.wrap,
}


@dataclass(frozen=True, slots=True)
class Binding:
    """A binding compiled for one version: reads messages into documents and writes documents as messages."""

    name: str  # "order/ORDERS"
    document: str  # "Order"
    standard: str  # "edifact", "x12"
    message: str  # "ORDERS", "850"
    version: str  # "D.96A", "004010"
    sha256: str  # of the binding, its overlay and the code lists that it uses
    source: str = field(repr=False)  # the generated program
    partner: str = ""  # whose overlay it is
    overlay: Overlay | None = None
    unmapped: str = ""  # what is agreed for codes that no list has, as `sha256` covers it
    own_codes: frozenset[str] = frozenset()  # codes of the partner's own, which the directory may lack
    _plan: Plan = field(repr=False, kw_only=True)
    _view: View | None = field(repr=False, kw_only=True)
    _read: Callable[..., None] = field(repr=False, kw_only=True)
    _write: Callable[..., Loop] = field(repr=False, kw_only=True)

    @property
    def plan(self) -> Plan:
        """What it was made from: for documentation and reports."""
        return self._plan

    def read(self, tree: Loop) -> tuple[Any, list[Loss]]:
        """A structured message (`Message.tree`) as a document, and what of it did not get there."""
        lost: list[Entry] = []
        checks: list[tuple[GroupCount | TotalCheck, str, str, Segment]] = []
        prepared = runtime.spread(tree) if self._plan.repeats else tree
        if self._plan.hierarchy is not None:
            prepared = hierarchy.nest(prepared, self._plan.hierarchy, lost)
        document = self._plan.root.cls()
        self._read(prepared, document, lost, checks)
        if self._view is not None:
            if self._view.told is not None:
                lost += self._view.told(document)
            document = self._view.from_view(document)
        for check, location, value, segment in checks:
            found: Decimal | None
            if isinstance(check, TotalCheck):
                found = check.found(document, value)
            else:
                counted = Decimal(check.of(prepared))
                found = None if codecs.same_number(value, counted) else counted
            if found is not None:
                lost.append(("unexpected", location, value, f"{found} counted", segment))
        return document, loss.of_reading(lost, tree)

    def write(self, document: Any) -> tuple[list[Segment], list[Loss]]:
        """A document as the segments of a message, without UNH and UNT or ST and SE, and what did not fit."""
        tree, losses = self.write_tree(document)
        return flatten(tree), losses

    def write_tree(self, document: Any) -> tuple[Loop, list[Loss]]:
        """As `write`, but with the segments in their groups."""
        lost: list[Entry] = []
        item = document if self._view is None else self._view.to_view(document, lost)
        tree = self._write(item, lost, ())
        tree.name = self.message
        if self._plan.hierarchy is not None:
            tree = hierarchy.unnest(tree, self._plan.hierarchy)
        runtime.settle(tree, self._plan.counted)
        return tree, loss.of_writing(lost)


def compile_plan(plan: Plan, name: str) -> tuple[str, Callable[..., None], Callable[..., Loop]]:
    """Program text, reader and writer of a plan. `name` is what a traceback shows as the file."""
    out = Source()
    ReaderGenerator(plan, out).generate()
    WriterGenerator(plan, out).generate()
    text = out.text()
    namespace = {**_RUNTIME, **out.names}
    exec(compile(text, f"<{name}>", "exec"), namespace)  # noqa: S102 - generated from a checked plan
    return text, namespace[f"read_{plan.root.function}"], namespace[f"write_{plan.root.function}"]
