"""`edigw partner add`: a new partner's files, and what the partner has to know."""

from __future__ import annotations

import json as json_text
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption
from edigw.admin.output import CommandError, line, print_json, printable, reason, styled
from edigw.admin.setup import agreement, filled

if TYPE_CHECKING:
    from edigw.partners.config import Config
    from edigw.partners.tables.partner import Partner

_KEY_LINE = re.compile(r"(ssh|ecdsa|sk)-[^ ]+ [A-Za-z0-9+/=]+")
_FOLDERS = {
    "inbox": "put files here: under their names, or under NAME.part and then renamed",
    "outbox": "what waits for you: get it, then delete it",
    "test": "the same, for what is marked as a test",
    "receipts": "a signed receipt for each of your files, and a report where something was wrong",
}


class Server(NamedTuple):
    """A partner's server as `--sftp` names it."""

    user: str
    host: str
    port: int
    folder: str


def register(app: typer.Typer) -> None:
    """Add `edigw partner add`."""
    example = (
        "edigw partner add acme --name 'Acme Ltd' --x12 ACME:ZZ --key acme.pub --receives 850:004010 --with retailer"
    )
    app.command("add", epilog=f"Example: {example}")(add)


def add(
    code: Annotated[str, typer.Argument(metavar="NAME", help="The partner's code: a-z, 0-9 and '-'.")],
    name: Annotated[str, typer.Option(help="What it is called; default: its code.")] = "",
    edifact: Annotated[
        list[str] | None, typer.Option(metavar="ID[:QUALIFIER]", help="An identifier in UNB: 4012345000009:14.")
    ] = None,
    x12: Annotated[
        list[str] | None, typer.Option(metavar="ID:QUALIFIER", help="An identifier in ISA: ACME:ZZ.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="A public key with which it logs in: its file, or the line itself.")
    ] = None,
    user: Annotated[str, typer.Option(help="The user name with which it logs in; default: its code.")] = "",
    network: Annotated[
        list[str] | None, typer.Option(help="A network from which it may log in; default: from everywhere.")
    ] = None,
    receives: Annotated[
        list[str] | None, typer.Option(metavar="MESSAGE:VERSION", help="A form in which it gets documents: 850:004010.")
    ] = None,
    sftp: Annotated[
        str, typer.Option(metavar="USER@HOST[:PORT][/FOLDER]", help="Its own server, if it does not fetch its files.")
    ] = "",
    host_key: Annotated[str, typer.Option(help="That server's public key, a file with it, or its fingerprint.")] = "",
    folder: Annotated[Path | None, typer.Option(help="A folder of this machine where its files go instead.")] = None,
    partners: Annotated[
        list[str] | None, typer.Option("--with", metavar="NAME", help="Another partner that it will exchange with.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Set up a partner: write its file, and an agreement for each direction with others, all commented.

    Both are checked with all the rest, and taken back if anything is wrong. What is printed then is for the partner:
    where to log in, the server's fingerprints, its folders."""
    from edigw.partners.load import is_code, load

    for given in (code, *(partners or [])):
        if not is_code(given):
            raise CommandError(f"{given}: a partner's code is made of a-z, 0-9 and '-'")
    before = load(config)
    texts = {
        f"partners/{code}.toml": filled(
            "partners/new.toml",
            code=code,
            name=_toml(name or code),
            edifact=", ".join(_identifiers(edifact or [], needs_qualifier=False)),
            x12=", ".join(_identifiers(x12 or [], needs_qualifier=True)),
            login=_login(user or code, key or [], network or []),
            receives="".join(_forms(receives or [])) or "\n",
            delivery=_delivery(sftp, host_key, folder, "x12" if x12 and not edifact else "edi"),
        )
    }
    for other in partners or []:
        for sender, receiver in ((code, other), (other, code)):
            texts[f"agreements/{sender}-to-{receiver}.toml"] = agreement(sender, receiver)
    after = _write(before, texts)
    told = _for_the_partner(after, after.partners[code])
    if json:
        print_json({"code": code, "files": list(texts), "for_the_partner": told})
    else:
        _print(code, list(texts), told)


# ---------------------------------------------------------------- the files


def _toml(text: str) -> str:
    return json_text.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _identifiers(given: Sequence[str], *, needs_qualifier: bool) -> Iterator[str]:
    for text in given:
        id, _, qualifier = text.partition(":")
        if not id or (needs_qualifier and not qualifier):
            raise CommandError(f"{text}: expected ID:QUALIFIER, as in ACME:ZZ")
        yield f"{{ id = {_toml(id)}, qualifier = {_toml(qualifier)} }}" if qualifier else f"{{ id = {_toml(id)} }}"


def _login(user: str, keys: Sequence[str], networks: Sequence[str]) -> str:
    if not keys:
        return "# [login]                    # without one, the partner can't send to the gateway by SFTP\n"
    lines = [f"[login]\nuser = {_toml(user)}\nkeys = ["]
    lines += [f"    {_toml(_key(text))}," for text in keys]
    lines.append("]")
    given = f"networks = [{', '.join(map(_toml, networks))}]"
    lines.append(given if networks else '# networks = []              # from which it may log in, ["192.0.2.0/24"]')
    return "\n".join(lines) + "\n"


def _key(text: str) -> str:
    """The line of a public key, given as itself or as a file."""
    if _KEY_LINE.match(text):
        return text.strip()
    try:
        content = Path(text).read_text("utf-8")
    except OSError as error:
        raise CommandError(f"{text}: {reason(error)}; expected a public key, or a file with one") from error
    except UnicodeDecodeError:
        content = ""
    lines = [each.strip() for each in content.splitlines() if _KEY_LINE.match(each.strip())]
    if len(lines) != 1:
        raise CommandError(f'{text}: expected the line of one public key, as OpenSSH writes it: "ssh-ed25519 AAAA..."')
    return lines[0]


def _forms(given: Sequence[str]) -> Iterator[str]:
    from edigw import mapping
    from edigw.documents import DOCUMENTS
    from edigw.syntax.model import Standard

    for text in given:
        message, _, version = text.partition(":")
        message, standard = message.upper(), "x12" if message.isdigit() else "edifact"
        known: Standard = "x12" if standard == "x12" else "edifact"
        documents = [name for name in DOCUMENTS if mapping.by_document(name, known, message, version) is not None]
        if not documents:
            raise CommandError(f"{text}: no binding writes {message} {version}; expected a message such as 850:004010")
        for document in documents:
            values = {"document": document, "message": message, "version": version}
            yield "[[receives]]\n" + "".join(f"{k} = {_toml(v)}\n" for k, v in values.items()) + "\n"


def _delivery(sftp: str, host_key: str, folder: Path | None, suffix: str) -> str:
    placeholders = "# {type} {control} {sender} {receiver} {date} {time} {id}"
    named = f'file_name = "{{type}}_{{control}}.{suffix}"   {placeholders}'
    if sftp and folder:
        raise CommandError("expected either --sftp or --folder")
    if folder:
        return f'method = "folder"\n{named}\nfolder = {{ path = {_toml(str(folder.absolute()))} }}'
    if not sftp:
        return f'method = "mailbox"           # it fetches its files from /outbox, tests from /test\n{named}'
    server = parse_server(sftp)
    values: dict[str, str | int] = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "key_file": "../keys/push_ed25519",
        "host_key": _host_key(server, host_key),
        "folder": server.folder,
    }
    lines = [f"{key} = {value if isinstance(value, int) else _toml(value)}" for key, value in values.items()]
    return "\n".join(
        [
            'method = "sftp"',
            named,
            "",
            "[delivery.sftp]",
            *lines,
            '# temp_suffix = ".part"      # uploaded under this name, then renamed; "" for servers that can\'t rename',
        ]
    )


def parse_server(text: str) -> Server:
    """What `--sftp` names. Raises CommandError."""
    try:
        parts = urlsplit(f"sftp://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not parts.username or parts.password or parts.query or parts.fragment:
        raise CommandError(f"{text}: expected USER@HOST[:PORT][/FOLDER], as in edigw@sftp.acme.example:22/inbound")
    return Server(unquote(parts.username), host, port or 22, unquote(parts.path).lstrip("/") or ".")


def _host_key(server: Server, given: str) -> str:
    if given:
        return given if given.startswith("SHA256:") else _key(given)
    shown = _shown(server)
    raise CommandError(
        f"the key of {server.host} is needed, --host-key: "
        + (
            f"it shows {shown} now; ask the partner over the telephone whether that is it"
            if shown
            else "it can't be asked"
        )
    )


def _shown(server: Server) -> str:
    import asyncssh

    from edigw.transport.remote import SftpTarget
    from edigw.transport.remote.trial import host_key

    try:
        key = host_key(SftpTarget(host=server.host, port=server.port, user=server.user, host_key=""))
    except (OSError, asyncssh.Error):
        return ""
    return key.get_fingerprint() if key else ""


def _write(before: Config, texts: dict[str, str]) -> Config:
    """Write the files, and load the configuration with them. Raises CommandError, and then none of them is there."""
    from edigw.partners.load import examine

    root, written = before.path.parent, []
    try:
        for name, text in texts.items():
            (root / name).parent.mkdir(mode=0o700, exist_ok=True)
            with (root / name).open("x", encoding="utf-8") as file:
                written.append(root / name)
                file.write(text)
        examined = examine(before.path, bindings=True)
    except FileExistsError as error:
        _take_back(written)
        raise CommandError(f"{error.filename} exists already; nothing was changed") from error
    except OSError as error:
        _take_back(written)
        raise CommandError(f"{error.filename or root}: {reason(error)}; nothing was changed") from error
    if examined.config is None:
        _take_back(written)
        raise CommandError(f"nothing was changed: {examined.problems[0]}")
    return examined.config


def _take_back(written: Sequence[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)


# ---------------------------------------------------------------- for the partner


def _for_the_partner(config: Config, partner: Partner) -> dict[str, Any]:
    from edigw.transport.keys import fingerprints, load, public_line

    told: dict[str, Any] = {}
    if partner.login is not None:
        host = config.sftp.host
        lines = [public_line(load(path)) for path in config.sftp.host_keys]
        told["server"] = {
            "host": "" if host in ("0.0.0.0", "::") else host,  # noqa: S104  only compared
            "port": config.sftp.port,
            "host_keys": [{"key": each, "sha256": (f := fingerprints(each)).sha256, "md5": f.md5} for each in lines],
        }
        told["login"] = {
            "user": partner.login.user,
            "keys": [fingerprints(each.key).sha256 for each in partner.login.dated_keys],
            "networks": list(partner.login.networks),
        }
        told["folders"] = _FOLDERS
        told["receipts_key"] = config.log.key_file.with_suffix(".vkey").read_text("utf-8").split("\n")[0]
    target = partner.delivery.sftp if partner.delivery.method == "sftp" else None
    if target is not None:
        public = target.key_file.with_name(f"{target.key_file.name}.pub")
        told["delivery"] = {
            "user": target.user,
            "folder": target.folder,
            "key": public.read_text("utf-8").strip() if public.is_file() else "",
        }
    return told


def _print(code: str, files: Sequence[str], told: dict[str, Any]) -> None:
    line(f"{styled('Partner ' + code, bold=True)} is set up: {', '.join(files)}")
    line()
    line("For the partner:")
    for label, text in _lines(told):
        line(printable(f"  {label:<10}  {text}"))
    line()
    if "delivery" in told:
        line(f"When it has let us in: edigw partner test {code}")
    line("A running gateway takes this over within seconds.")


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "server" in told:
        server, login = told["server"], told["login"]
        yield "Server", f"SFTP, {server['host'] or 'the address of this machine'}, port {server['port']}"
        for each in server["host_keys"]:
            yield "Host key", f"{each['key'].split()[0]} {each['sha256']}"
            yield "", each["md5"]
        yield "User", f"{login['user']}, with the key {' or '.join(login['keys'])}"
        if login["networks"]:
            yield "", f"only from {', '.join(login['networks'])}"
        for folder, text in told["folders"].items():
            yield "Folder", f"/{folder:<8}  {text}"
        yield "Receipts", f"are signed with {told['receipts_key']}"
    if "delivery" in told:
        d = told["delivery"]
        yield "We deliver", f"as user {d['user']} into the folder {d['folder']}; please let in this key:"
        yield "", d["key"] or "(its public half is not beside it)"
