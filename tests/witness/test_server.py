"""The witness's HTTP server: what it answers, and that no client can use it up."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log.anchors.witness import origin_hash
from edigw.log.keys import WitnessKey
from edigw.witness import server
from edigw.witness.judge import Judge
from edigw.witness.server import Server
from edigw.witness.state import State

from .tree import KEY, ORIGIN, Growing

WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.generate())
LOG = Growing()


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of a server that waits for half a second and talks to four clients at once."""
    monkeypatch.setattr(server, "SECONDS", 0.5)
    monkeypatch.setattr(server, "CONNECTIONS", 4)
    loop = asyncio.new_event_loop()
    made = Server(Judge(WITNESS, {ORIGIN: (KEY.verifier,)}, State(tmp_path / "witness.db")), "127.0.0.1", 0)
    port = loop.run_until_complete(made.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield port
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def test_one_connection_carries_many_requests(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.post("/add-checkpoint", content=LOG.request(0, 5)).status_code == 200
        refused = client.post("/add-checkpoint", content=LOG.request(0, 9))
        assert (refused.status_code, refused.text) == (409, "5\n")
        assert refused.headers["content-type"] == "text/x.tlog.size"
        shown = client.get(f"/{origin_hash(ORIGIN)}/checkpoint")
        assert shown.text.startswith(LOG.note(5))
        assert client.get("/").status_code == 404
        assert client.get("/add-checkpoint").status_code == client.head("/add-checkpoint").status_code == 405
        assert client.post(f"/{origin_hash(ORIGIN)}/checkpoint").status_code == 405


def raw(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What comes back before the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass
        answer = b""
        try:
            while piece := connection.recv(1 << 16):
                answer += piece
        except ConnectionError:
            pass
        return answer


def test_what_is_no_http_or_too_large_is_refused(port: int) -> None:
    assert raw(port, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert raw(port, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 40_000).startswith(b"HTTP/1.1 431")
    head = b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n"
    assert raw(port, head + b"x" * 200_000).startswith(b"HTTP/1.1 413")
    waiting = b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    assert raw(port, waiting).startswith(b"HTTP/1.1 100")


def test_a_client_that_is_slow_or_silent_is_cut_off(port: int) -> None:
    begun = time.monotonic()
    assert raw(port) == b""
    assert raw(port, *[b"GET / HT", b"TP/1.1\r\n", *[b"X: y\r\n"] * 6], pause=0.1) == b""
    assert time.monotonic() - begun < 4


def test_clients_beyond_the_limit_are_turned_away_and_the_others_served(port: int) -> None:
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
    try:
        assert raw(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == b""
    finally:
        for connection in idle:
            connection.close()
    deadline = time.monotonic() + 5
    while not raw(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 404"):
        assert time.monotonic() < deadline
