"""The way in: name and password. An address that guesses is shut out, here as at the SFTP server."""

from __future__ import annotations

import logging
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from edigw.console.asking import Refused
from edigw.console.forms import read_form, require_ours
from edigw.console.render import login_page
from edigw.gateway.desk import people
from edigw.gateway.mailboxes.bans import SharedBans
from edigw.gateway.mailboxes.frontdoor import networks
from edigw.transport.server.bans import UNKNOWN_USER, WRONG_CREDENTIAL, BanRules

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from edigw.gateway.context import Current

_logger = logging.getLogger("edigw.console")
COOKIE = "edigw_session"
_AT_ONCE = 4  # passwords that are checked at the same time: each costs 64 MiB


class Door:
    """Logs people in."""

    def __init__(self, current: Current) -> None:
        self._current = current
        sftp = current.context.config.sftp
        limits = sftp.limits
        rules = BanRules(limits.ban_points, limits.ban_window, limits.ban_time, networks(sftp.safe))
        self._bans = SharedBans(current.context.database, rules)
        self._checking = BoundedSemaphore(_AT_ONCE)

    async def show(self, request: Request) -> Response:
        """The form."""
        return login_page(next=_inside(request.query_params.get("next", "")))

    async def enter(self, request: Request) -> Response:
        """Check what was typed; a session and the page that was asked for, or the form again."""
        form = await read_form(request)
        require_ours(request, None, form)
        name, password = (form.get(key, [""])[0] for key in ("name", "password"))
        onward = _inside(form.get("next", [""])[0])
        peer = _peer(request)
        session = await run_in_threadpool(self._log_in, name.strip(), password, peer)
        if session is None:
            return login_page(next=onward, name=name.strip()[:64], failed=True, status=HTTPStatus.FORBIDDEN)
        answer = RedirectResponse(onward, HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE, session.token, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/"
        )
        return answer

    def _log_in(self, name: str, password: str, peer: str) -> people.Session | None:
        """None for whoever is not known, gives a wrong password, or is shut out: all are told the same."""
        context = self._current.context
        settings = context.config.console
        if settings is None or self._bans.banned(peer):
            return None
        with self._checking, context.database.read() as conn:
            known = people.find(conn, name)
            user = people.password_fits(conn, name, password)
        if user is None or (user.partner and user.partner not in context.config.partners):
            points = WRONG_CREDENTIAL if known is not None else UNKNOWN_USER
            shut_out = self._bans.charge(peer, points)
            _logger.warning("a login from %s failed%s", peer, ", it is shut out for a while" if shut_out else "")
            return None
        session = people.log_in(context.log, user, peer, settings.session_hours)
        context.wake.set("log")
        return session


def _peer(request: Request) -> str:
    """The address that logs in; a proxy may have named it. Raises Refused if it named none."""
    host = request.client.host if request.client else ""
    try:
        parsed = ip_address(host.partition("%")[0])
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "The proxy in front gives no address of yours") from error
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def address(path: str, query: str) -> str:
    """Of the form, for somebody who asked for a page."""
    wanted = f"{path}?{query}" if query else path
    return f"/login?{urlencode({'next': wanted})}" if wanted != "/" else "/login"


def _inside(target: str) -> str:
    """`target` if it is a page of this console, else the first one: nobody is sent elsewhere by a link to us."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if inside and target.isprintable() and "\\" not in target else "/"
