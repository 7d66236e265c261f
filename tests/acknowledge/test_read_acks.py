"""Acknowledgements as partners write them, and what they say."""

from __future__ import annotations

import pytest
from ack_builders import edifact, gs, order, po, x12

from edigw.acknowledge import AckCode, Counts, Outcome, Place, Verdict, is_acknowledgement, read_acknowledgement
from edigw.syntax import Interchange, PartyId, parse

BUYER, SELLER = PartyId("BUYER", "ZZ"), PartyId("SELLER", "01")


def interchange(text: str) -> Interchange:
    return parse("".join(line.strip() for line in text.splitlines()).encode("ascii")).interchanges[0]


def contrl(*segments: str) -> list[Verdict]:
    content = "".join(f"{s}'" for s in segments)
    return read_acknowledgement(
        interchange(f"UNB+UNOC:3+S:1+B:2+260830:1405+C1'UNH+1+CONTRL:D:3:UN'{content}UNT+9+1'UNZ+1+C1'")
    )


def x12_acks(content: str, loose: str = "") -> list[Verdict]:
    isa = "ISA*00*          *00*          *01*SELLER         *ZZ*BUYER          *260830*1405*U*00401*000000007*0*P*>~"
    group = f"GS*FA*SELLERAPP*BUYERAPP*20260830*1405*8*X*004010~{content}GE*1*8~" if content else ""
    return read_acknowledgement(interchange(f"{isa}{loose}{group}IEA*{1 if content else 0}*000000007~"))


def functional(*segments: str, set_id: str = "997") -> list[Verdict]:
    return x12_acks(f"ST*{set_id}*0001~{''.join(f'{s}~' for s in segments)}SE*9*0001~")


# -- CONTRL ----------------------------------------------------------------------------------------------------


def test_contrl_names_what_it_is_about() -> None:
    """UCI gives the interchange and its parties, UCM the message; positions are counted as findings count them."""
    verdicts = contrl(
        "UCI+REF1+B:2+S:1+7",
        "UCM+4+ORDERS:D:96A:UN:EAN008+4",
        "UCS+2+13",
        "UCS+4",
        "UCD+12+2",
        "UCD+39+3:2",
        "UCM+5+ORDERS:D:96A:UN:EAN008+4+29+UNT+2",
    )
    sent = {"standard": "edifact", "sender": PartyId("B", "2"), "receiver": PartyId("S", "1")}
    sent |= {"interchange_control": "REF1"}
    message = sent | {"level": "message", "outcome": "rejected", "message_type": "ORDERS"}
    assert verdicts == [
        Verdict(level="interchange", outcome="partly_accepted", **sent),  # type: ignore[arg-type]
        Verdict(
            **message,  # type: ignore[arg-type]
            message_control="4",
            codes=(
                AckCode("13", Place(segment=2), "something mandatory is missing", "0085"),
                AckCode("12", Place(segment=4, element=1), "the value is invalid", "0085"),
                AckCode("39", Place(segment=4, element=2, component=2), "the value is too long", "0085"),
            ),
        ),
        Verdict(
            **message,  # type: ignore[arg-type]
            message_control="5",
            codes=(AckCode("29", Place(tag="UNT", element=1), "the trailer's count is wrong", "0085"),),
        ),
    ]


def test_place_in_words() -> None:
    """A place is shown to people as far as it is stated."""
    assert str(Place()) == ""
    place = Place("N1", 4, 1, 2, 3, "98", "XX")
    assert str(place) == "N1, segment 4, element 1, component 2, repetition 3, data element 98, value 'XX'"


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("7", "accepted"),
        ("4", "rejected"),
        ("8", "received"),
        ("1", "accepted"),
        ("2", "accepted_with_errors"),
        ("3", "partly_accepted"),
        ("5", "received"),
        ("6", "rejected"),
    ],
)
def test_actions_of_the_interchange(action: str, outcome: Outcome) -> None:
    """The actions of D.3 and those of older CONTRL."""
    assert [v.outcome for v in contrl(f"UCI+REF1+B:2+S:1+{action}")] == [outcome]


