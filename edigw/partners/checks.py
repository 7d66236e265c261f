"""What the types can't say: rules between the keys of a partner file, and between the partners.

Each check yields pairs of a key and what is wrong there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from itertools import combinations

from edigw.partners.agreements import Pair
from edigw.partners.anchors import anchor_problems
from edigw.partners.config import parties
from edigw.partners.delivery import boxes, collection_problems, delivery_problems, is_host, takes_tests_of
from edigw.partners.errors import did_you_mean
from edigw.partners.keys import password_hash_usable, private_key_problem, public_key_problem
from edigw.partners.signing import key_materials, key_problems
from edigw.partners.tables.agreement import AgreementFile
from edigw.partners.tables.console import Console
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.server import SftpServer
from edigw.partners.tables.settings import Settings
from edigw.partners.tables.writing import EdifactWriting, Receives, X12Writing
from edigw.syntax.findings import RULES
from edigw.syntax.model import Standard

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
Problems = Iterator[tuple[str, str]]

STANDARDS: tuple[Standard, ...] = ("edifact", "x12")
SEVERITIES = ("error", "warning", "note", "ignore")

_FEWEST_NUMBERS = 1000
_FOLDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_PRINTABLE = re.compile(r"[!-~]([ -~]*[!-~])?")
# ISO 9735: version 3 knows UNOA to UNOF, the others came with version 4
_VERSION_4_SETS = {"UNOG", "UNOH", "UNOI", "UNOJ", "UNOK", "UNOL", "UNOW", "UNOY"}


def settings_problems(settings: Settings, private_keys: bool) -> Problems:
    """`edigw.toml`. `private_keys`: also read the key files."""
    if not is_host(settings.sftp.host):
        yield "sftp.host", "expected an address or a host name"
    yield from _sftp(settings.sftp)
    if settings.console is not None:
        yield from _console(settings.console, settings.sftp, private_keys)
    retry = settings.delivery
    if retry.longest_delay_seconds < retry.first_delay_seconds:
        yield "delivery.longest_delay_seconds", "is shorter than first_delay_seconds"
    if settings.database:
        yield from _database(settings.database)
    yield from anchor_problems(settings.log)
    if private_keys:
        for number, path in enumerate(settings.sftp.host_keys, 1):
            if text := private_key_problem(path):
                yield f"sftp.host_keys[{number}]", text
        if not settings.log.key_file.is_file():
            yield "log.key_file", f"no such file: {settings.log.key_file}"


def partner_problems(partner: Partner, private_keys: bool) -> Problems:
    """One partner file by itself."""
    yield from _identifiers(partner)
    yield from _login(partner)
    yield from _mailbox(partner)
    yield from _receives(partner)
    yield from _writing(partner)
    yield from delivery_problems(partner, private_keys)
    yield from collection_problems(partner, private_keys)
    yield from _reading(partner)
    yield from _severities(partner)
    yield from key_problems(partner)


def agreement_problems(agreement: AgreementFile, pair: Pair, own: Pair) -> Problems:
    """An agreement, from what it makes of both partners (`pair`) and what they are by themselves (`own`)."""
    if pair.sender.code == pair.receiver.code:
        yield "receiver", "is the sender, too"
    for key, id, partner in (
        ("sender_id", agreement.sender_id, own.sender),
        ("receiver_id", agreement.receiver_id, own.receiver),
    ):
        named = [party.id for standard in STANDARDS for party in parties(partner, standard)]
        if id is not None and id not in named:
            yield key, f'"{id}" is no identifier of partner {partner.code}{did_you_mean(id, named)}'
    known = {*_receives(own.receiver), *_writing(own.receiver), *delivery_problems(own.receiver, False)}
    for problem in (*_receives(pair.receiver), *_writing(pair.receiver), *delivery_problems(pair.receiver, False)):
        if problem not in known:
            yield problem


def shared_problems(partners: list[Partner]) -> Iterator[tuple[Partner, str, str]]:
    """What two partners can't have in common; told about the later one."""
    codes = [partner.code for partner in partners]
    for partner in partners:
        for number, code in enumerate(partner.sends_for, 1):
            if code not in codes:
                yield partner, f"sends_for[{number}]", f'there is no partner "{code}"{did_you_mean(code, codes)}'
            elif code == partner.code:
                yield partner, f"sends_for[{number}]", "is the partner itself, which needs no mention"
    for one, other in combinations(partners, 2):
        for standard in STANDARDS:
            taken = parties(one, standard)
            for number, party in enumerate(parties(other, standard), 1):
                if party in taken:
                    key = f"identifiers.{standard}[{number}]"
                    yield other, key, f"{party} is already an identifier of partner {one.code}"
        for tests, production in ((one, other), (other, one)):
            if takes_tests_of(production, tests):
                yield tests, "delivery.test", f"is where partner {production.code} gets its production files"
        if one.login and other.login and one.login.user == other.login.user:
            yield other, "login.user", f'"{one.login.user}" is already the user of partner {one.code}'
        if key_materials(one) & key_materials(other):
            key = "signatures.keys" if other.signatures.keys else "login.keys"
            yield other, key, f"partner {one.code} has the same key; each needs its own"


