"""A running gateway: its parts, opened from a configuration, and the roles that a process plays.

Roles can run in one process or apart, on one database: `sftp` (the server that partners log in to), `worker`
(processing, delivery, the log's integrator) and `console` (pages for people, which a layer above serves).
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from edigw.gateway import queue
from edigw.gateway.context import Context, Current, open_keyring
from edigw.gateway.incoming.collect import Collector
from edigw.gateway.mailboxes.frontdoor import SftpServers
from edigw.gateway.upkeep.anchoring import keep_anchored
from edigw.gateway.upkeep.housekeeping import keep_house
from edigw.gateway.upkeep.maps import ENGINE
from edigw.gateway.upkeep.reload import Reloader
from edigw.gateway.worker import DELIVERING, PROCESSING, Integrator, Worker
from edigw.log.errors import LogError
from edigw.log.eventlog import EventLog, new_xid
from edigw.log.keys import load_key, load_previous, load_verifiers
from edigw.partners.config import Config
from edigw.store.clock import utc_now
from edigw.store.database import Database
from edigw.store.errors import StoreError
from edigw.store.payloads import Payloads

_logger = logging.getLogger("edigw.gateway")
ROLES = ("sftp", "worker", "console")
HOUSEKEEPING = 600.0  # seconds
GARBAGE = 60.0  # seconds between two searches for cycles of objects that nobody holds
WATCH = 1.0  # seconds between two looks at the files of the configuration
DRAIN = 10.0  # seconds that sessions and jobs get to end


def open_context(config: Config, held: Mapping[str, str] | None = None, *, sign: bool = True) -> Context:
    """Open database, payloads and log of a configuration, creating what is missing; the log with its keys to `sign`,
    or just to append to.

    `held` are checkpoints that others have, by a name for each: the log must have grown from them. Raises StoreError,
    LogError or OpenPgpKeyError, each with a text for people."""
    database = Database(config.database_url)
    database.migrate()
    payloads = Payloads(config.payload_folder, database)
    origin = config.log.origin
    key_file = config.log.key_file
    log = EventLog.open(
        database,
        payloads,
        origin,
        key=load_key(key_file, origin) if sign else None,
        previous=load_previous(key_file, origin, utc_now().date()) if sign else (),
        keys=load_verifiers(key_file.with_suffix(".vkey")),
        highwater=config.log.highwater_file,
        held=held,
    )
    return Context(config, database, payloads, log, openpgp=open_keyring(config))


class Gateway:
    """The roles of one process, all of them or some. `start` and `stop` belong to one event loop."""

    def __init__(self, context: Context, roles: Collection[str] = ROLES, port: int | None = None) -> None:
        """`port` is where its SFTP server listens; by default where the configuration says."""
        self._current = Current(context)
        self._reloader = Reloader(self._current)
        self._reloading = asyncio.Lock()
        self._roles = roles
        self._port = port
        self._xid = new_xid()
        self._threads: list[Worker | Integrator | Collector] = []
        self._servers: SftpServers | None = None
        self._housekeeping: list[asyncio.Task[None]] = []

    @property
    def context(self) -> Context:
        """What counts now."""
        return self._current.context

    @property
    def current(self) -> Current:
        """What counts now, for those who serve it to people."""
        return self._current

    @property
    def port(self) -> int | None:
        """The port of the SFTP server; None where this process has none."""
        return self._servers.port if self._servers else None

    async def start(self) -> None:
        """Start every role. When it returns, partners can log in. Raises StoreError, LogError; OSError if the port is
        taken."""
        self._reloader.begin()
        self._tell("log.opened")
        with self.context.database.write() as conn:
            released = queue.release_dead(conn)
        if released:
            _logger.warning("took back %d jobs of a process that ended before they were done", released)
        if "worker" in self._roles:
            self._threads = _threads(self._current)
            for thread in self._threads:
                thread.start()
            self._housekeeping.append(asyncio.create_task(_keep_house(self._current)))
            anchors = keep_anchored(self.context.log, self.context.config.log, self.context.wake)
            self._housekeeping.append(asyncio.create_task(anchors))
        if "sftp" in self._roles:
            self._servers = SftpServers(self._current, self._port)
            await self._servers.start()
            self._housekeeping.append(asyncio.create_task(_expire(self._servers)))
        self._housekeeping.append(asyncio.create_task(self._watch()))
        self._housekeeping.append(asyncio.create_task(_collect_garbage()))

    async def reload(self, *, at_once: bool = True) -> None:
        """Read the configuration again; with `at_once` also if its files seem to be as they were. Mistakes are told in
        this process's log, and everything stays as it was."""
        async with self._reloading:
            changed = await asyncio.to_thread(self._reloader.look, at_once=at_once)
        if changed and self._servers is not None:
            await self._servers.recheck()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH)
            try:
                await self.reload(at_once=False)
            except Exception:  # whatever it was, the files can still be put right
                _logger.exception("the files of the configuration can't be looked at")

    def trouble(self) -> str:
        """Why this process has to end; "" as long as all is well. An SFTP server whose log was rolled back must not
        go on saying "accepted"."""
        if not self.context.wake.trouble:
            try:
                self.context.log.check_mark()
            except LogError as error:
                self.context.wake.give_up(f"the log can't go on: {error}")
            except StoreError:  # the database is away: the workers say so, and wait until it is back
                pass
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        return self.context.wake.trouble or (f"threads ended: {', '.join(dead)}" if dead else "")

    async def stop(self) -> None:
        """Let sessions and jobs at hand end, then stop. What is left is found in the database at the next start."""
        for task in self._housekeeping:
            task.cancel()
        if self._servers is not None:
            await self._servers.stop(DRAIN)
        await self._end([thread for thread in self._threads if not isinstance(thread, Integrator)])
        try:
            self._tell("log.closed")
        except (StoreError, LogError) as error:
            _logger.warning("the end of this process can't be put into the log: %s", error)
        await self._end([thread for thread in self._threads if isinstance(thread, Integrator)])
        self.context.database.close()

    async def _end(self, threads: Sequence[Worker | Integrator | Collector]) -> None:
        for thread in threads:
            thread.stop()
        for thread in threads:
            await asyncio.to_thread(thread.join, DRAIN)

    def _tell(self, type: str) -> None:
        """Log, in an exchange of its own, that this process begins or ends."""
        context, facts = self.context, {"roles": sorted(self._roles), "engine": ENGINE}
        with context.database.write() as conn:
            context.log.append(
                conn,
                type=type,
                xid=self._xid,
                actor="gateway",
                detail={**facts, "configuration": context.config.digest},
            )
        context.wake.set("log")


