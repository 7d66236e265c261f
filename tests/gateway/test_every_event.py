"""Each type of event that docs/evidence.md lists is written where what it tells of really happens, and no other is."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from edigw import acknowledge, directory
from edigw.admin.cli import main
from edigw.gateway.context import Current
from edigw.gateway.desk import operate
from edigw.gateway.service import Gateway, open_context
from edigw.gateway.upkeep.closing import close_exchanges
from edigw.gateway.upkeep.overdue import find_overdue
from edigw.log.anchors import records
from edigw.log.anchors.statement import Attesters
from edigw.log.anchors.witness import cosignature
from edigw.log.audit import Problem, audit
from edigw.log.entry import parse_canonical
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey, WitnessKey
from edigw.log.note import split_note
from edigw.log.recover import recover
from edigw.partners.load import load
from edigw.store import Database, Payloads
from edigw.store.clock import stamp, utc_now
from edigw.store.errors import PayloadError
from edigw.store.schema import ev_entry, event, evidence_object, job, transmission
from edigw.transport.ports import Refused, Staged

from .house import SESSION, House, sample
from .supplier import Supplier

WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.generate())
ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "submission.signed": "tests/gateway/test_signatures.py",
    "submission.opened": "tests/gateway/test_openpgp.py",
    "ack.signed": "tests/gateway/test_countersigned.py",
}
"""Tests in which partners sign and seal what they send."""


def documented() -> set[str]:
    """The types in the table of the specification; in a row, the family is that of the first."""
    text = (ROOT / "docs" / "evidence.md").read_text().partition("**Types**")[2].partition("**Objects**")[0]
    found = set()
    for row in re.findall(r"^\| (`[a-z].*?) \|", text, re.MULTILINE):
        names = re.findall(r"`([a-z_.]+)`", row)
        family = names[0].partition(".")[0]
        found.update(f"{family}{name}" if name.startswith(".") else name for name in names)
    return found


class Run:
    """A gateway that goes through everything that can happen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.supplier = supplier = Supplier(folder / "remote")
        self.house = House(folder, supplier_port=supplier.port, host_key=supplier.host_key)
        asyncio.run(self._serve_for_a_moment())
        self.traffic()
        self.trouble()
        self.admins()
        self.time()
        self.integrate()

    def integrate(self) -> None:
        while self.house.context.log.integrate():
            pass

    def transmission(self, name: str) -> str:
        with self.house.context.database.read() as conn:
            return str(conn.execute(select(transmission.c.id).where(transmission.c.name == name)).scalars().first())

    async def _serve_for_a_moment(self) -> None:
        gateway = Gateway(self.house.context, ("worker",))
        await gateway.start()
        await gateway.stop()

    def traffic(self) -> None:
        house = self.house
        house.send("nordwind", "orders.edi", sample("orders_3.edi"))
        house.send("nordwind", "broken.edi", sample("orders_broken.edi"))
        house.work("deliver")  # nobody is there
        self.supplier.start(house)
        with house.context.database.write() as conn:
            conn.execute(update(job).values(due_at=stamp(utc_now())))
        house.work("deliver")
        for number, (_, data) in enumerate(sorted(self.supplier.files().items()), 1):
            self._answer(number, data)
        house.send("prairie", "asn.x12", sample("asn_4711.x12"))
        home = house.home("nordwind")
        for folder in ("outbox", "receipts"):
            for entry in home.list(folder):
                home.picked_up(entry, SESSION, entry.size, True)
        home.remove(home.list("outbox")[0], SESSION)
        house.work()

    def _answer(self, number: int, data: bytes) -> None:
        """Accepted, rejected, just received; and an answer to nothing."""
        received = directory.check(data if number != 2 else data.replace(b"*PC*", b"*??*")).interchanges[0]
        if not received.messages or received.messages[0].type != "850":
            return
        now = datetime.now(UTC)
        answer = acknowledge.write_x12_acks(received, control=number, group_control=number, now=now)
        if number == 3:
            answer = acknowledge.write_ta1(received, control=number, now=now)
        assert answer is not None
        self.house.send("prairie", f"answer_{number}.x12", answer)
        if number == 1:
            other = acknowledge.write_x12_acks(received, control=77, group_control=77, now=now)
            assert other is not None
            self.house.send("prairie", "unmatched.x12", re.sub(rb"AK1\*PO\*\d+", b"AK1*PO*4444", other))

    def trouble(self) -> None:
        house = self.house
        house.send("nordwind", "one_more.edi", house.fresh(sample("orders_text.edi"), b"NW0004714"))
        with house.context.database.read() as conn:
            queued = (transmission.c.state == "queued", transmission.c.kind == "business")
            name = conn.execute(select(transmission.c.name).where(*queued)).scalar_one()
        (self.supplier.folder / "incoming" / name).write_bytes(b"a file of this name lies there already")
        house.work("deliver")
        house.edit("prairie", 'document = "Order"', 'document = "Invoice"')
        house.send("nordwind", "unwanted.edi", house.fresh(sample("orders_text.edi"), b"NW0004714"))
        large = Staged("0" * 64, house.context.config.max_file_size + 1, self.folder)
        with pytest.raises(Refused, match="larger than"):
            house.home("nordwind").submit("inbox", "large.edi", large, SESSION)
        self._damage("nordwind", "orders.edi")

    def _damage(self, partner: str, name: str) -> None:
        home = self.house.home(partner)
        entry = home.find("inbox", name)
        assert entry is not None
        path = str(make_url(self.house.context.config.database_url).database)
        with closing(sqlite3.connect(path)) as database:
            of, change = (entry.item.sha256,), "UPDATE payload SET content = ? WHERE sha256 = ?"
            (content,) = database.execute("SELECT content FROM payload WHERE sha256 = ?", of).fetchone()
            with database:
                database.execute(change, (b"x", *of))
            for _ in range(2):
                with pytest.raises(PayloadError):
                    home.open(entry)
            with database:
                database.execute(change, (content, *of))

    def admins(self) -> None:
        house, config = self.house, ["-c", str(self.house.config)]
        operate.look(house.context.log, self.transmission("orders.edi"), "admin:eva", "they ask")
        self.integrate()
        assert main(["evidence", "export", "--thread", "NW-4711", "-o", str(self.folder / "e.zip"), *config]) == 0
        id = self.transmission("broken.edi")
        assert main(["log", "erase", id, "--reason", "erasure_request", *config]) == 0
        assert main(["log", "rotate-key", "--days", "0", *config]) == 0
        house.current = Current(open_context(load(house.config)))  # with the new key
        log, now = house.context.log, utc_now().replace(microsecond=0)
        note = log.checkpoint() or ""
        body = split_note(note)[0]
        signed = cosignature(WITNESS.cosign(body, int(now.timestamp())), body, WITNESS.verifier)
        records.record(log, note, [], [signed], {}, now)

    def time(self) -> None:
        house = self.house
        assert find_overdue(house.context, utc_now() + timedelta(days=20)) > 0
        assert close_exchanges(house.context, utc_now() + timedelta(days=50)) > 0

    def types(self) -> Counter[str]:
        with self.house.context.database.read() as conn:
            return Counter(conn.execute(select(event.c.type)).scalars())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("run"))
    yield run
    run.supplier.stop()


