"""Timestamps: what is refused of an authority that is wrong, and that no byte of a token can be altered to say more."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edigw.log.anchors import timestamp
from edigw.log.errors import AnchorError

from .authority import DAY, Authority

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
DATA = b"edi.example/log/test\n5\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
IMPRINT = hashlib.sha256(DATA).digest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


def refusal(answer: bytes, authority: Authority, nonce: int | None = None) -> str:
    with pytest.raises(AnchorError) as refused:
        timestamp.verify(answer, DATA, timestamp.load_roots(authority.roots), nonce)
    return str(refused.value)


def test_an_honest_answer_states_the_time(authority: Authority) -> None:
    asked = timestamp.query(DATA)
    at = timestamp.verify(authority.answer(asked.der), DATA, timestamp.load_roots(authority.roots), asked.nonce)
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_token_holds_when_the_certificates_have_run_out_long_ago(tmp_path: Path) -> None:
    then = datetime(2020, 6, 1, tzinfo=UTC)
    old = Authority(tmp_path / "old", then - DAY, then + DAY)
    roots = timestamp.load_roots(old.roots)
    assert timestamp.verify(old.stamp(IMPRINT, then), DATA, roots) == then
    assert "certificate has expired" in refusal(old.stamp(IMPRINT, then + 2 * DAY), old)
    assert "not yet valid" in refusal(old.stamp(IMPRINT, then - 2 * DAY), old)


def test_what_an_authority_gets_wrong_is_told(authority: Authority, tmp_path: Path) -> None:
    asked, now = timestamp.query(DATA), datetime.now(UTC)
    answer = authority.answer(asked.der)
    assert "another nonce, or none" in refusal(answer, authority, asked.nonce + 1)
    assert "another nonce, or none" in refusal(authority.stamp(IMPRINT, now), authority, asked.nonce)
    assert "over something else" in refusal(authority.stamp(b"x" * 32, now, asked.nonce), authority, asked.nonce)
    assert "the given certificates vouch for" in refusal(answer, Authority(tmp_path / "other"), asked.nonce)
    assert "refused: status 2" in refusal(authority.answer(b"no query"), authority)
    assert "no timestamp" in refusal(b"<html>busy</html>", authority)
    assert "larger than" in refusal(b"0" * 100_000, authority)


def test_no_byte_of_a_token_can_be_altered_to_say_something_else(authority: Authority) -> None:
    answer = authority.answer(timestamp.query(DATA).der)
    roots = timestamp.load_roots(authority.roots)
    at = timestamp.verify(answer, DATA, roots)
    for place in range(len(answer)):
        altered = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        try:  # a version number that nobody looks at may be altered: the token says the same
            assert timestamp.verify(altered, DATA, roots) == at
        except AnchorError:
            continue
