"""X12 headers: ISA, GS, ST (X12.5 and X12.6).

ISA has fixed widths, so that its delimiters can be read by position: element separator, repetition separator (ISA11,
from version 00402), component separator (ISA16) and segment terminator, which is simply the byte behind ISA16.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from edigw.syntax.binary import Buffer
from edigw.syntax.dialect import Dialect
from edigw.syntax.findings import Finding
from edigw.syntax.model import Delimiters, Group, Interchange, Message, PartyId, Segment
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs
from edigw.syntax.segments import BLANKS
from edigw.syntax.values import value

ISA_LENGTH = 106
ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_SEPARATORS = tuple(3 + sum(w + 1 for w in ISA_WIDTHS[:n]) for n in range(16))
_LONGEST_ISA = 512
RELEASE_SINCE = "00704"  # ISA12


@dataclass(frozen=True, slots=True)
class Service:
    """What ISA says, and ISX behind it: delimiters, the seventeen items of ISA, the byte behind both."""

    delimiters: Delimiters
    header: Segment
    end: int
    extension: Segment | None = None  # ISX
    extension_start: int = 0


class X12Dialect(Dialect):
    """Tags and headers of X12."""

    interchange_header, interchange_trailer = "ISA", "IEA"
    group_header, group_trailer = "GS", "GE"
    message_header, message_trailer = "ST", "SE"
    loose = frozenset(("TA1", "TA3"))
    outside = frozenset(("ISB", "ISE"))
    groups_required = True

    def group(self, header: Segment, offset: int) -> Group:
        """GS: functional id, sender, receiver, date, time, control number, agency, version."""
        group = Group(
            header=header,
            trailer=None,
            functional_id=value(header, 1),
            control=value(header, 6).strip(),
            version=value(header, 8)[:6],
            sender=value(header, 2).rstrip(),
            receiver=value(header, 3).rstrip(),
            offset=offset,
        )
        for element, name in ((1, "functional identifier"), (6, "control number"), (8, "version")):
            if not value(header, element).strip():
                text = f"GS has no {name} (GS0{element})"
                group.findings.append(Finding("group_header_invalid", text, tag="GS", element=element, offset=offset))
        return group

    def message(self, header: Segment, start: int, end: int, group: Group | None) -> Message:
        """ST: transaction set, control number, from 005010 on the implementation reference."""
        suffix = value(group.header, 8)[6:] if group else ""
        message = Message(
            standard="x12",
            type=value(header, 1),
            version=group.version if group else "",
            control=value(header, 2).strip(),
            segments=[header],
            offsets=[start],
            start=start,
            end=end,
            association=value(header, 3) or suffix,
            agency=value(group.header, 7) if group else "",
        )
        for element, name in ((1, "transaction set identifier"), (2, "control number")):
            if not value(header, element).strip():
                text = f"ST has no {name} (ST0{element})"
                message.findings.append(
                    Finding("message_header_invalid", text, segment=1, tag="ST", element=element, offset=start)
                )
        return message

    def group_key(self, group: Group) -> tuple[str, ...]:
        return (group.functional_id, group.sender, group.receiver, group.control)


def service(
    data: Buffer, start: int, options: ReadOptions, findings: list[Finding], repairs: Repairs
) -> Service | None:
    """The delimiters of the interchange whose ISA starts at byte `start`. None if it can't be read: the reason is then
    in `findings`."""
    text = str(bytes(data[start : start + _LONGEST_ISA]), "latin-1")
    items = _fixed(text) or _unpadded(text, start, repairs)
    if items is None:
        where = f"ISA at byte {start} is not {ISA_LENGTH} bytes with separators at their fixed places"
        findings.append(Finding("bad_header", where, tag="ISA", offset=start))
        return None
    header, length = items
    terminator, end = text[length : length + 1], length + 1
    if terminator == " ":
        end = length + len(text[length:]) - len(text[length:].lstrip(" ")) + 1
        terminator = text[end - 1 : end]
        repairs.note(
            "isa_terminator_blanks", f"blanks before the terminator of ISA, at byte {start + length}", start + length
        )
    if terminator in ("\r", "\n"):
        repairs.note("line_break_terminator", "segments end with a line break", start + length)
    delimiters = Delimiters(
        element=text[3],
        component=header[16],
        terminator=terminator,
        repetition=_repetition(header, start, options, repairs),
    )
    if problem := _unusable(delimiters):
        element = _at_fault(delimiters)
        findings.append(Finding("bad_delimiters", problem, tag="ISA", element=element, offset=start))
        if len(set(delimiters.all())) < len(delimiters.all()) or not terminator or terminator.isalnum():
            return None
    return _extended(data, Service(delimiters, header, start + end), findings)


def _extended(data: Buffer, found: Service, findings: list[Finding]) -> Service:
    """The service characters with the release character that ISX, directly behind ISA, may add from 007040 on."""
    window = str(bytes(data[found.end : found.end + _LONGEST_ISA]), "latin-1")
    start = len(window) - len(window.lstrip(BLANKS))
    if not window.startswith("ISX", start):
        return found
    element, terminator = map(re.escape, (found.delimiters.element, found.delimiters.terminator))
    # the release character stands where it can't release: in ISX01 even what follows it is a delimiter
    match = re.compile(f"ISX{element}([^{element}{terminator}]?)((?:{element}[^{terminator}]*)?){terminator}").match(
        window, start
    )
    if match is None:
        return found
    release, rest = match[1], match[2].split(found.delimiters.element)[1:]
    offset = found.end + start
    problem = ""
    if found.header[12] < RELEASE_SINCE:
        problem = f"ISX exists from version {RELEASE_SINCE} on, ISA12 is {found.header[12]}"
    elif release:
        problem = _unusable(replace(found.delimiters, release=release))
    if problem:
        findings.append(Finding("unsupported_syntax", problem, tag="ISX", element=1, value=release, offset=offset))
    delimiters = found.delimiters if problem else replace(found.delimiters, release=release)
    extension: Segment = ["ISX", release, *(part.replace("\r", "").replace("\n", "") for part in rest)]
    return Service(delimiters, found.header, found.end + match.end(), extension, offset)


def _fixed(text: str) -> tuple[Segment, int] | None:
    """The items of an ISA of the fixed widths, and its length without terminator."""
    separator = text[3:4]
    if len(text) < ISA_LENGTH or any(text[place] != separator for place in _SEPARATORS):
        return None
    items = text[: ISA_LENGTH - 1].split(separator)
    return (items, ISA_LENGTH - 1) if len(items) == 17 else None


def _unpadded(text: str, start: int, repairs: Repairs) -> tuple[Segment, int] | None:
    """The items of an ISA that lost its padding or was wrapped, by its sixteen separators."""
    separator = text[3:4]
    if not separator:
        return None
    items = text.split(separator, 16)
    if len(items) < 17 or not items[16] or any(len(item) > 40 for item in items[:16]):
        return None
    length = sum(len(item) + 1 for item in items[:16]) + 1
    header = [item.replace("\r", "").replace("\n", "") for item in items[:16]] + [items[16][0]]
    if header[0] != "ISA":
        return None
    if tuple(map(len, header[1:])) == ISA_WIDTHS:
        repairs.note("wrapped_lines", f"line breaks in the ISA at byte {start}", start)
    else:
        repairs.note("isa_unpadded", f"the elements of ISA at byte {start} do not have their fixed widths", start)
    return header, length


def _repetition(header: Segment, start: int, options: ReadOptions, repairs: Repairs) -> str:
    """ISA11, if it is a repetition separator: from 00402 on, and not the "U" that many senders keep."""
    wanted, version = header[11], header[12]
    if version < "00402" or len(wanted) != 1:
        return ""
    if wanted.isalnum() or wanted == " ":
        repairs.note(
            "isa11_letter", f"ISA11 of version {version} is {wanted!r}: there is no repetition separator", start
        )
        return ""
    return wanted if options.repetition else ""


def _at_fault(delimiters: Delimiters) -> int | None:
    """The element of ISA that gives an unusable delimiter; None for the element separator and the terminator."""
    if not _unusable(replace(delimiters, repetition="")):
        return 11
    return 16 if not _unusable(replace(delimiters, component="", repetition="")) else None


def _unusable(delimiters: Delimiters) -> str:
    """Why these can't be delimiters; "" if they can."""
    characters = delimiters.all()
    if not delimiters.terminator:
        return "ISA has no terminator"
    if len(set(characters)) < len(characters):
        return f"two delimiters are the same in {characters!r}"
    bad = [c for c in characters if c.isalnum() or c in " .-+"]
    return f"{', '.join(map(repr, bad))} can't be delimiters" if bad else ""


