"""Processing of received files: parse, validate, decide, acknowledge, translate, hand over.

Everything that needs no database is done first. Then one transaction writes all of it: rows, events, control numbers,
mailbox items, deliveries, and the end of the job. A crash before its commit leaves the job; after it, the whole result.
Several small files share a transaction, and what goes wrong with one is undone for that one. Large ones are written in
slices (`slices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select

from edigw import directory
from edigw.gateway import queue
from edigw.gateway.context import Context
from edigw.gateway.incoming.entrance import Entered, enter
from edigw.gateway.incoming.judge import JudgedInterchange, check_guides, judge
from edigw.gateway.incoming.outcome import Outcome, Part
from edigw.gateway.incoming.slices import LARGE, process_in_slices
from edigw.gateway.queue import Failure, Job
from edigw.gateway.records import approvals
from edigw.partners.reading import agreed_reading
from edigw.partners.tables.partner import Partner
from edigw.store.errors import StoreError, TransactionLost
from edigw.store.savepoint import savepoint
from edigw.store.schema import transmission
from edigw.syntax.model import ParsedFile

_ROW = select(transmission).where(transmission.c.id == bindparam("which"))


def process(context: Context, jobs: Sequence[Job]) -> list[Failure]:
    """Process the received transmissions of `jobs`. What failed on our side stays to be done."""
    prepared: list[tuple[Job, _Prepared]] = []
    failures: list[Failure] = []
    for job in jobs:
        try:
            if (one := _prepare(context, job)) is not None:
                prepared.append((job, one))
        except Exception as error:
            failures.append(Failure(job, error))
    return [*failures, *_write(context, prepared)]


def _prepare(context: Context, job: Job) -> _Prepared | None:
    """What is to be written of one file; None if it is done already, or has to wait for something. Raises what the
    stores raise."""
    with context.database.read() as conn:
        row = conn.execute(_ROW, {"which": job.transmission}).one()
        released = approvals(conn, row.id)
    login = context.partner(row.partner)
    entered = enter(context, job, row, login)
    if entered is None:
        return None
    agreed = agreed_reading(login)
    if len(entered.data) > LARGE and process_in_slices(context, job, row, login, entered, released):
        return None
    parsed = directory.check(entered.data, *agreed)
    check_guides(context.config, login, parsed, agreed.validation)
    return _Prepared(row, login, entered, parsed, judge(context.config, login, entered.data, parsed, released))


def _write(context: Context, prepared: Sequence[tuple[Job, _Prepared]]) -> list[Failure]:
    if not prepared:
        return []
    failures = []
    try:
        with context.database.write() as conn:
            for job, one in prepared:
                try:
                    with savepoint(conn):
                        queue.keep(conn, job, timedelta(seconds=context.config.worker.lease_seconds))
                        row = one.entered.record(conn, context, one.row, one.login)
                        data, parsed, judged = one.entered.data, one.parsed, one.judged
                        Outcome(context, conn, row, one.login, data, parsed, judged, Part.whole(judged)).write()
                        queue.done(conn, job)
                except TransactionLost:
                    raise
                except Exception as error:
                    failures.append(Failure(job, error))
    except StoreError as error:  # nothing of it was committed
        return [Failure(job, error) for job, _ in prepared]
    context.wake.all()
    return failures


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One file, judged, on its way into the database."""

    row: Row[Any]
    login: Partner
    entered: Entered
    parsed: ParsedFile
    judged: list[JudgedInterchange]
