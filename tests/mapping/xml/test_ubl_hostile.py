"""XML that means harm is refused before a tree is built; what merely is strange is read or reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edigw.mapping.xml import XmlError, parsing, read_ubl

ORDER = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"


def order(inside: str = "", before: str = "", attributes: str = "") -> bytes:
    return f'{before}<Order xmlns="{ORDER}" xmlns:b="{CBC}"{attributes}>{inside}</Order>'.encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<!DOCTYPE Order [<!ENTITY l0 "ha">{LAUGHS}]>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (order("<b:ID>&l9;</b:ID>", BILLION_LAUGHS), "a document type declaration is not allowed"),
        (
            order("<b:ID>&e;</b:ID>", '<!DOCTYPE Order [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
            "a document type declaration is not allowed",
        ),
        (
            order("", '<!DOCTYPE Order SYSTEM "http://127.0.0.1:9/order.dtd">'),
            "a document type declaration is not allowed",
        ),
        (
            order(
                "", '<?xml version="1.0"?><!-- first --><!DOCTYPE Order [<!ENTITY % p SYSTEM "file:///etc/hosts"> %p;]>'
            ),
            "a document type declaration is not allowed",
        ),
        (order("<b:ID>&undeclared;</b:ID>"), "not well-formed"),
        (order("<x>" * 100 + "</x>" * 100), "elements nested more than 64 deep"),
        (order("<x>" * 100_000), "elements nested more than 64 deep"),
        (order("", attributes="".join(f' a{n}="1"' for n in range(100))), "more than 64 attributes"),
        (order("<b:ID>1</b:ID>")[:-5], "not well-formed"),
        (b"", "not well-formed"),
        (b"\x00" * 100, "not well-formed"),
        (b'<?xml version="1.0" encoding="no-such-code"?><Order/>', "not well-formed|encoding"),
        (b'<?xml version="1.0" encoding="rot13"?><Order/>', "not well-formed|encoding"),
        (order("<b:ID>\x01</b:ID>"), "not well-formed"),
        (b"<html/>", "none of UBL 2"),
        (b'<Order xmlns="urn:example:other"/>', "none of UBL 2"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_it_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(XmlError, match=reason):
        read_ubl(data)


def test_a_doctype_in_utf_16_is_refused_as_well() -> None:
    with pytest.raises(XmlError, match="document type declaration"):
        read_ubl(order("<b:ID>&l9;</b:ID>", BILLION_LAUGHS).decode().encode("utf-16"))


def test_nothing_is_fetched_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    document, lost = read_ubl(order(include, f'<?xml-stylesheet href="{secret.as_uri()}"?>'))
    assert document.id is None and not any(loss.value == "secret" for loss in lost)


@pytest.mark.parametrize("name", ["MOST_BYTES", "MOST_ELEMENTS", "MOST_TEXT"])
def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(parsing, name, 100)
    with pytest.raises(XmlError, match="more than 100"):
        read_ubl(order(f"<b:Note>{'x' * 200}</b:Note>" + "<b:Note/>" * 200))


def test_each_of_many_elements_that_no_rule_wants_is_reported() -> None:
    _, lost = read_ubl(order("<b:UUID>1</b:UUID>" * 5_000))
    assert len({loss.location for loss in lost}) == 5_000


def test_what_no_rule_wants_is_reported_with_its_xpath_and_what_it_holds() -> None:
    inside = '<b:Note languageID="de">Hallo</b:Note><b:UUID>7</b:UUID><x xmlns="urn:y" a="1">t<z/></x><b:ID>1</b:ID>5'
    document, lost = read_ubl(order(inside))
    assert document.id == "1"
    assert {(loss.kind, loss.location, loss.value) for loss in lost} == {
        ("unmapped", "/Order/cbc:Note/@languageID", "de"),
        ("unmapped", "/Order/cbc:UUID", "7"),
        ("unmapped", "/Order/Q{urn:y}x/@a", "1"),
        ("unmapped", "/Order/Q{urn:y}x", "t"),
        ("unmapped", "/Order", "5"),
    }


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=40), st.integers(0, 200), st.integers(0, 200))
def test_damaged_files_are_read_or_refused_and_nothing_else(junk: bytes, start: int, end: int) -> None:
    whole = order('<b:ID>1</b:ID><b:IssueDate>2026-10-05</b:IssueDate><b:Note listID="x">n</b:Note>')
    try:
        read_ubl(whole[:start] + junk + whole[end:])
    except XmlError as error:
        assert error.reason
