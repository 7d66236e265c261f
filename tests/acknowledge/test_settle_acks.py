"""What verdicts make of the messages that were sent."""

from __future__ import annotations

from dataclasses import replace

from edigw.acknowledge.settle import SentMessage, settle
from edigw.acknowledge.verdict import AckCode, Counts, Outcome, Verdict
from edigw.syntax.model import PartyId

A, B = PartyId("A"), PartyId("B")
BAD = (AckCode.of("0085", "12"),)

ORDERS = [SentMessage("ORDERS", control) for control in ("1", "2", "3")]
SETS = [SentMessage("850", f"000{n}", "7", "PO") for n in (1, 2, 3)]


def uci(outcome: Outcome, control: str = "REF1") -> Verdict:
    return Verdict("interchange", "edifact", outcome, A, B, control)


def ucm(outcome: Outcome, control: str, kind: str = "ORDERS") -> Verdict:
    return replace(uci(outcome), level="message", message_type=kind, message_control=control, codes=BAD)


def ak9(outcome: Outcome, counts: tuple[int, int, int] | None = None) -> Verdict:
    return Verdict(
        "group",
        "x12",
        outcome,
        A,
        B,
        functional_id="PO",
        group_control="7",
        counts=counts and Counts(*counts),
    )


def ak5(outcome: Outcome, control: str) -> Verdict:
    return replace(ak9(outcome), level="message", message_type="850", message_control=control, codes=BAD, counts=None)


def outcomes(sent: list[SentMessage], *verdicts: Verdict) -> list[Outcome | None]:
    return [s.outcome for s in settle(sent, verdicts)]


def test_uci_7_settles_what_no_ucm_rejects() -> None:
    """Messages that are not named are accepted; the named one is rejected, with its codes."""
    result = settle(ORDERS, [uci("partly_accepted"), ucm("rejected", "2")])
    assert [s.outcome for s in result] == ["accepted", "rejected", "accepted"]
    assert [s.codes for s in result] == [(), BAD, ()]
    assert [s.message for s in result] == ORDERS


def test_uci_4_rejects_all() -> None:
    """Even a message that is named as accepted."""
    assert outcomes(ORDERS, uci("rejected"), ucm("accepted", "1")) == ["rejected"] * 3


def test_receipt_waits_for_the_verdict() -> None:
    """After a receipt the messages are received; a receipt that comes late takes nothing back."""
    assert outcomes(ORDERS, uci("received")) == ["received"] * 3
    assert outcomes(ORDERS, uci("accepted"), uci("received")) == ["accepted"] * 3


def test_the_latest_verdict_counts() -> None:
    """A partner that corrects itself is believed, at every level."""
    assert outcomes(ORDERS, uci("rejected"), uci("accepted")) == ["accepted"] * 3
    assert outcomes(SETS, ak9("accepted", (3, 3, 3)), ak9("rejected", (3, 3, 0))) == ["rejected"] * 3
    corrected = ak5("rejected", "0001"), ak5("accepted", "0001")
    assert outcomes(SETS[:1], ak9("accepted", (1, 1, 1)), *corrected) == ["accepted"]


def test_nothing_said_settles_nothing() -> None:
    """Without a verdict, and with one on another interchange, there is no outcome."""
    assert outcomes(ORDERS) == [None] * 3
    assert [s.outcome for s in settle(ORDERS, [uci("accepted")], interchange_control="REF2")] == [None] * 3
    assert settle(ORDERS[:1], [uci("accepted", "007")], interchange_control="7")[0].outcome == "accepted"


def test_rejection_of_something_unknown_leaves_the_others_open() -> None:
    """If UCM 4 fits no message that was sent, the rest can't be taken as accepted."""
    assert outcomes(ORDERS, uci("partly_accepted"), ucm("rejected", "99")) == ["received"] * 3
    assert outcomes(ORDERS, uci("partly_accepted"), ucm("rejected", "2", "INVOIC")) == ["received"] * 3
    assert outcomes(ORDERS, uci("partly_accepted")) == ["received"] * 3
    known_and_unknown = ucm("rejected", "2"), ucm("rejected", "99")
    assert outcomes(ORDERS, uci("partly_accepted"), *known_and_unknown) == ["received", "rejected", "received"]


def test_references_may_lose_leading_zeros() -> None:
    """0002 and 2 are the same number, unless both were sent."""
    assert outcomes(SETS, ak9("partly_accepted", (3, 3, 2)), ak5("rejected", "2")) == [
        "accepted",
        "rejected",
        "accepted",
    ]
    both = [SentMessage("ORDERS", "2"), SentMessage("ORDERS", "02")]
    assert outcomes(both, uci("partly_accepted"), ucm("rejected", "02")) == ["accepted", "rejected"]


def test_ak9_alone_settles_the_group() -> None:
    """Without AK2 loops, A, E and R are the outcome of every set."""
    assert outcomes(SETS, ak9("accepted", (3, 3, 3))) == ["accepted"] * 3
    assert outcomes(SETS, ak9("accepted_with_errors", (3, 3, 3))) == ["accepted_with_errors"] * 3
    assert outcomes(SETS, ak9("rejected", (3, 3, 0))) == ["rejected"] * 3


def test_partly_accepted_group_must_name_its_rejected_sets() -> None:
    """AK9 P with counts that the AK2 loops don't account for leaves the unnamed sets open."""
    two_of_three = ak9("partly_accepted", (3, 3, 1))
    assert outcomes(SETS, two_of_three) == ["received"] * 3
    assert outcomes(SETS, two_of_three, ak5("rejected", "0001")) == ["rejected", "received", "received"]
    assert outcomes(SETS, two_of_three, ak5("rejected", "0001"), ak5("rejected", "0003")) == [
        "rejected",
        "accepted",
        "rejected",
    ]


def test_group_is_found_by_number_and_functional_id() -> None:
    """The same number under another functional id is another group; a TA1 counts for both as a receipt."""
    sent = [*SETS[:1], SentMessage("810", "0001", "0007", "IN"), SentMessage("850", "0001", "8", "PO")]
    ta1 = Verdict("interchange", "x12", "received", A, B, "000000905")
    assert outcomes(sent, ak9("accepted", (1, 1, 1))) == ["accepted", None, None]
    assert outcomes(sent, ta1, ak9("accepted", (1, 1, 1))) == ["accepted", "received", "received"]


def test_rejected_group_rejects_its_messages_only() -> None:
    """UCF 4 rejects what is in it; the other groups follow UCI."""
    sent = [SentMessage("ORDERS", "1", "G1"), SentMessage("ORDERS", "1", "G2")]
    ucf = replace(uci("rejected"), level="group", group_control="G1")
    assert outcomes(sent, uci("partly_accepted"), ucf) == ["rejected", "accepted"]


def test_message_in_a_group_is_told_from_its_namesake() -> None:
    """The same message reference in two groups is two messages."""
    sent = [SentMessage("ORDERS", "1", "G1"), SentMessage("ORDERS", "1", "G2")]
    named = replace(ucm("rejected", "1"), group_control="G2")
    ucf = replace(uci("partly_accepted"), level="group", group_control="G2")
    assert outcomes(sent, uci("partly_accepted"), ucf, named) == ["accepted", "rejected"]
