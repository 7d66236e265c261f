"""`edigw mapping`: the bindings and overlays, for the analyst who writes and tests them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption
from edigw.admin.output import CommandError, line, plural, print_json, printable, progress, say, styled, write_output

if TYPE_CHECKING:
    from edigw.admin.subject import Subject
    from edigw.mapping.analysis.examples import Outcome

mapping = typer.Typer(
    help="Bindings and partners' overlays: list, test, document, compare and replay them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
OptionalConfig = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="EDIGW_CONFIG", help="The gateway's edigw.toml, for its partners' overlays."),
]
_COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def register(app: typer.Typer) -> None:
    """Add `edigw mapping`."""
    app.add_typer(mapping, name="mapping")


@mapping.command("list", epilog="Example: edigw mapping list --config edigw.toml")
def list_(json: JsonOption = False, config: OptionalConfig = None) -> None:
    """List the bindings, and with --config the overlays that partners have agreed."""
    from edigw.admin.subject import shipped_subjects
    from edigw.mapping.versions import spans

    told = [_binding(subject) for subject in shipped_subjects()]
    overlays = _overlays(config) if config is not None else []
    if json:
        print_json({"bindings": told, "overlays": overlays})
        return
    for one in told:
        counted = f"{plural(one['rules'], 'rule')}, {plural(one['examples'], 'example')}"
        line(f"{one['name']:<24} {one['document']:<20} {', '.join(spans(one['versions']))}; {counted}")
    for one in overlays:
        line(f"{one['partner']}: {one['file']} extends {one['extends']}, {one['direction']}, {one['sha256'][:12]}")


def _binding(subject: Subject) -> dict[str, Any]:
    from edigw.mapping.overlay import rules_of

    entry = subject.adapted().entry
    return {
        "name": subject.binding,
        "document": entry["document"],
        "standard": entry["standard"],
        "message": str(entry["message"]),
        "versions": entry["versions"],
        "rules": sum(1 for _ in rules_of(entry)),
        "examples": len(subject.examples()),
    }


def _overlays(config: Path) -> list[dict[str, Any]]:
    from edigw.partners.load import load

    return [
        {
            "partner": code,
            "file": str(each.overlay.file),
            "extends": each.overlay.extends,
            "versions": list(each.overlay.versions),
            "direction": each.direction,
            "sha256": each.overlay.sha256,
        }
        for code, partner in load(config, private_keys=False).partners.items()
        for each in partner.adaptations
    ]


# ---------------------------------------------------------------- test


@mapping.command(epilog="Example: edigw mapping test acme-orders.yaml --record")
def test(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TARGET]...", help="Bindings or overlay files; default: all bindings."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Write what has no expectation yet, to be looked at before it is kept.")
    ] = False,
    version: Annotated[str, typer.Option(metavar="VERSION", help="In this version of the directory.")] = "",
    json: JsonOption = False,
    config: OptionalConfig = None,
) -> None:
    """Run the examples of bindings and overlays: what a message is read as, and what is written from that.

    The examples of an overlay lie in a folder beside it that is called like it. With --config the overlays of all
    partners are tested, too. Exit code 0 if all is as expected, 1 if not."""
    from edigw.admin.subject import shipped_subjects, subject
    from edigw.mapping.analysis.examples import run

    files = [one["file"] for one in _overlays(config)] if config is not None else []
    chosen = [subject(text, version) for text in [*(targets or ()), *files]]
    if not chosen:
        chosen = shipped_subjects()
    for one in chosen:  # a location that is wrong in any version is told before anything runs
        _every_version(one)
    work = [(one, example) for one in chosen for example in one.examples()]
    if record and any(one.overlay is None for one, _ in work):
        raise CommandError("--record is for overlays; the examples of bindings ship with the gateway")
    outcomes = [(one, run(example, one.compiled(example), record=record)) for one, example in progress(work, "testing")]
    if json:
        print_json([_outcome(one, outcome) for one, outcome in outcomes])
    else:
        _tell(outcomes)
        for one in chosen:
            if one.overlay is not None and not one.examples():
                say(f"{one}: no example; put messages of the partner into {one.overlay.examples} as NAME.{one.kind}")
    if any(not outcome.passed for _, outcome in outcomes):
        raise typer.Exit(1)


def _every_version(one: Subject) -> None:
    from edigw.mapping import library

    if one.overlay is not None:
        library.check_every_version(one.binding, one.overlay)


def _outcome(one: Subject, outcome: Outcome) -> dict[str, Any]:
    return {
        "binding": one.binding,
        "overlay": str(one.overlay.file) if one.overlay else None,
        "version": one.version,
        "example": outcome.example.name,
        "passed": outcome.passed,
        "differences": outcome.differences,
        "recorded": [str(path) for path in outcome.recorded],
    }


def _tell(outcomes: list[tuple[Subject, Outcome]]) -> None:
    for one, outcome in outcomes:
        word = styled("passed", colour="green") if outcome.passed else styled("FAILED", colour="red", bold=True)
        line(f"{one}: {printable(outcome.example.name)}: {word}")
        for difference in outcome.differences:
            for text in difference.splitlines():
                line(f"    {_difference(printable(text))}")
        for path in outcome.recorded:
            line(f"    written: {path}")
    failed = sum(not outcome.passed for _, outcome in outcomes)
    line(f"{plural(len(outcomes), 'example')}, {failed} failed")


def _difference(text: str) -> str:
    colour = {"+": "green", "-": "red"}.get(text[:1])
    return styled(text, colour=colour) if colour else text


# ---------------------------------------------------------------- doc, diff


@mapping.command(epilog="Example: edigw mapping doc order/850:005010 -o order-850.html")
def doc(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A binding, order/850, or an overlay file.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="OUT", help="Write to this file.")] = "-",
    version: Annotated[str, typer.Option(metavar="VERSION", help="In this version of the directory.")] = "",
) -> None:
    """Write a mapping specification: HTML in one file, for screen and paper.

    It has every rule, the code lists, how much of the message the binding covers, and, of an overlay, what differs from
    the standard binding."""
    from edigw.admin.html.mapping import mapping_page
    from edigw.admin.subject import subject

    write_output(output, mapping_page(subject(target, version)).encode())


@mapping.command(epilog="Example: edigw mapping diff order/850 acme-orders.yaml --sample po.edi")
def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A binding, order/850:004010, or an overlay file.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="What to compare it with.")],
    sample: Annotated[
        str, typer.Option(metavar="FILE", help="A message, or a document as JSON: what would differ for it, too.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Compare two versions of a binding, or a binding and an overlay, rule by rule.

    Exit code 0 if nothing differs, 1 if something does."""
    from edigw.admin.comparison import compare
    from edigw.admin.subject import subject
    from edigw.mapping.analysis.differences import differences

    one, other = subject(before), subject(after)
    if one.binding != other.binding:
        raise CommandError(f"{one.binding} and {other.binding} are different bindings")
    versions = None if one.version == other.version else (one.version, other.version)
    rules = differences(one.adapted(), other.adapted(), versions)
    one.compiled(), other.compiled()
    shown = compare(one, other, sample) if sample else []
    if json:
        told = [{"kind": d.kind, "rule": d.id, "changes": [list(change) for change in d.changes]} for d in rules]
        print_json({"rules": told, "sample": shown})
    else:
        for each in rules:
            line(styled(f"{_SIGNS[each.kind]} {each.id}: {printable(str(each))}", colour=_COLOURS[each.kind]))
        for text in "\n".join(shown).splitlines():
            line(_difference(printable(text)))
        if not rules and not shown:
            line("no difference")
    if rules or shown:
        raise typer.Exit(1)


