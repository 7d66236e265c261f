"""Group commit: writers of one process that come at the same time share a transaction, and one wait for the disk.

Each writer works alone, one after the other, behind a savepoint: what fails is undone by itself. Whoever comes to its
end while others wait leaves the transaction to the next one; whoever is last, or finds that the first has waited for
long enough, commits for all. Each returns only when what it wrote is committed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from edigw.store.errors import StoreBusy, TransactionLost
from edigw.store.savepoint import savepoint

MOST = 64  # writers in one transaction
LONGEST = 0.05  # seconds until no further writer may join
LOOK = 0.05  # seconds after which a writer that waits looks itself whether somebody is left to commit


class _Shared:
    """One transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.begun = time.monotonic()
        self.members = 0
        self.error: BaseException | None = None
        self.ended = threading.Event()


class _Turn:
    """Who may write: one at a time, in the order in which they came, but for those in a hurry, who go first."""

    def __init__(self) -> None:
        lock = threading.Lock()
        self._free = {hurry: threading.Condition(lock) for hurry in (True, False)}
        self._hurrying = 0
        self._taken = False

    def acquire(self, wait: float, *, hurry: bool = False) -> bool:
        """False if it did not come within `wait` seconds."""
        with self._free[hurry]:
            self._hurrying += hurry
            try:
                if not self._free[hurry].wait_for(lambda: not self._taken and (hurry or not self._hurrying), wait):
                    return False
            finally:
                self._hurrying -= hurry
            self._taken = True
            return True

    def release(self) -> None:
        with self._free[False]:
            self._taken = False
            self._free[bool(self._hurrying)].notify()


class GroupCommit:
    """The writers of one process. `begin` opens a connection in a write transaction; both end with the group."""

    def __init__(self, begin: Callable[[], Connection]) -> None:
        self._begin = begin
        self._turn = _Turn()
        self._count = threading.Lock()
        self._waiting = 0
        self._open: _Shared | None = None  # belongs to whoever has the turn

    @contextmanager
    def write(self, wait: float, *, alone: bool = False, hurry: bool = False) -> Iterator[Connection]:
        """A turn at writing: committed when the block has ended, undone when it raises. `alone` shares with nobody: it
        sees just what is committed; `hurry` goes before others. Raises what the database raises, and StoreBusy after
        `wait` seconds in the queue.
        """
        self._take_turn(wait, hurry)
        try:
            if alone:
                self._commit()
            shared = self._open = self._open or _Shared(self._begin())
        except BaseException:
            self._turn.release()
            raise
        try:
            with savepoint(shared.connection, "writer"):
                yield shared.connection
        except BaseException as error:
            if isinstance(error, TransactionLost):
                shared.error = error  # for everybody in it
            self._pass_on(shared, alone)
            raise
        shared.members += 1
        self._pass_on(shared, alone)
        self._await(shared)
        if shared.error is not None:
            raise shared.error

    def _take_turn(self, wait: float, hurry: bool) -> None:
        with self._count:
            self._waiting += 1
        try:
            if not self._turn.acquire(wait, hurry=hurry):
                raise StoreBusy(f"other threads kept writing for {wait:g} seconds")
        finally:
            with self._count:
                self._waiting -= 1

    def _pass_on(self, shared: _Shared, alone: bool) -> None:
        """Commit, or leave that to the next one."""
        late = shared.members >= MOST or time.monotonic() - shared.begun > LONGEST
        try:
            if alone or late or shared.error is not None or not self._waiting:
                self._commit()
        finally:
            self._turn.release()

    def _await(self, shared: _Shared) -> None:
        """Until somebody has committed. The one it was left to may have given up in the queue."""
        while not shared.ended.wait(LOOK):
            if self._turn.acquire(0):
                try:
                    if self._open is shared:
                        self._commit()
                finally:
                    self._turn.release()

    def _commit(self) -> None:
        """End the open transaction, if there is one; what goes wrong is for its members to raise."""
        shared, self._open = self._open, None
        if shared is None:
            return
        try:
            if shared.members and shared.error is None:
                shared.connection.commit()
        except BaseException as error:
            shared.error = error
        finally:
            with suppress(SQLAlchemyError):
                if shared.error is not None:
                    shared.connection.invalidate()  # nobody knows in which state it is
                shared.connection.close()  # rolls back what was not committed
            shared.ended.set()