def _threads(current: Current) -> list[Worker | Integrator | Collector]:
    count = current.context.config.worker.threads
    small, large = PROCESSING
    small = replace(small, share=max(1, count - 1))
    processing = [Worker(current, f"process-{n}", small) for n in range(count)]
    to_small, of_large, to_large = DELIVERING
    delivering = [Worker(current, f"deliver-{n}", to_small) for n in range(2 * count)]
    delivering += [Worker(current, f"deliver-large-{n}", to_large) for n in range(2)]
    delivering.append(Worker(current, "deliver-slices", of_large))
    processing.append(Worker(current, "process-large", large))
    return [Integrator(current), *processing, *delivering, Collector(current)]


async def _collect_garbage() -> None:
    """Reading files puts what there is into the oldest generation (`edigw.syntax.memory`), past the counts by which the
    collector itself would look there."""
    while True:
        await asyncio.sleep(GARBAGE)
        gc.collect()


async def _keep_house(current: Current) -> None:
    while True:
        await asyncio.to_thread(keep_house, current.context)
        await asyncio.sleep(HOUSEKEEPING)


async def _expire(servers: SftpServers) -> None:
    """Delete uploads that were never finished, and end sessions whose time is over, now and then."""
    while True:
        await servers.expire()
        await servers.recheck()
        await asyncio.sleep(HOUSEKEEPING)
