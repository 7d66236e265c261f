"""The pages in a real browser: Debian's chromium, where it is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from edigw.store.schema import transmission

from ..gateway.house import sample
from .conftest import PASSWORD, Desk

webdriver = pytest.importorskip("selenium.webdriver", reason="needs the package selenium")
waits = pytest.importorskip("selenium.webdriver.support.wait", reason="needs the package selenium")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
UNNAMED = """
    return [...document.querySelectorAll("button, a")].filter(e => !(e.textContent.trim() || e.ariaLabel)).length
"""
pytestmark = pytest.mark.skipif(not (BROWSER and DRIVER), reason="needs chromium and chromedriver")


@pytest.fixture(scope="module")
def busy(desk: Desk) -> Desk:
    desk.house.send("nordwind", "orders_3.edi", sample("orders_3.edi"))
    desk.house.send("nordwind", "orders_broken.edi", sample("orders_broken.edi"))
    return desk


@pytest.fixture(scope="module")
def browser(busy: Desk) -> Iterator[object]:
    """Logged in as otto, an operator."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        driver.get(f"{busy.url}/transmissions")
        driver.find_element("name", "name").send_keys("otto")
        driver.find_element("name", "password").send_keys(PASSWORD)
        driver.find_element("css selector", "main button").click()
        yield driver
    finally:
        driver.quit()


def paths(desk: Desk) -> list[str]:
    with desk.house.context.database.read() as conn:
        id = conn.execute(transmission.select().where(transmission.c.name == "orders_broken.edi")).one().id
    plain = ("/", "/transmissions", "/threads", "/held", "/partners", "/log", "/account")
    of_one = (f"/transmissions/{id}", f"/transmissions/{id}/content", f"/acts?act=resend&id={id}")
    return [*plain, "/threads?order=NW-4711", "/partners/prairie", *of_one]


def test_every_page_fits_a_phone_and_breaks_no_rule_of_its_own_policy(busy: Desk, browser) -> None:  # type: ignore[no-untyped-def]
    device = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    for path in paths(busy):
        browser.get(busy.url + path)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390, path
        assert len(browser.find_elements("tag name", "h1")) == 1, path
        assert browser.execute_script(UNNAMED) == 0, path
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert [entry["message"] for entry in browser.get_log("browser") if "favicon" not in entry["message"]] == []


def test_the_table_is_used_by_keyboard_and_offers_acts_for_what_is_selected(busy: Desk, browser) -> None:  # type: ignore[no-untyped-def]
    browser.get(f"{busy.url}/transmissions")
    bulk = browser.find_element("class name", "bulk")
    assert not bulk.is_displayed()
    browser.find_element("css selector", "[data-all]").click()
    assert bulk.is_displayed() and not bulk.text.startswith("0 ")
    browser.find_element("tag name", "body").send_keys("/")
    assert browser.switch_to.active_element.get_attribute("id") == "q"
    browser.switch_to.active_element.send_keys("orders_broken\n")
    waits.WebDriverWait(browser, 20).until(lambda shown: "text=orders_broken" in shown.current_url)
    assert len(browser.find_elements("css selector", "tbody tr")) == 1


def test_values_are_walked_with_the_arrow_keys_and_tabs_have_addresses(busy: Desk, browser) -> None:  # type: ignore[no-untyped-def]
    browser.get(busy.url + next(path for path in paths(busy) if path.endswith("/content")))
    first = browser.find_element("css selector", ".raw .el[data-n]")
    first.click()
    browser.execute_script("arguments[0].focus()", first)
    browser.switch_to.active_element.send_keys("\ue014")  # arrow right
    assert browser.find_element("class name", "inspect").text.startswith("UNH, segment 1 · 2")
    browser.find_element("id", "tab-tree").click()
    assert browser.current_url.endswith("#tree")
    assert not browser.find_element("id", "raw").is_displayed()


def test_light_and_dark_can_be_switched_and_are_remembered(busy: Desk, browser) -> None:  # type: ignore[no-untyped-def]
    browser.get(f"{busy.url}/held")
    colour = "return getComputedStyle(document.body).backgroundColor"
    before = browser.execute_script(colour)
    browser.find_element("css selector", "[data-theme-toggle]").click()
    after = browser.execute_script(colour)
    browser.get(f"{busy.url}/log")
    assert before != after == browser.execute_script(colour)
