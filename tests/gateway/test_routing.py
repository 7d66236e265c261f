"""Routes: where messages go by rules, copies to others, and what waits because nobody knows where to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edigw import acknowledge, syntax
from edigw.gateway.desk import held, operate, queries
from edigw.transport.keys import generate

from .house import House, sample

ORDERS = sample("orders_text.edi")
ASN = sample("asn_4711.x12")


def join(house: House, code: str, edifact: str, *receives: tuple[str, str, str], more: str = "") -> None:
    """Set up another partner, with a mailbox here."""
    key = json.dumps(generate(house.folder / f"{code}{len(house.context.config.partners)}", code))
    forms = "".join(f'[[receives]]\ndocument = "{d}"\nmessage = "{m}"\nversion = "{v}"\n' for d, m, v in receives)
    house.add(
        code,
        f'name = "{code}"\n{more}\n[identifiers]\nedifact = [{{ id = "{edifact}" }}]\n'
        f'x12 = [{{ id = "{edifact}", qualifier = "ZZ" }}]\n[login]\nuser = "{code}"\nkeys = [{key}]\n{forms}',
    )


def routes(house: House, text: str) -> None:
    (house.config.parent / "routes.toml").write_text(text)
    house.reload()


def became(house: House, shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What went out for a file, by partner."""
    return {t["partner"]: house.show(t["id"]) for t in shown["became"] if t["kind"] == "business"}


def test_a_rule_sends_elsewhere_and_copies_to_a_third(house: House) -> None:
    """The copy is translated for the third partner and delivered, acknowledged and told of on its own."""
    join(house, "depot", "DEPOT", ("DespatchAdvice", "DESADV", "D.96A"))
    join(house, "carrier", "CARRIER", ("DespatchAdvice", "856", "005010"))
    routes(
        house,
        """
        [[routes]]
        name = "orders stay"
        document = "Order"
        only_check = true
        [[routes]]
        name = "advices of prairie"
        sender = ["nordwind", "prairie"]
        message = "85*"
        version = "00*"
        test = false
        to = "depot"
        copy_to = "carrier"
        """,
    )
    shown = house.send("prairie", "asn.x12", ASN)
    assert shown["state"] == "accepted" and house.sent("nordwind") == []
    sent = became(house, shown)
    assert set(sent) == {"depot", "carrier"}
    forms = {code: [(m["type"], m["version"]) for m in t["messages"]] for code, t in sent.items()}
    assert forms == {"depot": [("DESADV", "D.96A")], "carrier": [("856", "005010")]}
    (received,) = shown["messages"]  # type: ignore[misc]
    assert received["receiver"] == "depot"
    assert {t["messages"][0]["source"] for t in sent.values()} == {received["id"]}
    assert {t["messages"][0]["ack_state"] for t in sent.values()} == {"wanted"}
    own, copy = (sent[code]["messages"][0]["xid"] for code in ("depot", "carrier"))
    assert own == received["xid"] and copy not in (own, shown["xid"])
    (told,) = [e for e in sent["carrier"]["events"] if e["type"] == "translation.completed"]
    assert (told["detail"]["route"], told["detail"]["copy"]) == ("advices of prairie", True)
    (validated,) = [e for e in shown["events"] if e["type"] == "validation.passed"]  # type: ignore[attr-defined]
    assert validated["detail"]["routes"] == [
        {"message": received["id"], "rule": "advices of prairie", "to": "depot", "copies": ["carrier"]}
    ]
    assert {event["xid"]: event["parent"] for event in _firsts(house, own, copy)} == {
        own: _leaf(house, validated["eid"]),
        copy: _leaf(house, validated["eid"]),
    }
    answered = acknowledge_997(house, house.outbox("carrier"))
    assert house.send("carrier", "997.x12", answered)["state"] == "accepted"
    states = {code: house.show(t["id"])["messages"][0]["ack_state"] for code, t in sent.items()}  # type: ignore[index]
    assert states == {"depot": "wanted", "carrier": "accepted"}
    assert house.send("nordwind", "orders.edi", ORDERS)["state"] == "accepted"
    assert house.sent("prairie") == []
    assert house.problems() == []


