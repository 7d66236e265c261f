"""`edigw log export`, `log erase` and `log recover`: the whole log as files, what is let go, a new beginning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edigw.admin.bars import Bars
from edigw.admin.logbook import log
from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log
from edigw.admin.output import CommandError, line, plural, print_json, printable


@log.command(epilog="Example: edigw log export /media/archive/2026-11")
def export(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    timestamp: Annotated[
        bool,
        typer.Option("--timestamp", help="Have the SHA-512 of every file timestamped, by every configured authority."),
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the whole log in open form: tiles, entries, objects, payloads. The export itself becomes an event."""
    from edigw.log.archive import write_archive
    from edigw.log.eventlog import new_xid

    event_log = own_log(config)
    with event_log.database.write() as conn:
        facts = {"log": event_log.origin, "folder": str(folder)}
        event_log.append(conn, type="evidence.exported", xid=new_xid(), actor=admin(), detail=facts)
    while event_log.integrate():
        pass
    size = 0
    with Bars() as bars:
        for done in write_archive(event_log.database, event_log.payloads, event_log.keys, folder):
            bars.show(done.part, done.done, done.total)
            size = done.total
    troubles = _renew(folder, config) if timestamp else {}
    if json:
        print_json({"folder": str(folder), "log": event_log.origin, "entries": size, "troubles": troubles})
    else:
        for name, why in troubles.items():
            line(f"{name} has not timestamped it: {printable(why)}")
        line(f"{folder}: {size} entries of {event_log.origin}; check it with: edigw log verify --offline {folder}")
    if troubles:
        raise typer.Exit(1)


def _renew(folder: Path, config: Path) -> dict[str, str]:
    """Has an export timestamped; by name, why an authority did not. Raises CommandError, LogError."""
    import asyncio

    from edigw.gateway.upkeep.anchoring import ask_authority
    from edigw.log import renewal
    from edigw.log.anchors.timestamp import query
    from edigw.log.errors import LogError
    from edigw.partners.anchors import attesters
    from edigw.partners.load import load
    from edigw.transport.errors import TransportError

    settings = load(config, private_keys=False).log
    asked = [authority for authority in settings.authorities if authority.ask]
    if not asked:
        raise CommandError("--timestamp: edigw.toml names no [[log.authorities]]")
    trusted, sums, troubles = attesters(settings), renewal.write_sums(folder), {}
    for authority in asked:
        try:
            _, answer = asyncio.run(ask_authority(settings, authority, trusted, query(sums, sha512=True)))
            renewal.keep_token(folder, authority.name, answer)
        except (LogError, TransportError) as error:
            troubles[authority.name] = str(error)
    return troubles


@log.command(epilog="Example: edigw log erase --dry-run")
def erase(
    id: Annotated[str, typer.Argument(help="A transmission's id; default: everything whose retention is over.")] = "",
    reason: Annotated[
        str, typer.Option("--reason", "-r", help="With an id: a code for the log, erasure_request.")
    ] = "",
    dry_run: Annotated[bool, typer.Option(help="Only say what would be erased.")] = False,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Erase the content of files that were kept for long enough, or of one file. The log's proofs go on holding."""
    from edigw.gateway.desk import queries
    from edigw.gateway.upkeep import retention
    from edigw.partners.load import load
    from edigw.store.clock import utc_now

    if bool(id) != bool(reason):
        raise CommandError("an id needs a --reason, and the other way round")
    settings, event_log = load(config, private_keys=False), own_log(config)
    with event_log.database.read() as conn:
        if id:
            row = queries.find_transmission(conn, id)
            if row is None:
                raise CommandError(f"no transmission {printable(id)}, or several whose ids end so")
            try:
                found = retention.wanted(conn, settings.retention, row)
            except retention.Held as held:
                raise CommandError(str(held)) from held
        else:
            found = list(retention.due(conn, settings.retention, utc_now()))
    for one in found if not dry_run else ():
        why = {"actor": admin(), "reason": reason or "retention"}
        retention.erase_content(event_log, event_log.payloads, one, **why)
    while event_log.integrate():
        pass
    if json:
        print_json(
            [{"sha256": f.sha256, "transmissions": list(f.transmissions), "names": list(f.names)} for f in found]
        )
        return
    for one in found:
        line(f"{one.sha256}  {', '.join(map(printable, one.names))}")
    line(f"{plural(len(found), 'content')} {'would be ' if dry_run else ''}erased")


@log.command(epilog="Example: edigw log recover /mnt/other/log.highwater --reason 'both disks failed'")
def recover(
    mark: Annotated[Path, typer.Argument(help="The high-water mark of the lost log, or its last checkpoint.")],
    reason: Annotated[str, typer.Option("--reason", "-r", help="What happened; it stands in the new log.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Begin a new log, under another origin and in an empty database, after the newest database was lost for good."""
    from edigw.log.highwater import read_mark
    from edigw.log.recover import recover as take_over

    note = read_mark(mark)
    if note is None:
        raise CommandError(f"{mark}: no such file")
    event_log = own_log(config)
    take_over(event_log, note, actor=admin(), why=reason)
    while event_log.integrate():
        pass
    line(f"{event_log.origin} has begun, and names the last checkpoint of {note.partition(chr(10))[0]}")
