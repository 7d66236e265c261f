"""Gateway processes that are killed: each forked from a server that has the program loaded, so that it starts fast."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edigw.admin.demo.stage import Stage, StoryBroken

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload(["tests.torture.warm"])


@dataclass(frozen=True, slots=True)
class Post:
    """What one process of the gateway is for: roles as `edigw serve --only` takes them, "" for all."""

    only: str
    port: int  # of its SFTP server; 0 if it has none


class Fleet:
    """The processes of one gateway, on the stage's folder and a database (default: SQLite in that folder)."""

    def __init__(self, stage: Stage, only: Sequence[str], database_url: str = "") -> None:
        ports = iter([stage.port, *_free_ports(len(only))])
        self.posts = [Post(roles, 0 if roles == "worker" else next(ports)) for roles in only]
        self.stage = stage
        self._processes: dict[Post, ForkServerProcess] = {}
        self._configure(database_url)

    @property
    def ports(self) -> list[int]:
        """Where partners can log in."""
        return [post.port for post in self.posts if post.port]

    def start(self, post: Post) -> None:
        """Start the process of a post; it may take a moment until it answers."""
        log = str(self.stage.folder / "gateway.log")
        process = _FORK.Process(target=_serve, args=(str(self.stage.config), post.only, post.port, log), daemon=True)
        process.start()
        self._processes[post] = process

    def answers(self, post: Post, seconds: float = 60.0) -> None:
        """Wait until a post's SFTP server answers. Raises StoryBroken if its process has ended, or after `seconds`."""
        give_up = time.monotonic() + seconds
        while post.port:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", post.port)) == 0:
                    return
            if not self._processes[post].is_alive() or time.monotonic() > give_up:
                raise StoryBroken(f"the gateway does not start: see {self.stage.folder / 'gateway.log'}")
            time.sleep(0.01)

    def check(self) -> None:
        """Raises StoryBroken if a process has ended by itself."""
        if not all(process.is_alive() for process in self._processes.values()):
            raise StoryBroken(f"a process ended by itself: see {self.stage.folder / 'gateway.log'}")

    def kill(self, post: Post) -> None:
        """End a process as a power cut would: no signal handler runs."""
        self.check()
        process = self._processes.pop(post)
        process.kill()
        process.join()

    def kill_all(self) -> None:
        """End what still runs."""
        for process in self._processes.values():
            process.kill()
            process.join()

    def _configure(self, database_url: str) -> None:
        """Short waits, and room for many sessions from one address."""
        text = self.stage.config.read_text()
        for old, new in (
            ("[sftp]\n", '[sftp]\nsafe = ["127.0.0.0/8"]\n'),
            ("[worker]\n", "[worker]\nlease_seconds = 10\npoll_seconds = 0.2\n"),
            ("first_delay_seconds = 30", "first_delay_seconds = 0.2"),
            ("longest_delay_seconds = 3600", "longest_delay_seconds = 2"),
        ):
            assert old in text
            text = text.replace(old, new)
        text = re.sub("^# .sftp.limits..*$", "[sftp.limits]\nconnections_per_partner = 50", text, flags=re.MULTILINE)
        text = re.sub(r"(?ms)^\[console\]\n.*?(?=^\[worker\])", "", text)  # one of the processes could have it
        if database_url:
            text = f"database = {json.dumps(database_url)}\n{text}"
        self.stage.config.write_text(text)


def _serve(config: str, only: str, port: int, log: str) -> None:
    """What a process does: `edigw serve`, with its messages at the end of a file."""
    from edigw.admin.cli import main

    with Path(log).open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    options = [*(["--only", only] if only else []), *(["--port", str(port)] if port else [])]
    main(["serve", "-c", config, *options])


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
