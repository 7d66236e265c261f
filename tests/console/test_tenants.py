"""Every page and act, asked for by nobody, by the wrong partner, and by people without the right."""

from __future__ import annotations

import re

import pytest

from edigw.console.asking import ACTING, STAFF
from edigw.console.pages import PAGES
from edigw.store.schema import transmission

from ..gateway.house import sample
from .conftest import USERS, Desk


@pytest.fixture(scope="module")
def busy(desk: Desk) -> Desk:
    """Traffic of both partners with each other, and of one with an unknown receiver."""
    house = desk.house
    house.send("nordwind", "orders_3.edi", sample("orders_3.edi"))
    house.send("nordwind", "orders_broken.edi", sample("orders_broken.edi"))
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    house.send("nordwind", "lost.edi", sample("orders_text.edi").replace(b"0799999000107:14", b"0799999000206:14", 1))
    return desk


def traffic(desk: Desk) -> dict[str, str]:
    """The partner of every transmission, by its id."""
    with desk.house.context.database.read() as conn:
        return {row.id: row.partner for row in conn.execute(transmission.select())}


def addresses(desk: Desk) -> list[tuple[str, str, frozenset[str]]]:
    """Method, address and roles of every page, for every transmission where it is about one."""
    found = []
    for page in PAGES:
        ids = traffic(desk) if "{id}" in page.path else [""]
        codes = ("nordwind", "prairie") if "{code}" in page.path else ("",)
        found += [
            (page.method, page.path.replace("{id}", id).replace("{code}", code), page.roles)
            for id in ids
            for code in codes
        ]
    return found


def test_nobody_gets_anything_but_the_login(busy: Desk) -> None:
    browser = busy.nobody()
    for method, path, _ in addresses(busy):
        answer = browser.request(method, path, follow_redirects=False)
        assert answer.status_code == (303 if method == "GET" else 401), path
        assert not re.search(r"nordwind|prairie|NW-4711", answer.text), path


def test_a_page_that_is_not_for_a_role_is_not_there_for_it(busy: Desk) -> None:
    for name, (role, _) in USERS.items():
        token = busy.token(name)
        for method, path, roles in addresses(busy):
            if role not in roles:
                data = {"form_token": token} if method == "POST" else None
                answer = busy.of(name).request(method, path, data=data, follow_redirects=False)
                assert answer.status_code == 404, (name, path)


def test_only_those_who_may_act_have_acts() -> None:
    for page in PAGES:
        if page.method == "POST" and not page.path.startswith(("/account", "/logout", "/evidence", "/log/verify")):
            assert page.roles == ACTING, page.path
        assert page.roles in (ACTING, STAFF, STAFF | {"partner"}), page.path


def test_a_partner_sees_its_own_transmissions_and_no_other(busy: Desk) -> None:
    for name, own in (("nora", "nordwind"), ("pete", "prairie")):
        for id, partner in traffic(busy).items():
            for suffix in ("", "/content", "/bytes"):
                answer = busy.of(name).get(f"/transmissions/{id}{suffix}")
                assert answer.status_code == (200 if partner == own else 404), (name, partner, suffix)


def test_no_page_of_a_partner_names_what_is_not_its_own(busy: Desk) -> None:
    others = {id for id, partner in traffic(busy).items() if partner == "prairie"}
    queries = ("", "?partner=prairie", "?text=850", "?delivery=queued", "?kind=ack", "?reference=NW-4711")
    paths = [f"/transmissions{ending}{q}" for ending in ("", ".csv", ".json") for q in queries]
    paths += ["/threads?order=NW-4711", *(f"/transmissions/{id}" for id, p in traffic(busy).items() if p == "nordwind")]
    for path in paths:
        answer = busy.of("nora").get(path)
        assert answer.status_code == 200
        assert not any(id in answer.text for id in others), path
        for secret in ("850_00000", "997_00000", "asn.x12", "127.0.0.1:9", "admin:"):
            assert secret not in answer.text, (path, secret)


def test_a_partner_does_not_read_what_admins_write_about_its_files(busy: Desk) -> None:
    lost = next(id for id in traffic(busy) if "lost.edi" in busy.of("berta").get(f"/transmissions/{id}").text)
    page = busy.of("nora").get(f"/transmissions/{lost}").text
    assert "lost.edi" in page and "unknown_receiver" not in page and "routes" not in page
    assert "Held: unknown receiver" in busy.of("berta").get(f"/transmissions/{lost}").text


def test_the_look_of_a_partners_person_is_an_event_with_both_names(busy: Desk) -> None:
    own = next(id for id, partner in traffic(busy).items() if partner == "nordwind")
    before = len(busy.told())
    busy.of("nora").get(f"/transmissions/{own}/content")
    *_, told = busy.told()
    assert told["actor"] == "partner:nordwind"
    assert (told["detail"]["action"], told["detail"]["user"]) == ("look at content", "nora")  # type: ignore[index]
    assert len(busy.told()) == before + 1


def test_a_user_of_a_partner_that_is_configured_no_more_is_out(desk: Desk) -> None:
    assert desk.of("pete").get("/transmissions", follow_redirects=False).status_code == 200
    path = desk.house.config.parent / "partners" / "prairie.toml"
    text = path.read_text()
    path.unlink()
    desk.house.reload()
    assert desk.of("pete").get("/transmissions", follow_redirects=False).status_code == 303
    path.write_text(text)
    desk.house.reload()
