"""Evidence bundles: one zip file that proves what happened in some exchanges, to anybody, without the gateway.

It holds the entries of those exchanges in log order, each with its proof, one signed checkpoint, the objects with their
salts, an earlier checkpoint that has none of the entries, two verifiers and a report for people. docs/evidence.md
describes it; `edigw.log.verify` checks it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from edigw.log import verify
from edigw.log.anchors import records
from edigw.log.bundle_html import Frame, page
from edigw.log.bundle_pdf import pdf
from edigw.log.bundle_report import README, Line, report
from edigw.log.bundle_rules import Rule, named_rules
from edigw.log.entry import Entry, parse_canonical
from edigw.log.errors import LogError
from edigw.log.eventlog import EventLog
from edigw.log.merkle import Tree
from edigw.log.note import Checkpoint, split_note
from edigw.log.objects import pieces, whole
from edigw.log.receipt import proof_text
from edigw.log.sshsig import SigningKey
from edigw.log.tiles import SqlTiles
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import ev_checkpoint, ev_entry, event, evidence_object, exchange

_SLICE = 400


def export(
    log: EventLog,
    xids: Sequence[str],
    path: Path,
    *,
    withhold: Mapping[str, str] | None = None,
    subject: str = "",
    created: datetime | None = None,
    rules: Mapping[str, bytes] | None = None,
) -> Path:
    """Writes the bundle of these exchanges to `path`, in one step; returns `path`.

    `withhold` gives reasons by commitment or by role (`payload.translated`): such objects are left out. `subject` says
    in words what it is about ("order 4711"), for the title of the report. `rules` are contents by their SHA-256 that
    stand behind hashes in details: what was agreed, and bindings; those that no detail in the bundle names are left
    out. Raises LogError if there is no such exchange or events of it are not in the log yet (integrate first),
    PayloadError if a payload is missing or damaged, StoreError if the file can't be written.
    """
    if not log.keys:
        raise LogError("a bundle needs the log's public key")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with log.database.read() as connection, _Zip(temporary, (created or utc_now()).astimezone(UTC)) as out:
            _Export(log, connection, out, withhold or {}, subject, rules or {}).write(list(dict.fromkeys(xids)))
        temporary.replace(path)
    except OSError as error:
        raise LogError(f"{error.filename or path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


class _Export:
    def __init__(
        self,
        log: EventLog,
        connection: Connection,
        out: _Zip,
        withhold: Mapping[str, str],
        subject: str,
        rules: Mapping[str, bytes],
    ) -> None:
        self._log = log
        self._connection = connection
        self._out = out
        self._withhold = withhold
        self._subject = subject
        self._given_rules = rules
        self._withheld: dict[str, str] = {}
        self._erased: dict[str, str] = {}
        self._written: set[str] = set()

    def write(self, xids: Sequence[str]) -> None:
        rows = self._rows(xids)
        entries = [Entry.parse(data) for _, data in rows]
        chosen = records.covering(self._log, self._connection, rows[-1][0])
        if chosen is None:
            raise LogError("the newest events are not signed yet: integrate first")
        note = chosen.note
        tree = Tree(SqlTiles(self._connection), Checkpoint.of(note).size)
        self._out.add("README.txt", README.encode())
        self._out.add("verify.py", Path(verify.__file__).read_bytes())
        self._out.add("verify.sh", Path(verify.__file__).with_suffix(".sh").read_bytes(), 0o755)
        self._out.add("trust/log.vkey", "".join(f"{key}\n" for key in self._log.keys).encode())
        self._anchored("", chosen)
        before = self._before(rows[0][0], tree)
        self._key_changes(tree)
        erasures = {o.commit: e.reason for e in entries if e.type == "object.erased" for o in e.objects}
        lines = []
        for number, ((index, data), entry) in enumerate(zip(rows, entries, strict=True)):
            name = f"entries/{number:04d}"
            self._out.add(f"{name}.json", data)
            self._out.add(f"{name}.tlog-proof", proof_text(index, tree.inclusion(index), note).encode())
            lines.append(self._objects(Line(number, index, entry), erasures))
        self._countersignatures(lines)
        self._allowed_signers(lines)
        rules = self._rules(lines)
        created = stamp(self._out.created)
        self._out.add("report.txt", report(self._log.origin, created, lines).encode())
        frame = Frame(self._subject, created, chosen, before, self._log.keys, self._withheld, self._erased, rules)
        story = page(frame, lines)
        self._out.add("report.html", story.encode())
        self._out.add("report.pdf", pdf(story, self._out.created))
        head = {
            "format": verify.FORMAT,
            "log": self._log.origin,
            "xids": list(xids),
            "created": created,
            "withheld": self._withheld,
            "erased": self._erased,
        }
        self._out.add("bundle.json", json.dumps(head, indent=2, sort_keys=True).encode() + b"\n")

    def _rows(self, xids: Sequence[str]) -> list[tuple[int, bytes]]:
        """All entries of these exchanges in log order; complete, or LogError."""
        rows: list[tuple[int, bytes]] = []
        for some in _slices(xids):
            states = select(exchange.c.xid, exchange.c.events).where(exchange.c.xid.in_(some))
            known = {row.xid: row.events for row in self._connection.execute(states)}
            missing = [xid for xid in some if xid not in known]
            if missing:
                raise LogError(f"the log has no exchange {', '.join(missing)}")
            found = self._connection.execute(
                select(ev_entry.c.seq, ev_entry.c.entry)
                .join(event, event.c.eid == ev_entry.c.eid)
                .where(event.c.xid.in_(some))
            ).all()
            if len(found) != sum(known.values()):
                raise LogError("some events of these exchanges are not in the log yet: integrate first")
            rows += ((row.seq, bytes(row.entry)) for row in found)
        if not rows:
            raise LogError("a bundle needs at least one exchange")
        return sorted(rows)

    def _before(self, first: int, tree: Tree) -> records.Anchored | None:
        """Writes the checkpoint that has none of the entries, if there is one."""
        earlier = records.before(self._log, self._connection, first)
        if earlier is not None:
            self._anchored("before/", earlier)
            path = tree.consistency(Checkpoint.of(earlier.note).size)
            proof = "".join(base64.b64encode(item).decode() + "\n" for item in path)
            self._out.add("before/consistency", proof.encode())
        return earlier

    def _anchored(self, folder: str, anchored: records.Anchored) -> None:
        """Writes a checkpoint with what attests it: the first token without a name, others under their authority's."""
        self._out.add(f"{folder}checkpoint", anchored.note.encode())
        for number, token in enumerate(anchored.tokens):
            name = f"checkpoint.{token.authority}.tsr" if number else "checkpoint.tsr"
            self._out.add(f"{folder}{name}", token.answer)
        if anchored.cosignatures:
            lines = "".join(each.line for each in anchored.cosignatures)
            self._out.add(f"{folder}cosignatures", lines.encode())

    def _key_changes(self, tree: Tree) -> None:
        """Every change of the log's key, proved by a checkpoint that the old and the new one signed."""
        changes = (
            select(ev_entry.c.seq, ev_entry.c.entry)
            .join(event, event.c.eid == ev_entry.c.eid)
            .where(event.c.type == "log.key", ev_entry.c.seq < tree.size)
            .order_by(ev_entry.c.seq)
        )
        for number, row in enumerate(self._connection.execute(changes).all()):
            (named,) = Entry.parse(row.entry).objects
            stated = self._connection.execute(
                select(evidence_object).where(evidence_object.c.commit == named.commit)
            ).one()
            notes = self._connection.execute(
                select(ev_checkpoint.c.note)
                .where(ev_checkpoint.c.size > row.seq)
                .order_by(ev_checkpoint.c.size)
                .limit(50)
            ).scalars()
            note = max(notes, key=lambda note: len(split_note(note)[1]))
            path = tree.inclusion(row.seq, Checkpoint.of(note).size)
            self._out.add(f"keys/{number:04d}.json", row.entry)
            self._out.add(f"keys/{number:04d}.tlog-proof", proof_text(row.seq, path, note).encode())
            self._out.add(f"keys/{number:04d}.bin", stated.content)
            self._out.add(f"keys/{number:04d}.salt", bytes(stated.salt))

    def _objects(self, line: Line, erasures: Mapping[str, str]) -> Line:
        """Writes the objects of an entry; what the report says of it."""
        commits = [item.commit for item in line.entry.objects]
        found = self._connection.execute(select(evidence_object).where(evidence_object.c.commit.in_(commits)))
        rows = {row.commit: row for row in found}
        for item in line.entry.objects:
            row = rows.get(item.commit)
            reason = self._withhold.get(item.commit) or self._withhold.get(item.role)
            if row is None or row.salt is None:
                if item.commit in erasures:
                    self._erased[item.commit] = erasures[item.commit]
                else:
                    self._withheld[item.commit] = "erased"
            elif reason:
                self._withheld[item.commit] = reason
            else:
                self._object(row)
                if item.role == "detail":
                    line.detail.update(parse_canonical(whole(self._log.payloads, row)))
                else:
                    line.files[item.commit] = row.sha256 or sha256(row.content).hexdigest()
        return line

    def _countersignatures(self, lines: Sequence[Line]) -> None:
        """Writes the signatures of partners over receipts beside the entries that they are over."""
        numbers = {line.entry.eid: line.number for line in lines}
        for line in lines:
            if line.entry.type != "ack.signed":
                continue
            commits = [item.commit for item in line.entry.objects]
            found = self._connection.execute(select(evidence_object).where(evidence_object.c.commit.in_(commits)))
            rows = {row.role: row for row in found}
            if rows["ack.receipt"].commit in self._written and rows["detail"].salt is not None:
                stated = parse_canonical(whole(self._log.payloads, rows["detail"]))
                number = numbers[stated["signed"]["event"]]
                self._out.add_pieces(f"entries/{number:04d}.json.sig", pieces(self._log.payloads, rows["ack.receipt"]))

    def _allowed_signers(self, lines: Sequence[Line]) -> None:
        """Writes which keys partners had signed with, as the gateway knew them: a convenience."""
        stated = [
            line.detail["signature"]
            for line in lines
            if line.entry.type in ("submission.signed", "ack.signed") and "signature" in line.detail
        ]
        known = {SigningKey.stated(each).allowed_signer(each["principal"]): None for each in stated}
        if known:
            self._out.add("trust/allowed_signers", "".join(f"{each}\n" for each in known).encode())

    def _rules(self, lines: Sequence[Line]) -> list[Rule]:
        """Writes the rules that the details name, as far as they were given; all of them, for the report."""
        named = named_rules(lines, self._given_rules)
        for digest in sorted({rule.sha256 for rule in named if rule.there}):
            self._out.add(f"rules/{digest}", self._given_rules[digest])
        return named

    def _object(self, row: Row[Any]) -> None:
        if row.commit not in self._written:
            self._written.add(row.commit)
            self._out.add_pieces(f"objects/{row.commit}.bin", pieces(self._log.payloads, row))
            self._out.add(f"objects/{row.commit}.salt", bytes(row.salt))


class _Zip:
    """A zip file that is written once, its own checksums at the end, on disk when closed."""

    def __init__(self, path: Path, created: datetime) -> None:
        self.created = created
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        self._sums: dict[str, str] = {}

    def __enter__(self) -> _Zip:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
            self.add("SHA256SUMS", sums.encode())
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def add(self, name: str, data: bytes, mode: int = 0o644) -> None:
        self.add_pieces(name, [data], mode)

    def add_pieces(self, name: str, data: Iterable[bytes], mode: int = 0o644) -> None:
        member = zipfile.ZipInfo(name, self.created.timetuple()[:6])
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = (0o100000 | mode) << 16
        digest = sha256()
        with self._zip.open(member, "w", force_zip64=True) as file:
            for piece in data:
                digest.update(piece)
                file.write(piece)
        self._sums[name] = digest.hexdigest()


def _slices(xids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (xids[at : at + _SLICE] for at in range(0, len(xids), _SLICE))
