"""HTML, written by functions. Text is escaped wherever it goes in; only what `tag` made goes in as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from typing import TypeAlias

from edigw.admin.output import printable


class Markup(str):
    """Finished HTML."""

    __slots__ = ()


Child: TypeAlias = str | Iterable["Child"] | None

_VOID = frozenset({"meta", "br", "hr", "wbr"})
_BREAKS = re.compile(r"(?<=[/,|.\]])(?=\S)|(?=\[)|(?<=[a-z])(?=[A-Z])")
_KINDS = {"error": "bad", "warning": "warn", "note": "note"}
_SIGNS = {"error": "✕", "warning": "!", "note": "·", "ok": "✓"}


def tag(name: str, /, *children: Child, **attributes: str | None) -> Markup:
    """An element. A trailing _ in an attribute's name is dropped (`class_`), None leaves the attribute out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Elements and texts one after the other."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(escape(printable(child)))
        else:
            parts.append(join(*child))
    return Markup("".join(parts))


def location(path: str) -> Markup:
    """A path that may be broken between its steps, and its names between their words."""
    parts = _BREAKS.split(path)
    return tag("code", [[tag("wbr") if n else None, part] for n, part in enumerate(parts)], class_="path")


def paragraphs(text: str) -> list[Markup]:
    """A note with empty lines in it, as paragraphs."""
    return [tag("p", " ".join(part.split())) for part in text.split("\n\n") if part.strip()]


def status(severity: str, word: str) -> Markup:
    """A shape, a word and a colour: never colour alone."""
    kind = "ok" if severity == "ok" else _KINDS[severity]
    return tag("span", tag("span", _SIGNS[severity], aria_hidden="true"), f" {word}", class_=f"st {kind}")


def table(heads: Iterable[str], rows: Iterable[Child], class_: str = "") -> Markup:
    """A table with a head; `rows` are finished `tr` elements."""
    head = tag("thead", tag("tr", [tag("th", text, scope="col") for text in heads]))
    return tag("div", tag("table", head, tag("tbody", *rows), class_=class_ or None), class_="scroll")


def facts(pairs: Iterable[tuple[str, Child]]) -> Markup:
    """Names with values; pairs without a value are left out."""
    return tag("dl", [(tag("dt", name), tag("dd", value)) for name, value in pairs if value], class_="facts")


def page(title: str, *body: Child) -> str:
    """A whole document."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
        tag("title", title),
        tag("style", Markup(_style())),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', tag('main', *body)), lang='en')}\n"


@cache
def _style() -> str:
    return (Path(__file__).parent / "page.css").read_text("utf-8")
