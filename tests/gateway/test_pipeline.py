"""What becomes of a file that a partner sent: answers, translation, rejection, holding, duplicates, settlement."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edigw import acknowledge, directory, syntax
from edigw.gateway.desk.queries import Filters, search
from edigw.log.receipt import verify_receipt
from edigw.transport.keys import generate

from .house import House, sample

NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)


def verdicts(data: bytes) -> list[acknowledge.Verdict]:
    return acknowledge.read_acknowledgement(syntax.parse(data).interchanges[0])


def test_good_orders_are_acknowledged_and_go_to_the_supplier_as_valid_850s(house: House) -> None:
    shown = house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    assert shown["state"] == "accepted"
    (contrl,) = house.outbox("nordwind").values()
    assert [v.outcome for v in verdicts(contrl)] == ["accepted"]
    checked = [directory.check(data).interchanges[0] for data in house.sent("prairie")]
    assert [i.messages[0].segments[1][3] for i in checked] == ["NW-4711", "NW-4712", "NW-4713"]
    assert [i.control for i in checked] == ["000000001", "000000002", "000000003"]
    assert all(i.accepted and i.messages[0].valid and i.messages[0].type == "850" for i in checked)
    assert house.problems() == []


def test_a_broken_order_is_rejected_at_its_place_and_nothing_is_forwarded(house: House) -> None:
    shown = house.send("nordwind", "broken.edi", sample("orders_broken.edi"))
    assert shown["state"] == "rejected"
    (contrl,) = house.outbox("nordwind").values()
    codes = [(c.code, c.place.tag, c.place.segment, c.place.element) for v in verdicts(contrl) for c in v.codes]
    assert ("12", "NAD", 11, 1) in codes or ("12", "", 11, 1) in codes
    assert house.sent("prairie") == []
    report = house.outbox("nordwind", "receipts")["broken.edi.report.txt"].decode()
    assert "SUP" in report and "segment 11" in report
    assert house.problems() == []


def test_the_good_messages_of_a_bad_interchange_go_on(house: House) -> None:
    data = sample("orders_3.edi").replace(b"NAD+SU+", b"NAD+SUP+", 1)
    shown = house.send("nordwind", "orders.edi", data)
    assert shown["state"] == "partly_accepted"
    assert [m["state"] for m in shown["messages"]] == ["rejected", "accepted", "accepted"]
    (contrl,) = house.outbox("nordwind").values()
    assert [(v.level, v.outcome) for v in verdicts(contrl)] == [
        ("interchange", "partly_accepted"),
        ("message", "rejected"),
    ]
    assert len(house.sent("prairie")) == 2
    assert house.problems() == []


@pytest.mark.parametrize(
    ("accept", "states"),
    [("message", ["R", "A", "A", "A"]), ("interchange", ["R", "R", "R", "A"]), ("file", ["R", "R", "R", "R"])],
)
def test_what_is_accepted_together_is_agreed(small_house: House, accept: str, states: list[str]) -> None:
    """One broken order takes with it nothing, its interchange, or the file; every message that is rejected is named."""
    small_house.edit("nordwind", "[identifiers]", f'[reading]\naccept = "{accept}"\n[identifiers]')
    data = sample("orders_3.edi").replace(b"NAD+SU+", b"NAD+SUP+", 1) + sample("orders_text.edi")
    shown = small_house.send("nordwind", "orders.edi", data)
    assert [m["state"][0].upper() for m in shown["messages"]] == states
    assert len(small_house.sent("prairie")) == states.count("A")
    answers = [verdicts(contrl) for contrl in small_house.outbox("nordwind").values()]
    assert [v.outcome for answer in answers for v in answer if v.level == "message"] == ["rejected"] * states.count("R")
    codes = {code.code for answer in answers for v in answer for code in v.codes}
    assert codes == ({"12"} if accept == "message" else {"12", "18"})
    assert small_house.problems() == []


def test_the_same_file_again_is_not_forwarded_again_and_gets_the_same_answer(house: House) -> None:
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    again = house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    assert again["state"] == "duplicate"
    assert len(house.sent("prairie")) == 1
    first, second = house.sent("nordwind", "ack")
    assert first == second
    assert house.problems() == []


def test_a_reference_that_was_used_for_other_content_is_rejected(house: House) -> None:
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    other = sample("orders_text.edi").replace(b"NW-4714", b"NW-9999")
    shown = house.send("nordwind", "other.edi", other)
    assert (shown["state"], shown["reason"]) == ("rejected", "duplicate_interchange")
    codes = [c.code for v in verdicts(house.sent("nordwind", "ack")[-1]) for c in v.codes]
    assert codes == ["26"]
    assert len(house.sent("prairie")) == 1


def test_nobody_can_send_for_another_nor_use_up_its_references(house: House) -> None:
    forged = house.send("prairie", "forged.edi", sample("orders_text.edi"))
    assert (forged["state"], forged["reason"]) == ("rejected", "sender_not_entitled")
    real = house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    assert real["state"] == "accepted"
    assert len(house.sent("prairie")) == 1


def test_an_unknown_receiver_is_held_without_an_answer(house: House) -> None:
    data = sample("orders_text.edi").replace(b"0799999000107:14", b"0799999000206:14")
    shown = house.send("nordwind", "orders.edi", data)
    assert (shown["state"], shown["reason"]) == ("held", "unknown_receiver")
    assert house.outbox("nordwind") == {}
    assert house.problems() == []


def test_a_document_that_the_receiver_has_not_agreed_to_is_held(small_house: House) -> None:
    agreed = '[[receives]]\ndocument = "Order"\nmessage = "850"\nversion = "004010"\n'
    small_house.edit("prairie", agreed, "")
    shown = small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    assert (shown["state"], shown["reason"]) == ("held", "no_agreement")
    assert small_house.sent("prairie") == []
    assert small_house.problems() == []


def test_test_interchanges_are_rejected_where_they_are_not_agreed_and_marked_where_they_are(small_house: House) -> None:
    small_house.edit("prairie", 'method = "sftp"', 'method = "sftp"\ntest = { method = "mailbox" }')
    data = sample("orders_text.edi").replace(b"+ORDERS'UNH", b"+ORDERS++++1'UNH", 1)
    assert syntax.parse(data).interchanges[0].test
    small_house.send("nordwind", "test.edi", data)
    (forwarded,) = small_house.sent("prairie")
    assert syntax.parse(forwarded).interchanges[0].test
    small_house.edit("nordwind", "[identifiers]", 'test = "reject"\n[identifiers]')
    shown = small_house.send("nordwind", "test2.edi", data.replace(b"NW0004714", b"NW0009999"))
    assert (shown["state"], shown["reason"]) == ("rejected", "test_not_accepted")


@pytest.mark.parametrize("data", [b"Dear Sirs,\r\nplease send 3 boxes.\r\n", b"\x00\x01\x02", b"PK\x03\x04...."])
def test_what_is_no_edi_is_rejected_with_a_report_in_plain_words(small_house: House, data: bytes) -> None:
    shown = small_house.send("nordwind", "letter.txt", data)
    assert shown["state"] == "rejected"
    assert "letter.txt.report.txt" in small_house.outbox("nordwind", "receipts")
    assert small_house.outbox("nordwind") == {}


@pytest.mark.parametrize(("accept", "state"), [(True, "accepted"), (False, "rejected")])
def test_a_997_settles_the_order_that_it_answers(house: House, accept: bool, state: str) -> None:
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    delivered = house.sent("prairie")[1]
    if not accept:
        delivered = delivered.replace(b"BEG*00*", b"BEG*QQ*")
    received = directory.check(delivered).interchanges[0]
    answer = acknowledge.write_x12_acks(received, control=7, group_control=7, now=NOW)
    assert answer is not None
    shown = house.send("prairie", "997.x12", answer)
    assert shown["state"] == "accepted"
    assert house.sent("prairie", "ack") == []  # an acknowledgement is never acknowledged
    with house.context.database.read() as conn:
        found = search(conn, Filters(direction="out", type="850"))
    assert {m["number"]: m["ack_state"] for t in found for m in t["messages"]} == {
        "NW-4711": "wanted",
        "NW-4712": state,
        "NW-4713": "wanted",
    }
    assert house.problems() == []


def test_an_acknowledgement_of_nothing_that_was_sent_is_kept_as_a_finding(small_house: House) -> None:
    small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    received = directory.check(small_house.sent("prairie")[0].replace(b"*000000001*", b"*000000009*"))
    received.interchanges[0].groups[0].header[6] = "9"
    answer = acknowledge.write_x12_acks(received.interchanges[0], control=7, group_control=7, now=NOW)
    assert answer is not None
    shown = small_house.send("prairie", "997.x12", answer)
    assert [f["code"] for f in shown["findings"]] == ["unexpected_acknowledgement"]


def test_a_despatch_advice_reaches_the_retailer_in_edifact_with_every_package(house: House) -> None:
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    files = house.outbox("nordwind")
    (name,) = [n for n in files if n.startswith("DESADV")]
    checked = directory.check(files[name]).interchanges[0]
    assert checked.accepted and checked.messages[0].valid
    sent = {s[2] for s in syntax.parse(sample("asn_4711.x12")).interchanges[0].messages[0].segments if s[0] == "MAN"}
    text = files[name].decode("latin-1")
    assert sent and all(sscc[-18:] in text for sscc in sent)
    (ack,) = house.sent("prairie", "ack")
    assert [v.outcome for v in verdicts(ack)] == ["accepted", "accepted"]
    assert house.problems() == []


def test_text_that_x12_lacks_is_folded_and_every_change_is_on_record(small_house: House) -> None:
    shown = small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    (data,) = small_house.sent("prairie")
    assert data.isascii()
    became = next(t for t in shown["became"] if t["kind"] == "business")
    losses = [f for f in small_house.show(became["id"])["findings"] if f["kind"] == "changed"]
    source = syntax.parse(sample("orders_text.edi")).interchanges[0]
    foreign = {c for m in source.messages for s in m.segments for c in str(s) if not c.isascii()}
    assert foreign and foreign <= set("".join(loss["value"] for loss in losses))


def test_each_upload_gets_a_receipt_that_verifies(house: House) -> None:
    data = sample("orders_text.edi")
    house.drop("nordwind", "orders.edi", data)
    house.context.log.integrate()
    house.work()
    text = house.outbox("nordwind", "receipts")["orders.edi.receipt"].decode()
    receipt = verify_receipt(text, house.context.log.keys)
    assert receipt.covers("payload.original", data)
    assert not receipt.covers("payload.original", data + b" ")


def test_a_partner_sees_only_its_own_mailbox(small_house: House) -> None:
    small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    assert small_house.outbox("nordwind") and small_house.outbox("nordwind", "inbox")
    assert all(small_house.outbox("prairie", folder) == {} for folder in ("inbox", "outbox", "receipts"))


def test_text_goes_out_as_it_is_where_the_receiver_has_agreed_to_utf_8(small_house: House) -> None:
    small_house.edit("prairie", 'characters = "ascii-fold"', 'characters = "utf-8"')
    shown = small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    assert shown["state"] == "accepted"
    (data,) = small_house.sent("prairie")
    assert "Größe" in data.decode("utf-8")
    became = next(t for t in shown["became"] if t["kind"] == "business")
    assert [f for f in small_house.show(became["id"])["findings"] if f["kind"] == "changed"] == []


def test_the_same_interchange_twice_in_one_file_is_forwarded_once(house: House) -> None:
    shown = house.send("nordwind", "twice.edi", sample("orders_text.edi") * 2)
    assert [m["state"] for m in shown["messages"]] == ["accepted"]
    assert len(house.sent("prairie")) == 1
    other = sample("orders_3.edi") + sample("orders_3.edi").replace(b"NW-4711", b"NW-9999")
    shown = house.send("nordwind", "reused.edi", other)
    assert [i["state"] for i in shown["interchanges"]] == ["accepted", "rejected"]
    assert len(house.sent("prairie")) == 4
    assert house.problems() == []


SECOND = """
name = "Suedwind Markt eG"
[identifiers]
edifact = [{ id = "4299999000047", qualifier = "14" }]
x12 = [{ id = "SUEDWIND", qualifier = "ZZ" }]
[login]
user = "suedwind"
keys = [%s]
[[receives]]
document = "DespatchAdvice"
message = "DESADV"
version = "D.96A"
"""


def test_two_senders_with_equal_control_numbers_are_kept_apart(house: House) -> None:
    key = generate(house.folder / "second", "second").strip()
    house.add("suedwind", SECOND % f'"{key}"')
    house.send("nordwind", "a.edi", sample("orders_text.edi"))
    theirs = sample("orders_text.edi").replace(b"4299999000016:14", b"4299999000047:14", 1)
    house.send("suedwind", "b.edi", theirs.replace(b"NW-4714", b"SW-1"))
    first, _ = house.sent("prairie")
    received = directory.check(first.replace(b"BEG*00*", b"BEG*QQ*")).interchanges[0]
    answer = acknowledge.write_x12_acks(received, control=7, group_control=7, now=NOW)
    assert answer is not None
    house.send("prairie", "997.x12", answer)
    with house.context.database.read() as conn:
        found = search(conn, Filters(direction="out", type="850"))
    assert {m["number"]: m["ack_state"] for t in found for m in t["messages"]} == {
        "NW-4714": "rejected",
        "SW-1": "wanted",
    }
    assert len({t["name"] for t in found}) == 2, "the two files have different names on the partner's server"
    assert house.problems() == []


def test_a_997_and_a_ta1_beside_business_groups_settle_and_the_business_goes_on(small_house: House) -> None:
    small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    received = directory.check(small_house.sent("prairie")[0]).interchanges[0]
    answer = acknowledge.write_x12_acks(received, control=7, group_control=7, now=NOW)
    assert answer is not None
    group = answer[answer.index(b"GS*FA") : answer.index(b"IEA")].replace(b"\n", b"")
    mixed = sample("asn_4711.x12").replace(b"GS*SH", group + b"GS*SH", 1).replace(b"IEA*1*", b"IEA*2*")
    shown = small_house.send("prairie", "mixed.x12", mixed)
    assert shown["state"] == "accepted"
    with small_house.context.database.read() as conn:
        (order,) = search(conn, Filters(direction="out", type="850"))
    assert order["messages"][0]["ack_state"] == "accepted"
    assert any(name.startswith("DESADV") for name in small_house.outbox("nordwind"))
    (ack,) = small_house.sent("prairie", "ack")
    assert b"GS*FA" in ack and b"AK1*SH" in ack and b"AK1*FA" not in ack


@pytest.mark.parametrize("place", [b"NW0004714", b"4299999000016:14", b"ORDERS:D"])
def test_nul_and_endless_values_in_the_envelope_end_in_a_rejection(house: House, place: bytes) -> None:
    for value in (b"A\x00B", b"X" * 400):
        data = sample("orders_text.edi").replace(place, value + place[1:], 1)
        assert house.send("nordwind", "x" * 240 + ".edi", data)["state"] == "rejected"
    assert house.problems() == []
