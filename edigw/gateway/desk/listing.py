"""Transmissions a page at a time, each in one line; and how many want attention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, func, select

from edigw.gateway.desk.axes import file_axes
from edigw.gateway.desk.queries import Filters, conditions, found_ids
from edigw.store.schema import interchange, message, reference, transmission

_NAMED = 3  # documents of a transmission that its line names
COUNTED = 1000  # more than so many are not counted

ATTENTION: Mapping[str, Filters] = {
    "rejected": Filters(validation="rejected"),
    "held": Filters(state="held"),
    "failed": Filters(delivery="failed", direction="out"),
    "overdue": Filters(acknowledgement="overdue", direction="out"),
}
"""What a person has to look at, by a word for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One transmission: its row, its three states, and what it holds. `control` is that of its first interchange."""

    row: Row[Any]
    axes: Mapping[str, str]
    control: str
    test: bool
    messages: int
    types: Sequence[tuple[str, str]]  # message type and version of the first messages
    documents: Sequence[tuple[str, str]]  # the first documents: number, and the order that they are about or ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines, newest first, and whether there are newer and older ones."""

    lines: Sequence[Line]
    newer: bool
    older: bool


def page(conn: Connection, filters: Filters) -> Listing:
    """The transmissions that fit, `filters.limit` of them at most."""
    ids = found_ids(conn, replace(filters, limit=filters.limit + 1))
    more = len(ids) > filters.limit
    ids = (ids[-filters.limit :] if filters.after else ids[: filters.limit]) if more else ids
    lines = list(lines_of(conn, ids))
    if filters.after:
        return Listing(lines, newer=more, older=True)
    return Listing(lines, newer=bool(filters.before and ids), older=more)


def counts(conn: Connection, partner: str = "") -> dict[str, int]:
    """How many transmissions want attention, by the words of `ATTENTION`."""
    return {word: count(conn, replace(filters, partner=partner)) for word, filters in ATTENTION.items()}


def count(conn: Connection, filters: Filters) -> int:
    """How many transmissions fit; at most `COUNTED`."""
    some = select(transmission.c.id).where(*conditions(filters)).limit(COUNTED)
    return int(conn.execute(select(func.count()).select_from(some.subquery())).scalar_one())


def query_of(filters: Filters) -> dict[str, str]:
    """What filters ask for, as the parameters of an address."""
    return {name: value for name, value in asdict(filters).items() if value and isinstance(value, str)}


def lines_of(conn: Connection, ids: Sequence[str]) -> Iterator[Line]:
    """The lines of these transmissions, newest first."""
    rows = conn.execute(select(transmission).where(transmission.c.id.in_(ids)).order_by(transmission.c.id.desc())).all()
    axes = file_axes(conn, rows)
    envelopes: dict[str, Row[Any]] = {}
    for each in conn.execute(
        select(interchange).where(interchange.c.transmission.in_(ids)).order_by(interchange.c.position)
    ):
        envelopes.setdefault(each.transmission, each)
    held = select(message.c.transmission, func.count()).where(message.c.transmission.in_(ids))
    totals = {each[0]: each[1] for each in conn.execute(held.group_by(message.c.transmission))}
    first = _first_messages(conn, ids)
    orders = orders_of(conn, [each.id for each in first])
    by_file: dict[str, list[Row[Any]]] = {}
    for each in first:
        by_file.setdefault(each.transmission, []).append(each)
    for row in rows:
        envelope, some = envelopes.get(row.id), by_file.get(row.id, [])
        yield Line(
            row=row,
            axes=axes[row.id],
            control=envelope.control if envelope else "",
            test=bool(envelope and envelope.test),
            messages=totals.get(row.id, 0),
            types=list(dict.fromkeys((m.type, m.version) for m in some)),
            documents=[(m.number, orders.get(m.id, "")) for m in some if m.number or m.id in orders],
        )


def _first_messages(conn: Connection, ids: Sequence[str]) -> Sequence[Row[Any]]:
    """The first messages of each transmission: a file may hold thousands."""
    place = func.row_number().over(
        partition_by=message.c.transmission, order_by=(message.c.interchange, message.c.position)
    )
    ranked = select(message, place.label("place")).where(message.c.transmission.in_(ids)).subquery()
    wanted = select(ranked).where(ranked.c.place <= _NAMED).order_by(ranked.c.interchange, ranked.c.position)
    return conn.execute(wanted).all()


def orders_of(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """An order that each of these messages is about, by the message's id."""
    named = select(reference.c.message, func.min(reference.c.value)).where(
        reference.c.message.in_(ids), reference.c.kind == "order"
    )
    return {each[0]: each[1] for each in conn.execute(named.group_by(reference.c.message))}
