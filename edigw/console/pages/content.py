"""The content of a transmission, a message at a time: raw with names, tree, document, and beside what it became.

Each request for it is an event of the log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from starlette.responses import StreamingResponse

from edigw.console.asking import EVERYBODY, Ask, Page, Refused
from edigw.console.pages.life import transmission_of
from edigw.console.render import render
from edigw.directory import Directory, NotInDirectory, directory_of, nested
from edigw.directory.cells import cells, gloss, segment_name
from edigw.gateway.desk import content, operate
from edigw.store.errors import PayloadError
from edigw.store.schema import transmission
from edigw.syntax.findings import Finding
from edigw.syntax.model import Interchange, Loop, Message, Segment
from edigw.syntax.sent import pieces

if TYPE_CHECKING:
    from starlette.responses import Response

SEGMENTS = 400  # on one page
_PIECE = 1 << 16
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a segment: `kind` is a class of the style sheet, `name` what it is, for whoever points at it."""

    text: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A segment as it was sent, with what it is and what was found in it."""

    position: int
    tag: str
    parts: Sequence[Part]
    gloss: str
    findings: Sequence[Finding]
    depth: int = 0


def _show(ask: Ask) -> Response:
    row = _look(ask)
    number, first = (_number(ask, name) for name in ("message", "from"))
    try:
        found = content.read(ask.context, row)
    except PayloadError as error:
        return _without(ask, row, str(error))
    messages = found.messages
    if not messages:
        return _without(ask, row, "")
    number = min(number, len(messages))
    interchange, one = messages[number - 1]
    names = _names(one, interchange)
    first = min(first, len(one.segments))
    last = min(first + SEGMENTS - 1, len(one.segments))
    beside = None if ask.only else _beside(ask, row, found, number)
    return render(
        ask,
        "content.html",
        here="/transmissions",
        row=row,
        number=number,
        count=len(messages),
        message=one,
        title=names.message(one.type).name.capitalize() if names and one.type in names.messages() else "",
        segments=list(_segments(found.data, interchange, one, names, range(first, last + 1))),
        first=first,
        last=last,
        page=SEGMENTS,
        loose=[f for f in one.findings if not f.segment or f.segment > len(one.segments)],
        tree=list(_tree(one, names))[:SEGMENTS],
        document=content.document(ask.context, found, one),
        beside=beside,
    )


def _look(ask: Ask) -> Any:
    """The row, once it is in the log that this person looks."""
    with ask.context.database.read() as conn:
        row = transmission_of(ask, conn)
    looked = operate.look(ask.context.log, row.id, ask.user.actor, user=ask.user.name if ask.only else "")
    ask.context.wake.set("log")
    return looked


def _without(ask: Ask, row: Any, why: str) -> Response:
    return render(ask, "no_content.html", here="/transmissions", row=row, why=why)


def _number(ask: Ask, name: str) -> int:
    text = ask.query.get(name, "1")
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{text} is no number of a {name}")
    return max(int(text), 1)


def _names(one: Message, interchange: Interchange) -> Directory | None:
    try:
        return directory_of(one, interchange)
    except NotInDirectory:
        return None


def _segments(
    data: bytes, interchange: Interchange, one: Message, names: Directory | None, positions: range
) -> Iterator[Shown]:
    by_segment: dict[int, list[Finding]] = {}
    for finding in one.findings:
        by_segment.setdefault(finding.segment or 0, []).append(finding)
    for position in positions:
        segment, found = one.segments[position - 1], by_segment.get(position, [])
        tag = str(segment[0]) if isinstance(segment[0], str) else segment[0][0]
        parts = list(_parts(data, interchange, one, names, position, found))
        yield Shown(position, tag, parts, gloss(segment, names), found)


def _parts(
    data: bytes,
    interchange: Interchange,
    one: Message,
    names: Directory | None,
    position: int,
    found: Sequence[Finding],
) -> Iterator[Part]:
    told = {(c.element, c.component or 1): c for c in cells(one.segments[position - 1], names)}
    marked = {(f.element, f.component): f.severity for f in found if f.element}
    for piece in pieces(data, interchange, one, position):
        if piece.element is None:
            yield Part(piece.text, "sep")
        elif piece.element == 0:
            yield Part(piece.text, "tag")
        else:
            cell = told.get((piece.element, piece.component))
            severity = marked.get((piece.element, piece.component)) or marked.get((piece.element, None))
            kind = {"error": "el err", "warning": "el warned"}.get(severity or "", "el")
            kind += " code" if cell is not None and cell.meaning and kind == "el" else ""
            meaning = f": {cell.meaning}" if cell is not None and cell.meaning else ""
            yield Part(piece.text, kind, f"{cell.place}  {cell.id} {cell.name}{meaning}" if cell is not None else "")


def _tree(one: Message, names: Directory | None) -> Iterator[dict[str, Any]]:
    """The segments with the groups that they stand in; the message's own order."""
    if one.tree is None:
        return
    for segment, depth, opened in _nested(nested(one.tree)):
        yield {
            "depth": min(depth, 6),
            "opened": opened,
            "tag": segment[0],
            "name": segment_name(segment, names),
            "cells": cells(segment, names),
        }


