"""Columns that take less room look as if they did not."""

from __future__ import annotations

import secrets

from hypothesis import given
from hypothesis import strategies as st

from edigw.store.columns import pack, unpack

DETAIL = b'{"about":{"transmission":"01M82TTA597BSV51QN3BJSTJGF"},"file":"a.edi","states":{"transmission/01":"sent"}}'


@given(st.binary(max_size=300))
def test_every_content_comes_back(data: bytes) -> None:
    assert unpack(pack(data)) == data
    assert len(pack(data)) <= len(data) + 1


def test_details_shrink_and_noise_is_kept_as_it_is() -> None:
    assert len(pack(DETAIL)) < len(DETAIL) * 0.6
    noise = secrets.token_bytes(1000)
    assert pack(noise) == b"\0" + noise


@given(st.binary(max_size=80), st.integers(0, 200), st.integers(1, 255))
def test_what_was_damaged_is_read_without_an_error(data: bytes, at: int, by: int) -> None:
    stored = bytearray(pack(DETAIL + data))
    stored[at % len(stored)] ^= by
    assert isinstance(unpack(bytes(stored)), bytes)


def test_the_stored_form_never_changes() -> None:
    assert unpack(bytes.fromhex(STORED)) == DETAIL
    assert unpack(b"\0plain") == b"plain"
    assert unpack(b"\7unknown") == b"\7unknown"


STORED = (
    "0178bbffc707e3437218864b7c2d8c42421c4d2dcd9d82c34c0d03fd8c9dbc8243bcdcdd402e843a27510f98c99590631925"
    "e2404e84446f6d2d000dbc2204"
)
