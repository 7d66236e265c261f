"""Losses told to people: "the note (FTX, segment 12) has no place in an 850"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from edigw.directory.directory import Directory, edifact, positions, x12
from edigw.directory.errors import NotInDirectory
from edigw.mapping.analysis.outline import Bound, outline
from edigw.mapping.compiler import Binding
from edigw.mapping.loss import Loss
from edigw.mapping.plan import Plan
from edigw.syntax.model import Segment, Standard

_LABEL = re.compile(r"(?!SG\d)([A-Z][A-Z0-9]{1,2})(\d\d)(?:-(\d+))?")
_INDEX = re.compile(r"(\d\d)(?:-(\d+))?")
_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")
_SHOWN = 60  # characters of a value
_SYNTAX = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A loss with its text, and every place that names its value: in the document, and in the messages."""

    loss: Loss
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where a message goes. `reader` is None for a document that came in no message, `writer` for one
    that goes into none; `segments` are those of the message that was read."""

    standard: Standard
    version: str
    reader: Binding | None = None
    writer: Binding | None = None
    target: str = ""  # the message type that is written
    segments: Sequence[Segment] = ()

    def read(self, losses: Iterable[Loss]) -> list[Told]:
        """What the reader lost, and what of the message's own header is left behind."""
        return [self._reading(loss) for loss in losses]

    def written(self, losses: Iterable[Loss]) -> list[Told]:
        """What the writer lost."""
        losses = list(losses)
        held = _held(self.segments) if losses else {}
        return [self._writing(loss, held) for loss in losses]

    def fitted(self, losses: Iterable[Loss]) -> list[Told]:
        """What was changed in the segments that the writer made, for the receiver's character set and delimiters."""
        return [self._fitting(loss) for loss in losses]

    def _fitting(self, loss: Loss) -> Told:
        names = _names(self.writer.standard, self.writer.version) if self.writer else None
        tag, name = _named(loss.location, names)
        place = f"{tag}, segment {loss.segment} of the {self.target or 'message'}"
        text = f"{name or 'a value'} {_quoted(loss.value)} ({place}) is {loss.reason}"
        fields = _index(self.writer).by_tag.get(tag, ()) if self.writer else ()
        return Told(replace(loss, text=text), (loss.location, *fields))

    def _reading(self, loss: Loss) -> Told:
        tag, name = _named(loss.location, _names(self.standard, self.version))
        shown = _quoted(loss.value)
        what = f"{name or 'a value'}{f' {shown}' if shown else ''} ({tag}, segment {loss.segment})"
        fields = _index(self.reader).fields_at(loss.location) if self.reader else ()
        return Told(replace(loss, text=f"{what}: {_why_read(loss)}"), (loss.location, *fields))

    def _writing(self, loss: Loss, held: Mapping[tuple[str, str], list[int]]) -> Told:
        path = re.sub(r"\[\d+\]", "", loss.location)
        source = self._bound(self.reader, path)
        what = _phrase(loss.location)
        tag = source.tag if source else ""
        numbers = held.get((tag, loss.value), ())
        if tag:
            what += f" ({tag}, segment {numbers[0]})" if len(numbers) == 1 else f" ({tag})"
        known = (source, self._bound(self.writer, path))
        places = (loss.location, *(found.location for found in known if found is not None))
        return Told(replace(loss, text=f"{what} {self._why_written(loss)}"), places)

    @staticmethod
    def _bound(binding: Binding | None, path: str) -> Bound | None:
        return None if binding is None else _index(binding).by_field.get(path)

    def _why_written(self, loss: Loss) -> str:
        into = f"{_article(self.target)} {self.target}" if self.target else "the message"
        shown = _quoted(loss.value)
        value = f"{shown} " if shown else ""
        match loss.kind:
            case "dropped" if loss.reason in ("no rule", "empty"):
                return f"has no place in {into}"
            case "dropped" if loss.code_list:
                return f"{value}can't be said in {into}: its code list {loss.code_list} lacks a code"
            case "dropped":
                return f"{value}can't be written into {into}: {loss.reason}"
            case "defaulted" if loss.code_list:
                return f"{value}is another code in {into}: {loss.reason}"
            case "defaulted":
                return f"is {loss.value} in {into}: {loss.reason}"
            case "passed":
                return f"{value}goes into {into} as it is: {loss.reason}"
            case _:
                return f"{value}is not the same in {into}: {loss.reason}"


def _why_read(loss: Loss) -> str:
    match loss.kind:
        case "unmapped":
            return "no rule reads it, so it goes no further"
        case "unreadable" if loss.code_list:
            return f"{loss.reason} (list {loss.code_list}), so it goes no further"
        case "unreadable":
            return f"{loss.reason}, so it goes no further"
        case "folded":
            return f"{loss.reason}, which is less exact"
        case "dropped":
            return f"goes no further, {loss.reason}"
        case _:
            return loss.reason


