"""The Merkle tree of RFC 6962 (also RFC 9162) over SHA-256, kept in tiles 256 hashes wide.

Tile `index` of level `l` holds up to 256 hashes; its i-th is the root over the leaves from `(256 * index + i)
* 256**l`, `256**l` of them (https://c2sp.org/tlog-tiles, without its file names). Tiles to the left of the
edge are full and never change; each level has at most one that still grows. Growing the tree and proving
something in it touch a few tiles only, so memory stays flat however long the log gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Protocol

from edigw.log.errors import LogDamaged, ProofError

HASH = 32
WIDTH = 256
EMPTY = sha256(b"").digest()
_CACHED_TILES = 64


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962 2.1: the hash of a leaf, `SHA-256(0x00 || data)`."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 2.1: the hash of a node, `SHA-256(0x01 || left || right)`."""
    return sha256(b"\x01" + left + right).digest()


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def tile_shape(size: int) -> list[tuple[int, int]]:
    """For each level of a tree of `size` leaves: its number of full tiles, and of hashes in the last one."""
    shape = []
    while size:
        shape.append((size // WIDTH, size % WIDTH))
        size //= WIDTH
    return shape


class Frontier:
    """The roots of the perfect subtrees that a tree falls into, largest first: all it needs to grow."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def push(self, leaf: bytes) -> None:
        """Appends a leaf hash."""
        self._append(leaf, 0)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Appends leaf hashes; many at once take less time than one by one."""
        at = 0
        while at < len(leaves):
            if self.size % WIDTH == 0 and len(leaves) - at >= WIDTH:
                self._append(fold(leaves[at : at + WIDTH]), 8)
                at += WIDTH
            else:
                self._append(leaves[at], 0)
                at += 1

    def _append(self, root: bytes, height: int) -> None:
        """Appends a perfect subtree; the size is a multiple of its own."""
        at = self.size >> height
        while at & 1:
            root = node_hash(self._peaks.pop(), root)
            at >>= 1
        self._peaks.append(root)
        self.size += 1 << height

    def root(self) -> bytes:
        """The root over everything pushed so far."""
        if not self._peaks:
            return EMPTY
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> Frontier:
        """An independent copy."""
        twin = Frontier()
        twin.size, twin._peaks = self.size, self._peaks.copy()
        return twin


class Edge:
    """The growing tile of each level: what a tree of `size` leaves needs to grow."""

    def __init__(self, size: int, tiles: Sequence[bytes]) -> None:
        """`tiles`: for each position of `positions(size)` its tile.

        Raises LogDamaged if one has a wrong length.
        """
        positions = self.positions(size)
        self.size = size
        self._partial: dict[int, list[bytes]] = {}
        for (level, index), tile in zip(positions, tiles, strict=True):
            held = (size >> 8 * level) % WIDTH
            if len(tile) != held * HASH:
                raise LogDamaged(f"tile {level}/{index} has {len(tile)} bytes, should have {held * HASH}")
            self._partial[level] = split(tile)

    @staticmethod
    def positions(size: int) -> list[tuple[int, int]]:
        """Level and index of each tile that is neither full nor empty."""
        return [(level, full) for level, (full, rest) in enumerate(tile_shape(size)) if rest]

    def append(self, leaves: Iterable[bytes]) -> dict[tuple[int, int], bytes]:
        """Appends leaf hashes; returns all tiles that changed, by level and index."""
        changed: dict[tuple[int, int], bytes] = {}
        fresh = list(leaves)
        size, self.size = self.size, self.size + len(fresh)
        level = 0
        while fresh:
            index = size // WIDTH
            hashes = self._partial.get(level, []) + fresh
            fresh = []
            while len(hashes) >= WIDTH:
                changed[level, index] = b"".join(hashes[:WIDTH])
                fresh.append(fold(hashes[:WIDTH]))
                hashes = hashes[WIDTH:]
                index += 1
            if hashes:
                changed[level, index] = b"".join(hashes)
            self._partial[level] = hashes
            size //= WIDTH
            level += 1
        return changed

    def root(self) -> bytes:
        """The root of the tree."""
        root = b""
        for level in range(len(tile_shape(self.size))):
            hashes = self._partial.get(level, [])
            end = len(hashes)
            while end:
                width = end & -end
                peak = fold(hashes[end - width : end])
                root = node_hash(peak, root) if root else peak
                end -= width
        return root or EMPTY


class TileSource(Protocol):
    """Where the tiles lie."""

    def tile(self, level: int, index: int) -> bytes:
        """The tile's hashes, one after the other. Raises LogDamaged if there is no such tile."""
        ...


class Tree:
    """A tree of `size` leaves over stored tiles: roots and proofs, also of each smaller tree it grew from."""

    def __init__(self, source: TileSource, size: int) -> None:
        self._source = source
        self.size = size
        self._cache: dict[tuple[int, int], list[list[bytes]]] = {}

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves."""
        size = self.size if size is None else size
        self._within(0 <= size <= self.size, f"no tree of {size} leaves in one of {self.size}")
        return self._range(0, size) if size else EMPTY

    def leaf(self, index: int) -> bytes:
        """The hash of a leaf."""
        self._within(0 <= index < self.size, f"no leaf {index} in a tree of {self.size}")
        return self._node(0, index)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """RFC 6962 2.1.1: the path from leaf `index` to the root over `size` leaves, lowest first."""
        size = self.size if size is None else size
        self._within(0 <= index < size <= self.size, f"no leaf {index} in a tree of {size}")
        low, high, path = 0, size, []
        while high - low > 1:
            middle = low + _left_size(high - low)
            if index < middle:
                path.append((middle, high))
                high = middle
            else:
                path.append((low, middle))
                low = middle
        return [self._range(start, end) for start, end in reversed(path)]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """RFC 6962 2.1.2: the proof that the tree of `size` leaves begins with the one of `old`."""
        size = self.size if size is None else size
        self._within(0 <= old <= size <= self.size, f"no trees of {old} and {size} in one of {self.size}")
        if old in (0, size):
            return []
        low, high, path, leftmost = 0, size, [], True
        while old != high:
            middle = low + _left_size(high - low)
            if old <= middle:
                path.append((middle, high))
                high = middle
            else:
                path.append((low, middle))
                low = middle
                leftmost = False
        if not leftmost:
            path.append((low, high))
        return [self._range(start, end) for start, end in reversed(path)]

    @staticmethod
    def _within(condition: bool, text: str) -> None:
        if not condition:
            raise ProofError(text)

    def _range(self, low: int, high: int) -> bytes:
        """The root over the leaves from `low` to before `high`, where `low` is where RFC 6962 would split."""
        peaks = []
        while low < high:
            level = (high - low).bit_length() - 1
            if low:
                level = min(level, (low & -low).bit_length() - 1)
            peaks.append(self._node(level, low >> level))
            low += 1 << level
        root = peaks.pop()
        while peaks:
            root = node_hash(peaks.pop(), root)
        return root

    def _node(self, level: int, index: int) -> bytes:
        """The root of the perfect subtree of height `level`, the `index`-th of its row."""
        tile_level, height = divmod(level, 8)
        tile_index, offset = divmod(index << height, WIDTH)
        rows = self._rows(tile_level, tile_index)
        while len(rows) <= height:
            below = rows[-1]
            rows.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
        try:
            return rows[height][offset >> height]
        except IndexError:
            raise LogDamaged(f"tile {tile_level}/{tile_index} is too short") from None

    def _rows(self, level: int, index: int) -> list[list[bytes]]:
        rows = self._cache.get((level, index))
        if rows is None:
            if len(self._cache) >= _CACHED_TILES:
                self._cache.clear()
            rows = self._cache[level, index] = [split(self._source.tile(level, index))]
        return rows


def _left_size(size: int) -> int:
    """RFC 6962 2.1: the largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """RFC 9162 2.1.3.2: the root to which an inclusion proof leads. Raises ProofError if it can't be one."""
    if not 0 <= index < size:
        raise ProofError(f"no leaf {index} in a tree of {size}")
    _check_lengths(leaf, *proof)
    at, last, root = index, size - 1, leaf
    for sibling in proof:
        if not last:
            raise ProofError("the proof is too long")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            root = node_hash(root, sibling)
        at >>= 1
        last >>= 1
    if last:
        raise ProofError("the proof is too short")
    return root


def check_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 2.1.4.2: raises ProofError unless `proof` shows that the new tree begins with the old one.

    A proof from the empty tree proves nothing and is refused.
    """
    if not 0 < old <= size:
        raise ProofError(f"nothing to compare between trees of {old} and {size}")
    _check_lengths(old_root, root, *proof)
    if old == size:
        if proof or old_root != root:
            raise ProofError("two trees of one size differ")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not proof:
        raise ProofError("the proof is too short")
    at, last = old - 1, size - 1
    while at & 1:
        at >>= 1
        last >>= 1
    first_root = second_root = path[0]
    for sibling in path[1:]:
        if not last:
            raise ProofError("the proof is too long")
        if at & 1 or at == last:
            first_root, second_root = node_hash(sibling, first_root), node_hash(sibling, second_root)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            second_root = node_hash(second_root, sibling)
        at >>= 1
        last >>= 1
    if last or first_root != old_root or second_root != root:
        raise ProofError("the new tree does not begin with the old one")


def _check_lengths(*hashes: bytes) -> None:
    if any(len(value) != HASH for value in hashes):
        raise ProofError("a hash has not 32 bytes")
