"""Passwords of logins, kept as argon2id hashes (RFC 9106) in their usual text form, `$argon2id$v=19$…`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LONGEST = 1024  # characters; more is refused before it costs anything
SHORTEST = 12


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)  # RFC 9106, 4: the second recommendation


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher().hash("the password of nobody")


def hash_password(password: str) -> str:
    """The hash to keep of a password. Raises ValueError, with a text for people, if it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
    return _hasher().hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether this is the password of a hash. With no hash ("") it takes as long, and the answer is no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST:
        return False
    try:
        return _hasher().verify(kept or _nobodys(), password) and kept != ""
    except (VerificationError, InvalidHashError):
        return False
