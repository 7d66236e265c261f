"""The report in HTML: segments as they were sent, and what is known of them."""

from __future__ import annotations

import html
import re

import pytest

from edigw.admin.html import report_page
from edigw.directory import check
from tests.admin.texts import ORDERS, PO


def listed(data: bytes) -> dict[int, tuple[str, str]]:
    """The listing of a file's one message: what was sent and the words beside it, by the number of the segment."""
    page = report_page([("file", check(data), data)])
    found = re.findall(r'<span class="n">(\d+)</span><span class="s">(.*?)</span><span class="g">(.*?)</span>', page)
    return {int(number): (_text(sent), _text(words)) for number, sent, words in found}


def _text(markup: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", markup))


@pytest.mark.parametrize(
    "sent",
    [
        "BGM+220+PO?+1?:2??+9'",
        "BGM+220+PO?123+9'",
        "BGM+220+PO?'+9'",
        "BGM:1+220+PO123+9'",
        "BGM+220+PO123+9+++'",
        "BGM+220+M?\xfcller+9'",
    ],
)
def test_segments_are_shown_as_they_were_sent(sent: str) -> None:
    """Release characters, needed or not, nesting and empty elements stay."""
    data = ORDERS.replace(b"\n", b"").replace(b"BGM+220+PO123+9'", sent.encode("latin-1"))
    assert listed(data)[2][0] == sent


def test_breaks_within_segments_are_shown_and_those_between_are_not() -> None:
    """A line break in a value is an escape; the one behind the terminator belongs to no segment."""
    data = ORDERS.replace(b"PO123", b"PO\r\n123")
    assert listed(data)[2][0] == r"BGM+220+PO\x0d\x0a123+9'"


def test_binary_data_is_not_cut_at_what_looks_like_a_separator() -> None:
    """BIN holds raw octets; what is too long is left out."""
    bin_segment = b"BIN*9*a*b~c>d\x00e~"
    data = PO.replace(b"CTT*1~", bin_segment + b"CTT*1~").replace(b"\n", b"")
    assert r"BIN*9*a*b~c>d\x00e~" in [sent for sent, _ in listed(data).values()]
    long = PO.replace(b"PO123", b"P" * 10_000)
    assert listed(long)[2][0].endswith("(6021 more characters)")


def test_values_with_findings_are_marked_where_they_stand() -> None:
    """Behind released separators as well."""
    data = ORDERS.replace(b"5412345111115:EN", b"54?+1:QQ").replace(b"\n", b"")
    page = report_page([("file", check(data), data)])
    assert "54?+1" in _text(page)
    assert "<mark>QQ</mark>" in page and "<mark>54" not in page


def test_a_wrong_code_is_called_unknown_and_no_other_code_is_told() -> None:
    """3055 = 9 says nothing of what the party is."""
    data = ORDERS.replace(b"NAD+BY", b"NAD+Q9")
    words = {number: said for number, (_, said) in listed(data).items()}
    assert words[4] == "Name and address: unknown code Q9"
    assert words[5] == "Name and address: Supplier"
    assert listed(ORDERS.replace(b"PRI+AAA", b"PRI+NTP"))[8][1] == "Price details: unknown code NTP"
