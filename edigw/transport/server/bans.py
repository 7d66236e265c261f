"""Addresses that try to guess their way in are shut out for a while.

A connection that ends without a login costs its address points: 1 for each wrong key, 2 for an unknown user,
3 for a limit hit. Enough points within the window ban it; each further ban lasts half as long again.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

WRONG_KEY, UNKNOWN_USER, LIMIT_HIT = 1, 2, 3
GROWTH = 1.5
MAX_BAN = 24 * 3600.0
MAX_ADDRESSES = 10_000
Network = IPv4Network | IPv6Network


@dataclass(slots=True)
class _Record:
    marks: deque[tuple[float, int]] = field(default_factory=deque)  # time, points
    until: float = 0.0
    length: float = 0.0


class Bans:
    """Points and bans by address (IPv6: by /64). Times are seconds of one monotonic clock."""

    def __init__(self, points: int, window: float, length: float, safe: Sequence[Network] = ()) -> None:
        self._points = points
        self._window = window
        self._length = length
        self._safe = tuple(safe)
        self._records: dict[str, _Record] = {}

    def banned(self, address: str, now: float) -> bool:
        """Whether this address is shut out."""
        record = self._records.get(self._key(address))
        return record is not None and now < record.until

    def add(self, address: str, points: int, now: float) -> bool:
        """Charge an address; whether that banned it."""
        if points <= 0 or any(ip_address(address) in network for network in self._safe):
            return False
        if len(self._records) >= MAX_ADDRESSES:
            self._forget(now)
        record = self._records.setdefault(self._key(address), _Record())
        record.marks.append((now, points))
        while record.marks[0][0] <= now - self._window:
            record.marks.popleft()
        if sum(cost for _, cost in record.marks) < self._points:
            return False
        record.length = min(record.length * GROWTH, MAX_BAN) if record.length else self._length
        record.until = now + record.length
        record.marks.clear()
        return True

    def _forget(self, now: float) -> None:
        """Drop what no longer matters; if an attacker has too many addresses, drop the oldest half."""
        kept = [item for item in self._records.items() if now < self._matters_until(item[1])]
        self._records = dict(kept if len(kept) < MAX_ADDRESSES else kept[MAX_ADDRESSES // 2 :])

    def _matters_until(self, record: _Record) -> float:
        last = record.marks[-1][0] if record.marks else 0.0
        return max(record.until, last) + self._window

    @staticmethod
    def _key(address: str) -> str:
        parsed = ip_address(address)
        return str(IPv6Network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