def _identifiers(partner: Partner) -> Problems:
    named = partner.identifiers
    if not named.edifact and not named.x12:
        yield "identifiers", "at least one identifier is needed, or no interchange can name the partner"
    for number, edifact in enumerate(named.edifact, 1):
        yield from _one_identifier(f"identifiers.edifact[{number}]", edifact.id, edifact.qualifier)
        if edifact in named.edifact[: number - 1]:
            yield f"identifiers.edifact[{number}]", "stands here twice"
    for number, x12 in enumerate(named.x12, 1):
        yield from _one_identifier(f"identifiers.x12[{number}]", x12.id, x12.qualifier)
        if x12.party in [earlier.party for earlier in named.x12[: number - 1]]:
            yield f"identifiers.x12[{number}]", "stands here twice"
        group = x12.group or x12.id
        if len(group) < 2 or not _PRINTABLE.fullmatch(group):
            yield f"identifiers.x12[{number}].group", "GS02/GS03 need 2 to 15 printable characters"


def _one_identifier(key: str, identifier: str, qualifier: str) -> Problems:
    if not _PRINTABLE.fullmatch(identifier):
        yield f"{key}.id", "expected printable ASCII without blanks at its ends"
    if qualifier and not _PRINTABLE.fullmatch(qualifier):
        yield f"{key}.qualifier", "expected printable ASCII without blanks"


def _login(partner: Partner) -> Problems:
    login = partner.login
    if login is None:
        for key, box in boxes(partner):
            if box.method == "mailbox":
                yield "login", f'missing; with {key}.method = "mailbox" the partner logs in to fetch its files'
        return
    if not login.keys and not login.certificate_authorities and not login.password_hash:
        yield "login.keys", "at least one public key is needed, or certificate_authorities, or a password_hash"
    for number, line in enumerate(login.certificate_authorities, 1):
        if text := public_key_problem(line):
            yield f"login.certificate_authorities[{number}]", text
        elif line.startswith("ssh-rsa"):  # its certificates may be signed with SHA-1
            yield f"login.certificate_authorities[{number}]", "RSA authorities are not accepted; use Ed25519 or ECDSA"
    if login.password_hash and not password_hash_usable(login.password_hash):
        yield "login.password_hash", "not what `edigw partner password` prints"
    yield from _networks("login.networks", login.networks)


def _mailbox(partner: Partner) -> Problems:
    taken: dict[str, str] = {}
    for name, types in partner.mailbox.folders.items():
        key = f"mailbox.folders.{name}"
        if not _FOLDER.fullmatch(name):
            yield key, "a folder's name is made of a-z, 0-9, '_' and '-', 32 at most"
        for one in types:
            if one in taken:
                yield key, f"{one} lies in {taken[one]} already"
            taken.setdefault(one, name)


def _sftp(server: SftpServer) -> Problems:
    for name in ("allow", "deny", "safe", "proxies"):
        yield from _networks(f"sftp.{name}", getattr(server, name))
    if server.legacy is not None:
        yield from _networks("sftp.legacy.networks", server.legacy.networks)
        if server.legacy.port == server.port:
            yield "sftp.legacy.port", "is the port of [sftp] already"


def _console(console: Console, sftp: SftpServer, private_keys: bool) -> Problems:
    if not is_host(console.host):
        yield "console.host", "expected an address or a host name"
    if console.host == sftp.host and console.port == sftp.port:
        yield "console.port", "is the port of [sftp] already"
    yield from _networks("console.proxies", console.proxies)
    if (console.certificate is None) != (console.certificate_key is None):
        yield "console.certificate", "goes together with certificate_key"
    if console.certificate is None and not console.proxies and console.host not in _THIS_MACHINE:
        yield (
            "console.host",
            "passwords would cross the network in clear: give certificate and certificate_key, or name the proxies "
            "in front that speak HTTPS",
        )
    for key in ("certificate", "certificate_key") if private_keys else ():
        path = getattr(console, key)
        if path is not None and not path.is_file():
            yield f"console.{key}", f"no such file: {path}"


def _networks(key: str, networks: tuple[str, ...]) -> Problems:
    for number, text in enumerate(networks, 1):
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            yield f"{key}[{number}]", f'expected a network such as "192.0.2.0/24": {error}'


def _receives(partner: Partner) -> Problems:
    for number, wanted in enumerate(partner.receives, 1):
        key = f"receives[{number}]"
        if any(_same(wanted, earlier) for earlier in partner.receives[: number - 1]):
            yield f"{key}.document", f"{wanted.document} stands here twice; a partner gets it in one form"
        if not parties(partner, wanted.standard):
            yield (
                f"identifiers.{wanted.standard}",
                f"missing; without one no {wanted.message} can be addressed to the partner",
            )


