"""The report on paper: the words of the page, whatever letters are in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edigw.log import bundle_pdf
from edigw.log.bundle import export
from edigw.log.bundle_pdf import pdf
from edigw.log.eventlog import EventLog

from .story import tell

DATE = datetime(2026, 1, 2, tzinfo=UTC)


def words(data: bytes) -> str:
    """The text of a PDF, each stretch of white space as one space."""
    return " ".join(" ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(data)).pages).split())


@pytest.fixture
def paper(log: EventLog, tmp_path: Path) -> Callable[..., bytes]:
    def writing(*names: str, subject: str = "") -> bytes:
        stories = [tell(log, name) for name in names]
        log.integrate()
        xids = [xid for story in stories for xid in (story.xid, story.child)]
        with zipfile.ZipFile(export(log, xids, tmp_path / "e.zip", subject=subject, created=DATE)) as archive:
            return archive.read("report.pdf")

    return writing


def test_the_paper_tells_what_the_page_tells(log: EventLog, paper: Callable[..., bytes]) -> None:
    text = words(paper("Заказ Жёлтый.edi", "für Ğüş Ωμέγα <b>.edi", subject="order PO4711"))
    for said in (
        "Evidence about order PO4711",
        "from 2026",
        "Заказ Жёлтый.edi",
        "für Ğüş Ωμέγα <b>.edi",
        "The gateway took in a file",
        "ORDERS D.96A PO4711",
        "2 of 4 exchanges are not closed",
        "1 / 3",
    ):
        assert said in text, said
    assert str(log.keys[0]) in text.replace(" ", "")
    assert text.index("What happened") < text.index("What proves it") < text.index("What is not proved")
    assert "U+" not in text


def test_what_the_font_lacks_is_said_by_number(paper: Callable[..., bytes]) -> None:
    text = words(paper("订单.edi", "عقد.edi"))
    assert "[U+8BA2][U+5355].edi" in text and "[U+0639][U+0642][U+062F].edi" in text
    assert "The font of this document lacks some characters" in text


def test_too_many_events_are_left_to_the_page(paper: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_pdf, "MOST_EVENTS", 2)
    text = words(paper("a.edi"))
    assert "3 more events are told in report.html." in text
    assert "The gateway took in a file" in text and "The recipient fetched the file" not in text


@settings(max_examples=8, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_laid_out_and_always_in_the_same_bytes(text: str) -> None:
    told = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag in ("h1", "h2", "p", "pre"))
    event = f'<ol><li class="bad"><time>now</time><div><strong>{escape(text)}</strong><ul><li>{escape(text)}</li></ul>'
    table = f"<table><tr><th>a</th><th>b</th></tr><tr><td>{escape(text)}</td><td>{escape(text)}</td></tr></table>"
    page = f"<html><title>{escape(text)}</title><body>{told}{event}</div></li></ol>{table}</body></html>"
    assert pdf(page, DATE) == pdf(page, DATE)