def _firsts(house: House, *xids: str) -> list[dict[str, Any]]:
    from edigw.store.schema import event

    with house.context.database.read() as conn:
        return queries.events(conn, house.context.payloads, event.c.xid.in_(xids) & (event.c.n == 0))


def _leaf(house: House, eid: str) -> str:
    from sqlalchemy import select

    from edigw.log.merkle import leaf_hash
    from edigw.store.schema import ev_entry

    while house.context.log.integrate():
        pass
    with house.context.database.read() as conn:
        return leaf_hash(bytes(conn.execute(select(ev_entry.c.entry).where(ev_entry.c.eid == eid)).scalar_one())).hex()


def acknowledge_997(house: House, files: dict[str, bytes]) -> bytes:
    """What a partner answers to the one file that it finds."""
    from datetime import UTC, datetime

    from edigw import directory

    (data,) = files.values()
    (interchange,) = directory.check(data).interchanges
    written = acknowledge.write_x12_acks(interchange, control=7, group_control=7, now=datetime.now(UTC))
    assert written is not None
    return written


def test_an_interchange_for_several_receivers_is_split(house: House) -> None:
    """Functional groups name them: three orders in two groups, for two suppliers' departments."""
    join(house, "depot", "DEPOT", ("Order", "ORDERS", "D.96A"))
    house.edit(
        "nordwind",
        "[delivery]\n",
        '[[receives]]\ndocument = "Order"\nmessage = "850"\nversion = "004010"\n[delivery]\n',
    )
    routes(
        house,
        """
        [[routes]]
        name = "the depot's group"
        receiver = "nordwind"
        group_receiver = "DEPOT*"
        to = "depot"
        """,
    )
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    shown = house.send("prairie", "both.x12", grouped(house))
    assert shown["state"] == "accepted"
    receivers = [m["receiver"] for m in shown["messages"]]  # type: ignore[attr-defined]
    assert receivers == ["nordwind", "depot", "depot"]
    assert {code: len(t["messages"]) for code, t in became(house, shown).items()} == {"nordwind": 1, "depot": 1}
    assert len(house.outbox("depot")) == 2
    (answer,) = house.sent("prairie", "ack")
    verdicts = acknowledge.read_acknowledgement(syntax.parse(answer).interchanges[0])
    assert {verdict.group_control for verdict in verdicts} == {"1", "2"}
    assert house.problems() == []


def grouped(house: House) -> bytes:
    """The three orders that prairie got, sent back by it in two groups."""
    from datetime import UTC, datetime

    from edigw.syntax import MessageBody, X12Envelope, X12Group
    from edigw.syntax.model import X12_DEFAULT, PartyId

    bodies = []
    for data in house.sent("prairie"):
        (message,) = syntax.parse(data).interchanges[0].messages
        bodies.append(MessageBody(type="850", segments=message.segments[1:-1], version="004010"))
    envelope = X12Envelope(
        sender=PartyId("PRAIRIEGOODS", "ZZ"),
        receiver=PartyId("NORDWIND", "ZZ"),
        control="77",
        prepared=datetime.now(UTC),
        version="00401",
    )
    groups = [
        X12Group("PO", "PRAIRIEGOODS", to, str(n), "004010", messages)
        for n, (to, messages) in enumerate((("NORDWIND", bodies[:1]), ("DEPOT-7", bodies[1:])), 1)
    ]
    return syntax.write_x12(envelope, groups, X12_DEFAULT)


def test_a_copy_that_can_t_be_made_holds_up_only_itself(house: House) -> None:
    join(house, "carrier", "CARRIER")
    routes(house, '[[routes]]\nname = "copies"\ncopy_to = "carrier"\n')
    shown = house.send("nordwind", "orders.edi", ORDERS)
    assert (shown["state"], shown["reason"]) == ("held", "no_agreement")
    assert len(house.sent("prairie")) == 1 and len(house.outbox("nordwind")) == 1
    (why,) = [f for f in shown["findings"] if f.get("code") == "no_agreement"]  # type: ignore[attr-defined]
    assert why["text"].startswith("the copy for carrier: partner carrier has not agreed to get documents of type Order")
    join(house, "carrier", "CARRIER", ("Order", "ORDERS", "D.96A"))
    assert held.reprocess(house.context.log, "no_agreement", "", "admin:anna", "set up now") == [shown["id"]]
    house.work()
    assert house.show(str(shown["id"]))["state"] == "accepted"
    assert len(house.sent("carrier")) == 1 and len(house.sent("prairie")) == 1 and len(house.outbox("nordwind")) == 1
    assert house.problems() == []


