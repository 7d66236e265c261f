"""`edigw guide`: implementation guides, checked against the standard and written out for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edigw.admin.opening import JsonOption
from edigw.admin.output import line, plural, print_json, styled, write_output

guide = typer.Typer(
    help="Implementation guides: what a partner wants beyond the standard.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add `edigw guide`."""
    app.add_typer(guide, name="guide")


@guide.command(epilog="Example: edigw guide check acme-orders.yaml")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="GUIDE", help="Guide files (YAML).")],
    as_json: JsonOption = False,
) -> None:
    """Check guides: their form, their locations and codes against the standard, and their examples.

    Exit code 0 if all are right, 1 if not."""
    from edigw.directory.guides import problems, read_guide

    told = []
    failed = False
    for path in files:
        found, wrong = read_guide(path)
        wrong = wrong or problems(found)
        failed = failed or bool(wrong)
        told.append(
            {
                "file": str(path),
                "valid": not wrong,
                "errors": [{"line": error.line, "text": error.reason} for error in wrong],
            }
        )
        if as_json:
            continue
        for error in wrong:
            line(str(error))
        if found is not None and not wrong:
            counted = f"{plural(len(found.entries), 'location')}, {plural(len(found.rules), 'rule')}"
            versions = ", ".join(found.versions)
            line(f"{path}: {styled('valid', colour='green')}, {found.message} {versions}, {counted}")
    if as_json:
        print_json(told)
    if failed:
        raise typer.Exit(1)


@guide.command(epilog="Example: edigw guide doc acme-orders.yaml -o acme-orders.html")
def doc(
    file: Annotated[Path, typer.Argument(metavar="GUIDE", help="A guide file (YAML).")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="OUT", help="Write to this file.")] = "-",
    version: Annotated[
        str, typer.Option(metavar="VERSION", help="One of the guide's versions; default: its first.")
    ] = "",
) -> None:
    """Write a guide as a document for people: HTML in one file, for screen and paper."""
    from edigw.admin.html import guide_page
    from edigw.admin.output import CommandError
    from edigw.directory.guides import load_guide

    found = load_guide(file)
    chosen = version or found.versions[0]
    if chosen not in found.versions:
        raise CommandError(f"{file}: is for {', '.join(found.versions)}, not for {version}")
    write_output(output, guide_page(found, chosen).encode())
