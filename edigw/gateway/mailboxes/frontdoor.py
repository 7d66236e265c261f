"""The SFTP servers of one process, as the configuration wants them: the usual port, and one for legacy clients."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from pathlib import Path

import msgspec

from edigw.gateway.context import Current
from edigw.gateway.mailboxes.bans import SharedBans
from edigw.gateway.mailboxes.home import DatabaseHomes
from edigw.gateway.mailboxes.seats import SharedSeats
from edigw.gateway.mailboxes.sessions import SessionRecord
from edigw.store.clock import utc_now
from edigw.transport.algorithms import LEGACY, MODERN, Algorithms
from edigw.transport.keys import load_host_keys
from edigw.transport.ports import Account, Network
from edigw.transport.server.limits import Limits
from edigw.transport.server.service import SftpServer, ban_rules

_logger = logging.getLogger("edigw.gateway")
_GATEWAY_S = ("waiting_files", "free_disk_mb")  # limits that the gateway keeps itself


class ConfiguredAccounts:
    """Logins from the partner files: `edigw.transport.ports.Accounts`."""

    def __init__(self, current: Current) -> None:
        self._current = current

    def find(self, user: str) -> Account | None:
        partner = self._current.context.config.by_user(user)
        if partner is None or partner.login is None:
            return None
        login, today = partner.login, utc_now().date()
        return Account(
            partner=partner.code,
            user=user,
            keys=tuple(each.key for each in login.dated_keys if each.counts(today)),
            authorities=login.certificate_authorities,
            principals=login.principals,
            password=login.password_hash,
            networks=networks(login.networks),
            folders=tuple(partner.mailbox.folders),
            temp_suffixes=login.temporary_suffixes,
            marker_suffixes=login.marker_suffixes,
        )


class SftpServers:
    """Both ports, over the same accounts, mailboxes, bans, seats and staging. They belong to one event loop."""

    def __init__(self, current: Current, port: int | None = None) -> None:
        """`port` is the usual one; by default that of the configuration."""
        context = current.context
        settings = context.config.sftp
        named = {k: v for k, v in msgspec.structs.asdict(settings.limits).items() if k not in _GATEWAY_S}
        limits = Limits(file_size=context.config.max_file_size, **named)
        self._seats = SharedSeats(context.database, limits)
        bans = SharedBans(context.database, ban_rules(limits, networks(settings.safe)))
        self._legacy = settings.legacy
        self._sessions = SessionRecord(context.database)

        def server(port: int, host_keys: Sequence[Path], allow: Iterable[str], algorithms: Algorithms) -> SftpServer:
            return SftpServer(
                settings.host,
                port,
                load_host_keys(host_keys),
                ConfiguredAccounts(current),
                DatabaseHomes(current, self._sessions),
                context.config.data / "staging",
                limits,
                algorithms=algorithms,
                passwords=settings.passwords,
                bans=bans,
                seats=self._seats,
                allow=networks(allow),
                deny=networks(settings.deny),
                proxies=networks(settings.proxies),
            )

        self._servers = [server(settings.port if port is None else port, settings.host_keys, settings.allow, MODERN)]
        legacy = self._legacy
        if legacy is not None and utc_now().date() < legacy.until:
            old = server(legacy.port, legacy.host_keys or settings.host_keys, legacy.networks, LEGACY)
            self._servers.append(old)
        elif legacy is not None:
            _logger.warning("the legacy port stays closed: its time ended on %s", legacy.until)

    @property
    def port(self) -> int:
        """The usual port."""
        return self._servers[0].port

    async def start(self) -> None:
        """Begin to accept connections. Raises OSError if an address is taken."""
        self._sessions.start()
        self._seats.start()
        for server in self._servers:
            await server.start()

    async def stop(self, drain: float) -> None:
        """Stop accepting, let open files finish for up to `drain` seconds, then end every connection."""
        for server in reversed(self._servers):
            await server.stop(drain)
        self._seats.stop()
        self._sessions.stop()

    async def recheck(self) -> None:
        """End the sessions of those who could not log in any more as they did."""
        for server in self._servers:
            await server.recheck()

    async def expire(self) -> None:
        """Delete uploads that were never finished; close the legacy port when its time is over."""
        await self._servers[0].expire()
        legacy = self._legacy
        if len(self._servers) > 1 and legacy is not None and utc_now().date() >= legacy.until:
            _logger.warning("the legacy port is closed from now on, as edigw.toml says")
            await self._servers.pop().stop()


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as the configuration writes them."""
    return tuple(ip_network(text) for text in texts)
