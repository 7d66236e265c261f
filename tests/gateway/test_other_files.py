"""Files that are no EDI, or not only EDI: each ends in a state that names the reason, and its sender reads why."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from edigw.gateway.desk import operate
from tests.gateway.house import House, sample


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def events(shown: dict[str, object], type: str) -> list[dict[str, object]]:
    return [e for e in shown["events"] if e["type"] == type]  # type: ignore[attr-defined]


def reports(house: House, partner: str = "nordwind") -> list[str]:
    files = house.outbox(partner, "receipts")
    return [data.decode() for name, data in files.items() if "report" in name]


def test_what_is_in_a_zip_is_processed_and_the_zip_is_the_evidence(house: House) -> None:
    data = zipped(one=sample("orders_3.edi"), two=sample("orders_text.edi"))
    shown = house.send("nordwind", "orders.zip", data)
    assert (shown["state"], len(house.sent("prairie"))) == ("accepted", 4)
    assert house.context.payloads.read(str(shown["sha256"])) == data
    (opened,) = events(shown, "submission.opened")
    assert [m["name"] for m in opened["detail"]["archive"]["members"]] == ["one", "two"]  # type: ignore[index]
    assert house.problems() == []


def test_a_gzip_file_is_processed_and_can_be_processed_again(house: House) -> None:
    house.edit("prairie", '"0799999000107"', '"0799999000206"')
    id = str(house.send("nordwind", "orders.edi.gz", gzip.compress(sample("orders_3.edi")))["id"])
    assert house.show(id)["state"] == "held"
    house.edit("prairie", '"0799999000206"', '"0799999000107"')
    operate.release(house.context.log, id, "admin:ann", "set up")
    house.work()
    assert (house.show(id)["state"], len(house.sent("prairie"))) == ("accepted", 3)
    assert len(events(house.show(id), "submission.opened")) == 1
    assert house.problems() == []


@pytest.mark.parametrize(
    ("name", "data", "reason", "told"),
    [
        ("order.txt", b"Dear supplier,\nplease send 12 bolts.\n", "not_edi", ""),
        ("order.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)), "unsupported_format", ""),
        ("blank.edi", b" \r\n \r\n", "not_edi", ""),
        ("order.xml", b'<?xml version="1.0"?><Order/>', "unsupported_format", ""),
        ("bomb.gz", gzip.compress(bytes(65_000_000)), "archive_too_large", "more than 64000000 bytes"),
        ("half.zip", zipped(a=b"UNB" * 99)[:80], "archive_damaged", "can't be read"),
        ("nested.zip", zipped(inner=zipped(a=b"UNB")), "archive_nested", "an archive itself"),
        ("text.zip", zipped(readme=b"Dear supplier, ..."), "not_edi", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # archives hold the time at which they were made
)
def test_what_can_not_be_read_is_rejected_with_a_report_in_words(
    shared_house: House, name: str, data: bytes, reason: str, told: str
) -> None:
    before = len(reports(shared_house))
    shown = shared_house.send("nordwind", name, data)
    assert (shown["state"], shown["reason"]) == ("rejected", reason)
    report = reports(shared_house)
    assert len(report) == before + 1
    assert any(name in text and told in text for text in report)
    assert shared_house.problems() == []


def test_a_partner_may_want_no_archives_to_be_opened(house: House) -> None:
    house.edit("nordwind", "[login]", "[reading]\narchives = false\n\n[login]")
    shown = house.send("nordwind", "orders.gz", gzip.compress(sample("orders_3.edi")))
    assert (shown["state"], house.sent("prairie")) == ("rejected", [])


def test_utf_16_and_both_standards_in_one_file_are_read(house: House) -> None:
    both = sample("orders_text.edi") + b"\r\n" + sample("asn_4711.x12")
    shown = house.send("nordwind", "both.edi", both)
    standards = [i["standard"] for i in shown["interchanges"]]  # type: ignore[attr-defined]
    assert standards == ["edifact", "x12"]
    wide = sample("orders_3.edi").decode("latin-1").encode("utf-16")
    shown = house.send("nordwind", "wide.edi", wide)
    assert shown["state"] in ("accepted", "rejected") and shown["interchanges"]
    assert house.problems() == []
