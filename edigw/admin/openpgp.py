"""`edigw openpgp`: the gateway's own OpenPGP keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edigw.admin.output import CommandError, line

openpgp = typer.Typer(no_args_is_help=True, help="Make the gateway's own OpenPGP key.")


def register(app: typer.Typer) -> None:
    """Add `edigw openpgp`."""
    app.add_typer(openpgp, name="openpgp")


@openpgp.callback()
def _group() -> None:
    """A group, although it has one command: `edigw openpgp new-key`."""


@openpgp.command(epilog='Example: edigw openpgp new-key keys/openpgp.asc "Example EDI <edi@example.com>"')
def new_key(
    file: Annotated[Path, typer.Argument(help="The private key to write, encrypted.")],
    user_id: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is: a name and a mail address.")],
    rsa: Annotated[
        bool, typer.Option("--rsa", help="RSA of 3072 bits, for partners whose software knows no elliptic curves.")
    ] = False,
) -> None:
    """Make a key for signing and encryption: FILE, its passphrase beside it, and FILE.pub for the partners.

    The passphrase is random, unless EDIGW_OPENPGP_PASSPHRASE or EDIGW_OPENPGP_PASSPHRASE_FILE gives one."""
    from edigw.openpgp.errors import OpenPgpKeyError
    from edigw.openpgp.keys import create_own, installed

    if missing := installed():
        raise CommandError(f"OpenPGP {missing}")
    try:
        key = create_own(file, user_id, rsa=rsa)
    except OpenPgpKeyError as error:
        raise CommandError(str(error)) from error
    line(f"key {key.certificate.fingerprint} in {file}. Name it in edigw.toml:")
    line("    [openpgp]")
    line(f'    key_files = ["{file}"]')
    line(f"and give {file}.pub to the partners.")
