"""Evidence to take away: the bundle of an order or of one transmission, as `edigw evidence export` writes it."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from edigw.console.asking import STAFF, Ask, Page, Refused
from edigw.gateway.desk import evidence

if TYPE_CHECKING:
    from starlette.responses import Response

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def _export(ask: Ask) -> Response:
    order, partner, transmission = (ask.field(name) for name in ("order", "partner", "transmission"))
    if bool(order) == bool(transmission):
        raise Refused(HTTPStatus.BAD_REQUEST, "Evidence is about an order or about one transmission")
    with tempfile.NamedTemporaryFile(prefix="edigw-evidence-", suffix=".zip", delete=False) as file:
        path = Path(file.name)
    with ExitStack() as unless_sent:
        unless_sent.callback(path.unlink)
        try:
            evidence.export(
                ask.context.log, path, ask.user.actor, order=order, partner=partner, transmission=transmission
            )
        except evidence.NothingKnown as error:
            raise Refused(HTTPStatus.NOT_FOUND, str(error)) from error
        unless_sent.pop_all()
    name = f"evidence-{_UNSAFE.sub('_', order or transmission)[:80]}.zip"
    return FileResponse(path, media_type="application/zip", filename=name, background=BackgroundTask(path.unlink))


PAGES = (Page("/evidence", _export, STAFF, "POST"),)
