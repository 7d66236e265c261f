"""Writing to a remote file with every answer checked, CLOSE's too.

paramiko's own file objects overlook a failed CLOSE, and a failed write when they pipeline; a server that validates what
it takes, or runs full, answers in exactly these places.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import paramiko
from paramiko.message import Message
from paramiko.sftp import CMD_CLOSE, CMD_STATUS, CMD_WRITE, int64

WINDOW = 64  # writes on their way: 2 MiB, enough for 50 ms of round trip at 40 MB/s


class ConfirmedFile:
    """A remote file opened to be written anew. Raises OSError with the server's text, as paramiko's client does."""

    def __init__(self, client: paramiko.SFTPClient, path: str) -> None:
        self._client: Any = client  # the calls below are paramiko's own, between its client and its files
        self._file = client.open(path, "wb")
        self._handle = self._file.handle
        self._offset = 0
        self._unanswered = 0
        self._error: OSError | EOFError | None = None

    def write(self, blocks: Iterable[bytes]) -> None:
        """Send blocks of at most `model.BLOCK` bytes, as many at a time as the window holds; wait for all answers."""
        for block in blocks:
            self._client._async_request(self, CMD_WRITE, self._handle, int64(self._offset), block)
            self._offset += len(block)
            self._unanswered += 1
            self._collect(WINDOW)
        self._collect(0)

    def close(self) -> None:
        """Close the file: only when this returns has the server taken it."""
        self._file._closed = True  # type: ignore[attr-defined]  # paramiko must not close it a second time
        self._client._request(CMD_CLOSE, self._handle)

    def abandon(self) -> None:
        """Close the file after a failure, without waiting for what the server says to that."""
        with suppress(OSError, EOFError, paramiko.SSHException):
            self._file._close(async_=True)  # type: ignore[attr-defined]

    def _collect(self, allowed: int) -> None:
        while self._unanswered > allowed:
            self._client._read_response()
        if self._error is not None:
            raise self._error

    def _async_response(self, kind: int, message: Message, number: int) -> None:
        """paramiko hands in the answer to one write, in whatever order answers come."""
        self._unanswered -= 1
        try:
            if kind != CMD_STATUS:
                raise OSError("the server answered a write with something else than a status")
            self._client._convert_status(message)
        except (OSError, EOFError) as error:
            self._error = self._error or error
