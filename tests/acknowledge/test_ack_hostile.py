"""Answers to interchanges whose envelopes hold what no answer may repeat."""

from __future__ import annotations

from datetime import datetime

import pytest

from edigw.acknowledge import AcknowledgementImpossible, write_contrl, write_x12_acks
from edigw.directory import check
from edigw.syntax import Interchange, ReadOptions

LATIN_1 = ReadOptions(x12_charset="latin-1")
NOW = datetime(2026, 8, 30, 14, 5)
ISA = "ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *250115*1031*U*00401*000000007*1*P*>~"
X12 = f"{ISA}GS*PO*SENDER*RECEIVER*20250115*1031*3*X*004010~ST*850*0001~SE*2*0001~GE*1*3~IEA*1*000000007~"
EDIFACT = "UNB+UNOC:3+A:14+B:14+250115:1031+REF1'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+REF1'"


def read(text: str) -> Interchange:
    [found] = check(text.encode("latin-1")).interchanges
    return found


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [("SENDER         *01", "SEN\0ER         *01", 6), ("*01*1234", "*01*\xe9234", 8), ("*ZZ*", "*Z\xd5*", 5)],
)
def test_identifiers_that_an_isa_can_not_hold_are_not_repeated(old: str, new: str, element: int) -> None:
    """Control characters and characters beyond ASCII would make the answer as wrong as its subject: people are told."""
    with pytest.raises(AcknowledgementImpossible, match=f"ISA{element:02}"):
        write_x12_acks(read(X12.replace(old, new, 1)), control=1, group_control=1, now=NOW)


def test_application_codes_that_a_gs_can_not_hold_are_replaced() -> None:
    """The answer's group is then addressed as its interchange is."""
    [subject] = check(X12.replace("GS*PO*SENDER", "GS*PO*SEND\xc9R").encode("latin-1"), read=LATIN_1).interchanges
    data = write_x12_acks(subject, control=1, group_control=1, now=NOW)
    assert data is not None and b"~GS*FA*RECEIVER*SENDER*" in data


def test_a_decimal_mark_that_is_none_is_not_repeated() -> None:
    """UNA may give anything there; the CONTRL's UNA gives a point."""
    data = write_contrl(read(f"UNA:+\xf7? '{EDIFACT}"), control="C1", message_control="1", now=NOW)
    assert data is not None and data.startswith(b"UNA:+.? '")


@pytest.mark.parametrize(("sent", "repeated"), [("4", "4"), ("7", "7"), ("1", ""), ("3", ""), ("8", ""), ("1BIN", "")])
def test_an_encoding_is_repeated_where_the_answer_is_written_in_it(sent: str, repeated: str) -> None:
    """0133 says how the octets are to be read: those of the answer, not those of its subject."""
    subject = EDIFACT.replace("UNOC:3", f"UNOC:4::{sent}").replace("250115:", "20250115:")
    data = write_contrl(read(subject), control="C1", message_control="1", now=NOW)
    assert data is not None
    [answer] = check(data).interchanges
    assert answer.header[1] == ["UNOC", "4", *(("", repeated) if repeated else ())]
    assert not [f for f in answer.findings if f.severity == "error"]
