"""How many interchanges, messages and segments a file may hold.

Each of them costs time whatever is in it, a few bytes of header as much as a whole order. A file of nothing but headers
would take many times as long as any real one of its size, so their number is bounded by the size of the file, too.
"""

from __future__ import annotations

from edigw.syntax.options import ReadOptions

IN_ANY_FILE = 1_000  # messages, and segments, that a file may hold whatever its size
PER_BROKEN_INTERCHANGE = 3  # messages that it counts as beyond one: good ones are never so short
# Interchanges that are not accepted, and groups that are empty, in a file of any size. Each is told of in a row, in an
# acknowledgement and to people; behind so many of them nothing good is to be expected.
MOST_BROKEN = 500
BYTES_PER_SEGMENT = 8  # on average: a short one ("LIN+1'") stands beside longer ones
_BYTES_PER_CHARACTER = 200


class Allowance:
    """What is left of it for one file; its interchanges share it."""

    __slots__ = ("_most_messages", "_size", "characters", "messages", "segments", "sound", "units")

    def __init__(self, options: ReadOptions, size: int) -> None:
        """`size` are the bytes of the file."""
        self._size = size
        self._most_messages = options.max_messages
        self.messages = options.max_messages
        self.units = IN_ANY_FILE + size // options.bytes_per_message  # messages, as far as the size allows them
        self.segments = IN_ANY_FILE + size // BYTES_PER_SEGMENT
        self.sound = MOST_BROKEN  # what may still be broken
        self.characters = IN_ANY_FILE + size // _BYTES_PER_CHARACTER  # that are told to be in no character set

    @property
    def exceeded(self) -> bool:
        """Whether there was more than may be taken."""
        return self.messages < 0 or self.units < 0 or self.segments < 0 or self.sound < 0

    def take(self) -> bool:
        """Whether one more message, group, object or counted binary segment may be taken."""
        self.messages -= 1
        self.units -= 1
        return self.messages >= 0 and self.units >= 0

    def take_interchange(self) -> bool:
        """Whether one more interchange may be taken."""
        if self.units < 1 or self.sound < 0:
            return False
        self.units -= 1
        return True

    def broken(self) -> None:
        """The interchange that was taken is not accepted."""
        self.units -= PER_BROKEN_INTERCHANGE
        self.sound -= 1

    def empty(self) -> None:
        """The group that was taken holds nothing."""
        self.sound -= 1

    def take_segments(self, number: int) -> bool:
        """Whether so many more segments may be taken, in messages or outside of them."""
        self.segments -= number
        return self.segments >= 0

    def told(self) -> str:
        """Of what there was more than may be taken, in words."""
        what = "segments" if self.segments < 0 else "messages, groups and the like"
        if self.sound < 0:
            return f"more than {MOST_BROKEN} interchanges and groups of the file are broken or empty"
        if self.messages < 0:
            return f"the file holds more than {self._most_messages} {what}"
        return f"the file holds more {what} than its {self._size} bytes give reason for"
