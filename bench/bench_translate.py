"""Milliseconds of CPU to bring an order of 30 lines from one standard into the other: parsed, validated, translated
with its loss report, and written as an interchange of its own; and for each part of the work. Then the way back, and a
longer 850 with a price list and a schedule for each line.

    PYTHONPATH=. python bench/bench_translate.py [--messages N] [--rounds N] [--memory N]

Medians over the rounds. `--memory` translates N messages one after the other and prints the memory on the way.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from corpus import orders, purchase_orders

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--memory", type=int, default=0)
    options = parser.parse_args()
    edifact, x12 = mapping.binding("order/ORDERS", "D.96A"), mapping.binding("order/850", "004010")
    sent = orders(options.messages)
    ways = (
        ("ORDERS to 850", sent, edifact, x12),
        ("and back", carried(sent, edifact, x12), x12, edifact),
        ("a longer 850 to ORDERS", purchase_orders(options.messages), x12, edifact),
    )
    gc.freeze()
    for name, data, source, target in ways:
        gc.collect()
        rounds = [translate(data, source, target) for _ in range(options.rounds)]
        whole = statistics.median(map(sum, rounds)) / options.messages * 1000
        print(f"{name}: {whole:.3f} ms a message of {len(data) // options.messages} bytes")
        for part, times in zip(PARTS, zip(*rounds, strict=True), strict=True):
            print(f"    {part:20}{statistics.median(times) / options.messages * 1000:.3f}")
    if options.memory:
        data = orders(1000)
        done = 0
        while done < options.memory:
            translate(data, edifact, x12)
            done += 1000
            if done % 10_000 == 0:
                print(f"{done:8} messages: {resident() // 1024} MB")


if __name__ == "__main__":
    main()
