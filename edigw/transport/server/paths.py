"""Names: from the raw bytes of a client's path to a place in the virtual mailbox."""

import posixpath
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from asyncssh import SFTPInvalidFilename, SFTPNoSuchFile

from edigw.transport.ports import FOLDERS, Account, Folder

WITH_FOLDERS = ("inbox", "outbox", "test")
MAX_PATH = 4096  # bytes
MAX_NAME = 240  # bytes of one component: room for suffixes below the 255 of common file systems
CONTROL = frozenset({"Cc", "Zl", "Zp"})  # Unicode categories: C0, DEL, C1; line and paragraph separators


@dataclass(frozen=True, slots=True)
class Place:
    """The root (no folder), a folder (no name), or a file in a folder."""

    folder: Folder | None = None
    name: str = ""

    def __str__(self) -> str:
        return "/" + "/".join(part for part in (self.folder, self.name) if part)

    @property
    def incoming(self) -> bool:
        """Whether this is where partners upload: the inbox, or a folder in it."""
        return self.folder is not None and self.folder.partition("/")[0] == "inbox"

    @property
    def staged(self) -> str:
        """The name under which an unfinished upload to this place lies in staging, where there are no folders. No file
        name that a client may give holds a backslash."""
        inner = (self.folder or "").partition("/")[2]
        return f"{inner}\\{self.name}" if inner else self.name


def unstaged(name: str) -> Place:
    """The place whose unfinished upload lies in staging under this name."""
    inner, _, leaf = name.rpartition("\\")
    return Place(f"inbox/{inner}" if inner else "inbox", leaf)


def normalise(raw: bytes) -> str:
    """An absolute path without ".", ".." and doubled slashes; relative ones start at "/", ".." stops there.

    Raises SFTPInvalidFilename if it is not UTF-8, too long, or holds NUL.
    """
    if len(raw) > MAX_PATH:
        raise SFTPInvalidFilename(f"the path is longer than {MAX_PATH} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SFTPInvalidFilename("file names must be UTF-8") from None
    if "\0" in text:
        raise SFTPInvalidFilename("the path holds a NUL character")
    return "/" + posixpath.normpath("/" + text).lstrip("/")


def locate(raw: bytes, inner: Sequence[str] = ()) -> Place:
    """Where a path points; `inner` names the folders that there are inside of inbox, outbox and test.

    Raises SFTPInvalidFilename as `normalise`, SFTPNoSuchFile outside the mailbox's folders.
    """
    parts = [part for part in normalise(raw).split("/") if part]
    if not parts:
        return Place()
    folder = parts.pop(0)
    if folder not in FOLDERS:
        raise SFTPNoSuchFile(f"no such folder; there are {', '.join('/' + known for known in FOLDERS)}")
    if parts and parts[0] in inner and folder in WITH_FOLDERS:
        folder = f"{folder}/{parts.pop(0)}"
    if len(parts) > 1:
        raise SFTPNoSuchFile(f"there is no folder /{folder}/{parts[0]}")
    return Place(folder, parts[0] if parts else "")


def check_name(place: Place) -> None:
    """Raises SFTPInvalidFilename unless a client may create a file at this place."""
    if len(place.staged.encode("utf-8")) > MAX_NAME:
        raise SFTPInvalidFilename(f"the file name is longer than {MAX_NAME} bytes")
    if "\\" in place.name:
        raise SFTPInvalidFilename("the file name holds a backslash")
    if any(unicodedata.category(character) in CONTROL for character in place.name):
        raise SFTPInvalidFilename("the file name holds a control character")


def is_temp(name: str, account: Account) -> bool:
    """Whether this is a name that clients use while they upload: kept, but not submitted until renamed."""
    return name.startswith(".") or name.lower().endswith(account.temp_suffixes)


def is_marker(name: str, account: Account) -> bool:
    """Whether this is a marker file, which may be empty."""
    return name.lower().endswith(account.marker_suffixes)
