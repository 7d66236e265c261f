"""Files from one form into another, through the canonical documents: what `edigw convert` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from edigw import directory, documents, mapping
from edigw.admin.output import CommandError, printable
from edigw.documents import DOCUMENTS, Document
from edigw.gateway.outgoing.envelope import Content as EnvelopeContent
from edigw.gateway.outgoing.envelope import Envelope
from edigw.mapping import Binding, Loss
from edigw.mapping.loss import Outcome, tally
from edigw.mapping.words import Way
from edigw.partners.config import Config
from edigw.partners.tables.acknowledgements import Acknowledgements
from edigw.partners.tables.identity import EdifactIdentifier, Identifiers, X12Identifier
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.settings import LogSettings
from edigw.partners.tables.writing import EdifactWriting, X12Writing
from edigw.syntax import Interchange, Message, MessageBody, ParsedFile, PartyId, Standard, WriteError

_TYPE = "document"  # the key of a JSON document that says which one it is
_OUTCOMES: tuple[Outcome, ...] = ("carried", "converted", "defaulted", "truncated", "dropped")
_UBL = "ubl"
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# Qualifiers that mean the same: EDIFACT 0007 and X12 I05. Others are kept as they are.
_TO_X12 = {"1": "01", "9": "16", "8": "08", "12": "12", "14": "07", "ZZZ": "ZZ", "": "ZZ"}
_TO_EDIFACT = {"01": "1", "16": "9", "08": "8", "12": "12", "07": "14", "ZZ": "ZZZ"}


@dataclass(frozen=True, slots=True)
class Target:
    """What to write: UBL, or a message of a version, "850:004010", with its association code ("ORDERS:D.96A:EAN008")
    or the suffix of its version ("850:004010:VICS")."""

    message: str
    version: str
    association: str = ""

    @property
    def is_ubl(self) -> bool:
        """A UBL document, whichever says what the document says."""
        return self.message == _UBL

    @property
    def standard(self) -> Standard:
        return "x12" if self.message.isdigit() else "edifact"

    def __str__(self) -> str:
        return f"{self.message} {self.version}"


@dataclass(frozen=True, slots=True)
class Options:
    """The envelope of what is written. Parties are "ID" or "ID:QUALIFIER", "" for those of the interchange that the
    document came in, or SENDER and RECEIVER if it came in none."""

    now: datetime
    sender: str = ""
    receiver: str = ""
    newline: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """One document that was read, where it came from, and what reading it lost."""

    document: Document
    control: str  # of the message; "" if it was JSON
    losses: Sequence[Loss]
    interchange: Interchange | None = None
    message: Message | None = None
    binding: Binding | None = None

    @property
    def kind(self) -> str:
        return type(self.document).__name__


@dataclass(frozen=True, slots=True)
class Written:
    """An interchange, and what of the document did not get into it unchanged."""

    data: bytes
    losses: Sequence[Loss]


def target(text: str) -> Target | None:
    """The value of --to; None for "json". Raises CommandError."""
    if text.lower() == "json":
        return None
    if text.lower() == _UBL:
        return Target(_UBL, "2.1")
    message, _, rest = text.partition(":")
    version, _, association = rest.partition(":")
    if not message or not version:
        raise CommandError(f"--to {text}: expected json, ubl, or a message and version like ORDERS:D.96A or 850:004010")
    message = message.upper()
    try:
        opened = directory.x12(version) if message.isdigit() else directory.edifact(version)
        opened.message(message)
    except directory.NotInDirectory as error:
        raise CommandError(f"--to {text}: {error}") from error
    return Target(message, opened.version, association)


# ---------------------------------------------------------------- reading


def is_json(data: bytes) -> bool:
    """Whether a file is JSON: no interchange begins like that."""
    return data.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")


def is_xml(data: bytes) -> bool:
    """Whether a file is XML: no interchange begins like that."""
    return data[:2] in _UTF_16 or data.removeprefix(_BOM).lstrip()[:1] == b"<"


def read_xml(name: str, data: bytes) -> list[Content]:
    """A UBL document. Raises CommandError."""
    from edigw.mapping.xml import XmlError, read_ubl

    try:
        document, losses = read_ubl(data.lstrip())
    except XmlError as error:
        raise CommandError(f"{name}: {error}") from error
    return [Content(document, "", losses)]


def read_json(name: str, data: bytes) -> list[Content]:
    """Canonical JSON, one document or a list, as `as_json` writes it. Raises CommandError."""
    try:
        value = msgspec.json.decode(data.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CommandError(f"{name}: not JSON: {error}") from error
    items = value if isinstance(value, list) else [value]
    if not items:
        raise CommandError(f"{name}: holds no document")
    return [
        Content(_document(f"{name}: document {number}" if len(items) > 1 else name, item), "", ())
        for number, item in enumerate(items, 1)
    ]


def _document(place: str, item: Any) -> Document:
    kind = item.pop(_TYPE, None) if isinstance(item, dict) else None
    if not isinstance(kind, str) or kind not in DOCUMENTS:
        raise CommandError(f'{place}: expected an object with "{_TYPE}": one of {", ".join(DOCUMENTS)}')
    try:
        document = documents.decode(msgspec.json.encode(item), DOCUMENTS[kind])
    except msgspec.DecodeError as error:
        raise CommandError(f"{place}: {error}") from error
    for key in _unknown(item, msgspec.json.decode(documents.encode(document))):
        raise CommandError(f"{place}: {kind} has no {key}")
    return document


def _unknown(given: Any, kept: Any, path: str = "") -> Iterator[str]:
    """The keys of a JSON document that its structs don't have. They leave out what is empty."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            inner = f"{path}.{key}" if path else key
            if key in kept:
                yield from _unknown(value, kept[key], inner)
            elif value not in (None, [], {}):
                yield inner
    elif isinstance(given, list) and isinstance(kept, list):
        for index, (value, same) in enumerate(zip(given, kept, strict=False)):
            yield from _unknown(value, same, f"{path}[{index}]")


