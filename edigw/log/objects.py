"""Objects: what entries commit to without showing it, kept with its salt in `evidence_object`.

An entry says only `role`, `commit` and `size`. Whoever holds content and salt can check the commitment; who
holds neither learns nothing, even if the content could be guessed. So an object can be withheld, or erased
for good, and every proof about its entry still holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from edigw.log.entry import ROLES, Commitment, ObjectRef
from edigw.log.errors import EntryError, LogError
from edigw.store.payload_files import CHUNK
from edigw.store.payloads import READ_LIMIT, Payloads, record
from edigw.store.schema import evidence_object, payload

INLINE_LIMIT = 64 << 10
_KEEP = insert(evidence_object)


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry is to commit to: a payload in the store (`sha256`, `size`), or just bytes (`data`).

    A payload whose bytes are at hand comes with both: it need not be read again. If the caller's transaction has stored
    it, `stored` says so. `salt` and `commit` are filled by `seal`.
    """

    role: str
    sha256: str = ""
    size: int = -1
    data: bytes | None = None
    stored: bool = False
    salt: bytes = field(default=b"", repr=False)
    commit: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise EntryError(f"{self.role!r} is no role of an object")
        if self.data is None and not self.sha256:
            raise EntryError("an object is a payload, or bytes")
        if self.sha256 and self.size < 0:
            raise EntryError("an object that is a payload needs its size")


def seal(payloads: Payloads, content: Content, connection: Connection | None = None) -> Content:
    """The object under a fresh salt. Reads the whole payload, unless its bytes are at hand: best done before a write
    transaction begins.

    Raises EntryError if the payload is not in the store or has another size, PayloadDamaged.
    """
    salt = secrets.token_bytes(32)
    running, size = Commitment(salt), 0
    if content.data is not None:
        running.update(content.data)
        size = len(content.data)
        if content.sha256 and size != content.size:
            raise EntryError(f"payload {content.sha256} is said to have {content.size} bytes, and has {size}")
    elif not payloads.exists(content.sha256, connection):
        raise EntryError(f"payload {content.sha256} is not in the store")
    else:
        with payloads.open(content.sha256, connection) as stream:
            while piece := stream.read(CHUNK):
                running.update(piece)
                size += len(piece)
        if size != content.size:
            raise EntryError(f"payload {content.sha256} has {size} bytes, not {content.size}")
    return replace(content, size=size, salt=salt, commit=running.hexdigest())


def keep(connection: Connection, payloads: Payloads, contents: Sequence[Content]) -> list[ObjectRef]:
    """Stores the objects of one entry; what the entry is to say of them.

    Bytes beyond 64 KiB become a payload. Raises as `seal` does.
    """
    sealed = [content if content.commit else seal(payloads, content, connection) for content in contents]
    connection.execute(_KEEP, [_row(connection, payloads, content) for content in sealed])
    return [ObjectRef(content.role, content.commit, content.size) for content in sealed]


def _row(connection: Connection, payloads: Payloads, sealed: Content) -> dict[str, object]:
    data, sha256 = sealed.data, sealed.sha256
    if sha256:
        if not sealed.stored:
            record(connection, sha256, sealed.size)
        data = None
    elif data is not None and len(data) > INLINE_LIMIT:
        sha256, data = payloads.keep(connection, data), None
    return {
        "commit": sealed.commit,
        "role": sealed.role,
        "salt": sealed.salt,
        "size": sealed.size,
        "content": data,
        "sha256": sha256 or None,
    }


def pieces(payloads: Payloads, row: Row[tuple[object, ...]], connection: Connection | None = None) -> Iterator[bytes]:
    """The content of a row of `evidence_object`, in pieces; as the transaction of `connection` sees it, if given.

    Raises PayloadMissing, PayloadDamaged; LogError if erased.
    """
    if row.content is not None:
        yield bytes(row.content)
    elif row.sha256 is not None:
        with payloads.open(row.sha256, connection) as stream:
            while piece := stream.read(CHUNK):
                yield piece
    else:
        raise LogError(f"the object {row.commit} was erased")


def whole(
    payloads: Payloads,
    row: Row[tuple[object, ...]],
    limit: int = READ_LIMIT,
    connection: Connection | None = None,
) -> bytes:
    """The content of a row of `evidence_object`. Raises as `pieces` does, PayloadTooLarge beyond `limit`."""
    if row.content is not None:
        return bytes(row.content)
    if row.sha256 is None:
        raise LogError(f"the object {row.commit} was erased")
    return payloads.read(row.sha256, limit, connection)


def erase(connection: Connection, commits: Sequence[str]) -> tuple[list[ObjectRef], list[str]]:
    """Forgets salt, content and content name of objects; what they were, and the payloads now unneeded.

    The caller states the first in `EventLog.append_erasure`, in the same transaction, and once that is
    committed removes the second from the payload store. Raises LogError if an object is unknown or was erased
    before.
    """
    erased: list[ObjectRef] = []
    orphans: list[str] = []
    for commit in commits:
        row = connection.execute(select(evidence_object).where(evidence_object.c.commit == commit)).first()
        if row is None or row.salt is None:
            raise LogError(f"there is no object {commit}, or it was erased before")
        connection.execute(
            update(evidence_object)
            .where(evidence_object.c.commit == commit)
            .values(salt=None, content=None, sha256=None)
        )
        erased.append(ObjectRef(row.role, row.commit, row.size))
        if row.sha256 is None:
            continue
        # Whoever stores the same bytes just now comes before this, and is counted, or after it, and stores them anew.
        connection.execute(select(payload.c.sha256).where(payload.c.sha256 == row.sha256).with_for_update())
        others = select(func.count()).where(evidence_object.c.sha256 == row.sha256)
        if connection.scalar(others) == 0:
            connection.execute(delete(payload).where(payload.c.sha256 == row.sha256))
            orphans.append(row.sha256)
    return erased, orphans
