"""`edigw init`: a new gateway's folder, with keys, a commented configuration and two example partners."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from edigw.admin.output import CommandError, line, reason, styled

TEMPLATES = Path(__file__).resolve().parent / "templates"

HOST_KEY = "keys/host_ed25519"
PUSH_KEY = "keys/push_ed25519"
LOG_KEY = "keys/log.key"
EXAMPLE_AGREEMENT = "agreements/retailer-to-supplier.toml"


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command("init")(init)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder, made if it does not exist.")],
    origin: Annotated[
        str,
        typer.Option(help="The name of the transmission log: a domain of yours and a path."),
    ] = "edi.example.com/log",
) -> None:
    """Set up a gateway in a new folder.

    It gets a commented configuration, two example partners with an agreement, host key and log key.

    Example:

        edigw init /srv/edigw --origin edi.mycompany.com/log
    """
    config = create(directory, origin=origin)
    line(f"{styled('A gateway is set up', bold=True)} in {directory}. Next:")
    line(f"  1. {config}: the log's origin, and the address that partners reach")
    line("  2. edigw partner add --help: your partners; then delete the examples, which name every key, in")
    line(f"     {config.parent / 'partners'}/")
    line("     (a file's name is the partner's code; its keys, identifiers and formats stand in it), and")
    line(f"     {config.parent / 'agreements'}/, where two partners differ from their own files, and")
    line(f"     {config.parent / 'routes.toml'}, where messages go elsewhere than their envelopes say")
    line(f"  3. edigw partner check -c {config}")
    line(f"  4. edigw user add NAME --role admin -c {config}: your login to the web console")
    line(f"  5. edigw serve -c {config}")
    line(f"Partners need the server's key, {config.parent / HOST_KEY}.pub; those whose servers you deliver to")
    line(f"need {config.parent / PUSH_KEY}.pub. Keep copies of keys/ in a safe place.")


def create(
    directory: Path,
    *,
    origin: str = "edi.example.com/log",
    host: str = "127.0.0.1",
    port: int = 2222,
    console_port: int = 8480,
    partners: Mapping[str, str] | None = None,
) -> Path:
    """Set up a gateway in `directory` and return the path of its edigw.toml, which loads.

    `partners` are partner files by code, in TOML; default: two examples. Paths in them are relative to
    `directory/partners`, so `../keys/push_ed25519` is the key with which the gateway logs in to partners. Folders get
    mode 0700, private keys 0600. Raises CommandError if a file that would be written exists or the folder can't be
    made, ConfigError if a value does not fit."""
    from edigw.log.keys import create_key
    from edigw.partners import load
    from edigw.partners.decode import decode
    from edigw.partners.tables.settings import Settings
    from edigw.transport.keys import generate

    texts = {
        "edigw.toml": filled("edigw.toml", host=host, port=str(port), console_port=str(console_port), origin=origin)
    }
    for code, text in (_examples() if partners is None else partners).items():
        texts[f"partners/{code}.toml"] = text
    if partners is None:
        texts |= {EXAMPLE_AGREEMENT: agreement("retailer", "supplier"), "routes.toml": filled("routes.toml")}
    decode(texts["edigw.toml"].encode(), Settings, "edigw.toml")
    made = [*texts, *(path + suffix for path in (HOST_KEY, PUSH_KEY) for suffix in ("", ".pub")), LOG_KEY]
    for name in made:
        if (directory / name).exists():
            raise CommandError(f"{directory / name} exists already; nothing was changed")
    try:
        for folder in (directory, *(directory / name for name in ("keys", "partners", "agreements", "data"))):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, comment in ((HOST_KEY, "edigw host key"), (PUSH_KEY, "edigw")):
            generate(directory / path, comment)
        create_key(directory / LOG_KEY, origin)
        for name, text in texts.items():
            (directory / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{error.filename or directory}: {reason(error)}") from error
    return load(directory / "edigw.toml").path


def _examples() -> dict[str, str]:
    """The example partners. Their keys are made up: nobody has the private halves, so nobody can log in."""
    keys = {name: _made_up_key() for name in ("retailer_key", "supplier_key", "supplier_host_key")}
    return {code: filled(f"partners/{code}.toml", **keys) for code in ("retailer", "supplier")}


def agreement(sender: str, receiver: str) -> str:
    """An agreement between two partners, by their codes, that changes nothing yet, and names every key."""
    return filled(EXAMPLE_AGREEMENT, sender=sender, receiver=receiver)


def filled(template: str, /, **values: str) -> str:
    """A template with its values."""
    return Template((TEMPLATES / template).read_text("utf-8")).substitute(values)


def _made_up_key() -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = Ed25519PrivateKey.generate().public_key()
    return f"{public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()} replace this key"
