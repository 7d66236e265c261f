"""Acts on one transmission or many: first what would be done to which, then, with a reason, the act."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from sqlalchemy import select
from starlette.responses import RedirectResponse

from edigw.console.asking import ACTING, Ask, Page, Refused
from edigw.console.render import render
from edigw.console.words import ACTS, FITTING
from edigw.gateway.desk import operate, reissue
from edigw.gateway.desk.listing import lines_of
from edigw.store.ids import is_id
from edigw.store.schema import transmission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

MOST = 200
_LONGEST = 500  # characters of a reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act on one transmission: the id of what came of it, or why it was refused."""

    id: str
    became: str = ""
    refused: str = ""


def _preview(ask: Ask) -> Response:
    return _form(ask, ask.query.get("act", ""), ask.queries.get("id", ()))


def _form(ask: Ask, act: str, ids: Sequence[str], problem: str = "") -> Response:
    """What the act would do to each, and the reason to be given."""
    _check(act, ids)
    with ask.context.database.read() as conn:
        known = conn.execute(select(transmission.c.id).where(transmission.c.id.in_(ids))).scalars().all()
        lines = list(lines_of(conn, known))
    fits = [line for line in lines if (line.row.direction, line.row.state) in FITTING[act]]
    others = [line for line in lines if line not in fits]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(
        ask, "act.html", here="/transmissions", act=act, fits=fits, others=others, problem=problem, status=status
    )


def _act(ask: Ask) -> Response:
    act, ids, why = ask.field("act"), ask.form.get("id", []), ask.field("why")
    _check(act, ids)
    if not why or len(why) > _LONGEST:
        return _form(
            ask, act, ids, f"Give a reason of up to {_LONGEST} characters; it stands in the log with your name."
        )
    outcomes = [_do(ask, act, id, why) for id in dict.fromkeys(ids)]
    ask.context.wake.all()
    if len(outcomes) == 1 and not outcomes[0].refused:
        return RedirectResponse(f"/transmissions/{outcomes[0].became}", HTTPStatus.SEE_OTHER)
    done = sum(not each.refused for each in outcomes)
    status = HTTPStatus.OK if done else HTTPStatus.CONFLICT
    return render(ask, "acted.html", here="/transmissions", act=act, outcomes=outcomes, done=done, status=status)


def _do(ask: Ask, act: str, id: str, why: str) -> Outcome:
    context, actor = ask.context, ask.user.actor
    acts = {"resend": operate.resend, "hold": operate.hold, "release": operate.release, "reprocess": operate.reprocess}
    try:
        if act == "reissue":
            return Outcome(id, reissue.reissue(context, id, actor, why))
        return Outcome(id, acts[act](context.log, id, actor, why))
    except (operate.Refusal, LookupError) as refusal:
        return Outcome(id, refused=str(refusal))


def _check(act: str, ids: Sequence[str]) -> None:
    if act not in ACTS:
        raise Refused(HTTPStatus.BAD_REQUEST, "There is no such act")
    if not ids or not all(map(is_id, ids)):
        raise Refused(
            HTTPStatus.BAD_REQUEST, "No transmission was selected", "Go back, and tick the ones that you mean."
        )
    if len(ids) > MOST:
        raise Refused(HTTPStatus.BAD_REQUEST, f"At most {MOST} transmissions at once")


PAGES = (Page("/acts", _preview, ACTING), Page("/acts", _act, ACTING, "POST"))
