"""Signatures of origin, from the upload to the processed file: never processed unsigned where that is demanded."""

from __future__ import annotations

from typing import Any

import pytest

from edigw.gateway.desk.operate import release
from edigw.log.sshsig import RECEIPT, SUBMISSION

from ..log.ssh_signing import Signer
from .house import House, sample

ORDER = sample("orders_3.edi")
SIGNER = Signer.new()
AGREED = f"""
[[signatures.keys]]
key = "{SIGNER.line}"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One gateway for all tests, each with names and an agreement of its own."""
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def name(house: House) -> str:
    return f"po{house.number()}.edi"


def agree(house: House, submissions: str = "demand", more: str = "", keys: str = AGREED) -> None:
    house.agree("nordwind", f'[signatures]\nsubmissions = "{submissions}"\n{more}\n{keys}')


def order(house: House) -> bytes:
    return house.fresh(ORDER, b"NW0004711")


def went_out(house: House, id: str) -> bool:
    """Whether anything was sent on of a file."""
    return any(t["kind"] == "business" for t in house.show(id)["became"])  # type: ignore[attr-defined]


def state(house: House, id: str) -> tuple[str, str]:
    shown = house.show(id)
    return str(shown["state"]), str(shown["reason"])


def events(house: House, id: str) -> list[dict[str, Any]]:
    return list(house.show(id)["events"])  # type: ignore[call-overload]


def types(house: House, id: str) -> list[str]:
    return [event["type"] for event in events(house, id)]


def report(house: House, name: str) -> str:
    return house.outbox("nordwind", "receipts")[f"{name}.report.txt"].decode()


@pytest.mark.parametrize("signature_first", [False, True])
@pytest.mark.parametrize("agreed", ["allow", "demand"])
def test_a_signed_file_is_processed_and_its_signature_is_in_its_exchange(
    house: House, name: str, agreed: str, signature_first: bool
) -> None:
    agree(house, agreed)
    data = order(house)
    uploads = [(name, data), (f"{name}.sig", SIGNER.sign(data, SUBMISSION))]
    ids: dict[str, str] = {}
    for each, content in reversed(uploads) if signature_first else uploads:
        ids[each] = house.drop("nordwind", each, content)
        house.work()
    house.settle()
    assert state(house, ids[name]) == ("accepted", "")
    assert state(house, ids[f"{name}.sig"]) == ("accepted", "")
    told = next(e for e in events(house, ids[name]) if e["type"] == "submission.signed")
    assert [o["role"] for o in told["objects"]] == ["payload.original", "signature.origin", "detail"]
    assert told["actor"] == "partner:nordwind"
    assert told["detail"]["signature"]["public_key"] == " ".join(SIGNER.line.split()[:2])
    assert went_out(house, ids[name])
    assert house.problems() == []


def test_nothing_unsigned_is_processed_where_a_signature_is_demanded(house: House, name: str) -> None:
    agree(house)
    id = house.drop("nordwind", name, order(house))
    house.work()
    assert state(house, id) == ("received", "")
    assert f"waits for {name}.sig until" in str(house.show(id)["waiting"])
    assert not went_out(house, id)
    assert house.problems() == []


@pytest.mark.parametrize(("failure", "becomes"), [("hold", "held"), ("reject", "rejected")])
def test_a_file_whose_signature_does_not_come_is_held_or_rejected_as_agreed(
    house: House, name: str, failure: str, becomes: str
) -> None:
    agree(house, more=f'wait_minutes = 0.0001\nfailure = "{failure}"')
    id = house.drop("nordwind", name, order(house))
    house.settle()
    assert state(house, id) == (becomes, "signature_missing")
    assert f"ssh-keygen -Y sign -n submission@edi-evidence -f KEY {name}" in report(house, name)
    assert not went_out(house, id)
    assert house.problems() == []


def test_a_release_does_not_get_a_file_past_a_signature_that_is_demanded(house: House, name: str) -> None:
    agree(house, more="wait_minutes = 0.0001")
    id = house.drop("nordwind", name, order(house))
    house.settle()
    release(house.context.log, id, "admin:eva", "let it go")
    house.settle()
    assert state(house, id) == ("held", "signature_missing")
    assert not went_out(house, id)


