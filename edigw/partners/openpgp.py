"""What is wrong with OpenPGP keys and settings of a configuration."""

from __future__ import annotations

from collections.abc import Iterator

from edigw.openpgp.errors import OpenPgpKeyError
from edigw.openpgp.keys import certificate_problem, certificates_in, installed, load_own
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.settings import Settings

Problems = Iterator[tuple[str, str]]


def own_key_problems(settings: Settings) -> Problems:
    """`[openpgp]` of edigw.toml, with the key files."""
    if settings.openpgp is None:
        return
    if text := installed():
        yield "openpgp", text
        return
    for number, path in enumerate(settings.openpgp.key_files, 1):
        try:
            load_own(path)
        except OpenPgpKeyError as error:
            yield f"openpgp.key_files[{number}]", str(error)


def openpgp_problems(partner: Partner, settings: Settings | None) -> Problems:
    """`[openpgp]` of a partner file; `settings` are those of the gateway, if they could be read."""
    agreed = partner.openpgp
    wanted = {
        "openpgp.send": agreed.send == "encrypted-and-signed",
        "openpgp.demand": "encryption" in agreed.demand,
    }
    if settings is not None and settings.openpgp is None:
        for key in (key for key, needed in wanted.items() if needed):
            yield key, "needs a key of the gateway, [openpgp] in edigw.toml"
    if not agreed.key_files and (agreed.send != "clear" or "signature" in agreed.demand):
        yield "openpgp.key_files", "missing; the partner's certificate is needed"
    if "/" in agreed.suffix or not agreed.suffix.isprintable():
        yield "openpgp.suffix", 'expected the end of a file name, ".pgp"'
    if not agreed.key_files:
        return
    if text := installed():
        yield "openpgp", text
        return
    for number, content in enumerate(partner.certificates, 1):
        yield from ((f"openpgp.key_files[{number}]", text) for text in _certificates(content, agreed.send != "clear"))


def _certificates(content: bytes, encrypts: bool) -> Iterator[str]:
    try:
        found = certificates_in(content)
    except OpenPgpKeyError as error:
        yield str(error)
        return
    yield from (text for cert in found if (text := certificate_problem(cert, encrypts=encrypts)))
