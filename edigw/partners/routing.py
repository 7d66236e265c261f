"""Routes: which rule of `routes.toml` a message meets, and what is wrong with the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from edigw.partners.errors import did_you_mean
from edigw.partners.tables.routes import Route
from edigw.syntax.model import Standard

_PARTNERS = ("sender", "receiver")
_PATTERNS = ("receiver_id", "group_receiver", "message", "version", "document")
CONDITIONS = (*_PARTNERS, *_PATTERNS, "standard", "test")


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at. What is not known is ""."""

    sender: str  # codes of partners
    receiver: str
    receiver_id: str
    group_receiver: str
    standard: Standard
    message: str
    version: str
    document: str
    test: bool


def route_of(routes: Sequence[Route], facts: Facts) -> Route | None:
    """The first rule that fits a message; None if none does."""
    return next((route for route in routes if _fits(route, facts)), None)


def listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One text or several, as several."""
    return (value,) if isinstance(value, str) else value


def _fits(route: Route, facts: Facts) -> bool:
    if route.standard not in (None, facts.standard) or route.test not in (None, facts.test):
        return False
    codes = ((listed(getattr(route, name)), getattr(facts, name)) for name in _PARTNERS)
    patterns = ((listed(getattr(route, name)), getattr(facts, name)) for name in _PATTERNS)
    return all(not wanted or value in wanted for wanted, value in codes) and all(
        not wanted or any(fnmatchcase(value, pattern) for pattern in wanted) for wanted, value in patterns
    )


def route_problems(routes: Sequence[Route], partners: Collection[str]) -> Iterator[tuple[str, str]]:
    """A key and what is wrong there."""
    from edigw.documents import DOCUMENTS

    for number, route in enumerate(routes, 1):
        key = f"routes[{number}]"
        if route.name in [earlier.name for earlier in routes[: number - 1]]:
            yield f"{key}.name", f'there is a route "{route.name}" already'
        for name in (*_PARTNERS, "to", "copy_to"):
            for code in listed(getattr(route, name) or ()):
                if code not in partners:
                    yield f"{key}.{name}", f'there is no partner "{code}"{did_you_mean(code, partners)}'
        for document in listed(route.document):
            if "*" not in document and document not in DOCUMENTS:
                yield f"{key}.document", f'there is no document "{document}"{did_you_mean(document, DOCUMENTS)}'
        said = [name for name in ("to", "hold", "only_check") if getattr(route, name)]
        if len(said) > 1:
            yield f"{key}.{said[1]}", f"says something else than {said[0]}; give one of them"
        if not said and not route.copy_to:
            yield key, "says nothing of what becomes of the message: give to, hold, only_check or copy_to"
        if number < len(routes) and not any(getattr(route, name) not in ((), None) for name in CONDITIONS):
            yield key, "has no condition, so no rule behind it is ever looked at"
