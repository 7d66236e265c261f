"""What a page is asked, by whom, and what it may answer besides itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlencode

from edigw.gateway.context import Context
from edigw.gateway.desk.people import Session, User

if TYPE_CHECKING:
    from starlette.responses import Response

STAFF = frozenset({"admin", "operator", "auditor"})
ACTING = frozenset({"admin", "operator"})
EVERYBODY = STAFF | {"partner"}


class Refused(Exception):
    """The request is answered with an error page: its status, what is wrong, and what to do."""

    def __init__(self, status: HTTPStatus, text: str, advice: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.advice = advice


def not_found(what: str) -> Refused:
    """There is no such thing, or none that this person may know of: both are told alike."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is no {what} here", "It may have been mistyped. Look for it above.")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of somebody who is logged in. `values` are the parameters of its path, `query` those of its address,
    `queries` with all their values; `form` holds what was sent, each field with all its values."""

    context: Context
    session: Session
    path: str
    host: str
    values: Mapping[str, str]
    query: Mapping[str, str]
    queries: Mapping[str, Sequence[str]]
    form: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def user(self) -> User:
        return self.session.user

    @property
    def only(self) -> str:
        """The code of the partner whose traffic alone this person may see; "" for who may see everybody's."""
        return self.user.partner

    @property
    def may_act(self) -> bool:
        return self.user.role in ACTING

    def field(self, name: str) -> str:
        """A field of the form, "" if it was not sent."""
        return self.form.get(name, [""])[0].strip()

    def link(self, **changed: str) -> str:
        """This page's address with other parameters; what is "" is left out, and so is the place in a list."""
        kept = {k: v for k, v in self.query.items() if k not in ("before", "after")} | changed
        told = urlencode({k: v for k, v in kept.items() if v})
        return f"{self.path}?{told}" if told else self.path


Handler: TypeAlias = Callable[[Ask], "Response"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page or an act: its path, as Starlette writes it, what answers it, and which roles may ask for it."""

    path: str
    handler: Handler
    roles: frozenset[str]
    method: str = "GET"
