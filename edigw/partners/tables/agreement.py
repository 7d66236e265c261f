"""`agreements/*.toml`: what one partner sends to another one, where that differs from their own files."""

from __future__ import annotations

from pathlib import Path

from edigw.partners.tables.acknowledgements import Acknowledgements
from edigw.partners.tables.base import Positive, Table, Text
from edigw.partners.tables.intake import OnTest
from edigw.partners.tables.translation import AgreedOverlay, Codes, LossPolicy
from edigw.partners.tables.writing import EdifactWriting, Receives, X12Writing


class AgreedDelivery(Table, frozen=True):
    """`[delivery]` of an agreement. Where the receiver gets its files is a matter of its own file."""

    file_name: Text = "{type}_{control}.edi"
    together: bool = False


class AgreementFile(Table, frozen=True):
    """`agreements/*.toml`, top level: one direction between two partners. Every key but the first four is one of the
    partner files, and counts in place of what stands there, key by key: in place of the sender's where something is
    decided about what was received (guides, what is told about it, losses in reading), else of the receiver's."""

    sender: Text  # codes of partners
    receiver: Text
    # Which of its identifiers each of them has in what goes from the one to the other; default: the first.
    sender_id: Text | None = None
    receiver_id: Text | None = None
    receives: tuple[Receives, ...] = ()  # in place of the receiver's entries for the same documents
    edifact: EdifactWriting = EdifactWriting()
    x12: X12Writing = X12Writing()
    delivery: AgreedDelivery = AgreedDelivery()
    # `send`, `functional` and `ta1`: what the sender is told; `request`, `request_ta1`: what the receiver is asked for.
    acknowledgements: Acknowledgements = Acknowledgements()
    guides: tuple[Path, ...] = ()  # in place of all of the sender's
    overlays: tuple[AgreedOverlay, ...] = ()  # before the partners' own: "sends" when reading, "receives" when writing
    codes: Codes = Codes()
    loss: LossPolicy = LossPolicy()
    test: OnTest = "accept"  # what becomes of tests that the sender sends to the receiver
    duplicate_days: Positive = 365
