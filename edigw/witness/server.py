"""The HTTP server of a witness: two small requests, each bounded in size and, from its first byte on, in time.

Anybody may talk to it, so it has bounds where servers for applications leave that to a proxy: a client that sends its
header letter by letter is cut off as well.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

import h11

from edigw.log.anchors.witness import REQUEST_LIMIT
from edigw.log.errors import LogError
from edigw.witness.judge import Answer, Judge

_logger = logging.getLogger("edigw.witness")
CONNECTIONS = 64
SECONDS = 15.0  # for a request and its answer, also for a connection to say anything
HEAD_LIMIT = 16 << 10
_CHUNK = 16 << 10
_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")


@dataclass
class _Request:
    method: str = ""
    target: str = ""
    body: bytearray = field(default_factory=bytearray)


class Server:
    """Answers for a judge. `start` and `stop` belong to one event loop."""

    def __init__(self, judge: Judge, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._judge = judge
        self._address = host, port
        self._tls = tls
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listens; the port. Raises OSError."""
        self._server = await asyncio.start_server(self._connected, *self._address, ssl=self._tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Closes everything."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= CONNECTIONS:
            writer.close()
            return
        self._open.add(writer)
        try:
            http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)
            while await asyncio.wait_for(self._exchange(http, reader, writer), SECONDS):
                http.start_next_cycle()
        except (TimeoutError, OSError, h11.ProtocolError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _exchange(self, http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether another one may follow."""
        shown = True
        try:
            request = await _read(http, reader, writer)
            if request is None:
                return False
            answer, shown = await self._answer(request), request.method != "HEAD"
        except h11.RemoteProtocolError as error:
            answer = Answer(error.error_status_hint, f"{error}\n")
        if http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return False
        data = answer.body.encode()
        head = [("Content-Type", answer.type), ("Content-Length", str(len(data)))]
        body = [h11.Data(data=data)] if shown else []
        for event in (h11.Response(status_code=answer.status, headers=head), *body, h11.EndOfMessage()):
            writer.write(http.send(event) or b"")
        await writer.drain()
        return {http.our_state, http.their_state} == {h11.DONE}

    async def _answer(self, request: _Request) -> Answer:
        call: Callable[[], Answer]
        shown = _CHECKPOINT.fullmatch(request.target)
        if request.target == "/add-checkpoint":
            wanted, call = "POST", lambda: self._judge.add_checkpoint(bytes(request.body))
        elif shown:
            wanted, call = "GET", lambda: self._judge.checkpoint(shown[1])
        else:
            return Answer(404, "there is nothing here\n")
        if request.method != wanted:
            return Answer(405, f"{wanted} is what goes here\n")
        try:
            return await asyncio.to_thread(call)
        except LogError as error:
            _logger.error("%s", error)
            return Answer(503, "the witness is in trouble\n")


async def _read(http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Request | None:
    """A request; None if the client has gone. Raises RemoteProtocolError for what is none, or too large."""
    request = _Request()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            if http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                writer.write(http.send(go_on) or b"")
            http.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            request.method, request.target = event.method.decode(), event.target.decode()
        elif isinstance(event, h11.Data):
            request.body += event.data
            if len(request.body) > REQUEST_LIMIT:
                raise h11.RemoteProtocolError("the request is too long", error_status_hint=413)
        elif isinstance(event, h11.EndOfMessage):
            return request
        else:
            return None


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """What is needed to answer by HTTPS. Raises OSError, ssl.SSLError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
