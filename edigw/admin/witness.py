"""`edigw witness`: run a witness of transparency logs, as a trading partner may do for a gateway's log."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edigw.admin.opening import JsonOption
from edigw.admin.output import CommandError, line, plural, print_json, printable, reason, say, styled

if TYPE_CHECKING:
    from edigw.witness.settings import Witness

witness = typer.Typer(
    no_args_is_help=True,
    help="Run a witness: it confirms that a log has only grown, and shows one history to everybody.",
)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The witness's folder.")]


def register(app: typer.Typer) -> None:
    """Add `edigw witness`."""
    app.add_typer(witness, name="witness")


@witness.command(epilog="Example: edigw witness init /srv/witness --name partner.example/w1")
def init(
    folder: Folder,
    name: Annotated[str, typer.Option(help="Its name in cosignatures: a domain of yours and a path.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 2380,
) -> None:
    """Set up a witness in a folder: its key, encrypted, and its settings."""
    from edigw.witness.settings import CONFIG, KEY, create

    try:
        key = create(folder, name, port)
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: {reason(error)}") from error
    line(f"{styled('A witness is set up', bold=True)} in {folder}. Its public key, for gateways and verifiers:")
    line(f"  {key.verifier}")
    line(f"Next: edigw witness trust {folder} LOGKEY, then edigw witness serve {folder}")
    line(f"{folder / CONFIG} says where it listens; {folder / KEY}.passphrase opens its key at the start.")


@witness.command(epilog="Example: edigw witness trust /srv/witness log.vkey")
def trust(
    folder: Folder,
    keys: Annotated[list[str], typer.Argument(metavar="KEY", help="The public key of a log, or its file (log.vkey).")],
) -> None:
    """Add logs to those that are witnessed. After a change of a log's key, its new key is added in the same way."""
    from edigw.log.verify import Unusable, key_arguments
    from edigw.witness import settings

    try:
        named = [settings.log_key(text) for text in key_arguments(keys)]
        fresh = settings.trust(folder, named)
    except Unusable as error:
        raise CommandError(str(error)) from error
    for key in fresh:
        line(f"witnesses {key.name} with the key {key.key_id.hex()}")
    line(f"{plural(len(fresh), 'key')} added; a witness that runs has to be started anew")


@witness.command(epilog="Example: edigw witness serve /srv/witness")
def serve(
    folder: Folder,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell every cosignature.")] = False,
) -> None:
    """Run the witness until it is told to stop. What it refuses is told on standard error."""
    import asyncio

    from edigw.witness.settings import load

    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_serve(load(folder)))


@witness.command("list", epilog="Example: edigw witness list /srv/witness")
def list_(folder: Folder, json: JsonOption = False) -> None:
    """The logs that are witnessed, how far each was seen, and whether one has shown two histories (exit code 1)."""
    from edigw.witness.settings import STATE, load_logs
    from edigw.witness.state import State

    state, logs = State(folder / STATE), load_logs(folder)
    newest = {origin: state.newest(origin) for origin in logs}
    conflicts = state.conflicts()
    if json:
        seen = [
            {"log": origin, "size": seen.size if seen else 0, "at": _time(seen.at) if seen else ""}
            for origin, seen in newest.items()
        ]
        found = [
            {"log": each.origin, "at": _time(each.at), "held": each.held, "refused": each.refused} for each in conflicts
        ]
        print_json({"logs": seen, "conflicts": found})
    else:
        for origin, one in newest.items():
            told = f"{one.size} entries, seen {_time(one.at)}" if one else "never seen"
            line(f"{printable(origin)}: {told}")
        for each in conflicts:
            told = f"{each.origin} has shown two histories, noticed {_time(each.at)}. It has signed both:"
            line(styled(printable(told), colour="red", bold=True))
            for note in (each.held, each.refused):
                line("\n".join(f"    {printable(text)}" for text in note.splitlines()))
    if conflicts:
        raise typer.Exit(1)


async def _serve(served: Witness) -> None:
    import asyncio
    import signal
    import ssl

    from edigw.witness.judge import Judge
    from edigw.witness.server import Server, tls_context
    from edigw.witness.state import State

    settings = served.settings
    tls = None
    if settings.tls_certificate is not None:
        files = [str(served.folder / str(name)) for name in (settings.tls_certificate, settings.tls_key)]
        try:
            tls = tls_context(*files)
        except (OSError, ssl.SSLError) as error:
            raise CommandError(f"{files[0]}: no certificate and key for HTTPS ({error})") from error
    server = Server(Judge(served.key, served.logs, State(served.state)), settings.host, settings.port, tls)
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    try:
        port = await server.start()
    except OSError as error:
        raise CommandError(f"can't listen on {settings.host} port {settings.port}: {reason(error)}") from error
    say(f"the witness {settings.name} of {plural(len(served.logs), 'log')} on {settings.host} port {port}")
    await stop.wait()
    await server.stop()


def _time(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
