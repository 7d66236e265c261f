"""Reading a file: `scan` yields what it holds one message at a time, `parse` all of it at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edigw.syntax import edifact, x12
from edigw.syntax.allowance import Allowance
from edigw.syntax.binary import Buffer
from edigw.syntax.charset import Charset, Decoder, by_codec, may_be_ambiguous
from edigw.syntax.detect import Found, locate, next_header
from edigw.syntax.dialect import Dialect
from edigw.syntax.envelope import Assembler
from edigw.syntax.events import Event, GroupStart, InterchangeEnd, InterchangeStart, MessageRead, PackageRead
from edigw.syntax.findings import Finding
from edigw.syntax.memory import uncollected
from edigw.syntax.model import (
    EDIFACT_DEFAULT,
    X12_DEFAULT,
    Group,
    Interchange,
    Message,
    ParsedFile,
    PartyId,
    Standard,
)
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs
from edigw.syntax.segments import SegmentReader, splitter
from edigw.syntax.transcode import Transcoded, relocated

_DEFAULTS = ReadOptions()
_UP_TO_HEADER = 4_200  # bytes in which UNB with its character set stands, blanks behind UNA included
_UTF_8 = by_codec("utf-8")
_DUPLICATES = frozenset(("message_reference_duplicate", "group_reference_duplicate"))


def parse(data: bytes, options: ReadOptions = _DEFAULTS) -> ParsedFile:
    """Read a received file: its interchanges with their groups and messages, envelopes checked.

    Whatever is wrong is a finding of the file, interchange, group or message that it concerns; no content of `data`
    raises an exception. Offsets are bytes of `data`."""
    parsed = ParsedFile([])
    with uncollected():
        for event in scan(data, options):
            collect(parsed, event)
    return parsed


def collect(parsed: ParsedFile, event: Event) -> None:
    """Put what an event of `scan` tells to the rest of the file."""
    match event:
        case MessageRead(message, group):
            parsed.interchanges[-1].messages.append(message)
            if group is not None:
                group.messages.append(message)
        case InterchangeStart(interchange):
            parsed.interchanges.append(interchange)
        case GroupStart(group):
            parsed.interchanges[-1].groups.append(group)
        case PackageRead(package):
            parsed.interchanges[-1].packages.append(package)
        case InterchangeEnd(interchange):
            _reject_namesakes(interchange)
        case Finding():
            parsed.findings.append(event)


def _reject_namesakes(interchange: Interchange) -> None:
    """A reference that occurs twice rejects the first message or group that has it, too: an acknowledgement could not
    tell them apart, and its receiver would send again what was accepted."""
    edifact = interchange.standard == "edifact"
    inside = {id(message): n for n, group in enumerate(interchange.groups) for message in group.messages}
    named: dict[tuple[object, ...], list[Message | Group]] = {}
    for message in interchange.messages:
        named.setdefault((inside.get(id(message)), message.control, edifact and message.type), []).append(message)
    for group in interchange.groups:
        key = (group.sender, group.receiver, group.control, edifact or group.functional_id)
        named.setdefault(key, []).append(group)
    for first, *others in named.values():
        found = next((f for other in others for f in other.findings if f.code in _DUPLICATES), None)
        if found:
            place = first.start if isinstance(first, Message) else first.offset
            text = f"the reference {first.control!r} is used again behind it"
            first.findings.insert(0, replace(found, text=text, offset=place))


def scan(data: Buffer, options: ReadOptions = _DEFAULTS) -> Iterator[Event]:
    """Read a file of any size piece by piece: bytes, a memoryview or a memory-mapped file. Each message is yielded when
    its last segment was read and kept nowhere else; what `parse` says of findings and offsets holds here, too."""
    position, interchanges, allowance = 0, 0, Allowance(options, len(data))
    last: Interchange | None = None
    views: dict[str, Transcoded] = {}
    while True:
        found = locate(data, position, options.tolerates("foreign_header") and last is None)
        if found.kind == "end":
            if not interchanges:
                yield Finding("not_edi", "the file is empty", offset=0)
            return
        if found.kind == "other":
            if last is None:
                yield _refusal(found)
                return
            yield Finding("stray_data", f"data that no interchange holds, from byte {found.start}", offset=found.start)
            position = next_header(data, found.start)
            continue
        if interchanges == options.max_interchanges or not allowance.take_interchange():
            text = f"the file holds more than {interchanges} interchanges, the most that are read in {len(data)} bytes"
            text = allowance.told() if allowance.exceeded else text
            yield Finding("file_limit", f"{text}; it was read up to byte {found.start}", offset=found.start)
            return
        interchanges += 1
        for event in _interchange(data, found, options, allowance, views):
            yield event
            if type(event) is InterchangeEnd:
                last = event.interchange
                position = max(last.end, found.start + 1)
        if allowance.exceeded:
            return
        if last is not None and not last.accepted:
            allowance.broken()


def _refusal(found: Found) -> Finding:
    if found.name:
        return Finding("unsupported_format", f"the file is {found.name}, which is not supported", offset=found.start)
    text = f"neither UNA, UNB nor ISA stands at byte {found.start}, where the file starts"
    return Finding("not_edi", text, offset=found.start)


@dataclass(frozen=True, slots=True)
class _Opened:
    """An interchange whose header was read."""

    interchange: Interchange
    reader: SegmentReader
    decoder: Decoder
    dialect: Dialect


def _interchange(
    data: Buffer, found: Found, options: ReadOptions, allowance: Allowance, views: dict[str, Transcoded]
) -> Iterator[Event]:
    """The events of the interchange at `found`, and a Finding if the file has more than `allowance` allows. It is read
    in UTF-8 form where its own encoding can't be cut by octets; `views` keeps these forms for the next ones."""
    codec = found.encoding or _ambiguous(data, found, options)
    if not codec:
        yield from _events(data, found.start, found, options, allowance, None)
        return
    view = views.setdefault(codec, Transcoded(data, found.start, codec))
    broken: int | None = None  # octets outside of messages that can't be decoded
    told = found.start
    unused: list[Finding] = []
    before = Repairs(options, unused.append)  # at places of the file, not of the view
    for repair in found.repairs:
        before.note(*repair)
    found = replace(found, repairs=())
    for event in _events(view, view.position(found.start), found, options, allowance, _UTF_8):
        event = relocated(event, view, codec)
        match event:
            case MessageRead(message, _):
                broken = broken or view.undecodable(told, message.start)
                told = message.end
                if place := view.undecodable(message.start, message.end):
                    segment = bisect_left(message.offsets, place)
                    tag = message.segments[segment - 1][0]
                    text = f"the octets before byte {place} are no {codec}"
                    message.findings.append(Finding("foreign_character", text, segment=segment, tag=tag, offset=place))
            case InterchangeEnd(interchange):
                if place := broken or view.undecodable(told, interchange.end):
                    text = f"the octets before byte {place} are no {codec}"
                    interchange.findings.append(Finding("invalid_character", text, offset=place))
                interchange.findings += before.findings()
        yield event


