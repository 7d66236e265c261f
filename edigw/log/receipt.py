"""Receipts: the proof, in one small text, that an event is in the log. Format: https://c2sp.org/tlog-proof.

A receipt holds the entry's bytes, its place, the path to the root, and the signed checkpoint; and the salts of those
objects that its holder may see, so that they can be shown to belong to it. The log's public key is all it takes to
verify one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from edigw.log.entry import Commitment, Entry, ObjectRef, canonical, parse_canonical
from edigw.log.errors import LogError, NoteError, ProofError
from edigw.log.eventlog import EventLog
from edigw.log.merkle import Tree, leaf_hash, root_from_inclusion
from edigw.log.note import Checkpoint, VerifierKey, decode64, open_checkpoint
from edigw.log.tiles import SqlTiles
from edigw.store.schema import ev_checkpoint, ev_entry, evidence_object

FIRST_LINE = "c2sp.org/tlog-proof@v1"
RECEIPT_LIMIT = 256 << 10
_SALT = re.compile(r"[0-9a-f]{64}")
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_ENTRIES = select(ev_entry).where(
    ev_entry.c.eid.in_(bindparam("named", expanding=True)), ev_entry.c.seq < bindparam("size")
)
_NOTE = select(ev_checkpoint.c.note).order_by(ev_checkpoint.c.size.desc()).limit(1)
_OBJECTS = select(evidence_object).where(evidence_object.c.commit.in_(bindparam("named", expanding=True)))


@dataclass(frozen=True, slots=True)
class Receipt:
    """A verified receipt."""

    entry: Entry
    data: bytes  # the entry's bytes
    index: int
    checkpoint: Checkpoint
    salts: Mapping[str, bytes]  # by commitment

    def find(self, pieces: Iterable[bytes]) -> ObjectRef | None:
        """The object of the entry that this content is; None if it is none of those that the receipt has salts of."""
        named = [
            (item, Commitment(self.salts[item.commit])) for item in self.entry.objects if item.commit in self.salts
        ]
        for piece in pieces:
            for _, running in named:
                running.update(piece)
        return next((item for item, running in named if running.hexdigest() == item.commit), None)

    def covers(self, role: str, content: bytes) -> bool:
        """Whether the entry commits to `content` in that role, as far as the receipt lets it be shown."""
        found = self.find([content])
        return found is not None and found.role == role


def proof_text(index: int, path: Sequence[bytes], note: str, extra: bytes | None = None) -> str:
    """The text of a proof that leads from entry `index` to the checkpoint in `note`."""
    lines = [FIRST_LINE]
    if extra is not None:
        lines.append(f"extra {base64.b64encode(extra).decode()}")
    lines.append(f"index {index}")
    lines += (base64.b64encode(item).decode() for item in path)
    return "\n".join(lines) + "\n\n" + note


def build_receipt(log: EventLog, eid: str, reveal: Collection[str] = ("payload.original",)) -> str:
    """The receipt for an event, with the salts of its objects in the roles `reveal`.

    Raises LogError if there is no such event, or it is not in the log or not signed yet: integrate, and ask again.
    """
    with log.database.read() as connection:
        built = Receipts(connection, reveal).build([eid])
    if eid not in built:
        raise LogError(f"the event {eid} is not in the log, or not signed yet")
    return built[eid][0]


class Receipts:
    """Builds receipts from one state of the log, all with its newest checkpoint."""

    def __init__(self, connection: Connection, reveal: Collection[str]) -> None:
        self._connection = connection
        self._reveal = reveal
        note = connection.scalar(_NOTE)
        self._note = note or ""
        self._checkpoint = Checkpoint.of(note) if note else None
        self._tree = Tree(SqlTiles(connection), self._checkpoint.size) if self._checkpoint else None

    def build(self, eids: Sequence[str]) -> dict[str, tuple[str, Receipt]]:
        """The receipts of those events that the checkpoint covers, by event: text, and what it says. Raises LogDamaged,
        EntryError."""
        if self._checkpoint is None or self._tree is None:
            return {}
        rows = self._connection.execute(_ENTRIES, {"named": eids, "size": self._checkpoint.size}).all()
        entries = {row.eid: Entry.parse(bytes(row.entry)) for row in rows}
        named = [item.commit for entry in entries.values() for item in entry.objects if item.role in self._reveal]
        objects = self._connection.execute(_OBJECTS, {"named": named})
        salts = {item.commit: bytes(item.salt) for item in objects if item.salt is not None}
        built = {}
        for row in rows:
            own = {item.commit: salts[item.commit] for item in entries[row.eid].objects if item.commit in salts}
            receipt = Receipt(entries[row.eid], bytes(row.entry), row.seq, self._checkpoint, own)
            built[row.eid] = self._text(receipt, self._tree), receipt
        return built

    def _text(self, receipt: Receipt, tree: Tree) -> str:
        salts = {commit: salt.hex() for commit, salt in receipt.salts.items()}
        extra = canonical({"entry": base64.b64encode(receipt.data).decode(), "salts": salts})
        path = tree.inclusion(receipt.index, receipt.checkpoint.size)
        return proof_text(receipt.index, path, self._note, extra)


def verify_receipt(text: str, keys: Sequence[VerifierKey]) -> Receipt:
    """The receipt in `text`, if it holds. `keys` are the log's, known from elsewhere.

    Raises NoteError if it can't be read or no key of the log signed it, EntryError if it holds no valid entry,
    ProofError if the entry is not in the log that was signed.
    """
    data, salts, index, path, note = _parts(text)
    entry = Entry.parse(data)
    checkpoint = open_checkpoint(note, entry.log, keys)
    if root_from_inclusion(index, checkpoint.size, leaf_hash(data), path) != checkpoint.root:
        raise ProofError("the entry is not in the log that the checkpoint signs")
    return Receipt(entry, data, index, checkpoint, salts)


def entry_of(text: str) -> bytes:
    """The bytes of the entry in a receipt, which is not verified. Raises NoteError, EntryError."""
    data = _parts(text)[0]
    Entry.parse(data)
    return data


def _parts(text: str) -> tuple[bytes, dict[str, bytes], int, list[bytes], str]:
    """Of a receipt: the entry's bytes, the salts by commitment, place and path, and the checkpoint's note."""
    if len(text) > RECEIPT_LIMIT:
        raise NoteError(f"the receipt is larger than {RECEIPT_LIMIT} bytes")
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    numbered = _INDEX.fullmatch(lines[2]) if len(lines) > 2 else None
    if lines[0] != FIRST_LINE or not numbered or not lines[1].startswith("extra "):
        raise NoteError("not a receipt: expected a proof with an entry and its place")
    data, salts = _extra(decode64(lines[1].removeprefix("extra "), "what follows extra"))
    return data, salts, int(numbered[1]), [decode64(line, "a hash of the path") for line in lines[3:]], note


def _extra(data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The entry's bytes, and the salts by commitment."""
    held = parse_canonical(data)
    encoded, salts = held.get("entry"), held.get("salts")
    if not isinstance(encoded, str) or not isinstance(salts, dict):
        raise NoteError("not a receipt: it holds no entry")
    if not all(isinstance(salt, str) and _SALT.fullmatch(salt) for salt in salts.values()):
        raise NoteError("not a receipt: a salt has not 32 bytes")
    return decode64(encoded, "the entry"), {commit: bytes.fromhex(salt) for commit, salt in salts.items()}
