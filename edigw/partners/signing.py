"""The keys with which a partner signs, and what is wrong with those that its file names."""

from __future__ import annotations

from collections.abc import Iterator

from edigw.log.sshsig import SigningKey
from edigw.partners.keys import key_material, public_key_problem
from edigw.partners.tables.base import DatedKey
from edigw.partners.tables.partner import Partner


def signing_keys(partner: Partner) -> tuple[SigningKey, ...]:
    """The keys whose signatures count as the partner's: those of `[signatures]`, else those it logs in with."""
    keys = partner.signatures.keys or (partner.login.dated_keys if partner.login else ())
    return tuple(SigningKey(each.key, each.valid_from, each.valid_until) for each in keys)


def key_materials(partner: Partner) -> set[str]:
    """Every key by which the partner is known, for logging in or for signing, without comments."""
    return {key_material(each.key) for _, each in dated_keys(partner)}


def dated_keys(partner: Partner) -> Iterator[tuple[str, DatedKey]]:
    """Every public key of the partner with the place where it stands in its file, "login.keys[1]"."""
    for table, keys in (
        ("login", partner.login.dated_keys if partner.login else ()),
        ("signatures", partner.signatures.keys),
    ):
        for number, each in enumerate(keys, 1):
            yield f"{table}.keys[{number}]", each


def key_problems(partner: Partner) -> Iterator[tuple[str, str]]:
    """A key of the partner file, for its public keys and its signatures, and what is wrong there."""
    for place, each in dated_keys(partner):
        if text := public_key_problem(each.key):
            yield place, text
        if each.valid_from and each.valid_until and each.valid_until < each.valid_from:
            yield f"{place}.valid_until", f"is before valid_from, {each.valid_from}"
    wanted = partner.signatures.submissions != "none" or partner.signatures.receipts == "ask"
    if wanted and not signing_keys(partner):
        yield "signatures.keys", "missing; the partner has no key in [login], so none is known"
