"""Key files and the passphrases that open them when nobody is there to type one.

A passphrase comes from the first of

1. an environment variable, `EDIGW_..._PASSPHRASE`,
2. the file that the variable of that name with `_FILE` at its end names (for secrets that a service manager mounts),
3. `KEYFILE.passphrase` beside the key, mode 0600.

The third protects copies of the key file alone. Who wants more keeps the passphrase on another disk or in the service
manager, and deletes that file.
"""

from __future__ import annotations

import os
from pathlib import Path

LARGEST = 1 << 16


class SecretProblem(Exception):
    """A key or passphrase can't be read, or others may read it; the text says which and why, without showing it."""


def read_secret(path: Path, mounted: bool = False) -> bytes:
    """The content of a small file that only its owner may read; a `mounted` one is in the care of somebody else.

    Raises SecretProblem."""
    try:
        with path.open("rb") as file:
            if not mounted and os.fstat(file.fileno()).st_mode & 0o077:
                raise SecretProblem(f"{path}: others may read it; chmod 600 it")
            return file.read(LARGEST)
    except OSError as error:
        raise SecretProblem(f"{path}: {error.strerror}") from error


def given_passphrase(variable: str) -> bytes | None:
    """The passphrase in the environment, or in the file that it names; None if there is none. Raises SecretProblem."""
    if text := os.environ.get(variable):
        return text.encode()
    if name := os.environ.get(f"{variable}_FILE"):
        return read_secret(Path(name), mounted=True).strip()
    return None


def passphrase_path(key_file: Path) -> Path:
    """The file beside a key file that may hold its passphrase."""
    return key_file.with_name(f"{key_file.name}.passphrase")


def passphrase(key_file: Path, variable: str) -> bytes:
    """The passphrase of a key file. Raises SecretProblem."""
    given = given_passphrase(variable)
    return read_secret(passphrase_path(key_file)).strip() if given is None else given
