"""A large interchange goes message by message in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from syntax_samples import BODY, UNB

from edigw.syntax import InterchangeEnd, MessageRead, ReadOptions, scan

LINES = 30
MEGABYTE = 1_000_000


class Endless:
    """An interchange of `count` messages that exists only where it is looked at: a buffer of any size."""

    def __init__(self, count: int, body: str = BODY * LINES) -> None:
        segments = body.count("'") + 2
        self._head = UNB.encode()
        self._unit = f"UNH+{{0:012}}+ORDERS:D:96A:UN:EAN008'{body}UNT+{segments}+{{0:012}}'"
        self._size = len(self._unit.format(0))
        self._tail = f"UNZ+{count}+REF1'".encode()
        self._count = count

    def __len__(self) -> int:
        return len(self._head) + self._count * self._size + len(self._tail)

    def message(self, number: int) -> bytes:
        return self._unit.format(number).encode()

    def __getitem__(self, span: slice) -> bytes:
        start, stop = span.start or 0, min(span.stop, len(self))
        if start >= stop:
            return b""
        first = max((start - len(self._head)) // self._size, 0)
        last = min((stop - len(self._head)) // self._size + 1, self._count)
        base = len(self._head) + first * self._size
        octets = b"".join(map(self.message, range(first, last)))
        if last == self._count:
            octets += self._tail
        if first == 0:
            octets, base = self._head + octets, 0
        return octets[start - base : stop - base]


def scan_all(megabytes: int) -> int:
    """Scans so much and returns by how many MB the memory of this process grew at its peak."""
    import resource

    small = Endless(50)
    for _ in scan(small):
        pass
    count = megabytes * MEGABYTE // len(Endless(1))
    data, options = Endless(count), ReadOptions(max_messages=10 * MEGABYTE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = 0
    for event in scan(data, options):
        match event:
            case MessageRead(message, _):
                assert not message.findings and len(message.segments) == 3 * LINES + 2
                if seen % 1_000 == 0:
                    assert data[message.start : message.end] == data.message(seen)
                seen += 1
            case InterchangeEnd(interchange):
                assert not interchange.findings and interchange.end == len(data)
    assert seen == count
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1_024


def in_a_process_of_its_own(megabytes: int) -> int:
    """`scan_all` where no other test has used memory before."""
    here = str(Path(__file__).parent)
    command = (
        f"import sys; sys.path.insert(0, {here!r}); import test_syntax_streaming as t; print(t.scan_all({megabytes}))"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_the_endless_interchange_is_one() -> None:
    """The buffer of this test gives the same octets however it is sliced."""
    data = Endless(20)
    whole = data[0 : len(data)]
    assert len(whole) == len(data)
    for start in range(0, len(data), 997):
        assert data[start : start + 1_500] == whole[start : start + 1_500]


def test_50_megabytes_take_no_memory() -> None:
    """Fifty megabytes of messages leave the memory as it was, but for the references that must not occur twice."""
    assert in_a_process_of_its_own(50) < 30


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_gigabyte_in_bounded_memory() -> None:
    """A gigabyte grows the process by less than 300 MB."""
    assert in_a_process_of_its_own(1_000) < 300