@pytest.fixture(scope="module")
def recovered(run: Run, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The types in a log that carries on the one of the run."""
    folder = tmp_path_factory.mktemp("recovered")
    database = Database(f"sqlite:///{folder}/edigw.db")
    database.migrate()
    key = LogKey("edigw.example/next", Ed25519PrivateKey.generate())
    log = EventLog.open(database, Payloads(folder / "payloads", database), key.name, key=key)
    recover(log, run.house.context.log.checkpoint() or "", actor="admin:eva", why="both disks failed")
    with database.read() as conn:
        found = set(conn.execute(select(event.c.type)).scalars())
    database.close()
    return found


def test_every_type_of_the_specification_is_written(run: Run, recovered: set[str]) -> None:
    assert documented() - set(run.types()) - recovered - set(ELSEWHERE) == set()


def test_no_type_is_written_that_the_specification_lacks(run: Run, recovered: set[str]) -> None:
    assert (set(run.types()) | recovered) - documented() == set()


@pytest.mark.parametrize("type", ELSEWHERE)
def test_the_other_types_are_written_in_tests_of_their_own(type: str) -> None:
    assert f'"{type}"' in (ROOT / ELSEWHERE[type]).read_text()


def test_what_happens_again_and_again_is_told_once_an_hour(run: Run) -> None:
    assert run.types()["mailbox.failed"] == 1


def test_the_log_of_all_that_is_sound(run: Run) -> None:
    log = run.house.context.log
    found = audit(log.database, log.payloads, log.keys, trusted=Attesters({}, [WITNESS.verifier]))
    assert [str(one) for one in found if isinstance(one, Problem)] == []


def test_nothing_personal_stands_in_an_entry(run: Run) -> None:
    """Names of files, numbers of documents, addresses and users are in objects only."""
    with run.house.context.database.read() as conn:
        entries = conn.execute(select(ev_entry.c.entry)).scalars().all()
        details = conn.execute(select(evidence_object.c.content).where(evidence_object.c.role == "detail")).scalars()
        told = b"\n".join(content for content in details if content is not None)
    for secret in (b"orders.edi", b"NW-4711", SESSION.peer.encode(), b"incoming", b"Prairie", b"they ask"):
        assert secret in told or secret == b"Prairie"
        assert not [entry for entry in entries if secret in entry]
    keys = {key for entry in entries for key in parse_canonical(entry)}
    assert keys == {
        *("v", "log", "type", "eid", "xid", "n", "prev", "parent", "at", "actor"),
        *("sender", "recipient", "reason", "objects"),
    }
