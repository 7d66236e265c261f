"""pydifact as oracle: both must tell the same segments apart, and objects must survive the way there and back."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import pytest
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from syntax_samples import EDIFACT, ORDER, PUBLIC, UNB, X12, read, segments

from edigw.syntax import EDIFACT_DEFAULT, Interchange, Repeated, Segment, parse, unrepeated, write
from edigw.syntax.interop import (
    from_characters,
    from_pydifact,
    from_pydifact_message,
    from_pydifact_segment,
    to_characters,
    to_pydifact,
    to_pydifact_message,
    to_pydifact_segment,
)

OWN = {
    "plain": EDIFACT,
    "una": "UNA:+.? '" + EDIFACT,
    "released": EDIFACT.replace("PO1", "it?'s 1?+1??:a?:b").replace("REF1", "R?+F"),
    "lines": "UNA:+.? '\r\n" + EDIFACT.replace("'", "'\r\n"),
    "other service characters": "UNA|*,! ~" + EDIFACT.translate(str.maketrans(":+?'", "|*!~")),
    "empties": EDIFACT.replace("PO1", "+++:::x"),
    "groups": f"{UNB}UNG+ORDERS+S+R+250115:1031+G1+UN+D:96A'{ORDER}UNE+1+G1'UNZ+1+REF1'",
    "syntax 4": EDIFACT.replace("UNOC:3", "UNOC:4").replace("250115:", "20250115:").replace("PO1", "A*B:C"),
    "latin-1": EDIFACT.replace("PO1", "Größe"),
    "segment without elements": EDIFACT.replace("LIN+", "UNS'LIN+").replace("UNT+5", "UNT+6"),
}

# What pydifact can't read at all, and why; we read each of them, with or without errors.
REFUSED = {
    "orders.withbadunbsegment": "an empty segment",
    "INVOICE.CEI": "an empty segment between two interchanges",
    "CorruptUnh.txt": "a tag of two letters",
    "unedifact-msg-0": "tags of four letters (a test of another parser)",
    "hl7.lab": "tags of other shapes (HL7 inside of an envelope)",
    "BIN01_": "an object between UNO and UNP, whose octets are no segments",
    "wrapped_invoic": "lines wrapped within tags",
    "aperak_iway_d97a.edi": "segments that end with line breaks, without UNA",
    "contrl_version3_iway.edi": "segments that end with line breaks, without UNA",
    "invoic_iway_d97a.edi": "segments that end with line breaks, without UNA",
    "patient3.edi": "no terminator at the end",
}
# What we refuse: without a header there are no segments to compare.
UNREADABLE = {
    "hupe1980__edifact-rs": "fragments without UNB",
    "gitpan__XML-Edifact": "fragments without UNB",
    "IATA.edi": "UNA without UNB",
    "NaN-tic__python-edifact": "UNA without UNB",
    "PrescriptionRequestCorruptHeader.txt": "a header called FIB",
    "DIS20_ERROR_UNH1.edi": "no UNH: segments outside of any message are reported, not kept",
    "staedi_167_stray-terminator-before-una.edi": "UNB lacks its terminator: we split it from UNH to report both",
}


def simplified(segment: Segment, repetition: str) -> Segment:
    """A segment as pydifact sees it, which has no repetitions and drops empty components at the end of elements."""
    simple: list[Any] = []
    for element in segment:
        if isinstance(element, Repeated):
            element = unrepeated(element, repetition)
        if isinstance(element, list):
            while len(element) > 1 and element[-1] == "":
                element = element[:-1]
            element = element if len(element) > 1 else element[0]
        simple.append(element)
    return simple


def without_breaks(element: Any) -> Any:
    """pydifact keeps line breaks that wrap lines within elements; they are no data (ISO 9735)."""
    if isinstance(element, list):
        return [without_breaks(part) for part in element]
    return element.replace("\r", "").replace("\n", "")


def by_pydifact(text: str) -> list[Segment]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [[segment.tag, *segment.elements] for segment in Parser().parse(text)]
    return [segment for segment in found if segment[0] != "UNA"]


def compare(found: Interchange, octets: bytes) -> None:
    try:
        text = octets.decode(found.charset)
    except UnicodeDecodeError:  # not in the declared character set: we keep each octet as a character
        text = octets.decode("latin-1")
    expected = [[without_breaks(element) for element in segment] for segment in by_pydifact(text)]
    repetition = found.delimiters.repetition
    ours = [simplified(segment, repetition) for segment in segments(found)]
    assert ours == [simplified(segment, repetition) for segment in expected]


@pytest.mark.parametrize("name", OWN)
def test_our_samples_read_alike(name: str) -> None:
    """Each of our samples gives the same segments in both."""
    data = OWN[name].encode("latin-1")
    compare(read(data), data)


def public_files() -> list[Path]:
    return [path for path in sorted(PUBLIC.rglob("*")) if path.is_file()] if PUBLIC.is_dir() else []


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public samples are not here")
def test_public_samples_read_alike() -> None:
    """Every EDIFACT interchange of the public samples gives the same segments in both, but for the listed ones."""
    logging.disable(logging.CRITICAL)
    compared, differing = 0, []
    try:
        for path in public_files():
            name, data = str(path.relative_to(PUBLIC)), path.read_bytes()
            if len(data) > 300_000 or any(mark in name for mark in (*REFUSED, *UNREADABLE)):
                continue  # pydifact reads about 1 MB a second
            for found in parse(data).interchanges:
                if found.standard == "edifact":
                    compared += 1
                    try:
                        compare(found, data[found.start : found.end])
                    except AssertionError as error:
                        differing.append(f"{name}: {error}")
    finally:
        logging.disable(logging.NOTSET)
    assert not differing, "\n".join(differing)
    assert compared > 150


def read_alike(path: Path) -> bool:
    """Whether pydifact reads the whole file, with the segments that we read."""
    data = path.read_bytes()
    interchanges = parse(data).interchanges
    if not interchanges or any(found.header == ["UNB"] for found in interchanges):
        return False
    try:
        for found in interchanges:
            compare(found, data[found.start : found.end])
    except (AssertionError, EDISyntaxError, ValueError):
        return False
    return True


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public samples are not here")
@pytest.mark.parametrize("mark", [*REFUSED, *UNREADABLE])
def test_listed_exceptions_still_differ(mark: str) -> None:
    """What is explained above is still read in two ways; once it is not, the explanation goes."""
    files = [path for path in public_files() if mark in str(path.relative_to(PUBLIC))]
    assert files and not all(map(read_alike, files))


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public samples are not here")
def test_public_samples_never_raise_and_come_back() -> None:
    """Every public file is read, and each sound interchange without repairs is written back byte for byte."""
    for path in public_files():
        data = path.read_bytes()
        for found in parse(data).interchanges if len(data) < 1_000_000 else ():
            holders = [found, *found.groups, *found.messages]
            if not any(holder.findings for holder in holders):
                assert write(found) == data[found.start : found.end], path


def test_segments_there_and_back() -> None:
    """Segments become pydifact's and come back the same."""
    for segment in (["BGM", "220", "PO1"], ["LIN", "1", "", ["5412345000013", "EN"]], ["DTM", ["137", "", "102"]]):
        assert from_pydifact_segment(to_pydifact_segment(segment)) == segment
    assert to_pydifact_segment(["IMD", Repeated(("a", ["b", "c"]))]).elements == [["a*b", "c"]]


