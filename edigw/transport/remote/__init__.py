"""Places outside of the gateway where files are put and fetched: partners' SFTP servers, and folders.

A file goes up under a temporary name and is then placed, so that a crash at any moment leaves the outcome decidable.
The caller records its intent, then `upload_temp`, then `place`. After a crash, `probe` tells what happened: while the
temporary name exists the file was not placed; once it is gone it was, even if the partner has taken the file away
since.
"""

from contextlib import AbstractContextManager

from edigw.transport.remote.folder import open_folder
from edigw.transport.remote.model import (
    FolderTarget,
    Place,
    Probe,
    Remote,
    RemoteEntry,
    RemoteFile,
    SftpTarget,
    SourceProblem,
    Timeouts,
)

__all__ = [
    "FolderTarget",
    "Place",
    "Probe",
    "Remote",
    "RemoteEntry",
    "RemoteFile",
    "SftpTarget",
    "SourceProblem",
    "Timeouts",
    "connect",
]


def connect(place: Place) -> AbstractContextManager[Remote]:
    """Open a place: log in where that is needed. What is open ends with the block. Raises TransportError."""
    if isinstance(place, FolderTarget):
        return open_folder(place)
    if place.legacy:
        from edigw.transport.remote.legacy import connect as connect_legacy

        return connect_legacy(place)
    from edigw.transport.remote.sftp import connect as connect_sftp

    return connect_sftp(place)
