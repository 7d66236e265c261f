"""What a `log.anchored` event says, and whether it holds: tokens and cosignatures over one checkpoint.

Its objects are the tokens (`tsa.token`: the authority's whole answer, DER) and the detail, which holds the note that
the tokens are over, the authorities in the order of the tokens with the times that they state, and the cosignatures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edigw.log.anchors import timestamp
from edigw.log.anchors.witness import Cosignature, cosignature
from edigw.log.errors import AnchorError, NoteError
from edigw.log.note import Checkpoint, VerifierKey, assemble, open_checkpoint, split_note
from edigw.store.clock import stamp

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Attesters:
    """Whom one trusts to attest checkpoints: authorities by name, each with the certificates that its tokens must lead
    to, or certificates that are good for any of them; and the keys of witnesses."""

    authorities: Mapping[str, Sequence[Certificate]] = field(default_factory=dict)
    witnesses: Sequence[VerifierKey] = ()
    any_authority: Sequence[Certificate] = ()

    def roots(self, authority: str) -> Sequence[Certificate]:
        """The certificates that tokens of this authority must lead to. Raises AnchorError if it is not known."""
        roots = self.authorities.get(authority, self.any_authority)
        if not roots:
            raise AnchorError(f"the authority {authority} is not configured, so its timestamp can't be checked")
        return roots


@dataclass(frozen=True, slots=True)
class Token:
    """A timestamp: who gave it, the time that it states, and the answer that it came in."""

    authority: str
    at: str  # as `store.clock.stamp` writes it
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one `log.anchored` event says."""

    note: str  # the checkpoint with the log's signatures only
    tokens: tuple[Token, ...] = ()
    cosignatures: tuple[str, ...] = ()  # lines, each with its LF

    def detail(self) -> dict[str, Any]:
        """The detail of the event, without the tokens."""
        checkpoint = Checkpoint.of(self.note)
        return {
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "note": self.note,
            "timestamps": [{"authority": token.authority, "at": token.at} for token in self.tokens],
            "cosignatures": list(self.cosignatures),
        }

    @classmethod
    def parse(cls, detail: Mapping[str, Any], answers: Sequence[bytes]) -> Statement:
        """The statement of an event with this detail and these tokens. Raises AnchorError."""
        try:
            said = [(str(each["authority"]), str(each["at"])) for each in detail["timestamps"]]
            found = cls(
                str(detail["note"]),
                tuple(Token(*each, answer) for each, answer in zip(said, answers, strict=True)),
                tuple(map(str, detail["cosignatures"])),
            )
            if found.detail() != {name: detail.get(name) for name in found.detail()}:
                raise AnchorError("its detail contradicts itself")
        except (KeyError, TypeError, ValueError, NoteError) as error:
            raise AnchorError(f"its detail is not that of an anchor ({error})") from error
        return found

    @property
    def checkpoint(self) -> Checkpoint:
        """What was attested. Raises NoteError."""
        return Checkpoint.of(self.note)

    def problems(self, origin: str, keys: Sequence[VerifierKey], trusted: Attesters) -> Iterator[str]:
        """What of it does not hold, each in words. `keys` are those of the log."""
        try:
            open_checkpoint(self.note, origin, keys)
        except NoteError as error:
            yield str(error)
            return
        for token in self.tokens:
            try:
                at = timestamp.verify(token.answer, self.note.encode(), trusted.roots(token.authority))
                if stamp(at) != token.at:
                    yield f"the timestamp of {token.authority} states {stamp(at)}, the log says {token.at}"
            except AnchorError as error:
                yield f"{token.authority}: {error}"
        for line in self.cosignatures:
            try:
                cosigned(line, split_note(self.note)[0], trusted.witnesses)
            except AnchorError as error:
                yield str(error)


def cosigned(line: str, body: str, witnesses: Sequence[VerifierKey]) -> Cosignature:
    """The cosignature in a line under a checkpoint's body, by one of these witnesses. Raises AnchorError."""
    try:
        ((name, key_id, _),) = split_note(assemble(body, line))[1]
    except (NoteError, ValueError) as error:
        raise AnchorError(f"a cosignature can't be read ({error})") from error
    key = next((key for key in witnesses if (key.name, key.key_id) == (name, key_id)), None)
    if key is None:
        raise AnchorError(f"the witness {name} is not configured, so its cosignature can't be checked")
    return cosignature(line, body, key)
