"""Files that are large in every way that costs something, and how long each of them takes.

    python -m tests.fuzz.shapes [--megabytes N] [--limit SECONDS] [NAME...]

Prints, for each shape, the seconds of CPU that a megabyte takes to be parsed and checked, and to be answered with what
the gateway would send; the least of three runs. Returns 1 if one of the two is above the limit, a second, for any.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count

from edigw.directory import check
from edigw.syntax import parse
from tests.fuzz.target import answer

Piece = Callable[[int], str]  # the nth piece of a file

_UNB = "UNB+UNOC:3+A:14+B:14+250115:1031+REF1'"
_UNB4 = "UNB+UNOC:4+A:14+B:14+20250115:1031+REF1'"
_UNH = "UNH+1+ORDERS:D:96A:UN'BGM+220+1'DTM+137:20250115:102'"
_LINE = "LIN+{n}++5412345000013:EN'QTY+21:12'PRI+AAA:1.25'"
_DESADV = "UNH+1+DESADV:D:96A:UN'BGM+351+1'DTM+137:20250115:102'"
_ISA = "ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *250115*1031*^*00501*000000007*1*P*:~"
_GS = "GS*PO*SENDER*RECEIVER*20250115*1031*3*X*005010~"
_ST = "ST*850*0001~BEG*00*SA*1**20250115~"
_SH = "GS*SH*SENDER*RECEIVER*20250115*1031*3*X*005010~ST*856*0001~BSN*00*1*20250115*1031~"


def _same(piece: str) -> Piece:
    return lambda n: piece


def _numbered(piece: str) -> Piece:
    return lambda n: piece.replace("{n}", str(n)).replace("{letters}", _letters(n))


def _letters(n: int) -> str:
    """Three letters, another combination for each of 17,576 numbers."""
    return chr(65 + n // 676 % 26) + chr(65 + n // 26 % 26) + chr(65 + n % 26)


SHAPES: Mapping[str, tuple[str, Piece]] = {
    # what a file of good orders takes, to compare with
    "orders": (_UNB, _numbered(_UNH.replace("+1+", "+{n}+", 1) + _LINE * 9 + "UNS+S'CNT+2:9'UNT+33+{n}'")),
    # characters
    "terminators": (_UNB, _same("'")),
    "terminators in X12": (_ISA, _same("~")),
    "release characters": (_UNB + _UNH, _same("?")),
    "released terminators": (_UNB + _UNH + "FTX+ZZZ+++", _same("?'")),
    "needless releases": (_UNB + _UNH, _same("FTX+ZZZ+++?a?b?c?d'")),
    "element separators": (_UNB + _UNH, _same("+")),
    "components": (_UNB + _UNH + "FTX+ZZZ+++", _same(":")),
    "separators at the end": (_UNB + _UNH, _same("FTX+ZZZ+++A:::++++'")),
    "wrapped lines": (_UNB + _UNH, _same("\r\n")),
    "lines of one character": (_UNB + _UNH, _same("F\nT\nX\n+\nZ\nZ\nZ\n'\n")),
    "blanks": (_UNB, _same(" ")),
    "nulls": (_UNB, _same("\0")),
    "digits": (_UNB + _UNH + "QTY+21:", _same("9")),
    "characters of another set": (_UNB + _UNH + "FTX+ZZZ+++", _same("\x80")),
    "segments with a character of another set": (_UNB + _UNH, _same("FTX+ZZZ+++\x80'")),
    "a character of another set in each message": (_UNB, _numbered("UNH+{n}+ORDERS:D:96A:UN'BGM+220+\x80'UNT+3+{n}'")),
    "lower case under level A": (_UNB.replace("UNOC", "UNOA") + _UNH, _same("FTX+ZZZ+++abc'")),
    "broken sequences": (_UNB4.replace("UNOC", "UNOW") + _UNH, _same("FTX+ZZZ+++\xc3'")),
    "escape sequences": (_UNB4.replace("UNOC", "UNOX") + _UNH, _same("FTX+ZZZ+++\x1b$B0l\x1b(B'")),
    # service strings and envelopes
    "service string advice": (_UNB, _same("UNA:+.? '")),
    "interchange headers": (_UNB, _same(_UNB)),
    "interchanges without content": ("", _numbered("UNB+UNOC:3+A:14+B:14+250115:1031+{n}'UNZ+0+{n}'")),
    "the shortest interchanges": (
        "",
        _numbered("UNB+UNOC:3+A:14+B:14+250115:1031+{n}'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+{n}'"),
    ),
    "the shortest acknowledgements": (
        "",
        _numbered("UNB+UNOA:3+A+B+250115:12+{n}'UNH+1+CONTRL:D:3:UN'UCI+1+B+A+7'UNT+3+1'UNZ+1+{n}'"),
    ),
    "interchanges with delimiters of their own": ("", lambda n: _with_own_delimiters(n)),
    "ISA": (_ISA, _same(_ISA)),
    "interchanges of X12 without content": ("", _same(f"{_ISA}IEA*0*000000007~")),
    "acknowledged interchanges": (_ISA, _same("TA1*000000007*250115*1031*A*000~")),
    "data between interchanges": ("", _same(f"{_UNB}UNZ+0+REF1'XX")),
    "group headers": (_ISA, _same(_GS)),
    "empty groups": (_ISA, _numbered("GS*PO*SENDER*RECEIVER*20250115*1031*{n}*X*005010~GE*0*{n}~")),
    "empty groups of EDIFACT": (_UNB, _numbered("UNG+ORDERS+A:14+B:14+250115:1031+{n}+UN+D:96A'UNE+0+{n}'")),
    "groups with wrong headers": (_ISA, _numbered("GS*QQ*S*R*99999999*9999*{n}*Q*{n}~GE*9*{n}~")),
    "stray segments": (_UNB, _same("FTX+ZZZ'")),
    # messages
    "message headers": (_UNB, _same("UNH+1+ORDERS:D:96A:UN'")),
    "headers of sets": (_ISA + _GS, _same("ST*850*0001~")),
    "minimal messages": (_UNB, _numbered("UNH+{n}+ORDERS:D:96A:UN'UNT+2+{n}'")),
    "minimal sets": (_ISA + _GS, _numbered("ST*850*{n}~SE*2*{n}~")),
    "message types that don't exist": (_UNB, _numbered("UNH+{n}+ORD{letters}:D:96A:UN'UNT+2+{n}'")),
    "versions that don't exist": (_UNB, _numbered("UNH+{n}+ORDERS:D:{letters}:UN'UNT+2+{n}'")),
    "all message types": (_UNB, lambda n: _of_any_type(n)),
    "trailers": (_UNB + _UNH, _same("UNT+9+9'")),
    # segments
    "unknown segments": (_UNB + _UNH, _same("XYZ+1'")),
    "unknown segments, each another": (_UNB + _UNH, _numbered("{letters}+1'")),
    "misplaced segments": (_UNB + _UNH, _same("LIN+1'BGM+220'")),
    "segments without their group": (_UNB + _UNH, _same("CTA+PD'COM+1:TE'LIN+1'")),
    "segments beyond their maximum": (_UNB + _UNH, _same("RFF+ON:1'NAD+BY'")),
    "tags alone": (_UNB + _UNH, _same("LIN'")),
    "tags alone in X12": (_ISA + _GS + _ST, _same("N1~")),
    "explicit nesting": (_UNB + _UNH, _numbered("LIN:{n}+1'")),
    "control totals": (_UNB + _UNH, _same("CNT+2:1'")),
    "sections": (_UNB + _UNH, _same("UNS+S'UNS+D'")),
    # elements
    "codes that don't exist": (_UNB + _UNH, _numbered("NAD+Q{n}'")),
    "dates that don't exist, each another": (_UNB + _UNH, _numbered("DTM+2:2025{n}:102'")),
    "numbers that are none": (_UNB + _UNH, _numbered("QTY+21:{n}x'")),
    "numbers with thousands separators": (_UNB + _UNH, _same("QTY+21:1 234.5'")),
    "wrong check digits": (_UNB + _UNH, _numbered("LIN+1++{n}:EN'")),
    "everything wrong": (_UNB + _UNH, _same("NAD+???+????????????????????:::::+9+9+9+9+9+9+9+9'")),
    "everything wrong in X12": (_ISA + _GS + _ST, _same("PO1*X*X*XXX*X*X*XX**XX**XX**XX**XX**XX~")),
    "missing elements": (_UNB + _UNH, _same("PIA++:A'")),
    "repetitions": (f"{_ISA}{_GS}{_ST}REF*CT*A", _same("^A")),
    "repetitions in texts": (f"{_ISA}{_GS}{_ST}", _same("PID*F****A^B^C~")),
    "repetitions that are too many": (_UNB4 + _UNH.replace("96A", "01B"), _same("NAD+BY*BY*BY+1*2*3'")),
    # hierarchies
    "levels": (_ISA + _SH, _same("HL*1*2*S~")),
    "a chain of levels": (_ISA + _SH, lambda n: f"HL*{n + 1}*{n or ''}*I~"),
    "levels below the first": (_ISA + _SH, lambda n: f"HL*{n + 1}*{'1' if n else ''}*I~"),
    "a chain of packings": (_UNB + _DESADV, lambda n: f"CPS+{n + 1}+{n or ''}'"),
    # counted data
    "objects": (_UNB4, _numbered("UNO+{n}+1+1+0'UNP+0+{n}'")),
    "binary segments": (_ISA + _GS + _ST, _same("BIN*0*~")),
    "binary segments with a filter": (_ISA + _GS + _ST, _same("BDS*ASC*1*a~")),
    # acknowledgements
    "reports on messages": (
        f"{_UNB}UNH+1+CONTRL:D:3:UN'UCI+R+A:14+B:14+7'",
        _numbered("UCM+{n}+ORDERS:D:96A:UN+4'UCS+1'UCD+12+2'"),
    ),
    "reports on sets": (
        f"{_ISA}GS*FA*SENDER*RECEIVER*20250115*1031*3*X*005010~ST*997*0001~AK1*PO*1~",
        _numbered("AK2*850*{n}~AK3*PO1*9**8~AK4*1**7~AK5*R*5~"),
    ),
}
ENCODED = ("orders", "tags alone", "message headers", "codes that don't exist")  # are tried in UTF-16, too


def _with_own_delimiters(n: int) -> str:
    marks = "!#$%&*;<=>@^_|~"
    element, component, end = marks[n % 15], marks[(n + 1 + n // 15 % 14) % 15], "'"
    return f"UNB{element}UNOC{component}3{element}A{element}B{element}250115{component}1031{element}{n}{end}"


def _of_any_type(n: int) -> str:
    types = ("APERAK", "DELFOR", "DESADV", "INVOIC", "INVRPT", "ORDCHG", "ORDERS", "ORDRSP", "PARTIN", "PRICAT")
    release = f"{96 + n // 10 % 4}{'AB'[n % 2]}"
    return f"UNH+{n}+{types[n % 10]}:D:{release}:UN'BGM+1'UNT+3+{n}'"


def large(name: str, size: int) -> bytes:
    """A file of about so many bytes."""
    start, piece = SHAPES[name]
    pieces, length = [start], len(start)
    for text in _pieces(piece):
        if length >= size:
            break
        pieces.append(text)
        length += len(text)
    text = "".join(pieces)
    return (text + _trailers(text)).encode("latin-1")


def _trailers(text: str) -> str:
    """What the last interchange of the text lacks at its end, with the right counts: so that it can be answered."""
    parsed = parse(text.encode("latin-1"))
    last = parsed.interchanges[-1]
    if parsed.findings or last.trailer is not None or not last.control:
        return ""
    edifact = last.standard == "edifact"
    lacking: list[list[object]] = []
    if last.messages and last.messages[-1].segments[-1][0] not in ("UNT", "SE"):
        message = last.messages[-1]
        lacking.append(["UNT" if edifact else "SE", len(message.segments) + 1, message.control])
    if last.groups and last.groups[-1].trailer is None:
        group = last.groups[-1]
        lacking.append(["UNE" if edifact else "GE", len(group.messages), group.control])
    number = len(last.groups) or (len(last.messages) + len(last.packages) if edifact else 0)
    lacking.append(["UNZ" if edifact else "IEA", number, last.control])
    marks = last.delimiters
    return "".join(marks.element.join(map(str, segment)) + marks.terminator for segment in lacking)


def _pieces(piece: Piece) -> Iterator[str]:
    for n in count():
        yield piece(n) * (1 if piece(n) != piece(n + 1) else max(1, 4_096 // len(piece(n))))


def _taken(work: Callable[[], object]) -> float:
    """Seconds of CPU, the least of three runs: a busy machine makes the others longer."""
    times = []
    for _ in range(3):
        gc.collect()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def measure(data: bytes) -> tuple[float, float]:
    """Seconds a megabyte to check a file, and to answer it."""
    parsed = check(data)

    def answered() -> None:
        for interchange in parsed.interchanges:
            answer(interchange)

    return _taken(lambda: check(data)) / len(data) * 1e6, _taken(answered) / len(data) * 1e6


def files(size: int, names: tuple[str, ...] | list[str]) -> Iterator[tuple[str, bytes]]:
    """The shapes of these names, and some of them in UTF-16."""
    for name in names or SHAPES:
        yield name, large(name, size)
        if name in ENCODED:
            text = large(name, size // 2).decode("latin-1").replace("UNOC:3", "UNOY:4")
            yield f"{name}, in UTF-16", text.encode("utf-16-be")


def main() -> int:
    """Returns 1 if anything takes longer than it may."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="shapes; all of them by default")
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--limit", type=float, default=1.0, help="seconds a megabyte")
    given = parser.parse_args()
    beyond = []
    for name, data in files(int(given.megabytes * 1e6), given.names):
        checked, answered = measure(data)
        if max(checked, answered) > given.limit:
            beyond.append(name)
        print(f"{checked:6.2f} {answered:6.2f} s/MB  {name}{'  <-- too long' if name in beyond else ''}", flush=True)
    print(f"{len(beyond)} took more than {given.limit} s/MB")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
