"""`edigw partner history` and `rules`: which configuration counted when, and what stood in its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, stored
from edigw.admin.output import CommandError, line, plural, print_json, reason, say, styled

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from edigw.gateway.upkeep.configuration import Version
    from edigw.store.payloads import Payloads

SHORT = 12  # digits of a digest that people are shown


def register(partner: typer.Typer) -> None:
    """Add the commands of this module to `edigw partner`."""
    partner.command(epilog="Example: edigw partner history -c /srv/edigw/edigw.toml")(history)
    partner.command(epilog="Example: edigw partner rules 8DG5QNSM -o rules/")(rules)


def history(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List the configurations that counted, newest first, and which files changed each time."""
    from edigw.gateway.upkeep import configuration

    settings, database, payloads = stored(config)
    with database.read() as conn:
        versions = configuration.history(conn, payloads, settings.log.origin)
    if json:
        print_json([_told(each) for each in versions])
        return
    for each in versions:
        changed = ", ".join(change.words for change in each.changes)
        line(f"{each.at}  {styled(each.digest[:SHORT], bold=True)}  {changed}")
    if versions and versions[0].digest != settings.digest:
        say(f"note: the files are those of {settings.digest[:SHORT]}, which no gateway has taken over yet")


def rules(
    id: Annotated[str, typer.Argument(help="A transmission's id or the end of it, or the digest of a configuration.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write the files into this new folder.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say which rules applied to a transmission: the configuration's digest and its files, as the log kept them.

    Secrets in them are replaced by ***."""
    from edigw.gateway.upkeep import configuration

    settings, database, payloads = stored(config)
    with database.read() as conn:
        versions = configuration.history(conn, payloads, settings.log.origin)
        found = [_version(versions, digest) for digest in _digests(conn, payloads, id)]
        kept = [configuration.contents(conn, payloads, settings.log.origin, each.files) for each in found]
    if output is not None:
        for each, files in zip(found, kept, strict=True):
            _write(output if len(found) == 1 else output / each.digest[:SHORT], each, files)
    if json:
        print_json([_told(each) for each in found])
        return
    for each in found:
        line(f"{styled(each.digest, bold=True)}, from {each.at} on:")
        for name, sha256 in each.files.items():
            line(f"  {sha256}  {name}")


def _digests(conn: Connection, payloads: Payloads, id: str) -> list[str]:
    """The digests that the events of a transmission name; else `id` itself is one."""
    from edigw.gateway.desk import queries
    from edigw.gateway.upkeep import configuration

    row = queries.find_transmission(conn, id)
    return configuration.digests(conn, payloads, queries.exchanges_of_transmission(conn, row)) if row else [id.lower()]


def _version(versions: list[Version], digest: str) -> Version:
    from edigw.gateway.upkeep import configuration

    found = configuration.version_of(versions, digest)
    if found is None:
        raise CommandError(f"the log tells of no configuration {digest[:SHORT]}, nor of such a transmission")
    return found


def _write(folder: Path, version: Version, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True)
        for name, content in files.items():
            path = folder / name.lstrip("/")  # one that lies elsewhere is named by its whole path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: {reason(error)}") from error
    say(f"{plural(len(files), 'file')} of {version.digest[:SHORT]} written to {folder}")


def _told(each: Version) -> dict[str, Any]:
    return {
        "digest": each.digest,
        "at": each.at,
        "files": dict(each.files),
        "changes": [{"name": c.name, "sha256": c.sha256, "before": c.before} for c in each.changes],
    }
