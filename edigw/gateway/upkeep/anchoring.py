"""Having checkpoints attested from outside, by timestamping authorities and witnesses, as `edigw.toml` says.

Nothing that one of them does holds the log up: they are asked beside it, all at once, each within bounds. What one gets
wrong is remembered and told. Only a checkpoint that the log's own key has signed, and that the log has not grown from,
stops it: then there are two histories.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edigw.gateway.context import Wake
from edigw.log.anchors import folder, records, timestamp
from edigw.log.anchors.statement import Attesters, Statement, Token
from edigw.log.anchors.witness import AddCheckpoint, Cosignature, origin_hash, read_cosignature, read_size
from edigw.log.errors import AnchorError, LogError, LogRolledBack
from edigw.log.eventlog import EventLog
from edigw.log.note import NOTE_LIMIT, VerifierKey, open_checkpoint, split_note
from edigw.partners.anchors import attesters
from edigw.partners.tables.anchors import Authority, Witness
from edigw.partners.tables.settings import LogSettings
from edigw.store.clock import stamp, utc_now
from edigw.store.errors import StoreError
from edigw.transport import http
from edigw.transport.errors import TransportError

_logger = logging.getLogger("edigw.anchors")
CLOCKS = timedelta(minutes=10)  # by which others' clocks may differ from ours
START_SECONDS = 5.0  # that witnesses get when the gateway starts
LOOK_SECONDS = 15.0  # at least so often it is looked whether a round is due
FOLDER = "log.anchors.folder"  # among those that can be in trouble
_TRIES = 3  # with a witness that others tell about the log as well
_REFUSALS = {
    400: "it can't read our request",
    403: "it does not know the key that signs our checkpoints",
    404: "it does not witness this log",
    422: "it does not find that the log has only grown from what it has seen",
    429: "it is asked too often",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round brought. `troubles` says by name why somebody attested nothing."""

    size: int  # of the checkpoint
    tokens: tuple[Token, ...] = ()
    cosignatures: tuple[Cosignature, ...] = ()
    troubles: Mapping[str, str] = field(default_factory=dict)


async def anchor(log: EventLog, settings: LogSettings, every: timedelta) -> Outcome | None:
    """Has the newest checkpoint attested by everybody who is due; None if no round is due.

    Raises LogRolledBack if a witness shows another history that the log's key has signed: then nothing can be appended
    any more. LogError, StoreError.
    """
    authorities = {each.name: each for each in settings.authorities if each.ask}
    trusted = attesters(settings)
    keys = {key.name: key for key in trusted.witnesses}
    witnesses = {key.name: each for key, each in zip(trusted.witnesses, settings.witnesses, strict=True) if each.ask}
    due = await asyncio.to_thread(records.claim, log.database, [*authorities, *witnesses], every, utc_now())
    if due is None:
        return None
    asking: dict[str, Awaitable[Token | Cosignature]] = {}
    for name, known in due.due.items():
        if name in authorities:
            asking[name] = _timestamp(settings, authorities[name], trusted, due.note)
        else:
            asking[name] = _cosign(log, settings, witnesses[name], keys[name], due, known)
    answers = await asyncio.gather(*asking.values(), return_exceptions=True)
    return await asyncio.to_thread(_keep, log, settings, due, dict(zip(asking, answers, strict=True)))


def _keep(
    log: EventLog, settings: LogSettings, due: records.Round, answers: Mapping[str, Token | Cosignature | BaseException]
) -> Outcome:
    tokens = tuple(each for each in answers.values() if isinstance(each, Token))
    cosignatures = tuple(each for each in answers.values() if isinstance(each, Cosignature))
    failed = {name: each for name, each in answers.items() if isinstance(each, Exception)}
    troubles = {name: str(error) or type(error).__name__ for name, error in failed.items()}
    for name, error in failed.items():
        if isinstance(error, LogRolledBack):
            records.record(log, due.note, [], [], troubles, utc_now())
            raise error
        if not isinstance(error, LogError | TransportError):  # what one of them does to us never ends the others
            _logger.error("asking %s failed on our side", name, exc_info=error)
    if settings.anchors.folder is not None and (tokens or cosignatures):
        try:
            statement = Statement(due.note, tokens, tuple(each.line for each in cosignatures))
            folder.put(settings.anchors.folder, statement, utc_now())
            troubles[FOLDER] = ""
        except LogError as error:
            troubles[FOLDER] = str(error)
    records.record(log, due.note, tokens, cosignatures, troubles, utc_now())
    return Outcome(due.size, tokens, cosignatures, {name: why for name, why in troubles.items() if why})


async def _timestamp(settings: LogSettings, authority: Authority, trusted: Attesters, note: str) -> Token:
    query = timestamp.query(note.encode())
    at, answer = await ask_authority(settings, authority, trusted, query)
    return Token(authority.name, stamp(at), answer)


async def ask_authority(
    settings: LogSettings, authority: Authority, trusted: Attesters, query: timestamp.Query
) -> tuple[datetime, bytes]:
    """The time that an authority states for a query, and its answer. Raises AnchorError, TransportError."""
    answer = await http.ask(
        "POST",
        authority.url,
        query.der,
        kind=timestamp.QUERY_TYPE,
        limit=timestamp.ANSWER_LIMIT,
        seconds=settings.anchors.timeout_seconds,
        ca_file=authority.ca_file,
        netrc_file=authority.netrc_file,
    )
    if answer.status != 200:
        raise AnchorError(f"it answered {answer.status}")
    roots = trusted.authorities[authority.name]
    at = await asyncio.to_thread(timestamp.verify, answer.body, query.data, roots, query.nonce)
    _check_clock(at)
    return at, answer.body


