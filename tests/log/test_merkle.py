"""The tree: vectors, laws against the definition of RFC 6962, proofs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.log.errors import LogDamaged, ProofError
from edigw.log.merkle import (
    EMPTY,
    HASH,
    Edge,
    Frontier,
    Tree,
    check_consistency,
    leaf_hash,
    node_hash,
    root_from_inclusion,
    tile_shape,
)

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(definition(leaves[:k]), definition(leaves[k:]))


class Tiles(dict[tuple[int, int], bytes]):
    def tile(self, level: int, index: int) -> bytes:
        return self[level, index]


def some_leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def grown(leaves: list[bytes], *steps: int) -> tuple[Tiles, Edge]:
    """The tiles of a tree that grew by these steps, each from what was stored before it."""
    tiles, size = Tiles(), 0
    for step in [*steps, len(leaves)]:
        edge = Edge(size, [tiles[position] for position in Edge.positions(size)])
        tiles.update(edge.append(leaves[size : size + step]))
        size = edge.size
    return tiles, edge


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_published_vectors(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    frontier = Frontier()
    for leaf in leaves:
        frontier.push(leaf)
    tiles, edge = grown(leaves)
    assert frontier.root().hex() == edge.root().hex() == Tree(tiles, size).root().hex() == ROOTS[size]


@given(st.integers(0, 1500), st.lists(st.integers(0, 700), max_size=5))
def test_every_way_to_grow_gives_the_root_of_the_definition(size: int, steps: list[int]) -> None:
    leaves = some_leaves(size)
    tiles, edge = grown(leaves, *steps)
    frontier = Frontier()
    for leaf in leaves:
        frontier.push(leaf)
    assert edge.size == frontier.size == size
    assert edge.root() == frontier.root() == Tree(tiles, size).root() == definition(leaves)


def test_an_old_root_can_be_had_from_a_larger_tree() -> None:
    leaves = some_leaves(600)
    tiles, _ = grown(leaves)
    for size in (0, 1, 2, 255, 256, 257, 511, 512, 513, 600):
        assert Tree(tiles, 600).root(size) == definition(leaves[:size])


def test_seventy_thousand_leaves_make_tiles_of_the_published_shape() -> None:
    tiles, _ = grown(some_leaves(70_000), 5_000, 1, 255, 60_000)
    assert tile_shape(70_000) == [(273, 112), (1, 17), (0, 1)]
    widths = [(level, index, len(tile) // HASH) for (level, index), tile in sorted(tiles.items())]
    assert widths == [*((0, index, 256) for index in range(273)), (0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]


def test_an_edge_refuses_tiles_of_a_wrong_length() -> None:
    with pytest.raises(LogDamaged):
        Edge(3, [b"x" * 64])


@pytest.mark.parametrize("size", range(1, 71))
def test_inclusion_proofs_hold_for_every_leaf_and_for_no_other(size: int) -> None:
    leaves = some_leaves(size)
    tiles, edge = grown(leaves)
    tree = Tree(tiles, size)
    for index in range(size):
        proof = tree.inclusion(index)
        assert root_from_inclusion(index, size, leaves[index], proof) == edge.root()
        assert root_from_inclusion(index, size, leaf_hash(b"other"), proof) != edge.root()
        for wrong in ([*proof, EMPTY], proof[:-1]):
            if wrong != proof:
                with pytest.raises(ProofError):
                    root_from_inclusion(index, size, leaves[index], wrong)


def test_consistency_proofs_hold_for_every_pair_of_sizes() -> None:
    leaves = some_leaves(70)
    tree = Tree(grown(leaves)[0], 70)
    roots = [definition(leaves[:size]) for size in range(71)]
    for size in range(1, 71):
        for old in range(1, size + 1):
            proof = tree.consistency(old, size)
            check_consistency(old, size, roots[old], roots[size], proof)
            with pytest.raises(ProofError):
                check_consistency(old, size, roots[old - 1], roots[size], proof)
            with pytest.raises(ProofError):
                check_consistency(old, size, roots[old], roots[size], [*proof, EMPTY])


def test_proofs_of_a_large_tree_hold() -> None:
    leaves = some_leaves(70_000)
    tiles, edge = grown(leaves)
    tree, chance = Tree(tiles, 70_000), random.Random(7)
    for index in [0, 255, 256, 65_535, 65_536, 69_999, *(chance.randrange(70_000) for _ in range(50))]:
        assert root_from_inclusion(index, 70_000, leaves[index], tree.inclusion(index)) == edge.root()
        if index:
            check_consistency(index, 70_000, tree.root(index), edge.root(), tree.consistency(index))


@pytest.mark.parametrize(
    ("old", "size", "proof"), [(0, 5, []), (6, 5, []), (3, 5, []), (5, 5, [EMPTY]), (3, 5, [b"x"])]
)
def test_what_can_be_no_consistency_proof_is_refused(old: int, size: int, proof: list[bytes]) -> None:
    with pytest.raises(ProofError):
        check_consistency(old, size, EMPTY, EMPTY, proof)


def test_there_is_no_proof_for_what_is_not_there() -> None:
    tree = Tree(grown(some_leaves(5))[0], 5)
    for index, size in ((5, 5), (0, 6)):
        with pytest.raises(ProofError):
            tree.inclusion(index, size)
    with pytest.raises(ProofError):
        tree.consistency(3, 6)
    with pytest.raises(ProofError):
        tree.leaf(5)
    with pytest.raises(ProofError):
        root_from_inclusion(0, 2, b"short", [EMPTY])
