"""Transport statuses: events, estimates and appointments in both standards."""

from __future__ import annotations

from typing import Any

import pytest

from edigw import mapping
from edigw.documents import (
    Consignment,
    Date,
    Goods,
    Moment,
    PackageId,
    Party,
    Reference,
    StatusReason,
    TransportEvent,
    TransportStatus,
    order_numbers,
    references,
)
from edigw.mapping import Binding
from tests.mapping.messages import tree
from tests.mapping.wire import on_the_wire, received

IFTSTA = mapping.binding("transport/IFTSTA", "D.96A")
X214 = mapping.binding("transport/214", "004010")
LOOPS = mapping.binding("transport/214_by_loop", "005010")
AT = Moment.parse("2026-10-13T15:12")


def status(*events: TransportEvent, **more: Any) -> TransportStatus:
    return TransportStatus(
        id="TS1",
        purpose="9",
        references=[Reference(type="CN", id="770551"), Reference(type="ON", id="PO1")],
        parties=[Party(role="CA", id="PFWL", id_scheme="182")],
        consignments=[Consignment(id="SHP1", events=list(events))],
        **more,
    )


def at7(binding: Binding, document: TransportStatus) -> list[list[str]]:
    segments, losses = binding.write(document)
    assert losses == []
    assert binding.read(binding.write_tree(document)[0]) == (document, [])
    return [segment[1:] for segment in segments if segment[0] == "AT7"]


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        (TransportEvent(type="24", place="88", at=AT), ["AF", "NS", "", "", "20261013", "1512"]),
        (TransportEvent(type="24", place="13", at=AT), ["P1", "NS", "", "", "20261013", "1512"]),
        (TransportEvent(type="1", place="88", at=AT), ["X3", "NS", "", "", "20261013", "1512"]),
        (TransportEvent(type="1", place="7", at=AT), ["X1", "NS", "", "", "20261013", "1512"]),
        (TransportEvent(type="21", at=AT), ["D1", "NS", "", "", "20261013", "1512"]),
        (
            TransportEvent(type="20", at=AT, reasons=[StatusReason(code="63")]),
            ["SD", "AO", "", "", "20261013", "1512"],
        ),
        (TransportEvent(type="21", dates=[Date(type="17", at=AT)]), ["AG", "NS", "", "", "20261013", "1512"]),
        (TransportEvent(type="1", dates=[Date(type="132", at=AT)]), ["X2", "NS", "", "", "20261013", "1512"]),
        (TransportEvent(dates=[Date(type="69", at=AT)]), ["", "", "AB", "NS", "20261013", "1512"]),
    ],
)
def test_one_code_of_a_214_says_what_happened_where_and_whether_it_did(
    event: TransportEvent, detail: list[str]
) -> None:
    assert at7(X214, status(event)) == [detail]
    assert at7(LOOPS, status(event)) == [["" if part == "NS" else part for part in detail]]
    assert IFTSTA.read(IFTSTA.write_tree(status(event))[0]) == (status(event), [])


@pytest.mark.parametrize("version", ["D.96A", "D.98B", "D.01B"])
def test_an_event_that_the_directory_has_no_code_for_is_told_and_leaves_a_valid_message(version: str) -> None:
    binding = mapping.binding("transport/IFTSTA", version)
    segments, losses = binding.write(status(TransportEvent(type="QQ9", at=AT), TransportEvent(type="21", at=AT)))
    assert [segment[2:] for segment in segments if segment[0] == "STS"] == [[], ["21"]]
    assert ("dropped", "consignments[0].events[0].type", "QQ9", "not in the directory's code list") in {
        (loss.kind, loss.location, loss.value, loss.reason) for loss in losses
    }
    assert received(on_the_wire(binding, segments)).valid


def test_a_status_without_a_code_of_its_own_gets_the_nearest_and_is_told() -> None:
    segments, losses = X214.write(status(TransportEvent(type="1", at=AT)))
    assert [segment[1] for segment in segments if segment[0] == "AT7"] == ["X1"]
    assert [(loss.kind, loss.location, loss.reason) for loss in losses] == [
        ("changed", "loops[0].statuses[0]", "1 is written as 1@7")
    ]


