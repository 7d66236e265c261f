"""The first half of writing: the values of an item, as texts at their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from edigw.documents import Part
from edigw.mapping.loss import Entry
from edigw.mapping.xml.codecs import NOT_MINE, NOTHING
from edigw.mapping.xml.plan import Body, Node, Place, Scope, ValueRule
from edigw.mapping.xml.reader import NO_CURRENCY

NUMBERED = "#"
"""The default of a line's number: its position."""


@dataclass(eq=False, slots=True)
class Made:
    """An element to be written."""

    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Made] = field(default_factory=list)


@dataclass(slots=True)
class Placed:
    """An item on its way into XML: what stands at each place and whose it is, and the elements of its lists.

    `path` is that of a loss report's entry; `currency` is the document's."""

    scope: Scope
    item: Part
    path: Any
    lost: list[Entry]
    currency: str | None
    texts: dict[Place, str] = field(default_factory=dict)
    owners: dict[Place, list[tuple[Any, ValueRule]]] = field(default_factory=dict)  # path of the item, and rule
    defaults: dict[Place, tuple[ValueRule, str]] = field(default_factory=dict)
    lists: dict[Node, list[tuple[Any, Any, Made]]] = field(default_factory=dict)  # path, item, element
    picked: dict[tuple[str, str, str], int] = field(default_factory=dict)  # which item of a list a pick means
    alive: set[Body] = field(default_factory=set)  # where something is said

    def place(self) -> None:
        """Put every value of the item at its places, and report those that have none."""
        self._pick()
        for rule in self.scope.rules:
            owner, path = self.item, self.path
            if rule.pick is not None:
                if rule.pick.key not in self.picked:
                    continue
                index = self.picked[rule.pick.key]
                owner, path = getattr(self.item, rule.pick.list)[index], (self.path, rule.pick.list, index)
            if not rule.also:
                self._value(rule, owner, path)
        self._needs()
        self._bare()
        self._misread()
        self._unbound()
        self._default()

    def drop(self, path: Any, name: str, value: Any, reason: str) -> None:
        """Report something that is not written."""
        self.lost.append(("dropped", path, name, value, reason))

    def value_at(self, path: Any, name: str) -> Any:
        """The value of a field of the item, or of the item of one of its lists."""
        if path == self.path:
            return getattr(self.item, name)
        _, list_name, index = path
        return getattr(getattr(self.item, list_name)[index], name)

    def filled(self, body: Body) -> bool:
        """Whether the document says anything that stands in an element."""
        if not self.owners.keys().isdisjoint(body.all_places):
            return True
        return bool(self.lists) and not self.lists.keys().isdisjoint(body.all_nodes)

    def enliven(self) -> None:
        """Note the elements that something is said in, before any of them is written."""
        said_in = [place.body for place in self.owners]
        for body in (*said_in, *(node.around for node in self.lists)):
            inner: Body | None = body
            while inner is not None and inner not in self.alive:
                self.alive.add(inner)
                inner = inner.above

    def _pick(self) -> None:
        """The first item with the code of each pick."""
        for name, key, code in self.scope.picks:
            for index, one in enumerate(getattr(self.item, name)):
                if getattr(one, key) == code:
                    self.picked[name, key, code] = index
                    break

    def _value(self, rule: ValueRule, owner: Any, path: Any) -> None:
        value = getattr(owner, rule.field)
        if value is None:
            return
        texts = rule.codec.write(value)
        if texts is None:
            self.drop(path, rule.field, value, rule.codec.refusal)
            return
        if any(text and self.texts.get(place, text) != text for place, text in zip(rule.places, texts, strict=True)):
            self.drop(path, rule.field, value, "its place is taken")
            return
        reason = rule.codec.changed(value) if rule.codec.changed else None
        if rule.currency and value == (self.currency or NO_CURRENCY):
            reason = "the document's currency"
        if reason is not None:
            self.lost.append(("changed", path, rule.field, value, reason))
        for place, text in zip(rule.places, texts, strict=True):
            if text:
                self.texts[place] = text
                self.owners.setdefault(place, []).append((path, rule))

    def _needs(self) -> None:
        """A value that means nothing without another one is not written without it."""
        needing = [rule for rule in self.scope.rules if rule.needs]
        if not needing:
            return
        there = {rule.field for owners in self.owners.values() for _, rule in owners}
        for rule in needing:
            if not there & set(rule.needs):
                self._withdraw(rule, f"{' or '.join(rule.needs)} is missing")

    def _bare(self) -> None:
        """An attribute means nothing without the text of its element."""
        for place in [place for place in self.owners if place.name.startswith("@")]:
            text = place.body.text
            if place.body.nodes or (text is not None and (text in self.texts or text.first)):
                continue
            owners = self.owners.pop(place)
            del self.texts[place]
            for path, rule in owners:
                if not any((path, rule.field) == (p, r.field) for one in self.owners.values() for p, r in one):
                    self.drop(path, rule.field, self.value_at(path, rule.field), "nothing that it is said of")

    def _withdraw(self, rule: ValueRule, reason: str) -> None:
        paths = [path for place in rule.places for path, owner in self.owners.get(place, ()) if owner is rule]
        for path in paths[:1]:
            self.drop(path, rule.field, self.value_at(path, rule.field), reason)
        for place in rule.places:
            kept = [one for one in self.owners.get(place, ()) if one[1] is not rule]
            if kept:
                self.owners[place] = kept
            elif place in self.owners:
                del self.owners[place], self.texts[place]

    def _misread(self) -> None:
        """Texts that an earlier rule would read as something else are not written."""
        for position, rule in self.scope.joined:
            if self.texts.keys().isdisjoint(rule.places):
                continue
            texts = [self.texts.get(place, "") for place in rule.places]
            owners = [owner for place in rule.places for _, owner in self.owners.get(place, ())]
            if rule in owners or rule.codec.read(*texts) in (NOT_MINE, NOTHING, None):
                continue
            for later in reversed(self.scope.rules[position + 1 :]):
                if later in owners:
                    self._withdraw(later, "would be read by another rule")
                    break

    def _unbound(self) -> None:
        scope = self.scope
        for name in said(self.item):
            if name not in scope.bound:
                self.drop(self.path, name, getattr(self.item, name), "no rule")
        for key, index in self.picked.items():
            one = getattr(self.item, key[0])[index]
            known = {rule.field for rule in scope.rules if rule.pick and rule.pick.key == key}
            known |= {key[1], *(name for owner, name in scope.eaches if owner == key)}
            for name in said(one):
                if name not in known:
                    self.drop((self.path, key[0], index), name, getattr(one, name), "no rule")

    def _default(self) -> None:
        for rule in self.scope.rules:
            if rule.default is not None and rule.places[0] not in self.texts:
                text = rule.default
                if text == NUMBERED:
                    (text,) = rule.codec.write(str(self.path[2] + 1)) or ("",)
                self.defaults[rule.places[0]] = rule, text


def said(item: Part) -> Iterator[str]:
    """The fields of an item that say something."""
    return (name for name in item.__struct_fields__ if getattr(item, name) not in (None, []))
