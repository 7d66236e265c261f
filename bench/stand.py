"""What the benches of the gateway share: files to send, and what processes cost."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from edigw.admin.demo.stage import sample

TICKS = os.sysconf("SC_CLK_TCK")


def order(number: int) -> bytes:
    """An interchange with one order of its own number (from 1 to 9,999,999)."""
    text = sample("orders_text.edi")
    return text.replace(b"NW0004714", b"NW%07d" % number).replace(b"NW-4714", b"NW-%07d" % number)


def interchange(reference: int, numbers: range) -> bytes:
    """An interchange with orders of these numbers."""
    text = order(reference)
    start, end = text.index(b"UNH+1+"), text.index(b"UNZ+1+")
    own, one = b"NW-%07d" % reference, text[start:end]
    written = []
    for position, number in enumerate(numbers, 1):
        message = one.replace(b"UNH+1+", b"UNH+%d+" % position).replace(b"UNT+33+1'", b"UNT+33+%d'" % position)
        written.append(message.replace(own, b"NW-%07d" % number))
    return text[:start] + b"".join(written) + text[end:].replace(b"UNZ+1+", b"UNZ+%d+" % len(numbers))


def memory(pid: int) -> int:
    """Bytes of memory that a process holds (proc(5), field 2 of statm)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def handles(pid: int) -> int:
    """Open files, sockets and pipes of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def cpu(pid: int) -> float:
    """User and system seconds of a process so far (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pace() -> float:
    """CPU milliseconds that a fixed piece of work takes just now. Where other work shares the cores, CPU time itself
    becomes dearer: figures of two runs can be compared by what this was in each."""
    before = time.process_time()
    for _ in range(20):
        text = json.dumps([{"number": number, "text": str(number)} for number in range(300)])
        for piece in text.split("}"):
            hashlib.sha256(piece.encode()).hexdigest()
    return 1000 * (time.process_time() - before)


def machine() -> str:
    """How busy the machine is, which says how much the figures are worth."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, pace {pace():.0f} ms"
