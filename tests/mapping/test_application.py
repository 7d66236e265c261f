"""APERAK and 824: what each says of a document, and what passes between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from edigw import directory, mapping
from edigw.admin import convert
from edigw.documents import (
    ApplicationFinding,
    ApplicationResponse,
    DocumentResponse,
    Note,
    Reference,
    answers,
)
from edigw.mapping import Binding, Loss
from edigw.resources import shipped
from tests.mapping.messages import after, tree
from tests.mapping.wire import on_the_wire, received

APERAK = """
    BGM++AP1+27
    DTM+137:20261005:102
    RFF+ON:PO1
    DTM+171:20261001:102
    ERC+186::92
    FTX+AAO+++Number was used before
"""
ADVICE = """
    BGN*11*AA1*20261005*1420
    OTI*TR*PO*PO1*NORDWIND*PRAIRIE*20261005*0915*4711*0001*850*004010
    TED*Q*Unknown item*PO1*14*7*234*0799999009999*0799999001012
"""


def aperak(version: str = "D.96A") -> Binding:
    return mapping.binding("application/APERAK", version)


def advice(version: str = "004010") -> Binding:
    return mapping.binding("application/824", version)


def read(binding: Binding, text: str) -> tuple[ApplicationResponse, list[Loss]]:
    document, losses = binding.read(tree(binding, text))
    return document, losses


def written(binding: Binding, document: ApplicationResponse) -> tuple[list[str], list[tuple[str, str]]]:
    """The segments as lines, and kind and place of every loss."""
    segments, losses = binding.write(document)
    element, component = ("+", ":") if binding.standard == "edifact" else ("*", ">")
    lines = [element.join(component.join(e) if isinstance(e, list) else str(e) for e in s) for s in segments]
    return lines, [(loss.kind, loss.location) for loss in losses]


def answer(*findings: ApplicationFinding, **fields: Any) -> ApplicationResponse:
    made = DocumentResponse(**{"response": "27", "type": "ON", "id": "PO1", **fields}, findings=list(findings))
    return ApplicationResponse(id="AP1", purpose="9", responses=[made])


# ---------------------------------------------------------------- APERAK


def test_an_aperak_answers_the_document_that_its_first_reference_names() -> None:
    document, losses = read(aperak(), APERAK)
    (response,) = document.responses
    assert (response.response, response.type, response.id, str(response.issued)) == ("27", "ON", "PO1", "2026-10-01")
    assert response.findings == [ApplicationFinding(code="186", code_scheme="92", text="Number was used before")]
    assert (document.purpose, losses) == ("9", [])


def test_a_reference_to_the_previous_message_is_its_control_reference_or_the_only_number_there_is() -> None:
    both, _ = read(aperak(), APERAK.replace("RFF+ON:PO1", "RFF+ACW:0007\n RFF+ON:PO1"))
    assert [(r.type, r.id, r.control) for r in both.responses] == [("ON", "PO1", "0007")]
    alone, _ = read(aperak(), APERAK.replace("RFF+ON:PO1", "RFF+ACW:0007"))
    assert [(r.type, r.id, r.control) for r in alone.responses] == [("ACW", "0007", None)]


@pytest.mark.parametrize(
    ("heading", "purpose", "response", "acknowledgement"),
    [
        ("BGM++AP1+27", "9", "27", None),
        ("BGM++AP1+6", "9", "6", None),
        ("BGM++AP1+9+RE", "9", "27", None),
        ("BGM++AP1+9+CA", "9", "45", None),
        ("BGM++AP1++AP", "9", "44", None),
        ("BGM++AP1+9+AB", "9", None, "AB"),
        ("BGM++AP1+27+AP", "9", "27", "AP"),  # contradicts itself: both are kept
        ("BGM++AP1", None, None, None),
    ],
)
def test_senders_put_their_answer_into_either_of_two_elements(
    heading: str, purpose: str | None, response: str | None, acknowledgement: str | None
) -> None:
    document, losses = read(aperak(), APERAK.replace("BGM++AP1+27", heading))
    (found,) = document.responses
    assert (document.purpose, found.response, found.acknowledgement) == (purpose, response, acknowledgement)
    assert losses == []


def test_the_message_name_is_written_where_the_directory_has_one() -> None:
    assert written(aperak("D.96A"), answer())[0][0] == "BGM++AP1+27"
    assert written(aperak("D.01B"), answer())[0][0] == "BGM+305+AP1+27"
    gs1, losses = read(aperak(), APERAK.replace("BGM++AP1", "BGM+12E::9+AP1"))
    assert (gs1.id, losses) == ("AP1", [])


def test_later_directories_name_the_documents_in_a_group_of_their_own() -> None:
    lines, losses = written(aperak("D.01B"), answer(document_type="220"))
    assert lines[1:3] == ["DOC+220+PO1", "RFF+ON:PO1"] and losses == []
    assert written(aperak("D.96A"), answer(document_type="220"))[1] == [("dropped", "documents")]


def test_a_document_that_only_its_own_group_names_is_known_by_its_type() -> None:
    document, losses = read(aperak("D.01B"), "BGM++AP1+27\n DTM+137:20261005:102\n DOC+380+INV1\n ERC+DUPL")
    assert [(r.document_type, r.type, r.id) for r in document.responses] == [("380", "IV", "INV1")]
    assert losses == []


def test_a_number_of_unknown_kind_is_a_document_number() -> None:
    lines, losses = written(aperak(), answer(type=None))
    assert "RFF+DM:PO1" in lines and losses == [("defaulted", "responses[0].type")]


def test_telephone_numbers_stand_beside_the_contacts_and_are_the_first_ones() -> None:
    text = after(APERAK, "DTM+171", "NAD+SU+0799999000107::9", "CTA+IC+:Tom Becker", "CTA+SR+:Ann Lee", "COM+555:TE")
    document, losses = read(aperak(), text)
    assert [(c.name, [x.value for x in c.channels]) for c in document.parties[0].contacts] == [
        ("Tom Becker", ["555"]),
        ("Ann Lee", []),
    ]
    assert losses == [] and written(aperak(), document)[1] == []
    first, second = document.parties[0].contacts
    first.channels, second.channels = second.channels, first.channels
    assert written(aperak(), document)[1] == [("changed", "parties[0].contacts")]


def test_several_documents_that_an_aperak_answers_alike_are_told_apart_by_their_groups() -> None:
    document = ApplicationResponse(
        id="AP1",
        purpose="9",
        responses=[
            DocumentResponse(response="27", type="IV", id="INV1", document_type="380"),
            DocumentResponse(
                response="27", type="IV", id="INV2", document_type="380", findings=[ApplicationFinding(code="DUPL")]
            ),
        ],
    )
    made, losses = aperak("D.01B").write_tree(document)
    assert losses == [] and aperak("D.01B").read(made)[0] == document


def test_of_different_answers_an_aperak_gives_the_most_severe_one_and_reports_the_others() -> None:
    document = ApplicationResponse(
        id="AP1",
        purpose="9",
        responses=[
            DocumentResponse(response="44", type="IV", id="INV1"),
            DocumentResponse(response="27", type="IV", id="INV2"),
            DocumentResponse(response="27", type="IV", id="INV3", findings=[ApplicationFinding(code="DUPL")]),
        ],
    )
    lines, losses = written(aperak(), document)
    assert lines == ["BGM++AP1+27", "RFF+IV:INV2", "RFF+IV:INV3", "ERC+DUPL", "RFF+IV:INV3"]
    assert losses == [("dropped", "responses[0]"), ("changed", "responses[2]")]


PLACES = [
    ApplicationFinding(code="ITEM", text="Unknown item", segment="PO1", segment_number=14, element=7, value="07999"),
    ApplicationFinding(code="ITEM", segment_number=14),
    ApplicationFinding(code="ITEM", text="[sic]", segment="N1", element=3, component=2, element_id="C082"),
    ApplicationFinding(code="ITEM", text="Wrong", element=1, value="a, b] [c", new_value="d"),
    ApplicationFinding(code="X12-CAL", text="Wrong", own_code="E054"),
]


@pytest.mark.parametrize("finding", PLACES)
def test_the_place_of_an_error_is_told_in_its_text_and_read_from_it(finding: ApplicationFinding) -> None:
    document = answer(finding)
    made, losses = aperak().write_tree(document)
    assert losses == [] and aperak().read(made)[0] == document


def test_a_place_reads_like_a_sentence() -> None:
    lines, _ = written(aperak(), answer(PLACES[0]))
    assert lines[-1] == 'FTX+AAO+++Unknown item [segment PO1 14, element 7, value "07999"]'


def test_a_place_that_would_not_be_read_back_is_left_out_and_reported() -> None:
    lines, losses = written(aperak(), answer(ApplicationFinding(code="ITEM", text="Wrong", value='5" nail')))
    assert lines[-1] == "FTX+AAO+++Wrong"
    assert losses == [("dropped", "responses[0].findings[0].value")]
    long = ApplicationFinding(code="ITEM", text=" ".join(["far too long"] * 26), segment="N1")
    assert written(aperak(), answer(long))[1] == [("dropped", "responses[0].findings[0].segment")]


def test_what_an_aperak_has_no_element_for_is_reported() -> None:
    document = answer(group_control="4711", control="0001", version="004010", sender_code="A")
    lines, losses = written(aperak(), document)
    assert "RFF+ACW:0001" in lines
    assert losses == [("dropped", f"responses[0].{name}") for name in ("version", "sender_code", "group_control")]


# ---------------------------------------------------------------- 824


def test_an_824_answers_with_control_numbers_and_the_place_of_the_error() -> None:
    document, losses = read(advice(), ADVICE)
    (response,) = document.responses
    assert (response.response, response.type, response.id, response.document_type) == ("27", "ON", "PO1", "220")
    assert (response.group_control, response.control, str(response.sent)) == ("4711", "0001", "2026-10-05T09:15")
    assert response.findings == [
        ApplicationFinding(
            code="ITEM",
            text="Unknown item",
            segment="PO1",
            segment_number=14,
            element=7,
            element_id="234",
            value="0799999009999",
            new_value="0799999001012",
        )
    ]
    assert losses == []
    assert "TED*Q*Unknown item*PO1*14*7*234*0799999009999*0799999001012" in written(advice(), document)[0]


def test_005010_tells_the_component() -> None:
    finding = ApplicationFinding(code="ITEM", element=2, component=3)
    assert "TED*Q****2>3" in written(advice("005010"), answer(finding))[0]
    assert written(advice("004010"), answer(finding))[1] == [("dropped", "responses[0].findings[0].component")]


def test_a_code_of_the_senders_own_stands_beside_the_code_for_another_reason() -> None:
    lines, losses = written(advice(), answer(ApplicationFinding(code="186", text="Number was used before")))
    assert lines[-2:] == ["TED*ZZZ*Number was used before", "RED*NA**ZZ**ZZ*186"]
    assert losses == []


def test_an_answer_about_an_item_a_group_or_a_batch_is_read_as_one_and_reported() -> None:
    for code, response in (("IR", "27"), ("GA", "44"), ("BE", "45"), ("TP", "45")):
        document, losses = read(advice(), ADVICE.replace("OTI*TR", f"OTI*{code}"))
        assert document.responses[0].response == response
        assert [(loss.kind, loss.value) for loss in losses] == [("folded", code)]


def test_an_aperak_that_only_names_errors_rejects() -> None:
    document, _ = read(aperak(), APERAK.replace("BGM++AP1+27", "BGM+12E::9+AP1"))
    lines, losses = written(advice(), document)
    assert "OTI*TR*PO*PO1" in lines and ("defaulted", "responses[0].response") in losses


def test_error_texts_of_the_heading_become_findings() -> None:
    document, _ = read(aperak(), after(APERAK, "DTM", "FTX+AAO+++Order is too late", "FTX+AAI+++Kind regards"))
    assert document.notes == [Note(subject="AAO", text="Order is too late"), Note(subject="AAI", text="Kind regards")]
    lines, losses = written(advice(), document)
    assert "TED*ZZZ*Order is too late" in lines
    assert [loss for loss in losses if "notes" in loss[1]] == [("changed", "notes[0]"), ("dropped", "notes")]


def test_a_control_reference_without_its_groups_goes_among_the_references() -> None:
    lines, losses = written(advice(), answer(control="0007"))
    assert "REF*TN*0007" in lines
    assert ("changed", "responses[0].control") in losses


def test_without_a_document_that_it_answers_an_824_is_not_valid_and_so_not_sent() -> None:
    document = answer(ApplicationFinding(code="ITEM"), type=None, id=None)
    segments, losses = advice().write(document)
    assert ("dropped", "responses[0]") in [(loss.kind, loss.location) for loss in losses]
    assert not received(on_the_wire(advice(), segments)).valid


# ---------------------------------------------------------------- between the two


def test_a_rejection_passes_both_ways_with_all_that_was_said() -> None:
    """But for what APERAK D.96A has no element for: control number of the group, codes and time of the envelope."""
    first, _ = read(advice(), ADVICE)
    made, _ = aperak().write_tree(first)
    second, unread = aperak().read(made)
    assert unread == []
    (before,), (answered,) = answers(first), answers(second)
    assert answered == before
    assert second.responses[0].findings == first.responses[0].findings


def test_references_of_an_error_pass() -> None:
    finding = ApplicationFinding(code="ORDER", line="3", references=[Reference(type="ON", id="PO2")])
    lines, losses = written(advice(), answer(finding))
    assert lines[-2:] == ["RED*3*AI", "RED*PO2*PO"] and losses == []


@pytest.mark.parametrize(("sample", "to"), [("advice_4712.x12", "APERAK:D.96A"), ("aperak_88231.edi", "824:004010")])
def test_a_file_is_converted_into_a_valid_one_of_the_other_standard_without_loss(sample: str, to: str) -> None:
    wanted = convert.target(to)
    assert wanted is not None
    parsed = directory.check((shipped("samples") / "demo" / sample).read_bytes())
    (content,) = convert.read_messages(sample, parsed)
    options = convert.Options(now=datetime(2026, 10, 5, 15, 0))
    made = convert.write(content, wanted, 1, options)
    (interchange,) = directory.check(made.data).interchanges
    assert interchange.accepted and interchange.messages[0].valid
    assert [*content.losses, *made.losses] == []
    (again,) = convert.read_messages(to, directory.check(made.data))
    assert again.document == content.document


def test_a_document_type_that_the_directory_does_not_know_leaves_no_empty_segment() -> None:
    lines, losses = written(aperak("D.01B"), answer(document_type="QQ9"))
    assert [line for line in lines if line.startswith("DOC")] == [] and "RFF+ON:PO1" in lines
    assert losses == [("dropped", "documents[0]")]
