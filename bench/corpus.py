"""Orders of 30 lines for the benchmarks, made up at random from a seed: ORDERS D.96A and X12 850 004010, 5 KB each."""

from __future__ import annotations

from random import Random

LINES = 30
_WORDS = ("steel", "bolt", "hex", "nut", "washer", "zinc", "stainless", "cable", "copper", "tube", "valve", "gasket")
_RELEASED = ("Men?'s {}", "{} 1?+1 free", "size?: {}", "{} ?? ask")
_UNB = "UNA:+.? 'UNB+UNOC:3+5412345000013:14+8798765000015:14+250115:1031+REF1++ORDERS'"
_ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250115*1031*U*00401*000000001*0*P*>~"
_GS = "GS*PO*SENDER*RECEIVER*20250115*1031*1*X*004010~"


def orders(messages: int, seed: int = 1) -> bytes:
    """An EDIFACT interchange; about one segment in twenty holds a released character."""
    rng = Random(seed)
    parts = [_UNB, *("".join(f"{segment}'" for segment in _order(rng, n)) for n in range(1, messages + 1))]
    return "".join([*parts, f"UNZ+{messages}+REF1'"]).encode("ascii")


def purchase_orders(messages: int, seed: int = 2) -> bytes:
    """An X12 interchange with one group."""
    rng = Random(seed)
    parts = [_ISA, _GS, *("".join(f"{segment}~" for segment in _purchase(rng, n)) for n in range(1, messages + 1))]
    return "".join([*parts, f"GE*{messages}*1~IEA*1*000000001~"]).encode("ascii")


def _order(rng: Random, number: int) -> list[str]:
    segments = [
        f"UNH+{number}+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+PO{rng.randrange(10**8):08}+9",
        f"DTM+137:{_day(rng)}:102",
        f"DTM+2:{_day(rng)}:102",
        f"FTX+ZZZ+++{_text(rng, 0.3)}",
        f"RFF+CT:CT{rng.randrange(10**6)}",
        f"NAD+BY+{_gtin(rng)}::9",
        f"NAD+SU+{_gtin(rng)}::9",
        f"NAD+DP+{_gtin(rng)}::9++{_text(rng, 0.3)}+Main Street {rng.randint(1, 200)}+Gent++{rng.randrange(9999)}+BE",
        "CTA+IC+:Supply Desk",
        "CUX+2:EUR:9",
    ]
    for line in range(1, LINES + 1):
        segments += [
            f"LIN+{line}++{_gtin(rng)}:EN",
            f"PIA+1+SA{rng.randrange(10**6):06}:SA+BP{rng.randrange(10**6):06}:IN",
            f"IMD+F++:::{_text(rng, 0.3)}",
            f"QTY+21:{rng.randint(1, 960)}:PCE",
            f"DTM+2:{_day(rng)}:102",
            f"PRI+AAA:{rng.randint(10, 99_999) / 100:.2f}:CT:AAE:1:PCE",
        ]
    segments += ["UNS+S", f"CNT+2:{LINES}"]
    return [*segments, f"UNT+{len(segments) + 1}+{number}"]


def _purchase(rng: Random, number: int) -> list[str]:
    segments = [
        f"ST*850*{number:04}",
        f"BEG*00*SA*PO{rng.randrange(10**8):08}**{_day(rng)}",
        "CUR*BY*EUR",
        f"REF*CT*CT{rng.randrange(10**6)}",
        f"DTM*002*{_day(rng)}",
        f"N1*BY*{_text(rng)}*9*{_gtin(rng)}",
        f"N1*SU*{_text(rng)}*9*{_gtin(rng)}",
        f"N1*ST*{_text(rng)}*9*{_gtin(rng)}",
        f"N3*Main Street {rng.randint(1, 200)}",
        f"N4*Antwerpen**{rng.randrange(10**5):05}*BE",
    ]
    for line in range(1, LINES + 1):
        quantity, price = rng.randint(1, 960), rng.randint(10, 99_999) / 100
        articles = f"EN*{_gtin(rng)}*VN*SA{rng.randrange(10**6):06}*BP*BP{rng.randrange(10**6):06}"
        segments += [
            f"PO1*{line}*{quantity}*EA*{price:.2f}*PE*{articles}",
            f"CTP**UCP*{price:.2f}",
            f"PID*F****{_text(rng)}",
            f"REF*LI*{line}",
            f"DTM*002*{_day(rng)}",
            f"SCH*{quantity}*EA***002*{_day(rng)}",
        ]
    segments.append(f"CTT*{LINES}")
    return [*segments, f"SE*{len(segments) + 1}*{number:04}"]


def _text(rng: Random, released: float = 0.0) -> str:
    words = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(2, 4))).title()[:24].rstrip()
    return rng.choice(_RELEASED).format(words) if rng.random() < released else words


def _day(rng: Random) -> str:
    return f"2025{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def _gtin(rng: Random) -> str:
    digits = [rng.randrange(10) for _ in range(12)]
    check = -sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return "".join(map(str, [*digits, check]))
