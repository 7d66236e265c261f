"""The report as a page: the story, what proves it, what does not; and nothing that a partner wrote can act in it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edigw.log.bundle import export
from edigw.log.eventlog import EventLog

from .story import Story, tell

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e.edi'


class Seen(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def report(log: EventLog, tmp_path: Path) -> Callable[..., Seen]:
    def reporting(story: Story, **options: dict[str, str] | str) -> Seen:
        log.integrate()
        path = export(log, [story.xid, story.child], tmp_path / "e.zip", **options)  # type: ignore[arg-type]
        with zipfile.ZipFile(path) as archive:
            return Seen(archive.read("report.html").decode())

    return reporting


def test_the_page_tells_the_story_its_proof_and_its_limits(log: EventLog, report: Callable[..., Seen]) -> None:
    tell(log, "before.edi")
    log.integrate()
    story = tell(log)
    page = report(story, subject="order PO4711")
    for said in (
        "Evidence about order PO4711",
        "The gateway took in a file",
        "The recipient fetched the file",
        "ORDERS D.96A PO4711",
        story.sha256,
        "An earlier signed state, of 5 entries",
        "without a signature of the sender",
        "1 of 2 exchanges are not closed",
        str(log.keys[0]),
    ):
        assert said in page.text, said
    assert page.text.index("What happened") < page.text.index("What proves it") < page.text.index("What is not proved")


def test_what_a_partner_wrote_stays_text(log: EventLog, report: Callable[..., Seen]) -> None:
    page = report(tell(log, HOSTILE), subject="<b>order</b>")
    assert not {"script", "img", "b", "a", "link", "iframe", "form"} & set(page.tags)
    assert not any(name.startswith("on") or name in ("src", "href", "style") for name in page.attributes)
    assert "<script>alert(1)</script>" in page.text and "\u202e" not in page.text


def test_what_is_withheld_is_said(log: EventLog, report: Callable[..., Seen]) -> None:
    page = report(tell(log), withhold={"payload.original": "personal data", "detail": "not yours"})
    assert "Objects that are withheld: 6 (not yours, personal data)" in page.text
