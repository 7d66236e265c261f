"""Which bytes of a file have been seen, when blocks may come in any order."""

MAX_ISLANDS = 4096


class Scattered(Exception):
    """The blocks are spread over more separate ranges than a well-meaning client needs."""


class Extents:
    """A set of byte positions, kept as the run from 0 (`frontier`) and the islands beyond it."""

    __slots__ = ("_islands", "frontier")

    def __init__(self, frontier: int = 0) -> None:
        self.frontier = frontier
        self._islands: list[tuple[int, int]] = []  # unordered, may overlap; none touches the frontier

    def add(self, start: int, end: int) -> None:
        """Mark [start, end).

        Raises Scattered when more than MAX_ISLANDS separate ranges would have to be kept.
        """
        if start > self.frontier:
            self._islands.append((start, end))
            if len(self._islands) > MAX_ISLANDS:
                self._islands = self._merged()
                if len(self._islands) > MAX_ISLANDS // 2:
                    raise Scattered
            return
        self.frontier = max(self.frontier, end)
        if self._islands:
            self._absorb()

    def cut(self, size: int) -> None:
        """Forget everything from `size` on."""
        self.frontier = min(self.frontier, size)
        self._islands = [(start, min(end, size)) for start, end in self._islands if start < size]

    @property
    def hole(self) -> tuple[int, int] | None:
        """The first range [start, end) that is missing before the last byte seen."""
        return (self.frontier, min(start for start, _ in self._islands)) if self._islands else None

    @property
    def count(self) -> int:
        """How many distinct bytes were seen."""
        return self.frontier + sum(end - start for start, end in self._merged())

    def _absorb(self) -> None:
        while reached := [island for island in self._islands if island[0] <= self.frontier]:
            self._islands = [island for island in self._islands if island[0] > self.frontier]
            self.frontier = max(self.frontier, *(end for _, end in reached))

    def _merged(self) -> list[tuple[int, int]]:
        merged: list[tuple[int, int]] = []
        for start, end in sorted(self._islands):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged
