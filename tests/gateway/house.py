"""A whole gateway in one process, without its servers: files are dropped into intake, jobs are done when told."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from edigw.admin import setup
from edigw.admin.demo.stage import sample
from edigw.gateway import queue
from edigw.gateway.context import Context, Current, open_keyring
from edigw.gateway.desk import queries
from edigw.gateway.incoming import intake
from edigw.gateway.incoming.process import process
from edigw.gateway.mailboxes import receipts
from edigw.gateway.mailboxes.home import DatabaseHome
from edigw.gateway.mailboxes.sessions import SessionRecord
from edigw.gateway.outgoing.deliver import Deliverer
from edigw.gateway.service import open_context
from edigw.log.audit import Problem, audit
from edigw.partners.load import load
from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.payloads import SMALL
from edigw.store.schema import job as jobs
from edigw.store.schema import transmission
from edigw.transport.keys import generate
from edigw.transport.ports import Session, Staged

PARTNERS = Path(setup.__file__).parent / "demo" / "partners"
__all__ = ["LEASE", "SESSION", "House", "sample", "staged"]

LEASE = timedelta(minutes=2)
SESSION = Session("s1", "user", "partner", "127.0.0.1:50000", "SHA256:test", "SSH-2.0-test", "kex=test")


def staged(path: Path, data: bytes) -> Staged:
    """What the SFTP server makes of an upload: a file only if it is large."""
    if len(data) > SMALL:
        path.write_bytes(data)
    return Staged(hashlib.sha256(data).hexdigest(), len(data), path, None if len(data) > SMALL else data)


@cache
def _new_gateway() -> TemporaryDirectory[str]:
    """What `edigw init` makes, without partners: locking the log's key takes longer than most tests."""
    folder = TemporaryDirectory(prefix="edigw-house-")
    setup.create(Path(folder.name), origin="edigw.example/test", partners={})
    return folder


