"""From segments to messages, groups and the checks of their envelopes, for both standards.

EDIFACT and X12 nest alike, and their trailers are alike (a count, then the reference of the header): what differs is
said by a `Dialect`. Rules: ISO 9735-1 clause 8 and 9735-2 (counts and references), X12.5 sections 3.5 to 3.9, X12.6.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from edigw.syntax.events import Event, GroupEnd, GroupStart, InterchangeEnd, MessageRead
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Interchange, Message, Repeated, Segment
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs
from edigw.syntax.segments import Batch, Split
from edigw.syntax.values import number, same_reference, unrepeated, value


class Dialect(ABC):
    """The envelope segments of one standard, and how their headers are read."""

    interchange_header: ClassVar[str]
    interchange_trailer: ClassVar[str]
    group_header: ClassVar[str]
    group_trailer: ClassVar[str]
    message_header: ClassVar[str]
    message_trailer: ClassVar[str]
    loose: ClassVar[frozenset[str]]  # may stand between the interchange header and the first group
    groups_required: ClassVar[bool]  # whether every message must stand in a group

    @abstractmethod
    def group(self, header: Segment, offset: int) -> Group:
        """The group that `header` opens, with findings about the header."""

    @abstractmethod
    def message(self, header: Segment, start: int, end: int, group: Group | None) -> Message:
        """The message that `header` opens, with findings about the header."""

    @abstractmethod
    def group_key(self, group: Group) -> tuple[str, ...]:
        """What must differ between the groups of an interchange."""

    def belongs(self, message: Message, first: Message) -> bool:
        """Whether a message may stand in the group whose first message is `first`."""
        return True

    def refusal(self, loose: Segment) -> str:
        """Why an interchange that holds this segment outside of messages can't be read; "" if it can."""
        return ""


@dataclass(slots=True)
class _Count:
    """What was met so far at one level."""

    messages: int = 0
    keys: set[tuple[str, ...]] = field(default_factory=set)
    first: Message | None = None


