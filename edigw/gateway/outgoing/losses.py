"""What the agreements make of the losses of one translation: recorded, flagged, or the message is held.

What reading lost is a matter of the sender's agreement, what writing lost of the receiver's. What is left of the
sender's own message header belongs to its envelope; it is recorded, and held or flagged only by a rule that names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from edigw.mapping import Loss
from edigw.mapping.words import Told
from edigw.partners.adaptation import unmapped_codes
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.translation import LossPolicy
from edigw.partners.translation import action

_SHOWN = 3  # losses that the reason for holding a message quotes
FLAGGED = "loss_flagged"  # the reason of a translation that lost what the agreement wants to be looked at
ENVELOPE = "belongs to the sender's envelope"


@dataclass(frozen=True, slots=True)
class Weighed:
    """Losses in words, each with its action. `approval` is what a release of exactly these losses is bound to."""

    losses: tuple[Loss, ...]

    @property
    def held(self) -> list[Loss]:
        return [loss for loss in self.losses if loss.action == "hold"]

    @property
    def flagged(self) -> bool:
        return any(loss.action == "flag" for loss in self.losses)

    @property
    def approval(self) -> str:
        """SHA-256 in hex over the losses for which the message is held."""
        told = sorted([loss.kind, loss.location, loss.value, loss.reason] for loss in self.held)
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()

    @property
    def why(self) -> str:
        """Why the message is held, in words."""
        held = self.held
        more = f"; and {len(held) - _SHOWN} more" if len(held) > _SHOWN else ""
        return f"by agreement it is not sent with losses: {'; '.join(loss.text for loss in held[:_SHOWN])}{more}"


def weigh(
    sender: Partner,
    receiver: Partner,
    *,
    header: Iterable[Told] = (),
    reading: Iterable[Told] = (),
    writing: Iterable[Told] = (),
) -> Weighed:
    """Decide about every loss of a message on its way from one partner to another."""
    named_only = LossPolicy(action="allow", rules=tuple(rule for rule in sender.loss.rules if rule.at != "*"))
    return Weighed(
        (
            *_decided(sender, sender.loss, reading),
            *_decided(receiver, receiver.loss, writing),
            *_decided(sender, named_only, header),
        )
    )


def _decided(partner: Partner, policy: LossPolicy, losses: Iterable[Told]) -> Sequence[Loss]:
    codes = unmapped_codes(partner)
    decided = []
    for told in losses:
        loss = told.loss
        lacking = loss.code_list and loss.outcome == "dropped" and codes.of(loss.code_list).action == "hold"
        decided.append(replace(loss, action="hold" if lacking else action(policy, loss, told.places)))
    return decided
