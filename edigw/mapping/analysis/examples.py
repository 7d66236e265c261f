"""Examples of a binding or an overlay: a message, the document that it is, and what is written from that.

Examples lie in a folder as `NAME.<MESSAGE>` with `NAME.document.json`, or as a folder NAME with `<MESSAGE>` and
`document.json`; `overlay.<MESSAGE>.yaml` is then the overlay of the partner that it is from. A message is a body, a
segment a line, or a whole interchange; in UBL it is `NAME.xml`. Where writing gives something else than what was read,
it stands in `NAME.written.<MESSAGE>`; what is lost, in `NAME.losses.txt`, a line each:

    read ORDERS: unmapped FTX/04-2: why that is so
    write ORDERS: dropped lines[0].origin: why that is so
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from edigw import documents
from edigw.documents import DOCUMENTS
from edigw.mapping import wire
from edigw.mapping.analysis.sample import as_written, samples, written
from edigw.mapping.library import AnyBinding
from edigw.mapping.loss import Loss
from edigw.syntax import WriteError

_PATH = re.compile(r"([a-z_0-9]+)(?:\[(\d+)\])?")
_CONTEXT = 2  # lines around a difference


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a message type. The files need not exist yet, but the message does."""

    name: str
    message: Path
    document: Path
    written: Path
    losses: Path
    overlay: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an example: the differences to what was expected, as texts for people; none if all is right."""

    example: Example
    version: str
    differences: list[str] = field(default_factory=list)
    recorded: list[Path] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.differences


def examples(folder: Path, message: str) -> list[Example]:
    """The examples of a message type in a folder, by name."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        name, _, kind = path.name.rpartition(".")
        if path.is_file() and kind == message and name and not name.endswith((".written", ".returned")):
            found.append(
                Example(
                    name,
                    path,
                    folder / f"{name}.document.json",
                    folder / f"{name}.written.{message}",
                    folder / f"{name}.losses.txt",
                )
            )
        elif (path / message).is_file():
            found.append(
                Example(
                    path.name,
                    path / message,
                    path / "document.json",
                    path / f"written.{message}",
                    path / "losses.txt",
                    overlay if (overlay := path / f"overlay.{message}.yaml").is_file() else None,
                )
            )
    return found


def run(example: Example, binding: AnyBinding, *, record: bool = False) -> Outcome:
    """Read the message, write the document, and compare. `record`: what has no expectation yet is written down as it
    is now, to be looked at by a person. Raises OSError."""
    outcome = Outcome(example, binding.version)
    try:
        message, *others = samples(example.message.read_bytes(), binding)
    except wire.NoMessage as error:
        outcome.differences.append(f"{example.message.name} {error}")
        return outcome
    if others:
        outcome.differences.append(f"{example.message.name} holds several messages; give each a file of its own")
        return outcome
    if message.problems:
        outcome.differences.append(f"{example.message.name} is not valid: {'; '.join(message.problems)}")
    if message.document is None:
        return outcome
    document, read_losses = message.document, message.losses
    if record and not example.document.exists():
        example.document.write_bytes(documents.encode(document, indent=2) + b"\n")
        outcome.recorded.append(example.document)
    if not example.document.exists():
        outcome.differences.append(f"{example.document.name} is missing; --record writes it, to be looked at")
        return outcome
    data = example.document.read_bytes()
    try:
        expected = documents.decode(data, DOCUMENTS[binding.document])
    except msgspec.DecodeError as error:
        outcome.differences.append(f"{example.document.name} is no {binding.document}: {error}")
        return outcome
    _compare(outcome, binding, document, read_losses, expected, msgspec.json.decode(data), record)
    return outcome


def _compare(
    outcome: Outcome,
    binding: AnyBinding,
    document: Any,
    read_losses: list[Loss],
    expected: Any,
    given: Any,
    record: bool,
) -> None:
    """`given` is the expected document as it stands in its file, with keys that no document has."""
    example = outcome.example
    try:
        text, write_losses = written(expected, binding)
    except WriteError as error:
        outcome.differences.append(f"the document can't be written: {error}")
        return
    wanted = _without(given, write_losses)
    found = _without(msgspec.json.decode(documents.encode(document)), write_losses)
    outcome.differences.extend(_difference("the document", example.document.name, _json(wanted), _json(found)))
    told = [f"read {binding.message}: {loss.kind} {loss.location}" for loss in read_losses]
    told += [f"write {binding.message}: {loss.kind} {loss.location}" for loss in write_losses]
    target = example.written if example.written.exists() else example.message
    try:
        as_given = as_written(target.read_bytes(), binding)
    except wire.NoMessage as error:
        outcome.differences.append(f"{target.name} {error}")
        return
    if record and text != as_given and not example.written.exists():
        example.written.write_text(text, "utf-8")
        outcome.recorded.append(example.written)
        as_given = text
    outcome.differences.extend(_difference("what is written", target.name, as_given, text))
    if record and told and not example.losses.exists():
        reasons = [*read_losses, *write_losses]
        lines = [f"{line}: {loss.reason}\n" for line, loss in zip(told, reasons, strict=True)]
        example.losses.write_text("".join(lines), "utf-8")
        outcome.recorded.append(example.losses)
    known = _expected_losses(example, binding.message)
    outcome.differences.extend(f"not expected: {line}" for line in told if line not in known)
    outcome.differences.extend(f"expected, but not lost: {line}" for line in sorted(known - set(told)))


def _expected_losses(example: Example, message: str) -> set[str]:
    lines = example.losses.read_text("utf-8").splitlines() if example.losses.exists() else []
    mine = (f"read {message}: ", f"write {message}: ")
    return {": ".join(line.split(": ")[:2]) for line in lines if line.startswith(mine)}


def _difference(what: str, name: str, wanted: str, found: str) -> Iterator[str]:
    if wanted == found:
        return
    lines = difflib.unified_diff(
        wanted.splitlines(), found.splitlines(), f"{name} (expected)", "now", n=_CONTEXT, lineterm=""
    )
    yield f"{what} differs:\n" + "\n".join(lines)


# ---------------------------------------------------------------- documents without what the message can't say


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2).decode()


def _without(plain: Any, losses: Iterable[Loss]) -> Any:
    """A document without the values that writing it loses: they can't be compared with what is read."""
    for loss in sorted(losses, key=lambda loss: _order(loss.location), reverse=True):
        _remove(plain, loss.location.split("."))
    return plain


def _order(location: str) -> list[int]:
    """Later items of a list go first, or the others would change their places."""
    return [int(index) for index in re.findall(r"\[(\d+)\]", location)]


def _remove(value: Any, steps: list[str]) -> None:
    match = _PATH.fullmatch(steps[0])
    if match is None or not isinstance(value, dict) or match[1] not in value:
        return
    name, index = match[1], match[2]
    if index is not None:
        items = value[name]
        if not isinstance(items, list) or int(index) >= len(items):
            return
        if len(steps) == 1:
            del items[int(index)]
            if not items:
                del value[name]
        else:
            _remove(items[int(index)], steps[1:])
    elif len(steps) == 1:
        del value[name]