def test_what_an_lx_loop_says_holds_for_each_of_its_statuses() -> None:
    text = """
        B10*770551*SHP1*PFWL
        L11*PO1*PO
        LX*1
        AT7*AF*NS***20261013*1512*ET
        MS1*FARGO*ND*US
        AT7*X6*NS***20261014*0800*LT
        L11*DA1*SI
        MAN*CP*1Z999
        AT8*G*L*2085*5
    """
    read, losses = X214.read(tree(X214, text))
    assert [loss.kind for loss in losses] == ["folded"]  # the zone ET
    (moved,) = [consignment for consignment in read.consignments if consignment.id == "DA1"]
    assert [event.type for event in moved.events] == ["24", "31"]
    assert [str(event.at) for event in moved.events] == ["2026-10-13T15:12-04:00", "2026-10-14T08:00"]
    assert moved.events[0].place_name == "FARGO" and moved.events[1].place_name is None
    assert [event.goods[0].tracking for event in moved.events] == [[PackageId(id="1Z999")]] * 2
    assert order_numbers(read) == ["PO1"]
    assert ("consignment", "SHP1") in references(read) and ("consignment", "1Z999") in references(read)


def test_other_consignments_are_named_in_their_loops() -> None:
    document = status(TransportEvent(type="21", at=AT))
    document.consignments.append(Consignment(id="SHP2", events=[TransportEvent(type="18", at=AT)]))
    segments, losses = X214.write(document)
    assert segments[segments.index(["LX", "2"]) + 2] == ["L11", "SHP2", "SI"] and losses == []
    assert X214.read(X214.write_tree(document)[0]) == (document, [])
    segments, losses = IFTSTA.write(document)
    assert [segment[1:] for segment in segments if segment[0] == "CNI"] == [["1", "SHP1"], ["2", "SHP2"]]
    assert ["CNT", ["10", "2"]] in segments and losses == []


def test_a_carrier_that_is_not_named_is_told() -> None:
    document = status(TransportEvent(type="21", at=AT))
    document.parties = [Party(role="CA", id="4299999000016", id_scheme="9")]
    segments, losses = X214.write(document)
    assert segments[0] == ["B10", "770551", "SHP1", "XXXX"]
    assert [(loss.kind, loss.location) for loss in losses] == [("defaulted", "carrier")]


def test_a_consignment_without_a_status_has_no_place_in_an_iftsta() -> None:
    document = TransportStatus(id="TS1", purpose="9", consignments=[Consignment(id="SHP1")])
    segments, losses = IFTSTA.write(document)
    assert segments[-1] == ["CNT", ["10", "0"]]
    assert [(loss.location, loss.reason) for loss in losses] == [("consignments[0]", "the group of STS is missing")]


def test_packages_of_a_status_are_named_by_their_sscc() -> None:
    goods = Goods(count=2, sscc=[PackageId(id="307999990047110020"), PackageId(id="307999990047110037")])
    document = status(TransportEvent(type="49", at=AT, goods=[goods]))
    segments, losses = IFTSTA.write(document)
    assert ["GIN", "BJ", "307999990047110020", "307999990047110037"] in segments and losses == []
    assert IFTSTA.read(IFTSTA.write_tree(document)[0]) == (document, [])


def test_from_005010_on_the_first_loop_speaks_of_the_shipment() -> None:
    segments, losses = LOOPS.write(status(TransportEvent(type="21", at=AT)))
    assert segments[:4] == [
        ["B10", "770551", "SHP1", "PFWL"],
        ["LX", "1"],
        ["L11", "TS1", "TN"],
        ["L11", "PO1", "PO"],
    ]
    assert losses == []


def test_the_date_of_the_report_has_a_place_from_004020_on_and_is_told_before() -> None:
    document = status(TransportEvent(type="21", at=AT), issued=Moment.parse("2026-10-13T16:00"))
    segments, losses = LOOPS.write(document)
    assert [segment[8:] for segment in segments if segment[0] == "B10"] == [["20261013", "1600"]] and losses == []
    assert LOOPS.read(LOOPS.write_tree(document)[0])[0].issued == document.issued
    document.issued = Moment.parse("2026-10-13")
    for binding, reason in ((LOOPS, "no time of day, or a UTC offset"), (X214, "no rule")):
        losses = binding.write(document)[1]
        assert [(loss.kind, loss.location, loss.reason) for loss in losses] == [("dropped", "issued", reason)]


@pytest.mark.parametrize(
    ("code", "written", "back"), [("11", "C2", "11"), ("1", "AV", "1"), ("47", "C9", "46"), ("23", "AI", "35")]
)
def test_a_reason_becomes_the_one_with_the_same_meaning_or_is_told(code: str, written: str, back: str) -> None:
    document = status(TransportEvent(type="20", at=AT, reasons=[StatusReason(code=code)]))
    segments, losses = X214.write(document)
    assert [segment[2] for segment in segments if segment[0] == "AT7"] == [written]
    assert [loss.kind for loss in losses] == ([] if code == back else ["changed"])
    (consignment,) = X214.read(X214.write_tree(document)[0])[0].consignments
    assert consignment.events[0].reasons == [StatusReason(code=back)]
