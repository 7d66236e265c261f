"""A partner's SFTP server as a place, through paramiko."""

import errno
import hashlib
import io
import logging
import posixpath
import socket
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from paramiko.ssh_exception import IncompatiblePeer

from edigw.transport.errors import Permanent, Stopped, Temporary, TransportError
from edigw.transport.keys import KeyProblem
from edigw.transport.remote.confirmed import ConfirmedFile
from edigw.transport.remote.model import (
    BLOCK,
    Blocks,
    Intake,
    Probe,
    RemoteEntry,
    RemoteFile,
    SftpTarget,
    checked_name,
    numbered,
)
from edigw.transport.remote.pinning import Pin
from edigw.transport.remote.pipeline import Pipeline

KEEPALIVE = 30  # seconds
PREFETCHED = 64  # requests on their way while a file is fetched
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


# paramiko prints tracebacks of what is raised here anyway; they are for configured logs, not for standard error.
logging.getLogger(LOG).addHandler(logging.NullHandler())


class SftpSession:
    """An open connection: `edigw.transport.remote.Remote`."""

    def __init__(self, target: SftpTarget, transport: paramiko.Transport, sftp: paramiko.SFTPClient) -> None:
        self.target = target
        self._transport = transport
        self._sftp = sftp
        self._tells_hashes = True  # until it says that it does not

    @property
    def alive(self) -> bool:
        return self._transport.is_active()

    @property
    def software(self) -> str:
        return str(self._transport.remote_version)

    def upload_temp(self, data: BinaryIO, temp_name: str) -> RemoteFile:
        path = self._path(temp_name)
        blocks = Blocks(data, self.target.timeouts.total)
        with _explained(self.target, f"upload of {path}", stops=True):
            file = ConfirmedFile(self._sftp, path)
        with _explained(self.target, f"upload of {path}"):
            try:
                file.write(blocks)
            except BaseException:
                file.abandon()
                raise
            file.close()
            found = self._sftp.stat(path).st_size
        if found != blocks.size:
            raise Temporary(str(self.target), f"upload of {path}: {blocks.size} bytes sent, the server has {found}")
        told = self._hash(path)
        if told is not None and told != blocks.digest.digest():
            raise Temporary(str(self.target), f"upload of {path}: the server has other bytes than were sent")
        return RemoteFile(path, blocks.size, blocks.digest.hexdigest(), told is not None)

    def upload_small(self, files: Mapping[str, bytes]) -> dict[str, RemoteFile | TransportError]:
        """What does not succeed with the others is tried once more by itself, which tells why."""
        paths = {self._path(name): data for name, data in files.items()}
        try:
            with _explained(self.target, f"upload of {len(files)} files"):
                sizes = Pipeline(self._sftp).write(paths)
        except TransportError as error:
            return dict.fromkeys(files, error)
        return {
            name: self._uploaded(path, data) if sizes[path] == len(data) else self._alone(name, data)
            for (name, data), path in zip(files.items(), paths, strict=True)
        }

    def _uploaded(self, path: str, data: bytes) -> RemoteFile | TransportError:
        digest = hashlib.sha256(data)
        try:
            told = self._hash(path)
        except TransportError as error:
            return error
        if told is not None and told != digest.digest():
            return Temporary(str(self.target), f"upload of {path}: the server has other bytes than were sent")
        return RemoteFile(path, len(data), digest.hexdigest(), told is not None)

    def _alone(self, name: str, data: bytes) -> RemoteFile | TransportError:
        try:
            return self.upload_temp(io.BytesIO(data), name)
        except TransportError as error:
            return error

    def place_all(self, names: Mapping[str, str]) -> dict[str, TransportError]:
        """What does not succeed with the others is tried once more by itself, which tells why."""
        paths = {self._path(temp): self._path(final) for temp, final in names.items()}
        pipeline = Pipeline(self._sftp)
        try:
            with _explained(self.target, f"renaming of {len(names)} files"):
                there = pipeline.sizes(paths.values())
                free = {old: new for old, new in paths.items() if isinstance(there[new], FileNotFoundError)}
                refused = pipeline.rename(free)
        except TransportError as error:
            return dict.fromkeys(names, error)
        failed = {}
        for (temp, final), path in zip(names.items(), paths, strict=True):
            if path not in free or path in refused:
                try:
                    self.place(temp, final)
                except TransportError as error:
                    failed[temp] = error
        return failed

    def place(self, temp_name: str, final_name: str) -> None:
        """By posix-rename or, where that is unknown, plain rename."""
        source, target = self._path(temp_name), self._path(final_name)
        with _explained(self.target, f"rename of {source} to {target}"):
            if self._size(target) is not None:
                raise Permanent(str(self.target), f"rename of {source}: {target} is there already")
            self._rename(source, target)

    def probe(self, temp_name: str, final_name: str) -> Probe:
        temp, final = self._path(temp_name), self._path(final_name)
        with _explained(self.target, f"look at {temp}"):
            return Probe(self._size(temp), self._size(final))

    def require_folder(self) -> None:
        with _explained(self.target, f"look at {self.target.folder}"):
            if self._size(self.target.folder) is None:
                raise Temporary(str(self.target), f"the folder {self.target.folder} is not there")

    def discard(self, name: str) -> None:
        path = self._path(name)
        with _explained(self.target, f"removal of {path}"):
            if self._size(path) is not None:
                self._sftp.remove(path)

    def list(self) -> Sequence[RemoteEntry]:
        with _explained(self.target, f"listing of {self.target.folder}", stops=True):
            found = self._sftp.listdir_attr(self.target.folder)
        files = [each for each in found if each.st_mode is None or stat.S_ISREG(each.st_mode)]
        entries = (RemoteEntry(each.filename, each.st_size or 0, float(each.st_mtime or 0)) for each in files)
        return sorted(entries, key=lambda entry: entry.name)

    def fetch(self, name: str, into: BinaryIO, limit: int) -> RemoteFile:
        path = self._path(name)
        intake = Intake(self.target, name, into, limit, self.target.timeouts.total)
        with _explained(self.target, f"download of {path}"), self._sftp.open(path, "rb") as file:
            size = file.stat().st_size or 0
            file.prefetch(min(size, limit + 1), max_concurrent_requests=PREFETCHED)
            while block := file.read(BLOCK):
                intake.write(block)
        if intake.size != size:
            raise Temporary(str(self.target), f"download of {path}: {size} bytes were announced, {intake.size} came")
        return RemoteFile(path, intake.size, intake.digest.hexdigest())

    def move(self, name: str, folder: str) -> None:
        source, aside = self._path(name), posixpath.join(self.target.folder, folder)
        with _explained(self.target, f"moving of {source} to {aside}"):
            target, number = posixpath.join(aside, name), 2
            while self._size(target) is not None:
                target, number = posixpath.join(aside, numbered(name, number)), number + 1
            self._rename(source, target)

    def _path(self, name: str) -> str:
        return posixpath.join(self.target.folder, checked_name(self.target, name))

    def _rename(self, source: str, target: str) -> None:
        try:
            self._sftp.posix_rename(source, target)
        except OSError as error:
            if error.errno is not None:
                raise
            self._sftp.rename(source, target)

    def _size(self, path: str) -> int | None:
        try:
            return self._sftp.stat(path).st_size or 0
        except FileNotFoundError:
            return None

    def _hash(self, path: str) -> bytes | None:
        """What the server says the SHA-256 of a file is; None if it says nothing (`check-file` is an extension of the
        draft, draft-ietf-secsh-filexfer-extensions-00, 3)."""
        if not self._tells_hashes:
            return None
        try:
            with _explained(self.target, f"hash of {path}"), self._sftp.open(path, "rb") as file:
                return file.check("sha256")
        except TransportError:
            if not self.alive:
                raise
            self._tells_hashes = False
            return None


