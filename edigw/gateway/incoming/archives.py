"""Zip and gzip files that partners send: unpacked before anything in them is read, and kept as what they are.

The archive stays the `payload.original`, and the receipt is for that. What was in it is kept beside it, as an object of
`submission.opened`; it is what gets processed.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row

from edigw.gateway.context import Context
from edigw.gateway.incoming.opening import record_opened
from edigw.gateway.incoming.unpack import Unpacked, unpack
from edigw.log.eventlog import Content
from edigw.partners.tables.partner import Partner

TOLD = 50  # members of an archive in the log; the others are in the archive


@dataclass(frozen=True, slots=True)
class Unfolded:
    """An archive that was unpacked, with what the log is to hold of it."""

    unpacked: Unpacked
    content: Content

    def record(self, conn: Connection, context: Context, row: Row[Any], login: Partner) -> Row[Any]:
        """Log that the received transmission `row` was unpacked; the row as it is then."""
        members = self.unpacked.members
        how = {"members": [asdict(member) for member in members[:TOLD]], "members_in_all": len(members)}
        return record_opened(conn, context, row, login, self.unpacked.data, [self.content], archive=how)


def unfold(context: Context, name: str, data: bytes) -> Unfolded:
    """Unpack an archive called `name`. Raises ArchiveError, or what the stores raise."""
    unpacked = unpack(data, name, context.config.max_file_size)
    sha256 = hashlib.sha256(unpacked.data).hexdigest()
    content = Content(role="payload.unpacked", sha256=sha256, size=len(unpacked.data), data=unpacked.data)
    return Unfolded(unpacked, context.log.seal(content))
