"""`edigw serve`: run the gateway until it is told to stop."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption
from edigw.admin.output import CommandError, reason, say

if TYPE_CHECKING:
    from collections.abc import Collection

    from edigw.console.server import ConsoleServer
    from edigw.gateway.context import Context
    from edigw.gateway.service import Gateway

WATCH = 1.0  # seconds between two looks at whether the process can go on


def register(app: typer.Typer) -> None:
    """Add `edigw serve`."""
    app.command(epilog="Example: edigw serve -c /etc/edigw/edigw.toml")(serve)


def serve(
    config: ConfigOption = DEFAULT_CONFIG,
    only: Annotated[str, typer.Option(help="The roles of this process, comma-separated: sftp, worker, console.")] = "",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where its SFTP server listens, if there are several on a machine.")
    ] = 0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every session and every step.")] = False,
) -> None:
    """Run the gateway: partners log in, files are processed and delivered, the log is signed.

    Changed files of the configuration are taken over while it runs, if they are all right; SIGHUP does so at once."""
    import asyncio

    from edigw.gateway.service import ROLES, open_context
    from edigw.gateway.upkeep.anchoring import held_elsewhere
    from edigw.log.keys import load_verifiers
    from edigw.partners.load import load

    roles = [role.strip() for role in only.split(",")] if only else list(ROLES)
    for role in roles:
        if role not in ROLES:
            raise CommandError(f"--only: there is no role {role!r}, expected {' or '.join(ROLES)}")
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("asyncssh").setLevel(logging.ERROR)  # sessions are told by the SFTP server itself
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # its errors reach us as exceptions
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = load(config)
    if settings.console is None:
        if "console" in roles and only:
            raise CommandError("--only: edigw.toml has no [console] table, so there is none to serve")
        roles = [role for role in roles if role != "console"]
    keys = tuple(load_verifiers(settings.log.key_file.with_suffix(".vkey")))
    held = asyncio.run(held_elsewhere(settings.log, keys))
    for unknown in held.unknown:
        logging.getLogger("edigw.anchors").warning("%s", unknown)
    asyncio.run(_run(open_context(settings, held.notes), roles, port))


def _console(gateway: Gateway) -> ConsoleServer:
    from edigw.console.server import ConsoleServer

    settings = gateway.context.config.console
    assert settings is not None  # noqa: S101 - `serve` has looked
    return ConsoleServer(gateway.current, settings)


async def _run(context: Context, roles: Collection[str], port: int) -> None:
    """Serve until SIGTERM or SIGINT, then let sessions and jobs end. SIGHUP reads the configuration again at once."""
    import asyncio
    import signal

    from edigw.gateway.service import Gateway

    gateway = Gateway(context, roles, port or None)
    console = _console(gateway) if "console" in roles else None
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    hang_up = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, hang_up.set)
    try:
        await gateway.start()
    except OSError as error:
        sftp = context.config.sftp
        raise CommandError(f"can't listen on {sftp.host} port {port or sftp.port}: {reason(error)}") from error
    if console is not None:
        try:
            await console.start()
        except OSError as error:
            await gateway.stop()
            raise CommandError(f"can't serve the console at {console.url}: {reason(error)}") from error
    at = f", SFTP on {context.config.sftp.host} port {gateway.port}" if gateway.port else ""
    at += f", console at {console.url}" if console else ""
    say(f"edigw serves {len(context.config.partners)} partners as {' and '.join(roles)}{at}")
    trouble = ""
    while not stop.is_set() and not trouble:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), WATCH)
        if hang_up.is_set():
            hang_up.clear()
            await gateway.reload()
        trouble = await asyncio.to_thread(gateway.trouble)
    say("edigw stops: sessions and jobs at hand may end")
    if console is not None:
        await console.stop()
    await gateway.stop()
    if trouble:
        raise CommandError(trouble)
