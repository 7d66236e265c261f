from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edigw.console.server import ConsoleServer
from edigw.gateway.desk import people

from ..gateway.house import House

PASSWORD = "correct horse battery"
USERS = {
    "anna": ("admin", ""),
    "otto": ("operator", ""),
    "berta": ("auditor", ""),
    "nora": ("partner", "nordwind"),
    "pete": ("partner", "prairie"),
}


class Desk:
    """A gateway with its console on a free port, and people who may log in to it."""

    def __init__(self, house: House) -> None:
        self.house = house
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        house.configure("port = 8480", f'port = {port}\nproxies = ["127.0.0.0/8"]')
        settings = house.context.config.console
        assert settings is not None
        self._server = ConsoleServer(house.current, settings)
        self.url = self._server.url.rstrip("/")
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(20)
        self._clients: dict[str, httpx.Client] = {}
        for name, (role, partner) in USERS.items():
            people.add(house.context.log, name, role, partner, PASSWORD, "admin:root")

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def nobody(self, **headers: str) -> httpx.Client:
        """A browser that is not logged in."""
        return httpx.Client(base_url=self.url, headers=headers, follow_redirects=True, trust_env=False)

    def of(self, name: str) -> httpx.Client:
        """The browser of somebody who is logged in."""
        if name not in self._clients:
            browser = self.nobody()
            told = browser.post("/login", data={"name": name, "password": PASSWORD}, follow_redirects=False)
            assert told.status_code == 303, told.text
            self._clients[name] = browser
        return self._clients[name]

    def token(self, name: str) -> str:
        """What the forms of this person's pages carry."""
        found = re.search(r'name="form_token" value="([0-9a-f]{64})"', self.of(name).get("/account").text)
        assert found is not None
        return found[1]

    def told(self, type: str = "admin.action") -> list[dict[str, object]]:
        """Every event of a type."""
        from edigw.gateway.desk import queries
        from edigw.store.schema import event

        with self.house.context.database.read() as conn:
            return queries.events(conn, self.house.context.payloads, event.c.type == type)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A console on SQLite that the tests of a module share."""
    made = Desk(House(tmp_path_factory.mktemp("desk")))
    yield made
    made.close()


@pytest.fixture
def fresh_desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    """A console of its own on each kind of database."""
    made = Desk(House(tmp_path, database_url))
    yield made
    made.close()
