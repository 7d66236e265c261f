"""A message against its directory: structure, elements, control totals, hierarchy. All faults are found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from edigw.directory.associations import expected, is_eancom, may_be_eancom
from edigw.directory.check import segment_checks
from edigw.directory.directory import Directory, edifact, own_edifact, service, x12
from edigw.directory.envelopes import check_envelope
from edigw.directory.errors import NotInDirectory, UnknownVersion
from edigw.directory.explain import Problem, explain
from edigw.directory.expression import FLAT, USUAL, Separators
from edigw.directory.hierarchy import check_hierarchy
from edigw.directory.numbers import mend_numbers
from edigw.directory.options import ValidationOptions
from edigw.directory.repetitions import unrepeat
from edigw.directory.report import Report
from edigw.directory.structure import Structure, structure
from edigw.directory.table import Table, table
from edigw.directory.totals import check_totals
from edigw.directory.values import X12_NOTATION, Notation, edifact_notation
from edigw.directory.words import cut
from edigw.syntax.binary import Buffer
from edigw.syntax.edifact import syntax_version
from edigw.syntax.events import Event, InterchangeEnd, InterchangeStart, MessageRead
from edigw.syntax.findings import Finding
from edigw.syntax.memory import uncollected
from edigw.syntax.model import Delimiters, Group, Interchange, Message, ParsedFile
from edigw.syntax.options import ReadOptions
from edigw.syntax.scan import collect, scan

_SERVICE_VERSIONS = MappingProxyType({"1.1": 1, "2.1": 2, "2.2": 2, "D.3": 3, "4.1": 4})  # of UNH, to syntax
_UNSUPPORTED = 20  # findings: what it costs to look for a message type that does not exist, and for one like it
_PARTY_QUALIFIER = "0007"
_DEFAULT = ValidationOptions()
_READ = ReadOptions()


def check(data: bytes, options: ValidationOptions = _DEFAULT, read: ReadOptions = _READ) -> ParsedFile:
    """Parse a file and validate every envelope and message in it. Never raises for what the file says.

    Of a file with more faults than a person can use the rest is not checked: each message there has the finding
    `message_limit`."""
    parsed = ParsedFile([])
    with uncollected():
        for event in checked(data, options, read):
            collect(parsed, event)
    return parsed


def checked(data: Buffer, options: ValidationOptions = _DEFAULT, read: ReadOptions = _READ) -> Iterator[Event]:
    """The same for a file of any size, piece by piece: the events of `scan`, each message and envelope validated."""
    told, most = 0, options.max_findings + len(data) // options.bytes_per_finding
    interchange: Interchange | None = None
    for event in scan(data, read):
        match event:
            case InterchangeStart(interchange):
                pass
            case MessageRead(message) if told > most:
                _report_unchecked(message)
            case MessageRead(message, group, texts) if interchange is not None:
                before = len(message.findings)
                validate(message, interchange, options, group, texts)
                told += len(message.findings) - before + (_UNSUPPORTED if message.tree is None else 0)
            case InterchangeEnd(ended):
                before = sum(map(len, _findings_of(ended)))
                check_envelope(ended, options, max(most - told, 0))
                told += sum(map(len, _findings_of(ended))) - before
        yield event


def _findings_of(interchange: Interchange) -> Iterator[list[Finding]]:
    yield interchange.findings
    for group in interchange.groups:
        yield group.findings


def _report_unchecked(message: Message) -> None:
    text = "too much is wrong with the messages before; this one was not checked"
    message.findings.append(Finding("message_limit", text, offset=message.start))


def validate(
    message: Message,
    interchange: Interchange,
    options: ValidationOptions = _DEFAULT,
    group: Group | None = None,
    texts: Sequence[str] = (),
) -> None:
    """Set `message.tree` and add to `message.findings`. A message whose type or version is not in the
    directories gets one finding, `message_not_supported`, and no tree. `group` is the group that holds it, if any: in
    X12 it ought to be that of the transaction set (DE 479), but published examples have others, so that only warns.
    `texts` are those that `MessageRead` has, if the segments are still as they were read: they are quicker to check."""
    try:
        directory = directory_of(message, interchange)
        compiled = table(directory, message.type)
    except NotInDirectory as reason:
        _report_unsupported(message, reason, options)
        return
    report = Report(message.offsets, options)
    if message.standard == "edifact" and message.version.startswith("S."):
        text = f"version {message.version} was read as {directory.version}: there are no S directories"
        report.add("s_version", text, 1, "UNH", "UNH", element=2, component=2, data_element="0052", value="S")
    if right := expected(message.type, directory.version, message.association):
        text = f"{message.type} {directory.version} is {right} in EANCOM, not {cut(message.association)}"
        report.add(
            "association_mismatch",
            text,
            1,
            "UNH",
            "UNH",
            element=2,
            component=5,
            data_element="0057",
            value=message.association,
        )
    if message.standard == "x12" and group is not None and group.functional_id != compiled.spec.group:
        text = f"{message.type} belongs into a group {compiled.spec.group}, and this one is {cut(group.functional_id)}"
        report.add("message_not_in_group", text, 1, "ST", "ST", element=1, value=message.type, certain=False)
    built = structure(compiled, message.segments, report)
    _check_elements(directory, compiled, message, interchange, texts, built, report)
    check_totals(compiled, message.segments, report)
    check_hierarchy(compiled, message.segments, built.nodes, report)
    message.tree = built.tree
    message.findings += report.findings()


def directory_of(message: Message, interchange: Interchange) -> Directory:
    """The directory that a message belongs to. Service messages (CONTRL D.3, 2.2, 4.1) name the syntax
    version of theirs, a CONTRL that names another version is taken for one of its interchange's. Raises
    UnknownVersion."""
    if message.standard == "x12":
        return x12(message.version + message.association)
    syntax = syntax_version(interchange)
    if message.association and (own := own_edifact(message.version, message.association, syntax)):
        return own
    service_syntax = _SERVICE_VERSIONS.get(message.version, syntax if message.type == "CONTRL" else None)
    return edifact(message.version, syntax) if service_syntax is None else service(service_syntax)


def notation_of(interchange: Interchange) -> Notation:
    """How an interchange writes its numbers."""
    if interchange.standard == "x12":
        return X12_NOTATION
    return edifact_notation(syntax_version(interchange), interchange.delimiters.decimal if interchange.una else "")


def _check_elements(
    directory: Directory,
    compiled: Table,
    message: Message,
    interchange: Interchange,
    texts: Sequence[str],
    built: Structure,
    report: Report,
) -> None:
    """Every segment that the directory knows, whether it stands at its place or not."""
    separators = _separators(interchange.delimiters) if texts else FLAT
    if separators not in USUAL or len(texts) != len(message.segments):
        separators, texts = FLAT, [""] * len(message.segments)
    checks = segment_checks(directory, notation_of(interchange), report.options.codes, separators)
    repetition = interchange.delimiters.repetition
    for index in checks.suspects(message.segments, texts):
        if report.full:
            return
        segment = message.segments[index]
        how = checks.of(segment[0])
        tag = segment[0]
        node = built.nodes[index]
        path = compiled.nodes[node].path if node >= 0 else tag
        for element in unrepeat(how, segment, repetition) if repetition else ():
            text = f"{tag} element {element} does not repeat: {repetition} was read as a character of its value"
            report.add("repetition_as_data", text, index + 1, tag, path, element=element)
        for mended in mend_numbers(how, segment, report.options.tolerates):
            place = f" component {mended.component}" if mended.component else ""
            read = f"was read as {mended.value}" if mended.value else "was read as no number at all"
            text = f"{tag} element {mended.element}{place} ({mended.data_element}): {cut(mended.sent)!r} {read}"
            report.add(
                mended.code,
                text,
                index + 1,
                tag,
                path,
                element=mended.element,
                component=mended.component,
                data_element=mended.data_element,
                value=mended.sent,
            )
        for problem in explain(how, segment):
            code, text = _named(problem, message, directory)
            report.add(
                code,
                text,
                index + 1,
                tag,
                path,
                element=problem.element,
                component=problem.component,
                repetition=problem.repetition,
                data_element=problem.data_element,
                value=problem.value,
                certain=problem.certain,
            )


def _separators(delimiters: Delimiters) -> Separators:
    return Separators(delimiters.element, delimiters.component, delimiters.repetition)


def _named(problem: Problem, message: Message, directory: Directory) -> tuple[str, str]:
    """The rule of a problem and its text. Neither a code that EANCOM may have is taken for a fault, nor a qualifier
    that a CONTRL repeats from a header, where it is none either."""
    id, value = problem.data_element, problem.value
    if problem.code == "invalid_code" and id == _PARTY_QUALIFIER:
        return "header_code", problem.text
    eancom = problem.code == "invalid_code" and is_eancom(message.association)
    if eancom and may_be_eancom(id, value, directory.codes_ever(id)):
        return "eancom_code", f"{problem.text}; EANCOM may have it"
    return problem.code, problem.text


def _report_unsupported(message: Message, reason: NotInDirectory, options: ValidationOptions) -> None:
    severity = options.severity("message_not_supported")
    if severity is None:
        return
    asked = f"{message.type[:35]} {message.version[:35]}".strip()
    known = ", ".join(reason.known) if len(reason.known) <= 5 else f"{len(reason.known)} are known"
    if isinstance(reason, UnknownVersion):
        known = f"{reason.known[0]} to {reason.known[-1]} are known"
    text = f"{asked or 'a message without type and version'} is not supported: {reason} ({known})"
    offset = message.offsets[0] if message.offsets else message.start
    message.findings.append(Finding("message_not_supported", text, severity, value=asked, offset=offset))