def test_a_rule_may_hold(small_house: House) -> None:
    house = small_house
    routes(house, '[[routes]]\nname = "stock-taking"\nreceiver_id = "0799999000107:14"\nhold = "until Monday"\n')
    shown = house.send("nordwind", "orders.edi", ORDERS)
    assert (shown["state"], shown["reason"]) == ("held", "held_by_route")
    assert len(house.outbox("nordwind")) == 1  # the order is good, and its sender is told so
    routes(house, "")
    operate.release(house.context.log, str(shown["id"]), "admin:anna", "it is Monday")
    house.work()
    assert len(house.sent("prairie")) == 1 and len(house.outbox("nordwind")) == 1
    assert house.problems() == []


@pytest.mark.parametrize(
    ("reason", "lacks", "mended"),
    [
        ("unknown_sender", ("nordwind", '"4299999000016"', '"4299999000023"'), '"4299999000016"'),
        ("unknown_receiver", ("prairie", '"0799999000107"', '"0799999000206"'), '"0799999000107"'),
    ],
)
def test_what_nobody_knows_is_held_unanswered_and_goes_on_after_set_up(
    house: House, reason: str, lacks: tuple[str, str, str], mended: str
) -> None:
    partner, old, new = lacks
    house.edit(partner, old, new)
    ids = [str(house.send("nordwind", f"{n}.edi", house.fresh(ORDERS, b"NW0004714"))["id"]) for n in range(2)]
    assert {(house.show(id)["state"], house.show(id)["reason"]) for id in ids} == {("held", reason)}
    assert house.outbox("nordwind") == {} and house.outbox("nordwind", "receipts").keys() >= {"0.edi.receipt"}
    with house.context.database.read() as conn:
        assert held.reasons(conn) == {reason: 2}
        assert held.waiting_for(conn, reason, "prairie") == []
    house.edit(partner, new, mended)
    assert held.reprocess(house.context.log, reason, "nordwind", "admin:anna", "set up now") == ids
    house.work()
    assert [house.show(id)["state"] for id in ids] == ["accepted", "accepted"]
    assert len(house.sent("prairie")) == 2 and len(house.outbox("nordwind")) == 2
    assert house.problems() == []


@pytest.mark.parametrize(
    ("setting", "data", "code"),
    [
        ("sender", ORDERS.replace(b"UNOC:3+4299999000016:14", b"UNOC:3+4299999000023:14"), "23"),
        ("receiver", ORDERS.replace(b"+0799999000107:14+", b"+0799999000206:14+"), "7"),
        ("type", ORDERS.replace(b"ORDERS:D:96A", b"ORDERS:D:11Z"), "17"),
    ],
)
def test_what_nobody_knows_may_be_rejected_at_once(small_house: House, setting: str, data: bytes, code: str) -> None:
    small_house.edit("nordwind", "[delivery]\n", f'[unknown]\n{setting} = "reject"\n[delivery]\n')
    assert small_house.send("nordwind", "orders.edi", data)["state"] == "rejected"
    (answer,) = small_house.outbox("nordwind").values()
    verdicts = acknowledge.read_acknowledgement(syntax.parse(answer).interchanges[0])
    assert code in {c.code for verdict in verdicts for c in verdict.codes}
    assert small_house.problems() == []


