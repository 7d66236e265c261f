"""An interchange for human eyes: the names of segments, elements and codes beside the values, errors in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from edigw import directory
from edigw.admin.output import plural, printable, styled
from edigw.admin.report import headline, message_line
from edigw.directory import Directory, NotInDirectory, directory_of
from edigw.directory.model import ElementUse
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Interchange, Loop, Message, Package, ParsedFile, Repeated, Segment

_COLOURS = {"error": "red", "warning": "yellow"}
_NAME_WIDTH = 44
_WITH_OBJECTS = 4  # the syntax version that has UNO and UNP
_ANY_X12 = "004010"  # names the envelope's segments where ISA12 names no version that is known


def lines(parsed: ParsedFile) -> Iterator[str]:
    """The whole file, line by line."""
    yield from _marks(parsed.findings, "")
    for interchange in parsed.interchanges:
        yield from _interchange(interchange)


def _interchange(interchange: Interchange) -> Iterator[str]:
    yield styled(headline(interchange), bold=True)
    names = _envelope_directory(interchange)
    header = [value.rstrip(" ") if isinstance(value, str) else value for value in interchange.header]
    yield from _segment(header, names, interchange, "  ")
    yield from _marks([f for f in interchange.findings if not _in_place(f, interchange)], "    ")
    for _, part in sorted(_parts(interchange, names), key=lambda each: each[0]):
        yield from part
    yield ""


def _in_place(finding: Finding, interchange: Interchange) -> bool:
    """Whether a finding is about one of the segments outside of messages."""
    return finding.code == "stray_segment" and finding.offset in interchange.outside_offsets


def _parts(interchange: Interchange, names: Directory) -> Iterator[tuple[int, Iterator[str]]]:
    """What stands in the interchange, each with the byte at which it begins."""
    placed = {f.offset: f for f in interchange.findings if _in_place(f, interchange)}
    for offset, segment in (
        *zip(interchange.loose_offsets, interchange.loose, strict=True),
        *zip(interchange.outside_offsets, interchange.outside, strict=True),
    ):
        found = [placed[offset]] if offset in placed else []
        yield offset, _segment(segment, names, interchange, "  ", findings=found)
    for group in interchange.groups:
        yield group.offset, _group(group, names, interchange)
    for message in interchange.messages:
        yield message.start, _message(message, interchange)
    for package in interchange.packages:
        yield package.start, _package(package, interchange)


def _group(group: Group, names: Directory, interchange: Interchange) -> Iterator[str]:
    yield from _segment(group.header, names, interchange, "  ")
    yield from _marks(group.findings, "    ")


def _package(package: Package, interchange: Interchange) -> Iterator[str]:
    """An object: its header and trailer, and how much is between them."""
    names = directory.service(_WITH_OBJECTS)
    yield from _segment(package.header, names, interchange, "  ")
    counted = plural(len(package.octets), "octet")
    yield f"    {styled(printable(f'object {package.control}: {counted}, which are not shown'), dim=True)}"
    if package.trailer is not None:
        yield from _segment(package.trailer, names, interchange, "  ")


def _envelope_directory(interchange: Interchange) -> Directory:
    if interchange.standard == "edifact":
        return directory.service(_syntax(interchange))
    try:
        return directory.x12(f"{interchange.syntax}0")  # ISA12 00401 belongs to 004010
    except NotInDirectory:
        return directory.x12(_ANY_X12)


def _message(message: Message, interchange: Interchange) -> Iterator[str]:
    try:
        names: Directory | None = directory_of(message, interchange)
    except NotInDirectory:
        names = None
    title = f": {_cased(names.message(message.type).name)}" if names and message.type in names.messages() else ""
    yield ""
    yield f"  {styled(message_line(message) + printable(title), bold=True)}"
    by_segment: dict[int, list[Finding]] = defaultdict(list)
    for finding in message.findings:
        by_segment[finding.segment or 0].append(finding)
    yield from _marks(by_segment[0], "    ")
    tree = None if message.tree is None else directory.nested(message.tree)
    walk = _nested(tree) if tree is not None else ((s, 0, "") for s in message.segments)
    numbers = {id(segment): number for number, segment in enumerate(message.segments, 1)}
    for segment, depth, opened in walk:
        number = numbers[id(segment)]
        indent = "    " + "  " * depth
        found = by_segment[number]
        yield from _marks([f for f in found if f.absence], indent[:-2] if opened else indent)
        if opened:
            yield f"{indent[:-2]}{styled(printable(opened), colour='blue')}"
        rest = [f for f in found if not f.absence]
        yield from _segment(segment, names, interchange, indent, number, rest)
    yield from _marks(by_segment[len(message.segments) + 1], "    ")


def _nested(loop: Loop, depth: int = 0) -> Iterator[tuple[Segment, int, str]]:
    """The segments of a message in order, each with its depth and the name of the loop that it begins, or ""."""
    for position, item in enumerate(loop):
        if isinstance(item, Loop):
            yield from _nested(item, depth + 1)
        else:
            yield item, depth, loop.name if depth and position == 0 else ""


def _segment(
    segment: Segment,
    names: Directory | None,
    interchange: Interchange,
    indent: str,
    number: int | None = None,
    findings: Sequence[Finding] = (),
) -> Iterator[str]:
    tag = segment[0] if isinstance(segment[0], str) else segment[0][0]  # a header may have nesting numbers behind it
    uses: Sequence[ElementUse] = ()
    title = ""
    if names is not None and names.has_segment(tag):
        spec = names.segment(tag)
        title = _cased(spec.name)
        uses = directory.positions(spec, _syntax(interchange)) if names.standard == "edifact" else spec.elements
    counted = f"{number:>4} " if number is not None else ""
    yield f"{indent}{styled(counted, dim=True)}{styled(printable(tag), bold=True)} {printable(title)}"
    inner = indent + "     " + "  "
    at_element: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        at_element[finding.element or 0].append(finding)
    yield from _marks(at_element.pop(0, []), inner)
    for position, element in enumerate(segment[1:], 1):
        use = uses[position - 1] if position <= len(uses) else None
        yield from (f"{inner}{text}" for text in _element(element, position, use, names))
        yield from _marks(at_element.pop(position, []), inner + "  ")
    for left in sorted(at_element):
        yield from _marks(at_element[left], inner + "  ")


def _element(element: Any, position: int, use: ElementUse | None, names: Directory | None) -> Iterator[str]:
    if isinstance(element, Repeated):
        for repetition in element:
            yield from _element(repetition, position, use, names)
        return
    values = element if isinstance(element, list) else [element]
    specs = []
    if use is not None:
        specs = [use.element] if use.element else [component.element for component in use.components]
    for index, value in enumerate(values):
        if not value or value.isspace():
            continue
        spec = specs[index] if index < len(specs) else None
        place = f"{position:02d}" + (f".{index + 1}" if len(values) > 1 else "  ")
        name = f"{spec.id} {spec.name}" if spec else ""
        meaning = _meaning(spec.id, value, names) if spec and names else ""
        label = printable(name)[:_NAME_WIDTH]
        yield f"{styled(place, dim=True)} {label:<{_NAME_WIDTH}} {printable(value)}{meaning}"


def _cased(name: str) -> str:
    """Older directories print names in capitals."""
    return name.capitalize() if name.isupper() else name


def _meaning(element: str, value: str, names: Directory) -> str:
    name = (names.codes(element) or {}).get(value)
    return styled(f"  = {printable(name)}", colour="green") if name else ""


def _marks(findings: Sequence[Finding], indent: str) -> Iterator[str]:
    for finding in findings:
        if finding.severity == "note":  # what was repaired in reading: `check --notes` tells it
            continue
        colour = _COLOURS[finding.severity]
        yield f"{indent}{styled(f'! {finding.severity}: {printable(finding.text)}', colour=colour)}"


def _syntax(interchange: Interchange) -> int:
    version = interchange.syntax.partition(":")[2]
    return int(version) if version in {"1", "2", "3", "4"} else 3
