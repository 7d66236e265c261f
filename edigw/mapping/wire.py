"""Bodies of messages as text, a segment a line without header and trailer, and as trees that bindings read.

Bodies have the default delimiters of their standard. They are how examples and reports show messages; nothing that goes
to a partner is made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from edigw import directory, syntax
from edigw.mapping.compiler import Binding
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

_PREPARED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
_CHARSET = "utf-8"
_STARTS = (b"UNA", b"UNB", b"ISA")
_READ = ReadOptions(x12_charset=_CHARSET)


class NoMessage(Exception):
    """A file does not hold what was asked for; the text says why."""


def interchange(binding: Binding, segments: Sequence[Segment]) -> bytes:
    """An interchange with one message, in Unicode. Raises syntax.WriteError."""
    body = MessageBody(type=binding.message, segments=segments, version=binding.version)
    if binding.standard == "edifact":
        envelope = EdifactEnvelope(PartyId("SENDER"), PartyId("RECEIVER"), "1", _PREPARED, syntax="UNOW", version=4)
        return write_edifact(envelope, [body], newline=True)
    group_id = directory.x12(binding.version).message(binding.message).group
    group = X12Group(group_id, "SENDER", "RECEIVER", "1", binding.version, [body])
    x12 = X12Envelope(
        PartyId("SENDER", "ZZ"), PartyId("RECEIVER", "ZZ"), "1", _PREPARED, binding.version[:5], charset=_CHARSET
    )
    return write_x12(x12, [group], newline=True)


def body_text(binding: Binding, segments: Sequence[Segment]) -> str:
    """The segments of a body as text. Raises syntax.WriteError."""
    lines = interchange(binding, segments).decode(_CHARSET).splitlines()
    first, last = ("UNH+", "UNT+") if binding.standard == "edifact" else ("ST*", "SE*")
    start = next(n for n, line in enumerate(lines) if line.startswith(first))
    end = next(n for n, line in enumerate(lines) if line.startswith(last))
    return "".join(f"{line}\n" for line in lines[start + 1 : end])


def messages(data: bytes, binding: Binding) -> list[Message]:
    """The messages of the binding's type in a file, checked against their directory: those of an interchange, or the
    one whose body it is. Raises NoMessage if it holds none."""
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(_STARTS):
        text = _enveloped(text, binding)
    parsed = directory.check(text, read=_READ)
    found = [m for i in parsed.interchanges for m in i.messages if m.type == binding.message]
    if not found:
        raise NoMessage(f"holds no {binding.message}")
    return found


def _enveloped(body: bytes, binding: Binding) -> bytes:
    """A body inside of an interchange with right counts."""
    if binding.standard == "edifact":
        agency, _, release = binding.version.partition(".")
        head = f"UNB+UNOW:4+A+B+20260102:0304+1'UNH+1+{binding.message}:{agency}:{release}:UN'".encode()
        tail = b"UNT+0+1'UNZ+1+1'"
    else:
        group = directory.x12(binding.version).message(binding.message).group
        isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'A':15}*ZZ*{'B':15}*260102*0304*"
        isa += f"{'U' if binding.version < '00402' else '^'}*{binding.version[:5]}*000000001*0*P*>~"
        head = f"{isa}GS*{group}*AA*BB*20260102*0304*1*X*{binding.version}~ST*{binding.message}*0001~".encode()
        tail = b"SE*0*0001~GE*1*1~IEA*1*000000001~"
    parsed = syntax.parse(head + body + tail, _READ)
    message = next((m for i in parsed.interchanges for m in i.messages), None)
    if message is None or len(message.segments) < 3:
        raise NoMessage("holds neither an interchange nor the body of a message")
    return interchange(binding, message.segments[1:-1])
