"""The rules that applied lie in the bundle: as they were then, those of the two partners only, and bound to the log."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from edigw.gateway.desk import evidence
from edigw.gateway.upkeep import maps
from edigw.gateway.upkeep.reload import Reloader
from edigw.log.verify import verify_bundle
from edigw.resources import shipped

from ..log.test_bundle import reseal
from .house import House, sample

OVERLAY = "extends: order/850\npartner: prairie\nremove: [parties.references]\n"
OTHER = """
name = "Other"
[identifiers]
x12 = [{ id = "OTHER", qualifier = "ZZ" }]
[delivery]
method = "folder"
[delivery.folder]
path = "/tmp"
"""


@dataclass(frozen=True)
class Case:
    """A gateway whose rules changed after an order went through; what stood in its files then."""

    house: House
    id: str
    before: dict[str, bytes]

    def export(self, folder: Path, **withhold: str) -> Path:
        """The unpacked bundle of the order."""
        log = self.house.context.log
        evidence.export(log, folder / "e.zip", "admin:x", transmission=self.id, withhold=withhold)
        with zipfile.ZipFile(folder / "e.zip") as archive:
            archive.extractall(folder / "e")
        return folder / "e"

    @property
    def key(self) -> list[str]:
        return [str(self.house.context.log.keys[0])]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    house = House(tmp_path_factory.mktemp("house"))
    home = house.config.parent
    (home / "mappings").mkdir()
    (home / "mappings/own.yaml").write_text(OVERLAY)
    house.agree("prairie", '[[overlays]]\nfile = "../mappings/own.yaml"\n\n[codes]\nunmapped = "pass"\n')
    house.add("other", OTHER)
    reloader = Reloader(house.current)
    reloader.begin()
    house.reload()
    id = str(house.send("nordwind", "orders.edi", sample("orders_text.edi"))["id"])
    names = ("partners/nordwind.toml", "partners/prairie.toml", "mappings/own.yaml")
    before = {name: (home / name).read_bytes() for name in names}
    (home / "mappings/own.yaml").write_text(f"{OVERLAY}note: new\n")
    house.edit("prairie", "Prairie Goods Inc.", "Prairie")
    reloader.look(at_once=True)
    bindings = shutil.copytree(shipped("mappings"), home / "bindings")
    newer = bindings / "order/850.yaml"
    newer.write_text(f"# new\n{newer.read_text()}")
    house.current.adopt(msgspec.structs.replace(house.context.config, bindings=bindings), house.context.openpgp)
    maps.record(house.context)
    return Case(house, id, before)


def test_the_bundle_holds_the_rules_as_they_were(case: Case, tmp_path: Path) -> None:
    folder = case.export(tmp_path)
    report = verify_bundle(folder, case.key)
    assert report.ok, report.failure
    rules = {path.name: path.read_bytes() for path in (folder / "rules").iterdir()}
    assert all(hashlib.sha256(content).hexdigest() == name for name, content in rules.items())
    assert set(case.before.values()) <= set(rules.values())
    assert not any(b'"OTHER"' in content for content in rules.values()), "a third partner's file"
    (said,) = [note for note in report.notes if note.startswith("these rules applied")]
    assert all(
        name in said for name in (*case.before, "the binding order/ORDERS D.96A", "the binding order/850 004010")
    )
    assert not any("which applied" in text for text in report.unproved)
    page = (folder / "report.html").read_text()
    assert "Which rules applied" in page and "partners/prairie.toml" in page and "not in this bundle" not in page


def test_rules_can_be_withheld(case: Case, tmp_path: Path) -> None:
    folder = case.export(tmp_path, configuration="not yours")
    report = verify_bundle(folder, case.key)
    assert report.ok and not (folder / "rules").exists()
    assert any("the binding order/850 004010" in text and "which applied" in text for text in report.unproved)
    assert "not in this bundle" in (folder / "report.html").read_text()


def _alter(rules: Path) -> None:
    path = next(path for path in rules.iterdir() if b"Prairie Goods" in path.read_bytes())
    path.write_bytes(path.read_bytes().replace(b"Prairie Goods", b"Prairie Foods"))


def _invent(rules: Path) -> None:
    content = b"price = 1\n"
    (rules / hashlib.sha256(content).hexdigest()).write_bytes(content)


@pytest.mark.parametrize(("tamper", "said"), [(_alter, "is not what the events name"), (_invent, "no event names it")])
def test_rules_of_another_making_are_found_out(
    case: Case, tmp_path: Path, tamper: Callable[[Path], None], said: str
) -> None:
    folder = case.export(tmp_path)
    tamper(folder / "rules")
    reseal(folder)
    assert said in verify_bundle(folder, case.key).failure
