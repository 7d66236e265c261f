"""What two forms of a binding make of the same message or document."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from edigw import documents
from edigw.admin import convert
from edigw.admin.output import CommandError, named, read_input
from edigw.admin.subject import Subject
from edigw.mapping import Loss, wire
from edigw.mapping.analysis.sample import samples, written
from edigw.syntax import WriteError

_CONTEXT = 2


def compare(before: Subject, after: Subject, file: str) -> list[str]:
    """The differences for a sample, as texts: what is read from a message, what is lost of it, and what is written.
    Raises CommandError, BindingError."""
    data = read_input(file)
    one, other = before.compiled(), after.compiled()
    read: list[tuple[Any, list[Loss]]] = []
    if convert.is_json(data):
        (content, *_) = convert.read_json(named(file), data)
        if content.kind != one.document:
            raise CommandError(f"{named(file)}: is {content.kind}, not {one.document}")
        read += [(content.document, []), (content.document, [])]
    else:
        for binding in (one, other):
            try:
                sample = samples(data, binding)[0]
            except wire.NoMessage as error:
                raise CommandError(f"{named(file)}: {error}") from error
            if sample.document is None:
                raise CommandError(f"{named(file)}: its {binding.message} has no structure that could be read")
            read.append((sample.document, sample.losses))
    texts, losses = [], []
    for binding, (document, lost) in zip((one, other), read, strict=True):
        try:
            text, more = written(document, binding)
        except WriteError as error:
            text, more = f"can't be written: {error}\n", []
        texts.append(text)
        losses.append(lines([*lost, *more]))
    return [
        *difference("the document", as_json(read[0][0]), as_json(read[1][0])),
        *difference("what is written", texts[0], texts[1]),
        *difference("what is lost", losses[0], losses[1]),
    ]


def as_json(document: Any) -> str:
    """A document for comparing."""
    return msgspec.json.format(documents.encode(document), indent=2).decode()


def lines(losses: Iterable[Loss]) -> str:
    """Losses for comparing, one a line."""
    return "".join(f"{loss.kind} {loss.location} {loss.value}: {loss.reason}\n" for loss in losses)


def difference(what: str, before: str, after: str) -> Iterator[str]:
    """A unified difference with a headline; nothing if there is none."""
    if before != after:
        told = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", n=_CONTEXT, lineterm="")
        yield f"{what}:\n" + "\n".join(told)