def test_contrl_with_groups() -> None:
    """A group of action 7 with a rejected message is partly accepted; its neighbour is not touched by that."""
    verdicts = contrl(
        "UCI+REF1+B:2+S:1+7",
        "UCF+G1+BA+SA+7",
        "UCM+1+ORDERS:D:96A:UN+4+18",
        "UCF+G2+BA+SA+7",
        "UCM+1+ORDERS:D:96A:UN+7",
        "UCF+G3+BA+SA+4+29+UNE+2",
    )
    assert [(v.level, v.group_control, v.outcome) for v in verdicts] == [
        ("interchange", "", "partly_accepted"),
        ("group", "G1", "partly_accepted"),
        ("message", "G1", "rejected"),
        ("group", "G2", "accepted"),
        ("message", "G2", "accepted"),
        ("group", "G3", "rejected"),
    ]


def test_unknown_actions_settle_nothing() -> None:
    """A report without a known action is left out, with what stands below it."""
    assert contrl("UCI+REF1+B:2+S:1+99", "UCM+1+ORDERS:D:96A:UN+4") == []
    assert [v.level for v in contrl("UCI+REF1+B:2+S:1+7", "UCM+1+ORDERS:D:96A:UN+X", "UCS+2+13")] == ["interchange"]


def test_old_position_of_the_tag_itself() -> None:
    """0098 = 1 is the tag: no element is meant. Numbers that are none are left out."""
    verdicts = contrl("UCI+REF1+B:2+S:1+7", "UCM+1+ORDERS:D:96A:UN+4", "UCS+X", "UCD+15+1")
    assert verdicts[1].codes == (AckCode.of("0085", "15", Place()),)


# -- X12 -------------------------------------------------------------------------------------------------------


def test_997_names_group_and_sets() -> None:
    """The parties are those of the ISA, swapped; codes that only announce others are left out."""
    verdicts = functional(
        "AK1*PO*000000905",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK3*N1*4**8",
        "AK4*1>2*98*7*XX",
        "AK3*BEG*2**3",
        "AK5*R*5*4",
        "AK2*850*0003",
        "AK5*A",
        "AK9*P*3*3*2",
    )
    group = {"standard": "x12", "sender": BUYER, "receiver": SELLER, "functional_id": "PO"}
    group |= {"group_control": "000000905"}
    assert verdicts == [
        Verdict(level="group", outcome="partly_accepted", counts=Counts(3, 3, 2), **group),  # type: ignore[arg-type]
        Verdict(level="message", outcome="accepted", message_type="850", message_control="0001", **group),  # type: ignore[arg-type]
        Verdict(
            level="message",
            outcome="rejected",
            message_type="850",
            message_control="0002",
            codes=(
                AckCode.of("723", "7", Place("N1", 4, 1, 2, None, "98", "XX")),
                AckCode.of("720", "3", Place("BEG", 2)),
                AckCode.of("718", "4"),
            ),
            **group,  # type: ignore[arg-type]
        ),
        Verdict(level="message", outcome="accepted", message_type="850", message_control="0003", **group),  # type: ignore[arg-type]
    ]


def test_997_without_sets() -> None:
    """AK9 alone speaks for the group, with its codes."""
    (verdict,) = functional("AK1*PO*905", "AK9*R*3*1*0*5*4")
    assert (verdict.level, verdict.outcome, verdict.counts) == ("group", "rejected", Counts(3, 1, 0))
    assert [(c.code_list, c.code) for c in verdict.codes] == [("716", "5"), ("716", "4")]


def test_codes_that_announce_nothing_are_kept() -> None:
    """720 = 8 without an AK4, and 718 = 5 without an AK3, are all that is known."""
    (verdict,) = functional("AK1*PO*905", "AK2*850*0001", "AK3*N1*4**8", "AK5*R*5")
    assert [(c.code_list, c.code) for c in verdict.codes] == [("720", "8")]
    (verdict,) = functional("AK1*PO*905", "AK2*850*0001", "AK5*R*5")
    assert [(c.code_list, c.code) for c in verdict.codes] == [("718", "5")]


def test_several_codes_in_one_ak3() -> None:
    """003040 has up to five codes in a segment note."""
    (verdict,) = functional("AK1*PO*905", "AK2*850*0001", "AK3*N1*4**2*7", "AK5*R")
    assert [(c.code, c.place) for c in verdict.codes] == [("2", Place("N1", 4)), ("7", Place("N1", 4))]


