"""Mutates the samples at random, for as long or as often as one likes, in several processes.

    python -m tests.fuzz.run --inputs 1000000 --seed 7 --processes 2

Prints how many inputs a second were tried; every input that breaks a rule of `tests.fuzz.target` is kept in a folder
(--keep) beside the exception. The same seed, number of inputs and number of processes give the same inputs.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import seeds
from tests.fuzz.target import OPTIONS, exercise


@dataclass(slots=True)
class Tally:
    """What one process has tried."""

    inputs: int = 0
    octets: int = 0
    crashes: Counter[str] = field(default_factory=Counter)  # by where they happened
    slowest: float = 0.0


def inputs(seed: int) -> Iterator[tuple[bytes, int]]:
    """Mutated files without end, each with the number of its reading options. Every fifth one starts from the one
    before it, so that changes pile up."""
    rng, originals = Random(seed), seeds()
    data = originals[0]
    while True:
        data = mutate(data if rng.random() < 0.2 else rng.choice(originals), originals, rng)
        yield data, rng.choice((0, 0, 0, 1, 2, 3))


def work(seed: int, count: int, seconds: float, keep: Path | None) -> Tally:
    """Try `count` inputs, or as many as there is time for."""
    tally, end = Tally(), time.monotonic() + seconds
    for data, which in inputs(seed):
        if tally.inputs >= count or time.monotonic() > end:
            return tally
        start = time.perf_counter()
        try:
            exercise(data, OPTIONS[which])
        except Exception as error:  # whatever it is: it is what this program looks for
            where = traceback.extract_tb(error.__traceback__)[-1]
            name = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
            tally.crashes[name] += 1
            if keep is not None and tally.crashes[name] <= 3:
                _keep(keep, f"{seed}-{tally.inputs}-options{which}", data)
        tally.slowest = max(tally.slowest, time.perf_counter() - start)
        tally.inputs += 1
        tally.octets += len(data)
    return tally


def _keep(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.edi").write_bytes(data)
    (folder / f"{name}.txt").write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")


def main() -> int:
    """Returns 1 if anything broke."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the inputs that break something")
    given = parser.parse_args()
    share = -(-given.inputs // given.processes)
    jobs = [(given.seed * 1_000 + n, share, given.seconds, given.keep) for n in range(given.processes)]
    gc.freeze()
    start = time.monotonic()
    if given.processes == 1:
        tallies = [work(*jobs[0])]
    else:
        with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
            tallies = pool.starmap(work, jobs)
    taken = time.monotonic() - start
    tried = sum(tally.inputs for tally in tallies)
    crashes = sum((tally.crashes for tally in tallies), Counter[str]())
    octets = sum(tally.octets for tally in tallies)
    print(f"{tried} inputs ({octets / 1e6:.1f} MB) in {taken:.0f} s: {tried / taken:.0f} a second", end="; ")
    print(f"the slowest took {max(tally.slowest for tally in tallies):.2f} s; {crashes.total()} broke something")
    for name, number in crashes.most_common():
        print(f"{number:8} {name}")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