@dataclass(frozen=True, slots=True)
class _Index:
    """The outline of a binding, to be asked once for each loss."""

    by_field: dict[str, Bound]
    by_tag: dict[str, list[str]]  # fields
    by_place: dict[tuple[str, int | None, int | None], list[str]]  # fields, by segment, element and component
    by_location: dict[str, list[str]]  # fields, by the location that losses have
    lists: dict[str, str]  # fields that are lists, by the group or segment of their items

    def fields_at(self, location: str) -> list[str]:
        """The fields of a place in the message, and the lists to whose items it belongs."""
        above, _, last = location.rpartition("/")
        index = _INDEX.fullmatch(last)
        fields = list(self.by_location.get(location, ()))
        if index:
            component = int(index[2]) if index[2] else None
            fields += self.by_place.get((above, int(index[1]), component), ())
        steps = location.split("/")
        prefixes = ("/".join(steps[:depth]) for depth in range(1, len(steps)))
        fields += [self.lists[prefix] for prefix in prefixes if prefix in self.lists]
        return list(dict.fromkeys(fields))


def _index(binding: Binding) -> _Index:
    return _indexed(binding.plan)


@lru_cache(maxsize=256)
def _indexed(plan: Plan) -> _Index:
    index = _Index({}, {}, {}, {}, {})
    for bound in outline(plan):
        if not bound.field:
            continue
        index.by_field.setdefault(bound.field, bound)
        index.by_tag.setdefault(bound.tag, []).append(bound.field)
        if bound.role == "list":
            index.lists.setdefault(bound.location, bound.field)
        else:
            index.by_location.setdefault(bound.location, []).append(bound.field)
            index.by_place.setdefault((bound.segment, bound.element, bound.component), []).append(bound.field)
    return index


def _held(segments: Iterable[Segment]) -> dict[tuple[str, str], list[int]]:
    """In which segments of a tag a value stands."""
    found: dict[tuple[str, str], list[int]] = {}
    for number, segment in enumerate(segments, 1):
        for value in _values(segment[1:]):
            numbers = found.setdefault((segment[0], value), [])
            if not numbers or numbers[-1] != number:
                numbers.append(number)
    return found


@lru_cache(maxsize=64)
def _names(standard: Standard, version: str) -> Directory | None:
    try:
        return edifact(version) if standard == "edifact" else x12(version)
    except NotInDirectory:
        return None


def _named(location: str, names: Directory | None) -> tuple[str, str]:
    """The segment of a location, and the name of its element: ("FTX", "free text")."""
    *above, last = location.split("/")
    label = _LABEL.fullmatch(last)
    index = _INDEX.fullmatch(last)
    if label:
        return label[1], _element_name(names, label[1], int(label[2]), int(label[3] or 1))
    tag = above[-1] if above else last
    if index:
        return tag, _element_name(names, tag, int(index[1]), int(index[2] or 1))
    if not above or names is None:
        return last, ""
    try:
        return tag, names.element(last).name.lower()
    except NotInDirectory:
        return last, ""


def _element_name(names: Directory | None, tag: str, element: int, component: int) -> str:
    if names is None or not names.has_segment(tag):
        return ""
    spec = names.segment(tag)
    uses = positions(spec, _SYNTAX) if names.standard == "edifact" else spec.elements
    if not 1 <= element <= len(uses):
        return ""
    use = uses[element - 1]
    if use.element is not None:
        return use.element.name.lower()
    return use.components[component - 1].element.name.lower() if component <= len(use.components) else ""


def _phrase(path: str) -> str:
    """A path of the document in words: "lines[2].price" as "the price of line 3"."""
    words = []
    for step in path.split("."):
        match = _STEP.fullmatch(step)
        if match is None:
            return f"the value at {path}"
        name = match[1].replace("_", " ")
        words.append(f"{_singular(name)} {int(match[2]) + 1}" if match[2] else f"the {name}")
    return " of ".join(reversed(words)) if path else "the document"


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-2] if name.endswith("xes") else name.removesuffix("s")


def _article(message: str) -> str:
    return "an" if message[:1] in "8AEIO" else "a"


def _quoted(value: str) -> str:
    """A value as it is quoted; "" for one that is empty, or a whole item."""
    if not value or value[0] in "{[":
        return ""
    return f'"{value}"' if len(value) <= _SHOWN else f'"{value[:_SHOWN]}..."'


def _values(element: Any) -> Iterator[str]:
    if isinstance(element, list):
        for part in element:
            yield from _values(part)
    elif element:
        yield element
