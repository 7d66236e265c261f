"""`edigw mapping` as an analyst runs it on an overlay of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from edigw.admin.cli import main

Capture = pytest.CaptureFixture[str]


def overlay(folder: Path, text: str, example: str, suffix: str) -> Path:
    """An overlay `acme.yaml` in a folder, with one message, `first` and the suffix, in its folder of examples."""
    path = folder / "acme.yaml"
    path.write_text(text, "utf-8")
    (folder / "acme").mkdir()
    (folder / "acme" / f"first.{suffix}").write_text(example, "utf-8")
    return path


def run(*arguments: str, capsys: Capture) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `edigw mapping`."""
    capsys.readouterr()
    code = main(["mapping", *arguments])
    out, error = capsys.readouterr()
    return code, out, error
