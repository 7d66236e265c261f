"""What was found in a file: as JSON, and as a report that says a clerk what to correct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from edigw.admin.output import plural, printable, styled
from edigw.syntax.advice import ADVICE
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Interchange, Message, ParsedFile, PartyId

_EXCERPT = 100  # characters of a segment that are shown
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def is_valid(parsed: ParsedFile) -> bool:
    """Whether the file holds at least one interchange, and no error anywhere."""
    return bool(parsed.interchanges) and not any(f.severity == "error" for f in all_findings(parsed))


def all_findings(parsed: ParsedFile) -> Iterator[Finding]:
    """Every finding of every level."""
    yield from parsed.findings
    for interchange in parsed.interchanges:
        yield from interchange.findings
        for group in interchange.groups:
            yield from group.findings
        for message in interchange.messages:
            yield from message.findings


# ---------------------------------------------------------------- JSON


def as_json(name: str, parsed: ParsedFile) -> dict[str, Any]:
    """The object that `edigw check --json` prints for one file. `errors` hold what makes a file invalid; where
    something was noticed that does not, `warnings` stand beside them in the same form, with a `severity`."""
    return {
        "file": name,
        "valid": is_valid(parsed),
        "interchanges": [_interchange(interchange) for interchange in parsed.interchanges],
        **_findings(parsed.findings, "", 0),
    }


def _interchange(interchange: Interchange) -> dict[str, Any]:
    version = _syntax_version(interchange)
    told: dict[str, Any] = {
        "standard": interchange.standard,
        "syntax": interchange.syntax,
        "sender": interchange.sender.id,
        "sender_qualifier": interchange.sender.qualifier,
        "receiver": interchange.receiver.id,
        "receiver_qualifier": interchange.receiver.qualifier,
        "control": interchange.control,
        "test": interchange.test,
        **_findings(interchange.findings, interchange.standard, version),
    }
    if interchange.standard == "x12" or interchange.groups:
        told["groups"] = [_group(group, version) for group in interchange.groups]
    told["messages"] = [_message(message, version) for message in interchange.messages]
    return told


def _group(group: Group, version: int) -> dict[str, Any]:
    standard = "edifact" if group.header[0] == "UNG" else "x12"
    return {
        "functional_id": group.functional_id,
        "control": group.control,
        "version": group.version,
        **_findings(group.findings, standard, version),
        "messages": [_message(message, version) for message in group.messages],
    }


def _message(message: Message, version: int) -> dict[str, Any]:
    return {
        "type": message.type,
        "version": message.version,
        "association": message.association,
        "control": message.control,
        "segments": len(message.segments),
        "valid": message.valid,
        **_findings(message.findings, message.standard, version),
    }


def _findings(findings: Sequence[Finding], standard: str, version: int) -> dict[str, Any]:
    errors = [_finding(f, standard, version) for f in findings if f.severity == "error"]
    others = [{"severity": f.severity, **_finding(f, standard, version)} for f in findings if f.severity != "error"]
    return {"errors": errors, **({"warnings": others} if others else {})}


def _finding(finding: Finding, standard: str, version: int) -> dict[str, Any]:
    return {
        "segment": finding.segment,
        "tag": finding.tag,
        "path": finding.path,
        "element": finding.element,
        "component": finding.component,
        "data_element": finding.data_element,
        "value": finding.value,
        "standard_code": finding.standard_code(standard, version),
        "code": finding.code,
        "offset": finding.offset,
        "text": finding.text,
        **({"guide": finding.guide} if finding.guide else {}),
    }


def _syntax_version(interchange: Interchange) -> int:
    version = interchange.syntax.partition(":")[2]
    return int(version) if version.isascii() and version.isdigit() else 0


# ---------------------------------------------------------------- text


def as_text(name: str, parsed: ParsedFile, data: bytes, *, notes: bool = False) -> Iterator[str]:
    """The report on one file, line by line; `data` are its bytes. `notes`: also tell what was merely repaired."""
    errors = sum(f.severity == "error" for f in all_findings(parsed))
    if is_valid(parsed):
        verdict = styled("valid", colour="green", bold=True)
    else:
        verdict = styled("invalid", colour="red", bold=True) + f", {plural(errors, 'error')}"
    yield f"{styled(printable(name), bold=True)}: {verdict}"
    shown = ("error", "warning", "note") if notes else ("error", "warning")
    yield from _told(parsed.findings, shown, data, "ascii", "  ")
    for interchange in parsed.interchanges:
        yield from _interchange_text(interchange, data, shown)


def _interchange_text(interchange: Interchange, data: bytes, shown: Sequence[str]) -> Iterator[str]:
    yield f"  {headline(interchange)}"
    yield from _told(interchange.findings, shown, data, interchange.charset, "    ")
    for group in interchange.groups:
        wanted = [f for f in group.findings if f.severity in shown]
        if wanted:
            yield f"    group {printable(group.functional_id)} {printable(group.control)}"
            yield from _told(wanted, shown, data, interchange.charset, "      ")
    for message in interchange.messages:
        yield f"    {message_line(message)}: {_outcome(message)}"
        yield from _told(message.findings, shown, data, interchange.charset, "      ", message)


def headline(interchange: Interchange) -> str:
    """One line about an interchange: standard, control reference, from whom, to whom."""
    standard = "EDIFACT" if interchange.standard == "edifact" else "X12"
    parties = f"from {_party(interchange.sender)} to {_party(interchange.receiver)}"
    test = ", test" if interchange.test else ""
    return printable(f"{standard} interchange {interchange.control} {parties}, {interchange.syntax}{test}")


def message_line(message: Message) -> str:
    """One line about a message: "ORDERS D.96A EAN008, message 1"."""
    named = " ".join(part for part in (message.type, message.version, message.association) if part)
    kind = "message" if message.standard == "edifact" else "transaction set"
    return printable(f"{named}, {kind} {message.control}")


def _party(party: PartyId) -> str:
    return f"{party.id} ({party.qualifier})" if party.qualifier else party.id or "(nobody)"


def _outcome(message: Message) -> str:
    counted = f"{plural(len(message.segments), 'segment')}"
    if message.valid:
        return f"{styled('valid', colour='green')}, {counted}"
    errors = sum(f.severity == "error" for f in message.findings)
    return f"{styled(plural(errors, 'error'), colour='red')} in {counted}"


def _told(
    findings: Sequence[Finding],
    shown: Sequence[str],
    data: bytes,
    charset: str,
    indent: str,
    message: Message | None = None,
) -> Iterator[str]:
    for finding in findings:
        if finding.severity not in shown:
            continue
        severity = styled(finding.severity, colour=_COLOURS[finding.severity])
        place = where(finding)
        yield f"{indent}{severity}{f' at {place}' if place else ''}"
        yield f"{indent}  {printable(finding.text)}"
        excerpt = _excerpt(finding, data, charset, message)
        if excerpt:
            yield f"{indent}  {styled(printable(excerpt), dim=True)}"
        if finding.code in ADVICE and finding.severity != "note":
            yield f"{indent}  -> {ADVICE[finding.code]}"


def where(finding: Finding) -> str:
    """The place of a finding: "segment 12 (SG2/NAD), element 1, component 2 [3039], byte 431"."""
    parts = []
    if finding.segment is not None:
        name = finding.path or finding.tag
        parts.append(f"segment {finding.segment}{f' ({name})' if name else ''}")
    elif finding.tag:
        parts.append(finding.tag)
    for word in ("element", "component", "repetition"):
        number = getattr(finding, word)
        if number is not None:
            parts.append(f"{word} {number}")
    if parts and finding.data_element:
        parts[-1] += f" [{finding.data_element}]"
    if finding.offset is not None:
        parts.append(f"byte {finding.offset}")
    return printable(", ".join(parts))


def _excerpt(finding: Finding, data: bytes, charset: str, message: Message | None) -> str:
    """The segment as it stands in the file; "" where the finding has no segment of its own."""
    if message is None or finding.segment is None or not 1 <= finding.segment <= len(message.offsets):
        return ""
    start = message.offsets[finding.segment - 1]
    end = message.offsets[finding.segment] if finding.segment < len(message.offsets) else message.end
    text = " ".join(data[start : min(end, start + 4 * _EXCERPT)].decode(charset, "replace").split())
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}..."
