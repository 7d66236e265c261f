"""The server's pure parts: names, block sets, bans, staging."""

import hashlib
from contextlib import nullcontext
from ipaddress import ip_network
from pathlib import Path

import pytest
from asyncssh import SFTPError, SFTPFailure, SFTPNoSuchFile, SFTPQuotaExceeded
from hypothesis import given
from hypothesis import strategies as st

from edigw.transport.ports import FOLDERS, Account
from edigw.transport.server.bans import LIMIT_HIT, WRONG_CREDENTIAL, BanRules, MemoryBans
from edigw.transport.server.extents import MAX_ISLANDS, Extents, Scattered
from edigw.transport.server.limits import Limits
from edigw.transport.server.paths import Place, is_marker, is_temp, locate, normalise
from edigw.transport.server.staging import PartnerStaging, Staging

PARTS = st.sampled_from(["..", ".", "", "inbox", "outbox", "etc", "x.edi", "..."])


@given(st.lists(PARTS, max_size=12).map("/".join) | st.text(max_size=50))
def test_a_normalised_path_is_absolute_stable_and_free_of_dots(path: str) -> None:
    if "\0" in path:
        return
    found = normalise(path.encode("utf-8", "replace"))
    assert found.startswith("/") and not found.startswith("//")
    assert not {"..", "."} & set(found.split("/"))
    assert normalise(found.encode()) == found


@given(st.binary(max_size=100))
def test_whatever_bytes_come_as_a_path_they_name_a_place_or_are_refused(raw: bytes) -> None:
    try:
        place = locate(raw)
    except SFTPError:
        return
    assert place.folder in (None, *FOLDERS)
    assert "/" not in place.name and place.name not in (".", "..")


def test_places_are_the_root_three_folders_and_their_files() -> None:
    assert locate(b"") == locate(b".") == locate(b"/..") == Place()
    assert locate(b"inbox/") == locate(b"/outbox/../inbox") == Place("inbox")
    assert locate(b"//receipts//x.edi") == Place("receipts", "x.edi")
    for path in (b"/etc", b"/inbox/a/b", b"/Inbox"):
        with pytest.raises(SFTPNoSuchFile):
            locate(path)


def test_temp_and_marker_names_follow_the_account() -> None:
    usual = Account("ACME", "acme", ())
    special = Account("ACME", "acme", (), temp_suffixes=(".uploading",), marker_suffixes=())
    assert [is_temp(name, usual) for name in ("x.TMP", ".x", "x.uploading", "x.edi")] == [True, True, False, False]
    assert [is_temp(name, special) for name in ("x.tmp", ".x", "x.uploading")] == [False, True, True]
    assert [is_marker("x.OK", usual), is_marker("x.ok", special)] == [True, False]


RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=40)


@given(RANGES)
def test_extents_agree_with_a_set_of_positions(blocks: list[tuple[int, int]]) -> None:
    extents, model = Extents(), set()
    for start, length in blocks:
        extents.add(start, start + length)
        model |= set(range(start, start + length))
    gap = next(position for position in range(1000) if position not in model)
    assert extents.frontier == gap
    assert extents.count == len(model)
    beyond = [position for position in model if position > gap]
    assert extents.hole == ((gap, min(beyond)) if beyond else None)


@given(RANGES, st.integers(0, 80))
def test_cutting_extents_forgets_the_positions_beyond(blocks: list[tuple[int, int]], size: int) -> None:
    extents, model = Extents(), set()
    for start, length in blocks:
        extents.add(start, start + length)
        model |= set(range(start, start + length))
    extents.cut(size)
    assert extents.count == len([position for position in model if position < size])


def test_extents_give_up_on_a_file_in_shreds() -> None:
    extents = Extents()
    with pytest.raises(Scattered):
        for number in range(1, 2 * MAX_ISLANDS):
            extents.add(number * 2, number * 2 + 1)


def test_points_within_the_window_ban_for_half_as_long_again_each_time() -> None:
    bans = MemoryBans(BanRules(points=6, window=100, length=60))
    assert not bans.charge("192.0.2.1", LIMIT_HIT, now=0)
    assert bans.charge("192.0.2.1", LIMIT_HIT, now=50)
    assert bans.banned("192.0.2.1", 109) and not bans.banned("192.0.2.1", 110)
    assert not bans.banned("192.0.2.2", 60)
    assert not bans.charge("192.0.2.1", LIMIT_HIT, now=120)
    assert bans.charge("192.0.2.1", LIMIT_HIT, now=121)
    assert bans.banned("192.0.2.1", 121 + 89) and not bans.banned("192.0.2.1", 121 + 90)


def test_points_outside_the_window_are_forgotten() -> None:
    bans = MemoryBans(BanRules(points=2, window=100, length=60))
    assert not bans.charge("192.0.2.1", WRONG_CREDENTIAL, now=0)
    assert not bans.charge("192.0.2.1", WRONG_CREDENTIAL, now=100)
    assert bans.charge("192.0.2.1", WRONG_CREDENTIAL, now=101)


