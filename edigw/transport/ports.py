"""What the SFTP server asks of the gateway: who may log in, and what lies in a partner's mailbox.

The server knows nothing of databases. It calls these ports from worker threads, so every method may block,
must be safe to call from several threads at once, and must return or raise within a bounded time. Anything
raised other than `Refused` reaches the client as "internal error" and the server's log with its traceback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, TypeAlias

Folder: TypeAlias = str  # one of FOLDERS, or a folder inside of inbox, outbox or test: "outbox/orders"
FOLDERS: tuple[Folder, ...] = ("inbox", "outbox", "receipts", "test")
Network = IPv4Network | IPv6Network
Method = Literal["publickey", "certificate", "password"]

TEMP_SUFFIXES = (".tmp", ".part", ".partial", ".filepart", ".writing")
MARKER_SUFFIXES = (".done", ".ok")


class Refused(Exception):
    """The gateway declines what the client asked; `reason`, in plain words, is what the partner reads."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Account:
    """A login and the partner it belongs to. Several accounts may share a partner, and so its mailbox.

    What it holds is valid now: a key that is not yet, or no longer, good is left out by whoever makes it."""

    partner: str  # partner code: letters, digits, ".", "_" and "-"; also names the partner's staging folder
    user: str
    keys: tuple[str, ...]  # OpenSSH public key lines: "ssh-ed25519 AAAA… comment"
    authorities: tuple[str, ...] = ()  # such lines of authorities whose OpenSSH user certificates let in
    principals: tuple[str, ...] = ()  # for one of which a certificate must be made; default: the user name
    password: str = ""  # an argon2 hash (`edigw.transport.passwords`); "" if there is no password
    networks: tuple[Network, ...] = ()  # from which the user may log in; default: from everywhere
    folders: tuple[str, ...] = ()  # names of folders inside of each of inbox, outbox and test
    temp_suffixes: tuple[str, ...] = TEMP_SUFFIXES  # names that are kept but not submitted until renamed
    marker_suffixes: tuple[str, ...] = MARKER_SUFFIXES  # names that may be empty


@dataclass(frozen=True, slots=True)
class Session:
    """One authenticated SSH connection, as the transmission log records it."""

    id: str
    user: str
    partner: str
    peer: str  # "192.0.2.7:50122", "[2001:db8::7]:50122"
    key_fingerprint: str  # "SHA256:…" of the key that logged in; "" with a password
    client_version: str  # the client's SSH identification, "SSH-2.0-OpenSSH_9.2p1"
    algorithms: str  # "cipher=… mac=… hostkey=…"
    method: Method = "publickey"
    certificate: str = ""  # which one logged in: its id, its number and the fingerprint of its authority


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that the partner sees. `size` is final: what `Home.open` yields, byte for byte."""

    folder: Folder
    name: str
    size: int  # bytes
    mtime: datetime  # aware; when it was published: pollers compare it
    item: object = None  # the gateway's own reference; the server only hands it back


@dataclass(frozen=True, slots=True)
class Staged:
    """A complete upload that nobody writes to any more."""

    sha256: str  # in hex
    size: int  # bytes
    path: Path  # the file that it lies in, if it does not lie in memory; not forced to the disk
    data: bytes | None = None  # all its bytes, if they are few: then they need not lie in the file


class Accounts(Protocol):
    """Who may log in."""

    def find(self, user: str) -> Account | None:
        """The account of this user name, or None when there is none or it is suspended.

        Asked once a connection.
        """


class Home(Protocol):
    """One partner's mailbox, as the files of its folders."""

    def list(self, folder: Folder) -> Sequence[Entry]:
        """The files of a folder.

        Temp names are not among them: the server keeps those in staging and adds them.
        """

    def find(self, folder: Folder, name: str) -> Entry | None:
        """One file.

        What was submitted stays findable at least for minutes: clients check the size after a put.
        """

    def open(self, entry: Entry) -> BinaryIO:
        """A binary stream at position 0, which the server reads from one thread at a time, and closes.

        `read(n)` may return less than n only at the end. If `seekable()` is false the server first copies it to an
        unnamed file.
        """

    def submit(self, folder: Folder, name: str, staged: Staged, session: Session) -> None:
        """Take a complete upload to the inbox, or a folder in it, into the gateway; when this returns, bytes and log
        event are durable.

        Copy or hard-link a file; do not move or alter it: the server removes it afterwards, and after a crash
        before that the partner's temp name must still be there. A crash in between may therefore submit the
        same bytes twice. Empty files arrive only under marker names. The same name again is a new submission.

        Raises `Refused`: the client's CLOSE (or rename) fails with that text; what was uploaded under its final name
        is dropped, a temp name kept.
        """

    def picked_up(self, entry: Entry, session: Session, sent: int, complete: bool) -> None:
        """A download ended.

        `sent` is how many distinct bytes went out; `complete` says that it was all of them and that the client then
        closed the file, which it does not when the connection breaks.
        """

    def remove(self, entry: Entry, session: Session) -> None:
        """The client deletes a file. Raises `Refused` where the partner may not."""

    def record(self, session: Session, operation: str, **facts: str | int | bool) -> None:
        """Something worth evidence that no other method tells. Operations and their facts:

        login ()                              the connection is authenticated
        logout (reason, seconds)              it ended
        refused (request, path, reason)       a request was declined
        upload_aborted (path, size, reason)   an upload ended without CLOSE; nothing was submitted
        temp_stored (path, size)              an upload under a temp name was closed
        temp_removed (path)                   the client removed one
        temp_expired (path, size)             it was never renamed; of the session only the partner is known
        """


class Homes(Protocol):
    """The mailboxes."""

    def home(self, partner: str) -> Home:
        """The mailbox of a partner code that `Accounts.find` returned."""