class Assembler:
    """Takes the segments of one interchange after its header and yields its groups and messages, checked.

    It takes at most `room` messages, groups and segments outside of messages; if there are more, `full` becomes true
    and what follows is not taken. `opened` counts them."""

    def __init__(
        self,
        dialect: Dialect,
        interchange: Interchange,
        split: Split,
        options: ReadOptions,
        repairs: Repairs,
        room: int,
    ) -> None:
        self.opened = 0
        self._room = room
        self._dialect = dialect
        self._interchange = interchange
        self._split = split
        self._options = options
        self._repairs = repairs
        self._group: Group | None = None
        self._message: Message | None = None
        self._segments = 0  # of the open message; more than it holds if it is beyond the bounds
        self._total = 0  # messages in the interchange
        self._outside = _Count()  # messages outside of groups
        self._inside = _Count()  # messages in the open group
        self._groups = 0
        self._group_keys: set[tuple[str, ...]] = set()
        self._stray = False  # whether the segment before was a stray one, too
        self._closed = False
        handlers: dict[str, Callable[[Segment, int, int], Iterator[Event]]] = {
            dialect.message_header: self._open_message,
            dialect.message_trailer: self._close_message,
            dialect.group_header: self._open_group,
            dialect.group_trailer: self._close_group,
            dialect.interchange_trailer: self._close_interchange,
        }
        handlers.update((tag, self._keep_loose) for tag in dialect.loose)
        self._handlers = handlers
        element = interchange.delimiters.element
        self._marks = frozenset((tag + element)[:3] for tag in self._handlers) | frozenset(self._handlers)

    def feed(self, batch: Batch) -> Iterator[Event]:
        """Take the next segments; yields what they complete."""
        done, marks = 0, self._marks
        for i in [i for i, tag in enumerate(batch.tags) if tag in marks]:
            segment = self._segments_of(batch.part(i, i + 1))[0]
            handler = self._handlers.get(segment[0])
            if handler is None:
                continue
            self._take(batch.part(done, i))
            yield from handler(segment, batch.starts[i], batch.ends[i])
            if self.full:
                text = f"the interchange was read up to byte {batch.starts[i]}: too many messages and groups"
                self._report(Finding("interchange_limit", text, offset=batch.starts[i]))
                return
            done = i + 1
        self._take(batch.part(done, len(batch.raw)))

    @property
    def full(self) -> bool:
        """Whether there is more than may be taken."""
        return self.opened > self._room

    def finish(self, position: int) -> Iterator[Event]:
        """The interchange ends at byte `position`, with its trailer or without."""
        if not self._closed:
            yield from self._end_group(position)
            tag = self._dialect.interchange_trailer
            if not self.full:
                text = f"the interchange ends without {tag}"
                self._report(Finding("interchange_trailer_missing", text, tag=tag, offset=position))
            self._interchange.end = position
            self._check_content()
        yield InterchangeEnd(self._interchange)

    # -- segments ------------------------------------------------------------------------------------------------

    def _report(self, finding: Finding) -> None:
        self._interchange.findings.append(finding)

    def _segments_of(self, batch: Batch) -> list[Segment]:
        segments = self._split(batch.raw)
        if {type(segment[0]) for segment in segments} != {str}:
            for segment, start in zip(segments, batch.starts, strict=True):
                segment[0] = self._tag(segment[0], start)
        return segments

    def _tag(self, tag: Any, start: int) -> str:
        """The tag alone, without the nesting numbers that syntax 1 to 3 allow behind it (LIN:1:2)."""
        if isinstance(tag, Repeated):
            tag = unrepeated(tag, self._interchange.delimiters.repetition)
        if isinstance(tag, list):
            text = f"explicit nesting in the tag at byte {start} ({':'.join(tag)}) was left out"
            self._repairs.note("nesting", text, start)
            return str(tag[0])
        return str(tag)

    def _take(self, batch: Batch) -> None:
        """Segments that are not of the envelope: they belong to the open message, or to nothing."""
        if not batch.raw:
            return
        message = self._message
        if message is None:
            self._report_stray(self._segments_of(batch.part(0, 1))[0], batch.starts[0])
            return
        self._segments += len(batch.raw)
        message.end = batch.ends[-1]
        room = self._options.max_segments - len(message.segments)
        if len(batch.raw) > room:
            batch = batch.part(0, max(room, 0))
            if room >= 0:
                text = f"the message has more than {self._options.max_segments} segments"
                message.findings.append(Finding("message_limit", text, offset=message.start))
        if not batch.raw:
            return
        segments = self._segments_of(batch)
        if max(map(len, segments)) > self._options.max_elements + 1:
            self._shorten(message, segments, batch.starts)
        message.segments += segments
        message.offsets += batch.starts

    def _shorten(self, message: Message, segments: list[Segment], starts: list[int]) -> None:
        longest = self._options.max_elements
        for i, segment in enumerate(segments):
            if len(segment) > longest + 1:
                text = f"the segment has {len(segment) - 1} elements; more than {longest} are not read"
                place = len(message.segments) + i + 1
                message.findings.append(
                    Finding("too_many_elements", text, segment=place, tag=segment[0], offset=starts[i])
                )
                del segment[longest + 1 :]

    def _beyond(self) -> bool:
        """Count one more message, group or segment outside of messages; whether that is one too many."""
        self.opened += 1
        self._stray = False
        return self.full

    def _report_stray(self, segment: Segment, start: int) -> None:
        if not self._stray:
            text = f"segment {segment[0]!r} at byte {start} stands outside of any message"
            self._report(Finding("stray_segment", text, tag=segment[0], offset=start))
        self._stray = True

    def _keep_loose(self, segment: Segment, start: int, end: int) -> Iterator[Event]:
        if refusal := self._dialect.refusal(segment):
            self._report(Finding("unsupported_syntax", refusal, tag=segment[0], offset=start))
        if self._message is not None:
            self._segments += 1
            self._message.segments.append(segment)
            self._message.offsets.append(start)
            self._message.end = end
        elif not self._beyond():
            self._interchange.loose.append(segment)
            if self._groups and self._dialect.groups_required:
                self._report_stray(segment, start)
        yield from ()

    # -- messages ------------------------------------------------------------------------------------------------

    def _open_message(self, header: Segment, start: int, end: int) -> Iterator[Event]:
        yield from self._end_message()
        if self._beyond():
            return
        message = self._dialect.message(header, start, end, self._group)
        level = self._outside if self._group is None else self._inside
        level.messages += 1
        self._total += 1
        key = (message.control, "" if self._dialect.groups_required else message.type)
        if key in level.keys:
            text = f"the message reference {message.control!r} was used before in this {self._level}"
            message.findings.append(
                Finding(
                    "message_reference_duplicate", text, segment=1, tag=header[0], value=message.control, offset=start
                )
            )
        level.keys.add(key)
        level.first = level.first or message
        if self._group is not None and not self._dialect.belongs(message, level.first):
            text = f"a message of type {message.type} in a group of {level.first.type} messages"
            message.findings.append(
                Finding("message_not_in_group", text, segment=1, tag=header[0], value=message.type, offset=start)
            )
        self._message, self._segments = message, 1

    @property
    def _level(self) -> str:
        return "interchange" if self._group is None else "group"

    def _close_message(self, trailer: Segment, start: int, end: int) -> Iterator[Event]:
        message = self._message
        if message is None:
            self._report_stray(trailer, start)
            return
        self._segments += 1
        message.segments.append(trailer)
        message.offsets.append(start)
        message.end = end
        found = message.findings
        self._check_reference("message", found, message.segments[0][0], message.control, trailer, start)
        self._check_count("message", found, trailer, self._segments, "segments", start)
        self._message = None
        yield MessageRead(message, self._group)

    def _end_message(self) -> Iterator[Event]:
        """The open message, if any, has no trailer."""
        message, tag = self._message, self._dialect.message_trailer
        if message is None:
            return
        text = f"the message ends at byte {message.end} without {tag}"
        message.findings.append(
            Finding("message_trailer_missing", text, segment=self._segments, tag=tag, offset=message.end)
        )
        self._message = None
        yield MessageRead(message, self._group)

    # -- groups --------------------------------------------------------------------------------------------------

    def _open_group(self, header: Segment, start: int, end: int) -> Iterator[Event]:
        yield from self._end_group(start)
        if self._beyond():
            return
        group = self._dialect.group(header, start)
        key = self._dialect.group_key(group)
        if key in self._group_keys:
            text = f"the group reference {group.control!r} was used before in this interchange"
            group.findings.append(
                Finding("group_reference_duplicate", text, tag=header[0], value=group.control, offset=start)
            )
        self._group_keys.add(key)
        self._groups += 1
        self._group, self._inside = group, _Count()
        yield GroupStart(group)

    def _close_group(self, trailer: Segment, start: int, end: int) -> Iterator[Event]:
        yield from self._end_message()
        group = self._group
        if group is None:
            self._report_stray(trailer, start)
            return
        group.trailer = trailer
        self._check_reference("group", group.findings, group.header[0], group.control, trailer, start)
        self._check_count("group", group.findings, trailer, self._inside.messages, "messages", start)
        yield from self._leave_group(group)

    def _end_group(self, position: int) -> Iterator[Event]:
        """The open message and the open group, if any, have no trailers."""
        yield from self._end_message()
        group, tag = self._group, self._dialect.group_trailer
        if group is not None:
            text = f"group {group.control!r} ends at byte {position} without {tag}"
            group.findings.append(Finding("group_trailer_missing", text, tag=tag, offset=position))
            yield from self._leave_group(group)

    def _leave_group(self, group: Group) -> Iterator[Event]:
        if not self._inside.messages:
            text = f"group {group.control!r} holds no message"
            group.findings.append(Finding("group_empty", text, tag=group.header[0], offset=group.offset))
        self._group = None
        yield GroupEnd(group)

    # -- the interchange -----------------------------------------------------------------------------------------

    def _close_interchange(self, trailer: Segment, start: int, end: int) -> Iterator[Event]:
        yield from self._end_group(start)
        interchange = self._interchange
        interchange.trailer, interchange.end, self._closed = trailer, end, True
        header = self._dialect.interchange_header
        self._check_reference("interchange", interchange.findings, header, interchange.control, trailer, start)
        if self._groups or self._dialect.groups_required:
            met, name = self._groups, "groups"
        else:
            objects = sum(segment[0] == "UNO" for segment in interchange.loose)
            met, name = self._total + objects, "messages"
        self._check_count("interchange", interchange.findings, trailer, met, name, start)
        self._check_content()

    def _check_content(self) -> None:
        start = self._interchange.start
        outside = self._outside.first
        if outside is not None and (self._groups or self._dialect.groups_required):
            text = f"message {outside.control!r} stands outside of any group"
            self._report(Finding("groups_mixed", text, tag=outside.segments[0][0], offset=outside.start))
        if not self._total and not self._interchange.loose:
            self._report(Finding("interchange_empty", "the interchange holds no message", offset=start))

    # -- trailers ------------------------------------------------------------------------------------------------

    def _check_reference(
        self, level: str, findings: list[Finding], header: str, reference: str, trailer: Segment, start: int
    ) -> None:
        given = value(trailer, 2)
        if given == reference:
            return
        text = f"{header} says {reference!r}, {trailer[0]} says {given!r}"
        if same_reference(reference, given):
            finding = Finding("repaired", text, "note", offset=start)
        else:
            finding = Finding(f"{level}_reference", text, offset=start)
        findings.append(self._at(finding, level, trailer, 2))

    def _check_count(
        self, level: str, findings: list[Finding], trailer: Segment, met: int, name: str, start: int
    ) -> None:
        given = value(trailer, 1)
        if number(given) != met:
            declared = f"declares {given} {name}" if given else f"declares no number of {name}"
            text = f"{trailer[0]} {declared}, {met} were counted"
            findings.append(self._at(Finding(f"{level}_count", text, offset=start), level, trailer, 1))

    def _at(self, finding: Finding, level: str, trailer: Segment, element: int) -> Finding:
        segment = self._segments if level == "message" else None
        return replace(finding, segment=segment, tag=trailer[0], element=element, value=value(trailer, element))