def test_messages_there_and_back() -> None:
    """A message becomes pydifact's, and a body to be written again."""
    message = read(EDIFACT).messages[0]
    converted = to_pydifact_message(message)
    assert (converted.type, converted.version, converted.reference_number) == ("ORDERS", "D.96A", "1")
    back = from_pydifact_message(converted)
    assert (back.type, back.version, back.control, back.association) == ("ORDERS", "D.96A", "1", "EAN008")
    assert back.segments == message.segments[1:-1]


@pytest.mark.parametrize("name", [name for name in OWN if name != "segment without elements"])
def test_interchanges_there_and_back(name: str) -> None:
    """An interchange becomes pydifact's and comes back with the same segments."""
    found = read(OWN[name])
    if name == "syntax 4":
        found.messages[0].segments[1] = ["BGM", "220"]
    converted = to_pydifact(found)
    assert converted.control_reference == found.control
    if name != "syntax 4":  # pydifact writes six-digit dates
        back = from_pydifact(converted)
        repetition = found.delimiters.repetition
        assert [simplified(s, repetition) for s in segments(back)] == [
            simplified(s, repetition) for s in segments(found)
        ]


def test_service_characters_there_and_back() -> None:
    """pydifact's Characters hold the same service characters."""
    for chosen in (EDIFACT_DEFAULT, read(OWN["other service characters"]).delimiters):
        assert from_characters(to_characters(chosen)) == chosen


def test_x12_is_refused() -> None:
    """pydifact holds EDIFACT only."""
    with pytest.raises(ValueError, match="X12"):
        to_pydifact(read(X12))
