"""One message on its way to one receiver: in the form that both have agreed upon, or held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from edigw.gateway.outgoing.losses import Weighed
from edigw.gateway.outgoing.translate import Held, Outgoing, Understood, translate, understand
from edigw.openpgp.keys import expired
from edigw.partners.config import Config
from edigw.partners.tables.partner import Partner
from edigw.store.clock import utc_now
from edigw.syntax.model import Message


@dataclass(slots=True)
class Dispatch:
    """A message goes to a receiver as `outgoing`, or waits for a person, for `reason`. Both partners are seen with what
    is agreed between them. A `copy` is delivered and acknowledged on its own."""

    sender: Partner
    receiver: Partner
    copy: bool = False
    outgoing: Outgoing | None = None
    reason: str = ""
    text: str = ""  # why it is held and what to do
    weighed: Weighed | None = None  # the losses for which it is held

    def prepare(
        self,
        config: Config,
        message: Message,
        understood: Understood | None,
        released: Collection[str],
        *,
        test: bool,
    ) -> None:
        """Write the message for its receiver. `understood` is what it says, if it was read as the two have agreed;
        `released` are the approvals of losses that an admin gave; `test` says that it came as a test."""
        try:
            if not self.receiver.active:
                raise Held("partner_inactive", f"partner {self.receiver.code} is not active")
            _check_key(self.receiver)
            understood = understood or understand(config, message, self.sender)
            written = translate(config, message, understood, self.sender, self.receiver, released)
            _check_box(self.receiver, test=written.envelope.marked(test))
            self.outgoing = written
        except Held as held:
            to = f"the copy for {self.receiver.code}: " if self.copy else ""
            self.reason, self.text, self.weighed = held.code, f"{to}{held.text}", held.weighed


def _check_box(receiver: Partner, *, test: bool) -> None:
    """Raises Held if a test has no place to go to: where production files go, it must not."""
    if receiver.delivery.box(test=test) is None:
        text = f"tests don't go where {receiver.code} gets its production files: add [delivery.test] to its file"
        raise Held("no_test_box", text)


def _check_key(receiver: Partner) -> None:
    """Raises Held if what goes to the receiver is to be encrypted for a key that has expired since the start."""
    for certificate in receiver.certificates if receiver.openpgp.send != "clear" else ():
        if text := expired(certificate, utc_now()):
            raise Held("openpgp_key_expired", f"what {receiver.code} gets is encrypted, but {text}: ask for a new key")
