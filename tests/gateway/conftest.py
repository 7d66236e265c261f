from collections.abc import Iterator
from pathlib import Path

import pytest

from .house import House


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> House:
    """A gateway on each kind of database."""
    return House(tmp_path, database_url)


@pytest.fixture
def small_house(tmp_path: Path) -> House:
    """A gateway on SQLite, for what does not depend on the database."""
    return House(tmp_path)


@pytest.fixture(scope="module")
def standing_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def shared_house(standing_house: House) -> Iterator[House]:
    """A gateway on SQLite that the tests of a module share; each finds the partner files as they were at first. What
    they send has to have references of its own: `House.fresh`."""
    folder = standing_house.config.parent / "partners"
    before = {path: path.read_text() for path in folder.iterdir()}
    yield standing_house
    for path, text in before.items():
        path.write_text(text)
    standing_house.reload()
