"""Payloads: stored once, whole, under their hash."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edigw.store import PayloadDamaged, PayloadMissing, Payloads, PayloadTooLarge, StoreError


@pytest.fixture
def payloads(tmp_path: Path) -> Payloads:
    return Payloads(tmp_path / "payloads")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=5000))
def test_what_is_put_is_read_back(payloads: Payloads, data: bytes) -> None:
    sha256 = payloads.put(data)
    assert sha256 == digest(data)
    assert payloads.read(sha256) == data
    assert payloads.verify(sha256)


def test_a_payload_lies_compressed_under_its_hash_and_is_private(payloads: Payloads, tmp_path: Path) -> None:
    data = b"UNH+1+ORDERS:D:96A:UN'" * 1000
    sha256 = payloads.put(data)
    path = tmp_path / "payloads" / sha256[:2] / sha256[2:4] / f"{sha256}.zst"
    assert payloads.path(sha256) == path
    assert path.stat().st_size < 1000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list((tmp_path / "payloads" / "tmp").iterdir()) == []


def test_putting_again_keeps_the_file_that_is_there(payloads: Payloads) -> None:
    sha256 = payloads.put(b"x")
    before = payloads.path(sha256).stat()
    assert payloads.put(b"x") == sha256
    assert payloads.path(sha256).stat().st_ino == before.st_ino


def test_putting_again_repairs_a_damaged_file(payloads: Payloads) -> None:
    sha256 = payloads.put(b"content")
    payloads.path(sha256).write_bytes(b"")
    assert payloads.put(b"content") == sha256
    assert payloads.read(sha256) == b"content"


def test_a_file_is_streamed_in_and_must_have_its_hash(payloads: Payloads, tmp_path: Path) -> None:
    data = os.urandom(1 << 20) + b"\0" * (3 << 20)
    source = tmp_path / "upload"
    source.write_bytes(data)
    payloads.put_file(source, digest(data))
    with payloads.open(digest(data)) as stream:
        assert stream.read(10) == data[:10]
        assert stream.read() == data[10:]
    with pytest.raises(PayloadDamaged):
        payloads.put_file(source, digest(b"other"))
    assert not payloads.exists(digest(b"other"))
    with pytest.raises(StoreError, match="nowhere"):
        payloads.put_file(tmp_path / "nowhere", digest(b"other"))


def test_a_stream_gives_lines_and_an_end(payloads: Payloads) -> None:
    with payloads.open(payloads.put(b"one\ntwo\n")) as stream:
        assert isinstance(stream, io.BufferedReader)
        assert list(stream) == [b"one\n", b"two\n"]
        assert stream.read() == b""


def test_reading_is_bounded(payloads: Payloads) -> None:
    sha256 = payloads.put(b"12345")
    assert payloads.read(sha256, limit=5) == b"12345"
    with pytest.raises(PayloadTooLarge):
        payloads.read(sha256, limit=4)


def test_a_missing_payload_is_named(payloads: Payloads) -> None:
    missing = digest(b"missing")
    assert not payloads.exists(missing)
    for ask in (payloads.open, payloads.read, payloads.verify):
        with pytest.raises(PayloadMissing, match=missing):
            ask(missing)


@pytest.mark.parametrize("name", ["", "..", "../" * 21 + "x", "A" * 64, "0" * 63])
def test_what_is_no_hash_names_no_file(payloads: Payloads, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        payloads.path(name)


def test_damage_never_gives_other_bytes(payloads: Payloads) -> None:
    sha256 = payloads.put(bytes(range(256)))
    path = payloads.path(sha256)
    sound = path.read_bytes()
    flipped = [sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :] for at in range(len(sound))]
    noticed = 0
    for damaged in [*flipped, *(sound[:length] for length in range(len(sound)))]:
        path.write_bytes(damaged)
        try:
            assert payloads.read(sha256) == bytes(range(256))
        except PayloadDamaged:
            noticed += 1
    assert noticed > 1.9 * len(sound)


def test_another_payload_in_its_place_is_noticed(payloads: Payloads) -> None:
    first, second = payloads.put(b"first"), payloads.put(b"second")
    payloads.path(second).replace(payloads.path(first))
    with pytest.raises(PayloadDamaged):
        payloads.read(first)


def test_writers_do_not_disturb_one_another(tmp_path: Path) -> None:
    stores = [Payloads(tmp_path / "payloads") for _ in range(3)]
    contents = [b"%d" % (number % 5) * 20_000 for number in range(30)]
    with ThreadPoolExecutor(6) as pool:
        names = list(pool.map(lambda at: stores[at % 3].put(contents[at]), range(30)))
    assert names == [digest(content) for content in contents]
    assert all(stores[0].verify(name) for name in names)
    assert list((tmp_path / "payloads" / "tmp").iterdir()) == []


def test_removing_and_sweeping(payloads: Payloads, tmp_path: Path) -> None:
    sha256 = payloads.put(b"x")
    assert payloads.remove(sha256)
    assert not payloads.remove(sha256)
    left = tmp_path / "payloads" / "tmp" / "left-behind"
    left.write_bytes(b"half")
    assert payloads.sweep() == 0
    os.utime(left, (0, 0))
    assert payloads.sweep() == 1
    assert not left.exists()


def test_a_folder_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        Payloads(tmp_path / "file" / "payloads")
