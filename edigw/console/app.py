"""The console as an ASGI application: sessions, rights and errors around its pages."""

from __future__ import annotations

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from edigw.console import door
from edigw.console.asking import Ask, Page, Refused, not_found
from edigw.console.forms import read_form, require_ours
from edigw.console.headers import SecurityHeaders
from edigw.console.pages import PAGES
from edigw.console.render import STATIC, error_page
from edigw.gateway.context import Current
from edigw.gateway.desk import people
from edigw.gateway.desk.operate import Refusal
from edigw.log.errors import LogError
from edigw.store.errors import PayloadError, StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

_logger = logging.getLogger("edigw.console")


def application(current: Current) -> Starlette:
    """The console of a gateway."""
    front = door.Door(current)
    routes: list[Route | Mount] = [
        Route("/login", front.show, methods=["GET"]),
        Route("/login", front.enter, methods=["POST"]),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]
    routes += [Route(page.path, _endpoint(current, page), methods=[page.method]) for page in PAGES]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={404: _http_error, 405: _http_error, Refused: _refused, Exception: _failed},
    )


def _endpoint(current: Current, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        context = current.context
        session = await run_in_threadpool(_session, current, request)
        if session is None:
            if page.method != "GET":
                raise Refused(HTTPStatus.UNAUTHORIZED, "Your session has ended", "Log in again, and repeat it.")
            return RedirectResponse(door.address(request.url.path, request.url.query), HTTPStatus.SEE_OTHER)
        form = {}
        if page.method == "POST":
            form = await read_form(request)
            require_ours(request, session.token, form)
        ask = Ask(
            context=context,
            session=session,
            path=request.url.path,
            host=request.headers.get("host", ""),
            values=request.path_params,
            query=dict(request.query_params),
            queries={name: request.query_params.getlist(name) for name in request.query_params},
            form=form,
        )
        if session.user.role not in page.roles:
            raise not_found("page")
        return await run_in_threadpool(_explained, page, ask)

    return answer


def _session(current: Current, request: Request) -> people.Session | None:
    token = request.cookies.get(door.COOKIE)
    context = current.context
    settings = context.config.console
    if token is None or settings is None:
        return None
    session = people.session_of(context.log, token, timedelta(minutes=settings.idle_minutes))
    gone = session is not None and session.user.partner and session.user.partner not in context.config.partners
    return None if gone else session


def _explained(page: Page, ask: Ask) -> Response:
    """The answer of a page; what the gateway refuses or can't do is told to people."""
    try:
        return page.handler(ask)
    except Refusal as refusal:
        raise Refused(
            HTTPStatus.CONFLICT, str(refusal), "Somebody may have been faster: look at it again."
        ) from refusal
    except (StoreError, LogError, PayloadError) as error:
        _logger.error("%s: %s", ask.path, error)
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"This can't be done now: {error}") from error


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - registered for it
    return error_page(error)


async def _http_error(request: Request, error: Exception) -> Response:
    status = HTTPStatus(getattr(error, "status_code", 404))
    return error_page(not_found("page") if status == HTTPStatus.NOT_FOUND else Refused(status, status.phrase))


async def _failed(request: Request, error: Exception) -> Response:
    _logger.error("%s: this is a bug: %s", request.url.path, type(error).__name__)
    told = "This is a mistake in edigw. It is told in the gateway's own log, with its place."
    return error_page(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, told))
