"""The loaded configuration, and what is looked up in it."""

from __future__ import annotations

from pathlib import Path

from msgspec import field

from edigw.partners.agreements import Pair
from edigw.partners.files import Source
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.routes import Route
from edigw.partners.tables.settings import Settings
from edigw.syntax.model import PartyId, Standard


class Config(Settings, frozen=True, kw_only=True):
    """A loaded and checked configuration. All paths are absolute."""

    path: Path  # of edigw.toml
    partners: dict[str, Partner]  # by code, in the order of their codes
    digest: str  # over the sources, in hex (`edigw.partners.files.digest_of`)
    # Every file that counts, by name: those above, and what they name, public keys, guides and overlays.
    sources: dict[str, Source] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()  # in the order in which they are tried
    agreements: dict[tuple[str, str], Pair] = field(default_factory=dict)  # by the codes of sender and receiver
    bindings: Path | None = None  # a folder of bindings to be tried; None: those that ship with the gateway

    def __repr__(self) -> str:  # the database URL may carry a password
        return f"Config({str(self.path)!r}, digest={self.digest[:12]})"

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database or f"sqlite:///{self.data / 'edigw.db'}"

    @property
    def payload_folder(self) -> Path:
        """The folder of received and sent bytes."""
        return self.payloads or self.data / "payloads"

    @property
    def max_file_size(self) -> int:
        """The largest file that is accepted, in bytes."""
        return self.max_file_mb * 1_000_000

    def by_user(self, user: str) -> Partner | None:
        """The partner that logs in to the SFTP server as `user`."""
        return next((p for p in self.partners.values() if p.login and p.login.user == user), None)

    def by_identifier(self, standard: Standard, party: PartyId) -> Partner | None:
        """The partner with this identifier in envelopes of `standard`. The qualifier belongs to the
        identifier: it must be equal, and no qualifier matches only an identifier that has none."""
        for partner in self.partners.values():
            if party in parties(partner, standard):
                return partner
        return None

    def between(self, sender: Partner, receiver: Partner) -> Pair:
        """Both with what counts where `sender` sends to `receiver`: their agreement, else their own settings."""
        return self.agreements.get((sender.code, receiver.code), Pair(sender, receiver))

    def identifier_for(self, partner: Partner, standard: Standard) -> PartyId:
        """The identifier to write for `partner` into an envelope of `standard`: the first one it lists.

        Raises LookupError if it has none."""
        found = parties(partner, standard)
        if not found:
            raise LookupError(f"partner {partner.code} has no {standard} identifier")
        return found[0]

    def group_code_for(self, partner: Partner) -> str:
        """The application code to write into GS02/GS03, which goes with the first X12 identifier.

        Raises LookupError if the partner has no X12 identifier."""
        if not partner.identifiers.x12:
            raise LookupError(f"partner {partner.code} has no x12 identifier")
        first = partner.identifiers.x12[0]
        return first.group or first.id

    def receives(self, partner: Partner, document: str) -> tuple[str, str] | None:
        """Message type and version in which `partner` gets this kind of document; None if it names none."""
        return next(((message, version) for _, message, version in self.forms(partner, document)), None)

    def forms(self, partner: Partner, document: str) -> list[tuple[str, str, str]]:
        """Standard, message type and version of every form in which `partner` gets this kind of document: there are
        two where responses to orders and to changes are different messages (855, 865)."""
        return [(r.standard, r.message, r.version) for r in partner.receives if r.document == document]


def parties(partner: Partner, standard: Standard) -> list[PartyId]:
    """All identifiers of a partner in one standard, the one for writing first."""
    named = partner.identifiers.edifact if standard == "edifact" else partner.identifiers.x12
    return [identifier.party for identifier in named]
