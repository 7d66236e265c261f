"""What every part of a running gateway works with, wired in one place (`open_context`)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from edigw.log.eventlog import EventLog
from edigw.openpgp.keyring import Keyring
from edigw.partners.config import Config, parties
from edigw.partners.tables.partner import Partner
from edigw.store.database import Database
from edigw.store.payloads import Payloads


class Wake:
    """Wakes the threads of this process when there is something to do. Other processes find it by polling."""

    def __init__(self) -> None:
        self._events = {role: threading.Event() for role in ("process", "deliver", "log")}
        self.trouble = ""  # why this process has to end, once it has to

    def set(self, *roles: str) -> None:
        for role in roles:
            self._events[role].set()

    def all(self) -> None:
        self.set(*self._events)

    def give_up(self, why: str) -> None:
        """This process can't go on: `edigw serve` ends it, and says why."""
        self.trouble = why

    def wait(self, role: str, seconds: float) -> None:
        """Until `role` is woken, at most so long."""
        event = self._events[role]
        event.wait(seconds)
        event.clear()


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of a gateway. `config` is one loaded version of the files; a reload makes a new context."""

    config: Config
    database: Database
    payloads: Payloads
    log: EventLog
    wake: Wake = field(default_factory=Wake)
    openpgp: Keyring = field(default_factory=Keyring)

    def partner(self, code: str) -> Partner:
        """Raises LookupError, with a text for people, if the partner is no longer configured."""
        try:
            return self.config.partners[code]
        except KeyError:
            raise LookupError(f"there is no partner {code!r} in the configuration any more") from None


class Current:
    """The context that counts now. Whoever begins something takes it once, and finishes under it; a reload makes
    another one current in between."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def context(self) -> Context:
        return self._context

    def adopt(self, config: Config, openpgp: Keyring) -> None:
        """Let `config` count for what begins from now on, with its keys (`open_keyring`)."""
        self._context = replace(self._context, config=config, openpgp=openpgp)


def open_keyring(config: Config) -> Keyring:
    """The OpenPGP keys of a configuration, unlocked. Raises OpenPgpKeyError."""
    own = config.openpgp.key_files if config.openpgp else ()
    return Keyring.load(own, {code: partner.certificates for code, partner in config.partners.items()})


# Schemes of the identifiers that events name, by qualifier (EDIFACT 0007, X12 I05).
_SCHEMES = {
    "14": "GLN",
    "07": "GLN",
    "1": "DUNS",
    "01": "DUNS",
    "9": "DUNS4",
    "16": "DUNS4",
    "12": "PHONE",
    "08": "GS1US",
}


def identity(partner: Partner) -> str:
    """How an event names a partner, `SCHEME:ID`: its first identifier with a scheme that is known everywhere."""
    named = [*parties(partner, "edifact"), *parties(partner, "x12")]
    for party in named:
        if party.qualifier in _SCHEMES:
            return f"{_SCHEMES[party.qualifier]}:{party.id}"
    return f"ID:{named[0].id}" if named else f"CODE:{partner.code}"
