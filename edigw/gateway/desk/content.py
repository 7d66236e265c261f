"""What stands in a transmission, message by message: as sent, as a document, and what it was made from or became.

Whoever asks for it looks at content; `operate.look` puts that into the log before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from edigw import directory, documents
from edigw.gateway.context import Context
from edigw.gateway.outgoing.translate import Held, understand
from edigw.partners.reading import agreed_reading
from edigw.store.schema import message
from edigw.syntax.model import Interchange, Message, ParsedFile


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a transmission as its interchanges are read from them."""

    row: Row[Any]
    data: bytes
    parsed: ParsedFile

    @property
    def messages(self) -> list[tuple[Interchange, Message]]:
        """Every message with its interchange, in order."""
        return [(interchange, each) for interchange in self.parsed.interchanges for each in interchange.messages]


def read(context: Context, row: Row[Any]) -> Content:
    """Read a transmission: one that came as it is agreed with its sender. Raises PayloadError if it was erased."""
    data = context.payloads.read(row.clear_sha256 or row.sha256, limit=context.config.max_file_size)
    partner = context.config.partners.get(row.partner)
    if row.direction == "in" and partner is not None:
        return Content(row, data, directory.check(data, *agreed_reading(partner)))
    return Content(row, data, directory.check(data))


def document(context: Context, content: Content, one: Message) -> dict[str, Any] | None:
    """What a message that came says, as plain data; None if no binding reads it, or it is not valid."""
    partner = context.config.partners.get(content.row.partner)
    if content.row.direction != "in" or partner is None or not one.valid:
        return None
    try:
        understood = understand(context.config, one, partner)
    except Held:
        return None
    if understood is None:
        return None
    told: dict[str, Any] = msgspec.json.decode(documents.encode(understood.document))
    return told


def counterpart(conn: Connection, transmission: str, interchange: int, position: int) -> Row[Any] | None:
    """The row of the message that a message, by its place, became, or was made from; None if there is none."""
    of = (
        message.c.transmission == transmission,
        message.c.interchange == interchange,
        message.c.position == position,
    )
    own = conn.execute(select(message).where(*of)).first()
    if own is None:
        return None
    wanted = message.c.id == own.source if own.source else message.c.source == own.id
    return conn.execute(select(message).where(wanted).order_by(message.c.id).limit(1)).first()
