"""kill -9 at random moments of the story: all that was accepted is delivered exactly once, and the log verifies."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paramiko
import pytest

from edigw import acknowledge, directory, syntax
from edigw.admin.demo.people import SftpJob
from edigw.admin.demo.stage import Stage, sample, wait_for
from edigw.gateway.desk.queries import Filters, search
from edigw.partners.load import load
from edigw.store.database import Database


def order(number: int) -> bytes:
    """An interchange of the retailer with one order of its own number."""
    text = sample("orders_text.edi")
    return text.replace(b"NW0004714", b"NW%07d" % number).replace(b"NW-4714", b"NW-%04d" % number)


def despatch(number: int) -> bytes:
    """The supplier's despatch advice for that order."""
    text = sample("asn_4711.x12").replace(b"*000088231", b"*%09d" % number).replace(b"*88231", b"*%d" % number)
    return text.replace(b"PG-SHP-88231", b"PG-SHP-%d" % number).replace(b"NW-4711", b"NW-%04d" % number)


class Partner(threading.Thread, ABC):
    """A partner's cron job, which tries again whatever the gateway did not answer with OK."""

    def __init__(self, job: SftpJob) -> None:
        super().__init__(daemon=True)
        self.job = job
        self.done = threading.Event()
        self.trouble: list[str] = []

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.trouble.append(f"{type(error).__name__}: {error}")

    @abstractmethod
    def work(self) -> None:
        """What the partner does, until `done` is set."""

    def insist(self, action: Callable[..., Any], *arguments: Any) -> Any:
        while not self.done.is_set():
            try:
                return action(*arguments)
            except (OSError, EOFError, paramiko.SSHException):
                time.sleep(0.05)
        return None


class Retailer(Partner):
    """Sends orders; takes what lies in its outbox and answers each despatch advice with a CONTRL."""

    def __init__(self, job: SftpJob, numbers: range) -> None:
        super().__init__(job)
        self.numbers = numbers
        self.advices: dict[str, bytes] = {}

    def work(self) -> None:
        for number in self.numbers:
            self.insist(self.job.drop, f"order_{number}.edi", order(number))
        while not self.done.is_set():
            for name in self.insist(self.job.waiting) or ():
                data = self.insist(self.job.get, name)
                self.insist(self.job.delete, name)
                if data is not None and name.startswith("DESADV"):
                    self.advices[name] = data
                    self.answer(name, data)
            time.sleep(0.1)

    def answer(self, name: str, data: bytes) -> None:
        received = directory.check(data).interchanges[0]
        reference = f"R{name.removeprefix('DESADV_').partition('.')[0]}"
        answer = acknowledge.write_contrl(received, control=reference, message_control="1", now=datetime.now(UTC))
        self.insist(self.job.drop, f"contrl_{name}", answer)


class Supplier(Partner):
    """Answers each order on its server with a 997 and a despatch advice."""

    def __init__(self, job: SftpJob, incoming: Path) -> None:
        super().__init__(job)
        self.incoming = incoming
        self.seen: set[str] = set()

    def work(self) -> None:
        while not self.done.is_set():
            for path in sorted(self.incoming.glob("850_*.x12")):
                if path.name not in self.seen:
                    self.answer(path)
                    self.seen.add(path.name)
            time.sleep(0.05)

    def answer(self, path: Path) -> None:
        received = directory.check(path.read_bytes()).interchanges[0]
        number = int(received.messages[0].segments[1][3].removeprefix("NW-"))
        control = 100_000 + number
        answer = acknowledge.write_x12_acks(received, control=control, group_control=control, now=datetime.now(UTC))
        self.insist(self.job.drop, f"997_{number}.x12", answer)
        self.insist(self.job.drop, f"asn_{number}.x12", despatch(number))


def torture(folder: Path, kills: int, orders: int, seed: int) -> None:
    luck = random.Random(seed)
    numbers = range(5000, 5000 + orders)
    with Stage(folder) as stage:
        stage.build()
        stage.start_gateway()
        retailer, supplier = Retailer(stage.retailer, numbers), Supplier(stage.supplier, stage.incoming)
        partners = (retailer, supplier)
        for partner in partners:
            partner.start()
        for _ in range(kills):
            time.sleep(luck.uniform(0.05, 1.5))
            stage.kill_gateway()
            stage.start_gateway()
        database = Database(load(stage.config).database_url)

        def sent(type: str) -> list[dict[str, Any]]:
            with database.read() as conn:
                return search(conn, Filters(direction="out", type=type, limit=10_000))

        def settled() -> bool:
            found = [*sent("850"), *sent("DESADV")]
            acks = [m["ack_state"] for t in found for m in t["messages"]]
            return len(found) >= 2 * orders and set(acks) == {"accepted"}

        try:
            wait_for(settled, "every order and despatch advice to be settled", seconds=90)
            time.sleep(0.5)  # a second delivery would come now
        finally:
            for partner in partners:
                partner.done.set()
        assert [partner.trouble for partner in partners] == [[], []]

        names = [path.name for path in stage.incoming.iterdir()]
        assert all(name.endswith(".x12") for name in names), "something is half-delivered"
        arrived = Counter(_number(path.read_bytes(), 3) for path in stage.incoming.glob("850_*"))
        assert arrived == {f"NW-{number}": 1 for number in numbers}
        advices = Counter(_number(data, 2) for data in retailer.advices.values())
        assert advices == {f"PG-SHP-{number}": 1 for number in numbers}
        with database.read() as conn:
            received = search(conn, Filters(direction="in", limit=10_000))
        assert {t["state"] for t in received} <= {"accepted", "duplicate"}
        command = [sys.executable, "-m", "edigw.admin.cli", "log", "verify", "-c", str(stage.config)]
        verified = subprocess.run(command, capture_output=True, text=True, check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr


def _number(data: bytes, element: int) -> str:
    """The document's own number: BEG03, BSN02, BGM 1004."""
    number: str = syntax.parse(data).interchanges[0].messages[0].segments[1][element]
    return number


def test_every_accepted_file_is_delivered_exactly_once_through_kills_at_random_moments(tmp_path: Path) -> None:
    torture(tmp_path, kills=5, orders=12, seed=random.randrange(10**6))


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(20))
def test_the_same_through_many_kills(tmp_path: Path, seed: int) -> None:
    torture(tmp_path, kills=50, orders=60, seed=seed)
