"""What a partner may do with its mailbox: the rules of the virtual folders, over `Home` and staging.

Everything here blocks and runs in worker threads, one request of a channel at a time. Requests fail with
asyncssh's SFTPError classes, whose text the client sees, or with `Refused` from the gateway.
"""

import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncssh import (
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_TRUNC,
    FXF_WRITE,
    SFTPAttrs,
    SFTPFailure,
    SFTPFileAlreadyExists,
    SFTPFileIsADirectory,
    SFTPName,
    SFTPNoSuchFile,
    SFTPNotADirectory,
    SFTPPermissionDenied,
)

from edigw.transport.ports import FOLDERS, Account, Entry, Home, Refused, Session, Staged
from edigw.transport.server.downloads import CHUNK, Download
from edigw.transport.server.paths import WITH_FOLDERS, Place, check_name, is_marker, is_temp, locate, unstaged
from edigw.transport.server.staging import PartnerStaging, TempFile
from edigw.transport.server.uploads import Upload

FOLDER_MODE = stat.S_IFDIR | 0o750
FILE_MODE = stat.S_IFREG | 0o640


@dataclass(frozen=True, slots=True)
class TempReader:
    """A temp name opened for reading."""

    file: TempFile
    fd: int


Handle = Upload | Download | TempReader


