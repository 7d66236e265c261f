"""What the envelopes of EDIFACT and X12 differ in: the tags of their segments, and how their headers are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from edigw.syntax.model import Group, Message, Segment


class Dialect(ABC):
    """The envelope segments of one standard, and how their headers are read."""

    interchange_header: ClassVar[str]
    interchange_trailer: ClassVar[str]
    group_header: ClassVar[str]
    group_trailer: ClassVar[str]
    message_header: ClassVar[str]
    message_trailer: ClassVar[str]
    loose: ClassVar[frozenset[str]]  # may stand between the interchange header and the first group: acknowledgements
    outside: ClassVar[frozenset[str]]  # others that may stand there
    package_header: ClassVar[str] = ""  # of an object
    package_trailer: ClassVar[str] = ""
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
