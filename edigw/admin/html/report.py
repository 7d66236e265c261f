"""The report on checked files for the people who sent them: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edigw.admin.html.listing import listing
from edigw.admin.html.markup import Child, Markup, facts, page, status, table, tag
from edigw.admin.output import plural
from edigw.admin.report import all_findings, headline, is_valid, message_line, where
from edigw.directory import Directory, NotInDirectory, directory_of
from edigw.directory.cells import cased
from edigw.directory.guides import Guide
from edigw.syntax.advice import ADVICE
from edigw.syntax.findings import Finding
from edigw.syntax.model import Interchange, Message, ParsedFile

_MOST = 500  # findings of one message that are shown


def report_page(files: Sequence[tuple[str, ParsedFile, bytes]], guides: Sequence[Guide] = ()) -> str:
    """An HTML document about checked files: for each its name, what was found, and its bytes. `guides` are those that
    were applied."""
    names = ", ".join(name for name, _, _ in files)
    title = f"Validation report: {names}" if len(files) < 4 else f"Validation report on {len(files)} files"
    body: list[Child] = [tag("h1", "Validation report"), tag("p", _about(files, guides), class_="sub")]
    for number, (name, parsed, data) in enumerate(files, 1):
        body += _file(name, parsed, data, f"f{number}", guides, single=len(files) == 1)
    return page(title, *body, tag("footer", "Made by edigw check. Numbers of segments count from 1 at UNH or ST."))


def _about(files: Sequence[tuple[str, ParsedFile, bytes]], guides: Sequence[Guide]) -> str:
    text = f"{plural(len(files), 'file')}, checked against the standard"
    return (
        f"{text} and {', '.join(f'{g.name} ({g.edition})' if g.edition else g.name for g in guides)}"
        if guides
        else text
    )


def _file(
    name: str, parsed: ParsedFile, data: bytes, anchor: str, guides: Sequence[Guide], *, single: bool
) -> Iterator[Child]:
    errors = sum(f.severity == "error" for f in all_findings(parsed))
    warnings = sum(f.severity == "warning" for f in all_findings(parsed))
    valid = is_valid(parsed)
    counted = " and ".join(plural(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n)
    messages = [m for i in parsed.interchanges for m in i.messages]
    good = sum(m.valid for m in messages)
    if not single:
        yield tag("h2", name)
    yield tag(
        "div",
        tag(
            "p",
            status("ok" if valid else "error", "valid" if valid else "invalid"),
            f" {counted or 'Nothing to correct'}.",
        ),
        tag("p", f"{name}, {len(data)} bytes: {plural(len(messages), 'message')}, {good} of them without error."),
        class_=f"answer {'ok' if valid else 'bad'}",
    )
    yield from _loose(parsed.findings)
    for number, interchange in enumerate(parsed.interchanges, 1):
        yield from _interchange(interchange, data, f"{anchor}i{number}", guides)


def _interchange(interchange: Interchange, data: bytes, anchor: str, guides: Sequence[Guide]) -> Iterator[Child]:
    yield tag("h2", f"Interchange {interchange.control}")
    yield facts(
        (
            ("From", str(interchange.sender)),
            ("To", str(interchange.receiver)),
            ("Standard", headline(interchange).partition(" ")[0] + f", {interchange.syntax}"),
            ("Date and time", f"{interchange.date} {interchange.time}"),
            ("Test", "yes" if interchange.test else None),
        )
    )
    yield from _loose(interchange.findings)
    for group in interchange.groups:
        yield from _loose(group.findings)
    for number, message in enumerate(interchange.messages, 1):
        yield from _message(message, interchange, data, f"{anchor}m{number}", guides)


def _loose(findings: Sequence[Finding]) -> Iterator[Child]:
    """What was found outside of messages."""
    wanted = [f for f in findings if f.severity != "note"]
    if wanted:
        yield table(("", "What was found", "To do"), [_row(f, None) for f in wanted])


def _row(finding: Finding, anchor: str | None) -> Markup:
    place = where(finding)
    linked = tag("a", place, href=f"#{anchor}") if anchor else tag("span", place, class_="faint")
    return tag(
        "tr",
        tag("td", status(finding.severity, finding.severity)),
        tag("td", tag("div", finding.text), tag("div", linked, class_="small")),
        tag("td", ADVICE.get(finding.code, "")),
    )


def _message(
    message: Message, interchange: Interchange, data: bytes, anchor: str, guides: Sequence[Guide]
) -> Iterator[Child]:
    names = _names(message, interchange)
    title = cased(names.message(message.type).name) if names and message.type in names.messages() else ""
    yield tag("h3", f"{title}: {message_line(message)}" if title else message_line(message))
    wanted = [f for f in message.findings if f.severity != "note"]
    shown = wanted[:_MOST]
    numbered = {id(f): f"{anchor}-{n}" for n, f in enumerate(shown, 1)}
    if not shown:
        yield tag("p", status("ok", f"valid, {plural(len(message.segments), 'segment')}"))
    else:
        yield table(("", "What was found", "To do"), [_row(f, numbered[id(f)]) for f in shown])
        if len(wanted) > len(shown):
            yield tag("p", f"{len(wanted) - len(shown)} further findings are not shown.", class_="muted")
    yield listing(message, interchange, data, names, numbered, guides)


def _names(message: Message, interchange: Interchange) -> Directory | None:
    try:
        return directory_of(message, interchange)
    except NotInDirectory:
        return None