def _ambiguous(data: Buffer, found: Found, options: ReadOptions) -> str:
    """The codec of the interchange at `found` if its text must be decoded before it is cut into segments, else ""."""
    if found.kind == "x12":
        charset: Charset | None = by_codec(options.x12_charset)
    elif not may_be_ambiguous(bytes(data[found.start : found.start + _UP_TO_HEADER])):
        return ""
    else:
        unused: list[Finding] = []
        service = edifact.service(data, found.start, options, unused, Repairs(options, unused.append))
        charset = edifact.declared_in(data, service) if service else None
    return charset.codec if charset is not None and charset.ambiguous else ""


def _events(
    data: Buffer, start: int, found: Found, options: ReadOptions, allowance: Allowance, charset: Charset | None
) -> Iterator[Event]:
    findings: list[Finding] = []
    faults: list[Finding] = []  # at places that the envelopes put down to a message or to the interchange
    repairs = Repairs(options, faults.append)
    for repair in found.repairs:
        repairs.note(*repair)
    read = _read_edifact if found.kind == "edifact" else _read_x12
    opened = read(data, start, options, allowance, charset, findings, faults, repairs)
    if isinstance(opened, Interchange):  # its header can't be read
        findings += repairs.findings()
        yield InterchangeStart(opened)
        yield InterchangeEnd(opened)
        return
    interchange = opened.interchange
    yield InterchangeStart(interchange)
    split = splitter(interchange.delimiters, opened.decoder)
    assembler = Assembler(opened.dialect, interchange, split, options, repairs, faults, allowance)
    opened.reader.decoder = opened.decoder
    for batch in opened.reader:
        yield from assembler.feed(batch)
        interchange.charset = opened.decoder.codec
        if allowance.exceeded:
            text = allowance.told()
            yield Finding("file_limit", f"{text}; the rest was not read", offset=opened.reader.position)
            break
    yield from assembler.finish(opened.reader.position)


