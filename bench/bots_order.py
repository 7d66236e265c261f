"""ORDERS D.96A turned into 850 by Bots, for `bench_translate.py`. Run by a Python that has Bots and a Django before 3.

    PYTHON bench/bots_order.py GRAMMARS FILE ROUNDS

GRAMMARS is a folder with the grammars of Bots in `edifact` and `x12`, as its plugins have them. Each round reads the
file of one order, lexes and parses it, checks it by its grammar, maps it as below, checks the 850 by its grammar, and
writes it. Bots' database and logs and the envelope of the 850 are no part of it. Prints as JSON the CPU seconds of each
round and the 850.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django
from bots import botsglobal, botsinit, inmessage, node, outmessage
from django.conf import settings

ROLES = {"BY": "BY", "SU": "SU", "DP": "ST"}
SCHEMES = {"9": "UL", "91": "91", "92": "92"}
UNITS = {"PCE": "PC", "KGM": "KG"}
ITEMS = {"EN": "EN", "UP": "UP", "SA": "VN", "IN": "IN"}
BASES = {"CT": "TE", None: "PE"}

CONFIGURATION = """[directories]
botspath = {folder}
data = {folder}
usersysabs = {folder}/usersys
[settings]
[charsets]
unoc = latin_1
[acceptance]
"""


def start(folder: Path, grammars: Path) -> None:
    """What Bots' own start does, but for its database and its logs."""
    settings.configure(USE_I18N=False)
    django.setup()
    (folder / "bots.ini").write_text(CONFIGURATION.format(folder=folder))
    botsglobal.ini = botsinit.BotsConfig()
    botsglobal.ini.read(folder / "bots.ini")
    botsglobal.logger = botsglobal.logmap = logging.getLogger("bots")
    botsglobal.settings = settings
    botsglobal.usersysimportpath = "usersys"
    user = folder / "usersys"
    user.mkdir()
    (user / "grammars").symlink_to(grammars.resolve())
    (user / "charsets").symlink_to(Path(botsinit.__file__).parent / "usersys" / "charsets")
    sys.path += [str(folder), str(grammars / "edifact"), str(grammars / "x12")]  # grammars import each other by name
    botsinit.initbotscharsets()
    node.Node.checklevel = 1  # as its own configuration has it


