"""The transmission log: payloads and objects, exchanges, entries and tiles, checkpoints and anchors, events."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, SmallInteger, String, Table, Text, text, true

from edigw.store.columns import Hex, Packed
from edigw.store.schema.base import BIG, metadata

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
