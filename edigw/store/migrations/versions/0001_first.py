"""The first tables: traffic, mailboxes and queue, transmission log.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "control_number",
        sa.Column("series", sa.String(length=160), nullable=False),
        sa.Column("last", BIG, nullable=False),
        sa.PrimaryKeyConstraint("series", name="pk_control_number"),
    )
    op.create_table(
        "ev_checkpoint",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_ev_checkpoint"),
    )
    op.create_table(
        "ev_entry",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("eid", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ev_entry"),
        sa.UniqueConstraint("eid", name="uq_ev_entry_eid"),
    )
    op.create_table(
        "ev_pending",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("eid", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ev_pending"),
        sa.UniqueConstraint("eid", name="uq_ev_pending_eid"),
    )
    op.create_table(
        "ev_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ev_state"),
    )
    op.create_table(
        "ev_tile",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("idx", BIG, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "idx", name="pk_ev_tile"),
    )
    op.create_table(
        "event",
        sa.Column("eid", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=64), server_default="", nullable=False),
        sa.Column("xid", sa.String(length=32), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("transmission", sa.String(length=26), nullable=True),
        sa.Column("message", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("eid", name="pk_event"),
    )
    op.create_index("ix_event_at", "event", ["at"])
    op.create_index("ix_event_message", "event", ["message"])
    op.create_index("ix_event_transmission", "event", ["transmission"])
    op.create_index("ix_event_xid_n", "event", ["xid", "n"])
    op.create_table(
        "evidence_object",
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("size", BIG, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("commit", name="pk_evidence_object"),
    )
    op.create_table(
        "exchange",
        sa.Column("xid", sa.String(length=32), nullable=False),
        sa.Column("events", BIG, nullable=False),
        sa.Column("last", sa.String(length=64), nullable=False),
        sa.Column("parent", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("xid", name="pk_exchange"),
    )
    op.create_table(
        "payload",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_payload"),
    )
    op.create_table(
        "transmission",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("xid", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), server_default="", nullable=False),
        sa.Column("changed_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["transmission.id"], name="fk_transmission_source_transmission"),
        sa.PrimaryKeyConstraint("id", name="pk_transmission"),
    )
    op.create_index("ix_transmission_partner_created_at", "transmission", ["partner", "created_at"])
    op.create_index("ix_transmission_partner_name", "transmission", ["partner", "name"])
    op.create_index("ix_transmission_sha256", "transmission", ["sha256"])
    op.create_index("ix_transmission_source", "transmission", ["source"])
    op.create_index("ix_transmission_state_created_at", "transmission", ["state", "created_at"])
    op.create_table(
        "interchange",
        sa.Column("transmission", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("standard", sa.String(length=8), nullable=False),
        sa.Column("syntax", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("control", sa.String(length=35), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["transmission"], ["transmission.id"], name="fk_interchange_transmission_transmission"),
        sa.PrimaryKeyConstraint("transmission", "position", name="pk_interchange"),
    )
    op.create_index("ix_interchange_control", "interchange", ["control"])
    op.create_index("ix_interchange_sender_receiver_control", "interchange", ["sender", "receiver", "control"])
    op.create_table(
        "interchange_key",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("transmission", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["transmission"], ["transmission.id"], name="fk_interchange_key_transmission_transmission"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_interchange_key"),
    )
    op.create_table(
        "delivery",
        sa.Column("transmission", sa.String(length=26), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("temp_name", sa.String(length=255), nullable=False),
        sa.Column("begun_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["transmission"], ["transmission.id"], name="fk_delivery_transmission_transmission"),
        sa.PrimaryKeyConstraint("transmission", name="pk_delivery"),
    )
    op.create_table(
        "job",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("transmission", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.String(length=24), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.String(length=24), nullable=True),
        sa.Column("queued_at", sa.String(length=24), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["transmission"], ["transmission.id"], name="fk_job_transmission_transmission"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("kind", "transmission", name="uq_job_kind_transmission"),
    )
    op.create_index("ix_job_state_due_at", "job", ["state", "due_at"])
    op.create_table(
        "mailbox_item",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("folder", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("transmission", sa.String(length=26), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("changed_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["transmission"], ["transmission.id"], name="fk_mailbox_item_transmission_transmission"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox_item"),
    )
    op.create_index(
        "uq_mailbox_item_seen",
        "mailbox_item",
        ["partner", "folder", "name"],
        unique=True,
        sqlite_where=sa.text("state <> 'removed'"),
        postgresql_where=sa.text("state <> 'removed'"),
    )
    op.create_index("ix_mailbox_item_transmission", "mailbox_item", ["transmission"])
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("transmission", sa.String(length=26), nullable=False),
        sa.Column("interchange", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("xid", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=26), nullable=True),
        sa.Column("standard", sa.String(length=8), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("group_control", sa.String(length=35), server_default="", nullable=False),
        sa.Column("control", sa.String(length=35), nullable=False),
        sa.Column("document", sa.String(length=32), server_default="", nullable=False),
        sa.Column("number", sa.String(length=80), server_default="", nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ack_state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["message.id"], name="fk_message_source_message"),
        sa.ForeignKeyConstraint(["transmission"], ["transmission.id"], name="fk_message_transmission_transmission"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_control", "message", ["control"])
    op.create_index("ix_message_source", "message", ["source"])
    op.create_index("ix_message_transmission", "message", ["transmission"])
    op.create_index("ix_message_xid", "message", ["xid"])
    op.create_table(
        "finding",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("transmission", sa.String(length=26), nullable=False),
        sa.Column("message", sa.String(length=26), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_finding_message_message"),
        sa.ForeignKeyConstraint(["transmission"], ["transmission.id"], name="fk_finding_transmission_transmission"),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
    )
    op.create_index("ix_finding_message", "finding", ["message"])
    op.create_index("ix_finding_transmission", "finding", ["transmission"])
    op.create_table(
        "reference",
        sa.Column("message", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_reference_message_message"),
        sa.PrimaryKeyConstraint("message", "kind", "value", name="pk_reference"),
    )
    op.create_index("ix_reference_kind_value", "reference", ["kind", "value"])
    op.create_index("ix_reference_value", "reference", ["value"])
