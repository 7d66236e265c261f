"""Delivery to a partner's SFTP server, so that a crash at any moment leaves the outcome decidable.

The caller records its intent, then `upload_temp`, then `place`. After a crash, `probe` tells what happened:
while the temp name exists the file was not placed; once it is gone it was, even if the partner has taken the
file away since.
"""

import errno
import hashlib
import logging
import posixpath
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from paramiko.ssh_exception import IncompatiblePeer

from edigw.transport.confirmed import MAX_WRITE, ConfirmedFile
from edigw.transport.errors import Permanent, Temporary, TransportError
from edigw.transport.keys import KeyProblem
from edigw.transport.pinning import Pin

__all__ = [
    "Permanent",
    "Probe",
    "RemoteFile",
    "SftpSession",
    "SftpTarget",
    "SourceProblem",
    "Temporary",
    "Timeouts",
    "TransportError",
    "connect",
    "discard",
    "fingerprint",
    "place",
    "probe",
    "require_folder",
    "upload_temp",
]

KEEPALIVE = 30  # seconds
LOG = "edigw.transport.paramiko"
CIPHERS = (
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)


class SourceProblem(Exception):
    """What was to be sent could not be read on this side."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds."""

    connect: float = 15.0
    banner: float = 15.0
    auth: float = 30.0
    channel: float = 30.0  # to open it
    answer: float = 60.0  # for each request on it
    total: float = 1800.0  # for one upload


