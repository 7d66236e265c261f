"""Mailboxes, deliveries and collections, the queue, and control numbers."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    or_,
    text,
)

from edigw.store.schema.base import BIG, metadata

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