def purchase_order(inn: Any, out: Any) -> None:
    """The mapping: BEG, CUR, DTM, N9 and MSG, N1 to PER, and for each line PO1, PID and DTM."""
    heading, st = {"BOTSID": "UNH"}, {"BOTSID": "ST"}

    def day(node: Any, *way: dict[str, Any], kind: str) -> Any:
        return node.get(*way, {"BOTSID": "DTM", "C507.2005": kind, "C507.2380": None})

    out.put({**st, "ST01": "850", "ST02": "0001"})
    beg = {"BOTSID": "BEG", "BEG01": "00", "BEG02": "SA"}
    beg["BEG03"] = inn.get(heading, {"BOTSID": "BGM", "1004": None})
    beg["BEG05"] = day(inn, heading, kind="137")
    beg["BEG06"] = inn.get(heading, {"BOTSID": "RFF", "C506.1153": "CT", "C506.1154": None})
    out.put(st, beg)
    currency = inn.get(heading, {"BOTSID": "CUX", "C504#1.6347": "2", "C504#1.6345": None})
    out.put(st, {"BOTSID": "CUR", "CUR01": "BY", "CUR02": currency})
    out.put(st, {"BOTSID": "DTM", "DTM01": "002", "DTM02": day(inn, heading, kind="2")})
    for text in inn.getloop(heading, {"BOTSID": "FTX"}):
        n9 = out.putloop(st, {"BOTSID": "N9"})
        n9.put({"BOTSID": "N9", "N901": "L1", "N902": text.get({"BOTSID": "FTX", "4451": None})})
        words = text.get({"BOTSID": "FTX", "C108.4440#1": None})
        n9.put({"BOTSID": "N9"}, {"BOTSID": "MSG", "MSG01": words})
    for party in inn.getloop(heading, {"BOTSID": "NAD"}):
        nad = {"BOTSID": "NAD"}
        n1 = out.putloop(st, {"BOTSID": "N1"})
        n1.put({"BOTSID": "N1", "N101": ROLES[party.get({**nad, "3035": None})]})
        n1.put({"BOTSID": "N1", "N102": party.get({**nad, "C080.3036#1": None})})
        n1.put({"BOTSID": "N1", "N103": SCHEMES.get(party.get({**nad, "C082.3055": None}))})
        n1.put({"BOTSID": "N1", "N104": party.get({**nad, "C082.3039": None})})
        n1.put({"BOTSID": "N1"}, {"BOTSID": "N3", "N301": party.get({**nad, "C059.3042#1": None})})
        n1.put({"BOTSID": "N1"}, {"BOTSID": "N4", "N401": party.get({**nad, "3164": None})})
        n1.put({"BOTSID": "N1"}, {"BOTSID": "N4", "N403": party.get({**nad, "3251": None})})
        n1.put({"BOTSID": "N1"}, {"BOTSID": "N4", "N404": party.get({**nad, "3207": None})})
        contact = party.get(nad, {"BOTSID": "CTA", "C056.3412": None})
        n1.put({"BOTSID": "N1"}, {"BOTSID": "PER", "PER01": "IC", "PER02": contact})
    lines = 0
    for line in inn.getloop(heading, {"BOTSID": "LIN"}):
        lines += 1
        lin, po1 = {"BOTSID": "LIN"}, out.putloop(st, {"BOTSID": "PO1"})
        price = {"BOTSID": "PRI", "C509.5125": "AAA"}
        po1.put({"BOTSID": "PO1", "PO101": line.get({**lin, "1082": None})})
        quantity = {"BOTSID": "QTY", "C186.6063": "21"}
        po1.put({"BOTSID": "PO1", "PO102": line.get(lin, {**quantity, "C186.6060": None})})
        po1.put({"BOTSID": "PO1", "PO103": UNITS.get(line.get(lin, {**quantity, "C186.6411": None}))})
        po1.put({"BOTSID": "PO1", "PO104": line.get(lin, {**price, "C509.5118": None})})
        po1.put({"BOTSID": "PO1", "PO105": BASES.get(line.get(lin, {**price, "C509.5375": None}))})
        items = [(line.get({**lin, "C212.7143": None}), line.get({**lin, "C212.7140": None}))]
        pia = {"BOTSID": "PIA", "4347": "1"}
        for place in ("C212#1", "C212#2"):
            scheme, number = (line.get(lin, {**pia, f"{place}.{id}": None}) for id in ("7143", "7140"))
            items.append((scheme, number))
        at = 6
        for scheme, number in items:
            if number is not None:
                po1.put({"BOTSID": "PO1", f"PO1{at:02}": ITEMS.get(scheme), f"PO1{at + 1:02}": number})
                at += 2
        words = line.get(lin, {"BOTSID": "IMD", "C273.7008#1": None})
        po1.put({"BOTSID": "PO1"}, {"BOTSID": "PID", "PID01": "F", "PID05": words})
        po1.put({"BOTSID": "PO1"}, {"BOTSID": "DTM", "DTM01": "002", "DTM02": day(line, lin, kind="2")})
    out.put(st, {"BOTSID": "CTT", "CTT01": lines})
    out.put(st, {"BOTSID": "SE", "SE01": out.getcount() + 1, "SE02": "0001"})


def translate(file: Path, folder: Path) -> bytes:
    """The 850 of the order in a file."""
    partners = dict.fromkeys(("frompartner", "topartner", "testindicator", "alt", "fromchannel", "frommail"), "")
    parsed = inmessage.parse_edi_file(
        editype="edifact", messagetype="edifact", filename=str(file), charset="us-ascii", **partners
    )
    parsed.checkforerrorlist()
    [inn] = parsed.nextmessage()
    written = folder / "850"
    out = outmessage.outmessage_init(
        editype="x12", messagetype="850004010", filename=str(written), reference="1", statust=0, divtext=""
    )
    purchase_order(inn, out)
    out.writeall()
    return written.read_bytes()


def main() -> None:
    grammars, file, rounds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start(folder, grammars)
        written = translate(file, folder)
        times = []
        for _ in range(rounds):
            before = time.process_time()
            translate(file, folder)
            times.append(time.process_time() - before)
    print(json.dumps({"seconds": times, "written": written.decode("ascii")}))


if __name__ == "__main__":
    main()
