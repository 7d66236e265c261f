"""The configuration: what a person writes into `edigw.toml` and into one file a partner under `partners/`.

Every struct is one table of these files and every field one key; the comment at a field is its documentation.
`edigw.partners.load` reads and checks them. Paths are written relative to the file they stand in, and are
absolute once loaded. Keys and passphrases stay in files of their own, which are named here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from edigw.syntax.model import PartyId, Standard

if TYPE_CHECKING:
    from edigw.directory.guides.model import Guide
    from edigw.partners.adaptation import Adaptation

Port: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]
Positive: TypeAlias = Annotated[int, Meta(ge=1)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Character: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1)]
Codec: TypeAlias = Annotated[str, Meta(min_length=1, max_length=40)]  # a character set as Python names it, "cp1252"
Tolerance: TypeAlias = Literal["note", "reject", "ignore"]
CodeAction: TypeAlias = Literal["drop", "pass", "hold"]
LossAction: TypeAlias = Literal["allow", "flag", "hold"]
LossKind: TypeAlias = Literal["carried", "converted", "defaulted", "truncated", "dropped"]

# The descriptions are what a person reads when the value is wrong: "expected ...".
_ORIGIN = Meta(
    pattern=r"^[a-z0-9.-]{1,60}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{1,60})+\Z",
    max_length=120,
    description='a domain and a path, "edi.example.com/log"',
)
_USER = Meta(
    pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z",
    description="a user name of a-z, 0-9, '.', '_' and '-', 64 at most",
)
_MESSAGE = Meta(pattern=r"^([A-Z]{6}|[0-9]{3})\Z", description='a message type, "ORDERS", or a transaction set, "850"')
_CHARACTER_SET = Meta(
    pattern=r"^(UNO[A-LWY]|KECA)\Z",
    description='a character set as UNB names it, "UNOA" to "UNOL", "UNOW" or "UNOY"',
)
_SUFFIX = Meta(pattern=r"^[A-Z0-9]{0,6}\Z", description="up to six of A-Z and 0-9")


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a configuration file: a key that it does not know is an error."""


# ---------------------------------------------------------------- edigw.toml


class SftpLimits(_Table, frozen=True):
    """`[sftp.limits]`: what one client, and all of them together, may use up. Named as in
    `edigw.transport.server.limits.Limits`, which has more; times are seconds."""

    login_grace: Seconds = 30  # a connection that has not logged in by then is closed
    failed_attempts: Positive = 6  # wrong credentials in one connection before it is closed
    unauthenticated: Positive = 100  # connections that have not logged in, of all addresses together
    connections_per_address: Positive = 20
    connections_per_partner: Positive = 10
    channels_per_connection: Positive = 10
    handles_per_session: Positive = 64  # open files and folders of one connection
    keepalive_interval: Seconds = 30
    idle: Seconds = 1800  # a session that does nothing for so long is closed


class SftpServer(_Table, frozen=True):
    """`[sftp]`: the server on which partners drop and fetch their files."""

    host: Text = "127.0.0.1"  # the address to listen on; "0.0.0.0" or "::" for every one
    port: Port = 2222
    host_keys: Annotated[tuple[Path, ...], Meta(min_length=1)] = (Path("keys/host_ed25519"),)
    limits: SftpLimits = SftpLimits()


class Worker(_Table, frozen=True):
    """`[worker]`: the processing of what came in."""

    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    poll_seconds: Seconds = 1.0  # how often the queue is looked at when nothing wakes the worker
    lease_seconds: Seconds = 120  # a job whose worker died is taken up by another one after this time


class LogSettings(_Table, frozen=True):
    """`[log]`: the transmission log and the key that signs its checkpoints."""

    # The log's name in every checkpoint and receipt: a domain of yours and a path, "edi.example.com/log". It
    # can't be changed once the log has been opened.
    origin: Annotated[str, _ORIGIN]
    # An encrypted Ed25519 key. Its passphrase lies beside it in `log.key.passphrase`, or in the environment:
    # EDIGW_LOG_PASSPHRASE itself, or EDIGW_LOG_PASSPHRASE_FILE with the name of a file.
    key_file: Path = Path("keys/log.key")
    # Remembers the newest checkpoint outside of the database, so that a database put back from an old backup
    # is noticed. Best kept on another disk.
    highwater_file: Path = Path("log.highwater")


class Retry(_Table, frozen=True):
    """`[delivery]`: how often a delivery that failed is tried again. The delay doubles each time."""

    first_delay_seconds: Seconds = 30
    longest_delay_seconds: Seconds = 3600
    # After that the transmission has failed, and a person has to look.
    give_up_hours: Annotated[float, Meta(gt=0)] = 48