def fingerprint(host_key: str) -> str:
    """The "SHA256:…" fingerprint of a pinned host key, given in either form. Raises KeyProblem."""
    return Pin.parse(host_key).fingerprint


@contextmanager
def connect(target: SftpTarget) -> Iterator[SftpSession]:
    """Log in; the connection ends with the block. Raises Temporary or Permanent."""
    try:
        pin = Pin.parse(target.host_key)
    except KeyProblem as problem:
        raise Stopped(str(target), f"the pinned host key is unusable: {problem}") from problem
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
        transport.close()  # and with it the channel


def _load_key(target: SftpTarget) -> paramiko.PKey | None:
    if target.key_file is None:
        return None
    try:
        return paramiko.PKey.from_path(target.key_file)
    except OSError as error:
        raise Stopped(str(target), f"key file {target.key_file}: {error.strerror}") from error
    except (ValueError, TypeError, paramiko.SSHException, UnsupportedAlgorithm) as error:
        raise Stopped(str(target), f"key file {target.key_file}: {error}") from error


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
        raise Stopped(str(target), f"the server's host key {', '.join(shown)} is not the pinned {pin.fingerprint}")
    raise Stopped(str(target), "no algorithm in common, or no host key of the pinned kind")


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
        raise Stopped(str(target), "there is neither a key file nor a password to log in with")
    if left:
        raise Stopped(str(target), f"the server wants further authentication: {', '.join(left)}")


@contextmanager
def _explained(target: SftpTarget, action: str, *, stops: bool = False) -> Iterator[None]:
    """Turn what paramiko and the system raise into a TransportError.

    `stops`: where this may not be done, or there is no such folder, nothing can be done."""
    host = str(target)
    try:
        yield
    except TransportError:
        raise
    except paramiko.AuthenticationException as error:
        if "timeout" in str(error).lower() or "EOF" in str(error):
            raise Temporary(host, f"{action}: the server did not answer the login: {error}") from error
        raise Stopped(host, f"{action}: the server refuses user {target.user!r}: {error}") from error
    except IncompatiblePeer as error:
        raise Stopped(host, f"{action}: no algorithm in common: {error}") from error
    except TimeoutError as error:
        raise Temporary(host, f"{action}: not done in time") from error
    except EOFError as error:
        raise Temporary(host, f"{action}: the server dropped the connection") from error
    except paramiko.SSHException as error:
        raise Temporary(host, f"{action}: {error}") from error
    except OSError as error:
        raise _os_failure(host, action, error, Stopped if stops else Permanent) from error


def _os_failure(host: str, action: str, error: OSError, final: type[Permanent]) -> TransportError:
    cause = f"{action}: {error.strerror or error}"
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return final(host, f"{action}: permission denied")
        case errno.ENOENT if not isinstance(error, socket.gaierror):
            return final(host, f"{action}: no such file or folder at the server")
        case _:
            return Temporary(host, cause)
