"""XML from partners, made harmless before a tree is built.

Expat looks over the file first and counts: no document type declaration, and so no entities of the sender's own, no
external parts, and bounds on size, depth, elements and attributes. Only what passes becomes a tree, and the parser that
makes it resolves nothing and fetches nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from edigw.mapping.xml.errors import XmlError

if TYPE_CHECKING:
    from lxml import etree

MOST_BYTES = 32_000_000
MOST_DEPTH = 64
MOST_ELEMENTS = 500_000
MOST_ATTRIBUTES = 64  # of one element, declarations of namespaces included
MOST_TEXT = 4_000_000  # characters of one text, which is less than lxml takes


class _Guard:
    """Handlers of expat that count."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.depth = 0
        self.elements = 0
        self.text = 0

    def refuse(self, reason: str) -> None:
        raise XmlError(reason, self.parser.CurrentLineNumber)

    def doctype(self, *_: object) -> None:
        self.refuse("a document type declaration is not allowed")

    def start(self, _name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        self.text = 0
        if self.depth > MOST_DEPTH:
            self.refuse(f"elements nested more than {MOST_DEPTH} deep")
        if self.elements > MOST_ELEMENTS:
            self.refuse(f"more than {MOST_ELEMENTS} elements")
        if len(attributes) > MOST_ATTRIBUTES:
            self.refuse(f"an element with more than {MOST_ATTRIBUTES} attributes")

    def end(self, _name: str) -> None:
        self.depth -= 1
        self.text = 0

    def characters(self, data: str) -> None:
        self.text += len(data)
        if self.text > MOST_TEXT:
            self.refuse(f"a text of more than {MOST_TEXT} characters")


def parse(data: bytes) -> etree._Element:
    """The root element of an XML file in UTF-8, UTF-16, ISO 8859-1 or US-ASCII. Raises XmlError with the line."""
    if len(data) > MOST_BYTES:
        raise XmlError(f"more than {MOST_BYTES} bytes")
    try:
        _Guard().parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(f"not well-formed XML: {expat.errors.messages[error.code]}", error.lineno) from None
    except (LookupError, ValueError) as error:  # the declaration names an encoding that Python has no decoder for
        raise XmlError(f"the encoding can't be read: {error}", 1) from None
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise XmlError(f"not well-formed XML: {error.msg}", error.lineno or 0) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # should the two parsers ever disagree about an encoding
        raise XmlError("a document type declaration is not allowed")
    return root


def root_of(data: bytes) -> str:
    """The name of the root element of an XML file, without its namespace. Raises XmlError."""
    return str(parse(data).tag).rpartition("}")[2]