class RetentionRule(_Table, frozen=True):
    """`[[retention.rules]]`: how long the content of some files is kept."""

    years: Annotated[float, Meta(gt=0)]
    partner: str = ""  # a partner's code, as sender or receiver; default: every one
    document: str = ""  # a canonical document, "Invoice"; default: every one


class LegalHold(_Table, frozen=True):
    """`[[retention.holds]]`: what is not erased as long as this stands here, however old it is."""

    reason: Text
    partner: str = ""
    document: str = ""
    reference: str = ""  # a business reference of a message in the file: an order's number, a despatch advice's


class Retention(_Table, frozen=True):
    """`[retention]`: how long the content of files is kept. What is older is erased; the log goes on proving that it
    was there."""

    years: Annotated[float, Meta(gt=0)] = 10  # where no rule fits
    # The first one that fits decides; of several documents in a file, that which is kept longest.
    rules: tuple[RetentionRule, ...] = ()
    holds: tuple[LegalHold, ...] = ()


class Settings(_Table, frozen=True):
    """`edigw.toml`, top level."""

    log: LogSettings
    data: Path = Path("data")  # the folder of everything that the gateway keeps
    database: str = ""  # an SQLAlchemy URL; default: edigw.db in the data folder (SQLite)
    # The folder of received and sent bytes; default: payloads in the data folder.
    payloads: Path | None = None
    max_file_mb: Annotated[int, Meta(ge=1, le=2048)] = 64  # the largest file that is accepted, in 10^6 bytes
    sftp: SftpServer = SftpServer()
    worker: Worker = Worker()
    delivery: Retry = Retry()
    retention: Retention = Retention()


# ---------------------------------------------------------------- partners/CODE.toml


class EdifactIdentifier(_Table, frozen=True):
    """One identifier in UNB S002/S003: 0004 and 0007."""

    id: Annotated[str, Meta(min_length=1, max_length=35)]
    qualifier: Annotated[str, Meta(max_length=4)] = ""  # "14" for a GLN; "" if the partner sends none

    @property
    def party(self) -> PartyId:
        return PartyId(self.id, self.qualifier)


class X12Identifier(_Table, frozen=True):
    """One identifier in ISA05-08, and the application code that goes with it in GS02/GS03."""

    id: Annotated[str, Meta(min_length=1, max_length=15)]
    # "ZZ", "01" for a D-U-N-S number, "07" for a GLN.
    qualifier: Annotated[str, Meta(min_length=2, max_length=2)]
    group: Annotated[str, Meta(max_length=15)] = ""  # the application code; default: the id itself

    @property
    def party(self) -> PartyId:
        return PartyId(self.id, self.qualifier)


class Identifiers(_Table, frozen=True):
    """`[identifiers]`: by which the partner is known in envelopes. All are accepted when reading; the first
    of each list is used when writing."""

    edifact: tuple[EdifactIdentifier, ...] = ()
    x12: tuple[X12Identifier, ...] = ()


class Login(_Table, frozen=True):
    """`[login]`: how the partner logs in to the gateway's SFTP server."""

    user: Annotated[str, _USER]
    keys: tuple[str, ...] = ()  # public keys as OpenSSH writes them, "ssh-ed25519 AAAA... comment"
    # Files with such keys, one a line; once loaded, their keys stand in `keys` too.
    key_files: tuple[Path, ...] = ()
    # Names under which the partner's client uploads before it renames: kept, but not taken as sent.
    temporary_suffixes: tuple[Text, ...] = (".tmp", ".part", ".partial", ".filepart", ".writing")
    # Names under which an empty file is accepted, and ignored.
    marker_suffixes: tuple[Text, ...] = (".done", ".ok")


class Receives(_Table, frozen=True):
    """`[[receives]]`: the form in which the partner gets one kind of document. What arrives for it in another
    form is translated."""

    document: Text  # a canonical document: "Order", "DespatchAdvice"
    message: Annotated[str, _MESSAGE]  # "ORDERS", "850"
    version: Text  # as the directories name it: "D.96A", "004010"

    @property
    def standard(self) -> Standard:
        """X12 numbers its transaction sets, EDIFACT gives its messages names."""
        return "x12" if self.message.isdigit() else "edifact"


class EdifactWriting(_Table, frozen=True):
    """`[edifact]`: how EDIFACT interchanges for the partner are written."""

    character_set: Annotated[str, _CHARACTER_SET] = "UNOC"  # 0001
    syntax_version: Literal[1, 2, 3, 4] = 3  # 0002
    # 0057 by message type: { ORDERS = "EAN008" }.
    associations: dict[str, Annotated[str, Meta(max_length=6)]] = {}
    element: Character = "+"
    component: Character = ":"
    release: Character = "?"
    terminator: Character = "'"
    repetition: Character = "*"  # used in syntax version 4
    una: bool = True  # write the service string advice even if every character is the default
    newline: bool = False  # a line feed after every segment


