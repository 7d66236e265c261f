"""The first page, the partners and the log: figures, keys, and an audit that is started from a page."""

from __future__ import annotations

import re
import time

import pytest

from edigw.console.words import AXES
from edigw.gateway.desk import audits

from ..gateway.house import sample
from .conftest import Desk


@pytest.fixture(scope="module")
def busy(desk: Desk) -> Desk:
    house = desk.house
    house.send("nordwind", "orders_3.edi", sample("orders_3.edi"))
    house.send("nordwind", "orders_broken.edi", sample("orders_broken.edi"))
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    return desk


def test_an_empty_gateway_says_that_nothing_waits(desk: Desk) -> None:
    page = desk.of("berta").get("/").text
    assert "Nothing waits." in page and "nothing delivered" in page


def test_the_first_page_says_what_waits_and_who_has_the_ball(busy: Desk) -> None:
    page = busy.of("berta").get("/").text
    assert "A file was rejected." in page and "its sender, who was told what is wrong" in page
    assert re.search(r'<span class="fig">[0-9]+</span>', page)
    rows = re.findall(r'<tr><td>\d\d:\d\d</td><td class="num">(\d+)</td><td class="num">(\d+)</td></tr>', page)
    assert len(rows) == 24 and sum(int(wrong) for _, wrong in rows) == 1
    assert "to deliver" in page


def test_partners_people_are_led_to_their_own_traffic(busy: Desk) -> None:
    assert busy.of("nora").get("/", follow_redirects=False).headers["location"] == "/transmissions"


def test_a_partners_page_shows_its_keys_and_settings_without_secrets(busy: Desk) -> None:
    busy.house.edit(
        "nordwind", "[login]", '[login]\npassword_hash = "$argon2id$v=19$m=65536,t=3,p=4$YWJjZGVmZ2g$c2VjcmV0"'
    )
    listed = busy.of("berta").get("/partners").text
    assert 'href="/partners/nordwind"' in listed and 'href="/partners/prairie"' in listed
    page = busy.of("berta").get("/partners/nordwind").text
    assert re.search(r"SHA256:[A-Za-z0-9+/]{43}", page) and "<code>login.user</code>" in page
    assert "c2VjcmV0" not in page and "***" in page
    assert busy.of("berta").get("/partners/nobody").status_code == 404


def test_an_audit_that_is_started_from_the_page_ends_with_a_result(busy: Desk) -> None:
    while busy.house.context.log.integrate():
        pass
    browser = busy.of("berta")
    assert "Nobody has verified the log" in browser.get("/log").text
    answer = browser.post("/log/verify", data={"form_token": busy.token("berta")})
    assert answer.status_code == 200
    assert ended(busy).verified
    page = browser.get("/log").text
    assert "The last audit found no difference" in page and "started by admin:berta" in page
    assert "Log intact at last audit" in browser.get("/transmissions").text
    assert [e["actor"] for e in busy.told() if "audit ended" in str(e["detail"])] == ["gateway"]


def test_an_audit_names_what_somebody_has_changed(busy: Desk) -> None:
    with busy.house.context.database.write() as conn:
        conn.exec_driver_sql("UPDATE transmission SET state = 'accepted' WHERE name = 'orders_broken.edi'")
    busy.of("anna").post("/log/verify", data={"form_token": busy.token("anna")})
    run = ended(busy)
    assert run.problems and not run.verified
    page = busy.of("anna").get("/log").text
    assert "The log does not verify" in page and "its state is &#39;accepted&#39;" in page


def test_the_events_of_the_log_are_paged(busy: Desk) -> None:
    page = busy.of("berta").get("/log?end=3").text
    assert "#2<" in page and "#3<" not in page and 'rel="prev"' in page
    assert busy.of("berta").get("/log?end=x").status_code == 400


def ended(desk: Desk) -> audits.Run:
    """The audit that was started last, once it has ended."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with desk.house.context.database.read() as conn:
            run = audits.newest(conn)
        if run is not None and run.ended_at:
            return run
        time.sleep(0.05)
    raise AssertionError("the audit does not end")


def test_every_page_works_on_both_databases(fresh_desk: Desk) -> None:
    house, browser = fresh_desk.house, fresh_desk.of("otto")
    id = house.send("nordwind", "orders_3.edi", sample("orders_3.edi"))["id"]
    house.send("nordwind", "lost.edi", sample("orders_text.edi").replace(b"0799999000107:14", b"0799999000206:14", 1))
    filters = ("type=850", "reference=NW-4711", "control=NW0004711", "text=NW0004711", "test=no", "since=2026-01-01")
    states = [f"{axis}={state}" for axis, words in AXES.items() for state in words]
    queries = [*filters, *states, *(f"state={state}&direction=in" for state in ("held", "rejected", "sent", "overdue"))]
    paths = [f"/transmissions?{query}" for query in queries]
    paths += ["/", "/held", "/threads?order=NW-4711", "/partners", "/partners/prairie", "/log", "/transmissions.csv"]
    for path in (*paths, f"/transmissions/{id}", f"/transmissions/{id}/content", f"/acts?act=hold&id={id}"):
        assert browser.get(path).status_code == 200, path
    assert 'class="tx' not in browser.get("/transmissions?state=overdue").text
    assert "lost.edi" in browser.get("/transmissions?state=held").text
