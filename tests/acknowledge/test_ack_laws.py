"""Laws: whatever was found, the acknowledgement parses, validates without errors and reads back as what was meant."""

from __future__ import annotations

from datetime import datetime

from ack_builders import edifact, gs, order, po, ung, x12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edigw.acknowledge import (
    Outcome,
    SentMessage,
    accepted_messages,
    is_acknowledgement,
    read_acknowledgement,
    settle,
    write_contrl,
    write_x12_acks,
)
from edigw.directory import check
from edigw.syntax import RULES, Delimiters, Finding, Interchange, Message

NOW = datetime(2026, 8, 30, 14, 5)
LAW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

_positions = st.none() | st.integers(1, 9) | st.sampled_from([99, 100, 998, 999, 1_000_000])


def _findings(*levels: str) -> st.SearchStrategy[list[Finding]]:
    codes = sorted(code for code, rule in RULES.items() if rule.level in levels)
    finding = st.builds(
        Finding,
        code=st.sampled_from(codes),
        text=st.just("what is wrong"),
        severity=st.sampled_from(["error", "error", "warning", "note"]),
        segment=_positions,
        tag=st.sampled_from(["", "BGM", "NAD", "UNH", "UNT", "UNB", "ST", "SE", "N1", "LS", "X", "LONGTAG", "é"]),
        element=_positions,
        component=_positions,
        repetition=_positions,
        data_element=st.sampled_from(["", "3035", "98", "C040", "S009"]),
        value=st.text(max_size=120),
        offset=st.none() | st.integers(0, 10_000),
    )
    return st.lists(finding, max_size=6)


_INNER = _findings("message", "segment", "element")
_OUTER: st.SearchStrategy[list[Finding]] = st.just([]) | _findings("interchange")
_GROUP: st.SearchStrategy[list[Finding]] = st.just([]) | _findings("group")


@st.composite
def edifact_interchanges(draw: st.DrawFn) -> Interchange:
    syntax = draw(st.sampled_from(["UNOA:1", "UNOB:2", "UNOC:3", "UNOC:4"]))
    outer = tuple(draw(_OUTER))
    numbers = iter(range(1, 100))

    def messages() -> list[Message]:
        return [order(str(next(numbers)), *found) for found in draw(st.lists(_INNER, min_size=1, max_size=3))]

    if not draw(st.booleans()):
        return edifact(*messages(), findings=outer, syntax=syntax)
    groups = [ung(f"G{n}", *messages(), findings=tuple(draw(_GROUP))) for n in range(draw(st.integers(1, 3)))]
    return edifact(groups=tuple(groups), findings=outer, syntax=syntax)


@st.composite
def x12_interchanges(draw: st.DrawFn) -> Interchange:
    version = draw(st.sampled_from(["003040", "003050", "004010", "004030", "005010", "006020"]))
    groups = [
        gs(
            str(n),
            *(po(f"{k:04}", *found) for k, found in enumerate(draw(st.lists(_INNER, min_size=1, max_size=3)))),
            findings=tuple(draw(_GROUP)),
            sender=draw(st.sampled_from(["BUYERAPP", "OTHERAPP"])),
            version=version,
        )
        for n in range(1, draw(st.integers(2, 4)))
    ]
    return x12(
        *groups,
        findings=tuple(draw(_OUTER)),
        ack_requested=draw(st.sampled_from("01")),
        version=version[:5],
        delimiters=Delimiters("*", ":", "~", "^" if version > "004010" else ""),
    )


def meant(interchange: Interchange) -> list[Outcome]:
    """What is to become of each message: it is rejected with anything around it."""
    groups = {id(m): g for g in interchange.groups for m in g.messages}

    def good(message: Message) -> bool:
        group = groups.get(id(message))
        return message.valid and not any(f.severity == "error" for f in (group.findings if group else ()))

    return ["accepted" if interchange.accepted and good(m) else "rejected" for m in interchange.messages]


def sent(interchange: Interchange) -> list[SentMessage]:
    groups = {id(m): g for g in interchange.groups for m in g.messages}
    edifact = interchange.standard == "edifact"
    return [
        SentMessage(m.type, m.control, g.control if g else "", g.functional_id if g and not edifact else "")
        for m in interchange.messages
        for g in [groups.get(id(m))]
    ]


def answer_is_sound(data: bytes | None, subject: Interchange) -> None:
    assert data is not None
    parsed = check(data)
    assert parsed.findings == []
    (answer,) = parsed.interchanges
    found = [*answer.findings, *(f for part in (*answer.groups, *answer.messages) for f in part.findings)]
    assert [f for f in found if f.severity == "error"] == []
    assert is_acknowledgement(answer)
    assert (answer.sender, answer.receiver) == (subject.receiver, subject.sender)
    verdicts = read_acknowledgement(answer)
    assert all((v.sender, v.receiver) == (subject.sender, subject.receiver) for v in verdicts)
    assert all("which is not in list" not in code.text for v in verdicts for code in v.codes)
    results = settle(sent(subject), verdicts, interchange_control=subject.control)
    assert [r.outcome for r in results] == meant(subject)
    assert accepted_messages(subject) == [
        r for r, o in zip(subject.messages, meant(subject), strict=True) if o == "accepted"
    ]


@LAW
@given(edifact_interchanges(), st.booleans())
def test_every_contrl_reads_back_as_meant(subject: Interchange, list_all: bool) -> None:
    """Any findings in any EDIFACT interchange give a valid CONTRL that settles each message as it was judged."""
    data = write_contrl(subject, control="C1", message_control="1", now=NOW, list_all=list_all)
    answer_is_sound(data, subject)


@LAW
@given(x12_interchanges(), st.booleans(), st.sampled_from(["997", "999"]))
def test_every_x12_answer_reads_back_as_meant(subject: Interchange, include_accepted: bool, set_id: str) -> None:
    """Any findings in any X12 interchange give valid TA1, 997 or 999 that settle each set as it was judged."""
    data = write_x12_acks(
        subject,
        control=1,
        group_control=1,
        now=NOW,
        include_accepted=include_accepted,
        set_id="999" if set_id == "999" else "997",
    )
    answer_is_sound(data, subject)