@pytest.mark.parametrize("trailer", ["IK5", "AK5"])
def test_999_in_the_names_of_either_set(trailer: str) -> None:
    """A 999 has IK segments; senders that mix in those of the 997 are understood."""
    verdicts = functional(
        "AK1*PO*905*005010",
        "AK2*850*0001*005010X222",
        "IK3*CLM*22**I6",
        "CTX*CLM01>123456789",
        "IK4*2*782*I9",
        f"{trailer}*R*I5",
        "AK9*R*1*1*0",
        set_id="999",
    )
    assert [v.outcome for v in verdicts] == ["rejected", "rejected"]
    assert [c.text for c in verdicts[1].codes] == [
        "a segment is missing that the guide requires in this situation",
        "an element is missing that the guide requires in this situation",
        "segments of the set break the implementation guide",
    ]


def test_unknown_statuses_settle_nothing() -> None:
    """AK5 and AK9 with a status that no list has are left out, as is an AK5 that belongs to no AK2."""
    assert functional("AK1*PO*905", "AK5*R", "AK2*850*0001", "AK5*Q", "AK9*Q*1*1*0") == []


@pytest.mark.parametrize(
    ("status", "outcome", "codes"),
    [("A*000", "received", []), ("E*024", "received", ["024"]), ("R*001", "rejected", ["001"]), ("Q*000", None, [])],
)
def test_ta1(status: str, outcome: Outcome | None, codes: list[str]) -> None:
    """TA1 judges the envelope alone: A and E are receipts, R rejects everything."""
    verdicts = x12_acks("", loose=f"TA1*000000905*260830*1200*{status}~")
    assert [(v.outcome, v.interchange_control, v.sender) for v in verdicts] == (
        [(outcome, "000000905", BUYER)] if outcome else []
    )
    assert [c.code for v in verdicts for c in v.codes] == codes


def test_ta1_behind_the_groups_is_read_too() -> None:
    """It belongs before the first GS, and some senders put it last."""
    text = "ST*997*0001~AK1*PO*905~AK9*A*1*1*1~SE*4*0001~"
    isa = "ISA*00*          *00*          *01*SELLER         *ZZ*BUYER          *260830*1405*U*00401*000000007*0*P*>~"
    group = f"GS*FA*SELLERAPP*BUYERAPP*20260830*1405*8*X*004010~{text}GE*1*8~"
    found = read_acknowledgement(interchange(f"{isa}{group}TA1*000000905*260830*1200*R*001~IEA*1*000000007~"))
    assert [(v.level, v.outcome) for v in found] == [("interchange", "rejected"), ("group", "accepted")]


@pytest.mark.parametrize("status", ["M", "W", "X"])
def test_rejections_for_reasons_of_security_are_rejections(status: str) -> None:
    """AK5 and AK9 may have them; we never write them, as there is no security segment that we judge."""
    verdicts = functional("AK1*PO*905", "AK2*850*0001", f"AK5*{status}*13", f"AK9*{status}*1*1*0*18")
    assert [(v.level, v.outcome) for v in verdicts] == [("group", "rejected"), ("message", "rejected")]
    assert [c.text for v in verdicts for c in v.codes] == ["the authentication code does not agree"] * 2


def test_ta1_stands_before_the_997() -> None:
    """Both are read, in their order."""
    verdicts = x12_acks("ST*997*0001~AK1*PO*905~AK9*A*1*1*1~SE*4*0001~", loose="TA1*000000905*260830*1200*A*000~")
    assert [v.level for v in verdicts] == ["interchange", "group"]


# -- what is an acknowledgement --------------------------------------------------------------------------------


def test_what_counts_as_an_acknowledgement() -> None:
    """CONTRL, 997, 999 and TA1, if nothing else is there; an interchange with nothing in it is none."""
    control = order()
    control.type = "CONTRL"
    reply = po()
    reply.type = "997"
    ta1 = ["TA1", "000000905", "260830", "1200", "A", "000"]
    assert is_acknowledgement(control)
    assert is_acknowledgement(reply)
    assert not is_acknowledgement(order())
    assert is_acknowledgement(edifact(control))
    assert not is_acknowledgement(edifact(control, order()))
    assert not is_acknowledgement(edifact())
    assert is_acknowledgement(x12(gs("1", reply, functional_id="FA"), loose=(ta1,)))
    assert is_acknowledgement(x12(loose=(ta1,)))
    assert not is_acknowledgement(x12(gs("1", po()), loose=(ta1,)))


def test_other_messages_are_passed_over() -> None:
    """Orders beside a CONTRL say nothing about what was sent."""
    assert read_acknowledgement(edifact(order())) == []
    assert read_acknowledgement(x12(gs("1", po()))) == []
