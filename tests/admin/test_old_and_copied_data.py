"""Commands that only look, on data that another edigw left or that can't be written to."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edigw.admin.cli import main
from tests.gateway.house import House, sample

LOOKING = [["log", "verify"], ["log", "search"], ["log", "thread", "NW-4714"], ["log", "tail", "--no-follow"]]
WRITING = [
    ["log", "payload", "ABCD"],
    ["hold", "ABCD", "-r", "x"],
    ["evidence", "export", "--thread", "NW-4714", "-o", "e.zip"],
]


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("worked"))
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    while house.context.log.integrate():
        pass
    house.context.database.close()
    return house


@pytest.fixture
def copy(worked: House, tmp_path: Path) -> Path:
    """A copy of the gateway's folder; its edigw.toml."""
    return shutil.copytree(worked.config.parent, tmp_path / "copy") / "edigw.toml"


@pytest.fixture
def locked(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same where nobody may write; root may everywhere, so it is asked otherwise."""
    data = copy.parent / "data"
    allowed: Callable[..., bool] = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and allowed(path, mode))
    for path in (data / "edigw.db-wal", data / "edigw.db-shm", data / "payloads" / "tmp"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return copy


def form(config: Path, version: str) -> None:
    with closing(sqlite3.connect(config.parent / "data" / "edigw.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_who_only_looks_needs_no_leave_to_write_and_leaves_nothing(locked: Path, command: list[str]) -> None:
    before = sorted(path for path in locked.parent.rglob("*"))
    assert main([*command, "-c", str(locked)]) == 0
    assert sorted(path for path in locked.parent.rglob("*")) == before


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_what_would_be_an_event_is_refused_on_a_copy_that_nobody_can_write_to(
    locked: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "-c", str(locked)]) == 2
    assert "can't be written to, and this would be an event of the log" in capsys.readouterr().err


def test_a_copy_without_what_was_being_written_is_told_from_a_whole_one(
    locked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (locked.parent / "data" / "edigw.db-wal").write_bytes(b"x")
    assert main(["log", "search", "-c", str(locked)]) == 2
    assert "was copied while it was in use" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "said"), [("0001", "start the gateway once"), ("9999", "was used by a newer edigw")]
)
def test_data_of_another_version_is_told_in_one_line_with_what_to_do(
    copy: Path, version: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    form(copy, version)
    for command in LOOKING:
        assert main([*command, "-c", str(copy)]) == 2
        error = capsys.readouterr().err
        assert said in error and error.count("\n") == 1


def test_where_no_gateway_ever_ran_that_is_said_and_nothing_is_made(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(copy.parent / "data")
    assert main(["log", "search", "-c", str(copy)]) == 2
    assert "there is no database" in capsys.readouterr().err
    assert not (copy.parent / "data").exists()


def test_a_look_at_content_needs_no_private_key_of_the_log(
    copy: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (copy.parent / "keys" / "log.key").unlink()
    assert main(["log", "search", "--json", "-c", str(copy)]) == 0
    id = capsysbinary.readouterr().out.decode().split('"id": "')[1][:26]
    assert main(["log", "payload", id, "-c", str(copy)]) == 0
    assert capsysbinary.readouterr().out.startswith((b"UNA", b"UNB", b"ISA"))