class X12Writing(_Table, frozen=True):
    """`[x12]`: how X12 interchanges for the partner are written."""

    element: Character = "*"
    component: Character = ">"
    terminator: Character = "~"
    repetition: Character = "^"  # used from version 004020 on
    newline: bool = False  # a line feed after every segment
    suffix: Annotated[str, _SUFFIX] = ""  # follows the version in GS08: "VICS"
    # ST03 by transaction set, from 005010 on: { "850" = "005010X999" }.
    implementations: dict[str, Annotated[str, Meta(max_length=35)]] = {}
    message_per_group: bool = False  # where messages go together, each in a functional group of its own
    usage: Literal["P", "T"] = "P"  # ISA15; what came in as a test always goes out as "T"
    # X12 names no character set. What the chosen one can't express is written without accents or as "?", and
    # recorded as loss.
    characters: Literal["ascii-fold", "latin-1", "utf-8"] = "ascii-fold"


class SftpTarget(_Table, frozen=True):
    """`[delivery.sftp]`: the partner's own server."""

    host: Text
    user: Text
    key_file: Path  # the private key with which the gateway logs in, OpenSSH format, not encrypted
    # The only key that is trusted: the server's public key, "ssh-ed25519 AAAA...", or its fingerprint, "SHA256:...".
    host_key: Annotated[str, Meta(max_length=2000)]
    port: Port = 22
    folder: str = "."  # on the server, where the files go
    temp_suffix: str = ".part"  # uploaded under this name, then renamed; "" uploads under the final name


class Delivery(_Table, frozen=True):
    """`[delivery]`: how the partner gets its files."""

    method: Literal["mailbox", "sftp"] = "mailbox"  # fetched from its outbox here, or pushed to its server
    sftp: SftpTarget | None = None
    file_name: Text = "{type}_{control}.edi"  # see edigw.partners.names for the placeholders
    # Put the messages of one received interchange into one interchange; otherwise each gets an interchange of its own.
    together: bool = False


class Acknowledgements(_Table, frozen=True):
    """`[acknowledgements]`: what the partner is told about the files that it sends, and is asked to tell."""

    send: Literal["always", "requested", "never"] = "always"  # CONTRL, 997 or 999
    functional: Literal["997", "999"] = "997"  # which of the two X12 has; 999 needs version 005010 or later
    ta1: Literal["always", "requested", "on-error", "never"] = "requested"  # requested: ISA14 = 1
    # Ask for an acknowledgement of what is sent to the partner (0031 = 1). X12 needs no asking for a 997.
    request: bool = True
    request_ta1: bool = False  # ask for a TA1 as well (ISA14 = 1)


class Reading(_Table, frozen=True):
    """`[reading]`: how files of the partner are read, and the bounds of one file."""

    # For text that does not fit the declared character set; its use is noted. Without one such a message is rejected.
    fallback_charset: Codec | None = None
    x12_charset: Codec = "ascii"  # X12 declares no character set
    repetition: bool = True  # whether the repetition separator counts where the syntax version has one
    max_interchanges: Positive = 500_000
    max_messages: Positive = 1_000_000  # and groups, objects and binary segments, all together
    max_segments: Positive = 200_000  # in a message
    max_segment_length: Positive = 131_072  # bytes
    max_elements: Positive = 1_000  # in a segment
    max_binary_length: Positive = 33_554_432  # octets of counted binary data (BIN, BDS, UNO)
    codes: bool = True  # whether values are checked against code lists


class Tolerances(_Table, frozen=True):
    """`[tolerances]`: deviations from the standards that are read all the same. "note" keeps a trace of it, "ignore"
    says nothing, "reject" makes it an error of what deviates: of the message where the deviation is in one, else of the
    interchange. By the names of `edigw.syntax.findings.RULES`, which has the codes of the acknowledgements."""

    # before and between segments
    byte_order_mark: Tolerance = "note"  # before the header
    foreign_header: Tolerance = "reject"  # lines of something else before the header
    stray_terminator: Tolerance = "note"  # a segment terminator before the header
    line_breaks: Tolerance = "note"  # behind segments
    blanks: Tolerance = "note"  # between segments
    wrapped_lines: Tolerance = "note"  # line breaks within segments
    empty_segments: Tolerance = "note"  # a terminator without a segment
    unterminated: Tolerance = "note"  # no terminator at the end of the file
    # headers and trailers
    line_break_terminator: Tolerance = "note"  # CR or LF as segment terminator
    isa_unpadded: Tolerance = "note"  # ISA without its fixed widths
    isa_terminator_blanks: Tolerance = "note"  # blanks before the terminator of ISA
    isa11_letter: Tolerance = "note"  # U where a repetition separator should be
    una_blanks: Tolerance = "note"  # blanks or a line break behind UNA
    una_short: Tolerance = "note"  # UNA of five characters
    una_contradicted: Tolerance = "note"  # UNB uses other separators than UNA gives
    una_repetition: Tolerance = "note"  # UNA and the syntax version disagree on the repetition separator
    separators_without_una: Tolerance = "note"  # unusual service characters without UNA
    header_date: Tolerance = "note"  # six digits in syntax 4, eight before
    leading_zeros: Tolerance = "note"  # references that differ in leading zeros or blanks
    # within messages
    needless_release: Tolerance = "note"  # a release character before an ordinary one
    trailing_separators: Tolerance = "note"  # empty elements or components at the end
    explicit_nesting: Tolerance = "note"  # numbers behind a tag, LIN:1:2
    repertoire: Tolerance = "note"  # lower case under UNOA, other printable characters
    fallback_charset: Tolerance = "note"  # text in the character set of reading.fallback_charset
    repetition_as_data: Tolerance = "note"  # the repetition separator in free text
    blank_numbers: Tolerance = "note"  # blanks instead of or around a number
    thousands_separators: Tolerance = "note"  # 1,234.50
    s_version: Tolerance = "note"  # version S for a D directory
    association_mismatch: Tolerance = "note"  # EAN010 in a D.96A message


