"""A wrong binding is refused before any message flows, with the file, the line and the reason."""

from pathlib import Path

import pytest

from edigw import mapping
from edigw.mapping import BindingError, UnknownBinding
from edigw.mapping.loader import load
from edigw.mapping.registry import compile_binding

HEAD = """binding: order/test
document: Order
standard: edifact
message: ORDERS
versions: [D.96A]
rules:
  - {id: section, const: [S], at: UNS/0081}
"""


def compiled(text: str) -> None:
    compile_binding(load(text, "test.yaml"), Path("test.yaml"), "D.96A")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("{id: a, doc: id, at: BGM/9999}", "BGM has no element 9999"),
        ("{id: a, doc: id, at: XXX/1004}", "XXX is not in ORDERS D.96A"),
        ("{id: a, doc: id, at: SG2/LIN/1082}", "LIN is not in SG2"),
        ("{id: a, doc: nothing, at: BGM/1004}", "Order has no field 'nothing'"),
        ("{id: a, doc: lines, at: BGM/1004}", "Order has no field 'lines'"),
        ("{id: a, each: id, in: SG1, rules: []}", "Order has no list 'id'"),
        ("{id: a, doc: contract, at: GIN/7405}", "GIN is not in ORDERS D.96A"),
        ("{id: a, doc: contract, at: SG25/LIN/1082}", "1082 is ambiguous"),
        ('{id: a, doc: contract, at: "FTX/4440*"}', "a value takes one place"),
        ("{id: a, doc: contract, at: BGM}", "a location names a segment and an element"),
        ('{id: a, doc: contract, at: "SG1[1153]/RFF/1154"}', "a condition is reference=code"),
        ("{id: a, doc: contract, at: BGM/1004, codes: nothing}", "there is no code list 'nothing'"),
        ("{id: a, doc: contract, at: BGM/1004, as: nothing}", "there is no codec 'nothing'"),
        ("{id: a, doc: contract, at: BGM/1004, sort: 1}", "unknown key sort"),
        ("{id: a, derive: nothing, at: BGM/1004}", "there is no derivation 'nothing'"),
        ("{id: a, each: parties, in: SG2, rules: nothing}", "there is no set 'nothing'"),
        ("{id: a, doc: contract, at: {D.01B: BGM/1004}}", "no location for D.96A"),
        ("{doc: contract, at: BGM/1004}", "a rule has an id"),
    ],
)
def test_a_rule_that_does_not_fit_is_named_with_its_line(rule: str, reason: str) -> None:
    with pytest.raises(BindingError) as caught:
        compiled(HEAD + f"  - {rule}\n")
    assert reason in caught.value.reason
    assert (caught.value.file, caught.value.line) == ("test.yaml", 8)


def test_a_mandatory_element_that_no_rule_fills_is_an_error() -> None:
    with pytest.raises(BindingError, match="no rule fills the mandatory element 5283"):
        compiled(HEAD + "  - {id: a, each: taxes, in: SG6, rules: [{id: b, doc: type, at: TAX/5153}]}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rules: [\n", "1"),
        ("- a\n- b\n", "a binding is a mapping of keys"),
        (HEAD + "binding: again\n", "'binding' stands twice"),
        (HEAD.replace("document: Order\n", ""), "document is missing"),
        (HEAD.replace("document: Order", "document: Poem"), "there is no document 'Poem'"),
        (HEAD.replace("ORDERS", "NOTHING"), "NOTHING"),
        (HEAD + "view: nothing\n", "there is no view 'nothing'"),
        ("a: !!python/object:os.system x\n", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_binding_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BindingError, match=r"test\.yaml"):
        compiled(text)


def test_bindings_are_found_by_name_and_by_what_they_bind() -> None:
    assert set(mapping.bindings()) >= {"order/ORDERS", "order/850", "despatch/DESADV", "despatch/856"}
    found = mapping.find("x12", "850", "004010")
    assert found is mapping.binding("order/850", "004010")
    assert found is mapping.by_document("Order", "x12", "850", "004010")
    assert mapping.find("x12", "850", "002040") is None
    assert mapping.by_document("DespatchAdvice", "x12", "850", "004010") is None
    with pytest.raises(UnknownBinding, match="there is no binding 'order/poem'"):
        mapping.binding("order/poem", "D.96A")
    with pytest.raises(UnknownBinding, match=r"is for D\.93A\.\.D\.24A, not for D\.92A"):
        mapping.binding("order/ORDERS", "D.92A")