# paramiko prints tracebacks of what is raised here anyway; they are for configured logs, not for standard error.
logging.getLogger(LOG).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class SftpTarget:
    """A partner's server.

    `host_key` is its public key line or "SHA256:…" fingerprint; no other key is accepted.
    """

    host: str
    port: int
    user: str
    host_key: str
    key_file: Path | None = None
    password: str | None = field(default=None, repr=False)
    folder: str = "."  # where files go; relative to the login folder unless it begins with "/"
    timeouts: Timeouts = Timeouts()

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What was uploaded, as the remote side confirmed it."""

    path: str
    size: int
    sha256: str  # of the bytes sent, in hex


@dataclass(frozen=True, slots=True)
class Probe:
    """The sizes of the temp and the final name at the remote; None where there is no such file."""

    temp: int | None
    final: int | None


@dataclass(slots=True)
class SftpSession:
    """An open connection; good for any number of files, by one thread at a time."""

    target: SftpTarget
    transport: paramiko.Transport
    sftp: paramiko.SFTPClient

    @property
    def alive(self) -> bool:
        """Whether the connection still stands, as far as this side knows."""
        return self.transport.is_active()

    def path(self, name: str) -> str:
        """The remote path of a file name. Raises Permanent for a name that is none."""
        if not name or "/" in name or name in (".", "..") or "\0" in name:
            raise Permanent(str(self.target), f"{name!r} cannot be a file name")
        return posixpath.join(self.target.folder, name)

    def close(self) -> None:
        """End the connection."""
        self.sftp.close()
        self.transport.close()


def fingerprint(host_key: str) -> str:
    """The "SHA256:…" fingerprint of a pinned host key, given in either form. Raises KeyProblem."""
    return Pin.parse(host_key).fingerprint


@contextmanager
def connect(target: SftpTarget) -> Iterator[SftpSession]:
    """Log in; the connection ends with the block. Raises Temporary or Permanent."""
    try:
        pin = Pin.parse(target.host_key)
    except KeyProblem as problem:
        raise Permanent(str(target), f"the pinned host key is unusable: {problem}") from problem
    key = _load_key(target)
    transport = _verified(target, pin)
    try:
        with _explained(target, "login"):
            _log_in(transport, target, key)
            sftp = paramiko.SFTPClient.from_transport(transport)
            if sftp is None:
                raise Temporary(str(target), "the server opened no SFTP channel")
            sftp.get_channel().settimeout(target.timeouts.answer)  # type: ignore[union-attr]
            transport.set_keepalive(KEEPALIVE)
        yield SftpSession(target, transport, sftp)
    finally:
        transport.close()


def upload_temp(session: SftpSession, data: BinaryIO, temp_name: str) -> RemoteFile:
    """Write a stream under its temp name, replacing what an earlier attempt left, and check its size at the
    remote.

    Raises Temporary or Permanent, or SourceProblem when `data` cannot be read; the temp name may then hold a part of
    the file.
    """
    path = session.path(temp_name)
    blocks = _Blocks(data, session.target.timeouts.total)
    with _explained(session.target, f"upload of {path}"):
        file = ConfirmedFile(session.sftp, path)
        try:
            file.write(blocks)
        except BaseException:
            file.abandon()
            raise
        file.close()
        found = session.sftp.stat(path).st_size
    if found != blocks.size:
        raise Temporary(str(session.target), f"upload of {path}: {blocks.size} bytes sent, the server has {found}")
    return RemoteFile(path, blocks.size, blocks.digest.hexdigest())


def place(session: SftpSession, temp_name: str, final_name: str) -> None:
    """Give an uploaded file its final name, by posix-rename or, where that is unknown, plain rename.

    Raises Permanent if a file of the final name is there: it is not ours to overwrite. After Temporary the
    file may have been placed all the same: `probe` tells.
    """
    source, target = session.path(temp_name), session.path(final_name)
    with _explained(session.target, f"rename of {source} to {target}"):
        if _size(session, target) is not None:
            raise Permanent(str(session.target), f"rename of {source}: {target} is there already")
        try:
            session.sftp.posix_rename(source, target)
        except OSError as error:
            if error.errno is not None:
                raise
            session.sftp.rename(source, target)


def probe(session: SftpSession, temp_name: str, final_name: str) -> Probe:
    """Look for both names. Raises Temporary or Permanent."""
    temp, final = session.path(temp_name), session.path(final_name)
    with _explained(session.target, f"look at {temp}"):
        return Probe(_size(session, temp), _size(session, final))


def require_folder(session: SftpSession) -> None:
    """Look whether the target folder is there: where it is not mounted, every file seems to be gone.

    Raises Temporary if it is not, or as `probe` does."""
    with _explained(session.target, f"look at {session.target.folder}"):
        if _size(session, session.target.folder) is None:
            raise Temporary(str(session.target), f"the folder {session.target.folder} is not there")


def discard(session: SftpSession, temp_name: str) -> None:
    """Remove a temp name if it is there. Raises Temporary or Permanent."""
    path = session.path(temp_name)
    with _explained(session.target, f"removal of {path}"):
        if _size(session, path) is not None:
            session.sftp.remove(path)


class _Blocks:
    """The blocks of a stream, counted and hashed on their way.

    Raises TimeoutError after `seconds`, SourceProblem when the stream itself fails: that is not the partner's fault.
    """

    def __init__(self, data: BinaryIO, seconds: float) -> None:
        self._data = data
        self._deadline = time.monotonic() + seconds
        self.digest = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        while block := self._read():
            if time.monotonic() > self._deadline:
                raise TimeoutError("not finished in time")
            self.digest.update(block)
            self.size += len(block)
            yield block

    def _read(self) -> bytes:
        try:
            return self._data.read(MAX_WRITE)
        except OSError as error:
            raise SourceProblem(f"the file to send cannot be read: {error}") from error


def _size(session: SftpSession, path: str) -> int | None:
    try:
        return session.sftp.stat(path).st_size or 0
    except FileNotFoundError:
        return None


def _load_key(target: SftpTarget) -> paramiko.PKey | None:
    if target.key_file is None:
        return None
    try:
        return paramiko.PKey.from_path(target.key_file)
    except OSError as error:
        raise Permanent(str(target), f"key file {target.key_file}: {error.strerror}") from error
    except (ValueError, TypeError, paramiko.SSHException, UnsupportedAlgorithm) as error:
        raise Permanent(str(target), f"key file {target.key_file}: {error}") from error


def _verified(target: SftpTarget, pin: Pin) -> paramiko.Transport:
    """A connection whose server has proved to hold the pinned key.

    A fingerprint does not say of what kind the key is, and a server shows only one kind at a time: ask for each.
    """
    shown: list[str] = []
    for family in pin.families:
        with _explained(target, "connection"):
            transport = _handshake(target, family)
            if transport is None:
                continue
            key = transport.get_remote_server_key()
            if pin.matches(key.asbytes()):
                return transport
            transport.close()
            shown.append(key.fingerprint)
    if shown:
        raise Permanent(str(target), f"the server's host key {', '.join(shown)} is not the pinned {pin.fingerprint}")
    raise Permanent(str(target), "no algorithm in common, or no host key of the pinned kind")


def _handshake(target: SftpTarget, host_key_algorithms: tuple[str, ...]) -> paramiko.Transport | None:
    """Up to the exchange of keys; None if the server has no host key of this kind."""
    sock = socket.create_connection((target.host, target.port), target.timeouts.connect)
    transport = paramiko.Transport(sock)
    transport.set_log_channel(LOG)
    try:
        transport.banner_timeout = target.timeouts.banner
        transport.auth_timeout = target.timeouts.auth
        transport.channel_timeout = target.timeouts.channel
        options = transport.get_security_options()
        options.ciphers = CIPHERS
        options.digests = MACS
        options.key_types = host_key_algorithms
        transport.start_client(timeout=target.timeouts.banner)
    except IncompatiblePeer as error:
        transport.close()
        if "host key" in str(error):
            return None
        raise
    except BaseException:
        transport.close()
        raise
    return transport


def _log_in(transport: paramiko.Transport, target: SftpTarget, key: paramiko.PKey | None) -> None:
    if key is not None:
        left = transport.auth_publickey(target.user, key)
        if left and target.password is not None:
            left = transport.auth_password(target.user, target.password)
    elif target.password is not None:
        left = transport.auth_password(target.user, target.password)
    else:
        raise Permanent(str(target), "there is neither a key file nor a password to log in with")
    if left:
        raise Permanent(str(target), f"the server wants further authentication: {', '.join(left)}")


@contextmanager
def _explained(target: SftpTarget, action: str) -> Iterator[None]:
    """Turn what paramiko and the system raise into Temporary or Permanent."""
    host = str(target)
    try:
        yield
    except TransportError:
        raise
    except paramiko.AuthenticationException as error:
        if "timeout" in str(error).lower() or "EOF" in str(error):
            raise Temporary(host, f"{action}: the server did not answer the login: {error}") from error
        raise Permanent(host, f"{action}: the server refuses user {target.user!r}: {error}") from error
    except IncompatiblePeer as error:
        raise Permanent(host, f"{action}: no algorithm in common: {error}") from error
    except TimeoutError as error:
        raise Temporary(host, f"{action}: not done in time") from error
    except EOFError as error:
        raise Temporary(host, f"{action}: the server dropped the connection") from error
    except paramiko.SSHException as error:
        raise Temporary(host, f"{action}: {error}") from error
    except OSError as error:
        raise _os_failure(host, action, error) from error


def _os_failure(host: str, action: str, error: OSError) -> TransportError:
    cause = f"{action}: {error.strerror or error}"
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return Permanent(host, f"{action}: permission denied")
        case errno.ENOENT if not isinstance(error, socket.gaierror):
            return Permanent(host, f"{action}: no such file or folder at the server")
        case _:
            return Temporary(host, cause)
