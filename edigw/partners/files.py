"""The files of a configuration: read within bounds, remembered with their hashes, found again for the line of a key."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from edigw.partners.decode import decode, located
from edigw.partners.errors import ConfigError
from edigw.partners.secrets import masked

S = TypeVar("S", bound=msgspec.Struct)

_LARGEST = 1_000_000  # bytes of one configuration file


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it counts: with "***" in place of secrets. `sha256` is that of this content, in hex."""

    content: bytes
    sha256: str


@dataclass
class Files:
    """One passage over the files below the folder of edigw.toml, and those that they name."""

    folder: Path
    sources: dict[str, Source] = field(default_factory=dict)  # by name
    paths: set[Path] = field(default_factory=set)  # of all files that were looked for, there or not
    texts: dict[str, bytes] = field(default_factory=dict)  # of the TOML files, with their secrets

    def named(self, path: Path) -> str:
        """How a file is called in messages and in the digest: as seen from the folder."""
        path = Path(os.path.normpath(path))
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else str(path)

    def table(self, path: Path, kind: type[S]) -> S:
        """A TOML file as a struct, with paths made absolute. Raises ConfigError."""
        name = self.named(path)
        self.paths.add(path)
        try:
            with path.open("rb") as file:
                text = file.read(_LARGEST + 1)
        except OSError as error:
            raise ConfigError(str(path), "", (error.strerror or type(error).__name__).lower()) from None
        if len(text) > _LARGEST:
            raise ConfigError(name, "", "far too large for a configuration")
        self.texts[name] = text
        found = _resolved(decode(text, kind, name), path.parent)
        self.remember(path, masked(text, kind))
        self.paths.update(_named_files(found))
        return found

    def beside(self, path: Path, name: str, key: str) -> bytes:
        """The content of a file that `key` of the file `name` names. Raises ConfigError."""
        self.paths.add(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(name, key, f"{path}: {(error.strerror or type(error).__name__).lower()}") from None
        self.remember(path, content)
        return content

    def remember(self, path: Path, content: bytes) -> None:
        """Let a file's content count."""
        self.paths.add(path)
        self.sources[self.named(path)] = Source(content, hashlib.sha256(content).hexdigest())

    def below(self, folder: str) -> Iterator[Path]:
        """The TOML files of a folder, by name."""
        yield from sorted((self.folder / folder).glob("*.toml"))

    def located(self, problem: ConfigError) -> ConfigError:
        """The problem with the line of its key."""
        text = self.texts.get(problem.file)
        return problem if text is None or problem.line is not None else located(problem, text)


def digest_of(hashes: Mapping[str, str]) -> str:
    """The digest of a configuration: SHA-256 over what sha256sum prints for its files, a line `hash, two blanks, name`
    each, by name."""
    lines = [f"{hashes[name]}  {name}\n" for name in sorted(hashes)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _named_files(struct: msgspec.Struct) -> Iterator[Path]:
    """What stands in keys that name files, `key_file` and the like."""
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, msgspec.Struct):
                yield from _named_files(item)
            elif isinstance(item, Path) and name.endswith(("key_file", "_keys", "_files")):
                yield item


def _resolved(struct: S, folder: Path) -> S:
    """`struct` with every path in it made absolute, as seen from `folder`."""
    changed: dict[str, Any] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, Path):
            changed[name] = folder / value
        elif isinstance(value, tuple) and any(isinstance(item, msgspec.Struct) for item in value):
            changed[name] = tuple(_resolved(i, folder) if isinstance(i, msgspec.Struct) else i for i in value)
        elif isinstance(value, msgspec.Struct):
            changed[name] = _resolved(value, folder)
        elif isinstance(value, tuple) and any(isinstance(item, Path) for item in value):
            changed[name] = tuple(folder / item for item in value)
    return msgspec.structs.replace(struct, **changed)
