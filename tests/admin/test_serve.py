"""`edigw serve`: what it refuses, and that it ends when told."""

from __future__ import annotations

import io
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import paramiko
import pytest

from edigw.admin import setup
from edigw.partners import load
from edigw.transport.keys import generate

SERVE = [sys.executable, "-m", "edigw.admin.cli", "serve"]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A fresh gateway on free ports."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, console_port = one.getsockname()[1], other.getsockname()[1]
    return setup.create(tmp_path / "gateway", port=port, console_port=console_port)


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


def test_the_console_is_a_role_of_its_own_that_edigw_toml_has_to_name(config: Path) -> None:
    console = load(config).console
    assert console is not None
    with socket.create_server(("127.0.0.1", console.port)):
        assert f"127.0.0.1:{console.port}/: address already in use" in refused("-c", str(config), "--only", "console")
    process = subprocess.Popen([*SERVE, "-c", str(config), "--only", "console"], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert f"as console, console at http://127.0.0.1:{console.port}/" in process.stderr.readline()
        assert "Log in" in httpx.get(f"http://127.0.0.1:{console.port}/login", trust_env=False).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
    config.write_text(re.sub(r"(?ms)^\[console\]\n.*?^\[worker\]", "[worker]", config.read_text()))
    assert "has no [console] table" in refused("-c", str(config), "--only", "console")


def test_processes_take_over_what_changes_while_they_run(config: Path, tmp_path: Path) -> None:
    """A front end and a worker, each a process: a new partner can log in and send, and once its key is withdrawn its
    session ends; a mistake changes nothing. Told to stop, both end with 0."""
    third = config.parent / "partners/third.toml"
    key = generate(tmp_path / "third", "third")
    processes = [
        subprocess.Popen([*SERVE, "-c", str(config), "--only", role], stderr=subprocess.PIPE, text=True)
        for role in ("sftp", "worker")
    ]
    try:
        for process in processes:
            assert process.stderr is not None and "serves 2 partners" in process.stderr.readline()
        text = f'name = "Third"\nidentifiers.edifact = [{{ id = "3RD" }}]\n[login]\nuser = "third"\nkeys = ["{key}"]\n'
        third.write_text(text)
        for process in processes:
            process.send_signal(signal.SIGHUP)
            assert process.stderr is not None and "partners/third.toml (new)" in process.stderr.readline()
        with logged_in(config, tmp_path / "third") as sftp:
            sftp.putfo(io.BytesIO(b"no EDI"), "inbox/a.edi")
            wait_for(lambda: "a.edi.report.txt" in sftp.listdir("receipts"))
            third.write_text(text.replace("name =", "nmae ="))
            processes[0].send_signal(signal.SIGHUP)
            assert "stays as it was: partners/third.toml:1: nmae: unknown key" in processes[0].stderr.readline()  # type: ignore[union-attr]
            assert sftp.listdir("outbox") == []
            third.unlink()
            processes[0].send_signal(signal.SIGHUP)
            channel = sftp.get_channel()
            assert channel is not None
            wait_for(lambda: not channel.get_transport().is_active())
        for process in processes:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    finally:
        for process in processes:
            process.kill()


@contextmanager
def logged_in(config: Path, key: Path) -> Iterator[paramiko.SFTPClient]:
    port = load(config).sftp.port
    transport = paramiko.Transport(("127.0.0.1", port))
    try:
        transport.connect(username="third", pkey=paramiko.PKey.from_path(key))
        sftp = paramiko.SFTPClient.from_transport(transport)
        assert sftp is not None
        yield sftp
    finally:
        transport.close()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
