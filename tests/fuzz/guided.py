"""Mutations guided by coverage: needs the package atheris, and takes the options of libFuzzer.

python -m tests.fuzz.guided -max_total_time=600 -max_len=8192
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["edigw.syntax", "edigw.directory", "edigw.acknowledge"]):
    from tests.fuzz.seeds import seeds
    from tests.fuzz.target import OPTIONS, exercise


def one(data: bytes) -> None:
    """The first octet chooses the reading options."""
    if data:
        exercise(data[1:], OPTIONS[data[0] % len(OPTIONS)])


def main() -> None:
    """Runs until libFuzzer's options end it."""
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(b"\0" + seed)
        atheris.Setup([*sys.argv, corpus], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
