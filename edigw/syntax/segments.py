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
from dataclasses import replace
from itertools import accumulate, count, islice
from operator import add, sub
from typing import TypeAlias

from edigw.syntax.binary import BinaryLengthError, Buffer, counted_object, counted_segment
from edigw.syntax.charset import Decoder
from edigw.syntax.deviations import Batch, Block, Deviations
from edigw.syntax.findings import Finding
from edigw.syntax.model import Delimiters, Repeated, Segment
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs

BLANKS = " \t\r\n\v\f\0\x1a"  # may stand between segments and between interchanges
_HEADERS = frozenset(("UNA", "UNB", "ISA"))
_HEADER_BLOCK, _FIRST_BLOCK, _LARGEST_BLOCK = 512, 1_024, 131_072

_RELEASED, _BINARY, _FILLER = 0x100, 0x200, 0x300
_UNHIDE = {_RELEASED + code: code for code in range(0x100)} | {_FILLER: None}
_HIDE_BINARY = {code: _BINARY + code for code in range(0x100)}
_UNHIDE_BINARY = {_BINARY + code: code for code in range(0x100)}
_has_binary = re.compile(f"[{chr(_BINARY)}-{chr(_BINARY + 0xFF)}]").search

_LISTED = 10  # values of a message that are told to hold characters of no character set
_SEARCHED = 100  # such characters that are looked at in one segment

Split: TypeAlias = Callable[[list[str]], list[Segment]]
Report: TypeAlias = Callable[[Finding], None]


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
                try:
                    yield self._counted_data(tag)
                except BinaryLengthError as error:
                    self._report(Finding("binary_length", str(error), tag=tag, offset=error.offset))
                    return
            elif tag or block.last:
                return

    def header(self) -> str | None:
        """The first raw segment, whatever its tag; None if the buffer holds no terminator."""
        self._size = _HEADER_BLOCK
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
        release = self._delimiters.release
        if f"{release}\r" not in text and f"{release}\n" not in text:
            # pairs of release characters before anything else: from left to right that is exact, and it is quick
            for character in dict.fromkeys(release + self._delimiters.all()):
                text = text.replace(release + character, chr(_FILLER) + chr(_RELEASED + ord(character)))
        if release not in text:
            return text

        def hide(match: re.Match[str]) -> str:
            breaks, character = match.groups()
            if character not in self._delimiters.all():
                needless.append((self.position + match.start(), character))
            return chr(_FILLER) + breaks + chr(_RELEASED + ord(character))

        return re.sub(f"{re.escape(release)}([{self._breaks}]*)(.)", hide, text, flags=re.DOTALL)

    # -- raw segments --------------------------------------------------------------------------------------------

    def _cut(self, block: Block) -> tuple[Batch, list[int]]:
        """The segments of a block, and where the one before each of them ends."""
        text, terminator = block.text, self._delimiters.terminator
        raw = text.split(terminator)
        rest = raw.pop()
        bounds = list(map(add, accumulate(map(len, raw), initial=block.base), count()))
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
        if max(map(len, batch.raw)) > longest:
            self._too_long(next(s for s, raw in zip(batch.starts, batch.raw, strict=True) if len(raw) > longest))
        if self.decoder is not None:
            octets = block.octets[: batch.ends[-1] - block.base]
            if batch.starts != before[: len(batch.starts)]:
                octets = self._without_gaps(batch, before, octets, block.base)
            if not self.decoder.check(octets, block.base):
                self._reject_characters(self.decoder, batch, block)

    def _without_gaps(self, batch: Batch, before: list[int], octets: bytes, base: int) -> bytes:
        """The octets with what stands between segments, which is no data, made harmless."""
        table = bytes(octet if octet not in b"\t\v\f\0\x1a" else 0x0A for octet in range(256))
        if len(octets) == len(octets.translate(None, b"\t\v\f\0\x1a")):
            return octets
        harmless = bytearray(octets)
        for end, start in zip(before, batch.starts, strict=False):
            harmless[end - base : start - base] = octets[end - base : start - base].translate(table)
        return bytes(harmless)

    def _reject_characters(self, decoder: Decoder, batch: Batch, block: Block) -> None:
        """Tell the characters that can't be read, the first of each value, and not more of them in a message than a
        person can use: noise must not become a report of noise."""
        for tag, start, end in zip(batch.tags, batch.starts, batch.ends, strict=True):
            if tag == self._message:
                self._rejected = 0
            if self._rejected > _LISTED:
                continue
            span = slice(start - block.base, end - block.base)
            places: set[tuple[int | None, ...]] = set()
            for fault in islice(decoder.faults(block.octets[span], start), _SEARCHED):
                finding = self._at(block.text[span], fault.start, Finding("foreign_character", fault.text))
                place = (finding.element, finding.component, finding.repetition)
                if place in places:
                    continue
                places.add(place)
                self._rejected += 1
                if self._rejected > _LISTED:
                    text = "there are more characters that the character set does not have; they are not listed"
                    finding = replace(finding, text=text)
                self._reject(replace(finding, offset=start + fault.start))
                if self._rejected > _LISTED:
                    break

    def _at(self, raw: str, place: int, finding: Finding) -> Finding:
        """The finding with tag, element, component and repetition of what stands at `place` in a raw segment."""
        element, component, repetition = (getattr(self._delimiters, n) for n in ("element", "component", "repetition"))
        number = raw.count(element, 0, place)
        whole = raw.split(element)[number]
        before = raw[:place].rpartition(element)[2]
        turn = before.count(repetition) + 1 if repetition and repetition in whole else None
        before = before.rpartition(repetition)[2] if turn else before
        return replace(
            finding,
            tag=raw.lstrip(BLANKS).split(element)[0].split(component)[0][:3],
            element=number or None,
            component=before.count(component) + 1 if number and component in whole else None,
            repetition=turn if number else None,
        )

    def _too_long(self, start: int) -> None:
        text = f"the segment at byte {start} is longer than {self._options.max_segment_length} bytes"
        self._report(Finding("interchange_limit", text, offset=start))

    # -- counted binary data -------------------------------------------------------------------------------------

    def _counted_data(self, tag: str) -> Batch:
        """The segment that starts at `position`. The octets are its last element; those of an object, which follow UNO,
        become an additional one."""
        window = bytes(self._data[self.position : self.position + _FIRST_BLOCK])
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
        self.position, self._size = end, _HEADER_BLOCK  # there may be many, and each is followed by a new block
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
        return [
            [composite(e) for e in segment.split(element)]
            if not segment.isascii()
            else [e.split(component) if component in e else e for e in segment.split(element)]
            if component in segment
            else segment.split(element)
            for segment in raw
        ]

    def repeating(raw: list[str]) -> list[Segment]:
        return [
            [repeated(e) for e in segment.split(element)]
            if repetition in segment or not segment.isascii()
            else [e.split(component) if component in e else e for e in segment.split(element)]
            if component in segment
            else segment.split(element)
            for segment in raw
        ]

    return repeating if repetition else plain
