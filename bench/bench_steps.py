"""What one small interchange costs the gateway, by role and step: `python bench/bench_steps.py [ORDERS]`.

CPU milliseconds of the gateway for each order that comes in by SFTP, is translated from EDIFACT to X12, acknowledged,
receipted to both sides, logged, and delivered by SFTP. The SFTP server runs in a process of its own; the steps behind
it run one after the other in this process, where a sampling timer tells which part of the program they spend it in.
"""

from __future__ import annotations

import hashlib
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from bench.stand import cpu, machine, order
from edigw.admin.demo.stage import Stage
from edigw.gateway import queue
from edigw.gateway.context import Context, Current
from edigw.gateway.incoming import intake
from edigw.gateway.mailboxes import receipts
from edigw.gateway.service import open_context
from edigw.gateway.worker import DELIVERING, PROCESSING, Worker
from edigw.partners.load import load
from edigw.transport.ports import Session, Staged

INTERVAL = 0.001  # seconds of CPU between two samples, as far as the kernel grants it
SESSION = Session("bench", "nordwind", "nordwind", "127.0.0.1:50000", "SHA256:bench", "SSH-2.0-bench", "kex=bench")
# The first that stands in a file name or is the name of a function on the stack, wherever on it.
PARTS = (
    ("SQL", ("/sqlalchemy/", "/store/database.py")),
    ("payload files", ("/store/payloads.py",)),
    ("SSH", ("/paramiko/", "/transport/")),
    ("check of what leaves", ("_prove",)),
    ("validate", ("/edigw/directory/",)),
    ("parse, write", ("/edigw/syntax/",)),
    ("acknowledge", ("/edigw/acknowledge/",)),
    ("translate", ("/edigw/mapping/", "/edigw/documents/")),
    ("log", ("/edigw/log/",)),
)


class Sampler:
    """Where this process spends its CPU time, by step and part."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self.parts: dict[str, Counter[str]] = {}
        self._step = ""
        signal.signal(signal.SIGPROF, self._sample)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What runs in the block is that step."""
        self._step, before = name, time.process_time()
        self.parts.setdefault(name, Counter())
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.spent[name] = self.spent.get(name, 0) + time.process_time() - before

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        files, functions = [], []
        while frame is not None:
            files.append(frame.f_code.co_filename)
            functions.append(frame.f_code.co_name)
            frame = frame.f_back
        self.parts[self._step][_part(files, functions)] += 1

    def tell(self, count: int) -> None:
        """Print a line for each step, then for each part over all steps."""
        parts: Counter[str] = Counter()
        for step, spent in self.spent.items():
            each = 1000 * spent / count
            samples = self.parts[step].total() or 1
            shares = {part: each * n / samples for part, n in self.parts[step].most_common()}
            parts.update(shares)
            told = ", ".join(f"{part} {share:.2f}" for part, share in shares.items() if share >= 0.05)
            print(f"{step:30} {each:6.2f}   {told}")
        print(f"{'worker in all':30} {1000 * sum(self.spent.values()) / count:6.2f}")
        for part, each in parts.most_common():
            print(f"    {part:26} {each:6.2f}")


def _part(files: list[str], functions: list[str]) -> str:
    for part, signs in PARTS:
        for sign in signs:
            if sign in functions or any(sign in file for file in files if sign.startswith("/")):
                return part
    return "gateway"


def served(stage: Stage, count: int, first: int) -> tuple[float, float]:
    """CPU seconds that the SFTP server takes for a file in a session that is kept, and in one of its own."""
    stage.start_gateway("--only", "sftp")
    job, pid = stage.retailer, stage.gateway_pid
    with job.session() as sftp:
        job.put(sftp, "warm.edi", order(first))
        before = cpu(pid)
        for number in range(1, count):
            job.put(sftp, f"{number}.edi", order(first + number))
        kept = (cpu(pid) - before) / (count - 1)
    before, logins = cpu(pid), max(count // 4, 1)
    for number in range(logins):
        job.drop(f"login{number}.edi", order(first + count + number))
    own = (cpu(pid) - before) / logins
    stage.kill_gateway()
    return kept, own


def worked(context: Context, sampler: Sampler, numbers: range) -> None:
    """All steps of a worker for orders that are dropped into intake."""
    files = []
    for number in numbers:
        data = order(number)
        files.append(Staged(hashlib.sha256(data).hexdigest(), len(data), Path(f"{number}.edi"), data))
    with sampler.step("intake"):
        for staged in files:
            intake.receive(context, "nordwind", "inbox", staged.path.name, staged, SESSION)
    current = Current(context)
    for step, lane in (("process", PROCESSING[0]), ("deliver", DELIVERING[0])):
        worker = Worker(current, "bench", lane)
        with sampler.step(step):
            while worker.step(context):
                pass
        worker.close()
    with sampler.step("integrate and sign"):
        while context.log.integrate():
            pass
    with sampler.step("receipts"):
        while receipts.give(context, queue.owner_name("bench")):
            pass


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name, Stage(Path(name)) as stage:
        print(machine())
        stage.build()
        kept, own = served(stage, count, 1)
        context = open_context(load(stage.config))
        worked(context, Sampler(), range(100_001, 100_221))  # what is compiled when it has come often is compiled now
        sampler = Sampler()
        worked(context, sampler, range(200_001, 200_001 + count))
        context.database.close()
        print(f"{count} orders of {len(order(1))} bytes; CPU milliseconds an order")
        print(f"{'SFTP server, kept session':30} {1000 * kept:6.2f}   with intake")
        print(f"{'SFTP server, own session':30} {1000 * own:6.2f}   with intake")
        sampler.tell(count)
        rest = sum(spent for step, spent in sampler.spent.items() if step != "intake") / count
        print(f"{'in all, kept session':30} {1000 * (kept + rest):6.2f}")
        print(f"{'in all, own session':30} {1000 * (own + rest):6.2f}")
        print(machine())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
