"""XML as text: UTF-8, indented by two, with UBL's usual prefixes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from edigw.mapping.xml.content import NAMESPACES, ROOT
from edigw.mapping.xml.placing import Made
from edigw.mapping.xml.reader import shown, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MARKUP = re.compile("[&<>\r]").search
_IN_TEXT = {"\r": "&#13;"}
_IN_ATTRIBUTES = {**_IN_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


def serialised(root: Made) -> str:
    """A document; the root is named without a prefix, and its namespace is UBL's of that name."""
    spaces = {"xmlns": ROOT.format(root.name), **{f"xmlns:{prefix}": uri for prefix, uri in NAMESPACES.items()}}
    lines = [_HEAD]
    _element(root, "", {**spaces, **root.attributes}, lines)
    return "".join(lines)


def _element(made: Made, indent: str, attributes: dict[str, str], lines: list[str]) -> None:
    head = f"{indent}<{made.name}"
    for name, value in attributes.items():
        head += f' {name}="{escape(value, _IN_ATTRIBUTES)}"'
    if not made.children:
        lines.append(f"{head}>{_text(made.text)}</{made.name}>\n" if made.text else f"{head}/>\n")
        return
    lines.append(f"{head}>{_text(made.text)}\n")
    inner = f"{indent}  "
    for child in made.children:
        _element(child, inner, child.attributes, lines)
    lines.append(f"{indent}</{made.name}>\n")


def _text(text: str) -> str:
    return escape(text, _IN_TEXT) if _MARKUP(text) else text


def normal(root: _Element) -> str:
    """A document that somebody else wrote, as one of ours would look: for comparing."""
    made = _made(root)
    made.name = made.name.rpartition("}")[2]
    return serialised(made)


def _made(element: _Element) -> Made:
    attributes: dict[Any, Any] = dict(element.attrib)
    text = text_of(element)
    named = {shown(str(name)): str(value) for name, value in attributes.items()}
    return Made(shown(str(element.tag)), text if text.strip() else "", named, [_made(child) for child in element])
