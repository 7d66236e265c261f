"""The proofs that RFC 6962 implementations agree on (transparency-dev, Certificate Transparency), over the eight leaves
of test_merkle: ours are the same, and both verifiers refuse them in each of the ways in which those are bent there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from edigw.log import verify
from edigw.log.errors import ProofError
from edigw.log.merkle import Tree, check_consistency, leaf_hash, root_from_inclusion

from .test_merkle import LEAVES, ROOTS, grown

NODES = {
    "0ebc": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "5f08": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "6e34": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "96a2": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "b086": "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "bc1a": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca85": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37e": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "fac5": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
}
INCLUSION = [  # leaf, size, path
    (0, 1, ""),
    (0, 8, "96a2 5f08 6b47"),
    (5, 8, "bc1a ca85 d37e"),
    (2, 3, "fac5"),
    (1, 5, "6e34 5f08 bc1a"),
]
CONSISTENCY = [  # the smaller size, the larger one, proof
    (1, 1, ""),
    (1, 8, "96a2 5f08 6b47"),
    (6, 8, "0ebc ca85 d37e"),
    (2, 5, "5f08 bc1a"),
    (6, 7, "0ebc b086 d37e"),
]
LEAF_HASHES = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
GARBAGE, OTHER = b"\x00" * 32, b"\x27" * 32


def nodes(names: str) -> list[bytes]:
    return [bytes.fromhex(NODES[name]) for name in names.split()]


def root(size: int) -> bytes:
    return bytes.fromhex(ROOTS[size])


def holds(ours: Callable[[], object], theirs: Callable[[], object]) -> bool:
    """The verdict of both verifiers, which must be one."""
    verdicts = []
    for checking, refusal in ((ours, ProofError), (theirs, verify.Failure)):
        try:
            verdicts.append(checking() is not False)
        except refusal:
            verdicts.append(False)
    assert verdicts[0] == verdicts[1]
    return verdicts[0]


def included(index: int, size: int, leaf: bytes, path: list[bytes], top: bytes) -> bool:
    tree = verify.Checkpoint("x", size, top, {})
    return holds(
        lambda: root_from_inclusion(index, size, leaf, path) == top,
        lambda: verify.check_inclusion(index, leaf, path, tree, "x"),
    )


def consistent(old: int, size: int, old_top: bytes, top: bytes, proof: list[bytes]) -> bool:
    trees = verify.Checkpoint("x", old, old_top, {}), verify.Checkpoint("x", size, top, {})
    return holds(
        lambda: check_consistency(old, size, old_top, top, proof),
        lambda: verify.check_consistency(*trees, proof, "x"),
    )


def bent(proof: list[bytes], *roots: bytes) -> Iterator[list[bytes]]:
    """A proof, made longer, shorter, empty, or with one bit changed."""
    for extra in (GARBAGE, b"", *roots):
        yield [*proof, extra]
        yield [extra, *proof]
    for at, node in enumerate(proof):
        yield [*proof[:at], bytes([node[0] ^ 16, *node[1:]]), *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], b"", *proof[at + 1 :]]
        yield [*proof[:at], OTHER, *proof[at:]]
    if proof:
        yield []


@pytest.mark.parametrize(("index", "size", "names"), INCLUSION)
def test_published_inclusion_proofs_hold_and_no_bent_one_does(index: int, size: int, names: str) -> None:
    path, leaf, top = nodes(names), LEAF_HASHES[index], root(size)
    tiles, _ = grown(LEAF_HASHES[:size])
    assert Tree(tiles, size).inclusion(index) == path
    assert included(index, size, leaf, path, top)
    for other, of in ((index - 1, size), (index + 1, size), (index ^ 2, size), (index, size * 2), (index, size // 2)):
        assert not included(other, of, leaf, path, top)
    for wrong in (b"", OTHER):
        assert not included(index, size, leaf, path, wrong) and not included(index, size, wrong, path, top)
    for other_path in bent(path, top):
        assert not included(index, size, leaf, other_path, top)


@pytest.mark.parametrize(("old", "size", "names"), CONSISTENCY)
def test_published_consistency_proofs_hold_and_no_bent_one_does(old: int, size: int, names: str) -> None:
    proof, old_top, top = nodes(names), root(old), root(size)
    tiles, _ = grown(LEAF_HASHES[:size])
    assert Tree(tiles, size).consistency(old) == proof
    assert consistent(old, size, old_top, top, proof)
    sizes = ((old - 1, size), (old + 1, size), (old ^ 2, size), (old, size * 2), (old, size // 2))
    for small, large in sizes:
        assert not consistent(small, large, old_top, top, proof)
    for wrong in (b"", OTHER):
        assert not consistent(old, size, wrong, top, proof) and not consistent(old, size, old_top, wrong, proof)
    if old != size:
        assert not consistent(old, size, top, old_top, proof)
    for other_proof in bent(proof, old_top, top):
        assert not consistent(old, size, old_top, top, other_proof)
