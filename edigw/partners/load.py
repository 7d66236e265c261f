"""Reading a configuration: edigw.toml, and beside it routes.toml and the folders `partners` and `agreements`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from edigw.partners.agreed import unknown_forms
from edigw.partners.agreements import Pair, agreed
from edigw.partners.checks import agreement_problems, partner_problems, settings_problems, shared_problems
from edigw.partners.config import Config
from edigw.partners.decode import read_toml
from edigw.partners.errors import ConfigError, did_you_mean
from edigw.partners.files import Files, digest_of
from edigw.partners.keys import read_key_file
from edigw.partners.openpgp import openpgp_problems, own_key_problems
from edigw.partners.routing import route_problems
from edigw.partners.tables.agreement import AgreementFile
from edigw.partners.tables.base import DatedKey
from edigw.partners.tables.login import Login
from edigw.partners.tables.partner import Partner, PartnerFile
from edigw.partners.tables.routes import Route, RoutesFile
from edigw.partners.tables.settings import Settings
from edigw.partners.tables.translation import AgreedOverlay
from edigw.partners.translation import translation_problems

if TYPE_CHECKING:
    from edigw.directory.guides.model import Guide
    from edigw.partners.adaptation import Adaptation

PARTNERS, AGREEMENTS, ROUTES = "partners", "agreements", "routes.toml"
_CODE = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_SQLITE_FILE = re.compile(r"^(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)([^?]+)")


def load(path: Path, *, private_keys: bool = True) -> Config:
    """The configuration at `path` (edigw.toml), checked, with absolute paths.

    `private_keys=False` leaves the gateway's own key files alone, for commands that only look at stored data.
    Raises ConfigError for the first thing that is wrong."""
    found = examine(path, private_keys=private_keys)
    if found.config is None:
        raise found.problems[0]
    return found.config


def is_code(text: str) -> bool:
    """Whether this may be a partner's code: the name of its file without `.toml`."""
    return _CODE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Examined:
    """What the files say: the configuration, or everything that is wrong with them, file by file. `paths` are all files
    that were looked for, there or not: a change in one of them may change the result."""

    config: Config | None
    problems: list[ConfigError]
    paths: frozenset[Path]


def examine(path: Path, *, private_keys: bool = True, bindings: bool = False) -> Examined:
    """Read and check the configuration at `path`. Never raises for what the files say.

    `bindings=True` also looks whether every agreed form has a binding that writes it, which takes longer."""
    reading = _Reading(Files(path.absolute().parent), private_keys, bindings)
    settings = reading.settings(path.absolute())
    partners = reading.partners(settings)
    agreements = reading.agreements(partners)
    routes = reading.routes(partners)
    reading.directories()
    paths = frozenset(reading.files.paths)
    if settings is None or reading.problems:
        return Examined(None, [reading.files.located(problem) for problem in reading.problems], paths)
    values = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    sources = reading.files.sources
    found = Config(
        **values,
        path=path.absolute(),
        partners=partners,
        agreements=agreements,
        routes=routes,
        sources=sources,
        digest=digest_of({name: source.sha256 for name, source in sources.items()}),
    )
    return Examined(found, [], paths)


