"""What a partner file says of signatures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from edigw.log.sshsig import SigningKey
from edigw.partners import ConfigError, load
from edigw.partners.signing import signing_keys

from ..log.ssh_signing import Signer
from .conftest import public_key

Change = Callable[[str, str, str], Path]
A = "partners/acme.toml"
KEY = public_key()


def test_without_keys_of_their_own_signatures_count_that_the_login_keys_made(folder: Path) -> None:
    acme = load(folder / "edigw.toml").partners["acme"]
    assert acme.login is not None
    assert signing_keys(acme) == (SigningKey(acme.login.keys[0]),)
    assert acme.signatures.submissions == "none"


def test_signing_keys_have_days_on_which_they_count(change: Change) -> None:
    agreed = f'[[signatures.keys]]\nkey = "{KEY}"\nvalid_from = 2026-01-01\n[delivery]'
    acme = load(change(A, "[delivery]\n", f"{agreed}\n")).partners["acme"]
    assert signing_keys(acme) == (SigningKey(KEY, since=date(2026, 1, 1)),)


@pytest.mark.parametrize("kind", ["sk", "sk-ecdsa"])
def test_keys_in_a_security_token_can_be_agreed(change: Change, kind: str) -> None:
    line = Signer.new(kind).line
    config = load(change(A, "[delivery]\n", f'[[signatures.keys]]\nkey = "{line}"\n[delivery]\n'))
    assert [key.line for key in signing_keys(config.partners["acme"])] == [line]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[signatures]\nsubmissions = "demanded"',
            'submissions: expected one of "allow", "demand", "none", got "demanded"; did you mean "demand"?',
        ),
        (
            f'[[signatures.keys]]\nkey = "{KEY}"\nvalid_from = 2026-02-01\nvalid_until = 2026-01-31',
            "keys[1].valid_until: is before valid_from, 2026-02-01",
        ),
        (f'[[signatures.keys]]\nkey = "{KEY}"\nvalid_from = "soon"', "keys[1].valid_from: expected a day such as"),
        ('[[signatures.keys]]\nkey = "ssh-ed25519 AAAA"', "keys[1]: not a public key as OpenSSH writes it"),
        ("[signatures]\nwait_minutes = 0", "wait_minutes: expected a number greater than 0"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: Change, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(change(A, "[delivery]\n", f"{text}\n[delivery]\n"))
    assert told in str(error.value)


def test_whoever_has_no_key_at_all_can_not_be_asked_for_signatures(change: Change) -> None:
    change(A, "[login]", '[signatures]\nsubmissions = "demand"\n[other]')
    with pytest.raises(ConfigError, match=r"signatures.keys: missing"):
        load(change(A, '[other]\n        user = "acme"\n        key_files = ["acme.pub"]', ""))


def test_no_two_partners_sign_with_one_key(folder: Path, change: Change) -> None:
    other = load(folder / "edigw.toml").partners["muster"].login
    assert other is not None
    agreed = f'[[signatures.keys]]\nkey = "{other.keys[0]}"\n[delivery]\n'
    with pytest.raises(ConfigError, match="acme has the same key"):
        load(change(A, "[delivery]\n", agreed))
