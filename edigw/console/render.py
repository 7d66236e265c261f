"""Pages from templates. Whatever goes into one is escaped, and its control characters are made visible."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy import func, select
from starlette.responses import HTMLResponse

from edigw.console.asking import ACTING, EVERYBODY, STAFF
from edigw.console.forms import TOKEN_FIELD, form_token
from edigw.console.words import ACTS, shown
from edigw.gateway.desk import audits, queries
from edigw.gateway.desk.sentences import sentence
from edigw.store.clock import parse_stamp
from edigw.store.schema import transmission
from edigw.wording import plural, printable

if TYPE_CHECKING:
    from edigw.console.asking import Ask, Refused

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_MOST_HELD = 1000

NAVIGATION = (
    ("/", "Overview", STAFF),
    ("/transmissions", "Transmissions", EVERYBODY),
    ("/threads", "Order threads", EVERYBODY),
    ("/held", "Hold queue", STAFF),
    ("/partners", "Partners", STAFF),
    ("/log", "Log", STAFF),
)


def render(ask: Ask, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """A page for somebody who is logged in."""
    text = _templates().get_template(template).render(ask=ask, shell=_shell(ask), **values)
    return HTMLResponse(text, status)


def login_page(
    *, next: str = "/", name: str = "", failed: bool = False, status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    """The form to log in. `failed`: what was typed did not fit."""
    return HTMLResponse(_templates().get_template("login.html").render(next=next, name=name, failed=failed), status)


def error_page(error: Refused) -> HTMLResponse:
    """What could not be done, and what to do."""
    return HTMLResponse(_templates().get_template("error.html").render(error=error), error.status)


def moment(stamp: str, form: str = "full") -> Markup:
    """A time of the log as an element, in UTC; the page's script shows it in the reader's zone. `form`: "full", "date"
    or "time"."""
    if not stamp:
        return Markup("")
    at = parse_stamp(stamp)
    texts = {"full": at.strftime("%d %b %Y %H:%M:%S"), "date": at.strftime("%d %b %Y"), "time": at.strftime("%H:%M:%S")}
    exact = at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03} UTC"
    return Markup('<time datetime="{}" title="{}" data-form="{}">{}</time>').format(stamp, exact, form, texts[form])


def icon(name: str) -> Markup:
    """A symbol of the sprite; words beside it say what it means."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def state(axis: str, value: str) -> Markup:
    """A state of one of the three axes."""
    kind, symbol, word = shown(axis, value)
    return Markup('<span class="st {}">{}{}</span>').format(kind, icon(symbol), word)


def _shell(ask: Ask) -> dict[str, Any]:
    """What stands around every page."""
    links = [(path, name) for path, name, roles in NAVIGATION if ask.user.role in roles]
    if ask.user.role not in STAFF:
        return {"links": links, "held": 0, "entries": None, "audit": None}
    with ask.context.database.read() as conn:
        waiting = select(transmission.c.id).where(transmission.c.state == "held").limit(_MOST_HELD)
        held = conn.execute(select(func.count()).select_from(waiting.subquery())).scalar_one()
        return {"links": links, "held": held, "entries": queries.log_size(conn), "audit": audits.newest(conn)}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.globals.update(
        ACTING=ACTING,
        ACTS=ACTS,
        STAFF=STAFF,
        TOKEN_FIELD=TOKEN_FIELD,
        asset=_asset,
        form_token=form_token,
        icon=icon,
        moment=moment,
        plural=plural,
        sentence=sentence,
        state=state,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["columns"] = lambda rows: list(dict.fromkeys(name for row in rows for name in row if row[name]))
    return environment


def _visible(value: Any) -> Any:
    return printable(value) if type(value) is str else value


@cache
def _asset(name: str) -> str:
    """The address of a file of ours, which changes with its content."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
