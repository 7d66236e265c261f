"""`edigw evidence`: proof for others; and `edigw log rotate-key`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from edigw.admin.logbook import log
from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log
from edigw.admin.output import CommandError, line, plural, print_json, printable, verdict

evidence = typer.Typer(no_args_is_help=True, help="Export what proves an exchange, and verify it without a gateway.")


def register(app: typer.Typer) -> None:
    """Add `edigw evidence`; `edigw log rotate-key` joins its group on import."""
    app.add_typer(evidence, name="evidence")


@evidence.command(epilog="Example: edigw evidence export --thread NW-4711 -o evidence.zip")
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The bundle to write, a zip file.")],
    thread: Annotated[str, typer.Option(help="Everything about the order with this number.")] = "",
    transmission: Annotated[str, typer.Option(help="Everything about one transmission.")] = "",
    partner: Annotated[str, typer.Option(help="With --thread: only with this partner.")] = "",
    withhold: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=REASON",
            help="Leave out objects by role (payload.original, detail) or commitment, rules (configuration); and why.",
        ),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the evidence bundle of an order or of one transmission. The export itself becomes an event of the log."""
    from edigw.gateway.desk import evidence as desk

    if bool(thread) == bool(transmission):
        raise CommandError("give either --thread ORDER or --transmission ID")
    event_log = own_log(config)
    withheld = _withheld(withhold or [])
    try:
        xids = desk.export(
            event_log, output, admin(), order=thread, partner=partner, transmission=transmission, withhold=withheld
        )
    except desk.NothingKnown as error:
        raise CommandError(printable(str(error))) from error
    size = output.stat().st_size
    if json:
        print_json({"file": str(output), "size": size, "exchanges": xids})
    else:
        line(f"{output}: {size} bytes, {plural(len(xids), 'exchange')}, signed by {event_log.keys[0]}")


@evidence.command(epilog="Example: edigw evidence verify evidence.zip --key log.vkey")
def verify(
    file: Annotated[Path, typer.Argument(help="The bundle.")],
    key: Annotated[
        list[str] | None,
        typer.Option(help="The log's public key as you got it from the gateway's operator, or its file."),
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="The public key, or its file, of a witness that must have cosigned.")
    ] = None,
    tsa_ca: Annotated[
        list[Path] | None,
        typer.Option(help="Certificates (PEM) of a timestamping authority; one of those must have timestamped."),
    ] = None,
    allowed_signers: Annotated[
        Path | None,
        typer.Option(help="The partners' SSH keys from your agreements, as ssh-keygen reads them (ALLOWED SIGNERS)."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Verify a bundle offline: no configuration, no database, no network. Exit code 0 only if everything holds."""
    from edigw.log.verify import Unusable, key_arguments, verify_bundle, witness_arguments

    try:
        keys = key_arguments(key or []) + witness_arguments(witness or [])
        report = verify_bundle(file, keys, tsa_ca=tsa_ca or (), allowed_signers=allowed_signers)
    except Unusable as error:
        raise CommandError(str(error)) from error
    if json:
        told: dict[str, Any] = {
            "file": str(file),
            "verified": report.ok,
            "failure": report.failure,
            "warnings": report.warnings,
            "notes": report.notes,
            "unproved": report.unproved,
        }
        print_json(told)
    else:
        for text in report.story:
            line(printable(text))
        for text in report.notes:
            line(f"note: {printable(text)}")
        for text in report.unproved if report.ok else ():
            line(f"not proved: {printable(text)}")
        for text in report.warnings:
            line(f"warning: {printable(text)}")
        line(verdict(report.ok, report.failure))
    if not report.ok:
        raise typer.Exit(1)


@log.command("rotate-key", epilog="Example: edigw log rotate-key --days 30")
def rotate_key(
    days: Annotated[int, typer.Option(min=0, max=365, help="How long the old key signs beside the new one.")] = 30,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Give the log a new key. Both keys sign for the change; old checkpoints and receipts stay verifiable."""
    from datetime import timedelta

    from edigw.log.rotate import rotate
    from edigw.partners.load import load
    from edigw.store.clock import utc_now

    settings, event_log = load(config, private_keys=False), own_log(config, sign=False)
    until = (utc_now() + timedelta(days=days)).date()
    public = settings.log.key_file.with_suffix(".vkey")
    key = rotate(
        event_log.database,
        event_log.payloads,
        settings.log.origin,
        settings.log.key_file,
        keys=event_log.keys,
        highwater=settings.log.highwater_file,
        actor=admin(),
        until=until,
    )
    if json:
        print_json({"key": str(key), "old_key_until": until.isoformat(), "public_keys": str(public)})
        return
    line(f"the log's new key: {key}")
    line(f"the old one signs beside it until {until}. Restart the gateway now, and give {public} to your partners.")


def _withheld(arguments: list[str]) -> dict[str, str]:
    """Reasons by role or commitment. Raises CommandError."""
    from edigw.log.entry import ROLES

    reasons = {}
    for argument in arguments:
        what, _, why = argument.partition("=")
        if not why or (what not in ROLES and not re.fullmatch("[0-9a-f]{64}", what)):
            raise CommandError(f"--withhold {printable(argument)}: give a role or a commitment, =, and the reason")
        reasons[what] = why
    return reasons
