"""How fast messages are structured and validated: an ORDERS D.96A and an 850 of 30 lines.

    PYTHONPATH=. python bench/bench_directory.py

Prints, for each, the time of a message and the bytes of EDI text a second, of structure alone and of
everything, and how long the first message of a process takes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from edigw.directory import directory_of, validate
from edigw.directory.options import ValidationOptions
from edigw.directory.report import Report
from edigw.directory.structure import structure
from edigw.directory.table import table
from edigw.syntax.model import EDIFACT_DEFAULT, X12_DEFAULT, Interchange, Message, PartyId, Standard

_LINES = 30


def _orders() -> list[str]:
    lines = [
        "UNH+1+ORDERS:D:96A:UN:EAN008",
        "BGM+220+PO4711+9",
        "DTM+137:20240115:102",
        "NAD+BY+5412345000013::9++BUYER LTD+MAIN STREET 1+TOWN++12345+GB",
        "NAD+SU+4012345500004::9++SUPPLIER LTD+SIDE STREET 2+CITY++54321+GB",
        "CUX+2:EUR:9",
    ]
    for n in range(1, _LINES + 1):
        lines += [
            f"LIN+{n}++5410738000152:EN",
            f"PIA+1+ARTICLE-{n}:SA",
            f"IMD+F++:::WIDGET NUMBER {n}, RED, LARGE",
            f"QTY+21:{n * 12}",
            f"DTM+2:202402{n % 28 + 1:02}:102",
            f"PRI+AAA:{n}.25",
        ]
    return [*lines, "UNS+S", f"CNT+2:{_LINES}", f"UNT+{len(lines) + 3}+1"]


def _po850() -> list[str]:
    lines = [
        "ST*850*0001",
        "BEG*00*SA*PO4711**20240115",
        "REF*CT*C-88",
        "DTM*002*20240201",
        "N1*BY*BUYER LTD*UL*5412345000013",
        "N3*MAIN STREET 1",
        "N4*TOWN*NY*12345*US",
    ]
    for n in range(1, _LINES + 1):
        lines += [
            f"PO1*{n}*{n * 12}*EA*{n}.25**UP*036000291452*VN*ARTICLE-{n}",
            f"PID*F****WIDGET NUMBER {n}, RED, LARGE",
            "PO4*12*1*EA*CTN*G*10*LB",
            f"DTM*002*202402{n % 28 + 1:02}",
        ]
    return [*lines, f"CTT*{_LINES}", f"SE*{len(lines) + 2}*0001"]


def _message(lines: list[str], standard: Standard) -> tuple[Message, Interchange]:
    default = EDIFACT_DEFAULT if standard == "edifact" else X12_DEFAULT
    segments = [
        [e.split(default.component) if default.component in e else e for e in line.split(default.element)]
        for line in lines
    ]
    type_, version, syntax = ("ORDERS", "D.96A", "UNOC:3") if standard == "edifact" else ("850", "004010", "00401")
    message = Message(standard, type_, version, "1", segments, [0] * len(segments), 0, 0)
    party = PartyId("A")
    return message, Interchange(
        standard, default, [], None, syntax, party, party, "1", "", "", False, "", 0, 0, messages=[message]
    )


def _seconds(work: Callable[[], object]) -> float:
    """The median of rounds of 20 ms or more."""
    rounds = []
    for _ in range(15):
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < 0.02:
            work()
            done += 1
        rounds.append((time.perf_counter() - start) / done)
    return statistics.median(rounds)


def _measure(lines: list[str], standard: Standard) -> None:
    message, interchange = _message(lines, standard)
    start = time.perf_counter()
    validate(message, interchange)
    first = time.perf_counter() - start
    if message.findings:
        raise SystemExit(f"the sample is not valid: {message.findings[0].text}")
    compiled = table(directory_of(message, interchange), message.type)
    options = ValidationOptions()
    size = sum(map(len, lines)) + len(lines)
    nest = _seconds(lambda: structure(compiled, message.segments, Report(message.offsets, options)))
    whole = _seconds(lambda: validate(message, interchange))
    print(
        f"{message.type} {message.version}: {size} bytes, {len(lines)} segments; first {first * 1e3:.1f} ms; "
        f"structure {nest * 1e3:.3f} ms ({size / nest / 1e6:.1f} MB/s); "
        f"structure and validation {whole * 1e3:.3f} ms ({size / whole / 1e6:.1f} MB/s)"
    )


def main() -> None:
    """Run all of it."""
    _measure(_orders(), "edifact")
    _measure(_po850(), "x12")


if __name__ == "__main__":
    main()
