"""Names: from the raw bytes of a client's path to a place in the virtual mailbox."""

import posixpath
import unicodedata
from dataclasses import dataclass

from asyncssh import SFTPInvalidFilename, SFTPNoSuchFile

from edigw.transport.ports import FOLDERS, Account, Folder

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


def locate(raw: bytes) -> Place:
    """Where a path points.

    Raises SFTPInvalidFilename as `normalise`, SFTPNoSuchFile outside the mailbox's folders.
    """
    parts = [part for part in normalise(raw).split("/") if part]
    if not parts:
        return Place()
    folder = next((known for known in FOLDERS if known == parts[0]), None)
    if folder is None:
        raise SFTPNoSuchFile(f"no such folder; there are {', '.join('/' + known for known in FOLDERS)}")
    if len(parts) > 2:
        raise SFTPNoSuchFile(f"there are no folders inside /{folder}")
    return Place(folder, parts[1] if len(parts) == 2 else "")


def check_name(name: str) -> None:
    """Raises SFTPInvalidFilename unless a client may create a file of this name."""
    if len(name.encode("utf-8")) > MAX_NAME:
        raise SFTPInvalidFilename(f"the file name is longer than {MAX_NAME} bytes")
    if "\\" in name:
        raise SFTPInvalidFilename("the file name holds a backslash")
    if any(unicodedata.category(character) in CONTROL for character in name):
        raise SFTPInvalidFilename("the file name holds a control character")


def is_temp(name: str, account: Account) -> bool:
    """Whether this is a name that clients use while they upload: kept, but not submitted until renamed."""
    return name.startswith(".") or name.lower().endswith(account.temp_suffixes)


def is_marker(name: str, account: Account) -> bool:
    """Whether this is a marker file, which may be empty."""
    return name.lower().endswith(account.marker_suffixes)
