"""The commands: `edigw check --guide`, `--html`, `edigw ack --guide`, `edigw guide check`, `edigw guide doc`."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.resources import shipped
from tests.guides.guide_messages import ORDER, ORDERS_HEAD, orders

Capture = pytest.CaptureFixture[str]
FOLDER = shipped("samples") / "guides"
GUIDE = str(FOLDER / "nordwind-orders.yaml")
GOOD, BAD = str(FOLDER / "nordwind-orders-good.edi"), str(FOLDER / "nordwind-orders-bad.edi")
_VOID = {"meta", "br", "hr"}


class Page(HTMLParser):
    """Reads a page: every element is closed, and where links lead there is something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        assert {link.removeprefix("#") for link in self.links} <= set(self.ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.ids += [str(given["id"])] if "id" in given else []
        self.links += [str(given["href"])] if "href" in given else []
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += f" {data}"


def page(path: Path) -> Page:
    text = path.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    found = Page(text)
    assert "script" not in found.tags
    assert "http" not in re.sub(r"http-equiv", "", text)  # nothing is fetched from anywhere
    found.words = " ".join(found.words.split())
    return found


def test_check_applies_a_guide(capsys: Capture) -> None:
    """A file that is good by the standard is judged by the guide, and the JSON names it."""
    assert main(["check", GOOD, "--guide", GUIDE]) == 0
    assert main(["check", BAD, "--guide", GUIDE, "--json"]) == 1
    out = capsys.readouterr().out
    (told,) = json.loads(out[out.index("[\n") :])
    errors = told["interchanges"][0]["messages"][0]["errors"]
    assert {e.get("guide") for e in errors} == {"Nordwind ORDERS", None}
    first = errors[0]
    assert (first["code"], first["segment"], first["element"], first["component"], first["standard_code"]) == (
        "guide_code_unused", 2, 1, 1, "14",
    )  # fmt: skip


def test_check_says_if_no_message_is_for_the_guide(capsys: Capture) -> None:
    """Silence would look like consent."""
    sample = str(FOLDER / "lakeshore-850-good.x12")
    assert main(["check", sample, "--guide", GUIDE]) == 0
    assert capsys.readouterr().err == f"{sample}: holds no ORDERS, so no guide was applied\n"


def test_a_guide_that_is_wrong_is_one_line_and_exit_code_2(tmp_path: Path, capsys: Capture) -> None:
    """File, line, reason."""
    path = tmp_path / "bad.yaml"
    path.write_text(f"{ORDERS_HEAD}locations:\n  - at: BGX\n")
    assert main(["check", GOOD, "--guide", str(path)]) == 2
    assert capsys.readouterr().err == f"edigw: {path}:6: BGX does not stand in ORDERS D.96A\n"


def test_guide_check_tells_all_faults(tmp_path: Path, capsys: Capture) -> None:
    """Exit code 1, each fault in a line of its own; as JSON, too."""
    path = tmp_path / "bad.yaml"
    path.write_text(f"{ORDERS_HEAD}locations:\n  - at: BGX\n  - {{at: BGM, use: forbidden}}\n")
    assert main(["guide", "check", str(path), GUIDE]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"{path}:6: BGX does not stand in ORDERS D.96A"
    assert out[1].startswith(f"{path}:7: BGM: ")
    assert re.fullmatch(rf"{GUIDE}: valid, ORDERS D.96A, \d+ locations, \d+ rules", out[2])
    assert main(["guide", "check", "--json", str(path)]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["valid"], [error["line"] for error in told["errors"]]) == (False, [6, 7])


def test_ack_speaks_of_the_guide(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The acknowledgement is the one that the gateway would send to this partner."""
    assert main(["ack", GOOD, "--guide", GUIDE]) == 0
    assert main(["ack", BAD, "--guide", GUIDE]) == 1
    assert b"UCD+14+2:1'" in capsysbinary.readouterr().out


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_guide_doc_is_one_sound_page(path: Path, tmp_path: Path) -> None:
    """Well formed, without scripts or outside addresses, with everything that a supplier's developer asks for."""
    out = tmp_path / "guide.html"
    assert main(["guide", "doc", str(path), "-o", str(out)]) == 0
    words = page(out).words
    for part in ("The message at a glance", "Segment by segment", "Rules", "Example", "required", "not used"):
        assert part in words


def test_guide_doc_says_what_the_guide_says(tmp_path: Path) -> None:
    """Names, codes with meanings, lengths, forms, rules, notes, private segments and the example."""
    out = tmp_path / "guide.html"
    assert main(["guide", "doc", GUIDE, "-o", str(out)]) == 0
    words = page(out).words
    for part in (
        "Purchase orders from Nordwind Markt",
        "Association EAN008",
        "NAD 3035=DP Warehouse",
        "1004 document/message number C an..35 required Form NW-[0-9]{4,8}",
        "224 rush order",
        "3055 code list responsible agency, coded C an..3 required 9 EAN (GS1)",
        "A GLN with a right check digit",
        "length ..70",
        "All other segments, and other forms of those named, are not used.",
        "A gross price never stands without the net price.",
        "ZNW Promotion Stands in SG25, max. 1.",
        "promotion an..10 required",
        "Order number and kind of order.",
        "NW-4811",
        "SHA-256",
    ):
        assert part in words, part


def test_guide_doc_refuses_a_version_that_the_guide_is_not_for(capsys: Capture) -> None:
    """One line."""
    assert main(["guide", "doc", GUIDE, "--version", "D.01B"]) == 2
    assert "is for D.96A, not for D.01B" in capsys.readouterr().err


def test_the_report_shows_every_finding_at_its_place(tmp_path: Path, capsys: Capture) -> None:
    """Each one in the list and at its segment, with names, codes' meanings, advice and the guide's own words."""
    out = tmp_path / "report.html"
    assert main(["check", BAD, "--guide", GUIDE, "--html", str(out)]) == 1
    text = capsys.readouterr().out
    found = page(out)
    errors = int(re.search(r"(\d+) errors\n", text)[1])  # type: ignore[index]
    assert len(found.links) == errors
    assert f"invalid {errors} errors." in found.words
    for part in (
        "checked against the standard and Nordwind ORDERS (2.1, January 2026)",
        "From 4299999000016:14",
        "Purchase order message: ORDERS D.96A EAN008, message 1",
        "4812 does not have the agreed form NW-[0-9]{4,8}",
        "To do: Write the value in the form that the partner's guide shows.",
        "The guide says: The number under which Nordwind knows the order. It must stand in every answer.",
        "Name and address: Carrier",
        "3055 code list responsible agency, coded 92 Assigned by buyer or buyer's agent",
        "ZNW + + 12 ' Promotion",
    ):
        assert part in found.words, part


def test_the_report_shows_what_a_partner_sent_as_text(tmp_path: Path) -> None:
    """No markup and no control character gets through."""
    hostile = orders("BGM+220+<script>alert(1)</script>+9", *ORDER[1:2], "NAD+BY+\x1b[2J<b>", *ORDER[3:])
    (tmp_path / "<i>.edi").write_bytes(hostile)
    out = tmp_path / "report.html"
    main(["check", str(tmp_path / "<i>.edi"), "--html", str(out)])
    text = out.read_text("utf-8")
    assert "\x1b" not in text
    assert "i" not in page(out).tags
    assert "&lt;script&gt;" in text


def test_the_report_on_good_and_broken_files_is_sound(tmp_path: Path) -> None:
    """Several files, valid ones, what is no EDI at all, and a message of which only the parts with findings show."""
    (tmp_path / "none.edi").write_bytes(b"hello")
    lines = [part for n in range(1, 601) for part in (f"LIN+{n}++5412345111115:EN", "QTY+21:1")]
    lines[700] = "LIN+X++5412345111115:EN"
    (tmp_path / "long.edi").write_bytes(orders(*ORDER[:4], *lines, "UNS+S", "CNT+2:600"))
    out = tmp_path / "report.html"
    names = [str(tmp_path / "none.edi"), str(tmp_path / "long.edi"), GOOD]
    assert main(["check", *names, "--html", str(out)]) == 1
    words = page(out).words
    assert f"{names[0]}, 5 bytes: no message" in words
    assert "segments without findings" in words
    assert len(out.read_bytes()) < 100_000
    assert "LIN element 1 (1082, line item number): X is no number" in words
    assert words.count("segments without findings") == 2  # before and behind the one at fault
