"""Reading and validating orders of 30 lines, beside pydifact and pyx12, in one run.

    PYTHONPATH=. python bench/bench_peers.py [--rounds N] [--pyx12 PYTHON]

`--pyx12` names a Python in whose environment pyx12 is installed. Speeds are MB (10**6 bytes) a second of CPU time, the
median of the rounds; the contenders take turns, so that a busy machine slows all of them. Below them: the peak memory
of a streaming run over files of two sizes, and how long `edigw check` takes for one message as a whole process.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from corpus import orders, purchase_orders
from pydifact.parser import Parser

from edigw.directory import check, validate
from edigw.syntax import InterchangeStart, MessageRead, scan

MESSAGES = 400
PEER_MESSAGES = 40  # for the slower ones

_PYX12 = """
import io, json, sys, time
from pyx12.x12file import X12Reader
with open(sys.argv[1]) as file:
    text = file.read()
times = []
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    for segment in X12Reader(io.StringIO(text)):
        pass
    times.append(time.process_time() - start)
print(json.dumps(times))
"""
_STREAM = """
import mmap, sys
sys.path.insert(0, sys.argv[2])
from bench_peers import private, streamed
base = peak = private()
def sample():
    global peak
    peak = max(peak, private())
with open(sys.argv[1], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
    errors = streamed(data, sample)
print(base, peak, errors)
"""


def tokenised(data: bytes) -> int:
    """Segments and elements of every message, envelopes checked; the number of messages."""
    return sum(isinstance(event, MessageRead) for event in scan(data))


def streamed(data: object, after_message: Callable[[], object] = bool) -> int:
    """Tokenised, nested and validated message by message; the number of messages with errors."""
    interchange, errors = None, 0
    for event in scan(data):  # type: ignore[arg-type]
        match event:
            case InterchangeStart():
                interchange = event.interchange
            case MessageRead():
                validate(event.message, interchange, group=event.group, texts=event.texts)  # type: ignore[arg-type]
                errors += not event.message.valid
                after_message()
    return errors


def private() -> int:
    """KB of this process's own memory: without the pages of the mapped file, which are the system's cache (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:"))


def pydifact(text: str) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sum(1 for _ in Parser().parse(text))


def speeds(contenders: dict[str, tuple[int, Callable[[], object]]], rounds: int) -> dict[str, float]:
    """MB a second by name; the contenders take turns, and none pays for the garbage that another left."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (_, work) in contenders.items():
            gc.collect()
            start = time.process_time()
            work()
            times[name].append(time.process_time() - start)
    return {name: size / 1e6 / statistics.median(times[name]) for name, (size, _) in contenders.items()}


def pyx12(python: str, data: bytes, rounds: int) -> float:
    """How fast pyx12's reader yields segments."""
    with tempfile.NamedTemporaryFile(suffix=".x12") as file:
        file.write(data)
        file.flush()
        done = subprocess.run([python, "-c", _PYX12, file.name, str(rounds)], capture_output=True, check=True)
    return len(data) / 1e6 / statistics.median(json.loads(done.stdout))


def memory(make: Callable[[int], bytes], messages: int) -> tuple[float, float]:
    """MB of a process's own before a streaming run over so many messages, and the most during it."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(make(messages))
        file.flush()
        run = [sys.executable, "-c", _STREAM, file.name, str(Path(__file__).parent)]
        base, peak, errors = map(int, subprocess.run(run, capture_output=True, check=True).stdout.split())
    if errors:
        raise SystemExit(f"{errors} messages of the corpus are not valid")
    return base / 1e3, peak / 1e3


def whole_process(data: bytes, rounds: int) -> float:
    """Milliseconds of wall time that `edigw check` takes, interpreter and imports included."""
    times = []
    with tempfile.NamedTemporaryFile(suffix=".edi") as file:
        file.write(data)
        file.flush()
        run = [sys.executable, "-c", "from edigw.admin.cli import main; main()", "check", file.name]
        for _ in range(rounds):
            start = time.perf_counter()
            subprocess.run(run, capture_output=True, check=True)
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pyx12", metavar="PYTHON")
    given = parser.parse_args()
    edifact, x12 = orders(MESSAGES), purchase_orders(MESSAGES)
    few = orders(PEER_MESSAGES).decode()
    for data in (edifact, x12):
        if streamed(data):
            raise SystemExit("the corpus is not valid")
    contenders: dict[str, tuple[int, Callable[[], object]]] = {
        "ORDERS: tokenise": (len(edifact), lambda: tokenised(edifact)),
        "ORDERS: tokenise, nest, validate, streaming": (len(edifact), lambda: streamed(edifact)),
        "ORDERS: the same, the file as a whole": (len(edifact), lambda: check(edifact)),
        "ORDERS: pydifact, segments": (len(few), lambda: pydifact(few)),
        "850: tokenise": (len(x12), lambda: tokenised(x12)),
        "850: tokenise, nest, validate, streaming": (len(x12), lambda: streamed(x12)),
        "850: the same, the file as a whole": (len(x12), lambda: check(x12)),
    }
    found = speeds(contenders, given.rounds)
    if given.pyx12:
        found["850: pyx12, segments"] = pyx12(given.pyx12, purchase_orders(PEER_MESSAGES), given.rounds)
    print(f"{MESSAGES} messages of {len(edifact) // MESSAGES} (ORDERS) and {len(x12) // MESSAGES} (850) bytes")
    for name, speed in found.items():
        peer = found.get("ORDERS: pydifact, segments" if name.startswith("ORDERS") else "850: pyx12, segments")
        print(f"{speed:8.2f} MB/s  {name}" + (f"  ({speed / peer:.1f} x the peer)" if peer and peer != speed else ""))
    for name, make in (("ORDERS", orders), ("850", purchase_orders)):
        for messages in (1_000, 8_000):
            base, peak = memory(make, messages)
            print(f"{name}, {messages * 4.9 / 1e3:.0f} MB streaming: {peak:.0f} MB at most, {base:.0f} MB before")
    for name, data in (("ORDERS", orders(1)), ("850", purchase_orders(1))):
        print(f"edigw check of one {name} message: {whole_process(data, given.rounds):.0f} ms")


if __name__ == "__main__":
    main()
