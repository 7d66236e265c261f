"""EDIFACT headers: UNA, UNB, UNG, UNH in syntax versions 1 to 4 (ISO 9735:1988 and ISO 9735-1:2002).

The service characters are those of UNA, else those that UNB itself shows, else the defaults of the syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType

from edigw.syntax.binary import Buffer
from edigw.syntax.charset import Charset, by_codec, declared
from edigw.syntax.dialect import Dialect
from edigw.syntax.findings import Finding
from edigw.syntax.model import EDIFACT_DEFAULT, Delimiters, Group, Interchange, Message, PartyId, Segment
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs
from edigw.syntax.segments import BLANKS
from edigw.syntax.values import value

_WINDOW = 4_096
_UNB = re.compile(r"UNB([^A-Za-z0-9])[A-Za-z0-9]{4,16}([^A-Za-z0-9])([0-9]?)")  # element, component, version
_CONTROL = Delimiters(element="\x1d", component="\x1f", terminator="\x1c", decimal=".")  # level B of syntax 1 to 3
_UNREAD_ENCODINGS = MappingProxyType({"3": "EBCDIC", "6": "UCS-4"})  # 0133
_MANDATORY = ((1, "S001"), (2, "S002"), (3, "S003"), (4, "S004"), (5, "0020"))


@dataclass(frozen=True, slots=True)
class Service:
    """The service string advice of an interchange, given or implied: its delimiters, and the byte at which UNB is."""

    delimiters: Delimiters
    una: bool
    header: int


class EdifactDialect(Dialect):
    """Tags and headers of EDIFACT."""

    interchange_header, interchange_trailer = "UNB", "UNZ"
    group_header, group_trailer = "UNG", "UNE"
    message_header, message_trailer = "UNH", "UNT"
    loose = outside = frozenset[str]()
    package_header, package_trailer = "UNO", "UNP"
    groups_required = False

    def __init__(self, syntax_version: int) -> None:
        self._syntax_version = syntax_version

    def group(self, header: Segment, offset: int) -> Group:
        """UNG: 0038, S006, S007, S004, 0048, 0051, S008."""
        group = Group(
            header=header,
            trailer=None,
            functional_id=value(header, 1),
            control=value(header, 5),
            version=_version(value(header, 7, 1), value(header, 7, 2)),
            sender=value(header, 2),
            receiver=value(header, 3),
            offset=offset,
        )
        if not group.control:
            group.findings.append(
                Finding("group_header_invalid", "UNG has no reference (0048)", tag="UNG", element=5, offset=offset)
            )
        return group

    def message(self, header: Segment, start: int, end: int, group: Group | None) -> Message:
        """UNH: 0062, S009 (0065, 0052, 0054, 0051, 0057)."""
        message = Message(
            standard="edifact",
            type=value(header, 2, 1),
            version=_version(value(header, 2, 2), value(header, 2, 3)),
            control=value(header, 1),
            segments=[header],
            offsets=[start],
            start=start,
            end=end,
            association=value(header, 2, 5),
            agency=value(header, 2, 4),
        )
        for present, name, element in (
            (message.control, "reference (0062)", 1),
            (message.type, "message type (0065)", 2),
            (message.version, "version and release (0052, 0054)", 2),
        ):
            if not present:
                text = f"UNH has no {name}"
                message.findings.append(
                    Finding("message_header_invalid", text, segment=1, tag="UNH", element=element, offset=start)
                )
        return message

    def group_key(self, group: Group) -> tuple[str, ...]:
        return (group.sender, group.receiver, group.control)

    def belongs(self, message: Message, first: Message) -> bool:
        """Up to syntax 3 a group holds messages of one type."""
        return self._syntax_version >= 4 or message.type == first.type


def service(
    data: Buffer, start: int, options: ReadOptions, findings: list[Finding], repairs: Repairs
) -> Service | None:
    """The delimiters of the interchange that starts at byte `start` with UNA or UNB. None if they can't be told: the
    reason is then in `findings`."""
    una = bytes(data[start : start + 3]) == b"UNA"
    header, advice = start, ""
    if una:
        header, advice = _advice(data, start, repairs)
    window = str(bytes(data[header : header + _WINDOW]), "latin-1")
    if not window.startswith("UNB"):
        findings.append(Finding("bad_header", f"no UNB follows UNA at byte {header}", tag="UNB", offset=header))
        return None
    shown = _UNB.match(window)
    if una:
        delimiters = _advised(advice, window, shown, start, repairs)
    elif shown is None:
        findings.append(Finding("bad_header", f"UNB at byte {start} has no syntax identifier", tag="UNB", offset=start))
        return None
    else:
        delimiters = _implied(window, shown, start, repairs)
    version = int(shown[3]) if shown and shown[3] and shown[1] != shown[2] else 3
    repetition = _repetition(delimiters, una, version, start, repairs)
    if (wanted := repetition if options.repetition else "") != delimiters.repetition:
        delimiters = replace(delimiters, repetition=wanted)
    if delimiters.terminator in ("\r", "\n"):
        repairs.note("line_break_terminator", "segments end with a line break", start)
    if problem := _unusable(delimiters):
        findings.append(Finding("bad_una" if una else "bad_header", problem, tag="UNA" if una else "UNB", offset=start))
        if len(set(delimiters.all())) < len(delimiters.all()) or delimiters.component.isalnum():
            return None
    return Service(delimiters, una, header)


def _advised(advice: str, window: str, shown: re.Match[str] | None, start: int, repairs: Repairs) -> Delimiters:
    """What UNA says, but for separators and a terminator that the bytes plainly contradict."""
    delimiters = Delimiters(
        component=advice[0],
        element=advice[1],
        decimal=advice[2],
        release=advice[3].strip(" "),
        repetition=advice[4].strip(" "),
        terminator=advice[5],
    )
    if shown and shown[1] != shown[2] and (shown[1], shown[2]) != (delimiters.element, delimiters.component):
        text = f"UNA gives {advice[0]!r} and {advice[1]!r} as separators, UNB uses {shown[2]!r} and {shown[1]!r}"
        repairs.note("una_contradicted", text, start)
        delimiters = replace(delimiters, element=shown[1], component=shown[2])
    if (terminator := _terminator(window, delimiters)) != delimiters.terminator:
        text = f"UNA gives {delimiters.terminator!r} as terminator, segments end with {terminator!r}"
        repairs.note("una_contradicted", text, start)
        delimiters = replace(delimiters, terminator=terminator)
    return delimiters


def _implied(window: str, shown: re.Match[str], start: int, repairs: Repairs) -> Delimiters:
    """Without UNA the defaults, but for what UNB and the segments behind it plainly show."""
    if shown[1] == _CONTROL.element:
        return _CONTROL
    component = shown[2] if shown[2] != shown[1] else EDIFACT_DEFAULT.component  # S001 without a version
    delimiters = EDIFACT_DEFAULT
    if (shown[1], component) != (delimiters.element, delimiters.component):
        release = "" if "?" in shown[1] + shown[2] else "?"
        delimiters = replace(delimiters, element=shown[1], component=component, release=release)
        text = f"without UNA, UNB uses {shown[1]!r} and {shown[2]!r} as separators"
        repairs.note("separators_without_una", text, start)
    if (terminator := _terminator(window, delimiters)) != delimiters.terminator:
        repairs.note("separators_without_una", f"without UNA, segments end with {terminator!r}", start)
        delimiters = replace(delimiters, terminator=terminator)
    return delimiters


def _advice(data: Buffer, start: int, repairs: Repairs) -> tuple[int, str]:
    """Where UNB starts behind UNA, and the six service characters."""
    window = str(bytes(data[start : start + _WINDOW]), "latin-1")
    if window[8:11] == "UNB":
        repairs.note("una_short", f"UNA at byte {start} has five characters, not six", start)
        return start + 8, f"{window[3:7]} {window[7]}"
    rest = window[9:].lstrip(BLANKS)
    if len(rest) < len(window[9:]):
        repairs.note("una_blanks", f"blanks or a line break behind UNA, from byte {start + 9}", start + 9)
    return start + len(window) - len(rest), window[3:9].ljust(6)


def _repetition(delimiters: Delimiters, una: bool, version: int, start: int, repairs: Repairs) -> str:
    """The repetition separator: in syntax 4 that of UNA, or "*" without UNA. Reserved before."""
    if version < 4:
        if una and delimiters.repetition:
            text = f"UNA reserves {delimiters.repetition!r}, which separates nothing in syntax {version}"
            repairs.note("una_repetition", text, start)
        return ""
    if una and not delimiters.repetition:
        repairs.note("una_repetition", "UNA gives no repetition separator, syntax 4 has one", start)
    others = replace(delimiters, repetition="").all()
    wanted = delimiters.repetition if una else "*"
    return "" if wanted in others or wanted.isalnum() else wanted


def _terminator(window: str, delimiters: Delimiters) -> str:
    """The terminator of an interchange: that of `delimiters`, given by UNA or the default one, unless the text shows
    none and is divided by another character before each tag."""
    if delimiters.terminator in window and not delimiters.terminator.isalnum():
        return delimiters.terminator
    element = re.escape(delimiters.element)
    ends = re.findall(rf"(?:([^\w\s])[\r\n ]*|([\r\n])[\r\n ]*)[A-Z]{{3}}{element}", window)
    shown: set[str] = {one or other for one, other in ends}
    if len(shown) == 1 and len(ends) > 2 and shown.isdisjoint(delimiters.element + delimiters.component):
        return shown.pop()
    return delimiters.terminator


def _unusable(delimiters: Delimiters) -> str:
    """Why these can't be service characters; "" if they can."""
    characters = delimiters.all()
    if len(set(characters)) < len(characters):
        return f"two service characters are the same in {characters!r}"
    bad = [c for c in characters if c.isalnum() or ord(c) > 0x7E or c == " "]
    return f"{', '.join(map(repr, bad))} can't be service characters" if bad else ""


