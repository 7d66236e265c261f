"""Speed of the syntax layer in MB/s (1 MB = 10**6 bytes), beside pydifact's tokeniser and parser in the same run.

    python bench/bench_syntax.py [ROUNDS]

One EDIFACT order of 30 lines (about 5 KB), alone and many times over in a file of 2 MB, and the same in X12. Times are
CPU time, the best of ROUNDS rounds; the contenders take turns, so that a busy machine slows all of them.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime

from pydifact.parser import Parser

from edigw.syntax import (
    EdifactEnvelope,
    MessageBody,
    PartyId,
    ReadOptions,
    Segment,
    X12Envelope,
    X12Group,
    parse,
    scan,
    write,
    write_edifact,
    write_x12,
)

WHEN = datetime(2025, 1, 15, 10, 31, tzinfo=UTC)
LINES = 30


def order() -> MessageBody:
    """An order in which about one segment in twenty holds a released character."""
    segments: list[Segment] = [
        ["BGM", "220", "PO12345678", "9"],
        ["DTM", ["137", "20250115", "102"]],
        ["FTX", "ZZZ", "", "", "Men's boots: 5+1 free"],
        ["NAD", "BY", ["5412345000013", "", "9"]],
        ["NAD", "SU", ["8798765000012", "", "9"]],
    ]
    for n in range(1, LINES + 1):
        text = "O'Ring 5+ pieces" if n % 4 == 0 else "Steel bolt hexagonal"
        segments += [
            ["LIN", str(n), "", ["5412345000013", "EN"]],
            ["PIA", "1", ["SA123456", "SA"], ["BP123456", "IN"]],
            ["IMD", "F", "", ["", "", "", text]],
            ["QTY", ["21", "480", "PCE"]],
            ["DTM", ["2", "20250201", "102"]],
            ["PRI", ["AAA", "12.34", "CT", "AAE", "1", "PCE"]],
        ]
    return MessageBody("ORDERS", [*segments, ["UNS", "S"], ["CNT", ["2", str(LINES)]]], "D.96A", association="EAN008")


def purchase_order() -> MessageBody:
    """The same size of order in X12."""
    segments: list[Segment] = [["BEG", "00", "SA", "PO12345678", "", "20250115"], ["CUR", "BY", "EUR"]]
    for n in range(1, LINES + 1):
        segments += [
            ["PO1", str(n), "480", "EA", "12.34", "PE", "EN", "5412345000013", "VN", "SA123456", "BP", "BP123456"],
            ["CTP", "", "UCP", "12.34"],
            ["PID", "F", "", "", "", "Steel bolt hexagonal"],
            ["DTM", "002", "20250201"],
            ["SCH", "480", "EA", "", "", "002", "20250201"],
        ]
    return MessageBody("850", [*segments, ["CTT", str(LINES)]])


def edifact(messages: int, newline: bool = False) -> bytes:
    envelope = EdifactEnvelope(PartyId("5412345000013", "14"), PartyId("8798765000012", "14"), "REF1", WHEN)
    return write_edifact(envelope, [order()] * messages, newline=newline)


def x12(messages: int) -> bytes:
    envelope = X12Envelope(PartyId("SENDER", "ZZ"), PartyId("RECEIVER", "ZZ"), "1", WHEN)
    return write_x12(envelope, [X12Group("PO", "SENDER", "RECEIVER", "1", "004010", [purchase_order()] * messages)])


def drain(data: bytes) -> None:
    for _ in scan(data):
        pass


def best(contenders: list[tuple[str, int, Callable[[], object]]], rounds: int) -> list[tuple[str, float]]:
    """MB/s of each contender (name, bytes that it handles, what it does) in its best round."""
    times = [float("inf")] * len(contenders)
    for _ in range(rounds):
        for i, (_, size, run) in enumerate(contenders):
            repeat = max(1, 200_000 // size) if "pydifact" not in contenders[i][0] else 1
            start = time.process_time()
            for _ in range(repeat):
                run()
            times[i] = min(times[i], (time.process_time() - start) / repeat)
    return [(name, size / seconds / 1e6) for (name, size, _), seconds in zip(contenders, times, strict=True)]


def main() -> None:
    warnings.simplefilter("ignore")
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    one, many, broken = edifact(1), edifact(400), edifact(400, newline=True)
    one_x12, many_x12 = x12(1), x12(400)
    parsed, text = parse(many).interchanges[0], one.decode("latin-1")
    parser, options = Parser(), ReadOptions()
    contenders: list[tuple[str, int, Callable[[], object]]] = [
        ("parse, EDIFACT, one message", len(one), lambda: parse(one, options)),
        ("parse, EDIFACT, 400 messages", len(many), lambda: parse(many, options)),
        ("parse, EDIFACT, 400 messages, a line a segment", len(broken), lambda: parse(broken, options)),
        ("scan, EDIFACT, 400 messages", len(many), lambda: drain(many)),
        ("parse, X12, one message", len(one_x12), lambda: parse(one_x12, options)),
        ("parse, X12, 400 messages", len(many_x12), lambda: parse(many_x12, options)),
        ("scan, X12, 400 messages", len(many_x12), lambda: drain(many_x12)),
        ("write, EDIFACT, 400 messages", len(many), lambda: write(parsed)),
        ("pydifact Parser().parse, one message", len(one), lambda: list(parser.parse(text))),
    ]
    print(f"one message: {len(one)} bytes EDIFACT, {len(one_x12)} bytes X12")
    for name, speed in best(contenders, rounds):
        print(f"{speed:8.2f} MB/s  {name}")


if __name__ == "__main__":
    main()
