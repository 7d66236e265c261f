"""The keys with which a partner signs, and what is wrong with those that its file names."""

from __future__ import annotations

from collections.abc import Iterator

from edigw.log.sshsig import SigningKey
from edigw.partners.keys import key_material, public_key_problem
from edigw.partners.tables.partner import Partner


def signing_keys(partner: Partner) -> tuple[SigningKey, ...]:
    """The keys whose signatures count as the partner's: those of `[signatures]`, else those it logs in with."""
    if partner.signatures.keys:
        return tuple(SigningKey(each.key, each.valid_from, each.valid_until) for each in partner.signatures.keys)
    return tuple(SigningKey(line) for line in partner.login.keys) if partner.login else ()


def key_materials(partner: Partner) -> set[str]:
    """Every key by which the partner is known, for logging in or for signing, without comments."""
    named = [*(partner.login.keys if partner.login else ()), *(each.key for each in partner.signatures.keys)]
    return set(map(key_material, named))


def signature_problems(partner: Partner) -> Iterator[tuple[str, str]]:
    """A key of the partner file and what is wrong there."""
    for number, each in enumerate(partner.signatures.keys, 1):
        if text := public_key_problem(each.key):
            yield f"signatures.keys[{number}].key", text
        if each.valid_from and each.valid_until and each.valid_until < each.valid_from:
            yield f"signatures.keys[{number}].valid_until", f"is before valid_from, {each.valid_from}"
    wanted = partner.signatures.submissions != "none" or partner.signatures.receipts == "ask"
    if wanted and not signing_keys(partner):
        yield "signatures.keys", "missing; the partner has no key in [login], so none is known"
