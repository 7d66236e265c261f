"""One accepted message becomes what its receiver has agreed to get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edigw import directory, documents, mapping
from edigw.gateway.context import Context
from edigw.gateway.envelope import Envelope
from edigw.mapping import Binding, Loss
from edigw.partners.model import Partner
from edigw.syntax import MessageBody, WriteError
from edigw.syntax.model import Message, Segment, Standard


class Held(Exception):
    """The message can't go on without a person: `code` for the log, `text` says what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message says, whoever gets it."""

    document: Any
    name: str  # "Order"
    number: str
    references: tuple[tuple[str, str], ...]
    losses: tuple[Loss, ...]
    reader: Binding


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message in the form in which its receiver gets it. Only its control number is still to be taken.

    Where the receiver wants just what was sent, no binding took part and `bindings` is empty."""

    envelope: Envelope
    body: MessageBody
    version: str
    group_id: str  # GS01
    losses: tuple[Loss, ...]
    understood: Understood
    bindings: tuple[Binding, ...]

    def write(self, number: int, *, test: bool, now: datetime) -> bytes:
        """The interchange with this control number. Raises syntax.WriteError."""
        return self.envelope.wrap(self.body, self.group_id, self.version, number, test=test, now=now)


def understand(message: Message) -> Understood | None:
    """Read a valid message into its canonical document; None if no binding knows its type and version."""
    reader = mapping.find(message.standard, message.type, message.version)
    if reader is None or message.tree is None:
        return None
    document, losses = reader.read(message.tree)
    return Understood(
        document=document,
        name=reader.document,
        number=documents.number(document) or "",
        references=tuple(documents.references(document)),
        losses=tuple(losses),
        reader=reader,
    )


def translate(
    context: Context, message: Message, understood: Understood | None, sender: Partner, receiver: Partner
) -> Outgoing:
    """The message as `receiver` has agreed to get it. Raises Held if it can't be had in that form."""
    if understood is None:
        raise Held("no_binding", f"no binding reads {message.type} {message.version}")
    agreed = context.config.receives(receiver, understood.name)
    if agreed is None:
        raise Held(
            "no_agreement",
            f"partner {receiver.code} has not agreed to get documents of type {understood.name}: "
            f'add [[receives]] with document = "{understood.name}" to its file',
        )
    type_, version = agreed
    standard: Standard = "x12" if type_.isdigit() else "edifact"
    try:
        envelope = Envelope(context.config, standard, sender, receiver)
    except LookupError as error:
        raise Held("no_identifier", f"{error}: add one to its file") from error
    as_sent = (type_, version) == (message.type, message.version)
    association = receiver.edifact.associations.get(type_, message.association if as_sent else "")
    segments, losses, bindings = (
        (message.segments[1:-1], (), ()) if as_sent else _rewritten(understood, standard, type_, version)
    )
    fitted, changed = envelope.fit(segments, version)
    body = MessageBody(
        type=type_,
        segments=fitted,
        version=version,
        association=association if standard == "edifact" else "",
    )
    group_id = directory.x12(version).message(type_).group if standard == "x12" else ""
    lost = (*losses, *changed, *_header_losses(message, association if as_sent and standard == "edifact" else None))
    outgoing = Outgoing(envelope, body, version, group_id, lost, understood, bindings)
    _prove(outgoing)
    return outgoing


def _header_losses(message: Message, association: str | None) -> list[Loss]:
    """What the sender's message header says and ours does not. Of the interchange's header nothing is carried: each leg
    has its own. `association` is the code of ours if it goes on as it was sent."""
    header = message.segments[0]
    places = [(f"{header[0]}/{n:02}", value) for n, value in enumerate(header[1:], 1) if n > 2 and value]
    if association is not None and message.association != association:
        places.append(("UNH/S009/0057", message.association))
    return [Loss("dropped", place, str(value), "belongs to the sender's envelope", 1) for place, value in places]


def _rewritten(
    understood: Understood, standard: Standard, type_: str, version: str
) -> tuple[list[Segment], tuple[Loss, ...], tuple[Binding, ...]]:
    """The body that the bindings write, all that was lost on the way, and the bindings."""
    writer = mapping.find(standard, type_, version)
    if writer is None:
        raise Held("no_binding", f"no binding writes {type_} {version}")
    body, lost = writer.write(understood.document)
    return body, (*understood.losses, *lost), (understood.reader, writer)


def _prove(outgoing: Outgoing) -> None:
    """What leaves the gateway is valid by the standard's own directory, or it is held."""
    try:
        data = outgoing.write(1, test=False, now=datetime.now(UTC))
    except WriteError as error:
        raise Held("cannot_write", f"{outgoing.body.type} can't be written: {error}") from error
    interchange = directory.check(data, read=outgoing.envelope.read_options()).interchanges[0]
    findings = [*interchange.findings, *(f for m in interchange.messages for f in m.findings)]
    wrong = next((f for f in findings if f.severity == "error"), None)
    if wrong is not None:
        raise Held("output_invalid", f"the {outgoing.body.type} written for it is not valid: {wrong.text}")
