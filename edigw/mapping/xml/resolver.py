"""A binding, made into a plan: every path found in the elements that UBL has, every field known."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from edigw.documents import Moment
from edigw.mapping.errors import BindingError, did_you_mean
from edigw.mapping.loader import Entry
from edigw.mapping.resolver import Field, fields
from edigw.mapping.shape import UBL, check_rule
from edigw.mapping.xml import codecs
from edigw.mapping.xml.codecs import CODECS, Codec
from edigw.mapping.xml.content import clark, contents
from edigw.mapping.xml.items import ITEMS
from edigw.mapping.xml.notation import Pick, Step, parse_path, parse_pick
from edigw.mapping.xml.plan import Body, Each, Node, Place, Scope, ValueRule

_TYPES: dict[Any, Codec] = {Decimal: codecs.DECIMAL, int: codecs.INTEGER, bool: codecs.BOOLEAN}


class Resolver:
    """One use: `Resolver(...).plan(...)`. `sets` are the rules that several places share, `file` stands in errors,
    `own` are a partner's own codes by element or attribute ("@unitCode"); those that a rule has are then `used`."""

    def __init__(self, file: str, sets: Mapping[str, Any], own: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.file = file
        self.sets = sets
        self.own = own or {}
        self.used: set[str] = set()
        self.shared: dict[tuple[str, str, type], Scope] = {}

    def plan(self, cls: type, root: str, rules: list[Entry]) -> Scope:
        """The scope of the document. Raises BindingError with the line of the rule that is wrong."""
        scope = Scope(cls, Body(root))
        self._fill(scope, rules)
        return scope

    def _fill(self, scope: Scope, rules: list[Entry]) -> None:
        for rule in rules:
            try:
                self._add(scope, rule)
            except BindingError as error:
                if error.line:
                    raise
                reason = f"rule {rule.get('id')!r}: {error.reason}"
                raise BindingError(reason, rule.file or self.file, rule.line) from None

    def _add(self, scope: Scope, rule: Entry) -> None:
        check_rule(rule, UBL)
        if "each" in rule:
            self._add_each(scope, rule)
        elif "const" in rule:
            (place,) = self._places(scope, rule["at"])
            place.constant = tuple(str(code) for code in rule["const"])
            scope.constants.append(place)
        else:
            self._add_value(scope, rule)

    # where things stand

    def _node(self, scope: Scope, body: Body, step: Step, fresh: bool = False) -> Node:
        if not fresh:
            for node in body.nodes:
                if (node.name, node.tests, node.each) == (step.name, step.tests, None):
                    return node
        known = contents().get(body.element)
        if known is None or step.name not in known:
            raise BindingError(f"UBL has no {step.name} in {body.element}{did_you_mean(step.name, known or ())}")
        child = known[step.name]
        tag = clark(step.name)
        node = Node(step.name, tag, len(body.nodes), child.many, child.needed, step.tests, Body(step.name, body), body)
        body.nodes.append(node)
        body.takers[tag] = sorted([*body.takers.get(tag, ()), node], key=lambda one: one.rank)
        if not fresh:
            self._write_tests(scope, node)
        return node

    def _write_tests(self, scope: Scope, node: Node) -> None:
        """What a test asks for is a constant of the element."""
        for test in node.tests:
            if test.exact:
                place = self._place(scope, node.body, tuple(Step(name) for name in test.path))
                place.constant, place.tested = place.constant or test.codes, True
                scope.constants.append(place)

    def _place(self, scope: Scope, body: Body, steps: tuple[Step, ...]) -> Place:
        for step in steps:
            if step.name.startswith("@"):
                return body.attributes.setdefault(step.name[1:], Place(step.name, body))
            if step.name != ".":
                body = self._node(scope, body, step).body
        if body.element in contents():
            raise BindingError(f"{body.element} has no text of its own")
        if body.text is None:
            body.text = Place(body.element, body)
        return body.text

    def _places(self, scope: Scope, where: Any) -> list[Place]:
        paths = where if isinstance(where, list) else [where]
        return [self._place(scope, scope.body, parse_path(str(path))) for path in paths]

    # rules

    def _field(self, scope: Scope, doc: Any, many: bool = False) -> tuple[Pick | None, type, str, Field]:
        pick = parse_pick(str(doc))
        cls, name = scope.cls, str(doc)
        if pick is not None:
            items = fields(cls).get(pick.list)
            if items is None or not items.many or pick.field not in fields(items.type):
                raise BindingError(f"{cls.__name__} has no list {pick.list!r} whose items have {pick.field!r}")
            cls, name = items.type, pick.value
        field = fields(cls).get(name)
        if field is None or field.many is not many:
            hint = did_you_mean(name, [known for known, one in fields(cls).items() if one.many is many])
            raise BindingError(f"{cls.__name__} has no {'list' if many else 'field'} {name!r}{hint}")
        return pick, cls, name, field

    def _add_value(self, scope: Scope, rule: Entry) -> None:
        pick, cls, name, field = self._field(scope, rule.get("doc", ""))
        needs = tuple(str(rule["needs"]).split("|")) if "needs" in rule else ()
        written = [rule["at"], *rule.get("copy", ())]
        for number, where in enumerate([*written, *rule.get("also", ())]):
            places = self._places(scope, where)
            made = ValueRule(rule["id"], name, pick, cls, places, self._codec(rule, field, places), needs=needs)
            made.key = bool(rule.get("key", False)) and number == 0
            made.also = number >= len(written) or rule.get("only") == "read"
            if "default" in rule and not made.also:
                made.default = str(rule["default"])
            scope.rules.append(made)
            self._currency(scope, made, rule["id"])
        scope.bound.add(pick.list if pick else name)

    def _currency(self, scope: Scope, rule: ValueRule, id: str) -> None:
        """The currency of an amount that has a field for it is the attribute that every amount has."""
        place = rule.places[0]
        if "currency" not in fields(rule.item) or rule.field != "value" or not place.name.endswith("Amount"):
            return
        at = place.body.attributes.setdefault("currencyID", Place("@currencyID", place.body))
        made = ValueRule(
            f"{id}-currency", "currency", rule.pick, rule.item, [at], codecs.TOKEN, also=rule.also, currency=True
        )
        scope.rules.append(made)
        if rule.pick is None:
            scope.bound.add("currency")

    def _codec(self, rule: Entry, field: Field, places: list[Place]) -> Codec:
        codec = self._usual(rule, field, places)
        name = places[0].name
        own = rule.get("own_codes", self.own.get(name) if field.type is str else None)
        if name in self.own and field.type is str:
            self.used.add(name)
        if own is None:
            return codec
        if field.type is not str or len(places) > 1 or "numbering" in rule or "codes" in rule:
            raise BindingError(f"{rule['doc']} takes no codes of the partner's own")
        return codecs.with_own(codec, own)

    @staticmethod
    def _usual(rule: Entry, field: Field, places: list[Place]) -> Codec:
        if "numbering" in rule:
            if field.type is not str or "as" in rule or "codes" in rule:
                raise BindingError(f"{rule['doc']} is no number of a line")
            return codecs.numbered(rule["numbering"])
        if "as" in rule:
            if rule["as"] not in CODECS:
                raise BindingError(f"there is no codec {rule['as']!r}{did_you_mean(rule['as'], CODECS)}")
            return CODECS[rule["as"]]
        if isinstance(rule.get("codes"), dict):
            return codecs.listed(rule["codes"])
        if field.type is Moment:
            return codecs.MOMENT if len(places) == 2 else codecs.DATE
        if len(places) > 1:
            raise BindingError("several places need a codec")
        name = places[0].name
        if field.type is str:
            return codecs.TOKEN if name.startswith("@") or name.endswith(("ID", "Code")) else codecs.TEXT
        if field.type not in _TYPES:
            raise BindingError(f"{rule.get('doc')!r} is no single value")
        return _TYPES[field.type]

    def _add_each(self, scope: Scope, rule: Entry) -> None:
        pick, cls, _, field = self._field(scope, f"{rule['of']}/{rule['each']}" if "of" in rule else rule["each"], True)
        scope.bound.add(pick.list if pick else rule["each"])
        *way, last = parse_path(str(rule["in"]))
        body = scope.body
        for step in way:
            body = self._node(scope, body, step).body
        node = self._node(scope, body, last, fresh=True)
        where = {name: _codes(field.type, name, codes) for name, codes in rule.get("where", {}).items()}
        inner = self._inner(rule, field.type, node)
        node.each = Each(rule["each"], inner, where, pick, cls, also=rule.get("only") == "read")
        if "as" in rule:
            if rule["as"] not in ITEMS:
                raise BindingError(f"there is no codec of an item {rule['as']!r}")
            node.each.codec = ITEMS[rule["as"]]
        node.body = inner.body
        self._write_tests(inner, node)
        inner.bound.update(where)
        homes = scope.eaches.setdefault((pick.key if pick else None, rule["each"]), [])
        homes.append(node)
        homes.sort(key=lambda home: not (home.each and home.each.where))  # the particular ones first

    def _inner(self, rule: Entry, cls: type, node: Node) -> Scope:
        """The scope of the items. Uses of a set in elements of one name share it, so that a set may hold itself."""
        rules = rule.get("rules", [])
        scope = Scope(cls, Body(node.name))
        if not isinstance(rules, str):
            self._fill(scope, rules)
            return scope
        if rules not in self.sets:
            raise BindingError(f"there is no set {rules!r}")
        plain = not rule.get("where") and not node.tests
        key = (rules, node.name, cls)
        if plain and key in self.shared:
            return self.shared[key]
        if plain:
            self.shared[key] = scope
        self._fill(scope, self.sets[rules]["rules"])
        return scope


def _codes(cls: type, name: str, codes: Any) -> tuple[Any, ...]:
    """The values of `where`: `BY`, `"|IC"` (not said, or IC), `false`."""
    if name not in fields(cls):
        raise BindingError(f"{cls.__name__} has no field {name!r}")
    if fields(cls)[name].type is bool:
        return (codes,)
    return tuple(code or None for code in str(codes).split("|"))