def test_a_message_of_an_unknown_type_waits_and_the_others_go_on(house: House) -> None:
    """The interchange is answered once all of it could be judged."""
    data = sample("orders_3.edi").replace(b"UNH+2+ORDERS:D:96A", b"UNH+2+ORDERS:D:11Z")
    shown = house.send("nordwind", "orders.edi", data)
    assert (shown["state"], shown["reason"]) == ("held", "unknown_type")
    assert [m["state"] for m in shown["messages"]] == ["accepted", "held", "accepted"]  # type: ignore[attr-defined]
    assert len(house.sent("prairie")) == 2 and house.outbox("nordwind") == {}
    again = house.send("nordwind", "again.edi", data)
    assert again["state"] == "duplicate" and len(house.sent("prairie")) == 2
    house.edit("nordwind", "[delivery]\n", '[unknown]\ntype = "reject"\n[delivery]\n')
    assert held.reprocess(house.context.log, "unknown_type", "", "admin:anna", "there is no such thing") == [
        shown["id"]
    ]
    house.work()
    assert house.show(str(shown["id"]))["state"] == "partly_accepted"
    assert len(house.sent("prairie")) == 2 and len(house.outbox("nordwind")) == 1
    assert house.problems() == []


def test_only_what_is_agreed_is_taken_from_a_partner(small_house: House) -> None:
    house = small_house
    house.edit("nordwind", "[delivery]\n", '[[sends]]\nmessage = "ORDERS"\nversion = "D.01*"\n[delivery]\n')
    shown = house.send("nordwind", "orders.edi", ORDERS)
    assert (shown["state"], shown["reason"]) == ("held", "type_not_agreed")
    house.edit("nordwind", '"D.01*"', '"D.96A"')
    held.reprocess(house.context.log, "type_not_agreed", "", "admin:anna", "agreed now")
    house.work()
    assert len(house.sent("prairie")) == 1
    assert house.problems() == []


def test_a_service_provider_sends_in_the_name_of_its_customers_alone(house: House) -> None:
    join(house, "provider", "PROVIDER", more='sends_for = ["nordwind"]')
    join(house, "stranger", "STRANGER")
    shown = house.send("provider", "orders.edi", ORDERS)
    assert shown["state"] == "accepted"
    (out,) = became(house, shown).values()
    assert [m["sender"] for m in out["messages"]] == ["nordwind"]
    assert len(house.outbox("provider")) == 1 and house.outbox("nordwind") == {}  # who has sent it is answered
    again = house.send("nordwind", "again.edi", ORDERS)
    assert again["state"] == "duplicate"  # it is the same interchange of the same sender, whoever brings it
    forged = house.send("stranger", "orders.edi", house.fresh(ORDERS, b"NW0004714"))
    assert (forged["state"], forged["reason"]) == ("rejected", "sender_not_entitled")
    assert house.problems() == []


def test_what_is_for_a_partner_that_is_not_active_waits(small_house: House) -> None:
    house = small_house
    house.edit("prairie", 'name = "Prairie', 'active = false\nname = "Prairie')
    shown = house.send("nordwind", "orders.edi", ORDERS)
    assert (shown["state"], shown["reason"]) == ("held", "partner_inactive")
    assert house.send("prairie", "asn.x12", ASN)["state"] == "held"  # it came just before
    house.edit("prairie", "active = false", "active = true")
    assert len(held.reprocess(house.context.log, "partner_inactive", "", "admin:anna", "back again")) == 2
    house.work()
    assert len(house.sent("prairie")) == 1 and len(house.sent("nordwind")) == 1
    assert house.problems() == []


def test_what_is_accepted_as_a_whole_waits_as_a_whole(small_house: House) -> None:
    house = small_house
    house.edit("nordwind", "[delivery]\n", '[reading]\naccept = "interchange"\n[delivery]\n')
    data = sample("orders_3.edi").replace(b"UNH+2+ORDERS:D:96A", b"UNH+2+ORDERS:D:11Z")
    shown = house.send("nordwind", "orders.edi", data)
    reasons = [m["state"] for m in shown["messages"]]  # type: ignore[attr-defined]
    assert reasons == ["held", "held", "held"] and house.sent("prairie") == [] and house.outbox("nordwind") == {}
    house.edit("nordwind", "[delivery]\n", '[unknown]\ntype = "reject"\n[delivery]\n')
    held.reprocess(house.context.log, "unknown_type", "", "admin:anna", "no such thing")
    house.work()
    assert house.show(str(shown["id"]))["state"] == "rejected" and len(house.outbox("nordwind")) == 1
    assert house.problems() == []
