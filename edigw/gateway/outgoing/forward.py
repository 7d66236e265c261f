"""Handing accepted messages over to their receiver: written, numbered, recorded, and the exchange of each begun."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from edigw.gateway.context import Context, identity
from edigw.gateway.incoming.judge import JudgedInterchange, JudgedMessage
from edigw.gateway.outgoing.dispatch import Dispatch
from edigw.gateway.outgoing.losses import FLAGGED
from edigw.gateway.outgoing.numbers import Numbers
from edigw.gateway.outgoing.send import Sent, hand_over, message_row
from edigw.gateway.outgoing.translate import Outgoing
from edigw.gateway.records import NewMessage, States, write_findings
from edigw.gateway.upkeep.maps import ENGINE
from edigw.log.eventlog import new_xid
from edigw.mapping import Binding, Loss
from edigw.mapping.loss import tally
from edigw.store.clock import utc_now
from edigw.syntax.findings import Finding

LOSSES_IN_LOG = 1000  # of one message; all of them are kept beside the transmission


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with what goes out for it to one receiver, in the exchange `xid`."""

    message: JudgedMessage
    dispatch: Dispatch
    outgoing: Outgoing
    xid: str


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What goes out of one received file. `received` are the rows of its messages by identity, `leaf` the hash of the
    event that judged it."""

    conn: Connection
    context: Context
    numbers: Numbers
    row: Row[Any]
    data: bytes
    received: Mapping[int, NewMessage]
    leaf: str

    def forward(self, each: JudgedInterchange) -> None:
        """Hand over what is ready of an interchange: to each receiver one by one, or together if it has agreed so."""
        letters: dict[str, list[Letter]] = {}
        for one in each.messages:
            for dispatch in one.dispatches:
                if dispatch.outgoing is not None:
                    letter = Letter(one, dispatch, dispatch.outgoing, self._exchange(one, dispatch))
                    letters.setdefault(dispatch.receiver.code, []).append(letter)
        for some in letters.values():
            for together in _posts(some):
                self._post(each, together)

    def _exchange(self, one: JudgedMessage, dispatch: Dispatch) -> str:
        """A copy has an exchange of its own: who gets it sees nothing of the life of the message itself."""
        return new_xid() if dispatch.copy else self.received[id(one)].xid

    def _post(self, each: JudgedInterchange, letters: Sequence[Letter]) -> None:
        sender, receiver = letters[0].dispatch.sender, letters[0].dispatch.receiver
        now, envelope = utc_now(), letters[0].outgoing.envelope
        contents = [letter.outgoing.content for letter in letters]
        numbers = [envelope.next_number(self.numbers) for _ in range(envelope.numbers(contents))]
        data = envelope.wrap(contents, numbers, test=each.interchange.test, now=now)
        alone = len(letters) == 1
        sent = hand_over(
            self.conn,
            self.context,
            data,
            kind="business",
            sender=sender.code,
            receiver=receiver,
            source=self.row.id,
            xid=letters[0].xid if alone else new_xid(),
            now=now,
        )
        written = [self._written(sent, n, letter) for n, letter in enumerate(letters, 1)]
        leaves = [self._tell(sent, letter, new, written) for letter, new in zip(letters, written, strict=True)]
        if sent.transmission.via == "mailbox":
            self.context.log.append(
                self.conn,
                type="mailbox.deposited",
                xid=sent.transmission.xid,
                parent="" if alone else leaves[0],
                actor="gateway",
                recipient=identity(receiver),
                detail={
                    "file": sent.transmission.name,
                    "test": sent.interchange.test,
                    "sha256": sent.transmission.sha256,
                    "size": sent.transmission.size,
                },
                transmission=sent.transmission.id,
                message=written[0].id if alone else None,
            )

    def _received(self, letter: Letter) -> NewMessage:
        return self.received[id(letter.message)]

    def _written(self, sent: Sent, position: int, letter: Letter) -> NewMessage:
        """The row of a message that goes out, with what it lost."""
        said, source, receiver = letter.outgoing.understood, self._received(letter), letter.dispatch.receiver
        new = message_row(
            sent,
            position,
            xid=letter.xid,
            sender=letter.dispatch.sender.code,
            receiver=receiver.code,
            document=said.name,
            number=said.number,
            ack_state="wanted" if receiver.acknowledgements.requested_for(letter.outgoing.body.type) else "none",
            source=source.id,
        )
        new.write(self.conn, said.references)
        write_findings(self.conn, "loss", sent.transmission.id, new.id, letter.outgoing.losses.losses)
        return new

    def _tell(self, sent: Sent, letter: Letter, written: NewMessage, together: Sequence[NewMessage]) -> str:
        """Log the translation in the exchange of its message. Returns the event's leaf hash.

        What is kept about the transmission is stated by the last event of those that go `together`."""
        states = States(self.conn)
        if written is together[0]:
            states.state(sent.transmission)
        states.state(written)
        kept = (sent.transmission.id,) if written is together[-1] else ()
        outgoing = letter.outgoing
        losses = outgoing.losses.losses
        appended = self.context.log.append(
            self.conn,
            type="translation.completed",
            xid=written.xid,
            parent=self.leaf,
            actor="gateway",
            sender=identity(letter.dispatch.sender),
            recipient=identity(letter.dispatch.receiver),
            reason="released" if outgoing.released else FLAGGED if outgoing.losses.flagged else "",
            objects=sent.objects("payload.translated"),
            detail={
                "source": self._source(letter),
                "route": letter.message.route or None,
                "copy": letter.dispatch.copy or None,
                "test": sent.interchange.test,
                "transmission": sent.transmission.facts(),
                "messages": [written.facts()],
                "engine": ENGINE,
                "bindings": [_binding(binding) for binding in outgoing.bindings],
                "losses": [told(loss) for loss in losses[:LOSSES_IN_LOG]],
                "losses_in_all": len(losses),
                "values": tally(letter.message.message.segments[1:-1], losses),
                "released": outgoing.losses.approval if outgoing.released else None,
                **self.numbers.told(),
                **states.told(*kept),
                "configuration": self.context.config.digest,
            },
            transmission=sent.transmission.id,
            message=written.id,
        )
        return appended.leaf

    def _source(self, letter: Letter) -> dict[str, Any]:
        """Where the message stood: the file is in the exchange that this one was split from."""
        source, message = self._received(letter), letter.message.message
        return {
            "transmission": self.row.id,
            "message": source.id,
            "type": source.type,
            "file_sha256": self.row.clear_sha256 or self.row.sha256,
            "from_byte": message.start,
            "to_byte": message.end,
            "sha256": hashlib.sha256(self.data[message.start : message.end]).hexdigest(),
        }


def _posts(letters: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    """What goes into one interchange, of all for one receiver: a single message, or all that one envelope can hold."""
    if not letters[0].dispatch.receiver.delivery.together:
        yield from ([letter] for letter in letters)
        return
    posts: dict[tuple[str, str], list[Letter]] = {}
    groups: dict[tuple[str, str], int] = {}  # in the order in which they begin, which is that of the interchange
    for letter in letters:
        posts.setdefault(letter.outgoing.envelope.kind(letter.outgoing.content), []).append(letter)
        groups.setdefault((letter.outgoing.group_id, letter.outgoing.version), len(groups))
    for together in posts.values():
        yield sorted(together, key=lambda letter: groups[letter.outgoing.group_id, letter.outgoing.version])


def _binding(binding: Binding) -> dict[str, Any]:
    """A binding that took part: its hash covers the overlay, which is named as well if there is one."""
    facts = {"name": binding.name, "version": binding.version, "sha256": binding.sha256}
    if binding.overlay is not None:
        facts |= {"overlay": binding.overlay.file.name, "overlay_sha256": binding.overlay.sha256}
    return facts | ({"unmapped": binding.unmapped} if binding.unmapped else {})


def told(item: Finding | Loss) -> dict[str, Any]:
    """A finding or a loss without what is empty: the log's canonical JSON has no null."""
    return {k: v for k, v in msgspec.to_builtins(item).items() if v not in (None, "")}
