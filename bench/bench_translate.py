"""Milliseconds of CPU to bring an order of 30 lines from one standard into the other: parsed, validated, translated
with its loss report, and written as an interchange of its own; and for each part of the work. Then the way back, and a
longer 850 with a price list and a schedule for each line.

    PYTHONPATH=. python bench/bench_translate.py [--messages N] [--rounds N] [--memory N] [--bots PYTHON GRAMMARS]

Medians over the rounds, of which each has orders of its own. `--memory` translates N different messages one after the
other and prints the memory on the way. `--bots` lets Bots, which PYTHON has, translate the first of the orders
(`bots_order.py` says what it needs) between the rounds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from corpus import LINES, orders, purchase_orders

from edigw import mapping
from edigw.directory import validate
from edigw.mapping import Binding
from edigw.syntax import (
    EdifactEnvelope,
    Interchange,
    InterchangeStart,
    MessageBody,
    MessageRead,
    PartyId,
    Segment,
    X12Envelope,
    X12Group,
    scan,
    write_edifact,
    write_x12,
)

NOW = dt.datetime(2026, 10, 5, 12, 0, tzinfo=dt.UTC)
US, THEM = PartyId("4299999000016", "14"), PartyId("SUPPLIER", "ZZ")


def messages(data: bytes) -> Iterator[tuple[Interchange, MessageRead]]:
    """The messages of an interchange, tokenised one by one."""
    interchange = None
    for event in scan(data):
        if isinstance(event, InterchangeStart):
            interchange = event.interchange
        elif isinstance(event, MessageRead):
            assert interchange is not None
            yield interchange, event


def interchange(binding: Binding, *bodies: list[Segment]) -> bytes:
    """What goes to the receiver."""
    messages = [MessageBody(binding.message, body, version=binding.version) for body in bodies]
    if binding.standard == "edifact":
        return write_edifact(EdifactEnvelope(sender=US, receiver=THEM, control="1", prepared=NOW), messages)
    envelope = X12Envelope(sender=US, receiver=THEM, control="1", prepared=NOW, version="00401")
    sent = {"functional_id": "PO", "sender": "US", "receiver": "THEM", "control": "1", "version": "004010"}
    return write_x12(envelope, [X12Group(**sent, messages=messages)])


PARTS = ("tokenise", "validate", "read", "write", "envelope and bytes")


def translate(data: bytes, source: Binding, target: Binding) -> list[float]:
    """Every message the whole way, one after the other; the seconds of CPU that each part took."""
    spent = [0.0] * len(PARTS)
    clock = time.process_time
    start = clock()
    for envelope, event in messages(data):
        read = clock()
        validate(event.message, envelope, group=event.group, texts=event.texts)
        assert event.message.valid and event.message.tree is not None
        checked = clock()
        document, _ = source.read(event.message.tree)
        understood = clock()
        body, _ = target.write(document)
        written = clock()
        interchange(target, body)
        end = clock()
        for part, (before, after) in enumerate(pairwise((start, read, checked, understood, written, end))):
            spent[part] += after - before
        start = end
    return spent


def carried(data: bytes, source: Binding, target: Binding) -> bytes:
    """The interchange in the other standard."""
    bodies = []
    for envelope, event in messages(data):
        validate(event.message, envelope, group=event.group, texts=event.texts)
        assert event.message.tree is not None
        bodies.append(target.write(source.read(event.message.tree)[0])[0])
    return interchange(target, *bodies)


def resident() -> int:
    """KB of this process in memory (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


def bots(python: str, grammars: str, data: bytes) -> list[float]:
    """Seconds of CPU in which Bots makes an 850 of an order, again and again."""
    with tempfile.NamedTemporaryFile(suffix=".edi") as file:
        file.write(data)
        file.flush()
        run = [python, str(Path(__file__).with_name("bots_order.py")), grammars, file.name, "5"]
        done = json.loads(subprocess.run(run, capture_output=True, check=True).stdout)
    assert done["written"].count("PO1*") == LINES
    return list(done["seconds"])


def memory(messages: int, source: Binding, target: Binding) -> None:
    """Translate so many messages, and print on the way what they take."""
    step = 1000
    for done in range(step, messages + 1, step):
        translate(orders(step, seed=done), source, target)
        if done % 10_000 == 0:
            print(f"{done:8} messages: {resident() // 1024} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--bots", nargs=2, metavar=("PYTHON", "GRAMMARS"))
    options = parser.parse_args()
    edifact, x12 = mapping.binding("order/ORDERS", "D.96A"), mapping.binding("order/850", "004010")
    sent = [orders(options.messages, seed=seed) for seed in range(options.rounds)]
    ways = (
        ("ORDERS to 850", sent, edifact, x12),
        ("and back", [carried(data, edifact, x12) for data in sent], x12, edifact),
        (
            "a longer 850 to ORDERS",
            [purchase_orders(options.messages, seed) for seed in range(options.rounds)],
            x12,
            edifact,
        ),
    )
    gc.freeze()
    peer: list[float] = []
    for name, interchanges, source, target in ways:
        rounds = []
        for data in interchanges:
            gc.collect()
            rounds.append(translate(data, source, target))
            if options.bots and source is edifact:
                peer += bots(*options.bots, orders(1))
        whole = statistics.median(map(sum, rounds)) / options.messages * 1000
        print(f"{name}: {whole:.3f} ms a message of {len(interchanges[0]) // options.messages} bytes")
        for part, times in zip(PARTS, zip(*rounds, strict=True), strict=True):
            print(f"    {part:20}{statistics.median(times) / options.messages * 1000:.3f}")
        if peer and source is edifact:
            theirs = statistics.median(peer) * 1000
            print(f"    by Bots, without envelope, database and loss report: {theirs:.3f} ({theirs / whole:.1f} x)")
    if options.memory:
        memory(options.memory, edifact, x12)


if __name__ == "__main__":
    main()
