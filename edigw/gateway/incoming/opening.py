"""OpenPGP messages among the files that come: opened before anything in them is read.

What the partner sent stays what it is (`payload.original`, and the receipt is for that). What was in it is kept beside
it, as an object of `submission.opened`, with the partner's signature if it made one; it is what gets processed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection, Row, select, update

from edigw.gateway.context import Context, identity
from edigw.gateway.records import restated
from edigw.log.eventlog import Content
from edigw.openpgp.errors import OpenPgpError
from edigw.openpgp.keyring import Opened
from edigw.partners.tables.partner import Partner
from edigw.store.schema import transmission


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A message that was opened, with what the log is to hold of it."""

    opened: Opened
    sha256: str  # of the content
    objects: tuple[Content, ...]

    def record(self, conn: Connection, context: Context, row: Row[Any], login: Partner) -> Row[Any]:
        """Log that the received transmission `row` was opened; the row as it is then."""
        signatures = [
            {
                "key": each.certificate or each.issuer,
                "hash": each.hash,
                "valid": each.valid,
                "reason": each.reason or None,
                "principal": login.code if each.valid else None,
            }
            for each in self.opened.signatures
        ]
        how = {"encrypted": self.opened.encrypted, "signatures": [_without_none(s) for s in signatures]}
        return record_opened(conn, context, row, login, self.opened.content, self.objects, openpgp=how)


def record_opened(
    conn: Connection,
    context: Context,
    row: Row[Any],
    login: Partner,
    content: bytes,
    objects: Sequence[Content],
    **how: Any,
) -> Row[Any]:
    """Keep and log what was in the received transmission `row`: `content` is what is to be processed.

    Returns the row as it is then."""
    sha256 = context.payloads.keep(conn, content)
    conn.execute(update(transmission).where(transmission.c.id == row.id).values(clear_sha256=sha256))
    context.log.append(
        conn,
        type="submission.opened",
        xid=row.xid,
        actor="gateway",
        sender=identity(login),
        objects=objects,
        detail={
            "file": row.name,
            "sha256": sha256,
            "size": len(content),
            "transmission": restated(row, clear_sha256=sha256),
            "configuration": context.config.digest,
            **how,
        },
        transmission=row.id,
    )
    return conn.execute(select(transmission).where(transmission.c.id == row.id)).one()


def is_message(context: Context, login: Partner, name: str) -> bool:
    """Whether an upload of this name is an OpenPGP message, by the agreement with the partner."""
    agreed = login.openpgp
    if agreed.demand:
        return True
    lower = name.lower()
    return context.openpgp.serves(login.code) and any(fnmatchcase(lower, each.lower()) for each in agreed.names)


def unseal(context: Context, login: Partner, data: bytes) -> Unsealed:
    """Open an OpenPGP message that `login` sent. Raises OpenPgpError, also if it lacks what the agreement demands."""
    agreed = login.openpgp
    if not _looks_like_one(data):
        if agreed.demand:
            text = f"the agreement demands OpenPGP messages ({' and '.join(agreed.demand)}); this file is none"
            raise OpenPgpError("openpgp_missing", text)
        raise OpenPgpError("openpgp_unreadable", "by its name it is an OpenPGP message, but by its content it is none")
    opened = context.openpgp.open(data, login.code, context.config.max_file_size)
    if "encryption" in agreed.demand and not opened.encrypted:
        raise OpenPgpError("openpgp_not_encrypted", "the agreement demands that it is encrypted for the gateway's key")
    for each in opened.signatures:
        if each.certificate and not each.valid:  # it claims to be the partner's
            raise OpenPgpError(each.reason, each.text)
    if "signature" in agreed.demand and not any(each.valid for each in opened.signatures):
        for each in opened.signatures:
            raise OpenPgpError(each.reason, each.text)
        raise OpenPgpError("openpgp_unsigned", "the agreement demands that it is signed; it is not")
    sha256 = hashlib.sha256(opened.content).hexdigest()
    content = Content(role="payload.decrypted", sha256=sha256, size=len(opened.content), data=opened.content)
    made = [each.armored.encode() for each in opened.signatures if each.valid]
    objects = (context.log.seal(content), *(Content(role="signature.origin", data=each) for each in made))
    return Unsealed(opened, sha256, objects)


def _looks_like_one(data: bytes) -> bool:
    """The first octet of a packet has its highest bit set (RFC 9580, 4.2); armor begins with a line of its own."""
    return bool(data) and (data[0] >= 0x80 or data.lstrip()[:14] == b"-----BEGIN PGP")


def _without_none(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