def _read_edifact(
    data: Buffer,
    start: int,
    options: ReadOptions,
    allowance: Allowance,
    charset: Charset | None,
    findings: list[Finding],
    faults: list[Finding],
    repairs: Repairs,
) -> _Opened | Interchange:
    service = edifact.service(data, start, options, findings, repairs)
    if service is None:
        return _unreadable("edifact", data, start, findings)
    delimiters = service.delimiters
    reader = SegmentReader(
        data, service.header, delimiters, "UNZ", options, allowance, findings.append, faults.append, repairs
    )
    raw = reader.header()
    if raw is None:
        text = f"UNB at byte {service.header} has no terminator {delimiters.terminator!r}"
        findings.append(Finding("bad_header", text, tag="UNB", offset=service.header))
        return _unreadable("edifact", data, start, findings)
    glued = edifact.glued_header(raw, delimiters.element)
    if glued is not None:
        reader.position = service.header + glued
        text = f"UNB has no terminator before byte {reader.position}, where the next header starts"
        findings.append(Finding("bad_header", text, tag="UNB", offset=reader.position))
        raw = raw[:glued]
    raw = raw.replace("\r", "").replace("\n", "")
    [header] = splitter(delimiters)([raw])
    decoder = Decoder(charset or edifact.charset(header) or edifact.ascii_charset(), options, delimiters.all(), repairs)
    _check_header(decoder, bytes(data[service.header : reader.position]), service.header, findings)
    if not raw.isascii():
        [header] = splitter(delimiters, decoder)([raw])
    interchange = edifact.interchange(header, service, start, options, findings)
    interchange.charset = decoder.codec
    return _Opened(interchange, reader, decoder, edifact.EdifactDialect(edifact.syntax_version(interchange)))


def _read_x12(
    data: Buffer,
    start: int,
    options: ReadOptions,
    allowance: Allowance,
    charset: Charset | None,
    findings: list[Finding],
    faults: list[Finding],
    repairs: Repairs,
) -> _Opened | Interchange:
    service = x12.service(data, start, options, findings, repairs)
    if service is None:
        return _unreadable("x12", data, start, findings)
    delimiters = service.delimiters
    reader = SegmentReader(
        data, service.end, delimiters, "IEA", options, allowance, findings.append, faults.append, repairs
    )
    decoder = Decoder(charset or by_codec(options.x12_charset), options, delimiters.all(), repairs)
    _check_header(decoder, bytes(data[start : service.end]), start, findings)
    interchange = x12.interchange(service, start, findings)
    interchange.charset = decoder.codec
    return _Opened(interchange, reader, decoder, x12.X12Dialect())


def _check_header(decoder: Decoder, octets: bytes, offset: int, findings: list[Finding]) -> None:
    if not decoder.check(octets, offset):
        findings += [
            Finding("invalid_character", fault.text, offset=offset + fault.start)
            for fault in decoder.faults(octets, offset)
        ]


def _unreadable(standard: Standard, data: Buffer, start: int, findings: list[Finding]) -> Interchange:
    """An interchange whose header can't be read: nothing of it can be told apart. It is taken to end where what is
    plainly another one begins."""
    own = bytes(data[start : start + 64]).find(b"UNB") if standard == "edifact" else 0  # it may stand behind UNA
    return Interchange(
        standard=standard,
        delimiters=EDIFACT_DEFAULT if standard == "edifact" else X12_DEFAULT,
        header=["UNB" if standard == "edifact" else "ISA"],
        trailer=None,
        syntax="",
        sender=PartyId(""),
        receiver=PartyId(""),
        control="",
        date="",
        time="",
        test=False,
        ack_requested="",
        start=start,
        end=next_header(data, start + max(own, 0) + 3),
        findings=findings,
    )
