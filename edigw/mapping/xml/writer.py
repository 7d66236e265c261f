"""The second half of writing: elements around the texts, with everything that finds no place in the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edigw.documents import Part
from edigw.mapping.loss import Entry
from edigw.mapping.xml.content import contents, needed, needed_attribute
from edigw.mapping.xml.notation import ANY, Test
from edigw.mapping.xml.placing import Made, Placed, said
from edigw.mapping.xml.plan import Body, Each, Node, Place, Scope
from edigw.mapping.xml.reader import CURRENCY, NO_CURRENCY

_DEEPEST = 40
"""Items in items: what is written must not be deeper than what is read (`parsing.MOST_DEPTH` elements)."""


class Refused(Exception):
    """An element that can't be written, and why."""


@dataclass(slots=True)
class Writer:
    """One use: `Writer(...).tree(document)`, after which `lost` has the report's entries."""

    scope: Scope
    currency: str | None
    lost: list[Entry] = field(default_factory=list)
    depth: int = 0  # of the item that is being written

    def tree(self, document: Part) -> Made:
        """The root element."""
        placed = self._placed(self.scope, document, ())
        made = Made(self.scope.body.element)
        self._fill(placed, self.scope.body, made, root=True)
        return made

    def _placed(self, scope: Scope, item: Part, path: Any) -> Placed:
        placed = Placed(scope, item, path, self.lost, self.currency)
        placed.place()
        self._lists(placed)
        self._silent(placed)
        placed.enliven()
        return placed

    # items into elements

    def _lists(self, placed: Placed) -> None:
        scope, item = placed.scope, placed.item
        gone = {(key[0], index) for key, index in placed.picked.items()}
        picking = [rule.pick.list for rule in scope.rules if rule.pick is not None and not rule.also]
        for name in dict.fromkeys([*(name for key, name in scope.eaches if key is None), *picking]):
            homes = scope.eaches.get((None, name), [])
            for index, one in enumerate(getattr(item, name)):
                if (name, index) not in gone:
                    self._list_item(placed, homes, (placed.path, name, index), one)
        for (key, name), homes in scope.eaches.items():
            if key is not None and key in placed.picked:
                path = (placed.path, key[0], placed.picked[key])
                for index, one in enumerate(getattr(getattr(item, key[0])[placed.picked[key]], name)):
                    self._list_item(placed, homes, (path, name, index), one)

    @staticmethod
    def _silent(placed: Placed) -> None:
        """An item of which only the code could be said is not there at all."""
        heard = {path for owners in placed.owners.values() for path, _ in owners}
        heard |= {path[0] for items in placed.lists.values() for path, _, _ in items}
        for key, index in placed.picked.items():
            path = (placed.path, key[0], index)
            if path not in heard:
                told = [entry for entry in placed.lost if entry[1] == path]
                placed.lost[:] = [entry for entry in placed.lost if entry[1] != path]
                reason = told[0][4] if told else "nothing that can be written"
                placed.drop(path, "", getattr(placed.item, key[0])[index], reason)

    def _list_item(self, placed: Placed, homes: Iterable[Node], path: Any, item: Any) -> None:
        """The first node that takes the item gets it."""
        if not any(said(item)):
            return
        reason = "no place for it"
        for node in homes:
            each = _each(node)
            if each.also or any(getattr(item, name) not in codes for name, codes in each.where.items()):
                continue
            if not node.many and placed.lists.get(node):
                reason = "too many"
                continue
            mark = len(self.lost)
            try:
                made = self._element(node, item, path)
                self._check_rivals(placed, node, made)
            except Refused as refused:
                del self.lost[mark:]
                reason = str(refused)
                continue
            placed.lists.setdefault(node, []).append((path, item, made))
            return
        placed.drop(path, "", item, reason)

    def _element(self, node: Node, item: Any, path: Any) -> Made:
        each = _each(node)
        if each.codec is not None:
            made = self._coded(node, item)
            for name in said(item):
                if name not in each.codec.fields:
                    self.lost.append(("dropped", path, name, getattr(item, name), "no rule"))
            return made
        for name, codes in each.where.items():
            value = getattr(item, name)
            if value != codes[0]:
                self.lost.append(("changed", path, name, value, f"read as {codes[0] or 'not said'}"))
        if self.depth == _DEEPEST:
            raise Refused(f"more than {_DEEPEST} levels")
        self.depth += 1
        try:
            placed = self._placed(each.scope, item, path)
        finally:
            self.depth -= 1
        key = next((rule for rule in each.scope.rules if rule.key), None)
        if key is not None and key.places[0] not in placed.texts:
            raise Refused(f"{key.field} is missing")
        if not placed.filled(each.scope.body):
            raise Refused("nothing that can be written")
        made = self._body(placed, each.scope.body, node.name)
        if not placed.filled(each.scope.body):
            raise Refused(self.lost[-1][4])
        _check_tests(node, made)
        return made

    @staticmethod
    def _coded(node: Node, item: Any) -> Made:
        codec = _each(node).codec
        texts = codec.write(item) if codec is not None else None
        if texts is None:
            raise Refused("it can't be said here")
        made = Made(node.name, texts[0], texts[1])
        for name, place in node.body.attributes.items():
            if place.first:
                made.attributes.setdefault(name, place.first)
        _check_tests(node, made)
        return made

    @staticmethod
    def _check_rivals(placed: Placed, node: Node, made: Made) -> None:
        """What another node would take first is not written."""
        for rival in node.around.nodes:
            if rival is node or rival.name != node.name or not rival.rank < node.rank:
                continue
            if all(_meets(made, test) for test in rival.tests):
                taken = placed.lists.get(rival) if rival.each is not None else _there(placed, rival)
                if (rival.many and rival.each is not None) or not taken:
                    raise Refused("would be read by another rule")

    # elements

    def _body(self, placed: Placed, body: Body, name: str) -> Made:
        made = Made(name)
        if body.text is not None:
            made.text = self._text(placed, body.text)
        for key, place in body.attributes.items():
            text = self._text(placed, place)
            if text:
                made.attributes[key] = text
        self._fill(placed, body, made)
        attribute = needed_attribute(name)
        if made.text and attribute == "currencyID":
            made.attributes.setdefault(attribute, self.currency or NO_CURRENCY)
        if made.text and attribute and attribute not in made.attributes:
            raise Refused(f"@{attribute} is missing")
        return made

    def _text(self, placed: Placed, place: Place) -> str:
        """What the document says, or the constant, or the default."""
        text = placed.texts.get(place, "") or place.first
        if text == CURRENCY:
            return self.currency or NO_CURRENCY
        if text or place not in placed.defaults:
            return text
        rule, text = placed.defaults[place]
        self.lost.append(("defaulted", placed.path, rule.field, text, "UBL must say it"))
        return text

    def _fill(self, placed: Placed, body: Body, made: Made, root: bool = False) -> None:
        known = contents().get(body.element, {})
        there: set[str] = set()
        for node in body.nodes:
            if node.each is not None:
                if node in placed.lists:
                    made.children += [element for _, _, element in placed.lists[node]]
                    there.add(node.name)
                continue
            if node.body not in placed.alive and not _goes_along(placed, node):
                continue
            mark = len(self.lost)
            try:
                if node.name in there and not known[node.name].many:
                    raise Refused("too many")
                element = self._body(placed, node.body, node.name)
                _check_tests(node, element)
            except Refused as refused:
                del self.lost[mark:]
                _refuse(placed, node.body, str(refused))
                continue
            made.children.append(element)
            there.add(node.name)
        self._needed(body.element, made, root)
        made.children.sort(key=lambda child: known[child.name].at)

    def _needed(self, element: str, made: Made, root: bool) -> None:
        """What the schema needs and is not there: an empty aggregate will do, a value can't be made up."""
        wanted = needed(element)
        there = {child.name for child in made.children} if wanted else ()
        for name in wanted:
            if name in there:
                continue
            empty = _empty(name)
            if empty is not None:
                made.children.append(empty)
            elif root:
                self.lost.append(("defaulted", (), "", None, f"{name} is missing, and UBL needs it"))
            else:
                raise Refused(f"{name} is missing")


