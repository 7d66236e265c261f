"""Delivery of several small files at once: each step for all of them, written down, before the next one begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection

from edigw.gateway.mailboxes import receipts
from edigw.gateway.outgoing.relay import Item, Relay, confirmation, temporary_name
from edigw.store.errors import PayloadError, StoreError, TransactionLost
from edigw.store.savepoint import savepoint
from edigw.transport.errors import Temporary, TransportError
from edigw.transport.remote import RemoteFile

MOST = 2 << 20  # bytes that go together


def portions(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Items that go together, in their order."""
    portion: list[Item] = []
    for item in items:
        if portion and sum(each.row.size for each in portion) + item.row.size > MOST:
            yield portion
            portion = []
        portion.append(item)
    if portion:
        yield portion


def deliver_together(relay: Relay, items: Sequence[Item]) -> list[tuple[Item, Exception]]:
    """Deliver files that nobody has begun to deliver. What went wrong with which: a TransportError, LeaseLost, or
    trouble of ours."""
    return _Together(relay).deliver(items)


class _Together:
    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._failed: list[tuple[Item, Exception]] = []

    def deliver(self, items: Sequence[Item]) -> list[tuple[Item, Exception]]:
        relay = self._relay
        names = {item.row.id: temporary_name(item.row, relay.target) for item in items}
        begun = {}

        def begin(conn: Connection, item: Item) -> None:
            begun[item.row.id] = relay.begin(conn, item, names[item.row.id])

        contents = self._contents(self._write(items, begin))
        sent = self._sent(names, contents)

        def placing(conn: Connection, item: Item) -> None:
            relay.placing(conn, item, begun[item.row.id], sent[item.row.id])

        ready = self._write([item for item, _ in contents if item.row.id in sent], placing)
        refused = relay.session.place_all({names[item.row.id]: item.row.name for item in ready})
        self._failed += [(item, refused[names[item.row.id]]) for item in ready if names[item.row.id] in refused]
        data = {item.row.id: content for item, content in contents}

        def delivered(conn: Connection, item: Item) -> None:
            brought = receipts.handed_over(relay.context, item.row, data[item.row.id])
            relay.delivered(conn, item, brought, confirmation(sent[item.row.id]))

        self._write([item for item in ready if names[item.row.id] not in refused], delivered)
        relay.context.wake.set("log")
        return self._failed

    def _contents(self, items: Sequence[Item]) -> list[tuple[Item, bytes]]:
        found = []
        for item in items:
            try:
                found.append((item, self._relay.context.payloads.read(item.row.sha256)))
            except PayloadError as error:
                self._failed.append((item, error))
        return found

    def _sent(self, names: dict[str, str], contents: Sequence[tuple[Item, bytes]]) -> dict[str, RemoteFile]:
        """What is at the other side, by transmission."""
        files = {names[item.row.id]: data for item, data in contents}
        found = self._relay.session.upload_small(files) if files else {}
        sent = {}
        for item, _ in contents:
            remote = found[names[item.row.id]]
            if isinstance(remote, TransportError):
                self._failed.append((item, remote))
            elif (remote.size, remote.sha256) != (item.row.size, item.row.sha256):
                other = f"{names[item.row.id]}: other bytes were sent than those of {item.row.name}"
                self._failed.append((item, Temporary(str(self._relay.target), other)))
            else:
                sent[item.row.id] = remote
        return sent

    def _write(self, items: Sequence[Item], step: Callable[[Connection, Item], None]) -> list[Item]:
        """Write a step down; those for which that succeeded."""
        done: list[Item] = []
        if not items:
            return done
        failed: list[tuple[Item, Exception]] = []
        try:
            with self._relay.context.database.write() as conn:
                for item in items:
                    try:
                        with savepoint(conn):
                            step(conn, item)
                        done.append(item)
                    except TransactionLost:
                        raise
                    except Exception as error:
                        failed.append((item, error))
        except StoreError as error:
            done, failed = [], [(item, error) for item in items]
        self._failed += failed
        return done