# ---------------------------------------------------------------- replay


@mapping.command(epilog="Example: edigw mapping replay --partner acme --last 20 --overlay acme-orders.yaml")
def replay(
    partner: Annotated[str, typer.Option(help="The partner's code.")],
    last: Annotated[int, typer.Option(min=1, max=1000, help="So many of its latest messages.")] = 20,
    overlay: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="An overlay to try instead of the agreed one.")
    ] = None,
    mappings: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of bindings to try instead of the gateway's.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Run the latest messages of a partner through a changed mapping, and show what would differ.

    Those that it sent and those that were sent to it; nothing of the gateway changes. That their content was looked at
    is an event of the log. Exit code 0 if nothing would differ, 1 if something would."""
    from edigw.admin.replaying import run_replay

    told = run_replay(config, partner, last, overlay or [], mappings)
    if json:
        print_json(told)
    else:
        for one in told:
            place = f"{one['id']}  {one['type']} {one['version']} {one['number']} to {one['target']}"
            verdict = "would differ" if one["differences"] else "the same"
            line(f"{printable(place)}: {styled(verdict, colour='yellow' if one['differences'] else 'green')}")
            for difference in one["differences"]:
                for text in difference.splitlines():
                    line(f"    {_difference(printable(text))}")
        differ = sum(bool(one["differences"]) for one in told)
        line(f"{plural(len(told), 'message')}, {differ} would differ")
    if any(one["differences"] for one in told):
        raise typer.Exit(1)
