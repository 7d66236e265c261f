"""OpenPGP from the upload to the delivery: what comes sealed is opened and processed, what goes out is sealed."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pysequoia
import pytest
from sqlalchemy import select

from edigw import acknowledge, directory
from edigw.gateway.context import Current
from edigw.gateway.desk import queries
from edigw.gateway.desk.operate import release
from edigw.gateway.desk.reissue import reissue
from edigw.gateway.upkeep import retention
from edigw.log.bundle import export
from edigw.log.receipt import verify_receipt
from edigw.log.verify import verify_bundle
from edigw.openpgp.keys import create_own
from edigw.partners.tables.retention import Retention
from edigw.store.schema import transmission

from ..openpgp.gnupg import GnuPG, needs_gpg
from .house import House, sample

PARTNER = pysequoia.Tsk.generate("prairie <edi@prairie.example>")
ASN = sample("asn_4711.x12")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "openpgp.asc"
    create_own(path, "gateway <edi@gateway.example>")
    return path


@pytest.fixture(scope="module")
def house(own: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """One gateway for all tests, each with an agreement of its own."""
    house = House(tmp_path_factory.mktemp("house"))
    text = house.config.read_text()
    house.config.write_text(f'{text}\n[openpgp]\nkey_files = ["{own}"]\n')
    house.reload()
    return house


def agree(house: House, partner: str, text: str, certificate: bytes = b"") -> None:
    path = house.config.parent / f"partners/{partner}.asc"
    path.write_bytes(certificate or bytes(PARTNER.extract_certificate()))
    house.agree(partner, f'[openpgp]\nkey_files = ["{path.name}"]\n{text}')


def asn(house: House) -> bytes:
    return house.fresh(ASN, b"000088231")


def new(house: House, partner: str, action: Callable[[], object]) -> tuple[str, bytes]:
    """Name and bytes of the one file that an action brings into a partner's outbox."""
    before = set(house.outbox(partner))
    action()
    (added,) = [(name, data) for name, data in house.outbox(partner).items() if name not in before]
    return added


def went_out(house: House, id: str) -> bool:
    """Whether anything was sent on of a file."""
    return any(t["kind"] == "business" for t in house.show(id)["became"])  # type: ignore[attr-defined]


def sealed(own: Path, data: bytes = ASN, signer: Any = PARTNER) -> bytes:
    gateway = pysequoia.Cert.from_bytes(own.with_name("openpgp.asc.pub").read_bytes())
    return pysequoia.encrypt(data, [gateway], signer.signer() if signer else None, armor=False)


def state(house: House, id: str) -> tuple[Any, Any]:
    shown = house.show(id)
    return shown["state"], shown["reason"]


def events(house: House, id: str) -> list[dict[str, Any]]:
    return list(house.show(id)["events"])  # type: ignore[call-overload]


def sent(house: House, partner: str) -> list[Any]:
    """The transmissions with business messages that went to a partner."""
    with house.context.database.read() as conn:
        of = (transmission.c.partner == partner, transmission.c.direction == "out", transmission.c.kind == "business")
        return list(conn.execute(select(transmission).where(*of).order_by(transmission.c.id)))


def opened_event(house: House, id: str) -> dict[str, Any]:
    return next(event for event in events(house, id) if event["type"] == "submission.opened")


def test_a_sealed_file_is_processed_as_what_is_in_it_and_its_receipt_is_for_what_was_sent(
    house: House, own: Path
) -> None:
    agree(house, "prairie", "")
    agree(house, "nordwind", "")
    data = asn(house)
    message = sealed(own, data)
    id = house.drop("prairie", "asn.x12.pgp", message)
    house.work()
    assert state(house, id) == ("accepted", "")
    told = opened_event(house, id)
    assert [o["role"] for o in told["objects"]] == ["payload.decrypted", "signature.origin", "detail"]
    assert told["detail"]["openpgp"]["encrypted"] is True
    assert [s["valid"] for s in told["detail"]["openpgp"]["signatures"]] == [True]
    assert house.show(id)["clear_sha256"] == hashlib.sha256(data).hexdigest()
    receipt = verify_receipt(
        house.outbox("prairie", "receipts")["asn.x12.pgp.receipt"].decode(), house.context.log.keys
    )
    assert receipt.covers("payload.original", message)
    assert went_out(house, id)
    assert house.problems() == []


