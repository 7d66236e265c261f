"""`edigw user`: who may log in to the console."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log, stored
from edigw.admin.output import CommandError, line, print_json, styled

user = typer.Typer(help="Who may log in to the web console.", no_args_is_help=True, rich_markup_mode=None)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with; events name it.")]
PasswordOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Take the password from a file's first line instead of asking.")
]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the log with your name.")]


def register(app: typer.Typer) -> None:
    """Add `edigw user`."""
    app.add_typer(user, name="user")


@user.command(epilog="Example: edigw user add anna --role operator")
def add(
    name: NameArgument,
    role: Annotated[
        str,
        typer.Option(help="admin, operator (acts on transmissions), auditor (only looks), or partner."),
    ],
    partner: Annotated[
        str, typer.Option(metavar="CODE", help="With --role partner: whose traffic it sees, and nobody else's.")
    ] = "",
    password_file: PasswordOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Let somebody log in to the console. Asks for the password."""
    from edigw.gateway.desk import people
    from edigw.partners.load import load

    partners = load(config, private_keys=False).partners
    if partner and partner not in partners:
        raise CommandError(f"there is no partner {partner!r}; there are {', '.join(partners) or 'none'}")
    try:
        people.add(own_log(config, sign=False), name, role, partner, _password(password_file), admin())
    except people.UserProblem as problem:
        raise CommandError(str(problem)) from problem
    line(f"{name} may log in as {role}" + (f" of {partner}" if partner else ""))


@user.command("list", epilog="Example: edigw user list")
def list_(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List everybody who may log in to the console, or once might."""
    from edigw.gateway.desk import people

    _, database, _ = stored(config)
    with database.read() as conn:
        found = people.listed(conn)
    if json:
        print_json(
            [{"name": u.name, "role": u.role, "partner": u.partner, "enabled": u.enabled} for u in found],
        )
        return
    for u in found:
        of = f" of {u.partner}" if u.partner else ""
        line(f"{styled(u.name, bold=True)}  {u.role}{of}{'' if u.enabled else ', disabled'}")
    if not found:
        line("nobody yet: edigw user add NAME --role admin")


@user.command(epilog="Example: edigw user disable anna --reason 'left the company'")
def disable(name: NameArgument, reason: ReasonOption, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Let somebody log in no more; its sessions end at once."""
    _enable(name, False, reason, config)


@user.command(epilog="Example: edigw user enable anna --reason 'is back'")
def enable(name: NameArgument, reason: ReasonOption, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Let somebody log in again."""
    _enable(name, True, reason, config)


@user.command(epilog="Example: edigw user password anna")
def password(name: NameArgument, password_file: PasswordOption = None, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Give somebody another password; its sessions end at once."""
    from edigw.gateway.desk import people

    try:
        people.change_password(own_log(config, sign=False), name, _password(password_file), admin())
    except people.UserProblem as problem:
        raise CommandError(str(problem)) from problem
    line(f"{name} has another password")


def _enable(name: str, enabled: bool, reason: str, config: Path) -> None:
    from edigw.gateway.desk import people

    try:
        people.enable(own_log(config, sign=False), name, enabled, admin(), reason)
    except people.UserProblem as problem:
        raise CommandError(str(problem)) from problem
    line(f"{name} is {'enabled' if enabled else 'disabled'}")


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    from edigw.store.secrets import SecretProblem, read_secret

    try:
        return read_secret(file).decode().splitlines()[0]
    except (SecretProblem, UnicodeDecodeError, IndexError) as error:
        raise CommandError(f"{file}: holds no password ({error})") from error