def read_messages(name: str, parsed: ParsedFile) -> list[Content]:
    """Every message of a checked file as a document. Raises CommandError if there is none, or no binding reads it."""
    found = [
        _read(name, message, interchange) for interchange in parsed.interchanges for message in interchange.messages
    ]
    if not found:
        raise CommandError(f"{name}: holds no message")
    return found


def _read(name: str, message: Message, interchange: Interchange) -> Content:
    binding = mapping.find(message.standard, message.type, message.version)
    if binding is None or message.tree is None:
        raise CommandError(f"{name}: no binding reads {message.type} {message.version}; there are {_bindings()}")
    document, losses = binding.read(message.tree)
    way = Way(message.standard, message.version, binding)
    told = [each.loss for each in way.read(losses)]
    return Content(document, message.control, told, interchange, message, binding)


def _bindings() -> str:
    return ", ".join(mapping.bindings()) or "none"


# ---------------------------------------------------------------- writing


def as_json(contents: Sequence[Content]) -> bytes:
    """The documents as JSON: one object, or a list if there are several."""
    values = [{_TYPE: c.kind, **msgspec.json.decode(documents.encode(c.document))} for c in contents]
    data = msgspec.json.encode(values[0] if len(values) == 1 else values)
    return msgspec.json.format(data, indent=2) + b"\n"


