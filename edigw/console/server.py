"""The console's HTTP server, in the event loop of the process that plays the role."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import uvicorn

from edigw.console.app import application

if TYPE_CHECKING:
    from edigw.gateway.context import Current
    from edigw.partners.tables.console import Console

CONNECTIONS = 256
_KEEP_ALIVE = 15  # seconds that a connection may say nothing
_DRAIN = 5  # seconds that requests get to end


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are for the process that the console is a part of."""
        yield


class ConsoleServer:
    """`start` and `stop` belong to one event loop."""

    def __init__(self, current: Current, settings: Console) -> None:
        self._settings = settings
        self._server = _Uvicorn(
            uvicorn.Config(
                application(current),
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=True,
                lifespan="off",
                ws="none",
                http="h11",
                proxy_headers=bool(settings.proxies),
                forwarded_allow_ips=list(settings.proxies),
                ssl_certfile=settings.certificate,
                ssl_keyfile=settings.certificate_key,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=_DRAIN,
            )
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where people find it."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return f"{'https' if self._settings.certificate else 'http'}://{host}:{self._settings.port}/"

    async def start(self) -> None:
        """Listen. Raises OSError if the address is taken, or a certificate can't be used."""
        found = socket.getaddrinfo(self._settings.host, self._settings.port, type=socket.SOCK_STREAM)
        listening = socket.create_server(found[0][4][:2], family=found[0][0])
        try:
            self._server.config.load()
        except BaseException:
            listening.close()
            raise
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Let requests at hand end."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
