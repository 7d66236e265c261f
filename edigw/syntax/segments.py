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
from dataclasses import dataclass
from itertools import accumulate, count
from operator import add, sub
from typing import TypeAlias

from edigw.syntax.binary import BinaryLengthError, Buffer, counted_segment, object_end
from edigw.syntax.charset import Decoder
from edigw.syntax.findings import Finding
from edigw.syntax.model import Delimiters, Repeated, Segment
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs

BLANKS = " \t\r\n\v\f\0\x1a"  # may stand between segments and between interchanges
_HEADERS = frozenset(("UNA", "UNB", "ISA"))
_HEADER_BLOCK, _FIRST_BLOCK, _LARGEST_BLOCK = 512, 8_192, 131_072

_RELEASED, _BINARY, _FILLER = 0x100, 0x200, 0x300
_UNHIDE = {_RELEASED + code: code for code in range(0x100)} | {_FILLER: None}
_HIDE_BINARY = {code: _BINARY + code for code in range(0x100)}
_UNHIDE_BINARY = {_BINARY + code: code for code in range(0x100)}
_has_binary = re.compile(f"[{chr(_BINARY)}-{chr(_BINARY + 0xFF)}]").search

Split: TypeAlias = Callable[[list[str]], list[Segment]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Raw segments that follow each other. Item i is `raw[i]`, starts at byte `starts[i]` of the file and ends,
    terminator included, before byte `ends[i]`. `tags[i]` are its first three characters."""

    raw: list[str]
    tags: list[str]
    starts: list[int]
    ends: list[int]

    def part(self, first: int, last: int) -> Batch:
        """The segments from `first` up to, not including, `last`."""
        span = slice(first, last)
        return Batch(self.raw[span], self.tags[span], self.starts[span], self.ends[span])


class SegmentReader:
    """Iterates over the segments of one interchange, in batches.

    It stops behind the segment `closing` (UNZ, IEA), before the header of another interchange, at the end of the
    buffer, and where it can't go on; `position` is then the byte behind what it has read. The text is checked
    by `decoder` if one is set; findings go to `report`, deviations that were read all the same to `repairs`.
    """

    def __init__(
        self,
        data: Buffer,
        position: int,
        delimiters: Delimiters,
        closing: str,
        options: ReadOptions,
        report: Callable[[Finding], None],
        repairs: Repairs,
    ) -> None:
        self.position = position
        self.decoder: Decoder | None = None
        self._data = data
        self._delimiters = delimiters
        self._closing = closing
        self._options = options
        self._report = report
        self._repairs = repairs
        self._size = _FIRST_BLOCK
        self._counted = frozenset(("UNO",) if closing == "UNZ" else ("BIN", "BDS"))
        self._stops = _HEADERS | self._counted | {closing}
        self._breaks = "\r\n".replace(delimiters.terminator, "")

    def __iter__(self) -> Iterator[Batch]:
        while (block := self._block()) is not None:
            text, last = block
            base, batch = self.position, self._cut(text, last)
            stop = self._first_stop(batch)
            tag = "" if stop is None else batch.tags[stop]
            if stop is not None:
                batch = batch.part(0, stop + (tag == self._closing or tag == "UNO"))
                self.position = batch.ends[-1] if batch.raw else base
            else:
                self.position = base + len(text)
            if batch.raw:
                self._check(batch, base)
                yield batch
            if tag in self._counted:
                try:
                    yield from self._counted_data(batch, tag)
                except BinaryLengthError as error:
                    self._report(Finding("binary_length", str(error), tag=tag, offset=error.offset))
                    return
            elif tag or last:
                return

    def header(self) -> str | None:
        """The first raw segment, whatever its tag; None if the buffer holds no terminator."""
        self._size = _HEADER_BLOCK
        block = self._block()
        end = -1 if block is None else block[0].find(self._delimiters.terminator)
        if block is None or end < 0:
            return None
        self.position += end + 1
        self._size = _FIRST_BLOCK
        return block[0][:end]

    # -- blocks of text ----------------------------------------------------------------------------------------

    def _block(self) -> tuple[str, bool] | None:
        """The next block, and whether it is the last one: it ends with a terminator, or with the buffer."""
        while True:
            octets = bytes(self._data[self.position : self.position + self._size])
            last = len(octets) < self._size
            text = str(octets, "latin-1")
            if self._delimiters.release and self._delimiters.release in text:
                text = self._hide_released(text)
            end = text.rfind(self._delimiters.terminator) + 1
            if end or last:
                self._size = min(self._size * 2, _LARGEST_BLOCK)
                return (text, True) if last else (text[:end], False)
            if self._size > self._options.max_segment_length:
                self._too_long(self.position)
                return None
            self._size *= 2

    def _hide_released(self, text: str) -> str:
        release = self._delimiters.release
        if f"{release}\r" not in text and f"{release}\n" not in text:
            # pairs of release characters before anything else: from left to right that is exact, and it is quick
            for character in dict.fromkeys(release + self._delimiters.all()):
                text = text.replace(release + character, chr(_FILLER) + chr(_RELEASED + ord(character)))
        if release in text:
            pattern = f"{re.escape(release)}([{self._breaks}]*)(.)"
            text = re.sub(pattern, self._hide_one, text, flags=re.DOTALL)
        return text

    def _hide_one(self, match: re.Match[str]) -> str:
        breaks, character = match.groups()
        if character not in self._delimiters.all():
            place = self.position + match.start()
            self._repairs.note("release", f"{character!r} is released at byte {place} without need", place)
        return chr(_FILLER) + breaks + chr(_RELEASED + ord(character))

    # -- raw segments --------------------------------------------------------------------------------------------

    def _cut(self, text: str, last: bool) -> Batch:
        terminator = self._delimiters.terminator
        raw = text.split(terminator)
        rest = raw.pop()
        bounds = list(map(add, accumulate(map(len, raw), initial=self.position), count()))
        starts, ends = bounds[:-1], bounds[1:]
        if last and rest.strip(BLANKS):
            raw.append(rest.rstrip(BLANKS))
            starts.append(bounds[-1])
            ends.append(bounds[-1] + len(raw[-1]))
        if text[:1] in BLANKS or "\n" in text or "\r" in text or f"{terminator} " in text:
            raw, starts = self._drop_blanks(raw, starts)
        if "" in raw:
            kept = [i for i, segment in enumerate(raw) if segment]
            place = starts[raw.index("")]
            self._repairs.note("empty", f"a segment terminator without a segment stands at byte {place}", place)
            raw, starts, ends = [raw[i] for i in kept], [starts[i] for i in kept], [ends[i] for i in kept]
        return Batch(raw, [segment[:3] for segment in raw], starts, ends)

    def _drop_blanks(self, raw: list[str], starts: list[int]) -> tuple[list[str], list[int]]:
        """Without the blanks before segments and the line breaks within them: CR and LF are no data."""
        stripped = [segment.lstrip(BLANKS) for segment in raw]
        moved = list(map(add, starts, map(sub, map(len, raw), map(len, stripped))))
        if moved != starts and self._repairs.first("blanks"):
            place = next(start for start, new in zip(starts, moved, strict=True) if start != new)
            self._repairs.note("blanks", f"blanks or line breaks between segments, from byte {place}", place)
        table = dict.fromkeys(map(ord, self._breaks))
        for i, segment in enumerate(stripped):
            if "\n" in segment or "\r" in segment:
                self._repairs.note("wrapped", f"line breaks in the segment at byte {moved[i]}", moved[i])
                stripped[i] = segment.translate(table)
        return stripped, moved

    def _first_stop(self, batch: Batch) -> int | None:
        """The place of the segment that ends a batch: the closing one, a header, or counted binary data."""
        if self._stops.isdisjoint(batch.tags):
            return None
        for i, tag in enumerate(batch.tags):
            if tag in self._stops and (tag == "UNA" or not batch.raw[i][3:4].isalnum()):
                return i
        return None

    def _check(self, batch: Batch, base: int) -> None:
        end = batch.ends[-1]
        octets = bytes(self._data[base : end + 1])
        if octets[end - base - 1 : end - base] != self._delimiters.terminator.encode("latin-1"):
            self._repairs.note("unterminated", f"the last segment, up to byte {end}, has no terminator", end)
        longest = self._options.max_segment_length
        if max(map(len, batch.raw)) > longest:
            self._too_long(next(s for s, raw in zip(batch.starts, batch.raw, strict=True) if len(raw) > longest))
        if self.decoder is not None:
            self.decoder.check(octets[: end - base], base)

    def _too_long(self, start: int) -> None:
        text = f"the segment at byte {start} is longer than {self._options.max_segment_length} bytes"
        self._report(Finding("interchange_limit", text, offset=start))

    # -- counted binary data -------------------------------------------------------------------------------------

    def _counted_data(self, before: Batch, tag: str) -> Iterator[Batch]:
        if tag == "UNO":
            self.position = object_end(self._data, before.raw[-1], self.position, self._delimiters)
            return
        start = self.position + self._blanks_at(self.position)
        prefix, octets, end = counted_segment(self._data, start, self._delimiters)
        self.position = end
        yield Batch([prefix + str(octets, "latin-1").translate(_HIDE_BINARY)], [tag], [start], [end])

    def _blanks_at(self, position: int) -> int:
        window = bytes(self._data[position : position + _FIRST_BLOCK])
        return len(window) - len(window.lstrip(BLANKS.encode()))


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
            [e.split(component) if component in e else e for e in segment.split(element)]
            if segment.isascii()
            else [composite(e) for e in segment.split(element)]
            for segment in raw
        ]

    def repeating(raw: list[str]) -> list[Segment]:
        return [
            [e.split(component) if component in e else e for e in segment.split(element)]
            if repetition not in segment and segment.isascii()
            else [repeated(e) for e in segment.split(element)]
            for segment in raw
        ]

    return repeating if repetition else plain
