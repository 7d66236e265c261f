"""Reading a configuration: edigw.toml and the partner files in the folder `partners` beside it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from edigw.partners.agreed import unknown_forms
from edigw.partners.checks import partner_problems, settings_problems, shared_problems
from edigw.partners.config import Config
from edigw.partners.decode import decode, located
from edigw.partners.errors import ConfigError
from edigw.partners.keys import read_key_file
from edigw.partners.tables.login import Login
from edigw.partners.tables.partner import Partner, PartnerFile
from edigw.partners.tables.settings import Settings
from edigw.partners.tables.translation import AgreedOverlay
from edigw.partners.translation import translation_problems

if TYPE_CHECKING:
    from edigw.directory.guides.model import Guide
    from edigw.partners.adaptation import Adaptation

S = TypeVar("S", bound=msgspec.Struct)

FOLDER = "partners"
_CODE = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_LARGEST = 1_000_000  # bytes of one configuration file
_SQLITE_FILE = re.compile(r"^(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)([^?]+)")


def load(path: Path, *, private_keys: bool = True) -> Config:
    """The configuration at `path` (edigw.toml), checked, with absolute paths.

    `private_keys=False` leaves the gateway's own key files alone, for commands that only look at stored data.
    Raises ConfigError for the first thing that is wrong."""
    config, problems = examine(path, private_keys=private_keys)
    if config is None:
        raise problems[0]
    return config


def examine(
    path: Path, *, private_keys: bool = True, bindings: bool = False
) -> tuple[Config | None, list[ConfigError]]:
    """The configuration at `path`, or None and everything that is wrong with it, file by file.

    `bindings=True` also looks whether every agreed form has a binding that writes it, which takes longer."""
    reading = _Reading(path.absolute().parent, private_keys, bindings)
    settings = reading.settings(path.absolute())
    partners = reading.partners()
    if settings is None or reading.problems:
        return None, [reading.located(problem) for problem in reading.problems]
    values = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    found = Config(
        **values,
        path=path.absolute(),
        partners=partners,
        guides=reading.guides,
        adaptations=reading.adaptations,
        digest=reading.digest(),
    )
    return found, []


@dataclass
class _Reading:
    """One passage over the files: what was wrong so far, and the hashes of what was read."""

    folder: Path
    private_keys: bool
    bindings: bool
    problems: list[ConfigError] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)  # of the TOML files
    guides: dict[str, tuple[Guide, ...]] = field(default_factory=dict)
    adaptations: dict[str, tuple[Adaptation, ...]] = field(default_factory=dict)

    def settings(self, path: Path) -> Settings | None:
        try:
            found = _resolved(decode(self.content(path), Settings, path.name), self.folder)
        except ConfigError as error:
            self.problems.append(error)
            return None
        self.problems += [ConfigError(path.name, *told) for told in settings_problems(found, self.private_keys)]
        local = _SQLITE_FILE.sub(lambda url: f"{url[1]}{self.folder / url[2]}", found.database)
        return msgspec.structs.replace(found, database=local)

    def partners(self) -> dict[str, Partner]:
        found: dict[str, Partner] = {}
        for path in sorted((self.folder / FOLDER).glob("*.toml")):
            try:
                found[path.stem] = self.partner(path)
            except ConfigError as error:
                self.problems.append(error)
        for code, partner in found.items():
            overlays = self.adaptations.get(code, ())
            told = [
                *unknown_forms(partner, self.bindings),
                *partner_problems(partner, self.private_keys),
                *translation_problems(partner, overlays),
            ]
            self.problems += [ConfigError(f"{FOLDER}/{code}.toml", key, text) for key, text in told]
        for partner, key, text in shared_problems(list(found.values())):
            self.problems.append(ConfigError(f"{FOLDER}/{partner.code}.toml", key, text))
        return found

    def partner(self, path: Path) -> Partner:
        name = f"{FOLDER}/{path.name}"
        if not _CODE.fullmatch(path.stem):
            raise ConfigError(name, "", "the name before .toml is the partner's code: a-z, 0-9 and '-' only")
        found = _resolved(decode(self.content(path), PartnerFile, name), path.parent)
        if found.login:
            found = msgspec.structs.replace(found, login=self.with_key_files(found.login, name))
        if found.guides:
            self.guides[path.stem] = tuple(self.guide(name, n, each) for n, each in enumerate(found.guides, 1))
        if found.overlays:
            self.adaptations[path.stem] = tuple(self.overlay(name, n, each) for n, each in enumerate(found.overlays, 1))
        values = {key: getattr(found, key) for key in PartnerFile.__struct_fields__}
        return Partner(**values, code=path.stem)

    def guide(self, name: str, number: int, path: Path) -> Guide:
        from edigw.directory.guides import parse_guide, problems

        try:
            content = path.read_bytes()
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise ConfigError(name, f"guides[{number}]", f"{path}: {reason}") from None
        guide, wrong = parse_guide(content, path)
        wrong = wrong or problems(guide)
        if guide is None or wrong:
            line = f"line {wrong[0].line}: " if wrong[0].line else ""
            raise ConfigError(name, f"guides[{number}]", f"{path.name}: {line}{wrong[0].reason}")
        self.remember(path, content)
        return guide

    def overlay(self, name: str, number: int, agreed: AgreedOverlay) -> Adaptation:
        from edigw.mapping.errors import BindingError
        from edigw.mapping.overlay import parse_overlay
        from edigw.partners.adaptation import Adaptation, check

        key = f"overlays[{number}].file"
        try:
            content = agreed.file.read_bytes()
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise ConfigError(name, key, f"{agreed.file}: {reason}") from None
        try:
            overlay = parse_overlay(content, agreed.file)
            check(overlay, every_version=self.bindings, compiled=self.private_keys or self.bindings)
        except BindingError as error:
            raise ConfigError(name, key, str(error)) from None
        self.remember(agreed.file, content)
        return Adaptation(agreed.direction, overlay)

    def with_key_files(self, login: Login, name: str) -> Login:
        keys = [*login.keys]
        for number, path in enumerate(login.key_files, 1):
            content = read_key_file(path)
            if isinstance(content, str):
                raise ConfigError(name, f"login.key_files[{number}]", content)
            self.remember(path, content)
            lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
            keys += [line for line in lines if line and not line.startswith("#")]
        return msgspec.structs.replace(login, keys=tuple(keys))

    def content(self, path: Path) -> bytes:
        name = self.named(path)
        try:
            with path.open("rb") as file:
                text = file.read(_LARGEST + 1)
        except OSError as error:
            raise ConfigError(str(path), "", (error.strerror or type(error).__name__).lower()) from None
        if len(text) > _LARGEST:
            raise ConfigError(name, "", "far too large for a configuration")
        self.remember(path, text)
        self.texts[name] = text
        return text

    def located(self, problem: ConfigError) -> ConfigError:
        text = self.texts.get(problem.file)
        return problem if text is None or problem.line is not None else located(problem, text)

    def named(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else str(path)

    def remember(self, path: Path, content: bytes) -> None:
        self.hashes[self.named(path)] = hashlib.sha256(content).hexdigest()

    def digest(self) -> str:
        """SHA-256 over what sha256sum prints for the files: a line `hash, two blanks, name` each, by name."""
        lines = [f"{self.hashes[name]}  {name}\n" for name in sorted(self.hashes)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _resolved(struct: S, folder: Path) -> S:
    """`struct` with every path in it made absolute, as seen from `folder`."""
    changed: dict[str, Any] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, Path):
            changed[name] = folder / value
        elif isinstance(value, tuple) and any(isinstance(item, msgspec.Struct) for item in value):
            changed[name] = tuple(_resolved(item, folder) for item in value)
        elif isinstance(value, msgspec.Struct):
            changed[name] = _resolved(value, folder)
        elif isinstance(value, tuple) and any(isinstance(item, Path) for item in value):
            changed[name] = tuple(folder / item for item in value)
    return msgspec.structs.replace(struct, **changed)
