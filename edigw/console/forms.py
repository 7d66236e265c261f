"""Forms as browsers send them, bounded in size and number; and the token that shows that a form is one of ours."""

from __future__ import annotations

import hmac
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from edigw.console.asking import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

LIMIT = 256 << 10  # bytes
_FIELDS = 2000
TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a field


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form. Raises Refused if it is none, or too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This is not a form that the console sends")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LIMIT:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form is too large", "Select fewer at once.")
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "The form can't be read") from error


def form_token(session_token: str) -> str:
    """What each form of a session carries. Other sites can make a browser send a form, but not know this."""
    return hmac.new(session_token.encode(), b"edigw console form", sha256).hexdigest()


def require_ours(request: Request, session_token: str | None, form: dict[str, list[str]]) -> None:
    """Raises Refused unless the form comes from a page of this console, and of this session if there is one."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    fine = site in ("same-origin", "none") and origin in (None, own)
    if session_token is not None:
        given = form.get(TOKEN_FIELD, [""])[0]
        fine = fine and hmac.compare_digest(given.encode(), form_token(session_token).encode())
    if not fine:
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "This form did not come from this console, or its session has ended",
            "Open the page again, and repeat what you did.",
        )