@needs_gpg
def test_what_gpg_makes_comes_in_and_what_goes_out_gpg_reads(house: House, own: Path) -> None:
    gpg = GnuPG()
    try:
        gpg.new_key("nordwind@example.com")
        gpg("--import", data=own.with_name("openpgp.asc.pub").read_bytes())
        agreed = 'demand = ["encryption", "signature"]\nsend = "encrypted-and-signed"'
        agree(house, "nordwind", agreed, gpg.public("nordwind@example.com"))
        message = gpg("--sign", "--encrypt", "--recipient", "edi@gateway.example", data=sample("orders_3.edi"))
        name, answer = new(house, "nordwind", lambda: house.send("nordwind", "orders.edi.gpg", message))
        assert name.endswith(".edi.pgp")
        done = gpg.run("--decrypt", "--status-fd", "2", data=answer)
        assert done.stdout.startswith(b"UN") and b"CONTRL" in done.stdout
        assert b"GOODSIG" in done.stderr
    finally:
        gpg.close()
    assert house.problems() == []


def test_what_goes_out_is_sealed_for_the_receiver_and_its_receipt_is_for_the_sealed_bytes(house: House) -> None:
    agree(house, "nordwind", 'send = "encrypted-and-signed"')
    name, message = new(house, "nordwind", lambda: house.send("prairie", "asn.x12", asn(house)))
    assert name.endswith(".edi.pgp")
    clear = pysequoia.decrypt(message, PARTNER.decryptor()).bytes
    assert clear is not None and clear.startswith(b"UN") and b"DESADV" in clear
    row = sent(house, "nordwind")[-1]
    assert (row.sha256, row.clear_sha256) == tuple(hashlib.sha256(each).hexdigest() for each in (message, clear))
    told = next(e for e in events(house, row.id) if e["type"] == "translation.completed")
    assert [o["role"] for o in told["objects"]] == ["payload.translated", "payload.encrypted", "detail"]
    assert house.problems() == []


def test_an_acknowledgement_that_comes_sealed_settles_what_was_sent(house: House, own: Path) -> None:
    agree(house, "prairie", 'send = "encrypted"')
    house.agree("nordwind", "")
    house.send("nordwind", "orders.edi", house.fresh(sample("orders_3.edi"), b"NW0004711"))
    row = sent(house, "prairie")[-1]
    (order,) = directory.check(house.context.payloads.read(row.clear_sha256)).interchanges
    answer = acknowledge.write_x12_acks(order, control=7, group_control=7, now=datetime.now(UTC))
    assert answer is not None
    house.send("prairie", "ack.997.pgp", sealed(own, answer))
    told = next(e for e in events(house, row.id) if e["type"] == "ack.positive")
    assert [(o["role"], o["size"]) for o in told["objects"] if o["role"] != "detail"] == [("ack.997", len(answer))]
    assert house.problems() == []


# ---------------------------------------------------------------- what does not count


@pytest.mark.parametrize(
    ("demand", "make", "reason"),
    [
        (["encryption"], lambda own: ASN, "openpgp_missing"),
        (["encryption"], lambda own: pysequoia.sign(PARTNER.signer(), ASN, armor=False), "openpgp_not_encrypted"),
        (["signature"], lambda own: sealed(own, signer=None), "openpgp_unsigned"),
        (["signature"], lambda own: sealed(own, signer=pysequoia.Tsk.generate("x")), "openpgp_unknown_signer"),
        ([], lambda own: pysequoia.encrypt(ASN, [PARTNER.extract_certificate()]), "openpgp_not_for_us"),
        ([], lambda own: sealed(own)[:-20], "openpgp_unreadable"),
        ([], lambda own: ASN, "openpgp_unreadable"),
    ],
)
def test_what_does_not_count_is_held_and_told_in_plain_words(
    house: House, own: Path, demand: list[str], make: Any, reason: str
) -> None:
    agree(house, "prairie", f"demand = {demand}".replace("'", '"'))
    name = f"asn{house.number()}.x12.pgp"
    id = house.drop("prairie", name, make(own))
    house.work()
    assert state(house, id) == ("held", reason)
    report = house.outbox("prairie", "receipts")[f"{name}.report.txt"].decode()
    assert "can't be processed" in report and reason in report
    assert not went_out(house, id)
    assert house.problems() == []


