"""Where the keys of a TOML file stand."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.admin.setup import TEMPLATES
from edigw.partners.places import line_of, places

SAMPLE = """\
name = "a # no comment"   # 1
[identifiers]
x12 = [
  { id = "ONE", qualifier = "ZZ" },  # 4
  { id = 'TWO', "group" = "G" },
]
[[receives]]
document = "Order"  # 8
[[receives]]
version = '''
[not.a.table]
'''
[receives.more]  # 13
a.b = 2026-01-02 03:04:05
"x y" = \"\"\"quotes "" and \\\\ and \\\"""\"\"\"
[delivery]
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("name", 1),
        ("identifiers", 2),
        ("identifiers.x12", 3),
        ("identifiers.x12[1].qualifier", 4),
        ("identifiers.x12[2].group", 5),
        ("receives[1].document", 8),
        ("receives[2].version", 10),
        ("receives[2].more", 13),
        ("receives[2].more.a.b", 14),
        ("receives[2].more.x y", 15),
        ("receives[2].document", 9),  # missing: the entry in which it should be
        ("receives[1].version[3].x", 7),
        ("delivery.sftp.host", 16),
        ("elsewhere", None),
    ],
)
def test_a_key_has_a_line(key: str, line: int | None) -> None:
    assert line_of(places(SAMPLE), key) == line


def leaves(value: Any, key: str = "") -> dict[str, Any]:
    """Values that are no tables, by their dotted names."""
    if isinstance(value, dict):
        pairs = [(f"{key}.{name}" if key else name, inner) for name, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{key}[{number}]", inner) for number, inner in enumerate(value, 1)]
    else:
        return {key: value}
    return {place: leaf for name, inner in pairs for place, leaf in leaves(inner, name).items()}


def check(text: str) -> None:
    found = places(text)
    for key, value in leaves(tomllib.loads(text)).items():
        place = found[key]
        assert tomllib.loads(f"x = {text[place.start : place.end]}") == {"x": value}
        assert text.count("\n", 0, place.start) + 1 == place.line


@pytest.mark.parametrize("name", ["edigw.toml", "partners/retailer.toml", "partners/supplier.toml"])
def test_the_text_at_the_place_of_a_key_is_its_value(name: str) -> None:
    check((TEMPLATES / name).read_text().replace("$port", "22").replace("$console_port", "80"))


def test_it_holds_for_every_form_of_a_value() -> None:
    check(SAMPLE)


_names = st.text("abAB.# '\"\\é", min_size=1, max_size=4)
_values = st.recursive(
    st.booleans() | st.integers() | st.text("ab\"'#,]}=\\\t é", max_size=6) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)


def written(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
        case list():
            return "[ " + " , ".join(map(written, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{written(key)} = {written(inner)}" for key, inner in value.items()) + "}"
        case _:
            return str(value)


@given(st.dictionaries(_names, _values, max_size=4))
def test_it_holds_for_whatever_is_written(data: dict[str, Any]) -> None:
    text = "".join(f"{written(key)} = {written(value)}\n" for key, value in data.items())
    found = places(text)
    for line, (key, value) in enumerate(tomllib.loads(text).items(), 1):
        if all("." not in other or other == key for other in data):  # a dot in a name could be two keys
            place = found[key]
            assert place.line == line and tomllib.loads(f"x = {text[place.start : place.end]}") == {"x": value}


@given(st.text("[]{}=.,\"'#ab\n\\", max_size=40))
def test_a_text_that_is_no_toml_does_no_harm(text: str) -> None:
    assert all(place.line <= text.count("\n") + 1 for place in places(text).values())
