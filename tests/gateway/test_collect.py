"""Collection: what lies at a partner's place is taken in exactly once, and not before it is whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from edigw.gateway.incoming import collect as collecting
from edigw.gateway.incoming.collect import collect
from edigw.store.schema import collected_file, collection_turn, transmission
from edigw.transport.errors import Permanent, Temporary
from tests.gateway.house import House, sample


@pytest.fixture
def share(house: House) -> Path:
    """A folder into which the retailer's system writes."""
    folder = house.folder / "share"
    folder.mkdir()
    agreed(house, f'folder = "{folder}"\nsettle_seconds = 0')
    return folder


def agreed(house: House, text: str) -> None:
    path = house.config.parent / "partners" / "nordwind.toml"
    before = path.read_text().partition("[collection]")[0]
    path.write_text(f"{before}[collection]\n{text}\n")
    house.reload()


def visit(house: House) -> int:
    return collect(house.context, house.context.config.partners["nordwind"])


def received(house: House) -> list[tuple[str, str]]:
    with house.context.database.read() as conn:
        rows = conn.execute(select(transmission).where(transmission.c.direction == "in").order_by(transmission.c.id))
        return [(row.name, row.via) for row in rows]


def test_files_are_taken_in_processed_and_removed(house: House, share: Path) -> None:
    (share / "orders.edi").write_bytes(sample("orders_3.edi"))
    (share / "half.part").write_bytes(b"UNB")
    (share / ".hidden").write_bytes(b"UNB")
    (share / "empty.edi").touch()
    assert visit(house) == 1
    assert visit(house) == 0
    assert sorted(path.name for path in share.iterdir()) == [".hidden", "empty.edi", "half.part"]
    assert received(house) == [("orders.edi", "folder")]
    house.work()
    assert len(house.sent("prairie")) == 3
    assert house.problems() == []


def test_a_file_that_still_grows_is_left_until_it_has_settled(house: House, share: Path) -> None:
    data = sample("orders_3.edi")
    agreed(house, f'folder = "{share}"\nsettle_seconds = 3600')
    (share / "orders.edi").write_bytes(data[:100])
    assert visit(house) == 0
    (share / "orders.edi").write_bytes(data)
    assert visit(house) == 0
    agreed(house, f'folder = "{share}"\nsettle_seconds = 0.01')
    time.sleep(0.02)
    assert visit(house) == 1
    assert house.context.payloads.read(_only(house)) == data


def _only(house: House) -> str:
    with house.context.database.read() as conn:
        return str(conn.execute(select(transmission.c.sha256).where(transmission.c.direction == "in")).scalar_one())


def test_a_crash_before_the_file_is_removed_does_not_take_it_in_twice(
    house: House, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (share / "orders.edi").write_bytes(sample("orders_3.edi"))

    class PowerCut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(collecting._Visit, "_dispose", cut)
        with pytest.raises(PowerCut):
            visit(house)
    assert (share / "orders.edi").exists() and len(received(house)) == 1
    assert visit(house) == 0
    assert not (share / "orders.edi").exists() and len(received(house)) == 1
    assert house.problems() == []


def test_other_bytes_under_the_same_name_size_and_time_are_another_file(
    house: House, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = share / "orders.edi"
    path.write_bytes(b"first")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    with monkeypatch.context() as patch:
        patch.setattr(collecting._Visit, "_dispose", lambda *_: None)
        visit(house)
    path.write_bytes(b"other")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert visit(house) == 1
    assert [name for name, _ in received(house)] == ["orders.edi", "orders.edi"]


def test_what_was_overwritten_while_it_was_taken_in_is_not_removed(
    house: House, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = share / "orders.edi"
    path.write_bytes(b"first")
    genuine = collecting.intake.receive

    def receive(*arguments: object, **more: object) -> str:
        path.write_bytes(b"and then the second")
        return genuine(*arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(collecting.intake, "receive", receive)
        assert visit(house) == 1
    assert path.read_bytes() == b"and then the second"
    assert visit(house) == 1
    assert not path.exists()


def test_two_processes_at_one_place_take_a_file_in_once(
    house: House, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (share / "orders.edi").write_bytes(sample("orders_3.edi"))
    genuine = collecting.intake.receive
    inner: list[int] = []

    def receive(*arguments: object, **more: object) -> str:
        if not inner:
            inner.append(0)
            inner[0] = visit(house)  # the other process, at just this moment
        return genuine(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(collecting.intake, "receive", receive)
    assert (visit(house), inner) == (0, [1])
    assert len(received(house)) == 1
    assert house.problems() == []


def test_files_can_be_moved_aside(house: House, share: Path) -> None:
    agreed(house, f'folder = "{share}"\nsettle_seconds = 0\nafter = "move"\nnames = "*.edi"')
    (share / "a.edi").write_bytes(b"a")
    (share / "a.txt").write_bytes(b"a")
    assert visit(house) == 1
    assert (share / "done" / "a.edi").read_bytes() == b"a" and (share / "a.txt").exists()


def test_one_bad_file_does_not_hold_up_the_others(house: House, share: Path) -> None:
    (share / "a.edi").write_bytes(b"x" * 70_000_000)
    (share / "b.edi").write_bytes(sample("orders_3.edi"))
    with pytest.raises(Permanent, match="is larger than"):
        visit(house)
    assert [name for name, _ in received(house)] == ["b.edi"]


def test_the_collector_goes_when_it_is_time_and_tells_what_went_wrong(house: House, share: Path) -> None:
    (share / "orders.edi").write_bytes(sample("orders_3.edi"))
    partner = house.context.config.partners["nordwind"]
    assert partner.collection is not None
    collecting.visit(house.context, partner, partner.collection)
    assert len(received(house)) == 1
    (share / "more.edi").write_bytes(sample("orders_text.edi"))
    collecting.visit(house.context, partner, partner.collection)  # not yet its turn
    assert len(received(house)) == 1
    share.rename(share.with_name("gone"))
    with house.context.database.write() as conn:
        conn.execute(collection_turn.update().values(due_at="2000-01-01T00:00:00.000Z"))
    collecting.visit(house.context, partner, partner.collection)
    with house.context.database.read() as conn:
        assert "not there" in collecting.troubles(conn)["nordwind"]
    with pytest.raises(Temporary):
        visit(house)


def test_what_is_gone_is_forgotten(house: House, share: Path) -> None:
    agreed(house, f'folder = "{share}"\nsettle_seconds = 3600')
    (share / "a.edi").write_bytes(b"a")
    visit(house)
    (share / "a.edi").unlink()
    visit(house)
    with house.context.database.read() as conn:
        assert conn.execute(select(collected_file)).all() == []


def test_what_goes_wrong_on_this_side_ends_no_collector(
    house: House, share: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As when the disk is full, and what is fetched can't be kept for a moment."""
    partner = house.context.config.partners["nordwind"]
    assert partner.collection is not None
    (share / "orders.edi").write_bytes(sample("orders_3.edi"))
    in_the_way = house.context.config.data / "collected"
    in_the_way.write_text("no folder")
    collecting.visit(house.context, partner, partner.collection)
    assert "nothing collected from nordwind" in caplog.text and received(house) == []
    in_the_way.unlink()
    assert visit(house) == 1
