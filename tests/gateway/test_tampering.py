"""Whoever changes the database of a gateway is found out: any column of any row that means something.

The columns that prove nothing are listed, with the reason, in docs/evidence.md (section 8), and nowhere else.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Boolean, Column, LargeBinary, Table
from sqlalchemy.engine import make_url
from sqlalchemy.types import TypeDecorator

from edigw.log.anchors import records, timestamp
from edigw.log.anchors.statement import Attesters, Token
from edigw.log.anchors.witness import cosignature
from edigw.log.audit import Problem, audit
from edigw.log.keys import WitnessKey
from edigw.log.note import split_note
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import metadata
from edigw.transport.remote.sftp import SftpSession

from ..log.authority import DAY, Authority
from .house import SESSION, House, sample
from .supplier import Supplier

DOCS = Path(__file__).parents[2] / "docs" / "evidence.md"
LISTED = {
    name
    for row in re.findall(r"^\| (`[a-z_.]+`(?:, `[a-z_.]+`)*) \|", DOCS.read_text(), re.MULTILINE)
    for name in re.findall(r"`([a-z_.]+)`", row)
}
"""Tables, and columns (`table.column`)."""
TABLES = [table for table in metadata.sorted_tables if table.name not in LISTED]
COLUMNS = [column for table in TABLES for column in table.columns]


MEANINGFUL = {
    "job": "state = 'ready'",
    "delivery": "transmission IN (SELECT id FROM transmission WHERE state IN ('placing', 'delivered'))",
    "mailbox_item.state": "folder = 'outbox'",
    "mailbox_item.changed_at": "folder = 'outbox'",
}
"""Which rows of a table, or of which rows a column, means something."""
WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.generate())
ANCHORED = shutil.which("openssl") is not None  # which is to be an authority


class Lived:
    """A gateway on which something of every kind has happened, and a copy of its database."""

    def __init__(self, folder: Path) -> None:
        supplier = Supplier(folder / "remote")
        self.trusted = Attesters()
        self.house = house = House(folder, supplier_port=supplier.port, host_key=supplier.host_key)
        supplier.start(house)
        house.send("nordwind", "orders.edi", sample("orders_3.edi"))
        house.send("nordwind", "broken.edi", sample("orders_broken.edi"))
        house.work("deliver")
        house.send("prairie", "asn.x12", sample("asn_4711.x12"))
        self._fetch("nordwind", "outbox")
        house.send("nordwind", "orders.edi", sample("orders_3.edi"))
        if ANCHORED:
            self._anchor(folder)
        house.send("nordwind", "more.edi", house.fresh(sample("orders_text.edi"), b"NW0004714"))
        with pytest.MonkeyPatch.context() as patch:  # killed between two steps
            for step in ("place", "place_all"):
                patch.setattr(SftpSession, step, _killed)
            with pytest.raises(_Killed):
                house.work("deliver")
        supplier.stop()
        house.drop("nordwind", "waits.edi", house.fresh(sample("orders_text.edi"), b"NW0004714"))
        self.path = str(make_url(house.context.config.database_url).database)
        self.copy = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.path)) as now:
            now.backup(self.copy)

    def _fetch(self, partner: str, folder: str) -> None:
        home = self.house.home(partner)
        for entry in home.list(folder):  # type: ignore[arg-type]
            home.picked_up(entry, SESSION, entry.size, True)
        self.house.work("receipt")

    def _anchor(self, folder: Path) -> None:
        now, log = utc_now().replace(microsecond=0), self.house.context.log
        authority = Authority(folder / "tsa", now - DAY, now + DAY)
        self.trusted = Attesters({"one": timestamp.load_roots(authority.roots)}, [WITNESS.verifier])
        note = log.checkpoint() or ""
        token = Token("one", stamp(now), authority.stamp(sha256(note.encode()).digest(), now))
        body = split_note(note)[0]
        signed = cosignature(WITNESS.cosign(body, int(now.timestamp())), body, WITNESS.verifier)
        records.record(log, note, [token], [signed], {}, now)
        log.integrate()

    def restore(self) -> None:
        with closing(sqlite3.connect(self.path)) as now:
            self.copy.backup(now)

    def rows(self, table: str, column: str = "") -> list[int]:
        """The rows of a table, or for a column, that mean something."""
        which = MEANINGFUL.get(f"{table}.{column}", MEANINGFUL.get(table, "true"))
        return [rowid for (rowid,) in self.copy.execute(f"SELECT rowid FROM {table} WHERE {which} ORDER BY rowid")]

    def run(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.path)) as now, now:
            now.execute(statement, values)

    def problems(self) -> list[str]:
        context, mark = self.house.context, self.house.context.config.log.highwater_file
        found = audit(context.database, context.payloads, context.log.keys, mark, trusted=self.trusted)
        return [str(one) for one in found if isinstance(one, Problem)]


class _Killed(Exception):
    pass


def _killed(*_: object) -> None:
    raise _Killed


def other(column: Column[Any], value: Any) -> list[Any]:
    """What somebody might write in the place of a value: something like it, nothing, and what does not belong there."""
    if isinstance(value, bytes):
        return [value[:-1] + bytes([value[-1] ^ 1]), b"", "text"] if value else [b"x", "text"]
    if isinstance(value, int):
        return [not value] if isinstance(column.type, Boolean) else [value + 1000, "text"]
    if value is None:
        return [b"x" if isinstance(column.type, TypeDecorator | LargeBinary) else "x"]
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", value):
        return [f"{int(value[:4]) - 1}{value[4:]}", f"{int(value[:4]) + 1}{value[4:]}"]
    return [f"{value[:-1]}{'x' if value[-1] != 'x' else 'y'}", ""] if value else ["x"]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return Lived(tmp_path_factory.mktemp("lived"))


@pytest.fixture(autouse=True)
def restored(lived: Lived) -> Iterator[None]:
    yield
    lived.restore()


def test_nothing_is_wrong_before(lived: Lived) -> None:
    assert lived.problems() == []


def test_every_table_has_rows_to_be_changed(lived: Lived) -> None:
    empty = [table.name for table in TABLES if not lived.rows(table.name)]
    assert empty == ([] if ANCHORED else ["ev_timestamp", "ev_cosignature"])


def unnoticed(lived: Lived, column: Column[Any], rowids: list[int]) -> list[str]:
    """The changes of a column, in these rows, that the audit does not name."""
    table, name = column.table.name, column.name
    found = []
    for rowid in rowids:
        (value,) = lived.copy.execute(f'SELECT "{name}" FROM {table} WHERE rowid = ?', (rowid,)).fetchone()
        for changed in other(column, value):
            try:
                lived.run(f'UPDATE {table} SET "{name}" = ? WHERE rowid = ?', changed, rowid)
            except sqlite3.IntegrityError:
                continue
            if not any(table in line or "transmission row" in line for line in lived.problems()):
                found.append(f"{table}.{name} of row {rowid}: {value!r} -> {changed!r}")
            lived.restore()
    return found


def vouched(column: Column[Any]) -> bool:
    return f"{column.table.name}.{column.name}" not in LISTED


def test_work_that_was_done_or_is_put_off_is_named(lived: Lived) -> None:
    lived.run("UPDATE job SET state = 'ready' WHERE kind = 'deliver' AND state = 'done'")
    assert any("is delivered, but has a job to deliver it" in line for line in lived.problems())
    lived.restore()
    lived.run("UPDATE job SET due_at = '2999-01-01T00:00:00.000Z' WHERE kind = 'process' AND state = 'ready'")
    assert any("is put off until 2999" in line for line in lived.problems())


def test_a_job_for_what_was_delivered_delivers_nothing(lived: Lived) -> None:
    lived.run("UPDATE job SET state = 'ready', owner = NULL WHERE kind = 'deliver' AND state = 'done'")
    assert lived.house.work("deliver"), "its server is away: an attempt would fail and stay to be repeated"
    assert lived.problems() == []


@pytest.mark.parametrize("table", [t for t in TABLES if t.name not in ("ev_checkpoint", "job")], ids=str)
def test_a_deleted_row_is_named(lived: Lived, table: Table) -> None:
    rows = lived.rows(table.name)
    if not rows:
        pytest.skip("needs openssl")
    lived.run(f"DELETE FROM {table} WHERE rowid = ?", random.choice(rows))
    named = "event row" if table.name == "ev_pending" else table.name
    assert any(named in line for line in lived.problems())


@pytest.mark.parametrize("column", list(filter(vouched, COLUMNS)), ids=str)
def test_a_changed_value_is_named(lived: Lived, column: Column[Any]) -> None:
    rows = lived.rows(column.table.name, column.name)
    assert unnoticed(lived, column, random.sample(rows, min(1, len(rows)))) == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("column", list(filter(vouched, COLUMNS)), ids=str)
def test_a_changed_value_in_any_row_is_named(lived: Lived, column: Column[Any]) -> None:
    assert unnoticed(lived, column, lived.rows(column.table.name, column.name)) == []
