"""Who gets into the console, for how long, and what each answer says to browsers."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from edigw.console.headers import POLICY
from edigw.gateway.desk import people
from edigw.gateway.mailboxes import bans
from edigw.store.schema import console_session

from .conftest import PASSWORD, Desk


def test_a_login_is_an_event_with_the_name_and_sets_a_cookie_that_scripts_cannot_read(desk: Desk) -> None:
    browser = desk.nobody()
    answer = browser.post("/login", data={"name": "anna", "password": PASSWORD}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert browser.get("/transmissions").status_code == 200
    *_, told = desk.told()
    assert told["actor"] == "admin:anna"
    assert told["detail"] == {"action": "log in", "user": "anna", "peer": "127.0.0.1"}


def test_behind_https_the_cookie_never_goes_over_plain_http(desk: Desk) -> None:
    browser = desk.nobody(**{"x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7"})
    answer = browser.post("/login", data={"name": "anna", "password": PASSWORD}, follow_redirects=False)
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]
    assert desk.told()[-1]["detail"]["peer"] == "198.51.100.7"  # type: ignore[index]


def test_the_database_holds_neither_password_nor_token(desk: Desk) -> None:
    token = desk.of("anna").cookies["edigw_session"]
    with desk.house.context.database.read() as conn:
        kept = [
            str(row)
            for table in ("console_user", "console_session")
            for row in conn.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert kept and not any(token in row or PASSWORD in row for row in kept)


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong password"), ("nobody", PASSWORD), ("", ""), ("a\0", "b")]
)
def test_whoever_does_not_fit_is_told_nothing_more(desk: Desk, name: str, password: str) -> None:
    answer = desk.nobody().post("/login", data={"name": name, "password": password}, follow_redirects=False)
    assert answer.status_code == 403 and "Name and password do not fit" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_after_the_login(desk: Desk, target: str) -> None:
    form = {"name": "anna", "password": PASSWORD, "next": target}
    assert desk.nobody().post("/login", data=form, follow_redirects=False).headers["location"] == "/"


def test_who_asks_for_a_page_gets_it_after_the_login(desk: Desk) -> None:
    browser = desk.nobody()
    answer = browser.get("/transmissions?partner=prairie", follow_redirects=False)
    assert answer.headers["location"] == "/login?next=%2Ftransmissions%3Fpartner%3Dprairie"
    assert 'value="/transmissions?partner=prairie"' in browser.get(answer.headers["location"]).text


def test_other_sites_and_forms_without_the_token_are_refused(desk: Desk) -> None:
    browser, form = desk.of("anna"), {"form_token": desk.token("anna")}
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert browser.post("/logout", data=form, headers=headers, follow_redirects=False).status_code == 403
        login = {"name": "anna", "password": PASSWORD}
        assert desk.nobody().post("/login", data=login, headers=headers, follow_redirects=False).status_code == 403
    for wrong in ({"other": "x"}, {"form_token": "0" * 64}, {"form_token": "ü"}, {"form_token": desk.token("otto")}):
        assert browser.post("/logout", data=wrong, follow_redirects=False).status_code == 403
    assert browser.post("/logout", json=form, follow_redirects=False).status_code == 415
    assert browser.post("/logout", data={"x": "y" * 300_000}, follow_redirects=False).status_code == 413
    assert browser.get("/transmissions").status_code == 200


def test_every_answer_lets_nothing_run_but_what_ships_with_the_console(desk: Desk) -> None:
    for path in ("/login", "/transmissions", "/nowhere", "/static/console.css", "/static/../app.py"):
        headers = desk.of("anna").get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
    assert desk.of("anna").get("/transmissions").headers["cache-control"] == "no-store"
    assert "immutable" in desk.of("anna").get("/static/console.css").headers["cache-control"]
    page = desk.of("anna").get("/transmissions").text
    assert " style=" not in page and "<script>" not in page and " on" + "click=" not in page


def test_a_session_ends_with_its_user_its_password_and_its_time(desk: Desk) -> None:
    log = desk.house.context.log

    def logged_in() -> object:
        browser = desk.nobody()
        browser.post("/login", data={"name": "extra", "password": PASSWORD})
        assert browser.get("/transmissions", follow_redirects=False).status_code == 200
        return browser

    people.add(log, "extra", "auditor", "", PASSWORD, "admin:root")
    for end in (
        lambda: people.change_password(log, "extra", PASSWORD, "admin:root"),
        lambda: _set_back(desk, seen_at="2020-01-01T00:00:00.000Z"),
        lambda: _set_back(desk, ends_at="2020-01-01T00:00:00.000Z"),
        lambda: people.enable(log, "extra", False, "admin:root", "left"),
    ):
        browser = logged_in()
        end()
        assert browser.get("/transmissions", follow_redirects=False).status_code == 303  # type: ignore[attr-defined]
    assert desk.nobody().post("/login", data={"name": "extra", "password": PASSWORD}).status_code == 403


def _set_back(desk: Desk, **values: str) -> None:
    with desk.house.context.database.write() as conn:
        conn.execute(update(console_session).where(console_session.c.user == "extra").values(**values))


def test_people_change_their_own_password_and_log_out(desk: Desk) -> None:
    people.add(desk.house.context.log, "wanda", "auditor", "", PASSWORD, "admin:root")
    browser = desk.nobody()
    browser.post("/login", data={"name": "wanda", "password": PASSWORD})
    token = browser.get("/account").text.split('name="form_token" value="')[1][:64]
    new = "another long password"
    wrong = {"form_token": token, "old": "not it", "new": new, "again": new}
    assert "is another one" in browser.post("/account/password", data=wrong).text
    assert "two ways" in browser.post("/account/password", data={**wrong, "old": PASSWORD, "again": "x"}).text
    short = browser.post("/account/password", data={**wrong, "old": PASSWORD, "new": "short", "again": "short"})
    assert "a password has 12 to" in short.text
    browser.post("/account/password", data={**wrong, "old": PASSWORD})
    assert browser.get("/transmissions", follow_redirects=False).status_code == 303
    assert browser.post("/login", data={"name": "wanda", "password": new}).status_code == 200
    token = browser.get("/account").text.split('name="form_token" value="')[1][:64]
    browser.post("/logout", data={"form_token": token})
    assert browser.get("/transmissions", follow_redirects=False).status_code == 303


def test_an_address_that_guesses_is_shut_out_here_and_at_the_sftp_server(desk: Desk) -> None:
    browser = desk.nobody(**{"x-forwarded-for": "203.0.113.9"})
    for _ in range(8):
        browser.post("/login", data={"name": "unknown", "password": "guess"})
    assert browser.post("/login", data={"name": "anna", "password": PASSWORD}).status_code == 403
    with desk.house.context.database.read() as conn:
        assert [ban["network"] for ban in bans.listed(conn)] == ["203.0.113.9"]
    mapped = desk.nobody(**{"x-forwarded-for": "::ffff:203.0.113.9"})
    assert mapped.post("/login", data={"name": "anna", "password": PASSWORD}).status_code == 403
    browser = desk.nobody(**{"x-forwarded-for": "no address"})
    assert browser.post("/login", data={"name": "anna", "password": PASSWORD}).status_code == 400


@pytest.mark.parametrize(
    ("name", "role", "partner"),
    [("a b", "admin", ""), ("x" * 33, "admin", ""), ("x", "cook", ""), ("x", "partner", ""), ("x", "admin", "prairie")],
)
def test_a_user_that_cannot_be_is_refused(desk: Desk, name: str, role: str, partner: str) -> None:
    with pytest.raises(people.UserProblem):
        people.add(desk.house.context.log, name, role, partner, PASSWORD, "admin:root")


def test_users_and_sessions_are_kept_on_both_databases(fresh_desk: Desk) -> None:
    log = fresh_desk.house.context.log
    assert fresh_desk.of("berta").get("/transmissions").status_code == 200
    with pytest.raises(people.UserProblem, match="there is a user anna already"):
        people.add(log, "anna", "auditor", "", PASSWORD, "admin:root")
    with pytest.raises(people.UserProblem, match="there is no user nobody"):
        people.enable(log, "nobody", False, "admin:root", "")
    assert fresh_desk.house.problems() == []