def test_a_held_file_goes_on_when_its_signature_comes_after_all(house: House, name: str) -> None:
    agree(house, more="wait_minutes = 0.0001")
    data = order(house)
    id = house.drop("nordwind", name, data)
    house.settle()
    house.drop("nordwind", f"{name}.sig", SIGNER.sign(data, SUBMISSION))
    house.settle()
    assert state(house, id) == ("accepted", "")
    assert [type for type in types(house, id) if type != "notification.sent"][:4] == [
        "submission.accepted",
        "validation.failed",
        "submission.signed",
        "validation.passed",
    ]
    assert house.problems() == []


def test_a_file_that_is_held_for_a_bad_signature_goes_on_with_a_good_one(house: House, name: str) -> None:
    agree(house)
    data = order(house)
    id = house.drop("nordwind", name, data)
    for signer in (Signer.new(), SIGNER):
        house.drop("nordwind", f"{name}.sig", signer.sign(data, SUBMISSION))
        house.settle()
    assert state(house, id) == ("accepted", "")
    assert house.problems() == []


def test_a_signature_that_comes_after_a_rejection_is_told_to_be_too_late(house: House, name: str) -> None:
    agree(house, more='wait_minutes = 0.0001\nfailure = "reject"')
    data = order(house)
    house.drop("nordwind", name, data)
    house.settle()
    late = house.drop("nordwind", f"{name}.sig", SIGNER.sign(data, SUBMISSION))
    house.settle()
    assert state(house, late) == ("rejected", "signature_too_late")
    assert "upload both again" in report(house, f"{name}.sig")
    assert house.problems() == []


@pytest.mark.parametrize("signature_first", [False, True])
def test_a_rejected_file_can_be_uploaded_again_at_once_with_a_good_signature(
    house: House, name: str, signature_first: bool
) -> None:
    agree(house, more='failure = "reject"')
    data = order(house)
    for signed, becomes in ((b"other bytes", ("rejected", "signature_wrong")), (data, ("accepted", ""))):
        uploads = [(name, data), (f"{name}.sig", SIGNER.sign(signed, SUBMISSION))]
        ids: dict[str, str] = {}
        for each, content in reversed(uploads) if signature_first else uploads:
            ids[each] = house.drop("nordwind", each, content)
            house.work()
        house.settle()
        assert state(house, ids[name]) == becomes
    assert state(house, ids[f"{name}.sig"]) == ("accepted", "")
    assert house.problems() == []


WRONG = [
    (lambda data: SIGNER.sign(data + b" ", SUBMISSION), "signature_wrong"),  # of another file
    (lambda data: SIGNER.sign(data, RECEIPT), "wrong_namespace"),
    (lambda data: Signer.new().sign(data, SUBMISSION), "unknown_key"),
    (lambda data: b"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n", "signature_unreadable"),
    (lambda data: bytes(20_000), "signature_unreadable"),
]


@pytest.mark.parametrize(("make", "reason"), WRONG)
@pytest.mark.parametrize("agreed", ["allow", "demand"])
def test_a_file_whose_signature_does_not_count_is_held_at_once(
    house: House, name: str, make: Any, reason: str, agreed: str
) -> None:
    agree(house, agreed)
    data = order(house)
    id = house.drop("nordwind", name, data)
    house.drop("nordwind", f"{name}.sig", make(data))
    house.settle()
    assert state(house, id) == ("held", reason)
    assert "its signature does not count" in report(house, name)
    assert not went_out(house, id)
    assert house.problems() == []


def test_the_key_of_another_partner_does_not_sign_for_this_one(house: House, name: str) -> None:
    other = Signer.new()
    house.agree("prairie", f'[[signatures.keys]]\nkey = "{other.line}"')
    agree(house)
    data = order(house)
    id = house.drop("nordwind", name, data)
    house.drop("nordwind", f"{name}.sig", other.sign(data, SUBMISSION))
    house.settle()
    assert state(house, id) == ("held", "unknown_key")


