"""Every page and act of the console, with who may ask for it."""

from __future__ import annotations

from edigw.console.asking import Page
from edigw.console.pages import (
    account,
    acts,
    content,
    evidence,
    held,
    life,
    logbook,
    overview,
    partners,
    thread,
    traffic,
)

PAGES: tuple[Page, ...] = (
    *account.PAGES,
    *overview.PAGES,
    *traffic.PAGES,
    *life.PAGES,
    *content.PAGES,
    *acts.PAGES,
    *thread.PAGES,
    *evidence.PAGES,
    *held.PAGES,
    *partners.PAGES,
    *logbook.PAGES,
)
