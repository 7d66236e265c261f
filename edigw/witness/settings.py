"""The folder of a witness: `witness.toml`, its key, the keys of the logs that it witnesses, and what it has seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from edigw.log.errors import LogError
from edigw.log.keys import WitnessKey, create_witness_key, load_witness_key
from edigw.log.note import ED25519, VerifierKey
from edigw.partners.decode import decode
from edigw.partners.errors import ConfigError
from edigw.partners.tables.base import Table, Text
from edigw.store.durable import create_file, replace_file

CONFIG = "witness.toml"
KEY = "witness.key"
LOGS = "logs.vkey"
STATE = "witness.db"
_LIMIT = 1 << 20
_NAME = Meta(
    pattern=r"^[a-z0-9.-]{1,60}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{1,60})+\Z",
    max_length=120,
    description='a domain and a path, "partner.example/w1"',
)
_CONFIG = """\
# A witness of transparency logs. Its key is {key}; the keys of the logs that it witnesses are the lines of {logs}.
# Never delete {state}, and never put an older copy of it back: it is what the witness remembers.

# Its name in cosignatures. Others know it together with the key; it can't be changed.
name = "{name}"
host = "127.0.0.1"             # "0.0.0.0" to be reached from outside
port = {port}
# tls_certificate = "cert.pem" # answers by HTTPS, with this chain of certificates
# tls_key = "key.pem"
"""


class Settings(Table, frozen=True):
    """`witness.toml`."""

    name: Annotated[str, _NAME]
    host: Text = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 2380  # 0: any free one
    tls_certificate: Path | None = None
    tls_key: Path | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness as its folder describes it."""

    folder: Path
    settings: Settings
    key: WitnessKey
    logs: dict[str, tuple[VerifierKey, ...]]  # the keys of each log, by its origin

    @property
    def state(self) -> Path:
        """The file of what it has seen."""
        return self.folder / STATE


def create(folder: Path, name: str, port: int = 2380) -> WitnessKey:
    """Sets up a witness in `folder`; its key. Raises ConfigError, LogKeyError, OSError if a file is there already."""
    text = _CONFIG.format(name=name, port=port, key=KEY, logs=LOGS, state=STATE)
    decode(text.encode(), Settings, CONFIG)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = create_witness_key(folder / KEY, name)
    create_file(folder / CONFIG, text.encode(), 0o644)
    create_file(folder / LOGS, b"# The public keys of the logs that are witnessed, one a line.\n", 0o644)
    return key


def load(folder: Path) -> Witness:
    """Raises ConfigError, LogError."""
    settings = load_settings(folder)
    return Witness(folder, settings, load_witness_key(folder / KEY, settings.name), load_logs(folder))


def load_settings(folder: Path) -> Settings:
    """`witness.toml`, with absolute paths. Raises ConfigError."""
    settings = decode(_read(folder / CONFIG), Settings, CONFIG)
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise ConfigError(CONFIG, "tls_key", "tls_certificate and tls_key go together")
    return settings


def load_logs(folder: Path) -> dict[str, tuple[VerifierKey, ...]]:
    """The keys of each log that is witnessed, by its origin. Raises ConfigError."""
    logs: dict[str, tuple[VerifierKey, ...]] = {}
    for number, line in enumerate(_read(folder / LOGS).decode("utf-8", "replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            key = log_key(line)
        except LogError as error:
            raise ConfigError(LOGS, f"line {number}", str(error)) from None
        logs[key.name] = (*logs.get(key.name, ()), key)
    return logs


def log_key(text: str) -> VerifierKey:
    """The public key of a log, as its operator gives it. Raises LogError."""
    key = VerifierKey.parse(text)
    if key.kind != ED25519:
        raise LogError(f"{key.name}: that is the key of a witness, not of a log")
    return key


def trust(folder: Path, keys: list[VerifierKey]) -> list[VerifierKey]:
    """Adds keys of logs to those that are witnessed; returns those that are new. Raises ConfigError, OSError."""
    known = {key for each in load_logs(folder).values() for key in each}
    fresh = [key for key in dict.fromkeys(keys) if key not in known]
    text = _read(folder / LOGS) + "".join(f"{key}\n" for key in fresh).encode()
    replace_file(folder / LOGS, text, 0o644)
    return fresh


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT)
    except OSError as error:
        raise ConfigError(str(path), "", (error.strerror or type(error).__name__).lower()) from None