def write(content: Content, wanted: Target, number: int, options: Options) -> Written:
    """The interchange number `number`, with one document as `wanted`, in the way the gateway writes interchanges.
    Raises CommandError if it can't be written."""
    if wanted.is_ubl:
        return _write_xml(content)
    binding = mapping.by_document(content.kind, wanted.standard, wanted.message, wanted.version)
    if binding is None:
        raise CommandError(f"no binding writes {content.kind} as {wanted}; there are {_bindings()}")
    body, lost = binding.write(content.document)
    sender, receiver = _partners(content.interchange, wanted, options)
    config = Config(
        log=LogSettings(origin=""), path=Path(), digest="", partners={p.code: p for p in (sender, receiver)}
    )
    envelope = Envelope(config, wanted.standard, sender, receiver)
    fitted, changed = envelope.fit(body, wanted.version)
    if wanted.standard == "edifact":
        message = MessageBody(wanted.message, fitted, wanted.version, association=wanted.association)
        group = ""
    else:
        message = MessageBody(wanted.message, fitted, wanted.version)
        group = directory.x12(wanted.version).message(wanted.message).group
    test = content.interchange is not None and content.interchange.test
    try:
        data = envelope.wrap([EnvelopeContent(message, group)], [number], test=test, now=options.now)
    except WriteError as error:
        raise CommandError(f"{content.kind} can't be written as {wanted}: {error}") from error
    segments = content.message.segments if content.message else ()
    way = Way(wanted.standard, wanted.version, content.binding, binding, wanted.message, segments)
    return Written(data, [each.loss for each in (*way.written(lost), *way.fitted(changed))])


def _write_xml(content: Content) -> Written:
    from edigw.mapping.xml import write_ubl

    data, losses = write_ubl(content.document)
    return Written(data, losses)


def losses_json(contents: Sequence[Content], losses: Sequence[Sequence[Loss]]) -> bytes:
    """The loss report as a JSON list; each loss with the control reference of its message and what became of it.
    `losses` are those of each content."""
    values = [
        {"message": content.control, "outcome": loss.outcome, **msgspec.to_builtins(loss)}
        for content, lost in zip(contents, losses, strict=True)
        for loss in lost
    ]
    return msgspec.json.format(msgspec.json.encode(values), indent=2) + b"\n"


def losses_text(contents: Sequence[Content], losses: Sequence[Sequence[Loss]]) -> bytes:
    """The loss report for people: for each message how many of its values were carried, and each that was not."""
    lines = []
    for number, (content, mine) in enumerate(zip(contents, losses, strict=True), 1):
        name = f"message {content.control}" if content.control else f"document {number}"
        if content.message is not None:
            counts = tally(content.message.segments[1:-1], mine)
            told = [f"{counts[word]} {word}" for word in _OUTCOMES if counts[word]]
            lines.append(f"{name}: {counts['values']} values, {', '.join(told)}")
        else:
            lines.append(f"{name}: {len(mine)} not carried one to one")
        lines += [f"  {loss.outcome}: {printable(loss.text)}" for loss in mine]
    return "".join(f"{line}\n" for line in lines).encode()


def _partners(interchange: Interchange | None, wanted: Target, options: Options) -> tuple[Partner, Partner]:
    sender, receiver = PartyId("SENDER"), PartyId("RECEIVER")
    if interchange is not None:
        sender, receiver = interchange.sender, interchange.receiver
    return (
        _partner("sender", options.sender, sender, wanted, options.newline),
        _partner("receiver", options.receiver, receiver, wanted, options.newline),
    )


def _partner(code: str, given: str, party: PartyId, wanted: Target, newline: bool) -> Partner:
    """A partner with nothing but its identifier in the target's standard."""
    if given:
        identifier, _, qualifier = given.partition(":")
        party = PartyId(identifier, qualifier)
    identifiers, suffix = Identifiers(), ""
    if wanted.standard == "x12":
        qualifier = _TO_X12.get(party.qualifier, party.qualifier)
        identifiers = Identifiers(x12=(X12Identifier(party.id, qualifier),))
        suffix = wanted.association
    else:
        qualifier = _TO_EDIFACT.get(party.qualifier, party.qualifier)
        identifiers = Identifiers(edifact=(EdifactIdentifier(party.id, qualifier),))
    return Partner(
        name=code,
        code=code,
        identifiers=identifiers,
        edifact=EdifactWriting(newline=newline),
        x12=X12Writing(newline=newline, suffix=suffix),
        acknowledgements=Acknowledgements(request=False),
    )
