"""`[mailbox]`: what the partner finds on the gateway's SFTP server."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, field

from edigw.partners.tables.base import Table

Days: TypeAlias = Annotated[int, Meta(ge=0)]
Type: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^([A-Z]{6}|[0-9]{3}|TA1)\Z", description='a message type, "ORDERS", "850", "CONTRL" or "TA1"'),
]


class Mailbox(Table, frozen=True):
    """`[mailbox]`: the partner's folders on the gateway's server, and for how long files stay in sight there. What is
    out of sight is not lost: `edigw mailbox list --all` shows it, `edigw resend` puts it back."""

    # Folders in outbox by the types of the messages that lie there, acknowledgements included: { orders = ["ORDERS"],
    # answers = ["CONTRL", "ORDRSP"] }. What has no folder lies in outbox itself. They are in inbox and test, too.
    folders: dict[str, tuple[Type, ...]] = field(default_factory=dict)
    # What holds for outbox holds for test, where the partner finds what is marked as a test.
    delete_on_download: bool = False  # a file that was fetched whole disappears from outbox
    keep_days: Days = 0  # what is not fetched; 0: for ever
    keep_fetched_days: Days = 30  # in outbox, after it was fetched
    keep_sent_days: Days = 30  # what the partner uploaded, in inbox
    keep_receipts_days: Days = 400

    def folder_of(self, message_type: str, *, test: bool) -> str:
        """The folder where messages of this type lie: "outbox/orders", or "outbox"; of tests "test/orders", "test"."""
        root = "test" if test else "outbox"
        inner = next((name for name, types in self.folders.items() if message_type in types), "")
        return f"{root}/{inner}" if inner else root