@dataclass
class _Reading:
    """One passage over the files, and what was wrong so far."""

    files: Files
    private_keys: bool
    bindings: bool
    problems: list[ConfigError] = field(default_factory=list)

    def settings(self, path: Path) -> Settings | None:
        try:
            found = self.files.table(path, Settings)
        except ConfigError as error:
            self.problems.append(error)
            return None
        self._told(path.name, settings_problems(found, self.private_keys))
        for authority in found.log.authorities:
            if authority.roots.is_file():
                self.files.remember(authority.roots, authority.roots.read_bytes())
        if self.private_keys:
            self._told(path.name, own_key_problems(found))
        local = _SQLITE_FILE.sub(lambda url: f"{url[1]}{self.files.folder / url[2]}", found.database)
        return msgspec.structs.replace(found, database=local)

    def directories(self) -> None:
        """The user's own directories, which the environment names."""
        from edigw.directory import OwnDirectoryError, open_own

        try:
            open_own()
        except OwnDirectoryError as error:
            self.problems.append(ConfigError(str(error.path), "", error.text))

    def partners(self, settings: Settings | None) -> dict[str, Partner]:
        found: dict[str, Partner] = {}
        for path in self.files.below(PARTNERS):
            try:
                found[path.stem] = self._partner(path)
            except ConfigError as error:
                self.problems.append(error)
        for code, partner in found.items():
            name = f"{PARTNERS}/{code}.toml"
            self._told(name, unknown_forms(partner, self.bindings))
            self._told(name, partner_problems(partner, self.private_keys))
            self._told(name, translation_problems(partner, partner.adaptations))
            self._told(name, openpgp_problems(partner, settings))
        for partner, key, text in shared_problems(list(found.values())):
            self.problems.append(ConfigError(f"{PARTNERS}/{partner.code}.toml", key, text))
        return found

    def agreements(self, partners: dict[str, Partner]) -> dict[tuple[str, str], Pair]:
        found: dict[tuple[str, str], Pair] = {}
        for path in self.files.below(AGREEMENTS):
            try:
                pair = self._agreement(path, partners)
                if pair is None:
                    continue
                key = (pair.sender.code, pair.receiver.code)
                if key in found:
                    text = f"there is an agreement of {key[0]} and {key[1]} already; join the two"
                    raise ConfigError(self.files.named(path), "receiver", text)
                found[key] = pair
            except ConfigError as error:
                self.problems.append(error)
        return found

    def routes(self, partners: dict[str, Partner]) -> tuple[Route, ...]:
        path = self.files.folder / ROUTES
        self.files.paths.add(path)
        if not path.exists():
            return ()
        try:
            found = self.files.table(path, RoutesFile)
        except ConfigError as error:
            self.problems.append(error)
            return ()
        known = {*partners, *self._wrong_partners()}
        self._told(ROUTES, route_problems(found.routes, known))
        return found.routes

    def _wrong_partners(self) -> set[str]:
        """The codes of partners whose files are wrong, which is told already."""
        return {Path(problem.file).stem for problem in self.problems if problem.file.startswith(f"{PARTNERS}/")}

    def _told(self, name: str, problems: Iterable[tuple[str, str]]) -> None:
        self.problems += [ConfigError(name, key, text) for key, text in problems]

    def _partner(self, path: Path) -> Partner:
        name = self.files.named(path)
        if not is_code(path.stem):
            raise ConfigError(name, "", "the name before .toml is the partner's code: a-z, 0-9 and '-' only")
        found = self.files.table(path, PartnerFile)
        if found.login:
            found = msgspec.structs.replace(found, login=self._with_key_files(found.login, name))
        values = {key: getattr(found, key) for key in PartnerFile.__struct_fields__}
        return Partner(
            **values,
            code=path.stem,
            loaded_guides=self._guides(name, found.guides),
            certificates=tuple(
                self.files.beside(path, name, f"openpgp.key_files[{number}]")
                for number, path in enumerate(found.openpgp.key_files, 1)
            ),
            adaptations=self._overlays(name, found.overlays),
        )

    def _agreement(self, path: Path, partners: dict[str, Partner]) -> Pair | None:
        """None if the file of one of the two is wrong, which is told already."""
        name = self.files.named(path)
        found = self.files.table(path, AgreementFile)
        for key, code in (("sender", found.sender), ("receiver", found.receiver)):
            if code in self._wrong_partners():
                return None
            if code not in partners:
                raise ConfigError(name, key, f'there is no partner "{code}"{did_you_mean(code, partners)}')
        written = read_toml(self.files.texts[name], name)
        sender, receiver = partners[found.sender], partners[found.receiver]
        pair = agreed(sender, receiver, found, written)
        overlays = self._overlays(name, found.overlays)
        guides = self._guides(name, found.guides) if "guides" in written else sender.loaded_guides
        pair = Pair(
            msgspec.structs.replace(pair.sender, loaded_guides=guides, adaptations=(*overlays, *sender.adaptations)),
            msgspec.structs.replace(pair.receiver, adaptations=(*overlays, *receiver.adaptations)),
        )
        self._told(name, agreement_problems(found, pair, Pair(sender, receiver)))
        self._told(name, unknown_forms(msgspec.structs.replace(pair.receiver, receives=found.receives), self.bindings))
        self._told(name, translation_problems(pair.receiver, overlays))
        return pair

    def _guides(self, name: str, paths: tuple[Path, ...]) -> tuple[Guide, ...]:
        return tuple(self._guide(name, f"guides[{number}]", path) for number, path in enumerate(paths, 1))

    def _guide(self, name: str, key: str, path: Path) -> Guide:
        from edigw.directory.guides import parse_guide, problems

        guide, wrong = parse_guide(self.files.beside(path, name, key), path)
        wrong = wrong or problems(guide)
        if guide is None or wrong:
            line = f"line {wrong[0].line}: " if wrong[0].line else ""
            raise ConfigError(name, key, f"{path.name}: {line}{wrong[0].reason}")
        return guide

    def _overlays(self, name: str, overlays: tuple[AgreedOverlay, ...]) -> tuple[Adaptation, ...]:
        return tuple(self._overlay(name, f"overlays[{n}].file", each) for n, each in enumerate(overlays, 1))

    def _overlay(self, name: str, key: str, agreed: AgreedOverlay) -> Adaptation:
        from edigw.mapping.errors import BindingError
        from edigw.mapping.overlay import parse_overlay
        from edigw.partners.adaptation import Adaptation, check

        content = self.files.beside(agreed.file, name, key)
        try:
            overlay = parse_overlay(content, agreed.file)
            check(overlay, every_version=self.bindings, compiled=self.private_keys or self.bindings)
        except BindingError as error:
            raise ConfigError(name, key, str(error)) from None
        return Adaptation(agreed.direction, overlay)

    def _with_key_files(self, login: Login, name: str) -> Login:
        keys: list[DatedKey | str] = [*login.keys]
        for number, path in enumerate(login.key_files, 1):
            content = read_key_file(path)
            if isinstance(content, str):
                raise ConfigError(name, f"login.key_files[{number}]", content)
            self.files.remember(path, content)
            lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
            keys += [line for line in lines if line and not line.startswith("#")]
        return msgspec.structs.replace(login, keys=tuple(keys))
