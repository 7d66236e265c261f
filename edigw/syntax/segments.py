"""Cutting an interchange into raw segments, and raw segments into elements (ISO 9735-1 clause 8, X12.5 section 3).

Two steps, because envelopes need only the first. `SegmentReader` walks over a buffer block by block and yields raw
segments with their places; `splitter` makes the function that turns raw segments into lists. Both spend their time in
str methods: a Python-level step a character would cost thirty times as much.

A raw segment is Latin-1 text in which what must not be read as a delimiter is *hidden*: a released character stands as
its code + 0x100 behind a filler for its release character, an octet of counted binary data as its code + 0x200. Latin-1
has no such characters, so nothing can be confused with them; lengths, and with them offsets, stay as they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import accumulate, islice
from operator import add, sub
from typing import TypeAlias

from edigw.syntax.allowance import Allowance
from edigw.syntax.binary import BinaryLengthError, Buffer, counted_object, counted_segment
from edigw.syntax.charset import Decoder
from edigw.syntax.deviations import Batch, Block, Deviations
from edigw.syntax.findings import Finding
from edigw.syntax.model import Delimiters, Repeated, Segment
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs

BLANKS = " \t\r\n\v\f\0\x1a"  # may stand between segments and between interchanges
_HEADERS = frozenset(("UNA", "UNB", "ISA"))
_FIRST_BLOCK, _LARGEST_BLOCK = 256, 16_384
_BEFORE_BINARY = 1_024  # blanks may stand before counted binary data

_RELEASED, _BINARY, _FILLER = 0x100, 0x200, 0x300
_UNHIDE = {_RELEASED + code: code for code in range(0x100)} | {_FILLER: None}
_HIDE_BINARY = {code: _BINARY + code for code in range(0x100)}
_UNHIDE_BINARY = {_BINARY + code: code for code in range(0x100)}
_FILLED = chr(_FILLER)
_has_binary = re.compile(f"[{chr(_BINARY)}-{chr(_BINARY + 0xFF)}]").search

_HARMLESS = bytes.maketrans(b"\t\v\f\0\x1a", b"\n" * 5)

_LISTED = 10  # values of a message that are told to hold characters of no character set
_SEARCHED = 100  # such characters that are looked at in one segment

Split: TypeAlias = Callable[[list[str]], list[Segment]]
Report: TypeAlias = Callable[[Finding], None]
_Place: TypeAlias = tuple[int | None, int | None, int | None]  # element, component, repetition


class SegmentReader:
    """Iterates over the segments of one interchange, in batches.

    It stops behind the segment `closing` (UNZ, IEA), before the header of another interchange, at the end of the
    buffer, and where it can't go on; `position` is then the byte behind what it has read. The text is checked
    by `decoder` if one is set. What is wrong with the interchange goes to `report`, deviations that were read all the
    same go to `repairs`, and characters that are in no agreed character set, with their places, to `reject`.
    """

    def __init__(
        self,
        data: Buffer,
        position: int,
        delimiters: Delimiters,
        closing: str,
        options: ReadOptions,
        allowance: Allowance,
        report: Report,
        reject: Report,
        repairs: Repairs,
    ) -> None:
        self.position = position
        self.decoder: Decoder | None = None
        self._data = data
        self._delimiters = delimiters
        self._closing = closing
        self._options = options
        self._allowance = allowance
        self._report = report
        self._reject = reject
        self._deviations = Deviations(delimiters, options, repairs)
        self._size = _FIRST_BLOCK
        self._counted = frozenset(("UNO",) if closing == "UNZ" else ("BIN", "BDS"))
        self._stops = _HEADERS | self._counted | {closing}
        self._message = "UNH" if closing == "UNZ" else f"ST{delimiters.element}"
        self._breaks = "\r\n".replace(delimiters.terminator, "")
        self._rejected = 0  # characters of one message

    def __iter__(self) -> Iterator[Batch]:
        while (block := self._block()) is not None:
            batch, before = self._cut(block)
            stop = self._first_stop(batch)
            tag = "" if stop is None else batch.tags[stop]
            if stop is not None:
                batch = batch.part(0, stop + (tag == self._closing))
            if stop is None and (block.last or not batch.raw):
                self.position = block.base + len(block.text)
            else:
                self.position = batch.ends[-1] if batch.raw else block.base
            if batch.raw:
                self._deviations.note(batch, before, block)
                self._check(batch, before, block)
                yield batch
            if tag in self._counted:
                if tag != "UNO" and not self._allowance.take():  # objects are counted where they are taken
                    text = f"the interchange was read up to byte {self.position}: too many binary segments"
                    self._report(Finding("interchange_limit", text, offset=self.position))
                    return
                try:
                    yield self._counted_data(tag)
                except BinaryLengthError as error:
                    self._report(Finding("binary_length", str(error), tag=tag, offset=error.offset))
                    return
            elif tag or block.last:
                return

    def header(self) -> str | None:
        """The first raw segment, whatever its tag; None if the buffer holds no terminator."""
        self._size = _FIRST_BLOCK
        block = self._block()
        end = -1 if block is None else block.text.find(self._delimiters.terminator)
        if block is None or end < 0:
            return None
        self.position += end + 1
        self._size = _FIRST_BLOCK
        self._deviations.releases(block, self.position)
        return block.text[:end]

    # -- blocks of text ----------------------------------------------------------------------------------------

    def _block(self) -> Block | None:
        """The next block. It ends with a terminator, or with the buffer."""
        while True:
            octets = bytes(self._data[self.position : self.position + self._size])
            last = len(octets) < self._size
            text = str(octets, "latin-1")
            releases: list[tuple[int, str]] = []
            if self._delimiters.release and self._delimiters.release in text:
                text = self._hide_released(text, releases)
            end = text.rfind(self._delimiters.terminator) + 1
            if end or last:
                self._size = min(self._size * 2, _LARGEST_BLOCK)
                kept = text if last else text[:end]
                return Block(self.position, kept, octets[: len(kept)], last, releases)
            if self._size > self._options.max_segment_length:
                self._too_long(self.position)
                return None
            self._size *= 2

    def _hide_released(self, text: str, needless: list[tuple[int, str]]) -> str:
        """The text with released characters hidden. Where a character needed no release is added to `needless`."""
        release, service, breaks = self._delimiters.release, self._delimiters.all(), self._breaks
        first, *parts = text.split(release)  # no regular expression: each sender could have one compiled
        hidden, last = [first], len(parts) - 1
        place = self.position + len(first)  # of the release character before a part
        released = False  # whether that is itself a released character
        for i, part in enumerate(parts):
            if released:
                hidden.append(part)
                released = False
            elif rest := part.lstrip(breaks):
                if rest[0] not in service:
                    needless.append((place, rest[0]))
                hidden += (_FILLED, part[: -len(rest)], chr(_RELEASED + ord(rest[0])), rest[1:])
            elif i < last:
                hidden += (_FILLED, part, chr(_RELEASED + ord(release)))
                released = True
            else:  # at the end of the text it releases nothing
                hidden += (release, part)
            place += len(part) + 1
        return "".join(hidden)

    # -- raw segments --------------------------------------------------------------------------------------------

    def _cut(self, block: Block) -> tuple[Batch, list[int]]:
        """The segments of a block, and where the one before each of them ends."""
        text, terminator = block.text, self._delimiters.terminator
        raw = text.split(terminator)
        rest = raw.pop()
        bounds = list(accumulate([len(segment) + 1 for segment in raw], initial=block.base))
        before, ends = bounds[:-1], bounds[1:]
        if block.last and rest.strip(BLANKS):
            raw.append(rest.rstrip(BLANKS))
            before.append(bounds[-1])
            ends.append(bounds[-1] + len(raw[-1]))
        starts = before
        if text[:1] in BLANKS or "\n" in text or "\r" in text or f"{terminator} " in text:
            stripped = [segment.lstrip(BLANKS) for segment in raw]
            starts = list(map(add, before, map(sub, map(len, raw), map(len, stripped))))
            raw = self._unwrapped(stripped)
        if "" in raw:
            kept = [i for i, segment in enumerate(raw) if segment]
            raw, before = [raw[i] for i in kept], [before[i] for i in kept]
            starts, ends = [starts[i] for i in kept], [ends[i] for i in kept]
        return Batch(raw, [segment[:3] for segment in raw], starts, ends), before

    def _unwrapped(self, raw: list[str]) -> list[str]:
        """Without the line breaks within segments: CR and LF are no data."""
        if not any("\n" in segment or "\r" in segment for segment in raw):
            return raw
        table = dict.fromkeys(map(ord, self._breaks))
        return [segment.translate(table) if "\n" in segment or "\r" in segment else segment for segment in raw]

    def _first_stop(self, batch: Batch) -> int | None:
        """The place of the segment that ends a batch: the closing one, a header, or counted binary data."""
        if self._stops.isdisjoint(batch.tags):
            return None
        for i, tag in enumerate(batch.tags):
            if tag in self._stops and (tag == "UNA" or not batch.raw[i][3:4].isalnum()):
                return i
        return None

    # -- bounds and characters -----------------------------------------------------------------------------------

    def _check(self, batch: Batch, before: list[int], block: Block) -> None:
        longest = self._options.max_segment_length
        if len(block.text) > longest < max(map(len, batch.raw)):
            self._too_long(next(s for s, raw in zip(batch.starts, batch.raw, strict=True) if len(raw) > longest))
        if self.decoder is not None:
            octets = block.octets[: batch.ends[-1] - block.base]
            if batch.starts != before[: len(batch.starts)]:
                octets = self._without_gaps(batch, before, octets, block.base)
            if not self.decoder.check(octets, block.base):
                self._reject_characters(self.decoder, batch, block)

    def _without_gaps(self, batch: Batch, before: list[int], octets: bytes, base: int) -> bytes:
        """The octets with what stands between segments, which is no data, made harmless."""
        if len(octets) == len(octets.translate(None, b"\t\v\f\0\x1a")):
            return octets
        harmless = bytearray(octets)
        for end, start in zip(before, batch.starts, strict=False):
            harmless[end - base : start - base] = octets[end - base : start - base].translate(_HARMLESS)
        return bytes(harmless)

    def _reject_characters(self, decoder: Decoder, batch: Batch, block: Block) -> None:
        """Tell the characters that can't be read, the first of each value, and not more of them in a message than a
        person can use: noise must not become a report of noise."""
        for tag, start, end in zip(batch.tags, batch.starts, batch.ends, strict=True):
            if tag == self._message:
                self._rejected = 0
            listed = _LISTED if self._allowance.characters > 0 else 0
            if self._rejected > listed:
                continue
            span = slice(start - block.base, end - block.base)
            raw = block.text[span]
            places: set[_Place] = set()
            for fault in islice(decoder.faults(block.octets[span], start), _SEARCHED):
                place = self._place(raw, fault.start)
                if place in places:
                    continue
                places.add(place)
                self._rejected += 1
                self._allowance.characters -= 1
                text = fault.text
                if self._rejected > listed:
                    text = "there are more characters that the character set does not have; they are not listed"
                element, component, repetition = place
                self._reject(
                    Finding(
                        "foreign_character",
                        text,
                        tag=self._tag(raw),
                        element=element,
                        component=component,
                        repetition=repetition,
                        offset=start + fault.start,
                    )
                )
                if self._rejected > listed:
                    break

    def _tag(self, raw: str) -> str:
        return raw.lstrip(BLANKS).split(self._delimiters.element)[0].split(self._delimiters.component)[0][:3]

    def _place(self, raw: str, place: int) -> _Place:
        """Element, component and repetition of what stands at `place` in a raw segment."""
        element, component, repetition = (getattr(self._delimiters, n) for n in ("element", "component", "repetition"))
        number = raw.count(element, 0, place)
        if not number:
            return None, None, None
        first = raw.rfind(element, 0, place) + 1
        last = raw.find(element, place)
        whole = raw[first:] if last < 0 else raw[first:last]
        before = raw[first:place]
        turn = before.count(repetition) + 1 if repetition and repetition in whole else None
        before = before.rpartition(repetition)[2] if turn else before
        return number, before.count(component) + 1 if component in whole else None, turn

    def _too_long(self, start: int) -> None:
        text = f"the segment at byte {start} is longer than {self._options.max_segment_length} bytes"
        self._report(Finding("interchange_limit", text, offset=start))

    # -- counted binary data -------------------------------------------------------------------------------------

    def _counted_data(self, tag: str) -> Batch:
        """The segment that starts at `position`. The octets are its last element; those of an object, which follow UNO,
        become an additional one."""
        window = bytes(self._data[self.position : self.position + _BEFORE_BINARY])
        start = self.position + len(window) - len(window.lstrip(BLANKS.encode()))
        longest = self._options.max_binary_length
        if tag == "UNO":
            header = self.header()
            if header is None:
                raise BinaryLengthError(f"the object header at byte {start} has no end", start)
            header = header.lstrip(BLANKS).translate(dict.fromkeys(map(ord, self._breaks)))
            octets, end = counted_object(self._data, header, self.position, self._delimiters, longest)
            prefix = header + self._delimiters.element
        else:
            prefix, octets, end = counted_segment(self._data, start, self._delimiters, longest)
        self.position, self._size = end, _FIRST_BLOCK  # there may be many, and each is followed by a new block
        return Batch([prefix + str(octets, "latin-1").translate(_HIDE_BINARY)], [tag], [start], [end])


def splitter(delimiters: Delimiters, decoder: Decoder | None = None) -> Split:
    """The function that turns raw segments into segments. Text is decoded by `decoder`; without one it is ASCII."""
    element, component, repetition = delimiters.element, delimiters.component, delimiters.repetition

    def value(text: str) -> str:
        if text.isascii():
            return text
        if _has_binary(text):
            return text.translate(_UNHIDE_BINARY)
        text = text.translate(_UNHIDE)
        return text if text.isascii() or decoder is None else decoder.text(text)

    def composite(text: str) -> str | list[str]:
        return [value(part) for part in text.split(component)] if component in text else value(text)

    def repeated(text: str) -> str | list[str] | Repeated:
        return Repeated(map(composite, text.split(repetition))) if repetition in text else composite(text)

    def plain(raw: list[str]) -> list[Segment]:
        segments: list[Segment] = []
        add = segments.append
        for text in raw:
            segment: Segment = text.split(element)
            if not text.isascii():
                segment = [composite(e) for e in segment]
            elif component in text:  # in place: a list comprehension takes a third longer, enumerate a quarter
                i = 0
                for e in segment:
                    if component in e:
                        segment[i] = e.split(component)
                    i += 1  # noqa: SIM113
            add(segment)
        return segments

    def repeating(raw: list[str]) -> list[Segment]:
        segments = plain(raw)
        for i, text in enumerate(raw):
            if repetition in text:
                segments[i] = [repeated(e) for e in text.split(element)]
        return segments

    return repeating if repetition else plain
