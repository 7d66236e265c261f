"""One accepted message becomes what its receiver has agreed to get."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edigw import directory, documents, mapping
from edigw.gateway.outgoing.envelope import Content, Envelope
from edigw.gateway.outgoing.losses import ENVELOPE, Weighed, weigh
from edigw.mapping import Binding, BindingError, Loss
from edigw.mapping.words import Way
from edigw.partners.adaptation import agreed_binding
from edigw.partners.config import Config
from edigw.partners.tables.partner import Partner
from edigw.syntax import MessageBody, WriteError
from edigw.syntax.model import Message, Segment, Standard

_CODES = frozenset({"invalid_code"})


class Held(Exception):
    """The message can't go on without a person: `code` for the log, `text` says what to do."""

    def __init__(self, code: str, text: str, weighed: Weighed | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.weighed = weighed  # the losses, if it is held for them


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
    losses: Weighed
    understood: Understood
    bindings: tuple[Binding, ...]
    released: bool = False  # it would be held for its losses if an admin had not released it

    @property
    def content(self) -> Content:
        """What the envelope takes."""
        return Content(self.body, self.group_id)


def understand(config: Config, message: Message, sender: Partner) -> Understood | None:
    """Read a valid message into its canonical document, as it is agreed with its sender; None if no binding knows its
    type and version. Raises Held if the sender's overlay does not fit."""
    kind = (message.standard, message.type, message.version)
    try:
        reader = agreed_binding(sender, "sends", *kind, folder=config.bindings)
    except BindingError as error:
        raise Held("wrong_binding", str(error)) from error
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
    config: Config,
    message: Message,
    understood: Understood | None,
    sender: Partner,
    receiver: Partner,
    released: Collection[str] = (),
) -> Outgoing:
    """The message as `receiver` has agreed to get it. Raises Held if it can't be had in that form, or if what it would
    lose is agreed to hold it; `released` are the approvals (`Weighed.approval`) by which it goes on all the same."""
    if understood is None:
        raise Held("no_binding", f"no binding reads {message.type} {message.version}")
    forms = config.forms(receiver, understood.name)
    if not forms:
        raise Held(
            "no_agreement",
            f"partner {receiver.code} has not agreed to get documents of type {understood.name}: "
            f'add [[receives]] with document = "{understood.name}" to its file',
        )
    _, type_, version = mapping.suited(understood.document, forms, config.bindings)
    standard: Standard = "x12" if type_.isdigit() else "edifact"
    try:
        envelope = Envelope(config, standard, sender, receiver)
    except LookupError as error:
        raise Held("no_identifier", f"{error}: add one to its file") from error
    writer = _writer(config, understood, standard, type_, version, receiver)
    adapted = understood.reader.overlay is not None or (writer is not None and writer.overlay is not None)
    as_sent = (type_, version) == (message.type, message.version) and not adapted
    association = receiver.edifact.associations.get(type_, message.association if as_sent else "")
    segments: Sequence[Segment] = message.segments[1:-1]
    lost: Sequence[Loss] = ()
    bindings: tuple[Binding, ...] = ()
    if not as_sent:
        if writer is None:
            raise Held("no_binding", f"no binding writes {type_} {version}")
        segments, lost = writer.write(understood.document)
        bindings = (understood.reader, writer)
    fitted, changed = envelope.fit(segments, version)
    body = MessageBody(
        type=type_,
        segments=fitted,
        version=version,
        association=association if standard == "edifact" else receiver.x12.implementations.get(type_, ""),
    )
    group_id = directory.x12(version).message(type_).group if standard == "x12" else ""
    kept = association if as_sent and standard == "edifact" else None
    way = Way(message.standard, message.version, understood.reader, writer, type_, message.segments)
    weighed = weigh(
        sender,
        receiver,
        header=way.read(_header_losses(message, kept)),
        reading=way.read(() if as_sent else understood.losses),
        writing=[*way.written(lost), *way.fitted(changed)],
    )
    approved = bool(weighed.held) and weighed.approval in released
    outgoing = Outgoing(envelope, body, version, group_id, weighed, understood, bindings, approved)
    _prove(outgoing)
    if weighed.held and not approved:
        raise Held("loss", weighed.why, weighed)
    return outgoing


def _header_losses(message: Message, association: str | None) -> list[Loss]:
    """What the sender's message header says and ours does not. Of the interchange's header nothing is carried: each leg
    has its own. `association` is the code of ours if it goes on as it was sent."""
    header = message.segments[0]
    places = [(f"{header[0]}/{n:02}", value) for n, value in enumerate(header[1:], 1) if n > 2 and value]
    if association is not None and message.association != association:
        places.append(("UNH/S009/0057", message.association))
    return [Loss("dropped", place, str(value), ENVELOPE, 1) for place, value in places]


def _writer(
    config: Config, understood: Understood, standard: Standard, type_: str, version: str, receiver: Partner
) -> Binding | None:
    """The binding that writes what the receiver gets, as it is agreed; None if there is none."""
    try:
        return agreed_binding(receiver, "receives", standard, type_, version, understood.name, folder=config.bindings)
    except BindingError as error:
        raise Held("wrong_binding", str(error)) from error


def _prove(outgoing: Outgoing) -> None:
    """What leaves the gateway is valid by the standard's own directory, or it is held."""
    try:
        data = outgoing.envelope.wrap([outgoing.content], [1], test=False, now=datetime.now(UTC))
    except WriteError as error:
        raise Held("cannot_write", f"{outgoing.body.type} can't be written: {error}") from error
    interchange = directory.check(data, read=outgoing.envelope.read_options()).interchanges[0]
    findings = [*interchange.findings, *(f for m in interchange.messages for f in m.findings)]
    agreed = _agreed_codes(outgoing)
    wrong = next((f for f in findings if f.severity == "error" and not (f.code in _CODES and f.value in agreed)), None)
    if wrong is not None:
        raise Held("output_invalid", f"the {outgoing.body.type} written for it is not valid: {wrong.text}")


def _agreed_codes(outgoing: Outgoing) -> set[str]:
    """Codes that the directory may lack and the receiver has agreed to get: its own, and those that are passed on."""
    found = {loss.value for loss in outgoing.losses.losses if loss.kind == "passed"}
    return found.union(outgoing.bindings[-1].own_codes) if outgoing.bindings else found
