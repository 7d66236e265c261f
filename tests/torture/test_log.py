"""The log through thousands of kills, on both databases: `pytest -m torture -n 0 -s tests/torture/test_log.py`.

Each seed says when whom to kill; how far a process has come by then is up to the machine.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edigw.admin.demo.stage import Stage, wait_for
from edigw.log.audit import Problem, audit
from edigw.log.highwater import check_mark, read_mark
from edigw.log.keys import load_verifiers
from edigw.log.tiles import read_tree
from edigw.partners.load import load
from edigw.store import Database, Payloads

from ..gateway.test_crash import Retailer
from ..log.crashes import PROCESSES, Crashes, Place

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3600)]
SEEDS = range(10)


@pytest.mark.parametrize("seed", SEEDS)
def test_processes_that_write_one_log_and_are_killed(database_url: str, tmp_path: Path, seed: int) -> None:
    database = Database(database_url)
    database.migrate()
    database.close()
    crashes = Crashes(Place(database_url, tmp_path), seed)
    for _ in range(20):
        crashes.round(kills=20)
    print(f"seed {seed}: {crashes.kills} kills, {crashes.events} events, no gap, no duplicate, no fork")


class Gateways:
    """Three `edigw serve` on one database: one with all roles, so that partners can log in, two with workers."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._running = [self._start(at) for at in range(PROCESSES)]

    def _start(self, at: int) -> subprocess.Popen[bytes]:
        roles = ["--only", "worker"] if at else []
        with (self._stage.folder / f"gateway-{at}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "edigw.admin.cli", "serve", "-c", str(self._stage.config), *roles], stderr=log
            )

    def kill(self, at: int) -> None:
        """End one as a power cut would."""
        assert self._running[at].poll() is None, (self._stage.folder / f"gateway-{at}.log").read_text()[-2000:]
        self._running[at].kill()
        self._running[at].wait()

    def replace(self, at: int) -> None:
        """Kill one and start another in its place."""
        self.kill(at)
        self._running[at] = self._start(at)

    def kill_all(self) -> None:
        """End them all at once."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.wait()

    def start_all(self) -> None:
        """Start them again."""
        self._running = [self._start(at) for at in range(PROCESSES)]


@pytest.mark.parametrize("seed", SEEDS)
def test_three_gateways_that_are_killed_while_a_partner_sends(database_url: str, tmp_path: Path, seed: int) -> None:
    luck = random.Random(seed)
    seen: set[str] = set()
    with Stage(tmp_path) as stage:
        stage.build()
        stage.config.write_text(f"database = {json.dumps(database_url)}\n{stage.config.read_text()}")
        config = load(stage.config)
        keys = load_verifiers(config.log.key_file.with_suffix(".vkey"))
        partner = Retailer(stage.retailer, range(5000, 9000))
        gateways = Gateways(stage)
        wait_for(lambda: config.log.highwater_file.exists(), "the first signature", seconds=60)
        partner.start()
        kills, database = 0, Database(database_url)
        try:
            for _ in range(5):
                for _ in range(6):
                    time.sleep(luck.uniform(0.3, 3.0))
                    seen.add(read_mark(config.log.highwater_file) or "")
                    gateways.replace(luck.randrange(PROCESSES))
                time.sleep(luck.uniform(0.3, 3.0))
                gateways.kill_all()
                kills += 6 + PROCESSES
                found = audit(database, Payloads(config.payload_folder, database), keys, config.log.highwater_file)
                assert [str(one) for one in found if isinstance(one, Problem)] == []
                with database.read() as connection:
                    tree = read_tree(connection)
                    for note in seen:
                        check_mark(note, "a mark that was seen", tree, config.log.origin, keys)
                gateways.start_all()
        finally:
            partner.done.set()
            gateways.kill_all()
            database.close()
        assert partner.trouble == []
        assert tree.size > 0
        print(f"seed {seed}: {kills} kills, {tree.size} entries")
