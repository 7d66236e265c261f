"""`partners/CODE.toml`: one partner."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import field

from edigw.partners.tables.acknowledgements import Acknowledgements
from edigw.partners.tables.base import Positive, Table, Text
from edigw.partners.tables.collection import Collection
from edigw.partners.tables.delivery import Delivery
from edigw.partners.tables.identity import Contact, Identifiers
from edigw.partners.tables.intake import OnTest, Sends, Unknown
from edigw.partners.tables.login import Login
from edigw.partners.tables.mailbox import Mailbox
from edigw.partners.tables.openpgp import OpenPgp
from edigw.partners.tables.reading import Reading, Tolerances
from edigw.partners.tables.signatures import Signatures
from edigw.partners.tables.translation import AgreedOverlay, Codes, LossPolicy
from edigw.partners.tables.writing import EdifactWriting, Receives, X12Writing

if TYPE_CHECKING:
    from edigw.directory.guides.model import Guide
    from edigw.partners.adaptation import Adaptation


class PartnerFile(Table, frozen=True):
    """`partners/CODE.toml`, top level."""

    name: Text
    identifiers: Identifiers
    contacts: tuple[Contact, ...] = ()
    active: bool = True  # false: nobody logs in, and what is for the partner or in its name is held
    login: Login | None = None  # without one, the partner can't send to the gateway by SFTP
    collection: Collection | None = None  # without one, the partner brings its files
    mailbox: Mailbox = Mailbox()
    sends: tuple[Sends, ...] = ()
    sends_for: tuple[Text, ...] = ()  # codes of partners in whose name it may send, as a service provider does
    unknown: Unknown = Unknown()
    receives: tuple[Receives, ...] = ()
    edifact: EdifactWriting = EdifactWriting()
    x12: X12Writing = X12Writing()
    delivery: Delivery = Delivery()
    acknowledgements: Acknowledgements = Acknowledgements()
    signatures: Signatures = Signatures()
    openpgp: OpenPgp = OpenPgp()
    reading: Reading = Reading()
    tolerances: Tolerances = Tolerances()
    # What validation does with a fault, by the code that the report shows: { control_total = "warning" }. One of
    # "error" (rejects), "warning", "note", "ignore".
    severities: dict[str, str] = field(default_factory=dict)
    # Implementation guides that the partner's messages must keep: YAML files, see samples/guides.
    guides: tuple[Path, ...] = ()
    overlays: tuple[AgreedOverlay, ...] = ()
    codes: Codes = Codes()
    loss: LossPolicy = LossPolicy()
    # What becomes of interchanges that the partner marks as a test: they go where their receivers get tests
    # ([delivery.test]), wait, checked and acknowledged, for a person to release them, or are rejected.
    test: OnTest = "accept"
    duplicate_days: Positive = 365  # how long an interchange reference is remembered


class Partner(PartnerFile, frozen=True, kw_only=True):
    """A loaded and checked partner; or one side of an agreement, with what is agreed in place of its own settings."""

    code: str  # the name of its file without `.toml`: [a-z0-9-]
    loaded_guides: tuple[Guide, ...] = ()
    certificates: tuple[bytes, ...] = ()  # the contents of `openpgp.key_files`
    adaptations: tuple[Adaptation, ...] = ()  # what stands in `overlays`, loaded
