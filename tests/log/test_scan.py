"""Reading entries fast gives just what the definition gives."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.log.entry import NO_PREVIOUS, ROLES, TYPES, Entry, ObjectRef
from edigw.log.errors import EntryError
from edigw.log.scan import Scanned, read, scan

HEX = "0123456789abcdef"
PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
PARTIES = st.one_of(st.just(""), st.text(PRINTABLE, min_size=1, max_size=84).map(lambda text: f"GLN:{text}"))
OBJECTS = st.builds(
    ObjectRef, st.sampled_from(sorted(ROLES)), st.text(HEX, min_size=64, max_size=64), st.integers(0, 2**54)
)
ENTRIES = st.builds(
    Entry,
    log=st.text(PRINTABLE, min_size=1, max_size=124),
    type=st.tuples(st.sampled_from(TYPES), st.sampled_from(["accepted", "failed", "x", "Bad"])).map(".".join),
    eid=st.text(HEX, min_size=32, max_size=32),
    xid=st.text(HEX, min_size=32, max_size=32),
    n=st.sampled_from([0, 1, 7, 2**53 - 1, 2**53]),
    prev=st.sampled_from([NO_PREVIOUS, "1" * 64]),
    at=st.sampled_from(["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z"]),
    actor=st.sampled_from(["gateway", "partner:a", "admin:x@y", "nobody"]),
    objects=st.lists(OBJECTS, max_size=3),
    sender=PARTIES,
    recipient=PARTIES,
    reason=st.sampled_from(["", "because", "not so"]),
    parent=st.sampled_from(["", "2" * 64]),
)
PLAIN = Entry(
    log="edi.example/log/test",
    type="submission.accepted",
    eid="0" * 32,
    xid="1" * 32,
    n=0,
    prev=NO_PREVIOUS,
    at="2026-01-02T03:04:05.678Z",
    actor="gateway",
    objects=[ObjectRef("payload.original", "5" * 64, 9), ObjectRef("detail", "6" * 64, 2)],
    sender="GLN:4012345000009",
    recipient="GLN:5412345000013",
    reason="so",
    parent="2" * 64,
)


def same(found: Scanned, entry: Entry) -> bool:
    fields = ("actor", "at", "eid", "log", "parent", "prev", "reason", "recipient", "sender", "type", "xid")
    agree = all(getattr(found, name) == getattr(entry, name) for name in fields)
    return agree and int(found.number) == entry.n and found.objects() == list(entry.objects)


@given(ENTRIES)
def test_whatever_an_entry_says_is_read_alike(entry: Entry) -> None:
    with contextlib.suppress(EntryError):
        assert same(Scanned(*read(entry.to_bytes())), entry)


def test_common_entries_need_no_second_look() -> None:
    assert scan(PLAIN.to_bytes()) is not None


@pytest.mark.parametrize("seed", range(20))
def test_what_the_definition_refuses_is_refused(seed: int) -> None:
    chance, whole = random.Random(seed), PLAIN.to_bytes()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 2)] = bytes(chance.choices(b'"\\{}[]:, 0aZ_\xc3', k=chance.randint(0, 2)))
        try:
            entry = Entry.parse(bytes(data))
        except EntryError:
            with pytest.raises(EntryError):
                read(bytes(data))
        else:
            assert same(Scanned(*read(bytes(data))), entry)
