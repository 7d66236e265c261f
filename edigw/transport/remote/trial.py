"""Trying out a place step by step, and saying what to do about the first step that fails."""

import asyncio
import io
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

import asyncssh

from edigw.transport.algorithms import LEGACY, MODERN
from edigw.transport.errors import TransportError
from edigw.transport.keys import KeyProblem
from edigw.transport.remote import connect
from edigw.transport.remote.model import FolderTarget, Place, Remote, SftpTarget, SourceProblem
from edigw.transport.remote.pinning import Pin

CONTENT = b"A file of the EDI gateway, to see whether it can write here. It may be deleted.\n"
MEASURED = 5  # round trips, of which the shortest counts


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was found, or what went wrong and `advice` on it, which names keys of the place's table."""

    name: str  # resolve | port | host_key | login | folder | write | round_trip
    ok: bool
    text: str
    advice: str = ""
    seconds: float = 0.0


class _Failed(Exception):
    """A step did not work."""

    def __init__(self, text: str, advice: str) -> None:
        super().__init__(text)
        self.text = text
        self.advice = advice


def trial(place: Place, *, write: bool, rename: bool = True) -> Iterator[Step]:
    """Try a place: every step up to the first that fails. With `write` a small file is put there under a temporary
    name, renamed to another one if `rename`, and removed."""
    steps: list[tuple[str, Callable[[], str]]] = []
    if isinstance(place, SftpTarget):
        steps += [
            ("resolve", lambda: _resolved(place)),
            ("port", lambda: _open_port(place)),
            ("host_key", lambda: _pinned(place)),
        ]
    with _Opened(place) as opened:
        if isinstance(place, SftpTarget):
            steps.append(("login", lambda: _logged_in(place, opened)))
        steps.append(("folder", lambda: _folder(place, opened)))
        if write:
            steps.append(("write", lambda: _written(opened.remote, rename)))
        if isinstance(place, SftpTarget):
            steps.append(("round_trip", lambda: _round_trip(opened.remote)))
        for name, step in steps:
            started = time.monotonic()
            try:
                text = step()
            except _Failed as failed:
                yield Step(name, False, failed.text, failed.advice, time.monotonic() - started)
                return
            yield Step(name, True, text, seconds=time.monotonic() - started)


class _Opened:
    """A place that is opened at its step, and closed in the end."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._context: AbstractContextManager[Remote] | None = None
        self._remote: Remote | None = None

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        if self._context is not None:
            self._context.__exit__(None, None, None)

    @property
    def remote(self) -> Remote:
        """Raises TransportError if it can't be opened."""
        if self._remote is None:
            context = connect(self._place)
            self._remote = context.__enter__()
            self._context = context
        return self._remote


def _resolved(target: SftpTarget) -> str:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        advice = "is `host` spelled as the partner wrote it, and does the name service of this machine answer?"
        raise _Failed(f"{target.host} is not found: {getattr(error, 'strerror', None) or error}", advice) from error
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return ", ".join(addresses)


def _open_port(target: SftpTarget) -> str:
    try:
        with socket.create_connection((target.host, target.port), target.timeouts.connect) as sock:
            return f"{target.port} is open, seen from {sock.getsockname()[0]}"
    except ConnectionRefusedError as error:
        advice = "is `port` right, and does their server run?"
        raise _Failed(f"nobody listens at port {target.port}", advice) from error
    except OSError as error:
        advice = "ask whether their firewall lets the address of this gateway in, and ours lets it out to there"
        text = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise _Failed(f"port {target.port} can't be reached: {text}", advice) from error


