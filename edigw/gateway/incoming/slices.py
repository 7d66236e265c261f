"""Large files, in slices: what they take of memory, of the database and of each event stays within bounds.

The file is read twice. The first time everything is checked, and kept are only the envelopes, what was found, and of
each message its header: so much decides what is accepted, and goes into the acknowledgement. The second time some
messages at a time are translated and handed over, each slice in a transaction of its own; in between, other writers
have their turn. The last one writes what the whole file came to.

A crash undoes the slice at hand. Whoever takes the job up again leaves out the messages that were accepted: their rows,
which events vouch for, say so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select

from edigw import directory
from edigw.gateway import queue
from edigw.gateway.context import Context
from edigw.gateway.incoming.entrance import Entered
from edigw.gateway.incoming.judge import JudgedInterchange, Released, check_guides_of, conclude, dispatch, judge
from edigw.gateway.incoming.outcome import Outcome, Part
from edigw.gateway.queue import Job
from edigw.partners.reading import agreed_reading
from edigw.partners.tables.partner import Partner
from edigw.store.schema import message
from edigw.syntax.events import Event, InterchangeEnd, InterchangeStart, MessageRead
from edigw.syntax.model import Message, ParsedFile, Segment
from edigw.syntax.scan import collect

LARGE = 128 << 10  # bytes of a file that is processed in slices, if it has more
MESSAGES = 10  # in a slice: each small file waits for several writers, none of which may take long
TOGETHER = 200  # where the receiver gets all of them in one interchange
OCTETS = 1 << 20  # of the messages in a slice
_KNOWN = select(message.c.interchange, message.c.position, message.c.state, message.c.slice).where(
    message.c.transmission == bindparam("of")
)


def process_in_slices(
    context: Context, job: Job, row: Row[Any], login: Partner, entered: Entered, released: Released
) -> bool:
    """Process a large file that was let in, and end its job; False if it has no messages to be told apart in slices,
    and nothing was done. Raises what the stores raise, and LeaseLost."""
    work = _Sliced(context, job, row, login, entered, released)
    if not work.survey():
        return False
    work.recall()
    for part in work.parts():
        work.write(part)
    return True


@dataclass(slots=True)
class _Slice:
    """The messages that are read, but not written yet."""

    messages: dict[int, list[int]] = field(default_factory=dict)  # as a `Part` has them
    ended: list[int] = field(default_factory=list)
    count: int = 0
    octets: int = 0

    def take(self, interchange: int, position: int, octets: int) -> None:
        self.messages.setdefault(interchange, []).append(position)
        self.count += 1
        self.octets += octets


class _Sliced:
    def __init__(
        self, context: Context, job: Job, row: Row[Any], login: Partner, entered: Entered, released: Released
    ) -> None:
        self._context, self._job, self._row, self._login = context, job, row, login
        self._entered, self._released = entered, released
        self._agreed = agreed_reading(login)
        self._lease = timedelta(seconds=context.config.worker.lease_seconds)
        self._kept = time.monotonic()
        self._parsed = ParsedFile([])
        self._judged: list[JudgedInterchange] = []
        self._left_out: Segment = [""]
        self._again = False  # whether some of its messages were processed before
        self._accepted: set[tuple[int, int]] = set()  # those that are left out
        self._number = 1  # of the next slice

    def survey(self) -> bool:
        """Read the file for the first time; whether it is to be processed in slices."""
        parsed = self._parsed
        for event in self._events():
            collect(parsed, event)
            if isinstance(event, MessageRead):
                within, options = parsed.interchanges[-1], self._agreed.validation
                check_guides_of(self._context.config, self._login, within, [event.message], options)
                self._lighten(event.message)
        if sum(len(interchange.messages) for interchange in parsed.interchanges) <= MESSAGES:
            return False
        config, data = self._context.config, self._entered.data
        self._judged = judge(config, self._login, data, parsed, dispatching=False)
        return not any(map(_all_or_nothing, self._judged))

    def recall(self) -> None:
        """Find out which messages were accepted before."""
        with self._context.database.read() as conn:
            rows = conn.execute(_KNOWN, {"of": self._row.id}).all()
        for row in rows:
            self._again = True
            self._number = max(self._number, (row.slice or 0) + 1)
            if row.state == "accepted":
                self._accepted.add((row.interchange, row.position))

    def parts(self) -> Iterator[Part]:
        """Read the file once more, slice by slice."""
        slice, nth, at = _Slice(), 0, 0
        for event in self._events():
            match event:
                case InterchangeStart():
                    nth, at = nth + 1, 0
                case MessageRead(read):
                    at += 1
                    if (nth, at) not in self._accepted:
                        self._fill(nth, at, read)
                        slice.take(nth, at, read.end - read.start)
                case InterchangeEnd():
                    slice.ended.append(nth)
            if nth and self._full(slice, self._judged[nth - 1]):
                yield Part(slice.messages, slice.ended, self._number, last=False)
                self._empty(slice)
                self._number += 1
                slice = _Slice()
        yield Part(slice.messages, slice.ended, self._number)

    def write(self, part: Part) -> None:
        """Decide where the messages of a slice go, and write all of that down."""
        context, config = self._context, self._context.config
        for each in part.within(self._judged):
            dispatch(config, self._login, each, part.messages.get(each.position, ()), self._released)
            if each.position in part.ended:
                conclude(each)
        with context.database.write() as conn:
            queue.keep(conn, self._job, self._lease)
            first = not self._again and part.slice == 1
            row = self._entered.record(conn, context, self._row, self._login) if first else self._row
            data, parsed = self._entered.data, self._parsed
            Outcome(context, conn, row, self._login, data, parsed, self._judged, part, again=self._again).write()
            if part.last:
                queue.done(conn, self._job)
        self._row, self._kept = row, time.monotonic()
        context.wake.all()

    def _events(self) -> Iterator[Event]:
        """The file, checked, while the job is kept."""
        for event in directory.checked(self._entered.data, *self._agreed):
            if time.monotonic() - self._kept > self._lease.total_seconds() / 3:
                with self._context.database.write() as conn:
                    queue.keep(conn, self._job, self._lease)
                self._kept = time.monotonic()
            yield event

    def _full(self, slice: _Slice, at: JudgedInterchange) -> bool:
        """Whether a slice is written now. What acknowledges something of ours is read as a whole."""
        if at.acknowledgement and at.position not in slice.ended:
            return False
        together = at.receiver is not None and at.receiver.delivery.together
        return slice.count >= (TOGETHER if together else MESSAGES) or slice.octets >= OCTETS

    def _lighten(self, one: Message) -> None:
        """Leave out what is not needed to judge a message and to answer it; how many segments there were is."""
        named = {f.segment for f in one.findings}
        last = len(one.segments)
        one.segments = [
            segment if number in (1, last) or number in named else self._left_out
            for number, segment in enumerate(one.segments, 1)
        ]
        one.offsets, one.tree = [], None

    def _fill(self, interchange: int, position: int, read: Message) -> None:
        one = self._parsed.interchanges[interchange - 1].messages[position - 1]
        one.segments, one.offsets, one.tree = read.segments, read.offsets, read.tree

    def _empty(self, slice: _Slice) -> None:
        for position, messages in slice.messages.items():
            for number in messages:
                one = self._judged[position - 1].messages[number - 1]
                one.understood, one.dispatches = None, []
                self._lighten(one.message)


def _all_or_nothing(judged: JudgedInterchange) -> bool:
    """Whether what becomes of an interchange may depend on where all of its messages go."""
    sender = judged.sender
    lost = judged.judgeable and judged.receiver is None and not judged.acknowledgement
    return lost and sender is not None and sender.unknown.receiver == "reject"
