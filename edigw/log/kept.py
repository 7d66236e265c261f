"""Rows that events vouch for by a hash: what else is kept about a transmission.

An event that adds or changes such rows states, in the member `kept` of its detail, for each transmission and table
the SHA-256 over the canonical JSON of all rows that then belong to the transmission: `{"rows": [[column, ...], ...]}`,
in the order and with the columns below. The last such statement in log order must be true of the tables. What is empty
is left out, but for `mailbox`: logs that state `mailbox_item` instead are older, and vouch for less.

Of a large file, which is processed in slices, each slice has hashes of its own, under "<transmission>/<slice>": those
of the rows that belong to its messages. So an event costs what its slice has, and not all that was kept before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, null, select

from edigw.log.entry import canonical
from edigw.store.schema import OUTGOING, exchange, finding, interchange, mailbox_item, message, reference
from edigw.store.schema import transmission as transmission_table

_XID = select(transmission_table.c.xid).where(transmission_table.c.id == bindparam("which"))
_LOCKED = select(exchange.c.xid).where(exchange.c.xid == bindparam("which")).with_for_update()


@dataclass(frozen=True)
class Kind:
    """One table, by what its rows are found, and what of them is vouched for."""

    name: str  # in `kept`
    table: str
    owner: ColumnElement[str]  # the transmission
    rows: Select[Any]  # the owner first, then what is hashed
    order: tuple[ColumnElement[Any], ...]
    sliced: bool = False  # whether they may belong to slices

    def of(self, connection: Connection, transmission: str, slice: int | None = None) -> str:
        """The hash over the rows of one transmission that belong to no slice, or to this one; "" if there are none."""
        statement = self._own_rows if slice is None else self._of_slice
        rows = connection.execute(statement, {"owner": transmission, "slice": slice}).all()
        return _digest(rows) if rows else ""

    @cached_property
    def _own_rows(self) -> Select[Any]:
        own = self.rows.where(self.owner == bindparam("owner")).order_by(*self.order)
        return own.where(message.c.slice.is_(None)) if self.sliced else own

    @cached_property
    def _of_slice(self) -> Select[Any]:
        in_slice = (message.c.transmission == bindparam("owner"), message.c.slice == bindparam("slice"))
        return self.rows.where(self.owner == bindparam("owner"), *in_slice).order_by(*self.order)

    def all(self, connection: Connection) -> Iterator[tuple[str, str]]:
        """Every transmission that has rows, or slice of it ("<transmission>/<slice>"), with their hash; one pass over
        the table."""
        rows = self.rows.add_columns(message.c.slice if self.sliced else null())
        rows = rows.order_by(self.owner, *((message.c.slice,) if self.sliced else ()), *self.order)
        found = connection.execution_options(yield_per=1000).execute(rows)
        for (transmission, number), group in groupby(found, key=lambda row: (row[0], row[-1])):
            yield transmission if number is None else f"{transmission}/{number}", _digest(row[:-1] for row in group)


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
        sliced=True,
    ),
    Kind(
        "finding",
        "finding",
        finding.c.transmission,
        select(finding.c.transmission, finding.c.message, finding.c.kind, finding.c.body).outerjoin(
            message, message.c.id == finding.c.message
        ),
        (finding.c.id,),
        sliced=True,
    ),
    MAILBOX,
)


def kept(connection: Connection, of: str) -> dict[str, str]:
    """The hashes to state for a transmission, or for a slice of it ("<transmission>/<slice>"), by name.

    Who comes to state others waits until the caller's transaction ends: they are stated in the order in which they
    come about."""
    transmission, _, slice = of.partition("/")
    _hold(connection, transmission)
    if slice:
        found = {kind.name: kind.of(connection, transmission, int(slice)) for kind in KINDS if kind.sliced}
    else:
        found = {kind.name: kind.of(connection, transmission) for kind in KINDS}
    return {name: digest for name, digest in found.items() if digest or name == MAILBOX.name}


def _hold(connection: Connection, transmission: str) -> None:
    """PostgreSQL: lock the exchange of a transmission, as its next event will."""
    if connection.dialect.name == "postgresql":
        xid = connection.execute(_XID, {"which": transmission}).scalar()
        connection.execute(_LOCKED, {"which": xid})


def _digest(rows: Iterable[Sequence[Any]]) -> str:
    listed = [["" if column is None else column for column in tuple(row)[1:]] for row in rows]
    return sha256(canonical({"rows": listed})).hexdigest()
