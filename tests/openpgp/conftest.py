"""The gateway's key, and a partner's in GnuPG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edigw.openpgp.keys import create_own

from .gnupg import GPG, GnuPG

PARTNER = "prairie@example.com"


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a private key of the gateway; its certificate lies beside it."""
    path = tmp_path_factory.mktemp("own") / "openpgp.asc"
    create_own(path, "EDI gateway <edi@example.com>")
    return path


@pytest.fixture(scope="session")
def gpg(own: Path) -> Iterator[GnuPG]:
    """A partner's GnuPG, with a key of its own and the gateway's certificate."""
    if GPG is None:
        pytest.skip("needs gpg")
    made = GnuPG()
    made.new_key(PARTNER)
    made("--import", data=own.with_name("openpgp.asc.pub").read_bytes())
    yield made
    made.close()