def _pinned(target: SftpTarget) -> str:
    try:
        pin = Pin.parse(target.host_key)
    except KeyProblem as problem:
        raise _Failed(str(problem), "put their public key, or its SHA256 fingerprint, into `host_key`") from problem
    shown: list[str] = []
    for family in pin.families:
        try:
            key = host_key(target, family)
        except asyncssh.KeyExchangeFailed:
            continue
        except (OSError, asyncssh.Error) as error:
            text = getattr(error, "reason", None) or str(error) or "no answer"
            raise _Failed(
                f"the server does not show its key: {text}", "is that an SSH server, at this port?"
            ) from error
        if key is not None and pin.matches(key.public_data):
            return f"{pin.fingerprint}, as pinned"
        if key is not None:
            shown.append(key.get_fingerprint())
    if shown:
        advice = (
            "ask the partner, over the telephone, whether that is its key now; only if it is, put it into `host_key`. "
            "Else somebody is in between, or `host` leads elsewhere"
        )
        raise _Failed(f"the server shows {', '.join(shown)}, pinned is {pin.fingerprint}", advice)
    advice = (
        "a server of long ago? Ask for a newer one, or set `legacy = true`; or pin a key of another kind that it has"
    )
    raise _Failed("no algorithm in common, or no host key of the pinned kind", advice)


def host_key(target: SftpTarget, kinds: tuple[str, ...] = ()) -> asyncssh.SSHKey | None:
    """The key that a server shows, of one of these algorithms (default: any that we know). Nobody logs in.

    Raises OSError, asyncssh.Error."""
    algorithms = LEGACY if target.legacy else MODERN
    wanted = (*kinds, *(("ssh-rsa",) if target.legacy and "rsa-sha2-512" in kinds else ()))

    async def ask() -> asyncssh.SSHKey | None:
        options = await asyncssh.SSHClientConnectionOptions.construct(
            config=None,
            encryption_algs=list(algorithms.ciphers),
            mac_algs=list(algorithms.macs),
            login_timeout=target.timeouts.auth,
            connect_timeout=target.timeouts.connect,
        )
        return await asyncssh.get_server_host_key(
            target.host,
            target.port,
            kex_algs=list(algorithms.key_exchanges),
            server_host_key_algs=list(wanted or algorithms.signatures),
            options=options,
        )

    return asyncio.run(asyncio.wait_for(ask(), target.timeouts.connect + target.timeouts.banner))


def _logged_in(target: SftpTarget, opened: _Opened) -> str:
    try:
        remote = opened.remote
    except TransportError as error:
        public = f"{target.key_file}.pub" if target.key_file else "the public key"
        advice = (
            f"does their server know user {target.user!r}, with the key in {public}? It may serve some networks only"
        )
        raise _Failed(error.cause, advice) from error
    return f"as {target.user} ({remote.software})"


def _folder(place: Place, opened: _Opened) -> str:
    try:
        opened.remote.require_folder()
    except TransportError as error:
        advice = (
            "is the share mounted?"
            if isinstance(place, FolderTarget)
            else "ask what the folder is called; `folder` is seen from where they let us in, unless it begins with /"
        )
        raise _Failed(error.cause, advice) from error
    return str(place.path) if isinstance(place, FolderTarget) else place.folder


def _written(remote: Remote, rename: bool) -> str:
    """Every name on the way is one that polling programs take no notice of."""
    name = f".edigw-{secrets.token_hex(4)}"
    first, second = f"{name}.part", f"{name}.tmp"
    done: list[str] = []
    try:
        for what, act in (
            ("put", lambda: remote.upload_temp(io.BytesIO(CONTENT), first)),
            *((("renamed", lambda: remote.place(first, second)),) if rename else ()),
            ("removed", lambda: remote.discard(second if rename else first)),
        ):
            act()
            done.append(what)
    except (TransportError, SourceProblem) as error:
        for left in (first, second):
            with suppress(TransportError):
                remote.discard(left)
        cause = error.cause if isinstance(error, TransportError) else str(error)
        raise _Failed(f"{', '.join(done) or 'nothing done'}, then: {cause}", _ADVICE[len(done)]) from error
    return f"{first} was {' and '.join((', '.join(done[:-1]), done[-1]))}"


_ADVICE = (
    "ask for the right to write there; is there room?",
    'ask for the right to rename there, or set `temp_suffix = ""`, for servers that can\'t',
    "ask for the right to delete there: what a broken connection leaves behind has to be cleared away",
)


def _round_trip(remote: Remote) -> str:
    times = []
    try:
        for _ in range(MEASURED):
            started = time.monotonic()
            remote.require_folder()
            times.append(time.monotonic() - started)
    except TransportError as error:
        raise _Failed(error.cause, "the connection broke off: try again") from error
    return f"{1000 * min(times):.1f} ms"
