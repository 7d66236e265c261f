"""`edigw receipt`: check a receipt and take out what is signed of it, without a gateway; see who has not signed."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, stored
from edigw.admin.output import CommandError, line, print_json, printable, reason, say, styled

if TYPE_CHECKING:
    from edigw.log.entry import ObjectRef
    from edigw.log.receipt import Receipt

receipt = typer.Typer(no_args_is_help=True, help="Check and sign the receipts that lie in a partner's mailbox.")
KeyOption = Annotated[
    list[str] | None,
    typer.Option(help="The log's public key as you got it from the gateway's operator, or its file."),
]
_CHUNK = 1 << 20


def register(app: typer.Typer) -> None:
    """Add `edigw receipt`."""
    app.add_typer(receipt, name="receipt")


@receipt.command(epilog="Example: edigw receipt verify po.edi.receipt --original po.edi --key log.vkey")
def verify(
    file: Annotated[Path, typer.Argument(help="The receipt.")],
    key: KeyOption = None,
    original: Annotated[Path | None, typer.Option(help="The file that the receipt is said to be about.")] = None,
    json: JsonOption = False,
) -> None:
    """Verify a receipt offline and say in one line what it proves: no configuration, no database, no network."""
    from edigw.log.errors import LogError
    from edigw.log.receipt import verify_receipt
    from edigw.log.receipt_text import sentence

    keys = _keys(key or [])
    text = _text(file)
    found: Receipt | None = None
    shown: ObjectRef | None = None
    sha256, failure = "", ""
    try:
        found = verify_receipt(text, keys)
    except LogError as error:
        failure = str(error)
    if found is not None and original is not None:
        shown, sha256, failure = _compare(found, original)
    if json:
        print_json(_told(file, found, original, shown, sha256, failure))
    elif found is not None and not failure:
        line(f"{styled('VERIFIED', colour='green', bold=True)}: "
             f"{printable(sentence(found, shown, str(original), sha256))}")  # fmt: skip
    else:
        line(styled(f"DOES NOT VERIFY: {printable(failure)}", colour="red", bold=True))
    if failure:
        raise typer.Exit(1)


@receipt.command(
    epilog="Example: edigw receipt entry x.receipt | ssh-keygen -Y sign -n receipt@edi-evidence -f KEY > x.receipt.sig"
)
def entry(
    file: Annotated[Path, typer.Argument(help="The receipt.")],
    key: KeyOption = None,
) -> None:
    """The entry in a receipt, byte for byte, on standard output: what is signed to countersign it.

    With --key the receipt is verified first, and nothing is written if it does not hold."""
    from edigw.log.errors import LogError
    from edigw.log.receipt import entry_of, verify_receipt

    text = _text(file)
    try:
        data = verify_receipt(text, _keys(key)).data if key else entry_of(text)
    except LogError as error:
        say(f"{printable(str(file))}: does not verify: {printable(str(error))}")
        raise typer.Exit(1) from error
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@receipt.command(epilog="Example: edigw receipt owed --partner prairie")
def owed(
    partner: Annotated[str, typer.Option(help="Only this partner.")] = "",
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Which partners have not signed for what they were given, although the agreement asks for it; oldest first."""
    from edigw.gateway.incoming.countersigned import owed as find

    settings, database, _ = stored(config)
    if partner and partner not in settings.partners:
        raise CommandError(f"there is no partner {printable(partner)!r}")
    with database.read() as conn:
        found = find(conn, settings, partner)
    if json:
        print_json(found)
        return
    for each in found:
        line(printable(f"{each['since'][:19]}Z  {each['partner']}  {each['file']}  {each['id']}"))
    if not found:
        line("nobody owes a signature")


def _keys(arguments: list[str]) -> list[Any]:
    from edigw.log.errors import NoteError
    from edigw.log.note import VerifierKey
    from edigw.log.verify import Unusable, key_arguments

    try:
        keys = [VerifierKey.parse(text) for text in key_arguments(arguments)]
    except (Unusable, NoteError) as error:
        raise CommandError(f"--key: {error}") from error
    if not keys:
        raise CommandError("give the log's public key with --key: it stands in your agreement with the operator")
    return keys


def _text(file: Path) -> str:
    from edigw.log.receipt import FIRST_LINE, RECEIPT_LIMIT

    try:
        with file.open("rb") as stream:
            data = stream.read(RECEIPT_LIMIT + 1)
    except OSError as error:
        raise CommandError(f"{file}: {reason(error)}") from error
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: not a receipt, not even text") from error
    if not text.startswith(f"{FIRST_LINE}\n"):
        raise CommandError(f"{file}: not a receipt, its first line is not {FIRST_LINE}")
    return text


def _compare(found: Receipt, original: Path) -> tuple[ObjectRef | None, str, str]:
    """Which object of the entry the file is; its SHA-256; what is wrong if it is none."""
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        with original.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                digest.update(piece)
                yield piece

    try:
        shown = found.find(pieces())
        size = original.stat().st_size
    except OSError as error:
        raise CommandError(f"{original}: {reason(error)}") from error
    if shown is not None:
        return shown, digest.hexdigest(), ""
    sizes = [item.size for item in found.entry.objects if item.commit in found.salts]
    if not sizes:
        wrong = "the receipt is sound, but it lets no file be compared with it"
    elif size not in sizes:
        wrong = f"{original} has {size} bytes, the receipt is about a file of {sizes[0]}"
    else:
        wrong = f"{original} has other bytes than the file that the receipt is about"
    return None, digest.hexdigest(), wrong


def _told(
    file: Path, found: Receipt | None, original: Path | None, shown: ObjectRef | None, sha256: str, failure: str
) -> dict[str, Any]:
    told: dict[str, Any] = {"file": str(file), "verified": not failure, "failure": failure}
    if found is not None:
        entry = found.entry
        told |= {
            "log": entry.log,
            "index": found.index,
            "size": found.checkpoint.size,
            "type": entry.type,
            "event": entry.eid,
            "exchange": entry.xid,
            "at": entry.at,
            "actor": entry.actor,
            "sender": entry.sender,
            "recipient": entry.recipient,
            "objects": [{"role": o.role, "size": o.size, "commit": o.commit} for o in entry.objects],
        }
    if original is not None and sha256:
        told["original"] = {"file": str(original), "sha256": sha256, "role": shown.role if shown else ""}
    return told
