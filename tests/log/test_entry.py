"""The entry: its canonical bytes, its rules, its hash."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edigw.log.entry import NO_PREVIOUS, Entry, ObjectRef, canonical, commitment, parse_canonical
from edigw.log.errors import EntryError
from edigw.log.merkle import leaf_hash

COMMIT = "5c4505e973e729d35cb60ae009c72a9fe436a99e6751601c44d152ca2b22e8ef"
ENTRY = Entry(
    log="edi.example/log/test",
    type="submission.accepted",
    eid="0" * 32,
    xid="1" * 32,
    n=0,
    prev=NO_PREVIOUS,
    at="2026-01-02T03:04:05.678Z",
    actor="gateway",
    objects=[ObjectRef("payload.original", COMMIT, 9)],
    sender="GLN:4012345000009",
    recipient="GLN:5412345000013",
)
BYTES = (
    b'{"actor":"gateway","at":"2026-01-02T03:04:05.678Z","eid":"00000000000000000000000000000000",'
    b'"log":"edi.example/log/test","n":0,"objects":[{"commit":"5c4505e973e729d35cb60ae009c72a9fe436a99e6751601c44d152ca'
    b'2b22e8ef","role":"payload.original","size":9}],"prev":"0000000000000000000000000000000000000000000000000000000000'
    b'000000","recipient":"GLN:5412345000013","sender":"GLN:4012345000009","type":"submission.accepted","v":1,'
    b'"xid":"11111111111111111111111111111111"}'
)


def test_commitment_entry_and_leaf_are_those_of_the_vectors() -> None:
    assert commitment(bytes(range(32)), b"UNA:+.? '") == COMMIT
    assert ENTRY.to_bytes() == BYTES
    assert leaf_hash(BYTES).hex() == "b92350bb4b9b70a1dffa4cee051adfd03c6665f78c4568ed2b675b23a8eb816c"


def test_an_entry_is_read_back_from_its_bytes() -> None:
    assert Entry.parse(BYTES) == ENTRY


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"actor"', b'{ "actor"'),
        (b'"n":0', b'"n":0.0'),
        (b'"n":0', b'"n":true'),
        (b'"n":0', b'"n":-0'),
        (b'"v":1', b'"v":2'),
        (b'"v":1,', b'"v":1,"v":1,'),
        (b'"v":1', b'"v":1,"w":""'),
        (b'"sender":"GLN:4012345000009"', b'"sender":""'),
        (b"gateway", b"\\u0067ateway"),
        (b"gateway", b"\xff"),
        (b'"sender":"GLN:4012345000009",', b'"sender":null,'),
        (b'"role":"payload.original","size":9', b'"role":"payload.original"'),
        (b"gateway", b"admin:a\x01"),
    ],
)
def test_other_bytes_are_no_entry(old: bytes, new: bytes) -> None:
    assert old in BYTES
    with pytest.raises(EntryError):
        Entry.parse(BYTES.replace(old, new, 1))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "payment.made"},
        {"type": "submission"},
        {"type": "ack.negative"},
        {"eid": "0"},
        {"xid": "X" * 32},
        {"n": 1},
        {"n": -1},
        {"prev": "1" * 64},
        {"at": "2026-01-02 03:04:05"},
        {"actor": "root"},
        {"actor": "partner:a b"},
        {"sender": "4012345000009"},
        {"recipient": "GLN:"},
        {"recipient": "GLN:ü"},
        {"reason": "free text"},
        {"parent": "x"},
        {"n": 1, "prev": "1" * 64, "parent": "2" * 64},
        {"log": "with space"},
        {"objects": []},
        {"objects": [ObjectRef("secret", COMMIT, 9)]},
        {"objects": [ObjectRef("detail", "x", 9)]},
        {"objects": [ObjectRef("detail", COMMIT, -1)]},
        {"objects": [ObjectRef("detail", COMMIT, 9)] * 200},
    ],
)
def test_an_entry_that_breaks_a_rule_is_not_written(change: dict[str, Any]) -> None:
    with pytest.raises(EntryError):
        replace(ENTRY, **change).to_bytes()


def test_identifiers_of_partners_may_hold_spaces_inside() -> None:
    replace(ENTRY, sender="ID:ACME CORP").to_bytes()


VALUES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"])) | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abz09_/ AZ~", min_size=1), inner),
    max_leaves=10,
)


@settings(max_examples=30)
@given(st.dictionaries(st.text("abc_/", min_size=1), VALUES, max_size=5))
def test_canonical_json_says_the_same_and_only_one_way(value: dict[str, Any]) -> None:
    data = canonical(value)
    assert parse_canonical(data) == value == json.loads(data)
    assert canonical(dict(reversed(value.items()))) == data


@pytest.mark.parametrize(
    "value", [{"a": 1.0}, {"a": None}, {"a": 2**53}, {"a": "\ud800"}, {"é": 1}, {"": 1}, {"a": {1: 2}}, {"a": b"x"}]
)
def test_values_outside_of_the_profile_are_refused(value: dict[str, Any]) -> None:
    with pytest.raises(EntryError):
        canonical(value)


def test_hostile_nesting_is_refused() -> None:
    with pytest.raises(EntryError):
        parse_canonical(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
