"""The SFTP server as a whole: listening, admitting, draining."""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh

from edigw.transport.algorithms import MODERN, Algorithms
from edigw.transport.ports import Accounts, Homes, Network, Session
from edigw.transport.server.admission import Admission, NoSeats, Seats
from edigw.transport.server.bans import BanList, BanRules, MemoryBans, in_networks
from edigw.transport.server.connection import Connection
from edigw.transport.server.desk import Denial, Desk, logger
from edigw.transport.server.limits import Limits
from edigw.transport.server.paths import unstaged
from edigw.transport.server.proxy import Peer, ProxyProblem, read_proxy_header
from edigw.transport.server.staging import Staging, TempFile

BACKLOG = 512
DRAIN_STEP = 0.05  # seconds
CLOSING = "the server is shutting down"
WITHDRAWN = "this login is not valid any more"


class SftpServer:
    """The partner-facing SFTP server. `start`, `stop` and `expire` belong to one event loop.

    `host_keys` are loaded keys (`edigw.transport.keys.load_host_keys`), at most one of each algorithm.
    `staging` is a folder of this server for unfinished uploads, on the payload store's file system if that is
    to hard-link from it; several processes may share it. `bans` and `seats` may be shared with other servers; by
    default they are this one's own. Connections from `proxies` must begin with a PROXY protocol header that names the
    real peer.
    Peers in `deny`, and where `allow` is given those outside of it, are turned away. `passwords` says whether
    users may log in with one. `on_denial` hears, in a worker thread, of logins that failed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        host_keys: Sequence[asyncssh.SSHKey],
        accounts: Accounts,
        homes: Homes,
        staging: Path,
        limits: Limits | None = None,
        *,
        algorithms: Algorithms = MODERN,
        passwords: bool = False,
        bans: BanList | None = None,
        seats: Seats | None = None,
        allow: Sequence[Network] = (),
        deny: Sequence[Network] = (),
        proxies: Sequence[Network] = (),
        reuse_port: bool = False,
        on_denial: Callable[[Denial], None] | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._host_keys = tuple(host_keys)
        self._limits = limits or Limits()
        self._allow = tuple(allow)
        self._deny = tuple(deny)
        self._proxies = tuple(proxies)
        self._reuse_port = reuse_port
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._serving: dict[asyncio.Task[None], Connection | None] = {}
        self._desk = Desk(
            accounts=accounts,
            homes=homes,
            staging=Staging(staging, self._limits),
            spool_folder=str(staging),
            limits=self._limits,
            algorithms=algorithms,
            bans=bans or MemoryBans(ban_rules(self._limits)),
            admission=Admission(self._limits),
            seats=seats or NoSeats(),
            executor=ThreadPoolExecutor(self._limits.workers, thread_name_prefix="sftp"),
            passwords=passwords,
            on_denial=on_denial,
        )

    @property
    def port(self) -> int:
        """The port that the server listens on; the one it was given until it has started."""
        return int(self._socket.getsockname()[1]) if self._socket else self._port

    async def start(self) -> None:
        """Clean the staging folder and begin to accept connections.

        Raises OSError if the address is taken.
        """
        swept = await self._desk.run(self._desk.staging.sweep)
        if swept:
            logger.info("%d unfinished uploads of an earlier run were deleted", swept)
        self._options = await self._make_options()
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.create_server(
            (self._host, self._port),
            family=family,
            backlog=BACKLOG,
            reuse_port=self._reuse_port,
            dualstack_ipv6=self._host == "::",
        )
        self._socket.setblocking(False)
        self._accepting = asyncio.create_task(self._accept(self._socket))

    async def stop(self, drain: float = 10.0) -> None:
        """Stop accepting, let open files finish for up to `drain` seconds, then end every connection.

        Uploads still open then are aborted; when this returns, all calls to the ports have returned.
        """
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        if self._socket is not None:
            self._socket.close()
        deadline = time.monotonic() + drain
        while self._serving:
            over = time.monotonic() >= deadline
            for task, connection in list(self._serving.items()):
                if connection is None or not connection.logged_in:
                    task.cancel()
                elif over or not connection.busy:
                    connection.close(CLOSING)
            await asyncio.wait(list(self._serving), timeout=DRAIN_STEP)
        await self._desk.settle()
        await asyncio.to_thread(self._desk.executor.shutdown, wait=True)

    async def recheck(self) -> int:
        """End the connections of users who could not log in any more as they did, because they are gone, or their key
        or password is another one; how many."""
        ended = 0
        for connection in list(self._serving.values()):
            if connection is not None and connection.logged_in and not await connection.entitled():
                connection.close(WITHDRAWN)
                ended += 1
        return ended

    async def expire(self, now: float | None = None) -> int:
        """Delete temp names not written for `Limits.temp_lifetime` before `now` (Unix time); how many."""
        before = (time.time() if now is None else now) - self._limits.temp_lifetime
        expired = await self._desk.run(self._desk.staging.expire, before)
        for file in expired:
            await self._desk.run(self._record_expiry, file)
        return len(expired)

    def _record_expiry(self, file: TempFile) -> None:
        session = Session("", "", file.partner, "", "", "", "")
        home = self._desk.homes.home(file.partner)
        home.record(session, "temp_expired", path=str(unstaged(file.name)), size=file.size)

    async def _make_options(self) -> asyncssh.SSHServerConnectionOptions:
        options: asyncssh.SSHServerConnectionOptions = await asyncssh.SSHServerConnectionOptions.construct(
            server_host_keys=self._key_pairs(),
            server_version="edigw",
            kex_algs=list(self._desk.algorithms.key_exchanges),
            encryption_algs=list(self._desk.algorithms.ciphers),
            mac_algs=list(self._desk.algorithms.macs),
            compression_algs=["none"],
            signature_algs=list(self._desk.algorithms.signatures),
            login_timeout=self._limits.login_grace,
            keepalive_interval=self._limits.keepalive_interval,
            keepalive_count_max=self._limits.keepalive_misses,
            allow_pty=False,
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
            gss_host=None,
        )
        return options

    def _key_pairs(self) -> list[asyncssh.SSHKeyPair]:
        """The host keys for one connection: a pair remembers the algorithm agreed on.

        RSA pairs sign with SHA-2 only, unless this is a port for legacy clients.
        """
        offered = {name.encode("ascii") for name in self._desk.algorithms.signatures}
        pairs = list(asyncssh.load_keypairs(list(self._host_keys)))
        for pair in pairs:
            pair.host_key_algorithms = [name for name in pair.host_key_algorithms if name in offered]
        return pairs

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(listener)
            except OSError as error:  # out of descriptors: wait for connections to end
                logger.error("cannot accept connections: %s", error)
                await asyncio.sleep(1)
                continue
            task = loop.create_task(self._serve(sock, Peer(_plain(address[0]), address[1])))
            self._serving[task] = None
            task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        del self._serving[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a connection failed", exc_info=error)

    async def _serve(self, sock: socket.socket, peer: Peer) -> None:
        admission = self._desk.admission
        try:
            peer = await read_proxy_header(sock, peer, self._proxies)
        except (ProxyProblem, OSError, TimeoutError) as problem:
            logger.debug("%s: %s", peer, problem)
            sock.close()
            return
        if refusal := await self._refusal(peer.address):
            logger.info("%s refused: %s", peer, refusal)
            sock.close()
            return
        connection = Connection(self._desk, peer)
        task = asyncio.current_task()
        if task is not None:
            self._serving[task] = connection
        admission.enter(peer.address)
        try:
            conn = await asyncssh.run_server(
                sock,
                options=self._options,
                server_factory=lambda: connection,
                server_host_keys=self._key_pairs(),
            )
            await conn.wait_closed()
        except (asyncssh.Error, OSError) as error:
            logger.debug("%s: %s", peer, error)
        finally:
            connection.release()

    async def _refusal(self, address: str) -> str | None:
        """Why a connection from this address is turned away, or None."""
        if in_networks(address, self._deny) or (self._allow and not in_networks(address, self._allow)):
            return "this network is not served"
        if await self._desk.run(self._desk.bans.banned, address):
            return "banned"
        return self._desk.admission.refusal(address)


def ban_rules(limits: Limits, safe: Sequence[Network] = ()) -> BanRules:
    """The rules of bans that the limits set. Peers in `safe` are never banned."""
    return BanRules(limits.ban_points, limits.ban_window, limits.ban_time, tuple(safe))


def _plain(address: str) -> str:
    """IPv4 peers of a dual-stack socket as IPv4; no zone."""
    return address.removeprefix("::ffff:").partition("%")[0]
