"""The tree's tiles in the database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from edigw.log.errors import LogDamaged
from edigw.log.merkle import Edge, Tree
from edigw.store.schema import ev_state, ev_tile
from edigw.store.upsert import replace_rows

STATE = 1  # the id of the only row of ev_state
_TILE = select(ev_tile.c.data).where(ev_tile.c.level == bindparam("of_level"), ev_tile.c.idx == bindparam("at"))
_STATE = select(ev_state.c.size, ev_state.c.root).where(ev_state.c.id == STATE)


class SqlTiles:
    """`merkle.TileSource` over the table `ev_tile`, in the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tile(self, level: int, index: int) -> bytes:
        """Raises LogDamaged if the row is missing."""
        data = self._connection.scalar(_TILE, {"of_level": level, "at": index})
        if data is None:
            raise LogDamaged(f"ev_tile row {level}/{index} is missing")
        return bytes(data)


def read_state(connection: Connection) -> tuple[int, bytes]:
    """Size and root of the tree. Raises LogDamaged if the row is missing."""
    row = connection.execute(_STATE).first()
    if row is None:
        raise LogDamaged("ev_state has no row: the log was not opened, or the row was deleted")
    return row.size, bytes(row.root)


def read_tree(connection: Connection) -> Tree:
    """The tree as the caller's transaction sees it."""
    return Tree(SqlTiles(connection), read_state(connection)[0])


def load_edge(connection: Connection, size: int) -> Edge:
    """The growing tiles of a tree of `size` leaves."""
    source = SqlTiles(connection)
    return Edge(size, [source.tile(level, index) for level, index in Edge.positions(size)])


def store_tiles(connection: Connection, tiles: Mapping[tuple[int, int], bytes]) -> None:
    """Writes new tiles and tiles that grew."""
    rows = [{"level": level, "idx": index, "data": data} for (level, index), data in tiles.items()]
    replace_rows(connection, ev_tile, rows)
