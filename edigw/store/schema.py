"""The tables, the same on SQLite and PostgreSQL; `migrations/` builds them step by step.

Times are UTC text, `2026-01-02T03:04:05.678Z`, as in the log's entries: they sort, and both databases keep
them exactly. Everything that a partner sent lies in payload files (see `payloads`), named here by its SHA-256
in hex.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    or_,
    text,
    true,
)

from edigw.store.columns import Hex, Packed

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
BIG = BigInteger().with_variant(Integer, "sqlite")

# ---------------------------------------------------------------- traffic

transmission = Table(
    "transmission",
    metadata,
    Column("id", String(26), primary_key=True),  # sortable by time: see edigw.store.ids
    Column("direction", String(3), nullable=False),  # in | out
    Column("kind", String(8), nullable=False),  # business | ack
    Column("partner", String(64), nullable=False),  # whom it came from or goes to
    # in: sftp (they came to us) | sftp-fetch | folder; out: sftp-push | folder | mailbox
    Column("via", String(16), nullable=False),
    Column("name", String(255), nullable=False),  # file name as uploaded, or as delivered
    Column("sha256", String(64), nullable=False),
    Column("size", BIG, nullable=False),
    Column("xid", String(32), nullable=False),  # the exchange in the log that tells its life
    Column("source", ForeignKey("transmission.id")),  # out: the inbound transmission that it answers or carries on
    Column("created_at", String(24), nullable=False),
    # in:  received -> accepted | partly_accepted | rejected | held | duplicate
    # out: queued -> placing -> delivered | failed ; deposited -> picked_up | expired ; queued <-> held
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("changed_at", String(24), nullable=False),
    Column("clear_sha256", String(64)),  # of the interchanges in it, where the file itself (`sha256`) is encrypted
    Index(None, "partner", "created_at"),
    Index(None, "partner", "name"),
    Index(None, "state", "created_at"),
    Index(None, "source"),
    Index(None, "sha256"),
    Index(
        None,
        "clear_sha256",
        sqlite_where=text("clear_sha256 IS NOT NULL"),
        postgresql_where=text("clear_sha256 IS NOT NULL"),
    ),
)

interchange = Table(
    "interchange",
    metadata,
    Column("transmission", ForeignKey("transmission.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # from 1 in the file
    Column("standard", String(8), nullable=False),
    Column("syntax", String(16), nullable=False),
    Column("sender", String(64), nullable=False),  # id:qualifier
    Column("receiver", String(64), nullable=False),
    Column("control", String(35), nullable=False),
    Column("test", Boolean, nullable=False),
    Column("state", String(16), nullable=False),  # accepted | partly_accepted | rejected | held | duplicate | sent
    Index(None, "sender", "receiver", "control"),
    Index(None, "control"),
)

# Which interchange references were used, by whom, for which bytes: tells a retransmission from a reused
# number.
interchange_key = Table(
    "interchange_key",
    metadata,
    Column("key", String(200), primary_key=True),  # standard/sender/receiver/control
    Column("digest", String(64), nullable=False),  # SHA-256 of the interchange's bytes
    Column("transmission", ForeignKey("transmission.id"), nullable=False),
    Column("position", Integer, nullable=False),  # of the interchange in the file, from 1
    Column("created_at", String(24), nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("transmission", ForeignKey("transmission.id"), nullable=False),
    Column("interchange", Integer, nullable=False),  # position of its interchange in the file
    Column("position", Integer, nullable=False),  # from 1 in the interchange
    Column("xid", String(32), nullable=False),  # its exchange: shared by what was received and what it became
    Column("source", ForeignKey("message.id")),  # the message that this one was translated from
    Column("standard", String(8), nullable=False),
    Column("type", String(16), nullable=False),
    Column("version", String(32), nullable=False),
    Column("group_control", String(35), nullable=False, server_default=""),
    Column("control", String(35), nullable=False),
    Column("document", String(32), nullable=False, server_default=""),  # Order, DespatchAdvice
    Column("number", String(80), nullable=False, server_default=""),  # the document's own number
    Column("sender", String(64), nullable=False),  # partner codes
    Column("receiver", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # accepted | rejected | held | translated | sent
    # none | wanted | overdue | expired | accepted | rejected | superseded (by a re-issue)
    Column("ack_state", String(16), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("slice", Integer),  # of a large file, in which the message was processed
    Index("ix_message_transmission", "transmission", "slice"),
    Index(None, "xid"),
    Index(None, "control"),
    Index(None, "source"),
    Index(
        "ix_message_unacknowledged",
        "ack_state",
        "transmission",
        sqlite_where=text("ack_state IN ('overdue', 'rejected', 'expired')"),
        postgresql_where=text("ack_state IN ('overdue', 'rejected', 'expired')"),
    ),
)

reference = Table(
    "reference",
    metadata,
    Column("message", ForeignKey("message.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),  # order | despatch | invoice | sscc | gtin | ...
    Column("value", String(80), primary_key=True),
    Index(None, "kind", "value"),
    Index(None, "value"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("transmission", ForeignKey("transmission.id"), nullable=False),
    Column("message", ForeignKey("message.id")),
    Column("body", Text, nullable=False),  # JSON of the finding, loss or acknowledgement code
    Column("kind", String(8), nullable=False),  # finding | held | loss | ack
    Index(None, "transmission"),
    Index(None, "message"),
)

# ---------------------------------------------------------------- mailboxes, queue, numbers

# Of an item that the partner sees; other states are removed and expired. Written out just as the index has it, or the
# index is of no use.
IN_SIGHT = text("mailbox_item.state IN ('visible', 'downloaded')")

mailbox_item = Table(
    "mailbox_item",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("partner", String(64), nullable=False),
    Column("folder", String(48), nullable=False),  # inbox | outbox | receipts | test, or one inside: outbox/orders
    Column("name", String(255), nullable=False),
    Column("transmission", ForeignKey("transmission.id")),
    Column("sha256", String(64), nullable=False),
    Column("size", BIG, nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("state", String(16), nullable=False),  # visible | downloaded | removed | expired
    Column("changed_at", String(24), nullable=False),
    Index(
        "uq_mailbox_item_seen",  # no two files of one name in sight
        "partner",
        "folder",
        "name",
        unique=True,
        sqlite_where=text("state IN ('visible', 'downloaded')"),
        postgresql_where=text("state IN ('visible', 'downloaded')"),
    ),
    Index(None, "transmission"),
)

OUTGOING = or_(*(mailbox_item.c.folder.startswith(root) for root in ("outbox", "test")))  # sent to the partner

# A delivery to a partner's server that has begun: where to, and under which names. What a crash left there is looked
# for at just this place.
delivery = Table(
    "delivery",
    metadata,
    Column("transmission", ForeignKey("transmission.id"), primary_key=True),
    Column("target", Text, nullable=False),  # host, port, user, folder
    Column("temp_name", String(255), nullable=False),
    Column("begun_at", String(24), nullable=False),
)

# Deliveries to a partner that were stopped, since nothing can be delivered there until somebody changes something.
stopped_delivery = Table(
    "stopped_delivery",
    metadata,
    Column("partner", String(64), primary_key=True),
    Column("test", Boolean, primary_key=True),  # whether it is where the partner gets its tests
    Column("place", Text, nullable=False),  # host, port, user, folder and keys; other ones are worth another try
    Column("reason", Text, nullable=False),
    Column("since", String(24), nullable=False),
)

# Files that lie at a partner's server or in a folder, as the gateway saw them there, until they are gone.
collected_file = Table(
    "collected_file",
    metadata,
    Column("partner", String(64), primary_key=True),
    Column("place", String(500), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("size", BIG, nullable=False),
    Column("mtime", Float, nullable=False),  # seconds since the epoch, by the other side's clock
    Column("seen_at", String(24), nullable=False),  # since when it has this size and time
    Column("transmission", ForeignKey("transmission.id")),  # once it was accepted
)

# When a partner's place is looked at next; whoever moves that on goes there.
collection_turn = Table(
    "collection_turn",
    metadata,
    Column("partner", String(64), primary_key=True),
    Column("due_at", String(24), nullable=False),
    Column("failed", Integer, nullable=False, server_default="0"),  # how often, one after the other
    Column("error", Text, nullable=False),  # of the last visit; "" if all was well
)

READY = text("job.state = 'ready'")  # written out, as the index has it

job = Table(
    "job",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),  # process | deliver
    Column("transmission", ForeignKey("transmission.id"), nullable=False),
    Column("state", String(8), nullable=False),  # ready | done | failed | held
    Column("due_at", String(24), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("owner", String(64)),  # the worker that holds the lease
    Column("lease_until", String(24)),
    Column("queued_at", String(24), nullable=False),  # from here on is counted how long it has been tried
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("kind", "transmission"),
    Index(
        "ix_job_ready",
        "kind",
        "due_at",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
)

control_number = Table(
    "control_number",
    metadata,
    Column("series", String(160), primary_key=True),  # "x12/interchange/RETAILER/SUPPLIER"
    Column("last", BIG, nullable=False),
)

# ---------------------------------------------------------------- the SFTP server

# What is held against addresses that fail to log in, shared by all front ends: `edigw.transport.server.bans.Score`.
ban = Table(
    "ban",
    metadata,
    Column("network", String(64), primary_key=True),  # an address, for IPv6 its /64
    Column("marks", Text, nullable=False),  # JSON: [[seconds since the epoch, points], ...]
    Column("until", Float, nullable=False),  # seconds since the epoch
    Column("length", Float, nullable=False),  # seconds
    Column("matters_until", Float, nullable=False, index=True),
)

sftp_session = Table(
    "sftp_session",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("partner", String(64), nullable=False),
    Column("user", String(64), nullable=False),
    Column("peer", String(64), nullable=False),  # address and port
    Column("method", String(16), nullable=False),  # publickey | certificate | password
    Column("key", String(64), nullable=False),  # its fingerprint
    Column("certificate", String(255), nullable=False),
    Column("client", String(255), nullable=False),  # its SSH identification
    Column("algorithms", String(255), nullable=False),
    Column("started_at", String(24), nullable=False),
    Column("ended_at", String(24)),
    Column("reason", String(255), nullable=False, server_default=""),  # of its end
    Index(None, "partner", "started_at"),
    Index(None, "started_at"),
)

# Sessions that are open, on whichever front end. Each seat is held until a time (seconds since the epoch), and longer.
sftp_seat = Table(
    "sftp_seat",
    metadata,
    Column("session", String(16), primary_key=True),
    Column("partner", String(64), nullable=False),
    Column("network", String(64), nullable=False),  # the address; of IPv6 its /64
    Column("front", String(160), nullable=False),  # the process, as `queue.owner_name` calls it
    Column("until", Float, nullable=False),
)

sftp_operation = Table(
    "sftp_operation",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("session", String(16), nullable=False),
    Column("at", String(24), nullable=False),
    Column("operation", String(24), nullable=False),  # upload | download | remove | temp_stored | refused | ...
    Column("path", String(500), nullable=False),
    Column("size", BIG),
    Column("sha256", String(64), nullable=False, server_default=""),
    Column("result", String(500), nullable=False, server_default=""),  # why it was refused or broke off; "" if well
    Column("transmission", String(26)),
    Index(None, "session"),
    Index(None, "transmission"),
)

# ---------------------------------------------------------------- the console

console_user = Table(
    "console_user",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("role", String(16), nullable=False),  # admin | operator | auditor | partner
    Column("partner", String(64), nullable=False, server_default=""),  # whose traffic it sees, if of that role
    Column("password_hash", Text, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("created_at", String(24), nullable=False),
    Column("changed_at", String(24), nullable=False),
)

console_session = Table(
    "console_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # SHA-256 of what the browser shows
    Column("user", ForeignKey("console_user.name"), nullable=False, index=True),
    Column("peer", String(64), nullable=False),
    Column("started_at", String(24), nullable=False),
    Column("seen_at", String(24), nullable=False),
    Column("ends_at", String(24), nullable=False, index=True),
)

# Audits of the log that somebody started at the console.
audit_run = Table(
    "audit_run",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("actor", String(80), nullable=False),
    Column("started_at", String(24), nullable=False),
    Column("said_at", String(24), nullable=False),  # when it last told how far it is
    Column("ended_at", String(24)),
    Column("checked", Text, nullable=False),  # JSON: how many of what, so far
    Column("problems", Integer, nullable=False, server_default="0"),
    Column("told", Text, nullable=False),  # JSON: the first problems
)

# ---------------------------------------------------------------- the transmission log

payload = Table(
    "payload",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the uncompressed bytes
    Column("size", BIG, nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("content", LargeBinary),  # compressed (Zstandard); NULL: it is a file
)

evidence_object = Table(
    "evidence_object",
    metadata,
    Column("commit", Hex(32), primary_key=True),
    Column("role", String(32), nullable=False),
    Column("salt", LargeBinary(32)),  # NULL once erased
    Column("size", BIG, nullable=False),
    Column("content", Packed),  # small objects (details) lie here
    Column("sha256", Hex(32)),  # large ones are payloads
    Index(None, "sha256", sqlite_where=text("sha256 IS NOT NULL"), postgresql_where=text("sha256 IS NOT NULL")),
)

exchange = Table(
    "exchange",
    metadata,
    Column("xid", Hex(16), primary_key=True),
    Column("events", BIG, nullable=False),  # how many so far: the next event's n
    Column("last", Hex(32), nullable=False),  # leaf hash of the newest: the next event's prev
    Column("parent", Hex(32), nullable=False),  # empty if it was not split from another
    Column("open", Boolean, nullable=False, server_default=true()),  # whether its newest event is not exchange.closed
    Index("ix_exchange_open", "xid", sqlite_where=text("open"), postgresql_where=text("open")),
)

ev_pending = Table(
    "ev_pending",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("eid", Hex(16), nullable=False, unique=True),
    Column("entry", LargeBinary, nullable=False),
)

ev_entry = Table(
    "ev_entry",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("eid", Hex(16), nullable=False, unique=True),
    Column("entry", LargeBinary, nullable=False),
)

ev_tile = Table(
    "ev_tile",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("idx", BIG, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

ev_state = Table(
    "ev_state",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BIG, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
)

ev_checkpoint = Table(
    "ev_checkpoint",
    metadata,
    Column("size", BIG, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

# Timestamps of authorities over checkpoints; the tokens are objects of `log.anchored` events. None is ever deleted.
ev_timestamp = Table(
    "ev_timestamp",
    metadata,
    Column("size", BIG, primary_key=True, autoincrement=False),  # of the checkpoint
    Column("authority", String(64), primary_key=True),
    Column("at", String(24), nullable=False),  # as the token states it
    Column("note", Text, nullable=False),  # what it is over: the checkpoint with the log's signatures only
    Column("commit", Hex(32), nullable=False),  # of the token
)

# What witnesses have cosigned.
ev_cosignature = Table(
    "ev_cosignature",
    metadata,
    Column("size", BIG, primary_key=True, autoincrement=False),
    Column("witness", String(120), primary_key=True),
    Column("at", String(24), nullable=False),  # as the cosignature states it
    Column("line", Text, nullable=False),
)

# Checkpoints that others have shown, signed by the log's key, and that the log has not grown from: while one is here,
# nothing is appended.
ev_refuted = Table(
    "ev_refuted",
    metadata,
    Column("source", String(160), primary_key=True),  # who has shown it
    Column("note", Text, nullable=False),
)

# How authorities and witnesses have answered lately.
ev_attester = Table(
    "ev_attester",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("asked_at", String(24), nullable=False),
    Column("size", BIG, nullable=False, server_default="0"),  # of the last checkpoint that it attested
    Column("attested_at", String(24), nullable=False, server_default=""),
    Column("trouble", Text, nullable=False, server_default=""),  # why the last answer was none
)

# What the entries say, for searching. Written with the entry in one transaction; the audit compares the two.
event = Table(
    "event",
    metadata,
    Column("eid", Hex(16), primary_key=True),
    Column("at", String(24), nullable=False),
    Column("type", String(32), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("xid", Hex(16), nullable=False),
    Column("n", BIG, nullable=False),
    Column("transmission", String(26)),
    Column("message", String(26)),
    Index(None, "xid", "n"),
    Index(None, "transmission"),
    Index(None, "message"),
)
