"""What the commands of `edigw mapping` work on: a binding, a version of it, or an overlay, as a user names it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edigw.admin.output import CommandError, reason
from edigw.mapping import library
from edigw.mapping.analysis.examples import Example, examples
from edigw.mapping.library import AnyBinding
from edigw.mapping.overlay import Adapted, Overlay, load_overlay
from edigw.mapping.versions import spans
from edigw.mapping.xml.parsing import root_of
from edigw.resources import shipped

_FOLDERS = ("golden", "scenarios", "ubl")  # of samples: where the examples of the shipped bindings lie


@dataclass(frozen=True, slots=True)
class Subject:
    """A binding in one directory version, with an overlay if one was named."""

    binding: str
    version: str
    overlay: Overlay | None = None

    def __str__(self) -> str:
        named = str(self.overlay.file) if self.overlay else self.binding
        return f"{named} {self.version}"

    def adapted(self) -> Adapted:
        """Its rules. Raises BindingError."""
        return library.adapted(self.binding, self.overlay)

    def compiled(self, example: Example | None = None) -> AnyBinding:
        """With the overlay of an example that brings one. Raises BindingError."""
        overlay = self.overlay or (example.overlay if example else None)
        return library.binding(self.binding, self.version, overlay)

    @property
    def kind(self) -> str:
        """How the names of its examples end: "850", "xml"."""
        entry = self.adapted().entry
        return "xml" if entry["standard"] == "ubl" else str(entry["message"])

    def examples(self) -> list[Example]:
        """Those of the overlay, else those that ship: they are for the binding that is called like its message, not for
        one of other versions ("transport/214_004030")."""
        kind = self.kind
        if self.overlay is not None:
            return examples(self.overlay.examples, kind)
        message = str(self.adapted().entry["message"])
        if self.binding.rpartition("/")[2] != message:
            return []
        found = [example for name in _FOLDERS for example in examples(shipped("samples") / name, kind)]
        return [one for one in found if root_of(one.message.read_bytes()) == message] if kind == "xml" else found


def subject(text: str, version: str = "") -> Subject:
    """What `text` names: "order/850", "order/850:005010", or an overlay file. `version` goes before the one that stands
    in it; without either it is the first that the overlay or the binding is for. Raises CommandError, BindingError."""
    if text.endswith((".yaml", ".yml")):
        try:
            overlay = load_overlay(Path(text))
        except OSError as error:
            raise CommandError(f"{text}: {reason(error)}") from error
        name, stated = overlay.extends, ""
    else:
        overlay = None
        name, _, stated = text.partition(":")
    known = library.adapted(name, overlay).entry["versions"]
    chosen = version or stated or next(iter(overlay.versions if overlay else ()), known[0])
    if chosen not in known or (overlay is not None and not overlay.fits(name, chosen)):
        allowed = overlay.versions if overlay and overlay.versions else known
        raise CommandError(f"{text} is for {', '.join(spans(allowed))}, not for {chosen}")
    return Subject(name, chosen, overlay)


def shipped_subjects() -> list[Subject]:
    """Every binding that ships with the gateway, in its first version."""
    return [subject(name) for name in library.names()]
