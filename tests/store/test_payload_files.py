"""Payloads as files: stored once, whole, under their hash."""

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

from edigw.store import PayloadDamaged, PayloadMissing, StoreError
from edigw.store.payload_files import PayloadFiles


@pytest.fixture
def files(tmp_path: Path) -> PayloadFiles:
    return PayloadFiles(tmp_path / "payloads")


def content(files: PayloadFiles, sha256: str) -> bytes:
    with files.open(sha256) as stream:
        return stream.read()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=5000))
def test_what_is_put_is_read_back(files: PayloadFiles, data: bytes) -> None:
    sha256 = files.put(data)
    assert sha256 == digest(data)
    assert content(files, sha256) == data


def test_a_payload_lies_compressed_under_its_hash_and_is_private(files: PayloadFiles, tmp_path: Path) -> None:
    data = b"UNH+1+ORDERS:D:96A:UN'" * 1000
    sha256 = files.put(data)
    path = tmp_path / "payloads" / sha256[:2] / sha256[2:4] / f"{sha256}.zst"
    assert files.path(sha256) == path
    assert path.stat().st_size < 1000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list((tmp_path / "payloads" / "tmp").iterdir()) == []


def test_putting_again_keeps_the_file_that_is_there(files: PayloadFiles) -> None:
    sha256 = files.put(b"x")
    before = files.path(sha256).stat()
    assert files.put(b"x") == sha256
    assert files.path(sha256).stat().st_ino == before.st_ino


def test_putting_again_repairs_a_damaged_file(files: PayloadFiles) -> None:
    sha256 = files.put(b"content")
    files.path(sha256).write_bytes(b"")
    assert files.put(b"content") == sha256
    assert content(files, sha256) == b"content"


def test_a_file_is_streamed_in_and_must_have_its_hash(files: PayloadFiles, tmp_path: Path) -> None:
    data = os.urandom(1 << 20) + b"\0" * (3 << 20)
    source = tmp_path / "upload"
    source.write_bytes(data)
    files.put_file(source, digest(data))
    with files.open(digest(data)) as stream:
        assert stream.read(10) == data[:10]
        assert stream.read() == data[10:]
    with pytest.raises(PayloadDamaged):
        files.put_file(source, digest(b"other"))
    assert not files.exists(digest(b"other"))
    with pytest.raises(StoreError, match="nowhere"):
        files.put_file(tmp_path / "nowhere", digest(b"other"))


def test_a_stream_gives_lines_and_an_end(files: PayloadFiles) -> None:
    with files.open(files.put(b"one\ntwo\n")) as stream:
        assert isinstance(stream, io.BufferedReader)
        assert list(stream) == [b"one\n", b"two\n"]
        assert stream.read() == b""


def test_a_missing_payload_is_named(files: PayloadFiles) -> None:
    missing = digest(b"missing")
    assert not files.exists(missing)
    with pytest.raises(PayloadMissing, match=missing):
        files.open(missing)


@pytest.mark.parametrize("name", ["", "..", "../" * 21 + "x", "A" * 64, "0" * 63])
def test_what_is_no_hash_names_no_file(files: PayloadFiles, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        files.path(name)


def test_damage_never_gives_other_bytes(files: PayloadFiles) -> None:
    sha256 = files.put(bytes(range(256)))
    path = files.path(sha256)
    sound = path.read_bytes()
    flipped = [sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :] for at in range(len(sound))]
    noticed = 0
    for damaged in [*flipped, *(sound[:length] for length in range(len(sound)))]:
        path.write_bytes(damaged)
        try:
            assert content(files, sha256) == bytes(range(256))
        except PayloadDamaged:
            noticed += 1
    assert noticed > 1.9 * len(sound)


def test_another_payload_in_its_place_is_noticed(files: PayloadFiles) -> None:
    first, second = files.put(b"first"), files.put(b"second")
    files.path(second).replace(files.path(first))
    with pytest.raises(PayloadDamaged):
        content(files, first)


def test_writers_do_not_disturb_one_another(tmp_path: Path) -> None:
    stores = [PayloadFiles(tmp_path / "payloads") for _ in range(3)]
    contents = [b"%d" % (number % 5) * 20_000 for number in range(30)]
    with ThreadPoolExecutor(6) as pool:
        names = list(pool.map(lambda at: stores[at % 3].put(contents[at]), range(30)))
    assert names == [digest(content) for content in contents]
    assert [content(stores[0], name) for name in names] == contents
    assert list((tmp_path / "payloads" / "tmp").iterdir()) == []


def test_removing_and_sweeping(files: PayloadFiles, tmp_path: Path) -> None:
    sha256 = files.put(b"x")
    assert files.remove(sha256)
    assert not files.remove(sha256)
    left = tmp_path / "payloads" / "tmp" / "left-behind"
    left.write_bytes(b"half")
    assert files.sweep() == 0
    os.utime(left, (0, 0))
    assert files.sweep() == 1
    assert not left.exists()


def test_a_folder_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        PayloadFiles(tmp_path / "file" / "payloads")