class House:
    """The demo's gateway and partners in a folder. The supplier's server is at `supplier_port`, if anywhere."""

    def __init__(self, folder: Path, database_url: str = "", supplier_port: int = 9, host_key: str = "") -> None:
        self.folder = folder
        values = {
            "retailer_key": json.dumps(generate(folder / "retailer", "retailer")),
            "supplier_key": json.dumps(generate(folder / "supplier", "supplier")),
            "supplier_host_key": json.dumps(host_key or generate(folder / "supplier_host", "host")),
            "supplier_port": str(supplier_port),
        }
        self.config = shutil.copytree(_new_gateway().name, folder / "gateway") / "edigw.toml"
        for path in PARTNERS.glob("*.toml"):
            text = path.read_text()
            for name, value in values.items():
                text = text.replace(f"${{{name}}}", value)
            (self.config.parent / "partners" / path.name).write_text(text)
        if database_url:
            text = self.config.read_text()
            self.config.write_text(f"database = {json.dumps(database_url)}\n{text}")
        self.current = Current(open_context(load(self.config)))
        self._sent = 0
        self._agreed: dict[str, str] = {}

    @property
    def context(self) -> Context:
        return self.current.context

    def edit(self, partner: str, old: str, new: str) -> None:
        """Change a partner's file and load the configuration again."""
        path = self.config.parent / "partners" / f"{partner}.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        self.reload()

    def configure(self, old: str, new: str) -> None:
        """Change edigw.toml and load the configuration again."""
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))
        self.reload()

    def agree(self, partner: str, text: str) -> None:
        """Make `text` the only thing that is agreed with a partner beside what the demo agrees with it."""
        path = self.config.parent / "partners" / f"{partner}.toml"
        demo = self._agreed.setdefault(partner, path.read_text())
        path.write_text(demo.replace("[delivery]\n", f"{text}\n[delivery]\n"))
        self.reload()

    def reload(self) -> None:
        """Load the configuration again."""
        config = load(self.config)
        self.current.adopt(config, open_keyring(config))

    def number(self) -> int:
        """A number that was not given before."""
        self._sent += 1
        return self._sent

    def fresh(self, data: bytes, reference: bytes) -> bytes:
        """An interchange with a reference that it did not have before."""
        return data.replace(reference, f"{self.number():0{len(reference)}d}".encode())

    def add(self, code: str, text: str) -> None:
        """Write a partner file and load the configuration again."""
        (self.config.parent / "partners" / f"{code}.toml").write_text(text)
        self.reload()

    def drop(self, partner: str, name: str, data: bytes) -> str:
        """What the SFTP server does at the end of an upload; the id of the transmission."""
        return intake.receive(self.context, partner, "inbox", name, staged(self.folder / "staged", data), SESSION)

    def claim(self, kind: queue.Kind, most: int = 1) -> list[queue.Job]:
        """Take the next jobs of a kind that are due."""
        with self.context.database.write() as conn:
            return queue.claim(conn, queue.Lane(kind, most), queue.owner_name("test"), utc_now(), LEASE)

    def work(self, *kinds: queue.Kind) -> int:
        """Do every job that is due, of these kinds (default: process and receipt); how many were done."""
        done = 0
        while found := sum(self._work(kind) for kind in kinds or ("process", "receipt")):
            done += found
        return done

    def _work(self, kind: queue.Kind) -> int:
        while self.context.log.integrate():
            pass
        if kind == "receipt":
            return receipts.give(self.context, queue.owner_name("test"))
        jobs = self.claim(kind, 16)
        deliverer = Deliverer()
        failures = process(self.context, jobs) if kind == "process" else deliverer.deliver(self.context, jobs)
        deliverer.close()
        for failure in failures:
            raise failure.error
        return len(jobs)

    def settle(self) -> None:
        """Do every job that is due, or will be within a moment, until none is left."""
        ours = (jobs.c.state == "ready", jobs.c.kind.in_(("process", "receipt")))
        while True:
            self.work()
            with self.context.database.read() as conn:
                soon = stamp(utc_now() + timedelta(seconds=2))
                due = conn.execute(select(func.min(jobs.c.due_at)).where(*ours)).scalar()
            if due is None or due > soon:
                return
            time.sleep(max(0.0, (parse_stamp(due) - utc_now()).total_seconds()) + 0.002)

    def send(self, partner: str, name: str, data: bytes) -> dict[str, object]:
        """Drop a file and process it; what the log then shows of it."""
        id = self.drop(partner, name, data)
        self.work()
        return self.show(id)

    def show(self, id: str) -> dict[str, object]:
        with self.context.database.read() as conn:
            row = queries.find_transmission(conn, id)
            assert row is not None
            return queries.show(conn, self.context.payloads, row)

    def state(self, id: str) -> str:
        """Of a transmission."""
        with self.context.database.read() as conn:
            return conn.execute(select(transmission.c.state).where(transmission.c.id == id)).scalar_one()

    def home(self, partner: str, sessions: SessionRecord | None = None) -> DatabaseHome:
        return DatabaseHome(self.current, partner, sessions)

    def outbox(self, partner: str, folder: str = "outbox") -> dict[str, bytes]:
        """The files that a partner sees in a folder."""
        home = self.home(partner)
        found = {}
        for entry in home.list(folder):  # type: ignore[arg-type]
            with home.open(entry) as file:
                found[entry.name] = file.read()
        return found

    def sent(self, partner: str, kind: str = "business") -> list[bytes]:
        """The bytes of everything that went, or waits to go, to a partner."""
        with self.context.database.read() as conn:
            rows = conn.execute(
                select(transmission.c.sha256)
                .where(
                    transmission.c.direction == "out", transmission.c.partner == partner, transmission.c.kind == kind
                )
                .order_by(transmission.c.id)
            ).scalars()
            return [self.context.payloads.read(sha256) for sha256 in rows.all()]

    def problems(self) -> list[str]:
        """What the audit finds wrong."""
        while self.context.log.integrate():
            pass
        c = self.context
        found = audit(c.database, c.payloads, c.log.keys, c.config.log.highwater_file)
        return [str(one) for one in found if isinstance(one, Problem)]
