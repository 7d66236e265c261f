"""`edigw sftp`: who was there, and who is kept out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log, stored
from edigw.admin.output import CommandError, line, plural, print_json, printable, styled

sftp = typer.Typer(
    no_args_is_help=True, help="The SFTP server's sessions, and the addresses that it keeps out.", rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add `edigw sftp`."""
    app.add_typer(sftp, name="sftp")


@sftp.command(epilog="Example: edigw sftp sessions --partner acme --since 2026-11-27")
def sessions(
    id: Annotated[str, typer.Argument(help="One session: what was done in it.")] = "",
    partner: Annotated[str, typer.Option(help="The partner's code.")] = "",
    since: Annotated[str, typer.Option(help="From this day or time, UTC: 2026-10-01.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many sessions.")] = 50,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """List the sessions of partners, newest first, or what was done in one of them."""
    from edigw.gateway.mailboxes.sessions import one, recent

    _, database, _ = stored(config)
    with database.read() as conn:
        found: Any = one(conn, id) if id else recent(conn, partner, since, limit)
    if found is None:
        raise CommandError(f"there is no session {id!r}")
    if json:
        print_json(found)
        return
    for each in [found] if id else found:
        _tell(each)
    if not found:
        line("nobody was there")


def _tell(session: dict[str, Any]) -> None:
    end = f"until {session['ended_at']}" if session["ended_at"] else "no end is known"
    proof = session["key"] or session["method"]
    line(printable(f"{styled(session['id'], bold=True)}  {session['started_at']}, {end}: {session['reason']}"))
    line(printable(f"    {session['partner']} as {session['user']} from {session['peer']} with {proof}"))
    if "operations" not in session:
        return
    if session["certificate"]:
        line(printable(f"    certificate {session['certificate']}"))
    line(printable(f"    {session['client']}, {session['algorithms']}"))
    for did in session["operations"]:
        size = "" if did["size"] is None else f" {plural(did['size'], 'byte')}"
        failed = f": {styled(did['result'], colour='red')}" if did["result"] else ""
        became = f" -> {did['transmission']}" if did["transmission"] else ""
        line(printable(f"    {did['at']}  {did['operation']} {did['path']}{size}{became}{failed}"))


@sftp.command(epilog="Example: edigw sftp bans")
def bans(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List the addresses that are shut out, because they failed to log in too often."""
    from edigw.gateway.mailboxes.bans import listed

    _, database, _ = stored(config)
    with database.read() as conn:
        found = listed(conn)
    if json:
        print_json(found)
        return
    for each in found:
        until = datetime.fromtimestamp(each["until"], UTC).isoformat(timespec="seconds")
        line(f"{each['network']} until {until}")
    if not found:
        line("nobody is shut out")


@sftp.command(epilog="Example: edigw sftp unban 192.0.2.7 --reason 'their key was new'")
def unban(
    address: Annotated[str, typer.Argument(help="An IP address.")],
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the log with your name.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Let an address in again, and forget what was held against it."""
    from edigw.gateway.mailboxes import bans

    try:
        lifted = bans.unban(own_log(config, sign=False), address, admin(), reason)
    except ValueError as error:
        raise CommandError(str(error)) from error
    if not lifted:
        raise CommandError(f"nothing is held against {address}")
    line(f"{address} may log in again")
