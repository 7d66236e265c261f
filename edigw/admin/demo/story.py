"""The story that `edigw demo` tells: one order, from the retailer's upload to proof that it was handed over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edigw import acknowledge, directory, syntax
from edigw.admin.demo.stage import Stage, StoryBroken, sample, wait_for
from edigw.admin.logbook import print_thread
from edigw.admin.output import line, styled
from edigw.gateway.desk import queries
from edigw.partners.load import load
from edigw.store.clock import parse_stamp
from edigw.store.database import Database
from edigw.store.payloads import Payloads

ORDER = "NW-4711"
ORDERS = ("NW-4711", "NW-4712", "NW-4713", "NW-4714")
FILES = {"orders_3.edi": 3, "orders_text.edi": 1, "orders_broken.edi": 1}


class Story:
    """Tells the story on a stage, and keeps count of what did not hold."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.broken: list[str] = []

    def tell(self) -> bool:
        """Tell it all; True if every step held."""
        chapters: tuple[Callable[[], None], ...] = (
            self._setting,
            self._orders,
            self._receipts_of_orders,
            self._deliveries,
            self._supplier_acknowledges,
            self._supplier_ships,
            self._retailer_picks_up,
            self._balance,
            self._thread,
            self._evidence,
        )
        try:
            for chapter in chapters:
                chapter()
        except StoryBroken as trouble:
            self._hold(False, str(trouble))
        return not self.broken

    # ---- chapters

    def _setting(self) -> None:
        stage = self._stage
        self._title("The setting")
        self._say(
            "Nordwind Markt, a retailer in Hamburg, writes EDIFACT. Prairie Goods, a supplier in Fargo, writes X12."
        )
        self._say("Neither reads the other's. Both send and get files through this gateway, by SFTP.")
        stage.build()
        config = load(stage.config)
        self._database = Database(config.database_url)
        self._payloads = Payloads(config.payload_folder, self._database)
        stage.start_gateway()
        self._hold(True, f"the gateway runs (SFTP on port {stage.port}); the supplier has an SFTP server of its own")

    def _orders(self) -> None:
        self._title("The retailer sends its orders")
        for name, count in FILES.items():
            data = sample(name)
            self._stage.retailer.drop(name, data)
            self._say(f"uploaded {name}: {len(data)} bytes, {count} order{'s' if count > 1 else ''}")
        self._hold(
            True, "each upload was answered OK, so each is on disk and in the log: the gateway can't lose it any more"
        )

    def _receipts_of_orders(self) -> None:
        self._title("The gateway answers each file with a CONTRL (EDIFACT's acknowledgement)")
        rejections: dict[str, list[str]] = {}  # by reference: the places, none if all was accepted

        def all_there() -> bool:
            for name in self._stage.retailer.waiting():
                if name.startswith("CONTRL"):
                    self._read_contrl(self._stage.retailer.fetch(name), rejections)
            return len(rejections) == len(FILES)

        wait_for(all_there, "three CONTRLs in the retailer's outbox")
        self._hold(not rejections["NW0004711"], "orders_3.edi (reference NW0004711): all three orders accepted")
        self._hold(not rejections["NW0004714"], "orders_text.edi (reference NW0004714): accepted")
        broken = rejections["NW0004715"]
        self._hold(len(broken) == 2, "orders_broken.edi (reference NW0004715): rejected, at these places:")
        for place in broken:
            self._say(f"    {place}")

    def _read_contrl(self, data: bytes, rejections: dict[str, list[str]]) -> None:
        answer = syntax.parse(data).interchanges[0]
        found = acknowledge.read_acknowledgement(answer)
        rejections[found[0].interchange_control] = [
            f"{code.place}: {code.text} (code {code.code})"
            for verdict in found
            if verdict.outcome == "rejected"
            for code in verdict.codes
        ]
        (self._stage.received / f"CONTRL_{found[0].interchange_control}.edi").write_bytes(data)

    def _deliveries(self) -> None:
        self._title("The good orders are translated to X12 850s and delivered to the supplier's server")
        wait_for(lambda: len(self._delivered("850")) >= len(ORDERS), "four 850s on the supplier's server")
        wait_for(
            lambda: all(self._state(number, "850") == "delivered" for number in ORDERS), "four deliveries recorded"
        )
        found: dict[str, Path] = {}
        for path in self._delivered("850"):
            interchange = directory.check(path.read_bytes()).interchanges[0]
            good = interchange.accepted and all(m.valid for m in interchange.messages)
            number = interchange.messages[0].segments[1][3]
            found[number] = path
            self._hold(good, f"{path.name}: order {number}, a valid 850 of version 004010")
        self._hold(sorted(found) == list(ORDERS), "each order arrived exactly once; the broken one (NW-4715) did not")
        seconds = [self._seconds(number) for number in ORDERS]
        self._say(f"from the end of the upload to the delivery: {min(seconds):.2f} to {max(seconds):.2f} seconds")
        self._say("the first line of NW-4711, as the retailer wrote it and as the supplier reads it:")
        edifact = syntax.parse(sample("orders_3.edi")).interchanges[0].messages[0]
        x12 = syntax.parse(found[ORDER].read_bytes()).interchanges[0].messages[0]
        first = next(n for n, s in enumerate(edifact.segments) if s[0] == "LIN")
        for segment in edifact.segments[first : first + 5]:
            self._say(f"    {_text(segment, '+', ':')}")
        self._say(f"    -> {_text(next(s for s in x12.segments if s[0] == 'PO1'), '*', '>')}")
        lost = self._losses("NW-4714")
        self._say(f"NW-4714 has letters and signs that X12 lacks; what changed on the way is on record ({len(lost)}):")
        for loss in lost[:3]:
            self._say(f"    {loss}")

    def _supplier_acknowledges(self) -> None:
        self._title("The supplier returns a 997 (X12's acknowledgement) for each order")
        now = datetime.now(UTC)
        for number, path in enumerate(self._delivered("850"), 1):
            received = directory.check(path.read_bytes()).interchanges[0]
            answer = acknowledge.write_x12_acks(received, control=500 + number, group_control=500 + number, now=now)
            if answer is None:
                raise StoryBroken(f"the supplier's software does not answer {path.name}")
            self._stage.supplier.drop(f"997_{number}.x12", answer)
        settled = lambda: all(self._ack_state(number, "850") == "accepted" for number in ORDERS)  # noqa: E731
        wait_for(settled, "the 997s to settle the orders")
        self._hold(True, "all four orders are settled: the supplier's system has taken them")

    def _supplier_ships(self) -> None:
        self._title(f"The supplier ships {ORDER} and says so with an 856 (despatch advice)")
        self._stage.supplier.drop("asn_4711.x12", sample("asn_4711.x12"))
        wait_for(lambda: len(self._delivered("997")) >= 1, "a 997 for the 856 on the supplier's server")
        answer = syntax.parse(self._delivered("997")[0].read_bytes()).interchanges[0]
        verdicts = acknowledge.read_acknowledgement(answer)
        self._hold(
            all(v.outcome == "accepted" for v in verdicts),
            "the gateway acknowledged it with a 997, delivered to the supplier",
        )

    def _retailer_picks_up(self) -> None:
        self._title("The retailer finds it in its outbox, as a DESADV D.96A, and acknowledges it")
        retailer = self._stage.retailer
        name = wait_for(
            lambda: next((n for n in retailer.waiting() if n.startswith("DESADV")), None), "a DESADV in the outbox"
        )
        data = retailer.fetch(name)
        (self._stage.received / name).write_bytes(data)
        interchange = directory.check(data).interchanges[0]
        message = interchange.messages[0]
        self._hold(
            interchange.accepted and message.valid, f"fetched {name}: a valid DESADV of directory {message.version}"
        )
        pallets = [_text(s, "+", ":") for s in message.segments if s[0] == "GIN"]
        self._say(f"its packages' numbers (SSCC) arrived, too: {', '.join(pallets[:3])} ...")
        now = datetime.now(UTC)
        answer = acknowledge.write_contrl(interchange, control="NWC00001", message_control="1", now=now)
        if answer is None:
            raise StoryBroken("the retailer's software does not answer the DESADV")
        retailer.drop("contrl_desadv.edi", answer)
        wait_for(lambda: self._ack_state("PG-SHP-88231", "DESADV") == "accepted", "the CONTRL to settle the DESADV")
        self._hold(True, "the retailer's CONTRL settled it: both sides are at one about this shipment")

    def _balance(self) -> None:
        self._title("Nothing lost: what became of every file that was accepted")
        with self._database.read() as conn:
            found = queries.search(conn, queries.Filters(direction="in", limit=100))
        for one in sorted(found, key=lambda t: str(t["id"])):
            what = ", ".join(f"{m['type']} {m['number'] or m['control']}: {m['state']}" for m in one["messages"])
            self._say(f"{one['partner']:<9} {one['name']:<18} {one['state']:<9} {what}")
        open_ends = [t["name"] for t in found if t["state"] == "received"]
        self._hold(not open_ends, f"{len(found)} files came in, and each has an end")

    def _thread(self) -> None:
        self._title(f"The thread of {ORDER}: every message and every step, across both standards")
        with self._database.read() as conn:
            threads = queries.thread(conn, self._payloads, ORDER)
        for thread in threads:
            print_thread(thread)
        types = {m["type"] for thread in threads for m in thread["messages"]}
        self._hold(
            types == {"ORDERS", "850", "856", "DESADV"},
            "order and despatch advice, as sent and as delivered, are on one thread",
        )

    def _evidence(self) -> None:
        self._title("The proof: an evidence bundle, checked without the gateway")
        target = self._stage.folder / "evidence.zip"
        config = ["-c", str(self._stage.config)]
        self._run("the bundle is exported", ["evidence", "export", "--thread", ORDER, "-o", str(target), *config])
        key = str(self._stage.folder / "keys" / "log.vkey")
        self._run(
            "it verifies offline against the log's public key: no configuration, no database, no network",
            ["evidence", "verify", str(target), "--key", key],
        )
        self._run("and the whole log verifies against every stored byte", ["log", "verify", *config])

    # ---- looking

    def _delivered(self, type: str) -> list[Path]:
        return sorted(self._stage.incoming.glob(f"{type}_*.x12"))

    def _find(self, number: str, type: str) -> dict[str, Any] | None:
        with self._database.read() as conn:
            found = queries.search(conn, queries.Filters(direction="out", type=type, reference=number))
        return found[0] if found else None

    def _state(self, number: str, type: str) -> str:
        found = self._find(number, type)
        return str(found["state"]) if found else ""

    def _ack_state(self, number: str, type: str) -> str:
        found = self._find(number, type)
        return str(found["messages"][0]["ack_state"]) if found else ""

    def _events(self, number: str) -> Sequence[dict[str, Any]]:
        with self._database.read() as conn:
            threads = queries.thread(conn, self._payloads, number)
        return threads[0]["events"] if threads else []

    def _seconds(self, number: str) -> float:
        at = {event["type"]: parse_stamp(event["at"]) for event in reversed(self._events(number))}
        return (at["delivery.completed"] - at["submission.accepted"]).total_seconds()

    def _losses(self, number: str) -> list[str]:
        losses = [loss for event in self._events(number) for loss in event["detail"].get("losses", [])]
        return [f"{loss['location']}: {loss.get('value', '')} ({loss.get('reason', loss['kind'])})" for loss in losses]

    # ---- telling

    def _title(self, text: str) -> None:
        line()
        line(styled(text, bold=True))

    def _say(self, text: str) -> None:
        line(f"   {text}")

    def _hold(self, held: bool, text: str) -> None:
        mark = styled("ok", colour="green") if held else styled("BROKEN", colour="red", bold=True)
        line(f"   {mark} {text}")
        if not held:
            self.broken.append(text)

    def _run(self, claim: str, arguments: list[str]) -> None:
        """Run a command of edigw as a user would, show what it says, and hold it to success."""
        line(styled(f"   $ edigw {' '.join(arguments)}", dim=True))
        done = subprocess.run(  # noqa: S603 - this Python, our own command
            [sys.executable, "-m", "edigw.admin.cli", *arguments], capture_output=True, text=True, check=False
        )
        for said in (done.stdout + done.stderr).splitlines():
            self._say(f"  {said}")
        self._hold(done.returncode == 0, claim)


def _text(segment: Sequence[Any], element: str, component: str) -> str:
    parts = [component.join(e) if isinstance(e, list) else str(e) for e in segment]
    return element.join(parts)