def _nested(loop: Loop, depth: int = 0) -> Iterator[tuple[Segment, int, str]]:
    for position, item in enumerate(loop):
        if isinstance(item, Loop):
            yield from _nested(item, depth + 1)
        else:
            yield item, depth, loop.name if depth and position == 0 else ""


def _beside(ask: Ask, row: Any, found: content.Content, number: int) -> dict[str, Any] | None:
    """What the message became, or was made from, segment by segment. To look at that is a look at the other file."""
    place = [(i, p) for i, each in enumerate(found.parsed.interchanges, 1) for p in range(1, len(each.messages) + 1)]
    with ask.context.database.read() as conn:
        other = content.counterpart(conn, row.id, *place[number - 1])
        if other is None:
            return None
        passage = conn.execute(select(transmission).where(transmission.c.id == other.transmission)).one()
    operate.look(ask.context.log, passage.id, ask.user.actor)
    try:
        read = content.read(ask.context, passage)
    except PayloadError:
        return None
    interchanges = read.parsed.interchanges
    if other.interchange > len(interchanges) or other.position > len(interchanges[other.interchange - 1].messages):
        return None
    interchange = interchanges[other.interchange - 1]
    one = interchange.messages[other.position - 1]
    theirs = _plain(read.data, interchange, one)
    ours = _plain(found.data, *found.messages[number - 1])
    inbound = row.direction == "in"
    return {
        "row": passage,
        "source": ours if inbound else theirs,
        "target": theirs if inbound else ours,
        "source_title": f"{other.type} {other.version}" if not inbound else _title(found, number),
        "target_title": f"{other.type} {other.version}" if inbound else _title(found, number),
    }


def _title(found: content.Content, number: int) -> str:
    one = found.messages[number - 1][1]
    return f"{one.type} {one.version}"


def _plain(data: bytes, interchange: Interchange, one: Message) -> list[tuple[str, str]]:
    """The segments as they stand there: tag, and the rest."""
    lines = []
    for position in range(1, min(len(one.segments), SEGMENTS) + 1):
        cut = pieces(data, interchange, one, position)
        lines.append((cut[0].text, "".join(piece.text for piece in cut[1:])))
    return lines


def _bytes(ask: Ask) -> Response:
    """The file as it is, to be kept: never shown by a browser as a page."""
    row = _look(ask)
    stream = ask.context.payloads.open(row.sha256)

    def chunks() -> Iterator[bytes]:
        with stream:
            while piece := stream.read(_PIECE):
                yield piece

    name = _UNSAFE.sub("_", row.name)[:120].lstrip(".") or "file"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chunks(), media_type="application/octet-stream", headers=headers)


PAGES = (
    Page("/transmissions/{id}/content", _show, EVERYBODY),
    Page("/transmissions/{id}/bytes", _bytes, EVERYBODY),
)
