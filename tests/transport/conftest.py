"""Fixtures of the transport tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sftp_world import Loop, World, make_world


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """One event loop in a thread for all servers of the run."""
    running = Loop()
    yield running
    running.close()


@pytest.fixture
def world(tmp_path: Path, loop: Loop) -> Iterator[World]:
    """A server that is not started yet: the test may set limits first."""
    made = make_world(tmp_path, loop)
    yield made
    made.stop(drain=0)


@pytest.fixture
def server(world: World) -> World:
    """A running server with the usual limits."""
    return world.start()
