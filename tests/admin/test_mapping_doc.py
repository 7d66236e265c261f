"""`docs/mapping.md` followed step by step: its files written, its commands run, its answers compared."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.transport.keys import generate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mapping.md"
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the answer that the page shows."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, answer = part.partition("\n")
        yield command, answer


def matches(shown: str, said: str) -> bool:
    """Whether the answer is what the page shows; a line `...` stands for any lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + "\n" for line in shown.splitlines())
    return re.fullmatch(pattern, said) is not None


def test_whoever_follows_the_page_gets_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDIGW_CONFIG", raising=False)
    (tmp_path / "partners").mkdir()
    generate(tmp_path / "partners" / "kestrel", "kestrel")
    capsys.readouterr()
    ran = 0
    for kind, name, body in _BLOCK.findall(PAGE.read_text("utf-8")):
        if name:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(body, "utf-8")
        elif kind == "console":
            for command, shown in commands(body):
                words = shlex.split(command)
                if words[0] == "cat":
                    said = Path(words[1]).read_text("utf-8")
                else:
                    assert words[0] == "edigw"
                    main(words[1:])
                    out, error = capsys.readouterr()
                    said = out + error
                assert matches(shown, said), f"$ {command}\n{said}"
                ran += 1
    assert ran >= 10
