"""What the SFTP server keeps: bans, sessions and what was done in them, seats."""

from sqlalchemy import Column, Float, Index, String, Table, Text

from edigw.store.schema.base import BIG, metadata

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
