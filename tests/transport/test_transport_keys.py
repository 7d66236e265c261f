"""SSH keys, pins and back-off."""

import shutil
import stat
import subprocess
from pathlib import Path

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.transport import keys
from edigw.transport.remote.pinning import Pin
from edigw.transport.retry import Backoff


def test_a_generated_key_is_private_and_not_replaced(tmp_path: Path) -> None:
    line = keys.generate(tmp_path / "key", "gateway")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert (tmp_path / "key.pub").read_text() == line + "\n"
    assert line.startswith("ssh-ed25519 ") and line.endswith(" gateway")
    assert keys.public_line(keys.load(tmp_path / "key")) == line
    with pytest.raises(FileExistsError):
        keys.generate(tmp_path / "key")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH's ssh-keygen")
def test_fingerprints_are_those_of_openssh(tmp_path: Path) -> None:
    line = keys.generate(tmp_path / "key")
    shown = [
        subprocess.run(["ssh-keygen", "-lf", tmp_path / "key.pub", "-E", kind], capture_output=True, text=True).stdout
        for kind in ("sha256", "md5")
    ]
    prints = keys.fingerprints(line)
    assert prints.sha256 in shown[0].split()
    assert prints.md5 in shown[1].split()
    assert keys.fingerprint(line) == prints.sha256


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys.generate(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(keys.KeyProblem, match="chmod 600"):
        keys.load(tmp_path / "key")


def test_what_is_no_private_key_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("nonsense")
    (tmp_path / "key").chmod(0o600)
    for path in (tmp_path / "key", tmp_path / "missing"):
        with pytest.raises(keys.KeyProblem, match=str(path)):
            keys.load_host_keys([path])


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521"])
def test_keys_of_today_are_taken(kind: str) -> None:
    key = asyncssh.generate_private_key(kind)
    assert keys.public_blob(keys.public_line(key)) == key.public_data


@pytest.mark.parametrize(
    "line, cause",
    [
        ("", "not an OpenSSH"),
        ("ssh-ed25519", "not an OpenSSH"),
        ("ssh-ed25519 !!!", "base64"),
        ("ssh-ed25519 AAAA", "ssh-ed25519 key"),
        (keys.public_line(asyncssh.generate_private_key("ssh-rsa", key_size=1024)), "too short"),
    ],
)
def test_weak_and_broken_keys_are_refused(line: str, cause: str) -> None:
    with pytest.raises(keys.KeyProblem, match=cause):
        keys.public_blob(line)


def test_a_pin_matches_its_key_and_no_other() -> None:
    mine, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    line = keys.public_line(mine)
    for text in (line, keys.fingerprint(line), keys.fingerprint(line) + "="):
        pin = Pin.parse(text)
        assert pin.matches(mine.public_data) and not pin.matches(other.public_data)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_delay_stays_within_cap_and_jitter(attempt: int, draw: float) -> None:
    backoff = Backoff(first=10, factor=2, cap=600, jitter=0.2)
    assert 10 * 0.8 <= backoff.delay(attempt, lambda: draw) <= 600 * 1.2


def test_delays_double_up_to_the_cap() -> None:
    backoff = Backoff(first=10, factor=2, cap=60, jitter=0)
    assert [backoff.delay(attempt) for attempt in range(1, 6)] == [10, 20, 40, 60, 60]
    with pytest.raises(ValueError, match="count from 1"):
        backoff.delay(0)
