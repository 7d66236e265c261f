"""`edigw log verify`: the audit of our own log, or of one that was exported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edigw.admin.bars import Bars
from edigw.admin.logbook import log
from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, stored
from edigw.admin.output import CommandError, line, plural, print_json, printable, verdict

if TYPE_CHECKING:
    from edigw.log.audit import Problem, Progress

SHOWN = 100  # problems


@log.command("verify", epilog="Example: edigw log verify -c /etc/edigw/edigw.toml")
def audit(
    without_content: Annotated[
        bool, typer.Option(help="Check tree, signatures, entries and exchanges; read no object and no payload.")
    ] = False,
    offline: Annotated[Path | None, typer.Option(help="Verify a folder that `edigw log export` wrote.")] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="With --offline: the log's public key as you know it, or its file.")
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="With --offline: the key of a witness, whose cosignatures are checked.")
    ] = None,
    tsa_ca: Annotated[
        list[Path] | None,
        typer.Option(help="With --offline: certificates (PEM) of timestamping authorities, to check timestamps."),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A receipt or a checkpoint that lies elsewhere: the log must have grown from it."),
    ] = None,
    ask_witnesses: Annotated[
        bool, typer.Option(help="Ask the configured witnesses what they have seen: the log must have grown from it.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Recompute the whole log and compare it with every signature, stored byte and row. May run beside the gateway."""
    from edigw.log.audit import Progress

    warnings: list[str] = []
    if offline is not None:
        if against or ask_witnesses:
            raise CommandError("--against and --ask-witnesses are about a gateway's own log, not an exported one")
        found = _exported(offline, key or [], witness or [], tsa_ca or [], warnings)
    else:
        if key or witness or tsa_ca:
            raise CommandError("--key, --witness and --tsa-ca go with --offline: edigw.toml names those of this log")
        found = _own(config, against or [], ask_witnesses, not without_content, warnings)
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
        told = {"verified": not count, "problems": listed, "problem_count": count, "checked": checked}
        print_json({**told, "warnings": warnings})
    else:
        for p in problems:
            line(f"{printable(p.where)}: {printable(p.what)}" + (f" (exchange {p.xid})" if p.xid else ""))
        if count > len(problems):
            line(f"... and {count - len(problems)} more")
        for warning in warnings:
            line(f"warning: {printable(warning)}")
        counts = ", ".join(f"{n} {what}" for what, n in checked.items())
        line(verdict(not count, _first(problems, count)) + f"  {counts}")
    if count:
        raise typer.Exit(1)


def _own(
    config: Path, against: Sequence[Path], ask_witnesses: bool, contents: bool, warnings: list[str]
) -> Iterator[Problem | Progress]:
    """The audit of a gateway's log. Raises ConfigError, StoreError, LogError, CommandError."""
    from edigw.log.audit import audit as recompute
    from edigw.log.keys import load_verifiers
    from edigw.partners.anchors import attesters

    settings, database, payloads = stored(config)
    keys = load_verifiers(settings.log.key_file.with_suffix(".vkey"))
    held = {str(path): _note(path) for path in against}
    if ask_witnesses:
        import asyncio

        from edigw.gateway.upkeep.anchoring import held_elsewhere

        shown = asyncio.run(held_elsewhere(settings.log, tuple(keys), settings.log.anchors.timeout_seconds))
        warnings += shown.unknown
        held |= shown.notes
    return recompute(
        database,
        payloads,
        keys,
        settings.log.highwater_file,
        held=held,
        trusted=attesters(settings.log),
        folder=settings.log.anchors.folder,
        contents=contents,
    )


def _exported(
    folder: Path, keys: list[str], witnesses: list[str], tsa_ca: list[Path], warnings: list[str]
) -> Iterator[Problem | Progress]:
    """The verification of an exported log. Raises CommandError, LogError."""
    from edigw.log.anchors import timestamp
    from edigw.log.anchors.statement import Attesters
    from edigw.log.note import VerifierKey
    from edigw.log.offline import verify_archive
    from edigw.log.verify import Unusable, key_arguments, witness_arguments

    try:
        known = [VerifierKey.parse(text) for text in key_arguments(keys or [str(folder / "log.vkey")])]
        cosigners = tuple(VerifierKey.parse(text) for text in witness_arguments(witnesses))
    except Unusable as error:
        raise CommandError(str(error)) from error
    if not keys:
        warnings.append("the key was taken from the folder itself: this shows only that it is consistent in itself")
    if not witnesses and not tsa_ca:
        warnings.append("timestamps and cosignatures were not checked: give --tsa-ca and --witness")
        return verify_archive(folder, known)
    roots = tuple(root for path in tsa_ca for root in timestamp.load_roots(path))
    return verify_archive(folder, known, Attesters(witnesses=cosigners, any_authority=roots))


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