class AgreedOverlay(_Table, frozen=True):
    """`[[overlays]]`: the partner's deviations from a binding, in a file of their own (docs/mapping.md)."""

    file: Path
    # For the messages that the partner sends, those that it receives, or both.
    direction: Literal["both", "sends", "receives"] = "both"


class Codes(_Table, frozen=True):
    """`[codes]`: what becomes of codes that a code list of `mappings/codes` lacks, in messages of the partner and in
    messages for it. Each of them is in the loss report, whatever is agreed."""

    # "drop" leaves the code out, "pass" passes it on as it is, "hold" holds the message for a person.
    unmapped: CodeAction = "drop"
    lists: dict[str, str] = {}  # otherwise for single lists: { units = "hold" }
    # A canonical code to be used instead of those that a list lacks: { units = "C62" }.
    defaults: dict[str, str] = {}


class LossRule(_Table, frozen=True):
    """`[[loss.rules]]`: some losses, and what becomes of a message that has them."""

    action: LossAction
    # Where: a place of the document or of a message, or a part of one: "lines.price", "FTX", "NAD/3164", "notes".
    # "*" stands for any characters. Default: everywhere.
    at: Text = "*"
    kind: LossKind | None = None  # what became of the value; default: whatever it was


class LossPolicy(_Table, frozen=True):
    """`[loss]`: what becomes of a message of which a value can't be carried over one to one. Losses in reading are a
    matter of the sender's agreement, losses in writing of the receiver's."""

    # "allow" records it, "flag" also marks the translation in the log, "hold" holds the message until it is released.
    action: LossAction = "flag"
    rules: tuple[LossRule, ...] = ()  # the first one that fits decides; `action` where none does


class PartnerFile(_Table, frozen=True):
    """`partners/CODE.toml`, top level."""

    name: Text
    identifiers: Identifiers
    login: Login | None = None  # without one, the partner can't send to the gateway by SFTP
    receives: tuple[Receives, ...] = ()
    edifact: EdifactWriting = EdifactWriting()
    x12: X12Writing = X12Writing()
    delivery: Delivery = Delivery()
    acknowledgements: Acknowledgements = Acknowledgements()
    reading: Reading = Reading()
    tolerances: Tolerances = Tolerances()
    # What validation does with a fault, by the code that the report shows: { control_total = "warning" }. One of
    # "error" (rejects), "warning", "note", "ignore".
    severities: dict[str, str] = {}
    # Implementation guides that the partner's messages must keep: YAML files, see samples/guides.
    guides: tuple[Path, ...] = ()
    overlays: tuple[AgreedOverlay, ...] = ()
    codes: Codes = Codes()
    loss: LossPolicy = LossPolicy()
    test: bool = True  # accept interchanges that are marked as test
    duplicate_days: Positive = 365  # how long an interchange reference is remembered


# ---------------------------------------------------------------- loaded


class Partner(PartnerFile, frozen=True, kw_only=True):
    """A loaded and checked partner."""

    code: str  # the name of its file without `.toml`: [a-z0-9-]


class Config(Settings, frozen=True, kw_only=True):
    """A loaded and checked configuration. All paths are absolute."""

    path: Path  # of edigw.toml
    partners: dict[str, Partner]  # by code, in the order of their codes
    digest: str  # SHA-256 in hex over edigw.toml, the partner files, and the public keys and guides they name
    guides: dict[str, tuple[Guide, ...]] = {}  # of the partners that have any, by code
    adaptations: dict[str, tuple[Adaptation, ...]] = {}  # overlays of the partners that have any, by code
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