@dataclass(slots=True)
class Mailbox:
    """One partner's mailbox as one connection sees it."""

    home: Home
    staging: PartnerStaging
    account: Account
    session: Session
    spool_folder: str
    _opened: float = field(default_factory=time.time)
    _uploads: list[Upload] = field(default_factory=list)

    # ------------------------------------------------------------ looking

    def info(self, path: bytes) -> SFTPAttrs:
        """STAT. Raises SFTPNoSuchFile."""
        place = self._locate(path)
        if not place.name:
            return self._folder_attrs()
        upload = next((each for each in self._uploads if not each.closed and each.name == place.staged), None)
        if place.incoming and upload is not None:
            return self._file_attrs(upload.size, time.time())
        found = self._find(place)
        if isinstance(found, Entry):
            return self._entry_attrs(found)
        return self._file_attrs(found.size, found.mtime)

    def handle_info(self, handle: Handle) -> SFTPAttrs:
        """FSTAT."""
        if isinstance(handle, Download):
            return self._entry_attrs(handle.entry)
        if isinstance(handle, TempReader):
            return self._file_attrs(handle.file.size, handle.file.mtime)
        return self._file_attrs(handle.size, time.time())

    def listing(self, path: bytes) -> list[SFTPName]:
        """READDIR: what lies in a folder, "." and ".." included. Raises SFTPNoSuchFile, SFTPNotADirectory."""
        place = self._locate(path)
        if place.name:
            self._find(place)
            raise SFTPNotADirectory(f"{place} is a file")
        names = [SFTPName(name, attrs=self._folder_attrs()) for name in (b".", b"..")]
        if place.folder is None:
            return names + self._folders(FOLDERS)
        if place.folder in WITH_FOLDERS:
            names += self._folders(self.account.folders)
        entries = self.home.list(place.folder)
        names += [SFTPName(entry.name.encode("utf-8"), attrs=self._entry_attrs(entry)) for entry in entries]
        temps = [(unstaged(file.name), file) for file in self.staging.temps()] if place.incoming else []
        return names + [
            SFTPName(at.name.encode("utf-8"), attrs=self._file_attrs(file.size, file.mtime))
            for at, file in temps
            if at.folder == place.folder
        ]

    def _folders(self, folders: Sequence[str]) -> list[SFTPName]:
        return [SFTPName(folder.encode(), attrs=self._folder_attrs()) for folder in folders]

    # ------------------------------------------------------------ files

    def open(self, path: bytes, flags: int) -> Handle:
        """OPEN, with the flags of SFTP version 3 (draft-ietf-secsh-filexfer-02, 6.3)."""
        place = self._locate(path)
        if not place.name:
            raise SFTPFileIsADirectory(f"{place} is a folder")
        if not flags & (FXF_WRITE | FXF_APPEND):
            return self._open_read(place)
        if not place.incoming:
            raise SFTPPermissionDenied("files can only be uploaded to /inbox")
        check_name(place)
        upload = self._open_temp(place.staged, flags) if self._temp(place) else self._open_final(place, flags)
        self._uploads.append(upload)
        return upload

    def read(self, handle: Handle, offset: int, length: int) -> bytes:
        """READ; b"" at the end. An upload can be read back too."""
        if isinstance(handle, TempReader):
            return os.pread(handle.fd, min(length, CHUNK), offset)
        return handle.read(offset, length)

    def set_info(self, path: bytes, size: int | None) -> None:
        """SETSTAT: modes, owners and times are accepted without effect, a change of size is refused."""
        if size is not None and size != self.info(path).size:
            raise SFTPPermissionDenied("a file's size cannot be set by its name")
        if size is None:
            self.info(path)

    def close(self, handle: Handle) -> None:
        """CLOSE: for an upload the moment of truth.

        When this returns, a file is submitted, or a temp name stored, durably.
        """
        if isinstance(handle, Upload):
            self._uploads.remove(handle)
            if handle.temp:
                self.staging.close_temp(handle)
                self.home.record(self.session, "temp_stored", path=str(unstaged(handle.name)), size=handle.size)
            else:
                self._submit_upload(handle)
        else:
            self._close_read(handle, ended=True)

    def abandon(self, handle: Handle, reason: str) -> None:
        """The connection ended with this handle open.

        An upload is not submitted; a temp name keeps what arrived.
        """
        if not isinstance(handle, Upload):
            self._close_read(handle, ended=False)
            return
        self._uploads.remove(handle)
        if handle.temp:
            self.staging.release_temp(handle)
        else:
            self.staging.discard(handle)
        path = str(unstaged(handle.name))
        self.home.record(self.session, "upload_aborted", path=path, size=handle.size, reason=reason)

    def remove(self, path: bytes) -> None:
        """REMOVE. Raises SFTPNoSuchFile, SFTPPermissionDenied."""
        place = self._locate(path)
        if not place.name:
            raise SFTPPermissionDenied("folders cannot be removed")
        found = self._find(place)
        if isinstance(found, Entry):
            try:
                self.home.remove(found, self.session)
            except Refused as refusal:
                raise SFTPPermissionDenied(refusal.reason) from refusal
            return
        self.staging.remove_temp(place.staged)
        self.home.record(self.session, "temp_removed", path=str(place))

    def rename(self, old: bytes, new: bytes, *, replace: bool) -> None:
        """RENAME, or posix-rename with `replace`.

        Only a temp name can be renamed; to a final name, that submits it.
        """
        source, target = self._locate(old), self._locate(new)
        if not source.name or not target.name:
            raise SFTPPermissionDenied("folders cannot be renamed or replaced")
        if not source.incoming or not target.incoming:
            raise SFTPPermissionDenied("only unfinished uploads in /inbox can be renamed, and they stay there")
        check_name(target)
        if isinstance(self._find(source), Entry):
            raise SFTPPermissionDenied(f"{source} has been submitted and cannot be renamed")
        if source == target:
            return
        if self._temp(target):
            self.staging.rename_temp(source.staged, target.staged, replace=replace)
        else:
            self._submit_temp(source.staged, target, replace)

    # ------------------------------------------------------------ inside

    def _locate(self, path: bytes) -> Place:
        return locate(path, self.account.folders)

    def _temp(self, place: Place) -> bool:
        return place.incoming and is_temp(place.name, self.account)

    def _published(self, place: Place) -> Entry | None:
        return self.home.find(place.folder, place.name) if place.folder else None

    def _find(self, place: Place) -> Entry | TempFile:
        found = self.staging.temp(place.staged) if self._temp(place) else self._published(place)
        if found is None:
            raise SFTPNoSuchFile(f"{place} does not exist")
        return found

    def _open_read(self, place: Place) -> Handle:
        found = self._find(place)
        if isinstance(found, Entry):
            return Download(found, self.home.open(found), self.spool_folder)
        return TempReader(found, self.staging.read_temp(found.name))

    def _open_temp(self, name: str, flags: int) -> Upload:
        if flags & FXF_CREAT and flags & FXF_EXCL and self.staging.temp(name) is not None:
            raise SFTPFileAlreadyExists(f"{name} exists")
        return self.staging.open_temp(
            name,
            create=bool(flags & FXF_CREAT),
            truncate=bool(flags & FXF_TRUNC),
            append=bool(flags & FXF_APPEND),
        )

    def _open_final(self, place: Place, flags: int) -> Upload:
        published = self._published(place)
        if flags & FXF_EXCL and (published is not None or self.staging.uploading(place.staged)):
            raise SFTPFileAlreadyExists(f"{place} exists")
        if published is None and not flags & FXF_CREAT:
            raise SFTPNoSuchFile(f"{place} does not exist")
        if published is not None and (flags & FXF_APPEND or not flags & FXF_TRUNC):
            raise SFTPPermissionDenied(f"{place} has been submitted and cannot be changed; upload it as a whole")
        return self.staging.begin(place.staged)

    def _submit_upload(self, upload: Upload) -> None:
        try:
            self._submit(unstaged(upload.name), upload.finish())
        finally:
            self.staging.discard(upload)

    def _submit_temp(self, name: str, target: Place, replace: bool) -> None:
        if not replace and self._published(target) is not None:
            raise SFTPFileAlreadyExists(f"{target} exists")
        with self.staging.submitting(name) as staged:
            self._submit(target, staged)

    def _submit(self, place: Place, staged: Staged) -> None:
        if staged.size == 0 and not is_marker(place.name, self.account):
            raise SFTPFailure(f"{place.name} is empty; an empty file is not accepted")
        self.home.submit(place.folder or "inbox", place.name, staged, self.session)

    def _close_read(self, handle: Download | TempReader, *, ended: bool) -> None:
        if isinstance(handle, TempReader):
            os.close(handle.fd)
            return
        handle.close()
        self.home.picked_up(handle.entry, self.session, handle.sent, ended and handle.complete)

    def _entry_attrs(self, entry: Entry) -> SFTPAttrs:
        return self._file_attrs(entry.size, entry.mtime.timestamp())

    def _file_attrs(self, size: int, mtime: float) -> SFTPAttrs:
        return self._attrs(permissions=FILE_MODE, size=size, mtime=int(mtime), atime=int(mtime), nlink=1)

    def _folder_attrs(self) -> SFTPAttrs:
        opened = int(self._opened)
        return self._attrs(permissions=FOLDER_MODE, size=0, mtime=opened, atime=opened, nlink=2)

    @staticmethod
    def _attrs(**known: Any) -> SFTPAttrs:
        return SFTPAttrs(uid=0, gid=0, **known)
