"""What all connections of one server share."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ParamSpec, TypeVar

from edigw.transport.algorithms import Algorithms
from edigw.transport.ports import Accounts, Homes
from edigw.transport.server.admission import Admission, NoSeats, Seats
from edigw.transport.server.bans import BanList
from edigw.transport.server.limits import Limits
from edigw.transport.server.staging import Staging

P = ParamSpec("P")
T = TypeVar("T")
HASHED_AT_ONCE = 2  # passwords; each takes 64 MiB and half a core for a moment
logger = logging.getLogger("edigw.transport.server")


@dataclass(frozen=True, slots=True)
class Denial:
    """A connection that was not let in, for a security log."""

    address: str
    user: str  # as the peer gave it, "" before it did
    reason: str
    banned: bool  # whether this shut the address out


@dataclass(slots=True)
class Desk:
    """The ports, the limits, and the threads that blocking work runs in."""

    accounts: Accounts
    homes: Homes
    staging: Staging
    spool_folder: str
    limits: Limits
    algorithms: Algorithms
    bans: BanList
    admission: Admission
    executor: ThreadPoolExecutor
    seats: Seats = field(default_factory=NoSeats)
    passwords: bool = False  # whether they are offered as a way to log in
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))
    on_denial: Callable[[Denial], None] | None = None
    _background: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function in a worker thread."""
        return await asyncio.get_running_loop().run_in_executor(self.executor, partial(function, *args, **kwargs))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the connection that asked for it is gone; failures go to the log."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._reap)

    async def settle(self) -> None:
        """Wait for everything that was spawned."""
        while self._background:
            await asyncio.wait(self._background)

    def deny(self, address: str, user: str, reason: str, points: int) -> None:
        """Note that somebody was not let in, and charge the address."""
        self.spawn(self._deny(address, user, reason, points))

    async def _deny(self, address: str, user: str, reason: str, points: int) -> None:
        banned = await self.run(self.bans.charge, address, points)
        logger.info("%s denied, user %r: %s%s", address, user, reason, "; banned" if banned else "")
        if self.on_denial is not None:
            await self.run(self.on_denial, Denial(address, user, reason, banned))

    def _reap(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("background work failed", exc_info=error)
