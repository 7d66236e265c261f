"""Text whose service characters can't be found octet by octet (UTF-16, ISO 2022, Shift JIS), seen as UTF-8.

It is read like any other buffer; places found in it are turned back into places of the file.
"""

from __future__ import annotations

import codecs
import re
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import replace
from types import MappingProxyType

from edigw.syntax.binary import Buffer
from edigw.syntax.events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart, MessageRead, PackageRead
from edigw.syntax.findings import Finding

_CHUNK = 16_384
_NARROW = re.compile(rb"[\x01-\x0d\x10-\x1a\x1c-\x7f]+")  # without what shifts or escapes
_WIDE = MappingProxyType(
    {
        "utf-16-be": (re.compile(rb"(?:\0[\x01-\x7f])+"), 2),
        "utf-16-le": (re.compile(rb"(?:[\x01-\x7f]\0)+"), 2),
    }
)


class Transcoded:
    """The UTF-8 form of `data` from byte `start`, decoded as far as it is asked for.

    Octets that `codec` can't decode stand as U+FFFD; `undecodable` tells where."""

    def __init__(self, data: Buffer, start: int, codec: str) -> None:
        self._data = data
        self._next = start  # the first byte of the file that is not decoded yet
        self._codec = codecs.lookup(codec).name
        self._decoder = codecs.getincrementaldecoder(codec)("replace")
        self._initial = self._decoder.getstate()
        self._ascii, self._width = _WIDE.get(self._codec, (_NARROW, 1))  # runs of ASCII, and its octets a character
        self._text = bytearray()
        self._ends = array("Q")  # for each character: the byte of the file behind it ...
        self._sizes = array("Q")  # ... and the byte of the UTF-8 form behind it
        self._start = start
        self._complete = False
        self._undecodable = array("Q")

    def __getitem__(self, span: slice, /) -> bytes:
        start, stop = span.start or 0, span.stop
        while len(self._text) < stop and not self._complete:
            self._decode_more()
        return bytes(self._text[start:stop])

    def __len__(self) -> int:
        while not self._complete:
            self._decode_more()
        return len(self._text)

    def place(self, position: int) -> int:
        """The byte of the file for a byte of the UTF-8 form."""
        index = bisect_left(self._sizes, position)
        if position <= 0:
            return self._start
        return self._ends[min(index, len(self._ends) - 1)] if self._ends else self._start

    def position(self, place: int) -> int:
        """The byte of the UTF-8 form for the byte `place` of the file, at which a character starts."""
        if place <= self._start:
            return 0
        while not self._complete and (not self._ends or self._ends[-1] < place):
            self._decode_more()
        index = bisect_left(self._ends, place)
        return self._sizes[index] if index < len(self._sizes) else len(self._text)

    def undecodable(self, start: int, end: int) -> int | None:
        """The byte of the file behind the first octets from `start` to `end` that can't be decoded; None if all can."""
        index = bisect_right(self._undecodable, start)
        place = self._undecodable[index] if index < len(self._undecodable) else None
        return place if place is not None and place <= end else None

    def _decode_more(self) -> None:
        chunk = bytes(self._data[self._next : self._next + _CHUNK])
        self._complete = len(chunk) < _CHUNK
        position = 0
        while position < len(chunk):
            done = self._add_ascii(chunk, position) if self._decoder.getstate() == self._initial else 0
            if not done:
                self._add(self._characters(chunk[position : position + 1]), self._next + position + 1)
            position += done or 1
        self._next += len(chunk)
        if self._complete:
            self._add(self._decoder.decode(b"", True), self._next)

    def _add_ascii(self, chunk: bytes, position: int) -> int:
        """Decode as much ASCII as stands at `position` at once; how many octets that is. Octet by octet it takes ten
        times as long."""
        match = self._ascii.match(chunk, position)
        octets = match[0] if match else b""
        try:
            text = octets.decode(self._codec)
        except UnicodeError:
            return 0
        width = self._width
        if not octets or len(text) * width != len(octets) or not text.isascii():
            return 0
        first = self._next + position
        self._ends.extend(range(first + width, first + len(octets) + 1, width))
        self._sizes.extend(range(len(self._text) + 1, len(self._text) + len(text) + 1))
        self._text += text.encode("ascii")
        return len(octets)

    def _characters(self, octet: bytes) -> str:
        """What one more octet completes. Broken escape sequences of ISO 2022 overflow Python's decoder, which then
        raises whatever its error handler says."""
        try:
            return self._decoder.decode(octet)
        except UnicodeError:
            self._decoder.reset()
            return "\ufffd"

    def _add(self, characters: str, end: int) -> None:
        for character in characters:
            if character == "\ufffd":
                self._undecodable.append(end)
            self._text += character.encode("utf-8", "replace")
            self._ends.append(end)
            self._sizes.append(len(self._text))


def relocated(event: Event, view: Transcoded, codec: str) -> Event:
    """The event, its places turned from those of `view` into those of the file."""
    match event:
        case InterchangeStart(interchange):
            interchange.start = view.place(interchange.start)
            interchange.charset = codec
        case MessageRead(message, _):
            message.start, message.end = view.place(message.start), view.place(message.end)
            message.offsets[:] = map(view.place, message.offsets)
            message.findings[:] = [_moved(f, view) for f in message.findings]
        case GroupEnd(group):
            group.offset, group.end = view.place(group.offset), view.place(group.end)
            group.findings[:] = [_moved(f, view) for f in group.findings]
        case InterchangeEnd(interchange):
            interchange.end = view.place(interchange.end)
            interchange.charset = codec
            interchange.loose_offsets[:] = map(view.place, interchange.loose_offsets)
            interchange.outside_offsets[:] = map(view.place, interchange.outside_offsets)
            interchange.findings[:] = [_moved(f, view) for f in interchange.findings]
        case PackageRead(package):
            package.start, package.end = view.place(package.start), view.place(package.end)
        case GroupStart():
            pass
        case Finding():
            return _moved(event, view)
    return event


def _moved(finding: Finding, view: Transcoded) -> Finding:
    if finding.offset is None:
        return finding
    place = view.place(finding.offset)
    return replace(finding, offset=place, text=finding.text.replace(f"byte {finding.offset}", f"byte {place}"))
