"""Samples of messages in whichever syntax: what a binding reads from a file, and what it writes, as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edigw.mapping import wire
from edigw.mapping.library import AnyBinding
from edigw.mapping.loss import Loss
from edigw.mapping.xml import XmlBinding, XmlError
from edigw.mapping.xml.parsing import parse
from edigw.mapping.xml.text import normal


@dataclass(frozen=True, slots=True)
class Sample:
    """A message of a file as its document. `problems` is what makes the message invalid; if it has no structure that
    could be read, there is no `document`."""

    document: Any | None
    losses: list[Loss]
    problems: list[str]


def samples(data: bytes, binding: AnyBinding) -> list[Sample]:
    """The messages of the binding's type in a file: an interchange, the body of a message, or an XML document. Raises
    wire.NoMessage if it holds none."""
    if isinstance(binding, XmlBinding):
        try:
            document, losses = binding.read(data.lstrip())
        except XmlError as error:
            raise wire.NoMessage(f"holds no {binding.message}: {error}") from error
        return [Sample(document, losses, [])]
    found = []
    for message in wire.messages(data, binding):
        problems = [finding.text for finding in message.findings if finding.severity == "error"]
        document, losses = (None, []) if message.tree is None else binding.read(message.tree)
        found.append(Sample(document, losses, problems))
    return found


def written(document: Any, binding: AnyBinding) -> tuple[str, list[Loss]]:
    """A document as the binding writes it, and what is lost. Raises syntax.WriteError."""
    if isinstance(binding, XmlBinding):
        data, losses = binding.write(document)
        return data.decode(), losses
    segments, losses = binding.write(document)
    return wire.body_text(binding, segments), losses


def as_written(data: bytes, binding: AnyBinding) -> str:
    """A file in the form that `written` gives, for comparing. Raises wire.NoMessage."""
    if isinstance(binding, XmlBinding):
        try:
            return normal(parse(data.lstrip()))
        except XmlError as error:
            raise wire.NoMessage(f"holds no {binding.message}: {error}") from error
    return wire.body_text(binding, wire.messages(data, binding)[0].segments[1:-1])
