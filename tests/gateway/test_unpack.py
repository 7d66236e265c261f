"""Archives: unpacked within bounds, whatever they claim; anything wrong with one is said in words."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.gateway.incoming.unpack import ArchiveError, Member, is_archive, unpack

LIMIT = 1_000_000


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def test_the_members_of_a_zip_are_read_one_after_the_other() -> None:
    found = unpack(zipped(("a.edi", b"UNA'"), ("sub/", b""), ("sub/b.edi", b"ISA~\n")), "x.zip", LIMIT)
    assert found.data == b"UNA'\nISA~\n"
    assert [(m.name, m.offset, m.size) for m in found.members] == [("a.edi", 0, 4), ("sub/b.edi", 5, 5)]


def test_a_gzip_of_several_parts_is_one_file() -> None:
    found = unpack(gzip.compress(b"UNB") + gzip.compress(b"+UNOC"), "orders.edi.gz", LIMIT)
    assert found.data == b"UNB+UNOC\n"
    assert isinstance(found.members[0], Member) and found.members[0].name == "orders.edi"


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_what_was_packed_comes_out(contents: list[bytes]) -> None:
    members = [(f"{n}.edi", data) for n, data in enumerate(contents) if not is_archive(data)]
    if not any(data for _, data in members):
        return
    found = unpack(zipped(*members), "x.zip", LIMIT)
    assert [found.data[m.offset : m.offset + m.size] for m in found.members] == [data for _, data in members]
    whole = b"".join(contents)
    if whole and not is_archive(whole):
        assert unpack(gzip.compress(whole), "x.gz", LIMIT).data.removesuffix(b"\n") == whole.removesuffix(b"\n")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(b"x" * (LIMIT + 1)), "archive_too_large"),
        (zipped(("a", b"x" * (LIMIT + 1))), "archive_too_large"),
        (zipped(*((f"{n}", b"x" * 999_999) for n in range(3))), "archive_too_large"),
        (zipped(*((f"{n}", b"") for n in range(1_001))), "archive_too_large"),
        (gzip.compress(b"UNB")[:-9], "archive_damaged"),
        (b"\x1f\x8b" + b"x" * 50, "archive_damaged"),
        (zipped(("a.edi", b"UNB" * 50))[:60], "archive_damaged"),
        (zipped(("a.edi", b"UNB")).replace(b"a.edi", b"b.edi", 1), "archive_damaged"),
        (zipped(), "archive_empty"),
        (zipped(("a.edi", b"")), "archive_empty"),
        (gzip.compress(b""), "archive_empty"),
        (zipped(("inner.zip", zipped(("a.edi", b"UNB")))), "archive_nested"),
        (gzip.compress(gzip.compress(b"UNB")), "archive_nested"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # archives hold the time at which they were made
)
def test_what_can_not_be_unpacked_says_why(data: bytes, reason: str) -> None:
    assert is_archive(data)
    with pytest.raises(ArchiveError) as caught:
        unpack(data, "x", LIMIT)
    assert caught.value.reason == reason and str(caught.value)


def test_a_password_is_said_to_be_one() -> None:
    data = bytearray(zipped(("a.edi", b"UNB"), method=zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError) as caught:
        unpack(bytes(data), "x.zip", LIMIT)
    assert caught.value.reason == "archive_encrypted"


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    """A gigabyte of zeros in a megabyte, in both kinds."""
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(1 << 20)
    gz = b"".join(packer.compress(block) for _ in range(1024)) + packer.flush()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as file:
        for _ in range(1024):
            file.write(block)
    for bomb in (gz, made.getvalue()):
        tracemalloc.start()
        start = time.process_time()
        with pytest.raises(ArchiveError, match="more than 1000000 bytes"):
            unpack(bomb, "x", LIMIT)
        assert time.process_time() - start < 1
        assert tracemalloc.get_traced_memory()[1] < 8 * LIMIT
        tracemalloc.stop()


@given(st.binary(max_size=200))
def test_whatever_begins_like_an_archive_is_unpacked_or_refused(tail: bytes) -> None:
    for head in (b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06"):
        try:
            unpack(head + tail, "x", LIMIT)
        except ArchiveError as error:
            assert error.reason.startswith("archive_")
