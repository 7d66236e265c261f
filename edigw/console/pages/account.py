"""One's own login: who one is, another password, the way out."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from edigw.console.asking import EVERYBODY, Ask, Page
from edigw.console.door import COOKIE
from edigw.console.render import render
from edigw.gateway.desk import people

if TYPE_CHECKING:
    from starlette.responses import Response


def _show(ask: Ask) -> Response:
    return render(ask, "account.html", here="/account", problem="")


def _password(ask: Ask) -> Response:
    """Sessions end with the old password, this one, too."""
    log, name = ask.context.log, ask.user.name
    old, new = (ask.form.get(key, [""])[0] for key in ("old", "new"))
    with ask.context.database.read() as conn:
        known = people.password_fits(conn, name, old)
    if known is None:
        return _again(ask, "The password that you have now is another one.")
    if new != ask.form.get("again", [""])[0]:
        return _again(ask, "The new password was typed in two ways.")
    try:
        people.change_password(log, name, new, ask.user.actor)
    except people.UserProblem as problem:
        return _again(ask, f"{problem}.")
    return _out()


def _again(ask: Ask, problem: str) -> Response:
    return render(ask, "account.html", here="/account", problem=problem, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _log_out(ask: Ask) -> Response:
    people.log_out(ask.context.log, ask.session)
    return _out()


def _out() -> Response:
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE, path="/")
    return answer


PAGES = (
    Page("/account", _show, EVERYBODY),
    Page("/account/password", _password, EVERYBODY, "POST"),
    Page("/logout", _log_out, EVERYBODY, "POST"),
)
