"""Who the peer really is: the PROXY protocol header of a load balancer in front (HAProxy specification,
versions 1 and 2).
"""

import asyncio
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from edigw.transport.ports import Network
from edigw.transport.server.bans import in_networks

HEADER_TIME = 3.0  # seconds
SIGNATURE_2 = b"\r\n\r\n\0\r\nQUIT\n"
MAX_LINE_1 = 107  # bytes, CRLF included (2.1)
MAX_BODY_2 = 1024  # addresses and extensions (2.2)
LOCAL, PROXY = 0x20, 0x21
TCP4, TCP6 = 0x11, 0x21


class ProxyProblem(Exception):
    """There is no usable header: the connection has to be closed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a connection comes from; behind a proxy, where the proxy says it comes from."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


async def read_proxy_header(sock: socket.socket, peer: Peer, proxies: Sequence[Network]) -> Peer:
    """The real peer: `peer` itself unless it is one of the proxies, which must send a header in 3 seconds.

    Raises ProxyProblem (also for a proxy's own health check), OSError, TimeoutError.
    """
    if not in_networks(peer.address, proxies):
        return peer
    async with asyncio.timeout(HEADER_TIME):
        start = await _exactly(sock, len(SIGNATURE_2))
        if start == SIGNATURE_2:
            return await _version_2(sock)
        if start.startswith(b"PROXY "):
            return await _version_1(sock, start)
    raise ProxyProblem("the proxy sent no PROXY header")


async def _version_1(sock: socket.socket, line: bytes) -> Peer:
    while not line.endswith(b"\r\n"):
        if len(line) >= MAX_LINE_1:
            raise ProxyProblem("the PROXY header is too long")
        line += await _exactly(sock, 1)
    fields = line.decode("ascii", "replace").split()
    if len(fields) != 6 or fields[1] not in ("TCP4", "TCP6"):
        raise ProxyProblem("the PROXY header names no TCP peer")
    try:
        return Peer(str(ip_address(fields[2])), int(fields[4]))
    except ValueError as error:
        raise ProxyProblem(f"the PROXY header is malformed: {error}") from error


async def _version_2(sock: socket.socket) -> Peer:
    command, family, length = struct.unpack(">BBH", await _exactly(sock, 4))
    if length > MAX_BODY_2:
        raise ProxyProblem("the PROXY header is too long")
    body = await _exactly(sock, length)
    if command == LOCAL:
        raise ProxyProblem("a health check of the proxy")
    if command == PROXY and family == TCP4 and length >= 12:
        return Peer(socket.inet_ntop(socket.AF_INET, body[:4]), int.from_bytes(body[8:10], "big"))
    if command == PROXY and family == TCP6 and length >= 36:
        return Peer(socket.inet_ntop(socket.AF_INET6, body[:16]), int.from_bytes(body[32:34], "big"))
    raise ProxyProblem("the PROXY header names no TCP peer")


async def _exactly(sock: socket.socket, size: int) -> bytes:
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < size:
        part = await loop.sock_recv(sock, size - len(data))
        if not part:
            raise ProxyProblem("the proxy closed the connection")
        data += part
    return data
