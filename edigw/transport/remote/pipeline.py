"""Many small files to an SFTP server in few round trips: each step for all of them before the next.

No step of a file is asked for before the one before it is answered, so that it does not matter in which order a server
answers what is on its way together.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import paramiko
from paramiko.message import Message
from paramiko.sftp import (
    CMD_ATTRS,
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_HANDLE,
    CMD_OPEN,
    CMD_STAT,
    CMD_STATUS,
    CMD_WRITE,
    SFTP_FLAG_CREATE,
    SFTP_FLAG_TRUNC,
    SFTP_FLAG_WRITE,
    int64,
)
from paramiko.sftp_attr import SFTPAttributes

from edigw.transport.remote.model import BLOCK

K = TypeVar("K", bound=Hashable)
WINDOW = 64  # requests on their way
_FLAGS = SFTP_FLAG_WRITE | SFTP_FLAG_CREATE | SFTP_FLAG_TRUNC


class Pipeline:
    """Asks a server for many things at once. Its methods return what became of each, an OSError where the server
    refused it, and raise as paramiko does when the connection breaks."""

    def __init__(self, client: paramiko.SFTPClient) -> None:
        self._client: Any = client  # the calls below are paramiko's own, between its client and its files
        self._asked: dict[int, Hashable] = {}
        self._answers: dict[Any, Message | OSError] = {}
        self._expected = CMD_STATUS

    def write(self, files: Mapping[str, bytes]) -> dict[str, int | OSError]:
        """Write files anew, by their paths; the size that each has then at the server."""
        opened = self._ask(CMD_HANDLE, {path: (CMD_OPEN, path, _FLAGS, SFTPAttributes()) for path in files})
        failed, answered = _split(opened)
        handles = {path: answer.get_binary() for path, answer in answered.items()}
        blocks = {(path, at): block for path in handles for at, block in _blocks(files[path])}
        written = self._ask(
            CMD_STATUS,
            {key: (CMD_WRITE, handles[key[0]], int64(key[1]), block) for key, block in blocks.items()},
        )
        failed.update({key[0]: error for key, error in _split(written)[0].items()})
        closed = self._ask(CMD_STATUS, {path: (CMD_CLOSE, handle) for path, handle in handles.items()})
        failed = {**_split(closed)[0], **failed}
        return {**self.sizes(path for path in files if path not in failed), **failed}

    def sizes(self, paths: Iterable[str]) -> dict[str, int | OSError]:
        """The sizes of files; FileNotFoundError for those that are not there."""
        failed, found = _split(self._ask(CMD_ATTRS, {path: (CMD_STAT, path) for path in paths}))
        sizes = {path: SFTPAttributes._from_msg(answer).st_size or 0 for path, answer in found.items()}  # type: ignore[attr-defined]
        return {**sizes, **failed}

    def rename(self, names: Mapping[str, str]) -> dict[str, OSError]:
        """Rename by posix-rename; what the server refused."""
        asked = {old: (CMD_EXTENDED, "posix-rename@openssh.com", old, new) for old, new in names.items()}
        return _split(self._ask(CMD_STATUS, asked))[0]

    def _ask(self, expected: int, requests: Mapping[K, tuple[Any, ...]]) -> dict[K, Message | OSError]:
        self._expected, self._answers = expected, {}
        for key, request in requests.items():
            while len(self._asked) >= WINDOW:
                self._client._read_response()
            self._asked[self._client._async_request(self, *request)] = key
        while self._asked:
            self._client._read_response()
        return {key: self._answers[key] for key in requests}

    def _async_response(self, kind: int, message: Message, number: int) -> None:
        """paramiko hands in one answer, in whatever order answers come."""
        key = self._asked.pop(number)
        try:
            if kind == CMD_STATUS:
                self._client._convert_status(message)
            if kind != self._expected:
                raise OSError("the server answered with something else than was asked for")
            self._answers[key] = message
        except OSError as error:
            self._answers[key] = error
        except EOFError as error:
            self._answers[key] = OSError(str(error))


def _split(answers: Mapping[K, Message | OSError]) -> tuple[dict[K, OSError], dict[K, Message]]:
    failed = {key: answer for key, answer in answers.items() if isinstance(answer, OSError)}
    return failed, {key: answer for key, answer in answers.items() if isinstance(answer, Message)}


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    return ((at, data[at : at + BLOCK]) for at in range(0, len(data), BLOCK))
