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
