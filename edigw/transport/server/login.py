"""The login of one connection: what it has tried, and what it has proved, until it is let in.

An unknown user meets the same answers, after the same work, as a wrong key or password does.
"""

from dataclasses import dataclass

import asyncssh
from asyncssh import DISC_NO_MORE_AUTH_METHODS_AVAILABLE
from asyncssh.packet import SSHPacket
from asyncssh.public_key import SSHOpenSSHCertificate, decode_ssh_certificate

from edigw.transport.keys import KeyProblem, blob_fingerprint, public_blob
from edigw.transport.passwords import matches
from edigw.transport.ports import Account, Method
from edigw.transport.server import bans
from edigw.transport.server.desk import Desk, logger


@dataclass(frozen=True, slots=True)
class Proof:
    """Who somebody is, and what proved it."""

    account: Account
    method: Method
    fingerprint: str = ""  # of the key that signed
    certificate: str = ""  # the certificate of that key, if it had one


class Login:
    """What a connection has tried and proved. Used from the event loop only."""

    def __init__(self, desk: Desk, address: str) -> None:
        self._desk = desk
        self._signatures = frozenset(desk.algorithms.signatures)
        self._address = address
        self._account: Account | None = None
        self._keys: frozenset[bytes] = frozenset()
        self._failed: set[bytes] = set()  # the keys that were refused
        self._refused = 0  # passwords
        self._checks = 0
        self.user = ""
        self.points = 0  # held against the address if this ends without a login
        self.proof: Proof | None = None

    async def begin(self, user: str) -> None:
        """The client has named a user; it may name another one later."""
        self._count()
        account = await self._desk.run(self._desk.accounts.find, user)
        if account is None:
            self.points += bans.UNKNOWN_USER
        elif account.networks and not bans.in_networks(self._address, account.networks):
            logger.warning("user %s tried to log in from %s, which is in none of its networks", user, self._address)
            account = None
        keys = _blobs(account) if account else frozenset()
        self.user, self._account, self._keys = user, account, keys  # together: requests may be pipelined

    def knows(self, user: str, key: asyncssh.SSHKey) -> bool:
        """Whether the user may log in with this key, without a certificate."""
        self._count()
        if user == self.user and self._account is not None and key.public_data in self._keys:
            # asyncssh verifies with whatever algorithm the signature names, SHA-1 too, unless the key rules it out.
            key.all_sig_algorithms = {
                name for name in key.all_sig_algorithms if name.decode("ascii") in self._signatures
            }
            return True
        self._failed.add(key.public_data)  # the same one again is no other attempt
        self._charge()
        return False

    def authorities(self) -> asyncssh.SSHAuthorizedKeys:
        """Whose certificates let the user in, and made for whom: asyncssh checks them."""
        account = self._account
        if account is None or not account.authorities:
            return asyncssh.SSHAuthorizedKeys()
        option = f'cert-authority,principals="{",".join(account.principals or (account.user,))}"'
        lines = [f"{option} {line}" for line in account.authorities]
        return asyncssh.import_authorized_keys("\n".join(lines))

    def prove(self, user: str, presented: bytes, signature: bytes) -> bool:
        """The signature by a key or certificate (as SSH sends them) was found good: whether it is good enough."""
        if user != self.user or self._account is None:
            return False
        # asyncssh verifies with whatever algorithm the signature names, SHA-1 too.
        if SSHPacket(signature).get_string().decode("ascii", "replace") not in self._signatures:
            return False
        try:
            certificate = decode_ssh_certificate(presented)
        except asyncssh.KeyImportError:
            self.proof = Proof(self._account, "publickey", blob_fingerprint(presented))
            return True
        if not isinstance(certificate, SSHOpenSSHCertificate):
            return False
        authority = blob_fingerprint(certificate.signing_key.public_data)
        told = f"{certificate._key_id} ({certificate._serial}), signed by {authority}"
        self.proof = Proof(self._account, "certificate", certificate.key.get_fingerprint(), told)
        return True

    async def password(self, user: str, password: str) -> bool:
        """Whether this is the user's password."""
        self._count()
        account = self._account if user == self.user else None
        async with self._desk.hashing:
            right = await self._desk.run(matches, account.password if account else "", password)
        if right and account is not None:
            self.proof = Proof(account, "password")
            return True
        self._refused += 1
        self._charge()
        return False

    async def still(self, proof: Proof) -> bool:
        """Whether what was proved would let the same user in now."""
        account = await self._desk.run(self._desk.accounts.find, proof.account.user)
        if account is None or account.partner != proof.account.partner:
            return False
        if account.networks and not bans.in_networks(self._address, account.networks):
            return False
        if proof.method == "publickey":
            return proof.fingerprint in map(blob_fingerprint, _blobs(account))
        if proof.method == "password":
            return account.password == proof.account.password
        same = (account.authorities, account.principals)
        return same == (proof.account.authorities, proof.account.principals)

    def _count(self) -> None:
        """Bound what costs work: an attempt is a probe and a signature, and names can change in between."""
        self._checks += 1
        if self._checks > 3 * self._desk.limits.failed_attempts:
            self._give_up()

    def _charge(self) -> None:
        self.points += bans.WRONG_CREDENTIAL
        if len(self._failed) + self._refused >= self._desk.limits.failed_attempts:
            self._give_up()

    def _give_up(self) -> None:
        self.points += bans.LIMIT_HIT
        raise asyncssh.DisconnectError(DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "too many failed login attempts")


def _blobs(account: Account) -> frozenset[bytes]:
    blobs = []
    for line in account.keys:
        try:
            blobs.append(public_blob(line))
        except KeyProblem as problem:
            logger.warning("a key of user %s is not usable: %s", account.user, problem)
    return frozenset(blobs)
