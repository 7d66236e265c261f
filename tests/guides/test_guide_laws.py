"""Whatever a message holds, a guide gives findings and no exception, and the standard's own findings stay."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from edigw import directory
from edigw.directory.guides import Guide, apply, load_guide
from edigw.resources import shipped
from edigw.syntax.model import ParsedFile

FOLDER = shipped("samples") / "guides"
NAMES = ("nordwind-orders", "lakeshore-850", "lakeshore-856")


@cache
def guides() -> tuple[Guide, ...]:
    return tuple(load_guide(FOLDER / f"{name}.yaml") for name in NAMES)


@cache
def seeds() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in (".edi", ".x12"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample with segments removed, repeated, moved and taken from other samples, and bytes changed."""
    data = draw(st.sampled_from(seeds()))
    mark = b"~" if data.startswith(b"ISA") else b"'"
    parts = data.split(mark)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(1, len(parts) - 1))
        kind = draw(st.sampled_from(("drop", "repeat", "swap", "borrow", "values")))
        if kind == "drop" and len(parts) > 3:
            del parts[at]
        elif kind == "repeat":
            parts.insert(at, parts[at])
        elif kind == "swap":
            other = draw(st.integers(1, len(parts) - 1))
            parts[at], parts[other] = parts[other], parts[at]
        elif kind == "borrow":
            other_parts = draw(st.sampled_from(seeds())).split(mark)
            parts.insert(at, draw(st.sampled_from(other_parts)))
        else:
            text = draw(st.text("+:*>'~^?AZ09.,-é\n", max_size=12)).encode("latin-1", "replace")
            cut = draw(st.integers(0, len(parts[at])))
            parts[at] = parts[at][:cut] + text + parts[at][cut + draw(st.integers(0, 3)) :]
    return mark.join(parts)


def told(parsed: ParsedFile) -> list[tuple[str, int | None, int | None]]:
    return [(f.code, f.segment, f.element) for i in parsed.interchanges for m in i.messages for f in m.findings]


@settings(max_examples=250, deadline=None)
@given(mutated())
def test_a_guide_never_raises_and_takes_nothing_away(data: bytes) -> None:
    """All findings of the standard are still there, some of them as notes; check digits may be judged anew."""
    parsed = directory.check(data)
    before = [each for each in told(parsed) if each[0] != "check_digit"]
    apply(parsed, guides())
    after = told(parsed)
    for each in before:
        assert each in after
    for interchange in parsed.interchanges:
        for message in interchange.messages:
            for finding in message.findings:
                assert finding.segment is None or 1 <= finding.segment <= len(message.segments) + 1
                assert not finding.guide or (finding.tag and finding.path and finding.offset is not None)
