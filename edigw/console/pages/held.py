"""The hold queue: why each item waits, and the one act that frees it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from edigw.console.asking import ACTING, STAFF, Ask, Page, Refused
from edigw.console.render import render
from edigw.gateway.desk import held
from edigw.gateway.outgoing import stops

if TYPE_CHECKING:
    from starlette.responses import Response

MOST = 200
_LONGEST = 500
_ADVICE: Mapping[str, str] = {
    "unknown_sender": "Add the sender's identifier to a partner's file, then reprocess.",
    "unknown_receiver": "Add the receiver's identifier to a partner's file, or a route, then reprocess.",
    "unknown_type": "Set up a binding or a route for this message type, then reprocess.",
    "type_not_agreed": "Agree on the type in the partner's file, then reprocess.",
    "no_agreement": "Add [[receives]] to the receiver's file, then reprocess.",
    "no_identifier": "Add an identifier of that standard to the partner's file, then reprocess.",
    "no_binding": "Agree on a form that a binding writes, or add one, then reprocess.",
    "no_test_box": "Say in the receiver's file where it gets tests, then reprocess.",
    "partner_inactive": "Set the partner active, then reprocess.",
    "loss": "Release it to let it go with exactly these losses, or change the mapping and reprocess.",
    "held_by_admin": "Release it when the reason is gone.",
    stops.STOPPED: "Put the partner's server or the keys right, then let its deliveries go on.",
}


def _show(ask: Ask) -> Response:
    with ask.context.database.read() as conn:
        waiting = held.waiting(conn, MOST)
        reasons = held.reasons(conn)
        stopped = stops.listed(conn)
    groups: dict[str, list[held.Waiting]] = {}
    for each in waiting:
        groups.setdefault(each.reasons[0][0], []).append(each)
    return render(
        ask,
        "held.html",
        here="/held",
        groups=[(code, _group(code, items, reasons)) for code, items in sorted(groups.items())],
        stopped=stopped,
        full=len(waiting) == MOST,
    )


def _group(code: str, items: list[held.Waiting], reasons: Mapping[str, int]) -> dict[str, Any]:
    setup = code in held.SETUP
    return {
        "items": items,
        "advice": _ADVICE.get(code, "Look at it, then release or reprocess it."),
        "act": "reprocess" if setup else "release",
        "all": reasons.get(code, 0) if setup else 0,
    }


def _reprocess(ask: Ask) -> Response:
    """Everything that waits for a reason, as `edigw reprocess --held-for` does it."""
    code, why = ask.field("code"), _reason(ask)
    if code not in held.SETUP:
        raise Refused(HTTPStatus.BAD_REQUEST, "What is held for that can only be freed one by one")
    held.reprocess(ask.context.log, code, "", ask.user.actor, why)
    ask.context.wake.all()
    return RedirectResponse("/held", HTTPStatus.SEE_OTHER)


def _resume(ask: Ask) -> Response:
    partner, why = ask.field("partner"), _reason(ask)
    if stops.resume(ask.context.log, partner, ask.user.actor, why) is None:
        raise Refused(HTTPStatus.CONFLICT, "Its deliveries are not stopped any more")
    ask.context.wake.all()
    return RedirectResponse("/held", HTTPStatus.SEE_OTHER)


def _reason(ask: Ask) -> str:
    why = ask.field("why")
    if not why or len(why) > _LONGEST:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "A reason is needed", "It stands in the log with your name.")
    return why


PAGES = (
    Page("/held", _show, STAFF),
    Page("/held/reprocess", _reprocess, ACTING, "POST"),
    Page("/held/resume", _resume, ACTING, "POST"),
)
