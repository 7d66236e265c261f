"""What a binding wrote, put into an interchange as bytes and checked against the directory."""

from __future__ import annotations

import datetime as dt

from edigw.directory import check, x12
from edigw.mapping import Binding
from edigw.syntax import (
    EdifactEnvelope,
    Message,
    MessageBody,
    PartyId,
    ReadOptions,
    Segment,
    X12Envelope,
    X12Group,
    write_edifact,
    write_x12,
)

_PREPARED = dt.datetime(2026, 10, 5, 9, 15)
_CHARSET = "latin-1"


def on_the_wire(binding: Binding, segments: list[Segment], newline: bool = False) -> bytes:
    """An interchange with one message."""
    body = MessageBody(type=binding.message, segments=segments, version=binding.version, control="0001")
    if binding.standard == "edifact":
        envelope = EdifactEnvelope(PartyId("A", "14"), PartyId("B", "14"), "1", _PREPARED)
        return write_edifact(envelope, [body], newline=newline)
    group_id = x12(binding.version).message(binding.message).group
    group = X12Group(group_id, "SENDER", "RECEIVER", "1", binding.version, [body])
    sender, receiver = PartyId("A", "ZZ"), PartyId("B", "ZZ")
    version = f"{binding.version[:3]}0{binding.version[4]}"
    envelope_x12 = X12Envelope(sender, receiver, "1", _PREPARED, version, charset=_CHARSET)
    return write_x12(envelope_x12, [group], newline=newline)


def received(data: bytes) -> Message:
    """The one message of an interchange, structured and checked."""
    (interchange,) = check(data, read=ReadOptions(x12_charset=_CHARSET)).interchanges
    (message,) = interchange.messages
    return message
