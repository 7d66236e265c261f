"""The packaged directories and how they are asked."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edigw.directory import (
    UnknownElement,
    UnknownMessage,
    UnknownSegment,
    UnknownVersion,
    edifact,
    packaged,
    positions,
    service,
    x12,
)
from edigw.directory.model import UNLIMITED, LoopUse

_ROOT = Path(__file__).resolve().parents[2]
_FACTS = _ROOT.parent / "shared" / "reference"


def _open(family: packaged.Family, version: str):
    return {"edifact": edifact, "x12": x12, "service": lambda name: service(int(name))}[family](version)


@pytest.mark.parametrize("family", ["edifact", "service", "x12"])
def test_every_packaged_version_has_its_segments_elements_and_codes(family):
    """Each segment of each version resolves down to simple elements with lengths that make sense."""
    for version in packaged.versions(family):
        directory = _open(family, version)
        for tag in directory.segments():
            for use in directory.segment(tag).elements:
                elements = [use.element] if use.element else [c.element for c in use.components]
                assert elements and all(e is not None and 0 < e.min <= e.max for e in elements), (version, tag)


@pytest.mark.parametrize("family", ["edifact", "service", "x12"])
def test_every_loop_begins_with_a_segment(family):
    """The tables of the oldest, the newest and some other versions can be followed: each loop has a
    trigger."""

    def walk(row):
        if isinstance(row, LoopUse):
            assert row.trigger.tag
            for child in row.children:
                walk(child)

    for version in packaged.versions(family)[::6]:
        directory = _open(family, version)
        for name in directory.messages():
            message = directory.message(name)
            for row in message.table:
                walk(row)


def test_all_releases_are_packaged():
    """62 UN/EDIFACT directories, the service directories of syntax 1 to 4 and 18 X12 versions are there."""
    assert len(packaged.versions("edifact")) == 62
    assert packaged.versions("service") == ("1", "2", "3", "4")
    assert len(packaged.versions("x12")) == 18


def test_a_message_lists_its_table_and_segments():
    """ORDERS D.96A begins and ends with the service segments, and knows all segments that it uses."""
    orders = edifact("D.96A").message("ORDERS")
    assert (orders.standard, orders.version, orders.type) == ("edifact", "D.96A", "ORDERS")
    assert [getattr(row, "tag", None) for row in (orders.table[0], orders.table[1], orders.table[-1])] == [
        "UNH",
        "BGM",
        "UNT",
    ]
    assert {"UNH", "UNS", "UNT", "LIN", "NAD"} <= orders.segments.keys()
    (lines,) = [row for row in orders.table if isinstance(row, LoopUse) and row.trigger.tag == "LIN"]
    assert (lines.name, lines.mandatory, lines.max) == ("SG25", False, 200000)


def test_an_x12_set_knows_its_functional_group():
    """850 travels in group PO, and a repeat without limit is told as UNLIMITED."""
    order = x12("004010").message("850")
    assert order.group == "PO"
    assert [row.max for row in order.table if getattr(row, "tag", "") == "REF"] == [UNLIMITED]


def test_segments_and_elements_tell_status_and_representation():
    """NAD of D.96A and REF of 004010 are as the standards print them."""
    nad = edifact("D.96A").segment("NAD")
    assert [(use.id, use.mandatory) for use in nad.elements[:2]] == [("3035", True), ("C082", False)]
    assert [c.element.id for c in nad.elements[1].components] == ["3039", "1131", "3055"]
    element = edifact("D.96A").element("3035")
    assert (element.type, element.min, element.max) == ("an", 1, 3)
    assert x12("004010").segment("REF").conditions == ("R0203",)
    assert x12("004010").composite("C040").conditions == ("P0304", "P0506")


def test_codes_are_those_of_the_version():
    """A code is listed from its first to its last directory; an element without a list has None."""
    assert edifact("D.96A").codes("3035")["BY"] == "Buyer"
    assert "SRV" not in edifact("D.96A").codes("7143")
    assert "SRV" in edifact("D.01B").codes("7143")
    assert edifact("D.96A").codes("3207") is None
    assert "07" not in x12("003040").codes("355") and "07" in x12("004010").codes("355")
    assert x12("004010").codes("373") is None
    assert set(edifact("D.96A").codes("0081")) == {"D", "S"}


def test_code_lists_may_be_left_out(monkeypatch, tmp_path):
    """Without the file of X12 code lists everything works; there are just no codes."""
    for path in packaged._DATA.glob("x12/0*"):
        (tmp_path / "x12").mkdir(exist_ok=True)
        (tmp_path / "x12" / path.name).symlink_to(path)
    monkeypatch.setattr(packaged, "_DATA", tmp_path)
    packaged._code_lists.cache_clear()
    try:
        assert packaged.codes("x12", "004010", "98") is None
    finally:
        packaged._code_lists.cache_clear()


@pytest.mark.parametrize("name", ["D.96A", "D96A", "D:96A", "d.96a", "S.96A"])
def test_a_directory_is_found_by_every_spelling_of_its_name(name):
    """Spellings of one version give the very same object."""
    assert edifact(name) is edifact("D.96A")


def test_gs08_with_an_industry_suffix_names_its_version():
    """004010VICS is 004010."""
    assert x12("004010VICS") is x12("004010")


def test_service_segments_are_those_of_the_syntax_version():
    """UNT counts up to six digits in syntax 3 and up to ten in syntax 4."""
    assert edifact("D.01B").segment("UNT").elements[0].element.max == 6
    assert edifact("D.01B", syntax=4).segment("UNT").elements[0].element.max == 10


def test_service_messages_come_from_the_service_directory():
    """CONTRL is in every syntax version, AUTACK only in version 4."""
    assert "UCI" in service(3).message("CONTRL").segments
    assert service(3).messages() == ("CONTRL",)
    assert "AUTACK" in service(4).messages()


@pytest.mark.parametrize(
    ("ask", "error", "suggestion"),
    [
        (lambda: edifact("D.97C"), UnknownVersion, "D.97A"),
        (lambda: x12("004011"), UnknownVersion, "004010"),
        (lambda: service(9), UnknownVersion, None),
        (lambda: edifact("D.96A").message("ORDER"), UnknownMessage, "ORDERS"),
        (lambda: x12("004010").message("000"), UnknownMessage, None),
        (lambda: edifact("D.96A").segment("NADX"), UnknownSegment, "NAD"),
        (lambda: edifact("D.96A").element("9999"), UnknownElement, None),
        (lambda: edifact("D.96A").composite("C999"), UnknownElement, None),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(ask, error, suggestion):
    """The error is a LookupError, names what was asked, and suggests what resembles it."""
    with pytest.raises(LookupError) as caught:
        ask()
    assert type(caught.value) is error
    assert caught.value.asked in str(caught.value)
    assert suggestion is None or any(name.startswith(suggestion) for name in caught.value.suggestions)


def test_repeats_take_positions_of_their_own_up_to_syntax_3():
    """An element with three repeats has three positions, of which the first alone is mandatory; one in
    syntax 4."""
    fare = edifact("D.01B", syntax=4).segment("COM")
    assert fare.elements[0].repeat == 3
    assert len(positions(fare, 4)) == 1
    expanded = positions(fare, 3)
    assert [(use.mandatory, use.repeat) for use in expanded] == [(True, 1), (False, 1), (False, 1)]


def test_a_version_is_opened_only_when_it_is_asked_for():
    """Importing the package reads no directory, and the first message only its own."""
    program = (
        "import edigw.directory as d; from edigw.directory import packaged\n"
        "assert packaged.load.cache_info().currsize == 0\n"
        "d.edifact('D.01B').message('ORDERS')\n"
        "assert packaged.load.cache_info().currsize == 2, 'the directory and the service directory'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=_ROOT, env=os.environ)


def test_a_message_is_made_once():
    """The second look-up gives the same object."""
    assert edifact("D.96A").message("INVOIC") is edifact("D.96A").message("INVOIC")


@pytest.mark.skipif(not _FACTS.is_dir(), reason="needs the facts that the directories are built from")
def test_the_packaged_data_are_what_the_build_script_writes(tmp_path):
    """Building from the facts gives the packaged content, file for file."""
    spec = importlib.util.spec_from_file_location("build", _ROOT / "tools" / "build_directories.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    for standard, pack in (("service", build._service), ("x12", build._x12)):
        packed, codes = pack(_FACTS)
        assert tuple(packed) == packaged.versions(standard)
        for name, content in [*list(packed.items())[:2], ("codes", codes)]:
            (tmp_path / standard).mkdir(exist_ok=True)
            written = build._write(tmp_path / standard, name, content)
            assert packaged._unpack(written) == packaged._unpack(packaged._DATA / standard / written.name)
    assert max(path.stat().st_size for path in packaged._DATA.rglob("*.zst")) < 1_400_000
