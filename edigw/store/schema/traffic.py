"""Files that came and went, the messages in them, and what was found in those."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from edigw.store.schema.base import BIG, metadata

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
