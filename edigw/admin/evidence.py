"""`edigw evidence` and `edigw log verify`: proof for others, and the audit of our own log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edigw.admin import archive
from edigw.admin.bars import Bars
from edigw.admin.logbook import log
from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log, stored
from edigw.admin.output import CommandError, line, plural, print_json, printable, styled

if TYPE_CHECKING:
    from edigw.log.audit import Problem

evidence = typer.Typer(no_args_is_help=True, help="Export what proves an exchange, and verify it without a gateway.")
SHOWN = 100  # problems of an audit


def register(app: typer.Typer) -> None:
    """Add `edigw evidence`; `edigw log verify` joins its group on import."""
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
            metavar="WHAT=REASON", help="Leave objects out: a role (payload.original, detail) or a commitment, and why."
        ),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the evidence bundle of an order or of one transmission. The export itself becomes an event of the log."""
    from edigw.gateway import queries
    from edigw.log.bundle import export as write_bundle
    from edigw.log.eventlog import new_xid

    if bool(thread) == bool(transmission):
        raise CommandError("give either --thread ORDER or --transmission ID")
    withheld = _withheld(withhold or [])
    event_log = own_log(config)
    with event_log.database.read() as conn:
        if thread:
            xids = queries.exchanges_of_thread(conn, event_log.payloads, thread, partner)
        else:
            row = queries.find_transmission(conn, transmission)
            xids = [] if row is None else queries.exchanges_of_transmission(conn, row)
    if not xids:
        raise CommandError(f"nothing is known of {printable(thread or transmission)}")
    with event_log.database.write() as conn:
        event_log.append(
            conn,
            type="evidence.exported",
            xid=new_xid(),
            actor=admin(),
            detail={"thread": thread, "transmission": transmission, "exchanges": xids, "withheld": withheld},
        )
    while event_log.integrate():
        pass
    subject = f"order {thread}" if thread else f"transmission {transmission}"
    write_bundle(event_log, xids, output, withhold=withheld, subject=subject)
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
    allowed_signers: Annotated[
        Path | None,
        typer.Option(help="The partners' SSH keys from your agreements, as ssh-keygen reads them (ALLOWED SIGNERS)."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Verify a bundle offline: no configuration, no database, no network. Exit code 0 only if everything holds."""
    from edigw.log.verify import Unusable, key_arguments, verify_bundle

    try:
        report = verify_bundle(file, key_arguments(key or []), allowed_signers=allowed_signers)
    except Unusable as error:
        raise CommandError(str(error)) from error
    if json:
        told: dict[str, Any] = {
            "file": str(file),
            "verified": report.ok,
            "failure": report.failure,
            "warnings": report.warnings,
            "notes": report.notes,
        }
        print_json(told)
    else:
        for text in report.story:
            line(printable(text))
        for text in report.notes:
            line(f"note: {printable(text)}")
        for text in report.warnings:
            line(f"warning: {printable(text)}")
        line(_verdict(report.ok, report.failure))
    if not report.ok:
        raise typer.Exit(1)


@log.command("verify", epilog="Example: edigw log verify -c /etc/edigw/edigw.toml")
def audit(
    without_content: Annotated[
        bool, typer.Option(help="Check tree, signatures, entries and exchanges; read no object and no payload.")
    ] = False,
    offline: Annotated[Path | None, typer.Option(help="Verify a folder that `edigw log export` wrote.")] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="With --offline: the log's public key as you know it, or its file.")
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A receipt or a checkpoint that lies elsewhere: the log must have grown from it."),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Recompute the whole log and compare it with every signature, stored byte and row. May run beside the gateway."""
    from edigw.log.audit import Progress
    from edigw.log.audit import audit as recompute
    from edigw.log.keys import load_verifiers

    known = True
    found: Iterator[Problem | Progress]
    if offline is not None:
        if against:
            raise CommandError("--against holds a gateway's own log against what lies elsewhere, not an exported one")
        found, known = archive.offline(offline, key or [])
    else:
        settings, database, payloads = stored(config)
        keys = load_verifiers(settings.log.key_file.with_suffix(".vkey"))
        mark = settings.log.highwater_file
        held = {str(path): _note(path) for path in against or []}
        found = recompute(database, payloads, keys, mark, held=held, contents=not without_content)
    problems: list[Problem] = []
    count = 0
    checked: dict[str, int] = {}
    with Bars() as bars:
        for one in found:
            if isinstance(one, Progress):
                checked[one.part] = one.done
                bars.show(one.part, one.done, one.total)
            else:
                count += 1
                problems += [one][: SHOWN - len(problems)]
    if json:
        listed = [{"where": p.where, "what": p.what, "exchange": p.xid} for p in problems]
        print_json({"verified": not count, "problems": listed, "problem_count": count, "checked": checked})
    else:
        for p in problems:
            line(f"{printable(p.where)}: {printable(p.what)}" + (f" (exchange {p.xid})" if p.xid else ""))
        if count > len(problems):
            line(f"... and {count - len(problems)} more")
        if not known:
            line("warning: the key was taken from the folder itself: this shows only that it is consistent in itself")
        counts = ", ".join(f"{n} {what}" for what, n in checked.items())
        line(_verdict(not count, _first(problems, count)) + f"  {counts}")
    if count:
        raise typer.Exit(1)


def _note(path: Path) -> str:
    """The checkpoint in a file, itself or at the end of a receipt or proof."""
    from edigw.log.receipt import FIRST_LINE, RECEIPT_LIMIT

    try:
        with path.open("rb") as file:
            text = file.read(RECEIPT_LIMIT).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: can't be read ({error})") from error
    return text.partition("\n\n")[2] if text.startswith(FIRST_LINE) else text


def _first(problems: Sequence[Problem], count: int) -> str:
    return f"{plural(count, 'problem')}, the first: {problems[0]}" if problems else ""


@log.command("rotate-key", epilog="Example: edigw log rotate-key --days 30")
def rotate_key(
    days: Annotated[int, typer.Option(min=0, max=365, help="How long the old key signs beside the new one.")] = 30,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Give the log a new key. Both keys sign for the change; old checkpoints and receipts stay verifiable."""
    from datetime import timedelta

    from edigw.log.keys import load_verifiers
    from edigw.log.rotate import rotate
    from edigw.store.clock import utc_now

    settings, database, payloads = stored(config)
    until = (utc_now() + timedelta(days=days)).date()
    public = settings.log.key_file.with_suffix(".vkey")
    key = rotate(
        database,
        payloads,
        settings.log.origin,
        settings.log.key_file,
        keys=tuple(load_verifiers(public)),
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


def _verdict(good: bool, failure: str) -> str:
    return (
        styled("VERIFIED", colour="green", bold=True)
        if good
        else styled(f"DOES NOT VERIFY: {printable(failure)}", colour="red", bold=True)
    )
