"""A log's tree in memory, and the requests that it sends to a witness."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log.anchors.witness import AddCheckpoint
from edigw.log.keys import LogKey
from edigw.log.merkle import Edge, Tree, leaf_hash
from edigw.log.note import Checkpoint, assemble

ORIGIN = "edi.example/log/test"
KEY = LogKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


class Growing:
    """A history: of two with one `seed` the one is a beginning of the other."""

    def __init__(self, seed: str = "", size: int = 300, *, shared: int = 0, key: LogKey = KEY) -> None:
        """`shared`: so many entries are those of the history without a seed."""
        leaves = [leaf_hash(f"{seed if n >= shared else ''} entry {n}".encode()) for n in range(size)]
        tiles = Edge(0, []).append(leaves)
        self.key = key
        self._tree = Tree(_Tiles(tiles), size)

    def note(self, size: int) -> str:
        body = Checkpoint(self.key.name, size, self._tree.root(size)).body()
        return assemble(body, self.key.sign(body))

    def request(self, old: int, size: int) -> bytes:
        """`add-checkpoint` as an honest log sends it."""
        proof = self._tree.consistency(old, size) if old <= size else []
        return AddCheckpoint(old, tuple(proof), self.note(size)).text().encode()


class _Tiles:
    def __init__(self, tiles: dict[tuple[int, int], bytes]) -> None:
        self._tiles = tiles

    def tile(self, level: int, index: int) -> bytes:
        return self._tiles[level, index]
