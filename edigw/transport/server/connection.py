"""One SSH connection: its login, its caps, and the end of it."""

import asyncio
import secrets
import time
from typing import TypeAlias

import asyncssh
from asyncssh import DISC_BY_APPLICATION, DISC_TOO_MANY_CONNECTIONS

from edigw.transport.ports import Account, Home, Session
from edigw.transport.server import bans
from edigw.transport.server.desk import Desk
from edigw.transport.server.login import Login, Proof
from edigw.transport.server.proxy import Peer
from edigw.transport.server.session import SftpChannel

IDLE_CHECK = 30.0  # seconds at most between two looks at an idle connection


Entered: TypeAlias = tuple[Session, Account, Home]


class Connection(asyncssh.SSHServer):
    """asyncssh's callbacks for one connection."""

    def __init__(self, desk: Desk, peer: Peer) -> None:
        self._desk = desk
        self._peer = peer
        self._login = Login(desk, peer.address)
        self._started = time.monotonic()
        self.logged_in = False
        self._joined: str | None = None
        self._channels: set[SftpChannel] = set()
        self._end = ""
        self.handles = 0  # open files and folders
        self.requests = 0  # being answered
        self.refusals = 0
        self.active = time.monotonic()
        self.entered: asyncio.Future[Entered | None] | None = None

    # ------------------------------------------------------------ login

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        conn._peer_addr = self._peer.address  # behind a proxy too: certificates may name addresses
        check = conn.validate_public_key

        async def prove(user: str, presented: bytes, message: bytes, signature: bytes) -> bool:
            """asyncssh tells nobody which key or certificate it was that has signed."""
            good = await check(user, presented, message, signature)
            return good and (not message or self._login.prove(user, presented, signature))

        conn.validate_public_key = prove  # type: ignore[method-assign, assignment]

    async def begin_auth(self, username: str) -> bool:
        await self._login.begin(username)
        self._conn.set_authorized_keys(self._login.authorities())
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return self._desk.passwords

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._login.knows(username, key) or self._again()

    async def validate_password(self, username: str, password: str) -> bool:
        return await self._login.password(username, password) or self._again()

    def _again(self) -> bool:
        """Refused, and free to try again: paramiko then asks for the service anew, to asyncssh a protocol error."""
        self._conn._next_service = b"ssh-userauth"
        return False

    def auth_completed(self) -> None:
        proof = self._login.proof
        if proof is None:
            raise asyncssh.DisconnectError(DISC_BY_APPLICATION, "login without an account")
        partner = proof.account.partner
        self.logged_in = True
        self._desk.admission.identified()
        self.active = time.monotonic()
        if not self._desk.admission.join(partner):
            self._turn_away("too many connections of this partner")
            return
        self._joined = partner
        self.entered = asyncio.ensure_future(self._enter(proof))
        self._watch_idle()

    def _turn_away(self, reason: str) -> None:
        self._desk.deny(self._peer.address, self._login.user, reason, bans.LIMIT_HIT)
        self._conn.disconnect(DISC_TOO_MANY_CONNECTIONS, reason)

    async def _enter(self, proof: Proof) -> Entered | None:
        """What the session works with; None if there are too many, here and elsewhere."""
        account = proof.account
        session = Session(
            id=secrets.token_hex(8),
            user=account.user,
            partner=account.partner,
            peer=str(self._peer),
            key_fingerprint=proof.fingerprint,
            client_version=str(self._conn.get_extra_info("client_version", "")),
            algorithms=self._algorithms(),
            method=proof.method,
            certificate=proof.certificate,
        )
        refusal = await self._desk.run(self._desk.seats.take, session.id, session.partner, self._peer.address)
        if refusal:
            self._turn_away(refusal)
            return None
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

    async def entitled(self) -> bool:
        """Whether who is logged in could still do so."""
        return self._login.proof is None or await self._login.still(self._login.proof)

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
            if self._login.points:
                self._desk.deny(self._peer.address, self._login.user, self._end, self._login.points)
        if self.entered is not None:
            self._desk.spawn(self._leave(self.entered))

    async def _leave(self, entered: "asyncio.Future[Entered | None]") -> None:
        found = await entered
        if found is None:
            return
        session, _, home = found
        await asyncio.gather(*(channel.finished.wait() for channel in list(self._channels)))
        await self._desk.run(self._desk.seats.leave, session.id)
        seconds = int(time.monotonic() - self._started)
        await self._desk.run(home.record, session, "logout", reason=self._end, seconds=seconds)
