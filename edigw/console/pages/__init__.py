"""Every page and act of the console, with who may ask for it."""

from __future__ import annotations

from edigw.console.asking import Page
from edigw.console.pages import account, traffic

PAGES: tuple[Page, ...] = (*account.PAGES, *traffic.PAGES)
