"""GnuPG in a home of its own, for tests that hold us against it; and keys of its, made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

GPG = shutil.which("gpg")
needs_gpg = pytest.mark.skipif(GPG is None, reason="needs gpg")


class GnuPG:
    """One home with its keys. It lies below /tmp, since the agent's socket needs a short path."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="edigw-gpg-"))
        os.chmod(self.home, 0o700)
        (self.home / "gpg-agent.conf").write_text("s2k-count 65536\n")  # else it measures how long it can take

    def __call__(self, *arguments: str, data: bytes = b"", passphrase: str = "") -> bytes:
        """What gpg writes. Fails if gpg does."""
        done = self.run(*arguments, data=data, passphrase=passphrase)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def run(self, *arguments: str, data: bytes = b"", passphrase: str = "") -> subprocess.CompletedProcess[bytes]:
        assert GPG is not None
        quiet = ["--homedir", str(self.home), "--batch", "--yes", "--quiet", "--trust-model", "always"]
        quiet += ["--pinentry-mode", "loopback", "--passphrase", passphrase]
        return subprocess.run([GPG, *quiet, *arguments], input=data, capture_output=True, timeout=60, check=False)

    def new_key(self, user: str, *options: str, expires: str = "never", passphrase: str = "") -> str:
        """Make a key; its fingerprint. RSA, the default of older ones, takes seconds."""
        self(*options, "--quick-gen-key", user, "future-default", "default", expires, passphrase=passphrase)
        return self.fingerprint(user)

    def fingerprint(self, user: str) -> str:
        return self._fingerprints(user)[0]

    def newest_subkey(self, user: str) -> str:
        """The fingerprint of the subkey that was added last."""
        return self._fingerprints(user)[-1]

    def _fingerprints(self, user: str) -> list[str]:
        lines = self("--list-keys", "--with-colons", user).decode().splitlines()
        return [line.split(":")[9] for line in lines if line.startswith("fpr")]

    def public(self, user: str) -> bytes:
        return self("--armor", "--export", user)

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.home, ignore_errors=True)
