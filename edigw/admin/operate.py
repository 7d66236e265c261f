"""`edigw resend`, `hold`, `release`, `reprocess`: what an admin does with a transmission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, admin, own_log
from edigw.admin.output import CommandError, line, plural, say

IdArgument = Annotated[str, typer.Argument(help="The transmission's id, or the last part of it (edigw log search).")]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the log with your name.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command(epilog="Example: edigw resend 8DG5QNSM --reason 'their disk was full'")(resend)
    app.command(epilog="Example: edigw reissue 8DG5QNSM --reason 'they take no number twice'")(reissue)
    app.command(epilog="Example: edigw hold 8DG5QNSM --reason 'wrong price list'")(hold)
    app.command(epilog="Example: edigw release 8DG5QNSM --reason 'partner is set up now'")(release)
    app.command(epilog="Example: edigw reprocess 8DG5QNSM --reason 'binding corrected'")(reprocess)


def resend(id: IdArgument, reason: ReasonOption, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Send the same bytes to the partner once more, under the same name and number."""
    _act("resend", id, reason, config)


def reissue(id: IdArgument, reason: ReasonOption, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Send the same messages to the partner once more, in an interchange with new control numbers."""
    from edigw.gateway.desk import reissue as issuing
    from edigw.gateway.desk.operate import Refusal
    from edigw.gateway.service import open_context
    from edigw.partners.load import load

    try:
        new = issuing.reissue(open_context(load(config)), id, admin(), reason)
    except (Refusal, LookupError) as refusal:
        raise CommandError(str(refusal)) from refusal
    line(f"reissue: {new}; a running gateway takes it up within a second")


def hold(id: IdArgument, reason: ReasonOption, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Keep what waits for delivery from going out."""
    _act("hold", id, reason, config)


def release(id: IdArgument, reason: ReasonOption, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Let go what is held: deliver it, or process it with the configuration as it is now."""
    _act("release", id, reason, config)


def reprocess(
    reason: ReasonOption,
    id: Annotated[str, typer.Argument(help="The transmission's id, or the last part of it (edigw log search).")] = "",
    held_for: Annotated[
        str, typer.Option(metavar="REASON", help="Every file that is held for this reason: unknown_receiver ...")
    ] = "",
    partner: Annotated[str, typer.Option(metavar="CODE", help="With --held-for: only files of this partner.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Process a received file again, or all that are held for one reason; what was forwarded before is not forwarded
    again.

    Example: edigw reprocess --held-for unknown_receiver --reason 'acme is set up now'"""
    if bool(id) == bool(held_for):
        raise CommandError("give the id of a transmission, or --held-for with a reason")
    if id:
        _act("reprocess", id, reason, config)
    else:
        _reprocess_all(held_for, partner, reason, config)


def _reprocess_all(held_for: str, partner: str, reason: str, config: Path) -> None:
    from edigw.gateway.desk import held

    log = own_log(config)
    done = held.reprocess(log, held_for, partner, admin(), reason)
    for id in done:
        line(f"reprocess: {id}")
    if done:
        line(f"{plural(len(done), 'file')}; a running gateway takes them up within a second")
        return
    with log.database.read() as conn:
        waiting = held.reasons(conn)
    others = ", ".join(f"{name} ({count})" for name, count in sorted(waiting.items()))
    say(f"nothing is held for {held_for}" + (f"; held now: {others}" if others else ""))


def _act(action: str, id: str, reason: str, config: Path) -> None:
    from edigw.gateway.desk import operate

    acts = {"resend": operate.resend, "hold": operate.hold, "release": operate.release, "reprocess": operate.reprocess}
    try:
        done = acts[action](own_log(config, sign=False), id, admin(), reason)
    except operate.Refusal as refusal:
        raise CommandError(str(refusal)) from refusal
    line(f"{action}: {done}; a running gateway takes it up within a second")
