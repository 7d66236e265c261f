"""`edigw evidence` and `edigw log verify`: proof for others, and the audit of our own log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from edigw.admin.logbook import log
from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log, stored
from edigw.admin.output import CommandError, line, plural, print_json, printable, styled

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
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the evidence bundle of an order or of one transmission. The export itself becomes an event of the log."""
    from edigw.gateway import queries
    from edigw.log.bundle import export as write_bundle
    from edigw.log.eventlog import new_xid

    if bool(thread) == bool(transmission):
        raise CommandError("give either --thread ORDER or --transmission ID")
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
            detail={"thread": thread, "transmission": transmission, "exchanges": xids},
        )
    while event_log.integrate():
        pass
    write_bundle(event_log, xids, output)
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
    json: JsonOption = False,
) -> None:
    """Verify a bundle offline: no configuration, no database, no network. Exit code 0 only if everything holds."""
    from edigw.log.verify import Unusable, key_arguments, verify_bundle

    try:
        report = verify_bundle(file, key_arguments(key or []))
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
def audit(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Recompute the whole log and compare it with every signature, stored byte and row. May run beside the gateway."""
    from edigw.log.audit import Problem, Progress
    from edigw.log.audit import audit as recompute
    from edigw.log.keys import load_verifiers

    settings, database, payloads = stored(config)
    keys = load_verifiers(settings.log.key_file.with_suffix(".vkey"))
    problems: list[Problem] = []
    checked: dict[str, int] = {}
    with _Bars() as bars:
        for found in recompute(database, payloads, keys, settings.log.highwater_file):
            if isinstance(found, Progress):
                checked[found.part] = found.done
                bars.show(found.part, found.done, found.total)
            else:
                problems.append(found)
    if json:
        listed = [{"where": p.where, "what": p.what, "exchange": p.xid} for p in problems[:SHOWN]]
        print_json({"verified": not problems, "problems": listed, "checked": checked})
    else:
        for p in problems[:SHOWN]:
            line(f"{printable(p.where)}: {printable(p.what)}" + (f" (exchange {p.xid})" if p.xid else ""))
        counts = ", ".join(f"{n} {what}" for what, n in checked.items())
        line(_verdict(not problems, plural(len(problems), "problem")) + f"  {counts}")
    if problems:
        raise typer.Exit(1)


def _verdict(good: bool, failure: str) -> str:
    return (
        styled("VERIFIED", colour="green", bold=True)
        if good
        else styled(f"DOES NOT VERIFY: {printable(failure)}", colour="red", bold=True)
    )


class _Bars:
    """Progress on standard error, on a terminal only."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> _Bars:
        if self._progress.console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, total=total)
