"""Nothing is lost and nothing sent twice, wherever processes of the gateway are killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Databases
from tests.torture.run import Torture, torture

SERVERS, WORKERS = ("sftp", "sftp"), ("worker", "worker")


def test_several_processes_on_one_postgresql_lose_nothing_when_they_are_killed(
    tmp_path: Path, postgresql_server: str
) -> None:
    databases = Databases("postgresql", tmp_path, postgresql_server)
    url = databases.make()
    try:
        assert torture(tmp_path, Torture(10, 1, (*SERVERS, *WORKERS), url, files=1, receiver=False)) == []
    finally:
        databases.drop(url)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("only", [("",), ("sftp", "worker"), (*SERVERS, *WORKERS)], ids="+".join)
def test_no_kill_loses_a_file_or_sends_it_twice(
    tmp_path: Path, databases: Databases, only: tuple[str, ...], seed: int
) -> None:
    url = databases.make()
    assert torture(tmp_path, Torture(100, seed, only, url)) == []
    databases.drop(url)
