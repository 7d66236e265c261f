"""Guides applied to received messages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edigw.directory.guides.compile import compiled, examine
from edigw.directory.guides.errors import GuideError
from edigw.directory.guides.instance import grouped
from edigw.directory.guides.model import Guide
from edigw.directory.guides.private import check_private
from edigw.directory.guides.read import read_guide
from edigw.directory.guides.rules import check_rules
from edigw.directory.guides.segments import check_occurrences
from edigw.directory.guides.unlisted import check_unlisted
from edigw.directory.guides.values import check_elements
from edigw.directory.guides.verdict import Verdict
from edigw.directory.options import ValidationOptions
from edigw.directory.validate import check, directory_of, notation_of
from edigw.directory.words import cut
from edigw.syntax.findings import Finding
from edigw.syntax.model import Interchange, Message, ParsedFile

_DEFAULT = ValidationOptions()


def load_guide(path: Path) -> Guide:
    """The guide in a file, held against every version that it names. Raises the first GuideError."""
    guide, wrong = read_guide(path)
    wrong = wrong or problems(guide)
    if guide is None or wrong:
        raise wrong[0]
    return guide


def problems(guide: Guide | None) -> list[GuideError]:
    """Everything in a guide that does not fit the standard, its example included."""
    if guide is None:
        return []
    found = [wrong for version in guide.versions for wrong in examine(guide, version)[1]]
    if not guide.versions:
        found.append(GuideError("versions: expected at least one", guide.file, 1))
    return found or _example_problems(guide)


def apply(parsed: ParsedFile, guides: Sequence[Guide], options: ValidationOptions = _DEFAULT) -> int:
    """Check every validated message of a file against the guides for its type, and extend its findings. Several guides
    for one type serve several versions of it: a message of the type must keep the one that is for its version.

    Returns the number of messages for whose type there is a guide. Never raises for what the file says."""
    checked = 0
    for interchange in parsed.interchanges:
        for message in interchange.messages:
            concerned = [g for g in guides if g.standard == message.standard and g.message == message.type]
            checked += bool(concerned)
            if concerned:
                _apply(message, interchange, concerned, options)
    return checked


def _apply(message: Message, interchange: Interchange, guides: Sequence[Guide], options: ValidationOptions) -> None:
    fitting = [guide for guide in guides if is_for(guide, message)]
    for guide in fitting:
        check_message(message, interchange, guide, options)
    severity = options.severity("guide_not_kept")
    if fitting or severity is None or message.tree is None:
        return
    asked = " ".join(filter(None, (message.type, message.version, message.association)))
    agreed = "; ".join(_forms(guide) for guide in guides)
    text = f"{cut(asked)} was not agreed; agreed is {agreed} ({', '.join(guide.name for guide in guides)})"
    header = message.segments[0]
    offset = message.offsets[0] if message.offsets else message.start
    referred = message.standard == "x12" and len(header) > 3 and any(message.version in g.versions for g in guides)
    finding = Finding(
        "guide_not_kept",
        text,
        severity,
        1,
        header[0],
        header[0],
        3 if referred else None,  # ST03 names another guide for the agreed version
        value=cut(asked),
        offset=offset,
        guide=guides[0].name,
    )
    message.findings.append(finding)


def is_for(guide: Guide, message: Message) -> bool:
    """Whether a guide is for a message of this type, version and association."""
    return (
        guide.standard == message.standard
        and guide.message == message.type
        and message.version in guide.versions
        and (not guide.associations or message.association in guide.associations)
    )


def _forms(guide: Guide) -> str:
    associations = f" {' or '.join(guide.associations)}" if guide.associations else ""
    return f"{guide.message} {' or '.join(guide.versions)}{associations}"


def check_message(
    message: Message, interchange: Interchange, guide: Guide, options: ValidationOptions = _DEFAULT
) -> None:
    """Check one message against one guide that is for it (`is_for`). What the guide finds is added to
    `message.findings`; what it permits though the standard does not becomes a note. A message that could not be
    structured is left as it is. Raises GuideError if the guide does not fit the standard."""
    if message.tree is None:
        return
    made = compiled(guide, message.version)
    root = grouped(message, directory_of(message, interchange))
    notation = notation_of(interchange)
    verdict = Verdict(guide, message, options)
    check_occurrences(made, root, verdict)
    check_elements(made, root, notation, verdict)
    check_rules(made, root, verdict)
    check_unlisted(made, root, verdict)
    check_private(made, root, notation, verdict)
    verdict.conclude(made.lenient, made.plenty, frozenset(made.private))


def _example_problems(guide: Guide) -> list[GuideError]:
    """An example that breaks the guide teaches the wrong thing."""
    if guide.example is None:
        return []
    try:
        data = guide.example.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return [GuideError(f"example: {guide.example}: {reason}", guide.file)]
    parsed = check(data)
    applied = apply(parsed, [guide])
    findings = [*parsed.findings, *(f for i in parsed.interchanges for f in i.findings)]
    findings += (f for i in parsed.interchanges for m in i.messages for f in m.findings)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        return [GuideError(f"example: {guide.example}: {errors[0].text}", guide.file)]
    if not applied:
        return [GuideError(f"example: {guide.example}: holds no {guide.message}", guide.file)]
    return []
