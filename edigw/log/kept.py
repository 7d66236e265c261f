"""Rows that events vouch for by a hash: what else is kept about a transmission.

An event that adds or changes such rows states, in the member `kept` of its detail, for each transmission and table
the SHA-256 over the canonical JSON of all rows that then belong to the transmission: `{"rows": [[column, ...], ...]}`,
in the order and with the columns below. The last such statement in log order must be true of the tables. What is empty
is left out, but for `mailbox`: logs that state `mailbox_item` instead are older, and vouch for less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, select

from edigw.log.entry import canonical
from edigw.store.schema import OUTGOING, finding, interchange, mailbox_item, message, reference


@dataclass(frozen=True)
class Kind:
    """One table, by what its rows are found, and what of them is vouched for."""

    name: str  # in `kept`
    table: str
    owner: ColumnElement[str]  # the transmission
    rows: Select[Any]  # the owner first, then what is hashed
    order: tuple[ColumnElement[Any], ...]

    def of(self, connection: Connection, transmission: str) -> str:
        """The hash over the rows of one transmission; "" if there are none."""
        rows = connection.execute(self._own_rows, {"owner": transmission}).all()
        return _digest(rows) if rows else ""

    @cached_property
    def _own_rows(self) -> Select[Any]:
        return self.rows.where(self.owner == bindparam("owner")).order_by(*self.order)

    def all(self, connection: Connection) -> Iterator[tuple[str, str]]:
        """Every transmission that has rows, with their hash; one pass over the table."""
        rows = connection.execution_options(yield_per=1000).execute(self.rows.order_by(self.owner, *self.order))
        for transmission, group in groupby(rows, key=lambda row: row[0]):
            yield transmission, _digest(group)


MAILBOX = Kind(
    "mailbox",
    "mailbox_item",
    mailbox_item.c.transmission,
    select(
        mailbox_item.c.transmission,
        mailbox_item.c.partner,
        mailbox_item.c.folder,
        mailbox_item.c.name,
        mailbox_item.c.sha256,
        mailbox_item.c.size,
        mailbox_item.c.created_at,
        case((OUTGOING, mailbox_item.c.state), else_=""),  # elsewhere, that says what a partner still sees of its own
        case((OUTGOING, mailbox_item.c.changed_at), else_=""),
    ),
    (mailbox_item.c.id,),
)
FORMER_MAILBOX = Kind(
    "mailbox_item",
    "mailbox_item",
    mailbox_item.c.transmission,
    select(
        mailbox_item.c.transmission,
        mailbox_item.c.partner,
        mailbox_item.c.folder,
        mailbox_item.c.name,
        mailbox_item.c.sha256,
        mailbox_item.c.size,
        case((OUTGOING, mailbox_item.c.state), else_=""),
    ).where(mailbox_item.c.folder != "receipts"),
    (mailbox_item.c.id,),
)
"""What events stated of mailboxes before receipts were events, too."""

KINDS = (
    Kind(
        "interchange",
        "interchange",
        interchange.c.transmission,
        select(
            interchange.c.transmission,
            interchange.c.position,
            interchange.c.standard,
            interchange.c.syntax,
            interchange.c.sender,
            interchange.c.receiver,
            interchange.c.control,
            interchange.c.test,
            interchange.c.state,
        ),
        (interchange.c.position,),
    ),
    Kind(
        "reference",
        "reference",
        message.c.transmission,
        select(message.c.transmission, reference.c.message, reference.c.kind, reference.c.value).join(
            message, message.c.id == reference.c.message
        ),
        (reference.c.message, reference.c.kind, reference.c.value),
    ),
    Kind(
        "finding",
        "finding",
        finding.c.transmission,
        select(finding.c.transmission, finding.c.message, finding.c.kind, finding.c.body),
        (finding.c.id,),
    ),
    MAILBOX,
)


def kept(connection: Connection, transmission: str) -> dict[str, str]:
    """The hashes to state for a transmission, by name."""
    found = {kind.name: kind.of(connection, transmission) for kind in KINDS}
    return {name: digest for name, digest in found.items() if digest or name == MAILBOX.name}


def _digest(rows: Iterable[Row[Any]]) -> str:
    listed = [["" if column is None else column for column in tuple(row)[1:]] for row in rows]
    return sha256(canonical({"rows": listed})).hexdigest()
