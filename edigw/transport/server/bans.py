"""Addresses that try to guess their way in are shut out for a while.

A connection that ends without a login costs its address points: 1 for each wrong key or password, 2 for an unknown
user, 3 for a limit hit. Enough points within the window ban it; each further ban lasts half as long again.

`BanList` is what the server asks. `MemoryBans` keeps the scores of one process; where several front ends share them,
the gateway keeps them elsewhere, by the same rules (`BanRules`, `Score`).
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Protocol

from edigw.transport.ports import Network

WRONG_CREDENTIAL, UNKNOWN_USER, LIMIT_HIT = 1, 2, 3
GROWTH = 1.5
MAX_BAN = 24 * 3600.0
MAX_ADDRESSES = 10_000


class BanList(Protocol):
    """Who is shut out. Called from worker threads: the methods may block."""

    def banned(self, address: str) -> bool:
        """Whether this IP address is shut out now."""

    def charge(self, address: str, points: int) -> bool:
        """Charge an address; whether that shut it out."""


@dataclass(frozen=True, slots=True)
class Score:
    """What is held against one address. Times are seconds since the epoch."""

    marks: tuple[tuple[float, int], ...] = ()  # when, and how many points; oldest first
    until: float = 0.0  # shut out until then
    length: float = 0.0  # of the last ban, in seconds


@dataclass(frozen=True, slots=True)
class BanRules:
    """How many points within how many seconds ban for how long, and whom never."""

    points: int
    window: float
    length: float
    safe: tuple[Network, ...] = ()

    def spares(self, address: str, points: int) -> bool:
        """Whether these points are not held against the address."""
        return points <= 0 or in_networks(address, self.safe)

    def charged(self, score: Score, points: int, now: float) -> tuple[Score, bool]:
        """The score with these points, and whether they ban the address."""
        marks = (*(mark for mark in score.marks if mark[0] > now - self.window), (now, points))
        if sum(cost for _, cost in marks) < self.points:
            return Score(marks, score.until, score.length), False
        length = min(score.length * GROWTH, MAX_BAN) if score.length else self.length
        return Score((), now + length, length), True

    def matters_until(self, score: Score) -> float:
        """When the score can be forgotten: a ban that comes back within the window grows."""
        last = score.marks[-1][0] if score.marks else 0.0
        return max(score.until, last) + self.window


def network_of(address: str) -> str:
    """By what an address is charged: itself, or for IPv6 its /64, of which one host has as many as it likes."""
    parsed = ip_address(address)
    return str(IPv6Network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


class MemoryBans:
    """The scores of one process: a `BanList`."""

    def __init__(self, rules: BanRules) -> None:
        self._rules = rules
        self._scores: dict[str, Score] = {}
        self._lock = threading.Lock()

    def banned(self, address: str, now: float | None = None) -> bool:
        score = self._scores.get(network_of(address))
        return score is not None and (time.time() if now is None else now) < score.until

    def charge(self, address: str, points: int, now: float | None = None) -> bool:
        if self._rules.spares(address, points):
            return False
        now = time.time() if now is None else now
        with self._lock:
            if len(self._scores) >= MAX_ADDRESSES:
                self._forget(now)
            key = network_of(address)
            self._scores[key], banned = self._rules.charged(self._scores.get(key, Score()), points, now)
        return banned

    def _forget(self, now: float) -> None:
        """Drop what no longer matters; if an attacker has too many addresses, drop the oldest half."""
        kept = [item for item in self._scores.items() if now < self._rules.matters_until(item[1])]
        self._scores = dict(kept if len(kept) < MAX_ADDRESSES else kept[MAX_ADDRESSES // 2 :])


def in_networks(address: str, networks: Sequence[Network]) -> bool:
    """Whether an IP address lies in one of these networks."""
    return any(ip_address(address) in network for network in networks)
