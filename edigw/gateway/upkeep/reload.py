"""A running process and the files of its configuration: what is good is taken over, what is not is told.

Every process looks at the files by itself, so that processes on other machines, which see the same files, follow, too.
Jobs at hand finish under the configuration with which they began (`edigw.gateway.context.Current`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from edigw.gateway.context import Current, open_keyring
from edigw.gateway.desk import held
from edigw.gateway.upkeep import maps
from edigw.gateway.upkeep.configuration import changes, hashes, record
from edigw.log.errors import LogError
from edigw.openpgp.errors import OpenPgpKeyError
from edigw.partners.errors import ConfigError
from edigw.partners.load import AGREEMENTS, PARTNERS, Examined, examine
from edigw.partners.tables.settings import AT_RESTART
from edigw.store.errors import StoreError

_logger = logging.getLogger("edigw.configuration")
TOLD = 10  # mistakes in one message

_Seen: TypeAlias = tuple[tuple[str, int, int, int], ...]


class Reloader:
    """Watches the files of one process. Used by one thread at a time."""

    def __init__(self, current: Current) -> None:
        self._current = current
        self._examined: _Seen | None = None  # how the files were when they were last read
        self._last: _Seen | None = None  # how they were at the last look
        self._paths: frozenset[Path] = frozenset()
        self._complaint = ""

    def begin(self) -> None:
        """Put into the log which configuration and bindings this process begins with. Raises StoreError, LogError."""
        record(self._current.context, self._current.context.config)
        maps.record(self._current.context)

    def look(self, *, at_once: bool = False) -> bool:
        """Read the files if they have changed; whether another configuration counts now.

        Only what was the same at two looks is read: somebody may be writing. `at_once` reads in any case."""
        seen = self._seen()  # before they are read: what changes meanwhile is seen the next time
        settled = seen == self._last
        self._last = seen
        if not at_once and (not settled or seen == self._examined):
            return False
        examined = examine(self._current.context.config.path)
        same_files = examined.paths == self._paths
        self._paths = examined.paths
        try:
            changed = self._take(examined)
        except OpenPgpKeyError as error:
            _logger.error("the configuration has changed, but a key can't be used: %s", error)
            return False
        except (StoreError, LogError) as error:
            _logger.error("the configuration has changed, but that can't be put into the log: %s", error)
            return False
        self._examined = seen if same_files else None
        return changed

    def _take(self, examined: Examined) -> bool:
        before, config = self._current.context.config, examined.config
        if config is None:
            self._complain(examined.problems)
            return False
        self._complaint = ""
        if config.digest == before.digest:
            return False
        waiting = list(_differing(before, config))
        keys = open_keyring(config)
        record(self._current.context, config, waiting)
        counts = msgspec.structs.replace(config, **{name: getattr(before, name) for name in AT_RESTART})
        self._current.adopt(counts, keys)
        changed = changes(hashes(before), hashes(config))
        words = ", ".join(each.words for each in changed)
        _logger.warning("a new configuration counts, %s: %s", config.digest[:12], words)
        self._tell_held()
        if waiting:
            _logger.warning("of it, this counts when the gateway starts anew: %s", ", ".join(waiting))
        return True

    def _tell_held(self) -> None:
        """Files that were held for want of something may find it now."""
        with self._current.context.database.read() as conn:
            waiting = held.reasons(conn)
        for reason in held.SETUP:
            if waiting[reason]:
                again = f"edigw reprocess --held-for {reason}"
                _logger.warning("%d files are held for %s; if that is set up now: %s", waiting[reason], reason, again)

    def _complain(self, problems: Sequence[ConfigError]) -> None:
        told = "; ".join(map(str, problems[:TOLD]))
        more = f"; and {len(problems) - TOLD} more" if len(problems) > TOLD else ""
        if told + more != self._complaint:
            self._complaint = told + more
            _logger.error("the files have mistakes, the configuration stays as it was: %s", self._complaint)

    def _seen(self) -> _Seen:
        """How all files are that could matter, without reading them."""
        path = self._current.context.config.path
        folders = (path.parent / name for name in (PARTNERS, AGREEMENTS))
        listed = (file for folder in folders for file in folder.glob("*.toml"))
        return tuple(map(_stat, sorted({path, *self._paths, *listed})))


def _stat(path: Path) -> tuple[str, int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), -1, 0, 0
    return str(path), found.st_size, found.st_mtime_ns, found.st_ino


def _differing(before: msgspec.Struct, after: msgspec.Struct) -> Iterator[str]:
    """The keys that count only at the next start, and differ."""
    for name in AT_RESTART:
        one, other = getattr(before, name), getattr(after, name)
        if isinstance(one, msgspec.Struct):
            inner = (key for key in one.__struct_fields__ if getattr(one, key) != getattr(other, key))
            yield from (f"{name}.{key}" for key in inner)
        elif one != other:
            yield name
