"""From segments to messages, groups and the checks of their envelopes, for both standards.

EDIFACT and X12 nest alike, and their trailers are alike (a count, then the reference of the header): what differs is
said by a dialect. Rules: ISO 9735-1 clause 8 and 9735-2 (counts and references), X12.5 sections 3.5 to 3.9, X12.6.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType

from edigw.syntax.allowance import Allowance
from edigw.syntax.deviations import Batch
from edigw.syntax.dialect import Dialect
from edigw.syntax.events import Event, GroupEnd, GroupStart, InterchangeEnd, MessageRead, PackageRead
from edigw.syntax.findings import Finding, Severity
from edigw.syntax.model import Group, Interchange, Message, Package, Repeated, Segment
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs
from edigw.syntax.segments import Split
from edigw.syntax.values import number, same_reference, unrepeated, value

_OUTSIDE = MappingProxyType({"foreign_character": "invalid_character"})  # what a fault is called outside of messages


def _offset(finding: Finding) -> int:
    return finding.offset or 0


def _plain_tags(segments: list[Segment]) -> bool:
    try:
        tags = set(map(itemgetter(0), segments))
    except TypeError:  # lists can't be in a set
        return False
    return not any(isinstance(tag, Repeated) for tag in tags)


@lru_cache(maxsize=128)
def _marks(tags: tuple[str, ...], element: str) -> frozenset[str]:
    """What the first three characters of a segment with one of the tags may be."""
    return frozenset((tag + element)[:3] for tag in tags) | frozenset(tags)


@dataclass(slots=True)
class _Count:
    """What was met so far at one level."""

    messages: int = 0  # and packages
    keys: set[tuple[str, ...]] = field(default_factory=set)
    first: Message | None = None


class Assembler:
    """Takes the segments of one interchange after its header and yields its groups and messages, checked.

    It takes no more messages, groups and segments than `allowance` allows; what follows is not
    taken. `faults` is where the reader of the segments leaves what it finds at places within them: it is put down to
    the message that holds the place, else to the interchange."""

    def __init__(
        self,
        dialect: Dialect,
        interchange: Interchange,
        split: Split,
        options: ReadOptions,
        repairs: Repairs,
        faults: list[Finding],
        allowance: Allowance,
    ) -> None:
        self._faults = faults
        self._ordered: deque[Finding] = deque()  # the faults that were not placed yet, by their place
        self._allowance = allowance
        self._dialect = dialect
        self._interchange = interchange
        self._split = split
        self._options = options
        self._repairs = repairs
        self._group: Group | None = None
        self._message: Message | None = None
        self._texts: list[str] = []  # of its segments
        self._package: Package | None = None
        self._segments = 0  # of the open message; more than it holds if it is beyond the bounds
        self._total = 0  # messages and packages in the interchange
        self._outside = _Count()  # messages outside of groups
        self._inside = _Count()  # messages in the open group
        self._groups = 0
        self._group_keys: set[tuple[str, ...]] = set()
        self._stray = False  # whether the segment before was a stray one, too
        self._closed = False
        handlers: dict[str, Callable[[Segment, str, int, int], Iterator[Event]]] = {
            dialect.message_header: self._open_message,
            dialect.message_trailer: self._close_message,
            dialect.group_header: self._open_group,
            dialect.group_trailer: self._close_group,
            dialect.interchange_trailer: self._close_interchange,
        }
        handlers.update((tag, self._keep_loose) for tag in dialect.loose)
        handlers.update((tag, self._keep_outside) for tag in dialect.outside)
        if dialect.package_header:
            handlers[dialect.package_header] = self._open_package
            handlers[dialect.package_trailer] = self._close_package
        self._handlers = handlers
        self._marks = _marks(tuple(handlers), interchange.delimiters.element)

    def feed(self, batch: Batch) -> Iterator[Event]:
        """Take the next segments; yields what they complete."""
        done, marks, allowance = 0, self._marks, self._allowance
        segments = self._segments_of(batch)
        self._order_faults()
        for i in [i for i, tag in enumerate(batch.tags) if tag in marks]:
            segment, start = segments[i], batch.starts[i]
            handler = self._handlers.get(segment[0])
            if handler is None:
                continue
            if done < i:
                self._take(segments[done:i], batch, done, i)
            if self._ordered:
                self._place_faults(start)
            if not allowance.exceeded:
                yield from handler(segment, batch.raw[i], start, batch.ends[i])
            if allowance.exceeded:
                self._report_full(start)
                return
            done = i + 1
        if done < len(segments):
            self._take(segments[done:], batch, done, len(segments))
        self._place_faults(batch.ends[-1])
        if allowance.exceeded:
            self._report_full(batch.ends[-1])

    def finish(self, position: int) -> Iterator[Event]:
        """The interchange ends at byte `position`, with its trailer or without."""
        if not self._closed:
            yield from self._end_group(position)
            tag = self._dialect.interchange_trailer
            if not self._allowance.exceeded:
                text = f"the interchange ends without {tag}"
                self._report(Finding("interchange_trailer_missing", text, tag=tag, offset=position))
            self._interchange.end = position
            self._check_content()
        self._order_faults()
        self._place_faults(position + 1)
        self._interchange.findings += self._repairs.findings()
        self._handlers.clear()  # they hold this object, which would stay until cycles are looked for
        yield InterchangeEnd(self._interchange)

    # -- segments ------------------------------------------------------------------------------------------------

    def _report(self, finding: Finding) -> None:
        self._interchange.findings.append(finding)

    def _report_full(self, position: int) -> None:
        text = f"the interchange was read up to byte {position}: too many messages and groups"
        self._report(Finding("interchange_limit", text, offset=position))

    def _report_validation(self, finding: Finding) -> None:
        """Report what the agreement may judge otherwise."""
        severity = self._options.severity(finding.code)
        if severity is not None:
            self._report(replace(finding, severity=severity))

    def _order_faults(self) -> None:
        """Take the faults of the reader, and those that showed while segments were cut."""
        if self._faults:
            self._ordered = deque(sorted([*self._ordered, *self._faults], key=_offset))
            self._faults.clear()

    def _place_faults(self, until: int) -> None:
        """Put what the reader found before byte `until` down to the open message, or else to the interchange."""
        message = self._message
        while self._ordered and _offset(self._ordered[0]) < until:
            fault = self._ordered.popleft()
            offset = _offset(fault)
            if message is None or offset < message.start:
                self._report(replace(fault, code=_OUTSIDE.get(fault.code, fault.code)))
                continue
            segment = bisect_right(message.offsets, offset)
            tag = fault.tag or message.segments[segment - 1][0]
            if not any(f.code == fault.code and f.segment == segment and not f.element for f in message.findings[-1:]):
                message.findings.append(replace(fault, segment=segment, tag=tag))

    def _segments_of(self, batch: Batch) -> list[Segment]:
        segments = self._split(batch.raw)
        if not _plain_tags(segments):
            self._cut_tags(segments, batch.starts)
        return segments

    def _cut_tags(self, segments: list[Segment], starts: list[int]) -> None:
        """Leave the tag alone, without the nesting numbers that syntax 1 to 3 allow behind it (LIN:1:2)."""
        found: list[tuple[int, str]] = []
        for segment, start in zip(segments, starts, strict=True):
            tag = segment[0]
            if isinstance(tag, Repeated):
                tag = unrepeated(tag, self._interchange.delimiters.repetition)
            if isinstance(tag, list):
                found.append((start, f"explicit nesting in the tag at byte {start} ({':'.join(tag)}) was left out"))
                tag = tag[0]
            segment[0] = tag
        self._repairs.note_all("explicit_nesting", found)

    def _take(self, segments: list[Segment], batch: Batch, first: int, last: int) -> None:
        """Segments of a batch that are not of the envelope: they belong to the open message, or to nothing."""
        if not self._allowance.take_segments(last - first):
            return
        message, starts = self._message, batch.starts[first:last]
        if message is None:
            for segment, start in zip(segments, starts, strict=True):
                self._keep_stray(segment, start)
            return
        kept = self._count(message, last - first, batch.ends[last - 1])
        if kept < last - first:
            segments, starts, last = segments[:kept], starts[:kept], first + kept
        if segments and max(map(len, segments)) > self._options.max_elements + 1:
            self._shorten(message, segments, starts)
        message.segments += segments
        message.offsets += starts
        self._texts += batch.raw[first:last]

    def _count(self, message: Message, more: int, end: int) -> int:
        """Count `more` segments, up to byte `end`, for the open message: how many of them it may keep."""
        longest = self._options.max_segments
        if self._segments <= longest < self._segments + more:
            text = f"the message has more than {longest} segments"
            message.findings.append(Finding("message_limit", text, offset=message.start))
        self._segments += more
        message.end = end
        return max(longest - len(message.segments), 0)

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
        """Count one more message, group, object or acknowledgement outside of messages; whether that is one too
        many."""
        self._stray = False
        return not self._allowance.take()

    def _keep_stray(self, segment: Segment, start: int) -> None:
        """A segment that belongs to nothing is kept, so that nothing that was read is lost; a run of them is one
        finding."""
        if not self._stray:
            text = f"segment {segment[0]!r} at byte {start} stands outside of any message"
            self._report(Finding("stray_segment", text, tag=segment[0], offset=start))
        self._stray = True
        self._interchange.outside.append(segment)
        self._interchange.outside_offsets.append(start)

    def _keep_inside(self, segment: Segment, raw: str, start: int, end: int) -> bool:
        """Whether the segment stands in an open message, which then keeps it: it says there whether it belongs."""
        if self._message is None:
            return False
        if self._count(self._message, 1, end):
            self._message.segments.append(segment)
            self._message.offsets.append(start)
            self._texts.append(raw)
        return True

    def _keep_loose(self, segment: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
        if not self._keep_inside(segment, raw, start, end):
            if self._groups and self._dialect.groups_required:
                self._keep_stray(segment, start)
            elif self._allowance.take_segments(1):
                self._stray = False
                self._interchange.loose.append(segment)
                self._interchange.loose_offsets.append(start)
        yield from ()

    def _keep_outside(self, segment: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
        if not self._keep_inside(segment, raw, start, end) and not self._beyond():
            self._interchange.outside.append(segment)
            self._interchange.outside_offsets.append(start)
        yield from ()

    # -- objects -------------------------------------------------------------------------------------------------

    def _open_package(self, header: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
        """UNO; its last element are the octets of the object."""
        yield from self._end_message()
        if self._beyond():
            return
        *header, octets = header
        text = "objects are not passed on: only messages are"
        self._report_validation(Finding("objects_not_supported", text, tag=header[0], offset=start))
        self._package = Package(value(header, 1), header, octets.encode("latin-1"), None, start, end)
        (self._outside if self._group is None else self._inside).messages += 1
        self._total += 1
        yield from ()

    def _close_package(self, trailer: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
        package, self._package = self._package, None
        if package is None:
            self._keep_stray(trailer, start)
            return
        package.trailer, package.end = trailer, end
        length, reference = value(trailer, 1), value(trailer, 2)
        if number(length) != len(package.octets) or not same_reference(reference, package.control):
            text = f"UNO has {len(package.octets)} octets and says {package.control!r}, UNP {length} and {reference!r}"
            self._report(Finding("object_trailer", text, tag=trailer[0], offset=start))
        yield PackageRead(package)

    # -- messages ------------------------------------------------------------------------------------------------

    def _open_message(self, header: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
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
        severity = self._options.severity("message_not_in_group")
        if self._group is not None and severity is not None and not self._dialect.belongs(message, level.first):
            text = f"a message of type {message.type} in a group of {level.first.type} messages"
            message.findings.append(
                Finding(
                    "message_not_in_group", text, severity, segment=1, tag=header[0], value=message.type, offset=start
                )
            )
        self._message, self._segments, self._texts = message, 1, [raw]

    @property
    def _level(self) -> str:
        return "interchange" if self._group is None else "group"

    def _close_message(self, trailer: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
        message = self._message
        if message is None:
            self._keep_stray(trailer, start)
            return
        self._segments += 1
        message.segments.append(trailer)
        message.offsets.append(start)
        self._texts.append(raw)
        message.end = end
        self._place_faults(end)
        found = message.findings
        self._check_reference("message", found, message.segments[0][0], message.control, trailer, start)
        self._check_count("message", found, trailer, self._segments, "segments", start)
        self._message = None
        yield MessageRead(message, self._group, self._texts)

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
        yield MessageRead(message, self._group, self._texts)

    # -- groups --------------------------------------------------------------------------------------------------

    def _open_group(self, header: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
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

    def _close_group(self, trailer: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
        yield from self._end_message()
        group = self._group
        if group is None:
            self._keep_stray(trailer, start)
            return
        group.trailer = trailer
        self._check_reference("group", group.findings, group.header[0], group.control, trailer, start)
        self._check_count("group", group.findings, trailer, self._inside.messages, "messages", start)
        yield from self._leave_group(group, end)

    def _end_group(self, position: int) -> Iterator[Event]:
        """The open message and the open group, if any, have no trailers."""
        yield from self._end_message()
        group, tag = self._group, self._dialect.group_trailer
        if group is not None:
            text = f"group {group.control!r} ends at byte {position} without {tag}"
            group.findings.append(Finding("group_trailer_missing", text, tag=tag, offset=position))
            yield from self._leave_group(group, position)

    def _leave_group(self, group: Group, end: int) -> Iterator[Event]:
        severity = self._options.severity("group_empty")
        if not self._inside.messages:
            self._allowance.empty()
        if not self._inside.messages and severity is not None:
            text = f"group {group.control!r} holds no message"
            group.findings.append(Finding("group_empty", text, severity, tag=group.header[0], offset=group.offset))
        self._group, group.end, self._stray = None, end, False
        yield GroupEnd(group)

    # -- the interchange -----------------------------------------------------------------------------------------

    def _close_interchange(self, trailer: Segment, raw: str, start: int, end: int) -> Iterator[Event]:
        yield from self._end_group(start)
        interchange = self._interchange
        interchange.trailer, interchange.end, self._closed = trailer, end, True
        header = self._dialect.interchange_header
        self._check_reference("interchange", interchange.findings, header, interchange.control, trailer, start)
        if self._groups or self._dialect.groups_required:
            met, name = self._groups, "groups"
        else:
            met, name = self._total, "messages"
        self._check_count("interchange", interchange.findings, trailer, met, name, start)
        self._check_content()

    def _check_content(self) -> None:
        start = self._interchange.start
        outside = self._outside.first
        if outside is not None and (self._groups or self._dialect.groups_required):
            text = f"message {outside.control!r} stands outside of any group"
            self._report(Finding("groups_mixed", text, tag=outside.segments[0][0], offset=outside.start))
        if not self._total and not self._interchange.loose:
            text = "the interchange holds no message"
            self._report_validation(Finding("interchange_empty", text, offset=start))

    # -- trailers ------------------------------------------------------------------------------------------------

    def _check_reference(
        self, level: str, findings: list[Finding], header: str, reference: str, trailer: Segment, start: int
    ) -> None:
        given = value(trailer, 2)
        if given == reference:
            return
        code: str = f"{level}_reference"
        severity: Severity | None = "error"
        if same_reference(reference, given) and self._options.tolerates("leading_zeros"):
            code, severity = "leading_zeros", self._options.severity("leading_zeros")
        if severity is not None:
            text = f"{header} says {reference!r}, {trailer[0]} says {given!r}"
            findings.append(self._of_trailer(code, text, severity, level, trailer, 2, start))

    def _check_count(
        self, level: str, findings: list[Finding], trailer: Segment, met: int, name: str, start: int
    ) -> None:
        given = value(trailer, 1)
        severity = self._options.severity(f"{level}_count")
        if number(given) != met and severity is not None:
            declared = f"declares {given} {name}" if given else f"declares no number of {name}"
            text = f"{trailer[0]} {declared}, {met} were counted"
            findings.append(self._of_trailer(f"{level}_count", text, severity, level, trailer, 1, start))

    def _of_trailer(
        self, code: str, text: str, severity: Severity, level: str, trailer: Segment, element: int, start: int
    ) -> Finding:
        return Finding(
            code,
            text,
            severity,
            segment=self._segments if level == "message" else None,
            tag=trailer[0],
            element=element,
            value=value(trailer, element),
            offset=start,
        )
