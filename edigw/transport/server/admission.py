"""How many connections an address, a partner and everybody together may hold, here and on all servers together."""

from collections import Counter
from typing import Protocol

from edigw.transport.server.limits import Limits


class Seats(Protocol):
    """The sessions that are open on all servers that share caps. Called from worker threads: the methods may block."""

    def take(self, session: str, partner: str, address: str) -> str:
        """A session has logged in; "" if it may stay, else why not."""

    def leave(self, session: str) -> None:
        """A session that took a seat has ended."""


class NoSeats:
    """`Seats` of a server that stands alone: `Admission` is enough for it."""

    def take(self, session: str, partner: str, address: str) -> str:
        return ""

    def leave(self, session: str) -> None:
        pass


class Admission:
    """Counts open connections. Used from the event loop only."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._addresses: Counter[str] = Counter()
        self._partners: Counter[str] = Counter()
        self._strangers = 0

    def refusal(self, address: str) -> str | None:
        """Why a new connection from this address is turned away, or None."""
        if self._strangers >= self._limits.unauthenticated:
            return "too many connections that have not logged in"
        if self._addresses[address] >= self._limits.connections_per_address:
            return "too many connections from this address"
        return None

    def enter(self, address: str) -> None:
        """A connection begins, not logged in yet."""
        self._addresses[address] += 1
        self._strangers += 1

    def identified(self) -> None:
        """A connection has logged in, or ended without."""
        self._strangers -= 1

    def join(self, partner: str) -> bool:
        """A connection of this partner has logged in; False if it has too many already."""
        if self._partners[partner] >= self._limits.connections_per_partner:
            return False
        self._partners[partner] += 1
        return True

    def leave(self, address: str, partner: str | None) -> None:
        """A connection has ended; `partner` if `join` let it in."""
        _take(self._addresses, address)
        if partner is not None:
            _take(self._partners, partner)


def _take(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
