"""Character sets of EDIFACT (0001, ISO 9735-1 annex; 0133 in syntax 4) and of X12, and what they allow.

Text is cut into segments as Latin-1, in which every byte is one character; only values that hold more than ASCII are
decoded once more, by the character set of their interchange. That keeps offsets exact and ASCII fast. It is sound for
every character set in which no byte of a longer sequence looks like a service character; text in the others (UTF-16,
ISO 2022, Shift JIS) is turned into UTF-8 beforehand by `edigw.syntax.transcode`.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEVEL_A = _LETTERS + b"0123456789 .,-()/='+:?!\"%&*;<>"
_LEVEL_B = _LEVEL_A + _LETTERS.lower()
_PRINTABLE = bytes(range(0x20, 0x7F))
_CONTROLS = frozenset((*range(0x09), *range(0x0E, 0x20), 0x7F))
_EXTENDED_ASCII = ("utf-8", "cp949", "euc_kr", "euc_jp", "gb2312")  # all octets but letters of sequences are above 0x7F


@dataclass(frozen=True, slots=True)
class Charset:
    """A character set as an interchange declares it."""

    name: str  # "UNOC"; for X12 the codec
    codec: str  # of Python
    allowed: bytes  # every byte that may occur in it
    multibyte: bool = False

    @property
    def ambiguous(self) -> bool:
        """Whether an octet of a longer sequence may look like a service character, so that the text must be decoded
        before it can be cut into segments."""
        return self.multibyte and self.codec not in _EXTENDED_ASCII

    def decodes(self, octets: bytes) -> bool:
        """Whether all of `octets` is text of this character set. Its level (UNOA, UNOB) is not looked at."""
        if not self.multibyte:
            return not octets.translate(None, self.allowed + _PRINTABLE)
        try:
            octets.decode(self.codec)
        except UnicodeDecodeError:
            return False
        return True


@lru_cache(maxsize=64)
def by_codec(codec: str, name: str = "", level: bytes = _PRINTABLE) -> Charset:
    """The character set of a Python codec that contains ASCII. Raises LookupError if Python has no such codec."""
    codec = codecs.lookup(codec).name
    upper = bytes(range(0x80, 0x100))
    singles = bytes(octet for octet in upper if _is_graphic(codec, octet))
    # EUC, UTF-8 and their like decode no upper byte alone, or (GBK, cp949) also accept pairs of them
    multibyte = codec not in ("ascii", "iso8859-1") and (not singles or _has_pairs(codec))
    return Charset(name or codec, codec, level + (upper if multibyte else singles), multibyte)


def _is_graphic(codec: str, octet: int) -> bool:
    try:
        return unicodedata.category(bytes([octet]).decode(codec)) != "Cc"
    except UnicodeDecodeError:
        return False


def _has_pairs(codec: str) -> bool:
    for pair in (b"\xb0\xa1", b"\x88\x9f"):
        try:
            if len(pair.decode(codec)) == 1:
                return True
        except UnicodeDecodeError:
            continue
    return False


_CODECS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOX": "iso2022_jp",
    "UNOY": "utf-8",
    "KECA": "cp949",
    # levels A and B under the name that IATA gives them in passenger messages
    "IATA": "ascii",
    "IATB": "ascii",
}
_LEVELS = {"UNOA": _LEVEL_A, "UNOB": _LEVEL_B, "IATA": _LEVEL_A, "IATB": _LEVEL_B}
ENCODINGS = MappingProxyType({"4": "cp850", "7": "utf-8"})
"""By 0133, which overrides 0001 in syntax 4: those that text is written in, too."""


def declared(syntax_identifier: str, encoding: str = "") -> Charset | None:
    """The character set that S001 declares: `syntax_identifier` is 0001, `encoding` 0133. None if it isn't known."""
    identifier = syntax_identifier.upper()
    if identifier not in _CODECS:
        return None
    codec = ENCODINGS.get(encoding, _CODECS[identifier])
    return by_codec(codec, identifier, _LEVELS.get(identifier, _PRINTABLE))


def may_be_ambiguous(octets: bytes) -> bool:
    """Whether `octets` may declare a character set that is `ambiguous`. Of all that can be declared UNOX alone is."""
    return b"UNOX" in octets.upper()


@dataclass(frozen=True, slots=True)
class Fault:
    """Octets from `start` to `end` of what was looked at that are not in the declared character set."""

    start: int
    end: int
    text: str


