"""`edigw serve`: what it refuses, and that it ends when told."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edigw.admin import setup

SERVE = [sys.executable, "-m", "edigw.admin.cli", "serve"]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A fresh gateway on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return setup.create(tmp_path / "gateway", port=port)


def refused(*arguments: str) -> str:
    done = subprocess.run([*SERVE, *arguments], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_wrong_configuration_is_one_line_with_file_and_key(config: Path) -> None:
    text = config.read_text()
    config.write_text(text.replace("[worker]", "[worker]\nthreds = 3"))
    line = text.splitlines().index("[worker]") + 2
    assert f'edigw.toml:{line}: worker.threds: unknown key; did you mean "threads"?' in refused("-c", str(config))


def test_an_unknown_role_is_refused(config: Path) -> None:
    assert "there is no role 'cook'" in refused("-c", str(config), "--only", "sftp,cook")


def test_a_port_that_is_taken_is_told(config: Path) -> None:
    port = int(next(line for line in config.read_text().splitlines() if line.startswith("port")).split("=")[1])
    with socket.create_server(("127.0.0.1", port)):
        assert f"port {port}: address already in use" in refused("-c", str(config))


def test_it_ends_with_0_when_it_is_told_to_stop(config: Path) -> None:
    process = subprocess.Popen([*SERVE, "-c", str(config)], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "serves 2 partners" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
