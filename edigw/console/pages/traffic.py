"""The table of transmissions: filters are links, pages follow a cursor, and what fits can be had as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import Response as Answer

from edigw.console.asking import EVERYBODY, Ask, Page, Refused
from edigw.console.render import render
from edigw.console.words import AXES, shown
from edigw.gateway.desk import listing
from edigw.gateway.desk.queries import Filters
from edigw.store.ids import is_id

if TYPE_CHECKING:
    from starlette.responses import Response

ROWS = 50
EXPORTED = 5000  # lines of an export
_TEXTS = (
    "type",
    "state",
    "since",
    "until",
    "control",
    "reference",
    "text",
    "validation",
    "delivery",
    "acknowledgement",
)
_NAMES = {"since": "from", "text": "with"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?")
_LONGEST = 80
_FORMULA = re.compile(r"^\s*[=+\-@\t\r]")
_VIEWS = {"all": {}, **{word: listing.query_of(filters) for word, filters in listing.ATTENTION.items()}}


def filters_of(ask: Ask) -> Filters:
    """What an address asks for, and this person may see. Raises Refused for what can't be asked."""
    query: dict[str, Any] = {
        name: ask.query.get(name, "").strip() for name in (*_TEXTS, "partner", "direction", "kind", "before", "after")
    }
    for name, value in query.items():
        if len(value) > _LONGEST or "\0" in value:
            raise Refused(HTTPStatus.BAD_REQUEST, f"Nothing can be found by such a {name}", "Shorten it.")
    for name in ("since", "until"):
        if query[name] and not _DAY.fullmatch(query[name]):
            raise Refused(HTTPStatus.BAD_REQUEST, f"{query[name]} is no day", "Write it as 2026-10-01.")
    for name in ("before", "after"):
        if query[name] and not is_id(query[name]):
            raise Refused(HTTPStatus.BAD_REQUEST, "There is no such page", "Begin with the first one.")
    test = {"yes": True, "no": False}.get(ask.query.get("test", ""))
    return Filters(**{**query, "partner": ask.only or query["partner"]}, test=test, limit=ROWS)


def _show(ask: Ask) -> Response:
    filters = filters_of(ask)
    with ask.context.database.read() as conn:
        found = listing.page(conn, filters)
        counts = listing.counts(conn, ask.only)
    chosen = {k: v for k, v in ask.query.items() if v and k not in ("before", "after")}
    return render(
        ask,
        "transmissions.html",
        here="/transmissions",
        listing=found,
        filters=asdict(filters) | {"test": ask.query.get("test", "")},
        views=list(_views(chosen, counts)),
        here_view=bool(chosen),
        chips=[
            {"name": _NAMES.get(k, k), "value": _worded(k, v), "link": ask.link(**{k: ""})}
            for k, v in chosen.items()
            if k in (*_TEXTS, "partner", "direction", "kind", "test") and not (k == "partner" and ask.only)
        ],
        partners=list(ask.context.config.partners),
        selects=_SELECTS,
        export=lambda form: f"/transmissions.{form}?{urlencode(chosen)}",
    )


def _views(chosen: Mapping[str, str], counts: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for word, query in _VIEWS.items():
        count = counts.get(word)
        link = f"/transmissions?{urlencode(query)}" if query else "/transmissions"
        many = None if count is None else f"{count}+" if count == listing.COUNTED else str(count)
        yield {"word": word.capitalize(), "link": link, "on": dict(chosen) == query, "count": many}


def _worded(name: str, value: str) -> str:
    return shown(name, value).word if name in AXES else value.replace("_", " ")


_SELECTS = (
    ("direction", "Direction", (("in", "from partners"), ("out", "to partners"))),
    ("kind", "Kind", (("business", "business documents"), ("ack", "acknowledgements"))),
    *(
        (axis, axis.capitalize(), tuple((value, told.word) for value, told in words.items() if value != "none"))
        for axis, words in AXES.items()
    ),
    ("test", "Test", (("no", "production only"), ("yes", "tests only"))),
)


def _lines(ask: Ask) -> list[dict[str, Any]]:
    """What fits the filters, as plain rows."""
    with ask.context.database.read() as conn:
        found = listing.page(conn, replace(filters_of(ask), limit=EXPORTED))
    return [
        {
            "id": line.row.id,
            "time": line.row.created_at,
            "direction": line.row.direction,
            "partner": line.row.partner,
            "file": line.row.name,
            "size": line.row.size,
            "sha256": line.row.sha256,
            "control": line.control,
            "test": line.test,
            "messages": line.messages,
            "types": ", ".join(f"{type} {version}".strip() for type, version in line.types),
            "documents": ", ".join(number for number, _ in line.documents if number),
            "orders": ", ".join(dict.fromkeys(order for _, order in line.documents if order)),
            **line.axes,
        }
        for line in found.lines
    ]


def _csv(ask: Ask) -> Response:
    """A value that a spreadsheet would run as a formula gets an apostrophe before it."""
    rows = _lines(ask)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["id"])
    writer.writeheader()
    for row in rows:
        writer.writerow({k: f"'{v}" if isinstance(v, str) and _FORMULA.match(v) else v for k, v in row.items()})
    return _file(text.getvalue().encode(), "text/csv; charset=utf-8", "transmissions.csv")


def _json(ask: Ask) -> Response:
    return _file(json.dumps(_lines(ask), ensure_ascii=False).encode(), "application/json", "transmissions.json")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Answer(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


PAGES = (
    Page("/transmissions", _show, EVERYBODY),
    Page("/transmissions.csv", _csv, EVERYBODY),
    Page("/transmissions.json", _json, EVERYBODY),
)
