"""One SSH connection: public-key login, its caps, and the end of it."""

import asyncio
import secrets
import time

import asyncssh
from asyncssh import DISC_BY_APPLICATION, DISC_NO_MORE_AUTH_METHODS_AVAILABLE, DISC_TOO_MANY_CONNECTIONS

from edigw.transport.keys import KeyProblem, public_blob
from edigw.transport.ports import Account, Home, Session
from edigw.transport.server import bans
from edigw.transport.server.algorithms import SIGNATURES
from edigw.transport.server.desk import Desk, logger
from edigw.transport.server.proxy import Peer
from edigw.transport.server.session import SftpChannel

IDLE_CHECK = 30.0  # seconds at most between two looks at an idle connection


class Connection(asyncssh.SSHServer):
    """asyncssh's callbacks for one connection. An unknown user meets the same answers as a wrong key."""

    def __init__(self, desk: Desk, peer: Peer) -> None:
        self._desk = desk
        self._peer = peer
        self._user = ""
        self._account: Account | None = None
        self._keys: frozenset[bytes] = frozenset()
        self._proved: tuple[Account, str] | None = None  # whose key signed last, and its fingerprint
        self._tried: set[bytes] = set()
        self._checks = 0
        self._points = 0
        self._started = time.monotonic()
        self.logged_in = False
        self._joined: str | None = None
        self._channels: set[SftpChannel] = set()
        self._end = ""
        self.handles = 0  # open files and folders
        self.requests = 0  # being answered
        self.refusals = 0
        self.active = time.monotonic()
        self.entered: asyncio.Future[tuple[Session, Account, Home]] | None = None

    # ------------------------------------------------------------ login

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn

    async def begin_auth(self, username: str) -> bool:
        self._count_check()
        account = await self._desk.run(self._desk.accounts.find, username)
        keys = frozenset(self._blobs(account)) if account else frozenset()
        self._user, self._account, self._keys = username, account, keys  # together: requests may be pipelined
        if account is None:
            self._points += bans.UNKNOWN_USER
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return False

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._count_check()
        blob = key.public_data
        if username == self._user and self._account is not None and blob in self._keys:
            self._proved = self._account, key.get_fingerprint()
            # asyncssh verifies with whatever algorithm the signature names, SHA-1 too, unless the key rules it out.
            key.all_sig_algorithms = {name for name in key.all_sig_algorithms if name.decode("ascii") in SIGNATURES}
            return True
        self._tried.add(blob)
        self._points += bans.WRONG_KEY
        if len(self._tried) >= self._desk.limits.failed_attempts:
            self._give_up()
        # paramiko asks for the service again with each key it tries; asyncssh would call that a protocol error.
        self._conn._next_service = b"ssh-userauth"
        return False

    def auth_completed(self) -> None:
        if self._proved is None:
            raise asyncssh.DisconnectError(DISC_BY_APPLICATION, "login without an account")
        account, fingerprint = self._proved
        self.logged_in = True
        self._desk.admission.identified()
        self.active = time.monotonic()
        if not self._desk.admission.join(account.partner):
            reason = "too many connections of this partner"
            self._desk.deny(self._peer.address, self._user, reason, bans.LIMIT_HIT)
            self._conn.disconnect(DISC_TOO_MANY_CONNECTIONS, reason)
            return
        self._joined = account.partner
        self.entered = asyncio.ensure_future(self._enter(account, fingerprint))
        self._watch_idle()

    def _count_check(self) -> None:
        """Bound what costs work: an attempt is a probe and a signature, and names can change in between."""
        self._checks += 1
        if self._checks > 3 * self._desk.limits.failed_attempts:
            self._give_up()

    def _give_up(self) -> None:
        self._points += bans.LIMIT_HIT
        raise asyncssh.DisconnectError(DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "too many failed login attempts")

    def _blobs(self, account: Account) -> list[bytes]:
        blobs = []
        for line in account.keys:
            try:
                blobs.append(public_blob(line))
            except KeyProblem as problem:
                logger.warning("a key of user %s is not usable: %s", account.user, problem)
        return blobs

    async def _enter(self, account: Account, fingerprint: str) -> tuple[Session, Account, Home]:
        session = Session(
            id=secrets.token_hex(8),
            user=account.user,
            partner=account.partner,
            peer=str(self._peer),
            key_fingerprint=fingerprint,
            client_version=str(self._conn.get_extra_info("client_version", "")),
            algorithms=self._algorithms(),
        )
        home = await self._desk.run(self._desk.homes.home, account.partner)
        await self._desk.run(home.record, session, "login")
        return session, account, home

    def _algorithms(self) -> str:
        known = {
            "cipher": self._conn.get_extra_info("recv_cipher"),
            "mac": self._conn.get_extra_info("recv_mac"),
        }
        key = self._conn.get_server_host_key()
        if key is not None:
            known["hostkey"] = key.algorithm.decode("ascii")
        return " ".join(f"{name}={value}" for name, value in known.items() if value)

    # ------------------------------------------------------------ channels

    def session_requested(self) -> "SftpChannel | bool":
        if self.entered is None or len(self._channels) >= self._desk.limits.channels_per_connection:
            return False
        channel = SftpChannel(self, self._desk)
        self._channels.add(channel)
        return channel

    def channel_closed(self, channel: SftpChannel) -> None:
        """A channel has ended, its open files are settled."""
        self._channels.discard(channel)

    def close(self, reason: str) -> None:
        """End the connection in an orderly way; `reason` is sent to the client and recorded."""
        if not self._end:
            self._end = reason
            self._conn.disconnect(DISC_BY_APPLICATION, reason)

    @property
    def busy(self) -> bool:
        """Whether files are open or requests unanswered."""
        return self.handles > 0 or self.requests > 0

    def _watch_idle(self) -> None:
        idle = time.monotonic() - self.active
        if self._end:
            return
        if idle >= self._desk.limits.idle:
            self.close("idle for too long")
            return
        delay = min(IDLE_CHECK, self._desk.limits.idle - idle)
        asyncio.get_running_loop().call_later(delay, self._watch_idle)

    # ------------------------------------------------------------ the end

    def connection_lost(self, exc: Exception | None) -> None:
        self._end = self._end or (str(exc) if exc else "closed by the client")

    def release(self) -> None:
        """Give back what the connection held, and tell the port or the security log that it ended."""
        self._desk.admission.leave(self._peer.address, self._joined)
        if not self.logged_in:
            self._desk.admission.identified()
            if self._points:
                self._desk.deny(self._peer.address, self._user, self._end, self._points)
        if self.entered is not None:
            self._desk.spawn(self._leave(self.entered))

    async def _leave(self, entered: "asyncio.Future[tuple[Session, Account, Home]]") -> None:
        session, _, home = await entered
        await asyncio.gather(*(channel.finished.wait() for channel in list(self._channels)))
        seconds = int(time.monotonic() - self._started)
        await self._desk.run(home.record, session, "logout", reason=self._end, seconds=seconds)
