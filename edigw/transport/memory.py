"""Mailboxes in memory: a complete implementation of the ports for trying the server out, and for tests."""

import io
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from edigw.transport.ports import Account, Entry, Folder, Refused, Session, Staged


@dataclass(frozen=True, slots=True)
class PickUp:
    """One end of a download."""

    name: str
    sent: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Note:
    """One call of `Home.record`."""

    operation: str
    session: Session
    facts: dict[str, str | int | bool]


@dataclass(slots=True)
class MemoryHome:
    """One partner's mailbox. `refuse` holds file names that `submit` declines, with the reason."""

    refuse: dict[str, str] = field(default_factory=dict)
    submissions: list[Entry] = field(default_factory=list)
    pick_ups: list[PickUp] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _files: dict[tuple[Folder, str], tuple[Entry, bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, folder: Folder, name: str, data: bytes, item: object = None) -> Entry:
        """Publish a file."""
        entry = Entry(folder, name, len(data), datetime.now(UTC), item)
        with self._lock:
            self._files[folder, name] = entry, data
        return entry

    def content(self, folder: Folder, name: str) -> bytes:
        """The bytes of a file. Raises KeyError."""
        with self._lock:
            return self._files[folder, name][1]

    def operations(self) -> list[str]:
        """What was recorded, in order."""
        return [note.operation for note in self.notes]

    def list(self, folder: Folder) -> list[Entry]:
        with self._lock:
            return [entry for (where, _), (entry, _) in self._files.items() if where == folder]

    def find(self, folder: Folder, name: str) -> Entry | None:
        with self._lock:
            found = self._files.get((folder, name))
        return found[0] if found else None

    def open(self, entry: Entry) -> BinaryIO:
        return io.BytesIO(self.content(entry.folder, entry.name))

    def submit(self, folder: Folder, name: str, staged: Staged, session: Session) -> None:
        if name in self.refuse:
            raise Refused(self.refuse[name])
        data = staged.path.read_bytes() if staged.data is None else staged.data
        entry = self.put(folder, name, data, item=staged.sha256)
        self.submissions.append(entry)

    def picked_up(self, entry: Entry, session: Session, sent: int, complete: bool) -> None:
        self.pick_ups.append(PickUp(entry.name, sent, complete))

    def remove(self, entry: Entry, session: Session) -> None:
        if entry.folder.startswith("inbox"):
            raise Refused("a submitted file cannot be taken back")
        with self._lock:
            del self._files[entry.folder, entry.name]

    def record(self, session: Session, operation: str, **facts: str | int | bool) -> None:
        self.notes.append(Note(operation, session, facts))


class MemoryHomes:
    """Accounts and mailboxes by partner code."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts = {account.user: account for account in accounts}
        self._homes: dict[str, MemoryHome] = {}
        self._lock = threading.Lock()

    def add(self, account: Account) -> None:
        """Let somebody log in."""
        self._accounts[account.user] = account

    def give(self, partner: str, home: MemoryHome) -> None:
        """Give a partner this mailbox."""
        with self._lock:
            self._homes[partner] = home

    def find(self, user: str) -> Account | None:
        return self._accounts.get(user)

    def home(self, partner: str) -> MemoryHome:
        with self._lock:
            return self._homes.setdefault(partner, MemoryHome())
