"""The golden files of `samples/golden`: what the sample messages mean, and what the other standard gets.

`python -m tests.mapping.golden` writes them anew; look at the difference before you keep it.
"""

from __future__ import annotations

from pathlib import Path

from edigw import mapping
from edigw.directory import check
from edigw.documents import DOCUMENTS, decode, encode
from edigw.mapping import Binding, Loss
from edigw.mapping.xml import read_ubl, ubl_for, write_ubl
from edigw.resources import shipped
from edigw.syntax import Message
from tests.mapping.wire import on_the_wire

FOLDER = shipped("samples") / "golden"
UBL = shipped("samples") / "ubl"
SAMPLES = (
    "orders_3.edi",
    "orders_text.edi",
    "asn_4711.x12",
    "advice_4712.x12",
    "aperak_88231.edi",
    "receipt_4711.edi",
    "status_4711.x12",
    "invoice_4711.x12",
    "debit_note_4711.edi",
    "change_4713.edi",
    "response_4712.x12",
)
TARGETS = {
    "ApplicationResponse": (("application/APERAK", "D.96A"), ("application/824", "004010")),
    "ReceiptAdvice": (("receipt/RECADV", "D.96A"), ("receipt/861", "004010")),
    "TransportStatus": (("transport/IFTSTA", "D.96A"), ("transport/214", "004010")),
    "Invoice": (("invoice/INVOIC", "D.96A"), ("invoice/810", "004010")),
    "Order": (("order/ORDERS", "D.96A"), ("order/850", "004010")),
    "OrderChange": (("order/ORDCHG", "D.96A"),),  # an 860 must say more: see samples/scenarios
    "OrderResponse": (("order/ORDRSP", "D.96A"), ("order/855", "004010")),
    "DespatchAdvice": (("despatch/DESADV", "D.96A"), ("despatch/856", "004010")),
}

KINDS = {
    "PG-SHP": "DespatchAdvice",
    "PG-AA": "ApplicationResponse",
    "NW-AP": "ApplicationResponse",
    "NW-RA": "ReceiptAdvice",
    "PFWL-ST": "TransportStatus",
    "PG-INV": "Invoice",
    "NW-DN": "Invoice",
    "NW-C-": "OrderChange",
    "PG-OR": "OrderResponse",
    "NW-": "Order",
}


def kind_of(name: str) -> str:
    """Which document a golden file holds."""
    return next(kind for prefix, kind in KINDS.items() if name.startswith(prefix))


def messages(sample: str) -> list[Message]:
    """The messages of a sample file, structured and checked."""
    data = (shipped("samples") / "demo" / sample).read_bytes()
    return [message for interchange in check(data).interchanges for message in interchange.messages]


def rendered(binding: Binding, document: object) -> tuple[str, list[Loss]]:
    """The message that a binding writes, a segment a line, without header and trailer; and the loss."""
    segments, losses = binding.write(document)
    data = on_the_wire(binding, segments, newline=True).decode("latin-1")
    mark = "UNH+" if binding.standard == "edifact" else "ST*"
    end = "UNT+" if binding.standard == "edifact" else "SE*"
    lines = data.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith(mark))
    last = next(n for n, line in enumerate(lines) if line.startswith(end))
    return "\n".join(lines[first + 1 : last]) + "\n", losses


def expected() -> dict[Path, str]:
    """Every golden file and what belongs into it."""
    files: dict[Path, str] = {}
    for sample in SAMPLES:
        for message in messages(sample):
            reader = mapping.find(message.standard, message.type, message.version)
            assert reader is not None and message.tree is not None
            document, losses = reader.read(message.tree)
            assert losses == [], losses
            files[FOLDER / f"{document.id}.document.json"] = encode(document, indent=2).decode() + "\n"
            for name, version in TARGETS[reader.document]:
                writer = mapping.binding(name, version)
                text, losses = rendered(writer, document)
                assert losses == [], (name, losses)
                files[FOLDER / f"{document.id}.{writer.message}"] = text
    return files


def expected_ubl() -> dict[Path, str]:
    """The same documents as UBL, what is read from that, and what UBL must say that they don't."""
    files: dict[Path, str] = {}
    for path, text in expected().items():
        if path.name.endswith(".document.json"):
            name = path.name.removesuffix(".document.json")
            document, _ = read_ubl(write_ubl(decode(text.encode(), DOCUMENTS[kind_of(name)]))[0])
            binding = ubl_for(document)
            data, losses = binding.write(document)
            files[UBL / f"{name}.xml"] = data.decode()
            files[UBL / path.name] = encode(document, indent=2).decode() + "\n"
            told = "".join(f"write {binding.message}: {each.kind} {each.location}: {each.reason}\n" for each in losses)
            files |= {UBL / f"{name}.losses.txt": told} if told else {}
    return files


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    UBL.mkdir(exist_ok=True)
    for path, text in (expected() | expected_ubl()).items():
        path.write_text(text, "utf-8")
        print(path.name)