def test_what_is_held_for_its_key_goes_on_when_the_key_is_there(house: House, own: Path) -> None:
    agree(house, "prairie", 'demand = ["signature"]', bytes(pysequoia.Tsk.generate("y").extract_certificate()))
    id = house.drop("prairie", "asn.x12.pgp", sealed(own, asn(house)))
    house.work()
    assert state(house, id) == ("held", "openpgp_unknown_signer")
    (house.config.parent / "partners/prairie.asc").write_bytes(bytes(PARTNER.extract_certificate()))
    house.reload()
    release(house.context.log, id, "admin:eva", "they sent their new key")
    house.work()
    assert state(house, id) == ("accepted", "")
    assert house.problems() == []


def test_a_wrong_signature_of_the_partner_is_refused_although_none_is_demanded(house: House, own: Path) -> None:
    """A literal of other bytes under the signature packets of the true message."""
    agree(house, "prairie", "")
    signed = pysequoia.sign(PARTNER.signer(), ASN, armor=False)
    assert signed.count(b"PG-SHP-88231") > 0
    id = house.drop("prairie", "asn.x12.pgp", signed.replace(b"PG-SHP-88231", b"PG-SHP-88232"))
    house.work()
    assert state(house, id) == ("held", "openpgp_signature_wrong")


def test_what_is_to_be_sealed_for_a_key_that_has_expired_since_is_held(house: House) -> None:
    agree(house, "nordwind", 'send = "encrypted"')
    old = pysequoia.Tsk.generate("z", validity_seconds=1).extract_certificate()  # made a minute ago, it says
    partners = house.context.config.partners
    expired = msgspec.structs.replace(partners["nordwind"], certificates=(bytes(old),))
    config = msgspec.structs.replace(house.context.config, partners={**partners, "nordwind": expired})
    house.current = Current(dataclasses.replace(house.context, config=config))
    shown = house.send("prairie", "asn.x12", asn(house))
    house.agree("nordwind", "")
    assert (shown["state"], shown["reason"]) == ("held", "openpgp_key_expired")
    assert not went_out(house, str(shown["id"]))


def test_without_keys_nothing_is_taken_for_a_message(tmp_path: Path) -> None:
    house = House(tmp_path)
    id = house.drop("prairie", "asn.pgp", ASN)
    house.work()
    assert state(house, id) == ("accepted", "")


# ---------------------------------------------------------------- evidence, retention


def test_the_bundle_holds_what_was_sent_what_was_in_it_and_the_signature(house: House, own: Path) -> None:
    agree(house, "prairie", "")
    id = house.drop("prairie", "asn.x12.pgp", sealed(own, asn(house)))
    house.settle()
    with house.context.database.read() as conn:
        row = queries.find_transmission(conn, id)
        assert row is not None
        xids = queries.exchanges_of_transmission(conn, row)
    while house.context.log.integrate():
        pass
    export(house.context.log, xids, house.folder / "evidence.zip")
    report = verify_bundle(house.folder / "evidence.zip", [str(house.context.log.keys[0])])
    assert report.ok, report.failure
    assert any("gpg --verify objects/" in line for line in report.unproved)


def test_what_was_in_a_sealed_file_is_erased_with_it(house: House, own: Path) -> None:
    agree(house, "prairie", "")
    agree(house, "nordwind", 'send = "encrypted"')
    data = asn(house)
    house.send("prairie", "asn.x12.pgp", sealed(own, data))
    c = house.context
    row = sent(house, "nordwind")[-1]
    contents = [row.sha256, row.clear_sha256, hashlib.sha256(data).hexdigest()]
    retention.erase_due(c.log, c.payloads, Retention(), datetime.now(UTC) + timedelta(days=3700))
    for sha256 in contents:
        c.payloads.files.remove_unused(sha256, unused_for=-1)
        assert not c.payloads.exists(sha256)
    assert house.problems() == []


def test_what_is_issued_anew_is_sealed_anew(house: House) -> None:
    agree(house, "nordwind", 'send = "encrypted"')
    house.send("prairie", "asn.x12", asn(house))
    (_, message) = new(
        house, "nordwind", lambda: reissue(house.context, sent(house, "nordwind")[-1].id, "admin:eva", "lost")
    )
    clear = pysequoia.decrypt(message, PARTNER.decryptor()).bytes
    assert clear is not None and b"DESADV" in clear
    assert house.problems() == []