def glued_header(raw: str, element: str) -> int | None:
    """Where in the raw UNB a group or message header starts because UNB lacks its terminator; None if there is none."""
    places = [place for tag in ("UNH", "UNG") if (place := raw.find(tag + element)) >= 0]
    return min(places, default=None)


def charset(header: Segment) -> Charset | None:
    """The character set that UNB declares (0001; in syntax 4 also 0133). None if it isn't known."""
    return declared(value(header, 1, 1), value(header, 1, 4))


def declared_in(data: Buffer, found: Service) -> Charset | None:
    """The character set of an interchange of which no more is read than S001."""
    window = str(bytes(data[found.header : found.header + 64]), "latin-1")
    components = window[4:].split(found.delimiters.element)[0].split(found.delimiters.component)
    return declared(components[0], components[3] if len(components) > 3 else "")


def syntax_version(interchange: Interchange) -> int:
    """The syntax version of an interchange (0002); 3, which most use, if it can't be read."""
    version = interchange.syntax.rpartition(":")[2]
    return int(version) if version in ("1", "2", "3", "4") else 3


def ascii_charset() -> Charset:
    """The character set of UNB, and of an interchange whose own isn't known."""
    return by_codec("ascii", "ASCII")


def interchange(
    header: Segment, found: Service, start: int, options: ReadOptions, findings: list[Finding]
) -> Interchange:
    """The interchange that `header` opens. What is wrong with the header is added to `findings`, which become its."""
    offset = found.header
    for element, name in _MANDATORY:
        if not value(header, element).strip():
            text = f"UNB has no {name}"
            findings.append(Finding("header_element_missing", text, tag="UNB", element=element, offset=offset))
    syntax, version = value(header, 1, 1), value(header, 1, 2)
    if syntax and charset(header) is None:
        text = f"the syntax identifier {syntax} is not known; the text was read as ASCII"
        findings.append(
            Finding("unsupported_syntax", text, tag="UNB", element=1, component=1, value=syntax, offset=offset)
        )
    if syntax and version not in ("1", "2", "3", "4"):
        text = f"syntax version {version!r} is not supported"
        findings.append(
            Finding("unsupported_syntax", text, tag="UNB", element=1, component=2, value=version, offset=offset)
        )
    if version == "4" and (encoding := value(header, 1, 4)) in _UNREAD_ENCODINGS:
        text = f"text in {_UNREAD_ENCODINGS[encoding]} (0133 = {encoding}) is not read"
        findings.append(
            Finding("unsupported_encoding", text, tag="UNB", element=1, component=4, value=encoding, offset=offset)
        )
    date = value(header, 4, 1)
    expected = 8 if version == "4" else 6
    if date and (len(date) not in (6, 8) or not date.isdecimal()):
        text = f"the date of preparation {date!r} is neither YYMMDD nor CCYYMMDD"
        findings.append(Finding("bad_header", text, "warning", tag="UNB", element=4, value=date, offset=offset))
    elif date and len(date) != expected and (severity := options.severity("header_date")) is not None:
        text = f"the date of preparation {date!r} has {len(date)} digits in syntax {version}"
        findings.append(
            Finding("header_date", text, severity, tag="UNB", element=4, component=1, value=date, offset=offset)
        )
    return Interchange(
        standard="edifact",
        delimiters=found.delimiters,
        header=header,
        trailer=None,
        syntax=f"{syntax}:{version}",
        sender=_party(header, 2),
        receiver=_party(header, 3),
        control=value(header, 5).strip(),
        date=date,
        time=value(header, 4, 2),
        test=value(header, 11).strip() not in ("", "0"),
        ack_requested=value(header, 9),
        start=start,
        end=start,
        una=found.una,
        findings=findings,
    )


def _party(header: Segment, element: int) -> PartyId:
    return PartyId(value(header, element, 1).strip(), value(header, element, 2).strip())


def _version(version: str, release: str) -> str:
    return f"{version}.{release}".upper() if version and release else ""