class Decoder:
    """Checks and decodes the text of one interchange.

    `service` are characters that may occur although they are no data: delimiters, line breaks. What is tolerated goes
    to `repairs`.
    """

    def __init__(self, charset: Charset, options: ReadOptions, service: str, repairs: Repairs) -> None:
        self.charset = charset
        self._repairs = repairs
        fallback = options.fallback_charset if options.tolerates("fallback_charset") else None
        self._fallback = by_codec(fallback) if fallback else None
        self._fell_back = False
        self._allowed = charset.allowed + service.encode("latin-1") + b"\r\n"
        odd = (_PRINTABLE + b"\t").translate(None, self._allowed)
        self._tolerated = odd if options.tolerates("repertoire") else b""

    @cached_property
    def _forbidden(self) -> bytes:
        """A table that turns each octet into 1 if it may not occur, else into 0."""
        table = bytearray(0x100)
        for octet in bytes(range(0x100)).translate(None, self._allowed + self._tolerated):
            table[octet] = 1
        return bytes(table)

    @property
    def codec(self) -> str:
        """The codec that decodes the text as it was met so far: the fallback's as soon as it was needed."""
        return self._fallback.codec if self._fallback and self._fell_back else self.charset.codec

    def text(self, latin1: str) -> str:
        """The value whose octets are the characters of `latin1`. Octets that neither the declared character set nor the
        fallback has stay single characters (as in Latin-1): nothing is lost, and `faults` tells of them."""
        octets = latin1.encode("latin-1")
        for charset in (self.charset, self._fallback):
            if charset is not None and charset.decodes(octets):
                return octets.decode(charset.codec)
        return latin1

    def check(self, octets: bytes, offset: int) -> bool:
        """Whether `octets`, whole segments that stand at byte `offset` of the file, have no `faults`. Quick; what is
        tolerated in them is noted."""
        odd = octets.translate(None, self._allowed)
        bad = odd.translate(None, self._tolerated)
        if len(bad) < len(odd):
            first = min(at for octet in set(odd) - set(bad) if (at := octets.find(octet)) >= 0)
            text = f"{chr(octets[first])!r} at byte {offset + first} is not in {self.charset.name}"
            self._repairs.note("repertoire", text, offset + first, len(odd) - len(bad))
        if self.charset.multibyte:
            return not bad and (octets.isascii() or self.charset.decodes(octets))
        if not bad:
            return True
        if self._fallback is None or min(bad) < 0x80:
            return False
        if not self._fallback.decodes(octets if self._fallback.multibyte else bad):
            return False
        first = min(octets.index(octet) for octet in set(bad))
        text = octets.decode(self._fallback.codec, "ignore")
        self._fall_back(offset + first, len(text) - len(text.encode("ascii", "ignore")))
        return True

    def faults(self, octets: bytes, offset: int) -> Iterator[Fault]:
        """What in `octets`, one segment at byte `offset`, is not in the declared character set, nor in the fallback."""
        forbidden = octets.translate(self._forbidden)
        if octets.isascii() and 1 not in forbidden:
            return
        if self._fits_fallback(octets):
            self._fall_back(offset + next(at for at, octet in enumerate(octets) if octet >= 0x80), 1)
            return
        if self.charset.multibyte and not octets.isascii():
            yield from self._broken_sequences(octets, offset)
        position = 0
        while (start := forbidden.find(1, position)) >= 0:
            octet = octets[start]
            position = _character_end(octets, start) if octet >= 0x80 else start + 1
            if octet >= 0x80:
                if fault := self._foreign(octets[start:position], start, offset):
                    yield fault
            elif octet in _PRINTABLE:
                text = f"{chr(octet)!r} at byte {offset + start} is not in {self.charset.name}"
                yield Fault(start, position, text)
            else:
                text = f"the control character 0x{octet:02X} at byte {offset + start} is not allowed"
                yield Fault(start, position, text)

    def _fits_fallback(self, octets: bytes) -> bool:
        """Whether the fallback, and not the declared character set, has all of `octets`."""
        if self._fallback is None or octets.isascii() or _CONTROLS.intersection(octets):
            return False
        return self._fallback.decodes(octets) and not self.charset.decodes(octets)

    def _broken_sequences(self, octets: bytes, offset: int) -> Iterator[Fault]:
        position = 0
        while position < len(octets):
            try:
                octets[position:].decode(self.charset.codec)
            except UnicodeDecodeError as error:
                start, position = position + error.start, position + max(error.end, error.start + 1)
                if fault := self._foreign(octets[start:position], start, offset):
                    yield fault
            else:
                return

    def _foreign(self, octets: bytes, start: int, offset: int) -> Fault | None:
        if self._fallback is not None and self._fallback.decodes(octets):
            self._fall_back(offset + start, 1)
            return None
        text = f"0x{octets[:8].hex().upper()} at byte {offset + start} is not in {self.charset.name}{_hint(octets)}"
        return Fault(start, start + len(octets), text)

    def _fall_back(self, offset: int, count: int) -> None:
        self._fell_back = True
        text = f"byte {offset} is not in {self.charset.name}; the text was read as {self.codec}"
        self._repairs.note("fallback_charset", text, offset, count)


def _character_end(octets: bytes, start: int) -> int:
    """The end of the character that the sender probably meant at `start`: a UTF-8 sequence, else one octet."""
    for length in (2, 3, 4):
        try:
            octets[start : start + length].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return min(start + length, len(octets))
    return start + 1


def _hint(octets: bytes) -> str:
    """What the sender probably meant: text pasted from a word processor is the usual cause."""
    for codec, label in (("utf-8", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            character = octets.decode(codec)[0]
        except UnicodeDecodeError:
            continue
        return f"; in {label} it is {character!r} ({unicodedata.name(character, 'without a name').lower()})"
    return ""
