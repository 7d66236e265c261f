"""The partners: what is configured, what changed when, their keys, their last traffic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edigw.console.asking import STAFF, Ask, Page, not_found
from edigw.console.render import render
from edigw.gateway.desk import overview
from edigw.gateway.desk.partner_facts import flat, settings, summary
from edigw.gateway.outgoing import stops
from edigw.gateway.upkeep import configuration
from edigw.partners.signing import dated_keys
from edigw.store.clock import utc_now
from edigw.transport.keys import fingerprint

if TYPE_CHECKING:
    from starlette.responses import Response

    from edigw.partners.tables.partner import Partner


def _all(ask: Ask) -> Response:
    partners = ask.context.config.partners
    with ask.context.database.read() as conn:
        heard = overview.heard(conn, list(partners), utc_now())
        stopped = {each["partner"] for each in stops.listed(conn)}
    told = [(summary(each), heard[code], code in stopped) for code, each in partners.items()]
    return render(ask, "partners.html", here="/partners", partners=told)


def _one(ask: Ask) -> Response:
    context, code = ask.context, ask.values["code"]
    partner = context.config.partners.get(code)
    if partner is None:
        raise not_found("partner")
    with context.database.read() as conn:
        heard = overview.heard(conn, [code], utc_now())[code]
        stopped = [each for each in stops.listed(conn) if each["partner"] == code]
        versions = configuration.history(conn, context.payloads, context.log.origin)
    file = f"partners/{code}.toml"
    changes = [(each, change) for each in versions for change in each.changes if change.name == file]
    return render(
        ask,
        "partner.html",
        here="/partners",
        told=summary(partner),
        settings=flat(settings(partner)),
        heard=heard,
        stopped=stopped,
        keys=list(_keys(partner)),
        changes=changes[:50],
        current=context.config.digest,
    )


def _keys(partner: Partner) -> Iterator[dict[str, str]]:
    """Every key that counts for the partner: its place in the file, fingerprint, comment, and its days."""
    for place, key in dated_keys(partner):
        days = {"since": str(key.valid_from or ""), "until": str(key.valid_until or "")}
        yield {"place": place, "fingerprint": fingerprint(key.key), "comment": _comment(key.key), **days}


def _comment(line: str) -> str:
    return line.partition(" ")[2].partition(" ")[2]


PAGES = (Page("/partners", _all, STAFF), Page("/partners/{code}", _one, STAFF))
