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
                message = wire.messages(data, binding)[0]
            except wire.NoMessage as error:
                raise CommandError(f"{named(file)}: {error}") from error
            if message.tree is None:
                raise CommandError(f"{named(file)}: its {message.type} has no structure that could be read")
            read.append(binding.read(message.tree))
    written = [binding.write(document) for binding, (document, _) in zip((one, other), read, strict=True)]
    texts = []
    for binding, (segments, _) in zip((one, other), written, strict=True):
        try:
            texts.append(wire.body_text(binding, segments))
        except WriteError as error:
            texts.append(f"can't be written: {error}\n")
    losses = [lines([*lost, *more]) for (_, lost), (_, more) in zip(read, written, strict=True)]
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
