"""The headers of interchanges and groups against the directories: ISA and GS, UNB and UNG; and TA1.

That headers and trailers are there, count and refer rightly is seen while a file is read; here are the values in the
headers. Sources: X12.5 (ISA), X12.6 (GS), ISO 9735 and its service segments. Findings carry the tag and element, and no
number of a segment: an envelope is no part of a message.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from edigw.directory.check import SegmentCheck, segment_check
from edigw.directory.dates import is_date, is_period
from edigw.directory.directory import Directory, service, x12
from edigw.directory.errors import NotInDirectory
from edigw.directory.explain import Problem, explain
from edigw.directory.options import ValidationOptions
from edigw.directory.values import X12_NOTATION, Fault, edifact_notation, faults
from edigw.directory.words import cut, plain
from edigw.syntax.edifact import syntax_version
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Interchange, Segment
from edigw.syntax.values import value

_ANY_X12 = "004010"  # has the envelope where ISA12 or GS08 name no version that is known
_VERSION = re.compile("[0-9]{5}")
_UNREADABLE = frozenset(("bad_header", "bad_delimiters", "bad_una"))
_FREE_IN_ISA = frozenset((2, 4, 12, 16))  # information that is often blank, any version, a delimiter
_STANDARD, _REPEATING = 11, "00402"  # ISA11 names the standard; from that version on it is a delimiter
_FIRM = frozenset((("ISA", 15), ("GS", 1)))  # without these codes nobody knows what the interchange or group is
_PREPARED = 4  # element of UNB and UNG: date and time
_GS_DATE = 4


def check_envelope(interchange: Interchange, options: ValidationOptions, most: int = sys.maxsize) -> None:
    """Add what is wrong with the values in the headers to the findings of the interchange and of its groups. A header
    that could not be read is left as it is.

    Codes that the lists lack only warn (`header_code`), as partners agree on qualifiers of their own; so do days and
    hours in EDIFACT that don't exist. TA1 and 997 have a code for each element of ISA and GS. When there are `most`
    findings the groups behind are not looked at, which rejects the interchange."""
    if any(finding.code in _UNREADABLE for finding in interchange.findings):
        return
    if interchange.standard == "x12":
        found = list(_isa(interchange.header, _directory(f"{interchange.syntax}0"), options))
        _report(found, "ISA", interchange.start, interchange.findings, options)
        for segment, offset in zip(interchange.loose, interchange.loose_offsets, strict=True):
            if segment[0] == "TA1":
                _report(_ta1(segment, options), "TA1", offset, interchange.findings, options)
        for group in _first(interchange, most):
            how = segment_check(_directory(group.version), "GS", X12_NOTATION, options.codes)
            _report(_gs(group.header, how), "GS", group.offset, group.findings, options)
        return
    directory = service(syntax_version(interchange))
    notation = edifact_notation(directory.syntax, interchange.delimiters.decimal if interchange.una else "")
    check = segment_check(directory, "UNB", notation, options.codes)
    found = list(_edifact(interchange.header, check))
    _report(found, "UNB", interchange.start, interchange.findings, options)
    for group in _first(interchange, most):
        check = segment_check(directory, "UNG", notation, options.codes)
        _report(_edifact(group.header, check), "UNG", group.offset, group.findings, options)


def _first(interchange: Interchange, most: int) -> Iterator[Group]:
    """The groups, as long as less than `most` is found in them."""
    found = 0
    for group in interchange.groups:
        if found >= most:
            text = f"too much is wrong with the groups before byte {group.offset} to check those behind it"
            interchange.findings.append(Finding("interchange_limit", text, offset=group.offset))
            return
        before = len(group.findings)
        yield group
        found += len(group.findings) - before


def _problems(check: SegmentCheck, header: Segment) -> Iterator[Problem]:
    return iter(()) if check.fine(header) else explain(check, header)


def _directory(version: str) -> Directory:
    try:
        found = x12(version)
    except NotInDirectory:
        return x12(_ANY_X12)
    whole = found.has_segment("ISA") and found.has_segment("GS")  # a user's own directory may have only messages
    return found if whole else x12(_ANY_X12)


def _report(
    problems: Iterable[Problem], tag: str, offset: int, findings: list[Finding], options: ValidationOptions
) -> None:
    """What reading has said of an element is not said again."""
    said = {finding.element for finding in findings if finding.tag == tag and finding.element}
    for problem in problems:
        code = problem.code
        if code == "invalid_code" and (tag, problem.element) not in _FIRM and problem.certain:
            code = "header_code"
        severity = options.severity(code)
        if severity is None or problem.element in said:
            continue
        findings.append(
            Finding(
                code,
                problem.text,
                severity if problem.certain or severity != "error" else "warning",
                tag=tag,
                element=problem.element,
                component=problem.component,
                repetition=problem.repetition,
                data_element=problem.data_element,
                value=problem.value,
                offset=offset,
            )
        )


def _isa(header: Segment, directory: Directory, options: ValidationOptions) -> Iterator[Problem]:
    """ISA with its padding, on which an agreement may not insist."""
    for number, use in enumerate(directory.segment("ISA").elements, 1):
        spec = use.element
        if spec is None or number in _FREE_IN_ISA or (number == _STANDARD and value(header, 12) >= _REPEATING):
            continue
        sent = value(header, number).rstrip(" ")
        place = f"ISA element {number} ({spec.id}, {plain(spec.name)})"
        if not sent:
            yield Problem("element_missing", f"{place} is missing; it is mandatory", number, data_element=spec.id)
            continue
        wrong = list(faults(spec, sent.ljust(spec.min) if spec.type == "AN" else sent, X12_NOTATION))
        codes = directory.codes(spec.id) if options.codes else None
        if not wrong and codes and sent not in codes:
            wrong = [Fault("invalid_code", "is not in the code list")]
        for fault in wrong:
            yield Problem(fault.code, f"{place}: {cut(sent)} {fault.text}", number, None, None, spec.id, cut(sent))
    version = value(header, 12)
    if _VERSION.fullmatch(version) is None:
        text = f"ISA element 12 (I11): {cut(version)!r} is no version of an envelope, which has five digits"
        yield Problem("wrong_characters", text, 12, None, None, "I11", cut(version))


def _ta1(segment: Segment, options: ValidationOptions) -> Iterator[Problem]:
    """TA1 repeats date and time as they were sent. Its faults only warn, as it is no part of what it travels with."""
    for problem in explain(segment_check(x12(_ANY_X12), "TA1", X12_NOTATION, options.codes), segment):
        if problem.code not in ("bad_date", "bad_time"):
            yield replace(problem, certain=False)


def _gs(header: Segment, check: SegmentCheck) -> Iterator[Problem]:
    """GS; its date may have the length of versions before or after 004010."""
    for problem in _problems(check, header):
        date = value(header, _GS_DATE)
        if problem.element == _GS_DATE and len(date) in (6, 8) and date.isdigit() and is_date(date):
            text = f"GS element 4 (373): {date} has {len(date)} digits in version {check.version}"
            yield replace(problem, code="header_date", text=text)
        else:
            yield problem


def _edifact(header: Segment, check: SegmentCheck) -> Iterator[Problem]:
    """UNB and UNG. Reading sees to the length of the date."""
    for problem in _problems(check, header):
        if (problem.element, problem.component) != (_PREPARED, 1):
            yield problem
    for component, code, lengths in ((1, "bad_date", (6, 8)), (2, "bad_time", (4,))):
        given = value(header, _PREPARED, component)
        format = ("CCYYMMDD" if component == 1 else "CCYYHHMM")[-len(given) :]
        if len(given) in lengths and given.isdigit() and not is_period(given, format, hyphen=False):
            id = check.uses[_PREPARED - 1].components[component - 1].element.id
            text = f"{check.spec.tag} element {_PREPARED} component {component} ({id}): {given} does not exist"
            yield Problem(code, text, _PREPARED, component, None, id, given, certain=False)
