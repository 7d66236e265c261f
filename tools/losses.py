"""What is lost most often when a folder of files is translated: `python tools/losses.py FOLDER [--top 20]`.

Every valid message that a binding reads is written in the other standard; losses are counted by place and reason. For
whoever decides which rule is worth writing next.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from edigw import mapping
from edigw.directory import check
from edigw.mapping import Binding, Loss
from edigw.mapping.registry import suited
from edigw.syntax import Message

LARGEST = 5_000_000  # bytes of a file
OTHER = {"edifact": ("x12", "004010"), "x12": ("edifact", "D.96A")}
_INDEX = re.compile(r"\[\d+\]")


def messages(folder: Path) -> Iterator[tuple[Path, Message]]:
    """The valid messages of a folder that some binding reads."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= LARGEST:
            for interchange in check(path.read_bytes()).interchanges:
                for message in interchange.messages:
                    if message.valid and mapping.find(message.standard, message.type, message.version):
                        yield path, message


def target(document: object, standard: str) -> Binding | None:
    """The binding that says a document in the other standard."""
    other, version = OTHER[standard]
    kind = type(document).__name__
    forms = [(other, name.partition("/")[2], version) for name in mapping.bindings()]
    fit = [form for form in forms if mapping.by_document(kind, *form) is not None]
    return mapping.by_document(kind, *suited(document, fit)) if fit else None


def losses(message: Message) -> Iterator[tuple[str, Loss]]:
    """The losses of one translation, each with where it happened: "850 reading", "ORDERS writing"."""
    reader = mapping.find(message.standard, message.type, message.version)
    assert reader is not None and message.tree is not None  # noqa: S101 - so they were chosen
    document, lost = reader.read(message.tree)
    yield from ((f"{message.type} reading", loss) for loss in lost)
    writer = target(document, message.standard)
    if writer is not None:
        yield from ((f"{writer.message} writing", loss) for loss in writer.write(document)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--top", type=int, default=20)
    given = parser.parse_args()
    counts: Counter[tuple[str, str, str, str]] = Counter()
    files: dict[tuple[str, str, str, str], set[Path]] = defaultdict(set)
    values: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    read = 0
    for path, message in messages(given.folder):
        read += 1
        for where, loss in losses(message):
            key = (where, loss.outcome, _INDEX.sub("", loss.location), loss.reason)
            counts[key] += 1
            files[key].add(path)
            values[key][loss.value[:24]] += 1
    print(f"{read} messages, {sum(counts.values())} losses")
    for key, count in counts.most_common(given.top):
        where, outcome, place, reason = key
        shown = ", ".join(value for value, _ in values[key].most_common(4))
        print(f"{count:5} in {len(files[key]):3} files  {where:16} {outcome:10} {place}: {reason or '-'} ({shown})")


if __name__ == "__main__":
    main()
