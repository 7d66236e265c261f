"""The commands for files: `check`, `show`, `convert` and `ack`. They need no gateway and no configuration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from edigw.admin.opening import JsonOption
from edigw.admin.output import (
    CommandError,
    line,
    named,
    plural,
    print_json,
    printable,
    progress,
    read_input,
    say,
    write_output,
)

if TYPE_CHECKING:
    from edigw.directory.guides import Guide
    from edigw.mapping import Loss
    from edigw.syntax.model import ParsedFile

_SHOWN_LOSSES = 10


class Form(StrEnum):
    """What `edigw ack` can be asked for."""

    AUTO = "auto"
    CONTRL = "contrl"
    X997 = "997"
    X999 = "999"
    TA1 = "ta1"


GuideOption = Annotated[
    list[Path], typer.Option("--guide", metavar="GUIDE", help="An implementation guide to be kept, too (YAML).")
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="An interchange; - reads standard input.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command("check")(check)
    app.command("show")(show)
    app.command("convert")(convert)
    app.command("ack")(ack)


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Interchanges; - reads standard input.")],
    as_json: JsonOption = False,
    notes: Annotated[bool, typer.Option("--notes", help="Also tell what was merely repaired in reading.")] = False,
    guide: GuideOption = [],  # noqa: B006 - the framework copies it
    html: Annotated[str, typer.Option(metavar="OUT", help="Write a report for people to this file.")] = "",
) -> None:
    """Validate EDIFACT and X12 files.

    Checked are envelopes, segments and their order, elements, codes, dates, counts and totals, and what a partner's
    implementation guide (--guide, several if need be) says beyond the standard.
    Exit code 0 if every file is valid, 1 if one is not.

    Example:

    \b
        edigw check orders.edi despatch.x12
        cat orders.edi | edigw check - --json
        edigw check orders.edi --guide acme-orders.yaml --html report.html
    """
    from edigw.admin import report

    told: list[object] = []
    invalid = 0
    guides = _guides(guide)
    pages: list[tuple[str, ParsedFile, bytes]] = []
    for name in progress(files, "checking"):
        data = read_input(name)
        parsed = _checked(data)
        _apply(guides, parsed, name)
        invalid += not report.is_valid(parsed)
        if html:
            pages.append((named(name), parsed, data))
        if as_json:
            told.append(report.as_json(name, parsed))
        else:
            for text in report.as_text(named(name), parsed, data, notes=notes):
                line(text)
    if html:
        from edigw.admin.html import report_page

        write_output(html, report_page(pages, guides).encode())
    if as_json:
        print_json(told)
    elif len(files) > 1:
        say(f"{plural(len(files), 'file')}: {invalid} invalid, {len(files) - invalid} valid")
    if invalid:
        raise typer.Exit(1)


def show(
    file: FileArgument,
    guide: GuideOption = [],  # noqa: B006 - the framework copies it
) -> None:
    """Print an interchange for human eyes.

    Names stand beside segments, elements and codes, and errors where they are; those against a partner's implementation
    guide (--guide), too. Exit code 0 if the file is valid, 1 if not.

    Example:

    \b
        edigw show despatch.x12 | less
        edigw show orders.edi --guide acme-orders.yaml
    """
    from edigw.admin import report
    from edigw.admin.show import lines

    parsed = _checked(read_input(file))
    _apply(_guides(guide), parsed, file)
    for text in lines(parsed):
        line(text)
    if not report.is_valid(parsed):
        raise typer.Exit(1)


def convert(
    file: FileArgument,
    to: Annotated[str, typer.Option(metavar="TARGET", help="json, ubl, or message and version: ORDERS:D.96A.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="OUT", help="Write to this file.")] = "-",
    loss: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="Write what did not pass unchanged to this file: JSON, or text for a name.txt."
        ),
    ] = "",
    sender: Annotated[str, typer.Option(metavar="ID[:QUALIFIER]", help="The sender in the envelope.")] = "",
    receiver: Annotated[str, typer.Option(metavar="ID[:QUALIFIER]", help="The receiver in the envelope.")] = "",
    newline: Annotated[bool, typer.Option("--newline", help="A line feed after every segment.")] = False,
) -> None:
    """Translate a file into another standard.

    Reads and writes EDIFACT, X12, UBL 2.1 (XML) and canonical JSON. Every message becomes an interchange of its own; a
    file of UBL holds one document.
    Exit code 1 if the file, or what became of it, is not valid.

    Example:

    \b
        edigw convert orders.edi --to 850:004010 -o po.x12 --loss loss.json
        edigw convert orders.edi --to json
    """
    from edigw.admin import convert as converter
    from edigw.admin import report

    wanted = converter.target(to)
    data = read_input(file)
    if converter.is_json(data):
        contents = converter.read_json(named(file), data)
    elif converter.is_xml(data):
        contents = converter.read_xml(named(file), data)
    else:
        parsed = _checked(data)
        if not report.is_valid(parsed):
            _complain(named(file), parsed, data)
        contents = converter.read_messages(named(file), parsed)
    losses = [list(content.losses) for content in contents]
    if wanted is None:
        result = converter.as_json(contents)
    elif wanted.is_ubl and len(contents) > 1:
        raise CommandError(f"{named(file)} holds {len(contents)} documents, and a file of UBL holds one")
    else:
        options = converter.Options(datetime.now(UTC), sender, receiver, newline)
        written = [converter.write(content, wanted, n, options) for n, content in enumerate(contents, 1)]
        result = b"".join(each.data for each in written)
        losses = [[*lost, *each.losses] for lost, each in zip(losses, written, strict=True)]
    write_output(output, result)
    if loss:
        form = converter.losses_text if loss.endswith(".txt") else converter.losses_json
        write_output(loss, form(contents, losses))
    _tell_losses([(c.control, lost) for c, some in zip(contents, losses, strict=True) for lost in some], loss)
    if wanted is None or wanted.is_ubl:
        return
    if not report.is_valid(outcome := _checked(result)):
        _complain("the result" if output == "-" else output, outcome, result)


def _complain(name: str, parsed: ParsedFile, data: bytes) -> NoReturn:
    """What is wrong with a file, for people, and exit code 1."""
    from edigw.admin import report

    for text in report.as_text(name, parsed, data):
        say(text)
    raise typer.Exit(1)


def _tell_losses(losses: Sequence[tuple[str, Loss]], file: str) -> None:
    if not losses:
        return
    say(f"{plural(len(losses), 'value')} did not pass unchanged:")
    for control, lost in losses[:_SHOWN_LOSSES]:
        place = f"message {control}, " if control else ""
        say(printable(f"  {place}{lost.location}: {lost.text}"))
    if len(losses) > _SHOWN_LOSSES:
        say(f"  and {len(losses) - _SHOWN_LOSSES} more" + (f", see {file}" if file else "; --loss FILE lists all"))


def ack(
    file: FileArgument,
    form: Annotated[Form, typer.Option("--as", metavar="FORM", help="auto, contrl, 997, 999 or ta1.")] = Form.AUTO,
    control: Annotated[int, typer.Option(min=1, max=999_999_999, help="The number of the answer.")] = 1,
    guide: GuideOption = [],  # noqa: B006 - the framework copies it
) -> None:
    """Print the acknowledgement of a file.

    It is the one that the gateway would send. Exit code 0 if the file is valid, 1 if not.

    Example:

        edigw ack orders.edi --as contrl
    """
    from edigw.admin import report
    from edigw.admin.answer import answer

    parsed = _checked(read_input(file))
    _apply(_guides(guide), parsed, file)
    if not parsed.interchanges:
        raise CommandError(f"{named(file)}: holds no interchange, so nobody can be answered")
    now = datetime.now(UTC)
    answers = [answer(each, form, control + n, now) for n, each in enumerate(parsed.interchanges)]
    write_output("-", b"".join(data for data in answers if data is not None))
    if None in answers:
        say(f"{named(file)}: acknowledgements are not acknowledged")
    if not report.is_valid(parsed):
        raise typer.Exit(1)


def _checked(data: bytes) -> ParsedFile:
    from edigw import directory

    return directory.check(data)


def _guides(paths: Sequence[Path]) -> list[Guide]:
    if not paths:
        return []
    from edigw.directory.guides import load_guide

    return [load_guide(path) for path in paths]


def _apply(guides: Sequence[Guide], parsed: ParsedFile, name: str) -> None:
    """Hold a file against the guides, and say so if there was nothing to hold."""
    if not guides:
        return
    from edigw.directory.guides import apply

    if not apply(parsed, guides):
        kinds = " or ".join(dict.fromkeys(guide.message for guide in guides))
        say(f"{named(name)}: holds no {kinds}, so no guide was applied")