async def _cosign(
    log: EventLog, settings: LogSettings, witness: Witness, key: VerifierKey, due: records.Round, old: int
) -> Cosignature:
    """https://c2sp.org/tlog-witness, add-checkpoint. `old` is the size that we believe the witness has seen."""
    for _ in range(_TRIES):
        proof = tuple(await asyncio.to_thread(log.consistency, old, due.size))
        request = AddCheckpoint(old, proof, due.note).text().encode()
        address = f"{witness.url.rstrip('/')}/add-checkpoint"
        seconds, ca_file = settings.anchors.timeout_seconds, witness.ca_file
        answer = await http.ask("POST", address, request, limit=NOTE_LIMIT, seconds=seconds, ca_file=ca_file)
        if answer.status == 200:
            cosignature = read_cosignature(answer.body, split_note(due.note)[0], key)
            _check_clock(cosignature.at)
            return cosignature
        if answer.status == 409:
            old = read_size(answer.body)
            if old <= due.size:
                continue
            await _compare(log, settings, witness, key)
            raise AnchorError(f"it says that it has seen {old} entries; we ask about {due.size}")
        if answer.status == 422:
            await _compare(log, settings, witness, key)
        raise AnchorError(f"it answered {answer.status}: {_REFUSALS.get(answer.status, 'it is in trouble')}")
    raise AnchorError("it names another size each time that it is asked")


async def _compare(log: EventLog, settings: LogSettings, witness: Witness, key: VerifierKey) -> None:
    """Looks at what a witness has seen, if it shows it. Raises LogRolledBack if that is another history of this log."""
    try:
        note = await shown(settings, witness, log.keys, settings.anchors.timeout_seconds)
    except (LogError, TransportError) as error:
        _logger.warning("what the witness %s has seen is not known: %s", key.name, error)
        return
    if note is not None:
        await asyncio.to_thread(log.compare, note, f"the witness {key.name}")


async def shown(settings: LogSettings, witness: Witness, keys: tuple[VerifierKey, ...], seconds: float) -> str | None:
    """The newest checkpoint that a witness shows, signed by one of the log's `keys`; None if it has seen none.

    Raises LogError, TransportError.
    """
    prefix = (witness.monitoring_url or witness.url).rstrip("/")
    address = f"{prefix}/{origin_hash(settings.origin)}/checkpoint"
    answer = await http.ask("GET", address, limit=NOTE_LIMIT, seconds=seconds, ca_file=witness.ca_file)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise AnchorError(f"it answered {answer.status} when asked for its checkpoint")
    note = answer.body.decode("utf-8", "replace")
    open_checkpoint(note, settings.origin, keys)
    return note


@dataclass(frozen=True, slots=True)
class Held:
    """The newest checkpoints that others have of the log, by a name for each; and whose are not known, and why."""

    notes: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


async def held_elsewhere(settings: LogSettings, keys: tuple[VerifierKey, ...], seconds: float = START_SECONDS) -> Held:
    """What witnesses and the folder of anchors have. What none of the log's `keys` has signed does not count."""
    held = Held()
    if settings.anchors.folder is not None:
        try:
            copy = await asyncio.to_thread(folder.newest, settings.anchors.folder)
            if copy is not None:
                open_checkpoint(copy.note(), settings.origin, keys)
                held.notes[str(copy.path)] = copy.note()
        except LogError as error:
            held.unknown.append(f"{settings.anchors.folder}: {error}")
    asked = [witness for witness in settings.witnesses if witness.ask]
    asking = (shown(settings, witness, keys, seconds) for witness in asked)
    for witness, answer in zip(asked, await asyncio.gather(*asking, return_exceptions=True), strict=True):
        name = VerifierKey.parse(witness.key).name
        if isinstance(answer, str):
            held.notes[f"the witness {name}"] = answer
        elif isinstance(answer, LogError | TransportError):
            held.unknown.append(f"what the witness {name} has seen is not known: {answer}")
        elif answer is not None:
            raise answer
    return held


async def keep_anchored(log: EventLog, settings: LogSettings, wake: Wake) -> None:
    """Has checkpoints attested for as long as the gateway runs; tells troubles when they begin and when they end."""
    if not any([*(each.ask for each in settings.authorities), *(each.ask for each in settings.witnesses)]):
        return
    every = timedelta(minutes=settings.anchors.every_minutes)
    troubles: dict[str, str] = {}
    while True:
        try:
            outcome = await anchor(log, settings, every)
            now = troubles if outcome is None else dict(outcome.troubles)
        except LogRolledBack as error:
            wake.give_up(f"the log can't go on: {error}")
            return
        except (LogError, StoreError) as error:
            now = {**troubles, "a round of anchors": str(error)}
        _tell(troubles, now)
        troubles = now
        wake.set("log")
        await asyncio.sleep(min(LOOK_SECONDS, every.total_seconds() / 4))


def _tell(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Tells troubles that have begun, changed or ended."""
    for name, why in now.items():
        if before.get(name) != why:
            _logger.error("%s: %s", name, why)
    for name in before.keys() - now.keys():
        _logger.warning("%s: all is well again", name)


def _check_clock(at: datetime) -> None:
    apart = at - utc_now()
    if abs(apart) > CLOCKS:
        raise AnchorError(f"its clock, or ours, is {abs(apart).total_seconds():.0f} seconds off: it states {stamp(at)}")
