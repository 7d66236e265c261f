"""The command `edigw demo`."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edigw.admin.output import CommandError, line, styled

if TYPE_CHECKING:
    from edigw.admin.demo.stage import Stage


LOGINS = (("demo", "admin", ""), ("nordwind", "partner", "nordwind"))


def register(app: typer.Typer) -> None:
    """Add `edigw demo`."""
    app.command(epilog="Example: edigw demo --dir /tmp/edigw-demo")(demo)


def demo(
    dir: Annotated[Path | None, typer.Option(help="Keep everything there (default: a temporary folder).")] = None,
    exit: Annotated[bool, typer.Option("--exit", help="End after the story; 0 only if every step held.")] = False,
) -> None:
    """A whole exchange on this machine: gateway, two partners, orders, despatch advice, acknowledgements, proof."""
    if dir is None:
        with tempfile.TemporaryDirectory(prefix="edigw-demo-") as folder:
            _play(Path(folder).resolve(), exit)
        return
    if dir.exists() and any(dir.iterdir()):
        raise CommandError(f"{dir}: the folder is not empty; the demo wants one of its own")
    dir.mkdir(parents=True, exist_ok=True)
    _play(dir.resolve(), exit)


def _play(folder: Path, exit: bool) -> None:
    from edigw.admin.demo.stage import Stage
    from edigw.admin.demo.story import Story

    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that leaving the stage ends its servers
    with Stage(folder) as stage:
        story = Story(stage)
        held = story.tell()
        line()
        verdict = "every step held" if held else f"{len(story.broken)} steps did not hold: {'; '.join(story.broken)}"
        line(styled(f"The end after {time.monotonic() - began:.1f} seconds: {verdict}.", bold=True))
        if not exit:
            _stay(stage)
    if not held:
        raise typer.Exit(1)


def _stay(stage: Stage) -> None:
    """Keep the gateway up until interrupted, and say how to look around."""
    from edigw.admin.setup import HOST_KEY

    known = stage.folder / "known_hosts"
    host_key = (stage.folder / f"{HOST_KEY}.pub").read_text()
    known.write_text(f"[127.0.0.1]:{stage.port} {' '.join(host_key.split()[:2])}\n")
    key = stage.retailer_folder / "id_ed25519"
    line()
    line("The gateway stays up. Look around in a browser:")
    line(f"  http://127.0.0.1:{stage.console_port}/")
    for name, role, partner in LOGINS:
        sees = f"sees what partner {partner} may see" if partner else "sees everything"
        line(f"       log in as {name} with the password {_login(stage, name, role, partner)}: {sees}")
    line("or from another terminal:")
    line(f"  sftp -i {key} -o UserKnownHostsFile={known} -P {stage.port} nordwind@127.0.0.1")
    line("       (you are the retailer: cd inbox, put a file; cd outbox, get what waits; cd receipts)")
    line(f"  edigw log search -c {stage.config}")
    line(f"  edigw log thread NW-4711 -c {stage.config}")
    line(f"  edigw log verify -c {stage.config}")
    line("End it with Ctrl-C.")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        line("Goodbye.")


def _login(stage: Stage, name: str, role: str, partner: str) -> str:
    """Let somebody log in to the console; the password."""
    import secrets

    from edigw.admin.opening import admin, own_log
    from edigw.gateway.desk import people

    password = secrets.token_urlsafe(12)
    people.add(own_log(stage.config, sign=False), name, role, partner, password, admin())
    return password