def _same(wanted: Receives, earlier: Receives) -> bool:
    """Whether both are for the same documents. Responses to orders (855) and to changes (865) are not."""
    if wanted.document != earlier.document:
        return False
    from edigw.mapping import registry

    one, other = (registry.condition(r.standard, r.message, r.version, r.document) for r in (wanted, earlier))
    return not one[0] or one[0] != other[0] or one[1] == other[1]


def _writing(partner: Partner) -> Problems:
    edifact = partner.edifact
    if edifact.character_set in _VERSION_4_SETS and edifact.syntax_version != 4:
        yield "edifact.character_set", f"{edifact.character_set} exists in syntax version 4 only"
    yield from _numbers(partner)
    yield from _edifact_delimiters(edifact)
    for number, name in partner.x12.implementations.items():
        if not re.fullmatch(r"[0-9]{3}", number):
            yield f"x12.implementations.{number}", 'expected a transaction set such as "850"'
        elif not _PRINTABLE.fullmatch(name):
            yield f"x12.implementations.{number}", "expected printable ASCII"
    for message in edifact.associations:
        if not re.fullmatch(r"[A-Z]{6}", message):
            yield f"edifact.associations.{message}", 'expected a message type such as "ORDERS"'
    yield from _delimiters(partner.x12)


def _numbers(partner: Partner) -> Problems:
    for name, writing in (("edifact", partner.edifact), ("x12", partner.x12)):
        if len(writing.numbers) < _FEWEST_NUMBERS:
            yield f"{name}.last_number", f"leaves fewer than {_FEWEST_NUMBERS} numbers: the same ones would soon return"
    if partner.x12.last_number > 999_999_999:
        yield "x12.last_number", "ISA13 and GS06 have nine digits"
    if len(f"{partner.edifact.number_prefix}{partner.edifact.last_number}") > 14:
        yield "edifact.last_number", "0020 has 14 characters, number_prefix included"


def _edifact_delimiters(edifact: EdifactWriting) -> Problems:
    names = ["element", "component", "release", "terminator"] + ["repetition"] * (edifact.syntax_version == 4)
    taken: dict[str, str] = {".": "decimal"}
    for name in names:
        character = getattr(edifact, name)
        if not character.isascii() or not character.isprintable() or character.isalnum() or character == " ":
            yield f"edifact.{name}", f"{character!r} can't be a service character"
        elif character in taken:
            yield f"edifact.{name}", f"{character!r} is already the {taken[character]} character"
        taken.setdefault(character, name)
    usual = EdifactWriting(syntax_version=edifact.syntax_version)
    if not edifact.una and any(getattr(edifact, name) != getattr(usual, name) for name in names):
        yield "edifact.una", "other service characters than the standard's must be given by UNA"


def _delimiters(x12: X12Writing) -> Problems:
    taken: dict[str, str] = {}
    for name in ("element", "component", "terminator", "repetition"):
        character = getattr(x12, name)
        if not character.isascii() or character.isalnum() or character in " .-+\0":
            yield f"x12.{name}", f"{character!r} occurs in data and can't be a delimiter"
        elif character in taken:
            yield f"x12.{name}", f"{character!r} is already the {taken[character]} delimiter"
        taken.setdefault(character, name)


def _reading(partner: Partner) -> Problems:
    for name in ("fallback_charset", "x12_charset"):
        codec = getattr(partner.reading, name)
        if codec is not None and not _contains_ascii(codec):
            yield f"reading.{name}", f'expected a character set that contains ASCII, such as "latin-1", got "{codec}"'


def _contains_ascii(codec: str) -> bool:
    ascii = bytes(range(0x20, 0x7F))
    try:
        return ascii.decode(codec) == ascii.decode("ascii")
    except (LookupError, UnicodeError):
        return False


def _severities(partner: Partner) -> Problems:
    adjustable = [code for code, rule in RULES.items() if rule.kind == "validation"]
    for code, severity in partner.severities.items():
        key = f"severities.{code}"
        if code not in adjustable:
            yield key, _not_adjustable(code, adjustable)
        elif severity not in SEVERITIES:
            choices = ", ".join(f'"{choice}"' for choice in SEVERITIES)
            yield key, f'expected one of {choices}, got "{severity}"{did_you_mean(severity, SEVERITIES)}'


def _not_adjustable(code: str, adjustable: list[str]) -> str:
    if code in RULES:
        return "belongs into [tolerances]" if RULES[code].kind == "tolerance" else "always rejects"
    return f"there is no such rule{did_you_mean(code, adjustable)}"


def _database(url: str) -> Problems:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        yield "database", 'expected an address such as "postgresql+psycopg://edigw@db.example.com/edigw"'
        return
    if backend not in ("sqlite", "postgresql"):
        yield "database", f"{backend} is not supported; use SQLite or PostgreSQL"
