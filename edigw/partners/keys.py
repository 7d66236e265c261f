"""Checks of SSH keys and password hashes that a configuration names. What is wrong is said without showing the key."""

from __future__ import annotations

from pathlib import Path

_SMALLEST_RSA = 2048  # NIST SP 800-131A: shorter ones are no longer acceptable


def public_key_problem(line: str) -> str | None:
    """What is wrong with a public key line in OpenSSH's format; None if the key can be used."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    if "PRIVATE KEY" in line:
        return "this is a private key; give the public one, and keep the private one secret"
    try:
        key = load_ssh_public_key(line.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        return 'not a public key as OpenSSH writes it, "ssh-ed25519 AAAA... comment"'
    if isinstance(key, DSAPublicKey):
        return "DSA keys are not secure any more; use Ed25519"
    if isinstance(key, RSAPublicKey) and key.key_size < _SMALLEST_RSA:
        return f"an RSA key of {key.key_size} bits is too short; at least {_SMALLEST_RSA} are needed"
    return None


def password_hash_usable(text: str) -> bool:
    """Whether this is an argon2 hash, and one whose check does not cost the server absurdly much."""
    from argon2 import extract_parameters
    from argon2.exceptions import InvalidHashError

    try:
        costs = extract_parameters(text)
    except InvalidHashError:
        return False
    return costs.memory_cost <= 1024 * 1024 and costs.time_cost <= 20 and costs.parallelism <= 16


def key_material(line: str) -> str:
    """A public key line without its comment: equal for equal keys."""
    return " ".join(line.split()[:2])


def private_key_problem(path: Path) -> str | None:
    """What is wrong with the file of an OpenSSH private key without passphrase; None if it can be used."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    content = read_key_file(path)
    if isinstance(content, str):
        return content
    if path.stat().st_mode & 0o077:
        return f"{path} can be read by others; run: chmod 600 {path}"
    try:
        load_ssh_private_key(content, password=None)
    except TypeError:
        return f"{path} is protected by a passphrase, and nobody is there to type it when the gateway starts"
    except (ValueError, UnsupportedAlgorithm):
        return f"{path} is not a private key as OpenSSH writes it"
    return None


def read_key_file(path: Path) -> bytes | str:
    """The content of a small file, or as text what keeps it from being read."""
    try:
        with path.open("rb") as file:
            return file.read(65536)
    except OSError as error:
        return f"can't read {path}: {(error.strerror or type(error).__name__).lower()}"
