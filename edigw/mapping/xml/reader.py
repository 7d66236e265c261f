"""Reading: an XML tree into a document by a plan, with everything in it accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from edigw.documents import Part
from edigw.mapping.loss import Kind, Loss
from edigw.mapping.xml.codecs import NOT_MINE, NOTHING
from edigw.mapping.xml.content import NAMESPACES
from edigw.mapping.xml.loading import understood
from edigw.mapping.xml.notation import ANY, Pick, Test
from edigw.mapping.xml.plan import Body, Node, Place, Scope, ValueRule

if TYPE_CHECKING:
    from lxml.etree import _Element

NO_CURRENCY = "XXX"  # ISO 4217: no currency involved
CURRENCY = "$currency"
"""As a constant: the currency of the document."""

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = (f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation")
"""Where a schema may be found is no part of what a document says."""

_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}


@dataclass(slots=True)
class Found:
    """A text that stands at a place: of an element, or of one of its attributes ("" if it is none)."""

    text: str
    element: _Element
    attribute: str = ""
    used: bool = False


Frame: TypeAlias = dict[Place, Found]


def shown(tag: str) -> str:
    """A name in XPath: with its usual prefix, or `Q{namespace}name`."""
    uri, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    if uri in _PREFIXES:
        return f"{_PREFIXES[uri]}:{local}"
    return f"Q{{{uri}}}{local}" if uri else local


def text_of(element: _Element) -> str:
    """The text of an element without that of the elements in it."""
    if not len(element):
        return element.text or ""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def said(element: _Element, path: tuple[str, ...]) -> list[str]:
    """The texts at a path of a test."""
    found = [element]
    for name in path:
        if name.startswith("@"):
            return [text for one in found if (text := one.get(name[1:])) is not None]
        found = [child for one in found for child in one if shown(str(child.tag)) == name]
    return [text_of(one) for one in found]


def meets(element: _Element, test: Test) -> bool:
    """Whether an element passes a test."""
    texts = said(element, test.path)
    if test.codes == (ANY,):
        return bool(texts)
    if test.codes == ("",):
        return not texts
    return bool(texts) and texts[0].strip() in test.codes


@dataclass(slots=True)
class Reader:
    """One use: `Reader(...).document()`. `currency` is the document's, without which amounts can't be compared."""

    scope: Scope
    root: _Element
    currency: str | None
    losses: list[Loss] = field(default_factory=list)
    _steps: dict[_Element, dict[_Element, str]] = field(default_factory=dict)  # by the element around

    def document(self) -> Any:
        item = self.scope.cls()
        frame: Frame = {}
        self._body(self.root, self.scope.body, frame, item)
        self._settle(self.scope, frame, item)
        return item

    def _lose(self, kind: Kind, element: _Element, value: str, reason: str = "", attribute: str = "") -> None:
        place = self._place(element) + (f"/@{shown(attribute)}" if attribute else "")
        self.losses.append(Loss(kind, place, value, reason))

    def _place(self, element: _Element) -> str:
        """Where an element stands: `/Order/cac:OrderLine[2]/cbc:Note`; a number where there are several of a name."""
        steps = []
        around = element.getparent()
        while around is not None:
            if around not in self._steps:
                self._steps[around] = _numbered(around)
            steps.append(self._steps[around][element])
            element, around = around, around.getparent()
        name = shown(str(element.tag))
        steps.append(name.partition("}")[2] or name)
        return "/" + "/".join(reversed(steps))

    # elements

    def _body(self, element: _Element, body: Body, frame: Frame, item: Any) -> None:
        text = text_of(element)
        if not self._attributes(element, body, frame):
            self._lose("unreadable", element, text, "not in the currency of the document")
        elif body.text is not None:
            frame[body.text] = Found(text, element)
        elif text and not text.isspace():
            self._lose("unmapped", element, text)
        taken: set[int] = set()
        for child in element:
            node = self._taker(child, body.takers.get(child.tag, ()), taken)
            if node is None:
                self._unmapped(child)
                continue
            taken.add(id(node))
            if node.each is not None:
                self._item(child, node, item)
            else:
                self._body(child, node.body, frame, item)

    @staticmethod
    def _taker(child: _Element, takers: Sequence[Node], taken: set[int]) -> Node | None:
        for node in takers:
            if id(node) in taken and not (node.many and node.each):
                continue
            if not node.tests or all(meets(child, test) for test in node.tests):
                return node
        return None

    def _attributes(self, element: _Element, body: Body, frame: Frame) -> bool:
        """False: an amount of money is in another currency than the document, and its field can't say so."""
        right = True
        for key, given in element.items():
            name, value = str(key), str(given)
            if name in body.attributes:
                frame[body.attributes[name]] = Found(value, element, name)
            elif name == "currencyID" and body.text is not None:
                if value.strip() != (self.currency or NO_CURRENCY):
                    right = False
                    self._lose("unreadable", element, value, "not the currency of the document", "currencyID")
            elif value not in understood().get(name, ()) and name not in _HINTS:
                self._lose("unmapped", element, value, attribute=name)
        return right

    def _unmapped(self, element: _Element) -> None:
        """Every text and attribute of an element that no rule wants."""
        for key, given in element.items():
            name, value = str(key), str(given)
            if value not in understood().get(name, ()) and name not in _HINTS:
                self._lose("unmapped", element, value, attribute=name)
        text = text_of(element)
        if text.strip():
            self._lose("unmapped", element, text)
        for child in element:
            self._unmapped(child)

    # items

    def _item(self, element: _Element, node: Node, owner: Any) -> None:
        each = node.each
        assert each is not None  # noqa: S101 - the caller looked
        start = len(self.losses)
        read = each.scope.cls(**{name: codes[0] for name, codes in each.where.items()})
        if each.codec is not None:
            read = self._coded(element, node)
        else:
            frame: Frame = {}
            self._body(element, each.scope.body, frame, read)
            if not self._settle(each.scope, frame, read):
                del self.losses[start:]
                self._unmapped(element)
                return
        if read is not None and any(name not in each.where for name in _spoken(read)):
            if each.pick is not None:
                owner = _picked(owner, each.pick, each.owner)
            getattr(owner, each.list).append(read)

    def _coded(self, element: _Element, node: Node) -> Any:
        each = node.each
        assert each is not None and each.codec is not None  # noqa: S101 - the caller looked
        text = text_of(element)
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        constants = {name for name, place in node.body.attributes.items() if place.constant}
        used: frozenset[str] = frozenset()
        made = None
        if text.strip():
            made, used = each.codec.read(text, attributes)
            if made is None:
                self._lose("unreadable", element, text)
        for name, value in attributes.items():
            if name not in used | constants and value not in understood().get(name, ()):
                self._lose("unmapped", element, value, attribute=name)
        for child in element:
            self._unmapped(child)
        return made

    def _settle(self, scope: Scope, frame: Frame, item: Any) -> bool:
        """Apply the rules to what was found. False: what tells what the item is can't be read."""
        for rule in scope.rules:
            if not self._value(scope, rule, frame, item) and rule.key:
                return False
        for place in scope.constants:
            found = frame.get(place)
            if found is not None and not found.used:
                found.used = True
                expected = [self.currency or NO_CURRENCY if code == CURRENCY else code for code in place.constant]
                if found.text.strip() not in expected:
                    self._lose(
                        "unexpected", found.element, found.text, f"{' or '.join(expected)} expected", found.attribute
                    )
        for found in frame.values():
            if not found.used and found.text.strip():
                self._lose("unmapped", found.element, found.text, attribute=found.attribute)
        return True

    def _value(self, scope: Scope, rule: ValueRule, frame: Frame, item: Any) -> bool:
        """False: something stands there, but can't be read."""
        found = [frame.get(place) for place in rule.places]
        fresh = [one for one in found if one is not None and not one.used and one.text.strip()]
        if not fresh:
            return not rule.key
        texts = [one.text if one is not None and not one.used else "" for one in found]
        value = rule.codec.read(*texts)
        if value is NOT_MINE:
            return True
        for one in fresh:
            one.used = True
        if value is NOTHING:
            return True
        if value is None:
            for one in fresh:
                self._lose("unreadable", one.element, one.text, rule.codec.refusal, one.attribute)
            return False
        reason = rule.codec.folded(*texts) if rule.codec.folded else None
        if reason is not None:
            for one in fresh:
                self._lose("folded", one.element, one.text, reason, one.attribute)
        if not (rule.currency and value == (self.currency or NO_CURRENCY)):
            self._put(scope, rule, item, value, fresh)
        return True

    def _put(self, scope: Scope, rule: ValueRule, item: Any, value: Any, found: list[Found]) -> None:
        owner = item
        if rule.pick is not None:
            item = _picked(owner, rule.pick, rule.item)
        before = getattr(item, rule.field)
        if before is None:
            setattr(item, rule.field, value)
        elif before == value:
            return
        elif rule.pick is not None and rule.pick.key in scope.alone and not rule.also:
            # The other one stands in an element of the list. The first of a kind is the one that is picked on writing.
            items = getattr(owner, rule.pick.list)
            items.insert(items.index(item), rule.item(**{rule.pick.field: rule.pick.code, rule.field: value}))
        else:
            for one in found:
                self._lose("unexpected", one.element, one.text, f"{before} elsewhere", one.attribute)


def _numbered(around: _Element) -> dict[_Element, str]:
    """The steps of the elements in an element."""
    totals = Counter(child.tag for child in around)
    seen: Counter[Any] = Counter()
    steps = {}
    for child in around:
        seen[child.tag] += 1
        step = shown(str(child.tag))
        steps[child] = f"{step}[{seen[child.tag]}]" if totals[child.tag] > 1 else step
    return steps


def _picked(item: Any, pick: Pick, cls: type) -> Any:
    """The item of a list that a pick means, made if there is none."""
    items = getattr(item, pick.list)
    for one in items:
        if getattr(one, pick.field) == pick.code:
            return one
    items.append(cls(**{pick.field: pick.code}))
    return items[-1]


def _spoken(item: Part) -> Iterator[str]:
    """The fields of an item that say something."""
    return (name for name in item.__struct_fields__ if getattr(item, name) not in (None, []))
