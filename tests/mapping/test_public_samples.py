"""Foreign messages: whatever they hold, they are read, and what was read can be written again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edigw import mapping
from edigw.directory import check
from edigw.syntax import Message
from tests.mapping import laws

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("EDIGW_SAMPLES_PUBLIC", ROOT.parent / "shared" / "samples-public"))
LARGEST = 200_000
EDIFACT = (b"ORDERS", b"DESADV", b"APERAK", b"INVOIC", b"RECADV", b"IFTSTA")
X12 = (b"ST*850", b"ST*856", b"ST*824", b"ST*810", b"ST*861", b"ST*214")

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not here")


def messages() -> Iterator[Message]:
    for path in sorted(SAMPLES.rglob("*")):
        if not path.is_file() or path.stat().st_size > LARGEST:
            continue
        data = path.read_bytes()
        if any(mark in data[:4000] for mark in EDIFACT + X12):
            for interchange in check(data).interchanges:
                yield from interchange.messages


def test_foreign_messages_are_read_and_written_again() -> None:
    seen = 0
    for message in messages():
        reader = mapping.find(message.standard, message.type, message.version)
        if reader is None or message.tree is None:
            continue
        seen += 1
        document, losses = reader.read(message.tree)
        assert all(loss.segment is None or 1 <= loss.segment <= len(message.segments) for loss in losses)
        for name in mapping.bindings():
            for version in ("D.96A", "004010"):
                writer = mapping.by_document(reader.document, *_bound(name), version)
                if writer is not None:
                    tree, _ = writer.write_tree(document)
                    _, unread = writer.read(tree)
                    assert laws.unread(unread) == []
    assert seen > 100


def _bound(name: str) -> tuple[str, str]:
    message = name.partition("/")[2]
    return ("x12" if message.isdigit() else "edifact"), message