def _each(node: Node) -> Each:
    assert node.each is not None  # noqa: S101 - the nodes of lists have it
    return node.each


def _refuse(placed: Placed, body: Body, reason: str) -> None:
    """Report everything that stands in an element that can't be written; an item of which nothing else is written, as a
    whole."""
    refused = [one for place in body.all_places for one in placed.owners.pop(place, ())]
    heard = {path for owners in placed.owners.values() for path, _ in owners}
    heard |= {path[0] for items in placed.lists.values() for path, _, _ in items}
    told: set[tuple[Any, str]] = set()
    for path, rule in refused:
        whole = rule.pick is not None and path not in heard
        name = "" if whole else rule.field
        if (path, name) not in told:
            told.add((path, name))
            value = getattr(placed.item, path[1])[path[2]] if whole else placed.value_at(path, name)
            placed.drop(path, name, value, reason)
    for node in body.all_nodes:
        for path, item, _ in placed.lists.get(node, ()):
            placed.drop(path, "", item, reason)


def _goes_along(placed: Placed, node: Node) -> bool:
    """Whether an element of which the document says nothing is written with the one around it, for its constants."""
    if node.tests:
        return False
    if node.told:
        return True
    return bool(placed.defaults) and node.needed and not placed.defaults.keys().isdisjoint(node.body.all_places)


def _there(placed: Placed, node: Node) -> bool:
    """Whether a node that is no list's will be written."""
    return placed.filled(node.body) or _goes_along(placed, node)


def _empty(name: str) -> Made | None:
    """An empty aggregate with what it needs; None: it needs a value."""
    known = contents().get(name)
    if known is None:
        return None
    made = Made(name)
    for inner in needed(name):
        empty = _empty(inner)
        if empty is None:
            return None
        made.children.append(empty)
    return made


def _texts(made: Made, path: tuple[str, ...]) -> list[str]:
    found = [made]
    for name in path:
        if name.startswith("@"):
            return [one.attributes[name[1:]] for one in found if name[1:] in one.attributes]
        found = [child for one in found for child in one.children if child.name == name]
    return [one.text for one in found]


def _meets(made: Made, test: Test) -> bool:
    """As the reader's `meets`, of an element to be written."""
    texts = _texts(made, test.path)
    if test.codes == (ANY,):
        return bool(texts)
    if test.codes == ("",):
        return not texts
    return bool(texts) and texts[0].strip() in test.codes


def _check_tests(node: Node, made: Made) -> None:
    for test in node.tests:
        if not _meets(made, test):
            raise Refused(f"{'/'.join(test.path)} would make it another thing")
