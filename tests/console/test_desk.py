"""What people see of a transmission and of an order, and what they do with it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from edigw.log.verify import verify_bundle
from edigw.store.schema import transmission

from ..gateway.house import sample
from .conftest import Desk

EVIL = b"<script>alert(1)</script>"


@pytest.fixture(scope="module")
def busy(desk: Desk) -> Desk:
    house = desk.house
    house.send("nordwind", "orders_3.edi", sample("orders_3.edi"))
    house.send("nordwind", "orders_broken.edi", sample("orders_broken.edi"))
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    evil = sample("orders_text.edi").replace(b"NW-4714", EVIL).replace(b"NW0004714", b"<b>A1</b>")
    house.send("nordwind", "<img src=x onerror=alert(1)>.edi", evil)
    house.send("nordwind", "lost.edi", sample("orders_text.edi").replace(b"0799999000107:14", b"0799999000206:14", 1))
    house.send("nordwind", "no.edi", b"\x00\x1b[31m<script>no EDI\xff")
    return desk


def ids(desk: Desk, **columns: str) -> list[str]:
    with desk.house.context.database.read() as conn:
        wanted = [getattr(transmission.c, name) == value for name, value in columns.items()]
        return list(conn.execute(select(transmission.c.id).where(*wanted).order_by(transmission.c.id)).scalars())


def test_a_rejected_file_says_what_is_wrong_where_and_what_to_do(busy: Desk) -> None:
    (id,) = ids(busy, name="orders_broken.edi")
    page = busy.of("berta").get(f"/transmissions/{id}").text
    assert "12 pcs is no number" in page and "segment 26, SG25/QTY, element 1, component 2" in page
    assert "To do: Write digits only" in page
    content = busy.of("berta").get(f"/transmissions/{id}/content").text
    assert '<li id="s26" data-seg="QTY, segment 26" class="has">' in content
    assert '<span class="el err" data-n="1.2  6060 quantity">12 pcs</span>' in content


def test_content_is_shown_with_names_as_tree_as_document_and_beside_what_it_became(busy: Desk) -> None:
    (id,) = ids(busy, name="orders_3.edi")
    page = busy.of("berta").get(f"/transmissions/{id}/content?message=2").text
    assert "message 2 of 3" in page and 'data-n="1.1  3035 ' not in page
    assert re.search(r'<span class="el code" data-n="1  3035 party qualifier: Buyer">BY</span>', page)
    assert 'class="opened">SG25' in page
    assert "NW-4712" in page[page.index('id="document"') :]
    assert "<li><b>BEG</b>*00*SA*NW-4712" in page[page.index('id="translation"') :]


def test_every_look_at_content_is_an_event_with_the_name(busy: Desk) -> None:
    (id,) = ids(busy, name="orders_broken.edi")
    before = len(busy.told())
    assert busy.of("berta").get(f"/transmissions/{id}").status_code == 200
    assert len(busy.told()) == before
    answer = busy.of("berta").get(f"/transmissions/{id}/bytes")
    assert answer.content == sample("orders_broken.edi")
    assert answer.headers["content-disposition"] == 'attachment; filename="orders_broken.edi"'
    *_, told = busy.told()
    assert (told["actor"], told["transmission"]) == ("admin:berta", id)
    assert told["detail"]["action"] == "look at content"  # type: ignore[index]
    assert re.search("[0-9]+ looks? at the content", busy.of("otto").get(f"/transmissions/{id}").text)


def test_nothing_in_a_file_becomes_markup_on_any_page(busy: Desk) -> None:
    browser = busy.of("anna")
    paths = ["/transmissions", "/held", f"/threads?order={EVIL.decode()}", "/threads?order=<b>none</b>"]
    for id in ids(busy):
        paths += [f"/transmissions/{id}", f"/transmissions/{id}/content", f"/acts?act=resend&id={id}"]
    seen = ""
    for path in paths:
        page = browser.get(path).text
        seen += page
        assert "<script>" not in page and "<img" not in page and "<b>A1" not in page and "\x1b" not in page, path
    assert seen.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 5


def test_what_is_no_edi_can_still_be_looked_at_and_taken_away(busy: Desk) -> None:
    (id,) = ids(busy, name="no.edi")
    assert "No message can be read" in busy.of("berta").get(f"/transmissions/{id}/content").text
    assert busy.of("berta").get(f"/transmissions/{id}/bytes").content.startswith(b"\x00\x1b")


def test_an_act_is_previewed_then_done_with_a_reason_under_the_persons_name(busy: Desk) -> None:
    (id, *_) = ids(busy, direction="out", kind="business", state="queued")
    browser = busy.of("otto")
    assert "Hold 1 transmission" in browser.get(f"/acts?act=hold&id={id}").text
    form = {"form_token": busy.token("otto"), "act": "hold", "id": id}
    assert browser.post("/acts", data={**form, "why": " "}).status_code == 422
    assert ids(busy, id=id, state="queued") == [id]
    done = browser.post("/acts", data={**form, "why": "wrong <b>price</b> list"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"/transmissions/{id}")
    *_, told = busy.told()
    assert (told["actor"], told["detail"]["why"]) == ("admin:otto", "wrong <b>price</b> list")  # type: ignore[index]
    page = browser.get(f"/transmissions/{id}").text
    assert "otto: hold, because: wrong &lt;b&gt;price&lt;/b&gt; list" in page
    assert "Held by admin" in browser.get("/held").text
    form |= {"act": "release", "why": "checked"}
    assert browser.post("/acts", data=form, follow_redirects=False).status_code == 303
    assert ids(busy, id=id, state="queued") == [id]


def test_one_act_on_many_tells_what_became_of_each(busy: Desk) -> None:
    queued, orders = ids(busy, direction="out", kind="business", state="queued"), ids(busy, name="orders_3.edi")
    browser, form = busy.of("otto"), {"form_token": busy.token("otto"), "act": "hold", "why": "all of them"}
    preview = browser.get(f"/acts?act=hold&id={'&id='.join(queued + orders)}").text
    assert f"Hold {len(queued)} transmissions" in preview and "Left as they are" in preview
    page = browser.post("/acts", data={**form, "id": queued + orders}).text
    assert f"done to {len(queued)} of {len(queued) + 1}" in page and "inbound transmission that is accepted" in page
    assert browser.post("/acts", data={**form, "act": "release", "id": queued}).status_code == 200


@pytest.mark.parametrize(("act", "id"), [("cook", "0" * 26), ("hold", "1"), ("hold", "")])
def test_an_act_that_cannot_be_is_refused(busy: Desk, act: str, id: str) -> None:
    form = {"form_token": busy.token("otto"), "act": act, "id": id, "why": "x"}
    assert busy.of("otto").post("/acts", data=form).status_code == 400
    assert busy.of("otto").get(f"/acts?act={act}&id={id}").status_code == 400


def test_a_reissue_leads_to_what_was_sent_anew(busy: Desk) -> None:
    (id, *_) = ids(busy, direction="out", partner="nordwind", kind="business")
    form = {"form_token": busy.token("anna"), "act": "reissue", "id": id, "why": "they take no number twice"}
    done = busy.of("anna").post("/acts", data=form, follow_redirects=False)
    new = done.headers["location"].rpartition("/")[2]
    assert done.status_code == 303 and new != id and ids(busy, id=new) == [new]


def test_what_is_held_for_a_set_up_is_freed_from_the_queue(busy: Desk) -> None:
    (id,) = ids(busy, name="lost.edi")
    page = busy.of("otto").get("/held").text
    assert "Unknown receiver" in page and f"/acts?act=reprocess&amp;id={id}" in page
    assert "Add the receiver&#39;s identifier" in page
    busy.house.edit("prairie", 'edifact = [{ id = "0799999000107"', 'edifact = [{ id = "0799999000206"')
    form = {"form_token": busy.token("otto"), "code": "unknown_receiver", "why": "set up now"}
    assert busy.of("otto").post("/held/reprocess", data={**form, "why": ""}).status_code == 422
    assert busy.of("otto").post("/held/reprocess", data={**form, "code": "loss"}).status_code == 400
    assert busy.of("otto").post("/held/reprocess", data=form).status_code == 200
    busy.house.work()
    assert busy.house.state(id) == "accepted"
    busy.house.edit("prairie", 'edifact = [{ id = "0799999000206"', 'edifact = [{ id = "0799999000107"')
    assert "Unknown receiver" not in busy.of("otto").get("/held").text


def test_the_thread_of_an_order_shows_both_sides_and_exports_its_evidence(busy: Desk, tmp_path: Path) -> None:
    browser = busy.of("berta")
    page = browser.get("/threads?order=NW-4711").text
    for kind in ("ORDERS", "850", "DESADV", "856"):
        assert re.search(rf'<a href="/transmissions/\w+">{kind}</a>', page), kind
    assert page.count('<ol class="swim">') == 1 and "307999990047110013" in page
    answer = browser.post("/evidence", data={"form_token": busy.token("berta"), "order": "NW-4711"})
    assert answer.headers["content-disposition"] == 'attachment; filename="evidence-NW-4711.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert "verify.py" in bundle.namelist()
    (tmp_path / "evidence.zip").write_bytes(answer.content)
    public = busy.house.context.config.log.key_file.with_suffix(".vkey")
    assert verify_bundle(tmp_path / "evidence.zip", [public.read_text().strip()]).ok
    assert busy.told("evidence.exported")[-1]["actor"] == "admin:berta"
    wrong = browser.post("/evidence", data={"form_token": busy.token("berta"), "order": "none"})
    assert wrong.status_code == 404
    assert browser.get("/threads?order=none").status_code == 404


def test_the_log_still_verifies_after_all_that(busy: Desk) -> None:
    assert busy.house.problems() == []