def interchange(found: Service, start: int, findings: list[Finding]) -> Interchange:
    """The interchange that ISA opens. What is wrong with the header is added to `findings`, which become its."""
    header = found.header
    for element, name in ((6, "sender"), (8, "receiver"), (13, "control number")):
        if not header[element].strip():
            text = f"ISA has no {name} (ISA{element:02})"
            findings.append(Finding("header_element_missing", text, tag="ISA", element=element, offset=start))
    for element, (item, width) in enumerate(zip(header[1:], ISA_WIDTHS, strict=True), 1):
        if len(item.strip()) > width:
            text = f"ISA{element:02} has {len(item.strip())} characters, {width} are allowed"
            findings.append(Finding("bad_header", text, tag="ISA", element=element, value=item[:99], offset=start))
    return Interchange(
        standard="x12",
        delimiters=found.delimiters,
        header=header,
        trailer=None,
        syntax=header[12],
        sender=PartyId(header[6].strip(), header[5].strip()),
        receiver=PartyId(header[8].strip(), header[7].strip()),
        control=header[13].strip(),
        date=header[9],
        time=header[10],
        test=header[15] == "T",
        ack_requested=header[14],
        start=start,
        end=found.end,
        findings=findings,
        outside=[found.extension] if found.extension else [],
        outside_offsets=[found.extension_start] if found.extension else [],
    )