@pytest.mark.parametrize(
    ("days", "reason"),
    [("valid_from = 2999-01-01", "key_not_yet_valid"), ("valid_until = 2020-01-01", "key_expired")],
)
def test_a_key_signs_only_on_the_days_that_are_agreed(house: House, name: str, days: str, reason: str) -> None:
    agree(house, keys=f"{AGREED}{days}")
    data = order(house)
    id = house.drop("nordwind", name, data)
    signature = house.drop("nordwind", f"{name}.sig", SIGNER.sign(data, SUBMISSION))
    house.settle()
    assert state(house, id) == ("held", reason)
    assert state(house, signature) == ("rejected", reason)


def test_where_signatures_are_only_allowed_an_admin_can_let_a_file_go_whose_signature_is_wrong(
    house: House, name: str
) -> None:
    agree(house, "allow")
    data = order(house)
    house.drop("nordwind", f"{name}.sig", SIGNER.sign(b"other", SUBMISSION))
    id = house.drop("nordwind", name, data)
    house.settle()
    assert state(house, id) == ("held", "signature_wrong")
    release(house.context.log, id, "admin:eva", "called them")
    house.settle()
    assert state(house, id) == ("accepted", "")
    assert house.problems() == []


def test_a_signature_over_nothing_that_came_is_told_so(house: House, name: str) -> None:
    agree(house, more="wait_minutes = 0.0001")
    id = house.drop("nordwind", f"{name}.sig", SIGNER.sign(b"x", SUBMISSION))
    house.settle()
    assert state(house, id) == ("rejected", "nothing_signed")
    assert f"no file {name} came" in report(house, f"{name}.sig")
    assert house.problems() == []


def test_each_of_two_files_of_one_name_gets_the_signature_over_its_bytes(house: House, name: str) -> None:
    agree(house)
    first, second = order(house), order(house)
    ids = [house.drop("nordwind", name, data) for data in (first, second)]
    for data in (first, second):
        house.drop("nordwind", f"{name}.sig", SIGNER.sign(data, SUBMISSION))
    house.settle()
    assert [state(house, id) for id in ids] == [("accepted", "")] * 2
    assert house.problems() == []


def test_a_signature_of_yesterday_does_not_let_a_new_file_of_that_name_pass(house: House, name: str) -> None:
    agree(house)
    data = order(house)
    house.drop("nordwind", name, data)
    old = SIGNER.sign(data, SUBMISSION)
    house.drop("nordwind", f"{name}.sig", old)
    house.settle()
    id = house.drop("nordwind", name, order(house))
    again = house.drop("nordwind", f"{name}.sig", old)
    house.settle()
    assert state(house, again) == ("duplicate", "signed_before")
    assert state(house, id) == ("received", "")


def test_each_of_two_equal_files_needs_a_signature_of_its_own(house: House, name: str) -> None:
    agree(house)
    data = order(house)
    ids = [house.drop("nordwind", name, data) for _ in range(2)]
    for expected in ("received", "accepted"):
        house.drop("nordwind", f"{name}.sig", SIGNER.sign(data, SUBMISSION))
        house.settle()
        assert state(house, ids[1])[0] in ("accepted", "duplicate")
        assert (state(house, ids[0])[0] == "received") == (expected == "received")
    assert house.problems() == []


def test_signed_bytes_under_another_name_show_only_that_the_partner_signed_these_bytes(house: House, name: str) -> None:
    """The signature holds, since names are not signed; that the order is not new shows by its reference."""
    agree(house)
    data = order(house)
    signature = SIGNER.sign(data, SUBMISSION)
    for each in (name, f"renamed-{name}"):
        id = house.drop("nordwind", each, data)
        house.drop("nordwind", f"{each}.sig", signature)
        house.settle()
    assert state(house, id)[0] == "duplicate"
    assert "submission.signed" in types(house, id)
    assert not went_out(house, id)


def test_without_an_agreement_a_signature_is_a_file_like_any_other(house: House, name: str) -> None:
    house.agree("nordwind", "")
    data = order(house)
    id = house.drop("nordwind", name, data)
    signature = house.drop("nordwind", f"{name}.sig", SIGNER.sign(data, SUBMISSION))
    house.settle()
    assert state(house, id) == ("accepted", "")
    assert state(house, signature) == ("rejected", "unsupported_format")
