"""The table of transmissions: what it finds, page by page, and what it can't be made to do."""

from __future__ import annotations

import csv
import io
import re

import pytest

from edigw.gateway.desk import listing
from edigw.gateway.desk.queries import Filters

from ..gateway.house import sample
from .conftest import Desk

EVIL = b"<script>alert(1)</script>"


@pytest.fixture(scope="module")
def busy(desk: Desk) -> Desk:
    """What the demo's partners sent: three orders, a broken file, a despatch advice, and one full of markup."""
    house = desk.house
    house.send("nordwind", "orders_3.edi", sample("orders_3.edi"))
    house.send("nordwind", "orders_broken.edi", sample("orders_broken.edi"))
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    evil = sample("orders_text.edi").replace(b"NW-4714", EVIL).replace(b"NW0004714", b"=A1<b>")
    house.send("nordwind", "=<img src=x onerror=alert(1)>.edi", evil)
    return desk


def ids(text: str) -> list[str]:
    return re.findall(r'href="/transmissions/([0-9A-Z]{26})"', text)


def test_an_empty_gateway_teaches_the_first_step(desk: Desk) -> None:
    assert "Nothing has passed the gateway yet" in desk.of("berta").get("/transmissions").text
    assert "Nothing was exchanged yet" in desk.of("nora").get("/transmissions").text
    assert "Nothing fits" in desk.of("berta").get("/transmissions?state=rejected").text


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("direction=in&partner=prairie", {"856"}),
        ("type=850", {"850"}),
        ("validation=rejected", {"ORDERS"}),
        ("delivery=deposited&direction=in", {"856"}),
        ("delivery=queued&direction=out&kind=business", {"850"}),
        ("acknowledgement=wanted&direction=in", {"ORDERS", "856"}),
        ("reference=NW-4711&direction=in", {"ORDERS", "856"}),
        ("control=NW0004711", {"ORDERS"}),
        ("text=orders_3", {"ORDERS"}),
        ("text=NW0004711", {"ORDERS"}),
        ("kind=ack&partner=prairie", {"997"}),
        ("since=2020-01-01&until=2020-01-02", set()),
        ("test=yes", set()),
    ],
)
def test_filters_are_addresses(busy: Desk, query: str, types: set[str]) -> None:
    page = busy.of("berta").get(f"/transmissions?{query}")
    assert page.status_code == 200
    assert set(re.findall(r"<strong>(\w+)</strong></a>", page.text)) == types
    assert page.text.count('class="chip on"') == len(query.split("&"))


def test_pages_follow_a_cursor_in_both_directions(busy: Desk) -> None:
    everything = ids(busy.of("berta").get("/transmissions").text)
    assert len(everything) > 5 and everything == sorted(everything, reverse=True)
    with busy.house.context.database.read() as conn:
        seen, before = [], ""
        while True:
            some = listing.page(conn, Filters(before=before, limit=3))
            seen += [line.row.id for line in some.lines]
            if not some.older:
                break
            before = some.lines[-1].row.id
        back = listing.page(conn, Filters(after=before, limit=3))
    assert seen == everything
    assert [line.row.id for line in back.lines] == everything[everything.index(before) - 3 : everything.index(before)]


@pytest.mark.parametrize("query", ["since=yesterday", "before=1", "type=" + "x" * 81, "partner=%00"])
def test_what_cannot_be_asked_is_told(busy: Desk, query: str) -> None:
    assert busy.of("berta").get(f"/transmissions?{query}").status_code == 400


def test_nothing_that_a_partner_writes_becomes_markup(busy: Desk) -> None:
    for path in ("/transmissions", "/transmissions?text=%3Cimg+src%3Dx", "/transmissions?type=%3Cb%3E%22"):
        page = busy.of("berta").get(path).text
        assert "<img" not in page and "<script>" not in page and "<b>%22" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in busy.of("berta").get("/transmissions").text


def test_an_export_can_be_opened_in_a_spreadsheet_without_running_anything(busy: Desk) -> None:
    answer = busy.of("berta").get("/transmissions.csv?direction=in")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 4 and answer.headers["content-type"].startswith("text/csv")
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert "'=A1<b>" in {row["control"] for row in rows}
    told = busy.of("berta").get("/transmissions.json?direction=in").json()
    assert [row["id"] for row in told] == [row["id"] for row in rows]


def test_the_views_count_what_wants_attention(busy: Desk) -> None:
    page = busy.of("berta").get("/transmissions").text
    assert re.search(r'validation=rejected">Rejected <span>1</span>', page)
