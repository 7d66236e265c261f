"""Every mistake is told in one line: file, key, what is wrong, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edigw.partners import ConfigError, examine, load
from edigw.partners.decode import decode
from edigw.partners.tables.partner import PartnerFile
from edigw.partners.tables.settings import Settings

Change = Callable[[str, str, str], Path]

A, M, T = "partners/acme.toml", "partners/muster.toml", "edigw.toml"

MISTAKES = [
    # the shape of the files
    (A, "host =", "hosst =", 'partners/acme.toml: delivery.sftp.hosst: unknown key; did you mean "host"?'),
    (
        T,
        "[log]",
        "[sftp]\nport = 99999\n[log]",
        "edigw.toml: sftp.port: expected a number from 1 to 65535, got 99999",
    ),
    (
        T,
        "[log]",
        "[sftp]\nport = '22'\n[log]",
        'edigw.toml: sftp.port: expected a number from 1 to 65535, got "22"',
    ),
    (
        T,
        "[log]",
        "[console]\nhost = '0.0.0.0'\n[log]",
        "edigw.toml: console.host: passwords would cross the network in clear: give certificate and certificate_key, "
        "or name the proxies in front that speak HTTPS",
    ),
    (
        T,
        "[log]",
        "[console]\nport = 2222\n[log]",
        "edigw.toml: console.port: is the port of [sftp] already",
    ),
    (
        T,
        "[log]",
        "[console]\ncertificate = 'keys/c.pem'\n[log]",
        "edigw.toml: console.certificate: goes together with certificate_key",
    ),
    (T, "[log]", "sftp = 3\n[log]", "edigw.toml: sftp: expected a table, got 3"),
    (
        T,
        "[log]",
        "[sftp]\nhost_keys = []\n[log]",
        "edigw.toml: sftp.host_keys: expected a list with at least one entry",
    ),
    (T, "[log]", "[sftp]\nhost_keys = [1]\n[log]", "edigw.toml: sftp.host_keys[1]: expected a path"),
    (
        T,
        "[log]",
        "[worker]\npoll_seconds = 0\n[log]",
        "edigw.toml: worker.poll_seconds: expected a number greater than 0, got 0",
    ),
    (
        T,
        "[log]",
        "[worker]\nthreads = true\n[log]",
        "edigw.toml: worker.threads: expected a number from 1 to 64, got true",
    ),
    (T, "origin =", "# origin =", "edigw.toml: log.origin: missing"),
    (
        T,
        "/log",
        "",
        'edigw.toml: log.origin: expected a domain and a path, "edi.example.com/log", got "edi.example.com"',
    ),
    (
        T,
        "[log]",
        "[log]\ndata = 'x'",
        "edigw.toml: log.data: unknown key; it belongs above the first [table] of the file",
    ),
    (T, "[log]", "[lgo]", 'edigw.toml: lgo: unknown key; did you mean "log"?'),
    (T, "[log]", "[log", "edigw.toml: expected ']' at the end of a table declaration, in column 9"),
    (
        T,
        "[log]",
        "data = 'x'\ndata = 'y'\n[log]",
        "edigw.toml: a key or table that stands here twice, in column 11",
    ),
    (
        A,
        '"Order"',
        '"Oder"',
        'partners/acme.toml: receives[1].document: there is no document "Oder", did you mean "Order"?',
    ),
    (A, '"Order"', '"Zebra"', "expected one of Order, OrderChange"),
    (T, "[log]", "[x]", "edigw.toml: x: unknown key, expected one of log, data, database, payloads"),
    (A, '"850"', '"8500"', "partners/acme.toml: receives[1].message: expected a message type"),
    (
        A,
        '"850"',
        "850",
        ' expected a message type, "ORDERS", or a transaction set, "850", got 850',
    ),
    (
        A,
        '"ZZ"',
        '"ZZZ"',
        'partners/acme.toml: identifiers.x12[1].qualifier: expected a text of 2 characters, got "ZZZ"',
    ),
    (
        M,
        "[login]",
        "[edifact]\nassociations = { ORDERS = 'EAN0008' }\n[login]",
        "partners/muster.toml: edifact.associations.ORDERS: expected a text of 0 to 6 characters",
    ),
    (M, "name =", "code = 'x'\nname =", "partners/muster.toml: code: unknown key"),
    (
        M,
        "[login]",
        "[x12]\nelement = '**'\n[login]",
        'partners/muster.toml: x12.element: expected one character, got "**"',
    ),
    # what is agreed
    (A, "004010", "00401", "partners/acme.toml: receives[1].version: there is no version '00401'"),
    (A, '"850"', '"000"', "partners/acme.toml: receives[1].message: there is no message '000'"),
    (A, '"850"', '"ORDERS"', "partners/acme.toml: receives[1].version: there is no version '004010'"),
    (M, '"DESADV"', '"DESDAV"', "there is no message 'DESDAV' in UN/EDIFACT D.96A"),
    (
        M,
        '"DESADV"\n        version = "D.96A"',
        '"856"\n        version = "004010"',
        "partners/muster.toml: identifiers.x12: missing; without one no 856 can be addressed to the partner",
    ),
    (
        A,
        "[delivery]",
        '[[receives]]\ndocument = "Order"\nmessage = "850"\nversion = "005010"\n[delivery]',
        "partners/acme.toml: receives[2].document: Order stands here twice",
    ),
    # identifiers and logins
    (
        A,
        "[identifiers]",
        '[identifiers]\nedifact = [{ id = "MUSTER" }]',
        "partners/muster.toml: identifiers.edifact[2]: MUSTER is already an identifier of partner acme",
    ),
    (
        A,
        '"acme"',
        '"muster"',
        'partners/muster.toml: login.user: "muster" is already the user of partner acme',
    ),
    (
        A,
        '"ACME", qualifier',
        '" ACME", qualifier',
        "partners/acme.toml: identifiers.x12[1].id: expected printable ASCII without blanks at its ends",
    ),
    (
        M,
        '{ id = "MUSTER" }',
        '{ id = "4012345000009", qualifier = "14" }',
        "partners/muster.toml: identifiers.edifact[2]: stands here twice",
    ),
    (
        A,
        '"ACMEAPP"',
        '"A"',
        "partners/acme.toml: identifiers.x12[1].group: GS02/GS03 need 2 to 15 printable characters",
    ),
    (A, '"acme"', '"ACME corp"', "partners/acme.toml: login.user: expected a user name of a-z"),
    (A, "acme.pub", "other.pub", "other.pub: no such file or directory"),
    (
        M,
        "ssh-ed25519 AAAA",
        "ssh-ed25519 BBBB",
        "partners/muster.toml: login.keys[1]: not a public key as OpenSSH writes it",
    ),
    # writing and delivery
    (
        M,
        "[login]",
        "[x12]\nelement = '>'\n[login]",
        "partners/muster.toml: x12.component: '>' is already the element delimiter",
    ),
    (
        M,
        "[login]",
        "[x12]\nterminator = 'A'\n[login]",
        "partners/muster.toml: x12.terminator: 'A' occurs in data",
    ),
    (
        M,
        "[login]",
        "[edifact]\ncharacter_set = 'UNOW'\n[login]",
        "partners/muster.toml: edifact.character_set: UNOW exists in syntax version 4 only",
    ),
    (
        M,
        "[login]",
        "[edifact]\nassociations = { orders = 'EAN008' }\n[login]",
        "partners/muster.toml: edifact.associations.orders: expected a message type",
    ),
    (
        M,
        "[login]",
        '[delivery]\nfile_name = "{typ}.edi"\n[login]',
        "partners/muster.toml: delivery.file_name: unknown placeholder {typ}",
    ),
    (
        M,
        "[login]",
        '[delivery]\nfile_name = "{type}.edi"\n[login]',
        "partners/muster.toml: delivery.file_name: needs {control} or {id}",
    ),
    (
        M,
        "[login]",
        '[delivery]\nfile_name = "../{id}"\n[login]',
        "partners/muster.toml: delivery.file_name: may hold letters",
    ),
    (
        M,
        "[login]",
        '[delivery]\nfile_name = "{id.__class__}"\n[login]',
        "partners/muster.toml: delivery.file_name: unknown placeholder {id.__class__}",
    ),
    (
        M,
        "[login]",
        '[delivery]\nfile_name = "{id"\n[login]',
        "partners/muster.toml: delivery.file_name: not a pattern",
    ),
    (M, '"]\n        [[rec', '", { kay = "x" }]\n        [[rec', 'login.keys[2].kay: unknown key; did you mean "key"?'),
    (
        M,
        '"]\n        [[rec',
        '", 3]\n        [[rec',
        "login.keys[2]: expected a public key, or a table with one and its days",
    ),
    (
        M,
        '"]\n        [[rec',
        '", { key = "x", valid_until = "soon" }]\n        [[rec',
        "keys[2].valid_until: expected a day",
    ),
    (M, "[login]", "[edifact]\nfirst_number = 500\nlast_number = 1000\n[login]", "edifact.last_number: leaves fewer"),
    (M, "[login]", "[x12]\nlast_number = 1000000000\n[login]", "x12.last_number: ISA13 and GS06 have nine digits"),
    (M, "[login]", '[edifact]\nnumber_prefix = "ABCDEF"\n[login]', "edifact.last_number: 0020 has 14 characters"),
    (M, "[login]", '[edifact]\nnumber_prefix = "a-"\n[login]', "edifact.number_prefix: expected up to eight of A-Z"),
    (M, "[login]", '[delivery]\nmethod = "sftp"\n[login]', "partners/muster.toml: delivery.sftp: missing"),
    (M, "[login]", '[delivery.test]\nmethod = "sftp"\n[login]', "partners/muster.toml: delivery.test.sftp: missing"),
    (
        M,
        "[login]",
        '[delivery]\nmethod = "folder"\nfolder = { path = "/srv/in" }\n[delivery.test]\nmethod = "folder"\n'
        'folder = { path = "/srv/x/../in" }\n[login]',
        "partners/muster.toml: delivery.test: is where production files go",
    ),
    (A, "[identifiers]", "test = true\n[identifiers]", "partners/acme.toml: test: expected"),
    (A, "[delivery]\n        method", "[delivery]\n        # method", None),
    (A, "ssh-ed25519", "ssh-ed25518", "partners/acme.toml: delivery.sftp.host_key: not a public key"),
    (
        A,
        "sftp.acme.example",
        "sftp acme",
        "partners/acme.toml: delivery.sftp.host: expected an address or a host name",
    ),
    (A, "../keys/push", "push", "partners/acme.toml: delivery.sftp.key_file: can't read"),
    (
        T,
        "[log]",
        "[delivery]\nfirst_delay_seconds = 9999\n[log]",
        "edigw.toml: delivery.longest_delay_seconds: is shorter",
    ),
    (
        T,
        "[log]",
        "database = 'mysql://u:hunter2@db/x'\n[log]",
        "edigw.toml: database: mysql is not supported",
    ),
    (T, "[log]", "database = 'hunter2'\n[log]", "edigw.toml: database: expected an address such as"),
    (T, "[log]", "[sftp]\nhost_keys = ['nowhere']\n[log]", "edigw.toml: sftp.host_keys[1]: can't read"),
    (T, "[log]", "[log]\nkey_file = 'nowhere'", "edigw.toml: log.key_file: no such file"),
]


def without_line(text: str) -> str:
    return re.sub(r"\.toml:\d+: ", ".toml: ", text, count=1)


@pytest.mark.parametrize(("file", "old", "new", "expected"), MISTAKES)
def test_a_mistake_is_told_in_one_line(change: Change, file: str, old: str, new: str, expected: str | None) -> None:
    path = change(file, old, new)
    if expected is None:
        load(path)
        return
    with pytest.raises(ConfigError) as caught:
        load(path)
    text = str(caught.value)
    assert expected in without_line(text)
    assert "\n" not in text
    assert "hunter2" not in text


def test_the_line_of_a_mistake_is_told(folder: Path, change: Change) -> None:
    change("partners/muster.toml", "ssh-ed25519 AAAA", "x")
    change("partners/acme.toml", "host_key =", "host_kee =")
    problems = examine(change("edigw.toml", "[log]", "[sftp.limits]\n\nidle = 0\n[log]")).problems
    assert [(problem.file, problem.key, problem.line) for problem in problems] == [
        ("edigw.toml", "sftp.limits.idle", 4),
        ("partners/acme.toml", "delivery.sftp.host_kee", 18),
        ("partners/muster.toml", "login.keys[1]", 7),
    ]


def test_every_problem_of_every_file_is_found_at_once(folder: Path, change: Change) -> None:
    change("partners/muster.toml", "ssh-ed25519 AAAA", "x")
    change("partners/acme.toml", "004010", "00401")
    examined = examine(change("edigw.toml", "[log]", "[sftp]\nhost = 'a b'\n[log]"))
    assert examined.config is None
    assert [problem.file for problem in examined.problems] == [
        "edigw.toml",
        "partners/acme.toml",
        "partners/muster.toml",
    ]


def test_a_form_that_no_binding_writes_is_told_on_request(change: Change) -> None:
    path = change(A, '"Order"', '"DespatchAdvice"')
    load(path)
    problems = examine(path, bindings=True).problems
    assert str(problems[0]) == "partners/acme.toml:8: receives[1]: no binding writes DespatchAdvice as 850 004010"


def test_a_partner_file_must_be_named_after_a_code(folder: Path) -> None:
    (folder / "partners/muster.toml").rename(folder / "partners/Muster Markt.toml")
    with pytest.raises(ConfigError, match=r"^partners/Muster Markt\.toml: the name before \.toml is"):
        load(folder / "edigw.toml")


def test_a_missing_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"/edigw\.toml: no such file or directory$"):
        load(tmp_path / "edigw.toml")


def test_a_file_in_another_character_set_is_told_with_its_line(folder: Path) -> None:
    (folder / "partners/acme.toml").write_bytes('\nname = "Käse"'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"^partners/acme\.toml:2: not UTF-8 text$"):
        load(folder / "edigw.toml")


def test_a_file_from_a_windows_editor_is_read(folder: Path) -> None:
    path = folder / "edigw.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    load(path)


def test_a_private_key_in_place_of_a_public_one_is_told_but_not_shown(folder: Path) -> None:
    secret = (folder / "keys/push").read_text()
    path = folder / "partners/acme.toml"
    path.write_text(path.read_text().replace('key_files = ["acme.pub"]', f"keys = ['''{secret}''']"))
    with pytest.raises(ConfigError) as caught:
        load(folder / "edigw.toml")
    assert "this is a private key" in str(caught.value)
    assert secret.splitlines()[1] not in str(caught.value)


def test_a_key_given_to_two_partners_is_told(folder: Path) -> None:
    key = (folder / "partners/acme.pub").read_text().splitlines()[1]
    path = folder / "partners/muster.toml"
    first, _, rest = path.read_text().partition('keys = ["')
    path.write_text(f'{first}keys = ["{key} another comment"{rest[rest.index("]") :]}')
    with pytest.raises(ConfigError, match=r"muster\.toml:7: login\.keys: partner acme has the same key"):
        load(folder / "edigw.toml")


def test_a_short_rsa_key_is_refused(folder: Path) -> None:
    key = rsa.generate_private_key(65537, 1024).public_key()
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (folder / "partners/acme.pub").write_bytes(line)
    with pytest.raises(ConfigError, match="an RSA key of 1024 bits is too short"):
        load(folder / "edigw.toml")


def test_a_host_key_that_asks_for_a_passphrase_is_refused(folder: Path) -> None:
    key = Ed25519PrivateKey.generate()
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"secret"))
    (folder / "keys/host_ed25519").write_bytes(locked)
    with pytest.raises(ConfigError, match=r"sftp\.host_keys\[1\]: .* is protected by a passphrase"):
        load(folder / "edigw.toml")


def test_a_host_key_of_another_format_is_refused(folder: Path) -> None:
    (folder / "keys/host_ed25519").write_text("PuTTY-User-Key-File-3: ssh-ed25519\n")
    with pytest.raises(ConfigError, match=r"sftp\.host_keys\[1\]: .* is not a private key as OpenSSH writes it"):
        load(folder / "edigw.toml")


def test_a_private_key_that_others_may_read_is_refused(folder: Path) -> None:
    (folder / "keys/push").chmod(0o644)
    with pytest.raises(ConfigError, match=r"delivery\.sftp\.key_file: .* can be read by others; run: chmod 600"):
        load(folder / "edigw.toml")


def test_an_enormous_file_is_not_read(folder: Path) -> None:
    (folder / "edigw.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigError, match="far too large"):
        load(folder / "edigw.toml")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "sftp", "host", "x12", "id", "port"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_KEYS = [*Settings.__struct_fields__, *PartnerFile.__struct_fields__, "nonsense"]


def _toml(value: object) -> str:
    match value:
        case None:
            return '""'
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
        case _:
            return str(value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_KEYS), _values, max_size=5), st.sampled_from([Settings, PartnerFile]))
def test_whatever_a_file_says_it_is_read_or_refused_in_one_line(data: dict[str, object], kind: type) -> None:
    text = "\n".join(f"{key} = {_toml(value)}" for key, value in data.items())
    try:
        decode(text.encode(), kind, "f.toml")
    except ConfigError as error:
        assert without_line(str(error)).startswith("f.toml: ")
        assert "\n" not in str(error)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(ConfigError) as caught:  # nothing this short has every key that is needed
        decode(data, Settings, "f.toml")
    assert "\n" not in str(caught.value)