def test_an_ipv6_peer_is_banned_by_its_network_and_a_safe_network_never() -> None:
    bans = MemoryBans(BanRules(points=1, window=100, length=60, safe=(ip_network("2001:db8:1::/48"),)))
    bans.charge("2001:db8:2::1", WRONG_CREDENTIAL, now=0)
    assert bans.banned("2001:db8:2::ffff", 1) and not bans.banned("2001:db8:2:1::1", 1)
    assert not bans.charge("2001:db8:1::1", WRONG_CREDENTIAL, now=0)


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    bans = MemoryBans(BanRules(points=10, window=100, length=60))
    for number in range(25_000):
        bans.charge(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", WRONG_CREDENTIAL, now=number * 0.001)
    assert len(bans._scores) <= 10_000


@pytest.mark.parametrize("code", ["", ".", "..", "a/b", "-x", "a b", "x" * 200])
def test_only_a_plain_partner_code_names_a_staging_folder(tmp_path: Path, code: str) -> None:
    with pytest.raises(ValueError, match="partner code"):
        Staging(tmp_path, Limits()).partner(code)


def test_the_quota_counts_what_lies_there_and_gives_it_back(tmp_path: Path) -> None:
    limits = Limits(staging_size=100)
    staging = PartnerStaging(tmp_path, "ACME", limits)
    upload = staging.open_temp("a.tmp", create=True, truncate=True, append=False)
    upload.write(0, b"x" * 80)
    staging.close_temp(upload)
    again = PartnerStaging(tmp_path, "ACME", limits)
    with pytest.raises(SFTPQuotaExceeded):
        again.begin("b.edi").write(0, b"x" * 30)
    resumed = again.open_temp("a.tmp", create=False, truncate=True, append=False)
    resumed.write(0, b"x" * 60)
    again.close_temp(resumed)
    final = again.begin("c.edi")
    final.write(0, b"x" * 40)
    again.discard(final)
    again.discard(final)
    again.remove_temp("a.tmp")
    again.begin("d.edi").write(0, b"x" * 100)


def test_what_was_closed_before_the_machine_went_down_has_to_be_closed_again(tmp_path: Path) -> None:
    for booted, submittable in ((False, True), (True, False)):
        staging = Staging(tmp_path, Limits())
        staging.sweep()
        partner = staging.partner("ACME")
        partner.close_temp(partner.open_temp("a.tmp", create=True, truncate=True, append=False))
        if booted:
            (tmp_path / "boot").write_text("an earlier one")
        again = Staging(tmp_path, Limits())
        again.sweep()
        refused = nullcontext() if submittable else pytest.raises(SFTPFailure, match="never finished")
        with refused, again.partner("ACME").submitting("a.tmp") as staged:
            assert staged.data == b""


def test_large_uploads_and_those_beyond_the_memory_of_all_are_files(tmp_path: Path) -> None:
    staging = Staging(tmp_path, Limits(small=10, memory=25))
    uploads = [staging.partner(code).begin("x.edi") for code in ("A", "B", "C", "D")]
    for upload, size in zip(uploads, (10, 11, 10, 10), strict=True):
        for at in range(size):
            upload.write(at, b"x")
    assert [upload.path.exists() for upload in uploads] == [False, True, False, True]
    staged = [upload.finish() for upload in uploads]
    assert [one.data for one in staged] == [b"x" * 10, None, b"x" * 10, None]
    assert [one.path.read_bytes() for one in staged if one.data is None] == [b"x" * 11, b"x" * 10]
    assert {one.sha256 for one in staged} == {hashlib.sha256(b"x" * size).hexdigest() for size in (10, 11)}
    later = staging.partner("A").begin("y.edi")
    later.write(0, b"y" * 10)
    assert not later.path.exists(), "what is finished takes no memory"


def test_a_temp_file_that_another_process_writes_is_left_to_it(tmp_path: Path) -> None:
    mine, theirs = (PartnerStaging(tmp_path, "ACME", Limits()) for _ in range(2))
    upload = theirs.open_temp("a.tmp", create=True, truncate=True, append=False)
    for attempt in (
        lambda: mine.open_temp("a.tmp", create=True, truncate=True, append=False),
        lambda: mine.remove_temp("a.tmp"),
        lambda: mine.rename_temp("a.tmp", "b.tmp", replace=True),
    ):
        with pytest.raises(SFTPFailure, match="still being written"):
            attempt()
    assert mine.expire(before=2**40) == []
    theirs.close_temp(upload)
    mine.rename_temp("a.tmp", "b.tmp", replace=True)
    assert [file.name for file in theirs.temps()] == ["b.tmp"]


def test_a_temp_file_cut_off_with_a_hole_keeps_only_its_beginning(tmp_path: Path) -> None:
    staging = PartnerStaging(tmp_path, "ACME", Limits())
    upload = staging.open_temp("a.tmp", create=True, truncate=True, append=False)
    upload.write(0, b"begin")
    upload.write(100, b"later")
    staging.release_temp(upload)
    (file,) = staging.temps()
    assert file.size == 5


def test_truncating_an_open_upload_keeps_hash_and_size_right(tmp_path: Path) -> None:
    staging = PartnerStaging(tmp_path, "ACME", Limits())
    upload = staging.begin("x.edi")
    upload.write(0, b"0123456789")
    upload.resize(4)
    upload.write(4, b"!")
    staged = upload.finish()
    assert (staged.data, staged.size, upload.size) == (b"0123!", 5, 5)
    assert staged.sha256 == hashlib.sha256(b"0123!").hexdigest()


def test_an_upload_cannot_be_made_longer_without_writing(tmp_path: Path) -> None:
    upload = PartnerStaging(tmp_path, "ACME", Limits()).begin("x.edi")
    with pytest.raises(SFTPFailure, match="only grow by writing"):
        upload.resize(10)
    with pytest.raises(SFTPFailure):
        upload.finish()
