"""The latest messages of a partner, translated once as it is agreed and once with a changed mapping. Nothing is written
but the event that their content was looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Row, or_, select

from edigw import directory, documents
from edigw.gateway.context import Context
from edigw.gateway.outgoing.losses import Weighed
from edigw.gateway.outgoing.translate import Held, Outgoing, translate, understand
from edigw.log.eventlog import new_xid
from edigw.mapping import Loss, wire
from edigw.mapping.overlay import Overlay
from edigw.partners.adaptation import Adaptation
from edigw.partners.agreements import Pair
from edigw.partners.config import Config
from edigw.partners.reading import agreed_reading
from edigw.partners.tables.partner import Partner
from edigw.store.schema import message, transmission
from edigw.syntax import WriteError
from edigw.syntax.model import Message


@dataclass(frozen=True, slots=True)
class Passage:
    """What one mapping makes of a message, as texts to be compared. `held` is why it would not go out."""

    document: str = ""
    body: str = ""
    losses: str = ""
    held: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One message, as it is translated now and as it would be."""

    message: str  # its id
    transmission: str
    type: str
    version: str
    number: str
    receiver: str
    now: Passage
    then: Passage


class _Everything:
    """Approves whatever would be lost: a replay shows it."""

    def __contains__(self, approval: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def changed(config: Config, partner: str, overlays: Sequence[Overlay], bindings: Path | None) -> Config:
    """The configuration with overlays of a partner in the place of those that it has of the same bindings, and with
    another folder of bindings."""
    extended = {overlay.extends for overlay in overlays}
    tried = tuple(Adaptation("both", overlay) for overlay in overlays)

    def adapted(each: Partner) -> Partner:
        if each.code != partner:
            return each
        kept = (one for one in each.adaptations if one.overlay.extends not in extended)
        return msgspec.structs.replace(each, adaptations=(*kept, *tried))

    return msgspec.structs.replace(
        config,
        partners={code: adapted(each) for code, each in config.partners.items()},
        agreements={key: Pair(*map(adapted, pair)) for key, pair in config.agreements.items()},
        bindings=bindings,
    )


def replay(context: Context, partner: str, last: int, config: Config) -> list[Replayed]:
    """The latest messages that a partner sent or was sent, oldest first, as they are translated now and with `config`.
    Messages of partners that are no longer configured are left out. Raises LookupError, StoreError."""
    context.partner(partner)
    with context.database.read() as conn:
        rows = _latest(conn, partner, last)
    found = []
    for row in reversed(rows):
        one = _message(context, row)
        if one is not None and row.sender in context.config.partners and row.receiver in context.config.partners:
            passages = [_passage(each, one, row.sender, row.receiver) for each in (context.config, config)]
            found.append(Replayed(row.id, row.transmission, row.type, row.version, row.number, row.receiver, *passages))
    return found


def tell(context: Context, actor: str, partner: str, replayed: Sequence[Replayed], tried: Sequence[str]) -> None:
    """Put into the log that somebody looked at the content of messages. Raises StoreError, LogError."""
    with context.database.write() as conn:
        context.log.append(
            conn,
            type="admin.action",
            xid=new_xid(),
            actor=actor,
            detail={
                "action": "replay",
                "why": f"to try {', '.join(tried)} with the latest messages of {partner}",
                "partner": partner,
                "messages": [each.message for each in replayed],
            },
        )


def _latest(conn: Connection, partner: str, last: int) -> Sequence[Row[tuple[object, ...]]]:
    return conn.execute(
        select(message, transmission.c.sha256, transmission.c.clear_sha256, transmission.c.partner)
        .join(transmission, transmission.c.id == message.c.transmission)
        .where(
            transmission.c.direction == "in",
            message.c.document != "",
            message.c.receiver != "",
            or_(message.c.sender == partner, message.c.receiver == partner),
        )
        .order_by(message.c.transmission.desc(), message.c.interchange.desc(), message.c.position.desc())
        .limit(last)
    ).all()


def _message(context: Context, row: Row[tuple[object, ...]]) -> Message | None:
    """The message as it was received; None if its file is read in another way now."""
    data = context.payloads.read(row.clear_sha256 or row.sha256, limit=context.config.max_file_size)
    agreed = agreed_reading(context.partner(row.partner))
    interchanges = directory.check(data, *agreed).interchanges
    if not 1 <= row.interchange <= len(interchanges):
        return None
    messages = interchanges[row.interchange - 1].messages
    return messages[row.position - 1] if 1 <= row.position <= len(messages) else None


def _passage(config: Config, one: Message, sender: str, receiver: str) -> Passage:
    pair = config.between(config.partners[sender], config.partners[receiver])
    try:
        understood = understand(config, one, pair.sender)
    except Held as held:
        return Passage(held=held.text)
    if understood is None:
        return Passage(held=f"no binding reads {one.type} {one.version}")
    document = documents.encode(understood.document, indent=2).decode()
    try:
        outgoing = translate(config, one, understood, *pair, _Everything())
    except Held as held:
        return Passage(document, "", _lines(understood.losses), held.text)
    weighed: Weighed = outgoing.losses
    return Passage(document, _body(outgoing), _lines(weighed.losses), weighed.why if weighed.held else "")


def _body(outgoing: Outgoing) -> str:
    binding = outgoing.bindings[-1] if outgoing.bindings else outgoing.understood.reader
    try:
        return wire.body_text(binding, outgoing.body.segments)
    except WriteError as error:
        return f"can't be shown: {error}\n"


def _lines(losses: Sequence[Loss]) -> str:
    return "".join(f"{loss.text or f'{loss.location}: {loss.reason}'}\n" for loss in losses)
